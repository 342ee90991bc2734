// SPDX-License-Identifier: Apache-2.0
/** One running model: ports, clocks, streams and tasks. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { BitField } from './bit-field.ts';
import type { StreamModel, StreamOptions } from './bus/axis-signals.ts';
import { AxiStreamSink, type SinkOptions } from './bus/axis-sink.ts';
import { AxiStreamSource } from './bus/axis-source.ts';
import type { Clock, Reset } from './clocks.ts';
import type { ModuleDescription } from './description.ts';
import { TestbenchError } from './errors.ts';
import { type ModelInstance, type ModelLibrary, StatusFlag, StatusWord } from './model-library.ts';
import { driveColumns, finishColumn, type Recorded, recordColumns, type Stimulus } from './play.ts';
import { type AnyPorts, detachValues } from './port-memory.ts';
import { type Profile, readProfile } from './profile.ts';
import { Random } from './random.ts';
import { recordSimulation, recordStart } from './record.ts';
import { noteClosed } from './registry.ts';
import { Scheduler } from './scheduler.ts';
import { storageBytes, type ValuePlace } from './storage.ts';
import type { Agent, Fork, Task, Yielded } from './tasks.ts';
import type { BuildKind } from './toolchain.ts';
import { Trigger, WatchKind } from './trigger.ts';
import type { WatchBlock } from './watch-block.ts';

export interface SimulationSetup {
  readonly library: ModelLibrary;
  readonly seed: number;
  /** The first one counts cycles; none for a combinational module. */
  readonly clocks: readonly Clock[];
  readonly resets: readonly Reset[];
  readonly waves: Waves | undefined;
  /** What the model is built for. */
  readonly kind: BuildKind;
  /** Which simulation of its module it is in its test, or its file: see waves.ts. */
  readonly key: string;
}

/** Waves to record, in a model built for them. */
export interface Waves {
  /** Absolute path of the FST file. */
  readonly path: string;
  /** First and last cycle recorded. */
  readonly from: number;
  readonly to: number;
}

/** A simulation at one moment. */
export interface Snapshot {
  readonly description: ModuleDescription;
  readonly seed: number;
  readonly cycle: number;
  /** ps. */
  readonly time: number;
  readonly wavesPath: string | undefined;
  readonly ports: AnyPorts;
  readonly signals: AnyPorts;
  /** The state of every task. */
  readonly tasks: string;
}

/** A task that a promise waits for. */
interface Transaction {
  readonly fork: { readonly isRunning: boolean; cancel(): void };
  /** Cycle by which it must have ended. */
  readonly limit: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** How a task is run. */
export interface TaskOptions {
  /** What reports call it; the function's name unless given. */
  readonly name?: string;
  /** The clock whose edges its `yield` waits for; the first one unless given. */
  readonly clock?: string;
}

/** A limit in cycles. */
export interface Limit {
  readonly max?: number;
}

/** What {@link Simulation.run} allows a task unless told otherwise, in cycles. */
const DEFAULT_MAX_CYCLES = 1_000_000;
/** The same for what a task or `until` waits for. */
const DEFAULT_MAX_WAIT = 100_000;

/** A task, a trigger, or the generator function that makes a task. */
type TaskOf<T> = Task<T> | Iterable<Yielded, T, void> | (() => Task<T>);

/**
 * A verilated module with its ports as properties.
 *
 * The clocks that rose last are high between calls: outputs from registers show what the last edge loaded.
 * Inputs written now act on the next edge; {@link settle} shows their effect on combinational outputs before it.
 *
 * A cycle is one of the first clock's. All limits are in cycles.
 */
export class Simulation<P extends object = AnyPorts, S extends object = AnyPorts> {
  /** The ports: up to 32 bits as numbers, wider ones as bigints, unpacked arrays as {@link PortArray}. */
  readonly ports: P;
  /** Marked internal signals by their path: `sim.signals['u_fifo.count_q']`. */
  readonly signals: S;
  readonly seed: number;
  /** Which simulation of its module it is, in words that are the same when the test is repeated. */
  readonly key: string;
  /** Draws from the seed; the same numbers in each run with the same seed. */
  readonly random: Random;
  readonly description: ModuleDescription;
  readonly #library: ModelLibrary;
  readonly #instance: ModelInstance;
  readonly #scheduler: Scheduler;
  readonly #clocks: readonly Clock[];
  readonly #resets: readonly Reset[];
  readonly #waves: Waves | undefined;
  readonly #pending = new Set<Transaction>();
  /** What is called, and looked at, in every cycle. */
  readonly #flags: Uint32Array;
  #settle: () => void;
  #edge: () => void;
  #slot: () => void;
  #step: () => void;
  readonly #opened = performance.now();
  #isClosed = false;

  constructor({ library, seed, clocks, resets, waves, kind, key }: SimulationSetup) {
    this.#library = library;
    this.key = key;
    this.#instance = library.open(seed);
    const { handle, flags, settle, edge, slot, step } = this.#instance;
    this.#flags = flags;
    this.#settle = settle;
    this.#edge = edge;
    this.#slot = slot;
    this.#step = step;
    this.ports = this.#instance.ports as P;
    this.signals = this.#instance.signals as S;
    this.seed = seed;
    this.random = new Random(seed);
    this.description = library.description;
    this.#waves = waves;
    this.#clocks = clocks;
    this.#resets = resets;
    for (const [i, { port, period, rise }] of clocks.entries()) {
      library.call.hpb_tb_clock(handle, i, port, period, rise);
    }
    this.#scheduler = new Scheduler(this.#clockwork());
    if (waves !== undefined) {
      mkdirSync(dirname(waves.path), { recursive: true });
      library.call.hpb_tb_waves(handle, waves.path, waves.from, waves.to);
    }
    // Inputs begin at 0, which would be in reset.
    const lowResets = resets.filter(({ active }) => active === 0);
    for (const { port } of lowResets) (this.ports as AnyPorts)[port] = 1;
    if (lowResets.length > 0) this.settle();
    this.#check();
    recordStart(this, kind);
  }

  /** Edges of the first clock so far. */
  get cycle(): number {
    return this.#instance.words[StatusWord.CYCLE] ?? 0;
  }

  /** Simulated time in ps; a clock period is 10,000 unless told otherwise. */
  get time(): number {
    return this.#library.call.hpb_tb_time(this.#handle());
  }

  /** Rising edges of a clock so far. */
  edges(clock: string): number {
    return this.#edges(this.#clockNumber(clock));
  }

  /** Where waves are recorded, if they are. */
  get wavesPath(): string | undefined {
    return this.#waves?.path;
  }

  /** Whether the model has called $finish; it does not advance any more. */
  get isFinished(): boolean {
    return this.#instance.flags[StatusFlag.ATTENTION] !== 0;
  }

  /** Lets inputs take effect without a clock edge: combinational outputs, asynchronous resets. */
  settle(): void {
    this.#settle();
    if (this.#flags[StatusFlag.ATTENTION] !== 0) this.#check();
  }

  /** The next edge alone, after {@link settle}; tests want {@link cycles}. */
  edge(): void {
    this.#edge();
    if (this.#flags[StatusFlag.ATTENTION] !== 0) this.#check();
  }

  /**
   * Runs clock cycles: in C, unless streams or tasks want to see each one.
   *
   * @param count - a whole number.
   * @throws {TestbenchError} `TESTBENCH_MODEL` when the model fails.
   */
  cycles(count = 1): void {
    if (this.#scheduler.isBusy) {
      this.#advance(count);
      return;
    }
    if (count === 1) {
      this.#step();
    } else {
      checkCount('cycles', count);
      this.#library.call.hpb_tb_cycles(this.#handle(), count);
      this.#checkTime();
    }
    if (this.#flags[StatusFlag.ATTENTION] !== 0) this.#check();
  }

  /**
   * Runs cycles with stimulus from arrays, and records ports into arrays, all in one call.
   *
   * Row by row: inputs are written, a cycle is run, outputs are recorded as they are after its edge.
   *
   * @param drive - one value a cycle for each input; typed arrays of the port's size are used in place.
   * @param record - ports to record.
   * @returns one typed array for each recorded port.
   * @throws {TestbenchError} `TESTBENCH_ARGUMENT` also when streams or tasks want to see each cycle.
   *
   * @example
   * const { sum } = sim.play(3, { drive: { a: [1, 2, 3] }, record: ['sum'] });
   */
  play<R extends (keyof P | keyof S) & string = never>(
    cycles: number,
    {
      drive = {},
      record = [],
    }: {
      readonly drive?: { readonly [K in keyof P]?: Stimulus };
      readonly record?: readonly R[];
    } = {},
  ): Record<R, Recorded> {
    checkCount('play', cycles);
    if (this.#scheduler.isBusy) {
      refuse('play: expected no streams and tasks on this model, which want to see each cycle');
    }
    const inputs = driveColumns(
      Object.entries(drive).map(([name, values]) => [this.#find(name), values as Stimulus]),
      cycles,
    );
    const places = record.map((name) => this.#find(name));
    const outputs = recordColumns(places, cycles);
    const rows = this.#library.call.hpb_tb_play(
      this.#handle(),
      inputs.bytes,
      inputs.count,
      outputs.bytes,
      outputs.count,
      cycles,
    );
    this.#checkTime();
    this.#check();
    const columns = places.map((place, i) => [
      place.name,
      finishColumn(place, outputs.data[i] ?? new Uint8Array(0), rows),
    ]);
    return Object.fromEntries(columns) as Record<R, Recorded>;
  }

  /**
   * Runs until a port or signal has a value (1 unless given), or until a condition holds. What has a name is
   * watched in C.
   *
   * @param max - most cycles to run; 100,000 unless given.
   * @returns the number of cycles it took; 0 when it was so already.
   * @throws {TestbenchError} `TESTBENCH_TIMEOUT` when it did not come.
   */
  until(
    condition: ((keyof P | keyof S) & string) | (() => boolean),
    { value = 1, max = DEFAULT_MAX_WAIT }: { value?: number | bigint; max?: number } = {},
  ): number {
    checkCount('until: max', max);
    if (typeof condition !== 'function' && this.#find(condition).width > 64) {
      refuse(
        `until: expected a port of at most 64 bits, ${condition} has ${this.#find(condition).width}`,
      );
    }
    const trigger =
      typeof condition === 'function'
        ? new Trigger({ what: 'the condition', condition, limit: max })
        : this.equals(condition, value, { max });
    // A cycle more, so that the trigger's own limit speaks.
    return this.#scheduler.run(trigger[Symbol.iterator](), max + 1, {
      name: 'until',
    });
  }

  /**
   * Resets: the reset ports are active for some cycles of every clock, then inactive.
   *
   * @throws {TestbenchError} `TESTBENCH_ARGUMENT` when the module has no reset that is known.
   */
  reset(cycles = 2): void {
    const ports = this.ports as AnyPorts;
    if (this.#resets.length === 0) {
      refuse(`${this.description.name} has no port rst or the like; name it: { reset: 'port' }`);
    }
    for (const { port, active } of this.#resets) ports[port] = active;
    this.settle();
    const ends = this.#clocks.map((_, i) => this.#edges(i) + cycles);
    do this.cycles(this.#clocks.length > 1 ? 1 : cycles);
    while (ends.some((end, i) => this.#edges(i) < end) && !this.isFinished);
    for (const { port, active } of this.#resets) ports[port] = 1 - active;
    this.settle();
  }

  /**
   * A port's bytes in place, lowest first: what wide ports are read and written through at full speed.
   * When writing, bits above the port's width must stay zero.
   */
  bytes(port: (keyof P | keyof S) & string): Uint8Array {
    const { width, offset, unpacked } = this.#find(port);
    if (unpacked.length > 0) refuse(`bytes: ${port} is an array; use ports.${port}.bytes(index)`);
    return this.#instance.memory.subarray(offset, offset + ((width + 7) >> 3));
  }

  /** A port of more than 16 bits as 32-bit words in place, lowest first; see {@link bytes}. */
  limbs(port: (keyof P | keyof S) & string): Uint32Array {
    const { width, offset, unpacked } = this.#find(port);
    if (width <= 16 || unpacked.length > 0) {
      const got = unpacked.length > 0 ? 'is an array' : `has ${width}`;
      refuse(`limbs: expected a port of more than 16 bits, ${port} ${got}`);
    }
    const { buffer, byteOffset } = this.#instance.memory;
    return new Uint32Array(buffer, byteOffset + offset, storageBytes(width) / 4);
  }

  /** A source on an AXI4-Stream input: `source('s_axis', { pause: 0.3 })`. */
  source(prefix: string, options: StreamOptions & TaskOptions = {}): AxiStreamSource {
    const random = this.random.fork(`${prefix}.${options.lane ?? 0}`);
    const source = new AxiStreamSource(this.#streamModel(options), prefix, random, options);
    return this.attach(source, options);
  }

  /** A sink on an AXI4-Stream output; it checks the handshake. */
  sink(prefix: string, options: SinkOptions & TaskOptions = {}): AxiStreamSink {
    const random = this.random.fork(`${prefix}.${options.lane ?? 0}`);
    const sink = new AxiStreamSink(this.#streamModel(options), prefix, random, options);
    return this.attach(sink, options);
  }

  /** Lets an agent of your own act in each cycle of its clock. @returns the agent. */
  attach<A extends Agent>(agent: A, { clock }: { readonly clock?: string } = {}): A {
    this.#scheduler.add(agent, this.#clockNumber(clock));
    return agent;
  }

  /** Ends what {@link attach} began. */
  detach(agent: Agent): void {
    this.#scheduler.remove(agent);
  }

  /** Starts a task beside others; it advances with the cycles that are run. */
  fork<T>(task: TaskOf<T>, options: TaskOptions = {}): Fork<T> {
    const { generator, ...rest } = this.#open(task, options);
    return this.#scheduler.fork(generator, rest);
  }

  /**
   * Runs a task to its end, with all streams and forks beside it.
   *
   * @returns what the task returned.
   * @throws {TestbenchError} `TESTBENCH_TIMEOUT` after `max` cycles (a million unless given) with the state of
   *   every task, and whatever a task, a stream's check or the model throws.
   */
  run<T>(task: TaskOf<T>, { max = DEFAULT_MAX_CYCLES, ...options }: Limit & TaskOptions = {}): T {
    const { generator, ...rest } = this.#open(task, options);
    return this.#scheduler.run(generator, max, rest);
  }

  /**
   * Runs a task as a promise: several at once share the cycles. One promise is for one transaction, not
   * for one cycle.
   *
   * @example
   * const [, frame] = await Promise.all([sim.start(source.send(data)), sim.start(sink.receive())]);
   */
  start<T>(
    task: TaskOf<T>,
    { max = DEFAULT_MAX_CYCLES, ...options }: Limit & TaskOptions = {},
  ): Promise<T> {
    const limit = this.cycle + max;
    const fork = this.fork(task, options);
    return new Promise<T>((resolve, reject) => {
      this.#pending.add({ fork, limit, reject, resolve: () => resolve(fork.result) });
      if (this.#pending.size === 1) setImmediate(() => this.#pump());
    });
  }

  /** Trigger: the signal becomes 1 after it was 0. `yield* sim.rises('done', { max: 500 })`. */
  rises(signal: (keyof P | keyof S) & string, limit: Limit = {}): Trigger {
    return this.#trigger(signal, WatchKind.RISE, `${signal} rises`, limit);
  }

  /** Trigger: the signal becomes 0 after it was 1. */
  falls(signal: (keyof P | keyof S) & string, limit: Limit = {}): Trigger {
    return this.#trigger(signal, WatchKind.FALL, `${signal} falls`, limit);
  }

  /** Trigger: the signal has another value than after the last edge. */
  changes(signal: (keyof P | keyof S) & string, limit: Limit = {}): Trigger {
    return this.#trigger(signal, WatchKind.CHANGE, `${signal} changes`, limit);
  }

  /** Trigger: the signal has a value; at once, when it has it already. */
  equals(
    signal: (keyof P | keyof S) & string,
    value: number | bigint = 1,
    limit: Limit = {},
  ): Trigger {
    return this.#trigger(signal, WatchKind.EQUAL, `${signal} = ${value}`, limit, value);
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

  /** A line for each task that has not ended: its name, what it waits for, and since when. */
  describeTasks(): string {
    return this.#scheduler.describeTasks();
  }

  /** Everything that can be seen, as it is now: a copy, which outlives the simulation. */
  snapshot(): Snapshot {
    const { memory, show } = this.#instance;
    const { description, seed, cycle, time, wavesPath } = this;
    const copy = show(memory.slice());
    return { description, seed, cycle, time, wavesPath, tasks: this.describeTasks(), ...copy };
  }

  /** How the time since the simulation was opened divides. */
  profile(): Profile {
    return readProfile(this.#instance, this.#library, performance.now() - this.#opened);
  }

  /** Stops long runs at a moment of process.hrtime; 0 for never. For the test runner. */
  setDeadline(ns: number): void {
    if (!this.#isClosed) this.#instance.words[StatusWord.DEADLINE] = ns;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Ends the simulation and frees the model. Ports read undefined afterwards. */
  close(): void {
    if (this.#isClosed) return;
    this.record();
    noteClosed(this);
    this.#isClosed = true;
    detachValues(this.ports as AnyPorts);
    detachValues(this.signals as AnyPorts);
    // Every other call asks for the handle, which is refused.
    this.#settle = this.#edge = this.#slot = this.#step = refuseClosed;
    this.#library.call.hpb_tb_close(this.#instance.handle);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Steps until a transaction ends, lets those run who wait for it, and so on. */
  #pump(): void {
    try {
      while (!this.#settlePending()) this.#scheduler.advance(this.#nextLimit());
    } catch (error) {
      // A failure in any task or check ends all that run on this model.
      for (const { reject } of this.#pending) reject(error);
      this.#pending.clear();
    }
    if (this.#pending.size > 0) setImmediate(() => this.#pump());
  }

  /** Cycles until the first transaction is late. */
  #nextLimit(): number {
    const limits = [...this.#pending].map(({ limit }) => limit - this.cycle);
    return Math.min(DEFAULT_MAX_CYCLES, ...limits);
  }

  /** Settles the promises of transactions that have ended; whether there were any. */
  #settlePending(): boolean {
    const before = this.#pending.size;
    for (const transaction of this.#pending) {
      const { fork, limit, resolve, reject } = transaction;
      if (fork.isRunning && this.cycle < limit) continue;
      this.#pending.delete(transaction);
      if (fork.isRunning) {
        const states = this.#scheduler.describeTasks();
        fork.cancel();
        const message = `the task had not ended by cycle ${limit}\n${states}`;
        reject(new TestbenchError('TESTBENCH_TIMEOUT', message));
      } else resolve();
    }
    return this.#pending.size < before;
  }

  /** Cycles that tasks or streams take part in. */
  #advance(count: number): void {
    const end = this.cycle + count;
    while (this.cycle < end && !this.isFinished) this.#scheduler.advance(end - this.cycle);
  }

  #clockwork() {
    const simulation = this;
    const { flags } = this.#instance;
    const { call } = this.#library;
    return {
      settle: () => simulation.settle(),
      edge: () => simulation.edge(),
      slot() {
        simulation.#slot();
        if (flags[StatusFlag.ATTENTION] !== 0) simulation.#check();
      },
      watch(block: WatchBlock, max: number) {
        call.hpb_tb_watch(simulation.#handle(), block.bytes, block.count, Math.min(max, 2 ** 31));
        simulation.#checkTime();
        if (flags[StatusFlag.ATTENTION] !== 0) simulation.#check();
      },
      get rising() {
        return flags[StatusFlag.NEXT] ?? 1;
      },
      edges: (clock: number) => simulation.#edges(clock),
      checkTime() {
        const deadline = simulation.#instance.words[StatusWord.DEADLINE] ?? 0;
        if (deadline === 0 || Number(process.hrtime.bigint()) < deadline) return;
        flags[StatusFlag.LATE] = 1;
        simulation.#checkTime();
      },
    };
  }

  #open<T>(task: TaskOf<T>, { name, clock }: TaskOptions) {
    const isFunction = typeof task === 'function';
    return {
      generator: (isFunction ? task() : task[Symbol.iterator]()) as Task<T>,
      name: name ?? (isFunction ? task.name : undefined),
      clock: this.#clockNumber(clock),
    };
  }

  #trigger(
    signal: string,
    kind: (typeof WatchKind)[keyof typeof WatchKind],
    what: string,
    { max = DEFAULT_MAX_WAIT }: Limit,
    value: number | bigint = 0,
  ): Trigger {
    checkCount(`${what}: max`, max);
    const place = this.#find(signal);
    const { width, unpacked, offset } = place;
    const isEdge = kind === WatchKind.RISE || kind === WatchKind.FALL;
    if (unpacked.length > 0 || (isEdge && width !== 1)) {
      const got = unpacked.length > 0 ? 'an array' : `${width} bits`;
      refuse(`${what}: expected ${isEdge ? '1 bit' : 'no array'}, ${signal} is ${got}`);
    }
    const field = new BitField(this.#instance.memory, offset * 8, width, true);
    const read = width <= 32 ? () => BigInt(field.get()) : () => field.getBig();
    const watch = { place, kind, value: BigInt.asUintN(width, BigInt(value)), read };
    return new Trigger({ what, watches: [watch], limit: max });
  }

  #streamModel({ clock }: { readonly clock?: string }): StreamModel {
    const { places, memory } = this.#instance;
    const number = this.#clockNumber(clock);
    const reset = this.#resets.find(({ active }) => active === 1)?.port ?? '';
    return { places, memory, reset, cycle: () => this.#edges(number) };
  }

  #edges(clock: number): number {
    // C counts those of the only clock once.
    if (this.#clocks.length <= 1) return this.cycle;
    return this.#instance.words[StatusWord.EDGES + clock] ?? 0;
  }

  #clockNumber(clock: string | undefined): number {
    if (clock === undefined) return 0;
    const number = this.#clocks.findIndex(({ name }) => name === clock);
    if (number < 0) {
      const names = this.#clocks.map(({ name }) => name).join(', ') || 'none';
      refuse(`${this.description.name} has no clock ${clock}; it has ${names}`);
    }
    return number;
  }

  #find(name: string): ValuePlace {
    const { places, signalPlaces } = this.#instance;
    const place = places.get(name) ?? signalPlaces.get(name);
    if (place) return place;
    const { ports, signals } = this.description;
    const names = [...ports, ...signals].map((value) => value.name).join(', ');
    refuse(`${this.description.name} has no port ${name}; it has ${names}`);
  }

  #handle(): bigint {
    if (this.#isClosed) refuse('the simulation is closed');
    return this.#instance.handle;
  }

  /** @throws {TestbenchError} `TESTBENCH_TIMEOUT` when a long run was stopped because the test's time is over. */
  #checkTime(): void {
    const { flags, words } = this.#instance;
    if (flags[StatusFlag.LATE] === 0) return;
    flags[StatusFlag.LATE] = 0;
    // Once: what cleans up afterwards may run the model again.
    words[StatusWord.DEADLINE] = 0;
    throw new TestbenchError(
      'TESTBENCH_TIMEOUT',
      `${this.description.name} was stopped: the test's time is over\n${this.describeTasks()}`,
    );
  }

  /** Passes on what the model printed; throws if it failed. */
  #check(): void {
    const { flags, handle } = this.#instance;
    if (flags[StatusFlag.ATTENTION] === 0) return;
    const text = this.#library.text(handle);
    if (flags[StatusFlag.FAILED] === 0) {
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

function refuseClosed(): never {
  refuse('the simulation is closed');
}

function checkCount(what: string, count: number): void {
  if (Number.isInteger(count) && count >= 0 && count < 2 ** 32) return;
  refuse(`${what}: expected a whole number from 0 to ${2 ** 32 - 1}, got ${count}`);
}

function refuse(message: string): never {
  throw new TestbenchError('TESTBENCH_ARGUMENT', message);
}
