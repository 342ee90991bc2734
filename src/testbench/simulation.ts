/** One running model: ports, clock, streams and tasks. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { StreamModel, StreamOptions } from './bus/axis-signals.ts';
import { AxiStreamSink, type SinkOptions } from './bus/axis-sink.ts';
import { AxiStreamSource } from './bus/axis-source.ts';
import type { ModuleDescription } from './description.ts';
import { TestbenchError } from './errors.ts';
import type { ModelInstance, ModelLibrary } from './model-library.ts';
import { type AnyPorts, detachPorts, storageBytes } from './port-memory.ts';
import { Random } from './random.ts';
import { recordSimulation, recordStart } from './record.ts';
import { type Fork, Scheduler, type Task } from './tasks.ts';
import type { BuildKind } from './toolchain.ts';

const ATTENTION = 4;
const FAILED = 5;

export interface SimulationSetup {
  readonly library: ModelLibrary;
  readonly seed: number;
  readonly reset: string;
  /** Absolute path of the waves to record, in a model built for them. */
  readonly wavesPath: string | undefined;
  /** First and last cycle recorded there. */
  readonly wavesWindow: readonly [from: number, to: number];
  /** What the model is built for. */
  readonly kind: BuildKind;
}

/** A task that a promise waits for. */
interface Transaction {
  readonly fork: { readonly isRunning: boolean; cancel(): void };
  /** Cycle by which it must have ended. */
  readonly limit: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** What {@link Simulation.run} allows a task unless told otherwise, in cycles. */
const DEFAULT_MAX_CYCLES = 1_000_000;

/**
 * A verilated module with its ports as properties.
 *
 * The clock is high between calls: outputs from registers show what the last edge loaded. Inputs written
 * now act on the next edge; {@link settle} shows their effect on combinational outputs before it.
 */
export class Simulation<P extends object = AnyPorts> {
  /** The ports: up to 32 bits as numbers, wider ones as bigints; signed ones signed. */
  readonly ports: P;
  readonly seed: number;
  /** Draws from the seed; the same numbers in each run with the same seed. */
  readonly random: Random;
  readonly description: ModuleDescription;
  /** Where waves are recorded, if they are. */
  readonly wavesPath: string | undefined;
  readonly #library: ModelLibrary;
  readonly #instance: ModelInstance;
  readonly #scheduler: Scheduler;
  readonly #resetPort: string;
  #isClosed = false;
  readonly #pending = new Set<Transaction>();

  constructor({ library, seed, reset, wavesPath, wavesWindow, kind }: SimulationSetup) {
    this.#library = library;
    this.#instance = library.open(seed);
    this.ports = this.#instance.ports as P;
    this.seed = seed;
    this.random = new Random(seed);
    this.description = library.description;
    this.wavesPath = wavesPath;
    this.#resetPort = reset;
    this.#scheduler = new Scheduler(this);
    if (wavesPath !== undefined) {
      mkdirSync(dirname(wavesPath), { recursive: true });
      library.call.hpb_tb_waves(this.#instance.handle, wavesPath, ...wavesWindow);
    }
    this.#check();
    recordStart(this, kind);
  }

  /** Clock edges so far. */
  get cycle(): number {
    return this.#instance.clocks[0] ?? 0;
  }

  /** Simulated time in the module's time unit; a clock period is 10,000 of them. */
  get time(): number {
    return this.#instance.clocks[1] ?? 0;
  }

  /** Whether the model has called $finish; it does not advance any more. */
  get isFinished(): boolean {
    return this.#instance.flags[ATTENTION] !== 0;
  }

  /** Lets inputs take effect without a clock edge. */
  settle(): void {
    this.#library.call.hpb_tb_settle(this.#handle());
    if (this.#instance.flags[ATTENTION] !== 0) this.#check();
  }

  /** The clock's edge alone, after {@link settle}; tests want {@link cycles}. */
  edge(): void {
    this.#library.call.hpb_tb_edge(this.#handle());
    if (this.#instance.flags[ATTENTION] !== 0) this.#check();
  }

  /**
   * Runs clock cycles: in C, unless streams or tasks want to see each one.
   *
   * @throws {TestbenchError} `TESTBENCH_MODEL` when the model fails.
   */
  cycles(count = 1): void {
    if (this.#scheduler.isBusy) {
      for (let i = 0; i < count; i++) this.#scheduler.step();
      return;
    }
    this.#library.call.hpb_tb_cycles(this.#handle(), count);
    if (this.#instance.flags[ATTENTION] !== 0) this.#check();
  }

  /**
   * Runs until a port has a value (1 unless given), or until a condition holds. A port is watched in C.
   *
   * @param max - most cycles to run; 100,000 unless given.
   * @returns the number of cycles it took; 0 when it was so already.
   * @throws {TestbenchError} `TESTBENCH_TIMEOUT` when it did not come.
   */
  until(
    condition: (keyof P & string) | (() => boolean),
    { value = 1, max = 100_000 }: { value?: number | bigint; max?: number } = {},
  ): number {
    const start = this.cycle;
    if (typeof condition === 'function' || this.#scheduler.isBusy) {
      const isTrue =
        typeof condition === 'function' ? condition : this.#portCondition(condition, value);
      for (let i = 0; i <= max; i++) {
        if (isTrue()) return this.cycle - start;
        if (i < max) this.cycles(1);
      }
    } else {
      const { index, width } = this.#find(condition);
      if (width > 64) {
        throw new TestbenchError(
          'TESTBENCH_ARGUMENT',
          `until: expected a port of at most 64 bits, ${condition} has ${width}`,
        );
      }
      const bits = BigInt.asUintN(width, BigInt(value));
      const reached = this.#library.call.hpb_tb_until(this.#handle(), index, bits, max);
      if (this.#instance.flags[ATTENTION] !== 0) this.#check();
      if (reached === 1) return this.cycle - start;
    }
    const what = typeof condition === 'function' ? 'the condition' : `${condition} = ${value}`;
    throw new TestbenchError('TESTBENCH_TIMEOUT', `${what} did not come in ${max} cycles`);
  }

  /** Holds the reset port high for some cycles. */
  reset(cycles = 2): void {
    const ports = this.ports as AnyPorts;
    this.#find(this.#resetPort);
    ports[this.#resetPort] = 1;
    this.cycles(cycles);
    ports[this.#resetPort] = 0;
    this.settle();
  }

  /**
   * A port's bytes in place, lowest first: what wide ports are read and written through at full speed.
   * When writing, bits above the port's width must stay zero.
   */
  bytes(port: keyof P & string): Uint8Array {
    const { width, offset } = this.#find(port);
    return this.#instance.memory.subarray(offset, offset + ((width + 7) >> 3));
  }

  /** A port of more than 16 bits as 32-bit words in place, lowest first; see {@link bytes}. */
  limbs(port: keyof P & string): Uint32Array {
    const { width, offset } = this.#find(port);
    if (width <= 16) {
      throw new TestbenchError(
        'TESTBENCH_ARGUMENT',
        `limbs: expected a port of more than 16 bits, ${port} has ${width}`,
      );
    }
    const { buffer, byteOffset } = this.#instance.memory;
    return new Uint32Array(buffer, byteOffset + offset, storageBytes(width) / 4);
  }

  /** A source on an AXI4-Stream input: `source('s_axis', { pause: 0.3 })`. */
  source(prefix: string, options: StreamOptions = {}): AxiStreamSource {
    const random = this.random.fork(`${prefix}.${options.lane ?? 0}`);
    const source = new AxiStreamSource(this.#streamModel(), prefix, random, options);
    this.#scheduler.add(source);
    return source;
  }

  /** A sink on an AXI4-Stream output; it checks the handshake. */
  sink(prefix: string, options: SinkOptions = {}): AxiStreamSink {
    const random = this.random.fork(`${prefix}.${options.lane ?? 0}`);
    const sink = new AxiStreamSink(this.#streamModel(), prefix, random, options);
    this.#scheduler.add(sink);
    return sink;
  }

  /** Starts a task beside others; it advances with the cycles that are run. */
  fork<T>(task: Task<T>): Fork<T> {
    return this.#scheduler.fork(task);
  }

  /**
   * Runs a task to its end, with all streams and forks beside it.
   *
   * @returns what the task returned.
   * @throws {TestbenchError} `TESTBENCH_TIMEOUT` after `max` cycles (a million unless given), and
   *   whatever a task, a stream's check or the model throws.
   */
  run<T>(task: Task<T> | (() => Task<T>), { max = DEFAULT_MAX_CYCLES } = {}): T {
    return this.#scheduler.run(typeof task === 'function' ? task() : task, max);
  }

  /**
   * Runs a task as a promise: several at once share the cycles. One promise is for one transaction, not
   * for one cycle.
   *
   * @example
   * const [, frame] = await Promise.all([sim.start(source.send(data)), sim.start(sink.receive())]);
   */
  start<T>(task: Task<T>, { max = DEFAULT_MAX_CYCLES } = {}): Promise<T> {
    const limit = this.cycle + max;
    const fork = this.fork(task);
    return new Promise<T>((resolve, reject) => {
      this.#pending.add({ fork, limit, reject, resolve: () => resolve(fork.result) });
      if (this.#pending.size === 1) setImmediate(() => this.#pump());
    });
  }

  /** Writes out the waves recorded so far. */
  flush(): void {
    this.#library.call.hpb_tb_flush(this.#handle());
  }

  /** Writes the coverage counted so far, in a model built for it; for verilator_coverage. */
  writeCoverage(path: string): void {
    mkdirSync(dirname(path), { recursive: true });
    this.#library.call.hpb_tb_coverage(this.#handle(), path);
  }

  /** Leaves behind what the toolkit asked for, once. */
  record(): void {
    if (!this.#isClosed) recordSimulation(this);
  }

  /** Ends the simulation and frees the model. Ports read undefined afterwards. */
  close(): void {
    if (this.#isClosed) return;
    this.record();
    this.#isClosed = true;
    detachPorts(this.ports as AnyPorts);
    this.#library.call.hpb_tb_close(this.#instance.handle);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Steps until a transaction ends, lets those run who wait for it, and so on. */
  #pump(): void {
    try {
      while (!this.#settlePending()) this.#scheduler.step();
    } catch (error) {
      // A failure in any task or check ends all that run on this model.
      for (const { reject } of this.#pending) reject(error);
      this.#pending.clear();
    }
    if (this.#pending.size > 0) setImmediate(() => this.#pump());
  }

  /** Settles the promises of transactions that have ended; whether there were any. */
  #settlePending(): boolean {
    const before = this.#pending.size;
    for (const transaction of this.#pending) {
      const { fork, limit, resolve, reject } = transaction;
      if (fork.isRunning && this.cycle < limit) continue;
      this.#pending.delete(transaction);
      if (fork.isRunning) {
        fork.cancel();
        const message = `the task had not ended by cycle ${limit}`;
        reject(new TestbenchError('TESTBENCH_TIMEOUT', message));
      } else resolve();
    }
    return this.#pending.size < before;
  }

  #streamModel(): StreamModel {
    const { places, memory } = this.#instance;
    return { places, memory, reset: this.#resetPort, cycle: () => this.cycle };
  }

  #portCondition(port: keyof P & string, value: number | bigint): () => boolean {
    const ports = this.ports as AnyPorts;
    const wanted = BigInt(value);
    return () => BigInt(ports[port]) === wanted;
  }

  #find(port: string) {
    const place = this.#instance.places.get(port);
    if (!place) {
      const names = this.description.ports.map(({ name }) => name).join(', ');
      throw new TestbenchError(
        'TESTBENCH_ARGUMENT',
        `${this.description.name} has no port ${port}; it has ${names}`,
      );
    }
    return { ...place, index: this.description.ports.findIndex(({ name }) => name === port) };
  }

  #handle(): bigint {
    if (this.#isClosed) throw new TestbenchError('TESTBENCH_ARGUMENT', 'the simulation is closed');
    return this.#instance.handle;
  }

  /** Passes on what the model printed; throws if it failed. */
  #check(): void {
    const { flags, handle } = this.#instance;
    if (flags[ATTENTION] === 0) return;
    const text = this.#library.text(handle);
    if (flags[FAILED] === 0) {
      process.stdout.write(text);
      return;
    }
    const { name } = this.description;
    throw new TestbenchError(
      'TESTBENCH_MODEL',
      `${name} stopped in cycle ${this.cycle}: ${text.trim()}`,
    );
  }
}
