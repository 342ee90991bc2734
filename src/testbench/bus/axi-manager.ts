// SPDX-License-Identifier: Apache-2.0
import { TestbenchError } from '../errors.ts';
import type { Pause } from '../pauses.ts';
import type { Agent, Task } from '../tasks.ts';
import {
  BURST_TYPES,
  type Burst,
  type BurstType,
  beatLanes,
  burstBytes,
  burstFault,
  splitBursts,
} from './axi-burst.ts';
import {
  type AxiChannels,
  type AxiPauses,
  type AxiResponse,
  codeOf,
  findAxi,
  hexAddress,
  pauseOf,
  required,
  responseOf,
} from './axi-channels.ts';
import {
  attach,
  type BusOptions,
  type BusSimulation,
  findReset,
  type ResetLine,
} from './bus-simulation.ts';
import type { Channel, ChannelEnd } from './channel.ts';
import { ChannelSink } from './channel-sink.ts';
import { ChannelSource } from './channel-source.ts';
import { ProtocolError } from './violation.ts';

export interface AxiManagerOptions extends BusOptions {
  /** When which channel pauses; never unless given. Data may come before its address. */
  readonly pause?: AxiPauses;
  /** Most beats of the bursts that `read` and `write` make; 256 unless given. */
  readonly maxBeats?: number;
}

/** What an address channel carries; what is left out is 0. */
export interface BurstRequest {
  readonly addr: number | bigint;
  /** Unless given, of a write as many as its data takes; 1 of a read. */
  readonly beats?: number;
  /** Bytes of a beat; the bus's width unless given. */
  readonly size?: number;
  /** INCR unless given. */
  readonly type?: BurstType | 'reserved';
  readonly id?: number;
  readonly lock?: number;
  readonly cache?: number;
  readonly prot?: number;
  readonly qos?: number;
  readonly region?: number;
  readonly user?: number | bigint;
  /** Sends a burst that breaks the standard's rules, on purpose; refused unless given. */
  readonly unchecked?: boolean;
}

export interface WriteRequest extends BurstRequest {
  /** The bytes of all beats in turn, without the lanes that a beat does not use. */
  readonly data: Uint8Array;
  /** For each byte of `data`, whether it is written; all unless given. */
  readonly strobes?: Uint8Array;
}

export interface WriteAnswer {
  readonly response: AxiResponse;
  /** The cycle whose edge took the answer. */
  readonly cycle: number;
}

export interface ReadAnswer extends WriteAnswer {
  /** The bytes of all beats in turn, without the lanes that a beat does not use. */
  readonly data: Uint8Array;
  /** Of each beat; `response` is the worst. */
  readonly responses: readonly AxiResponse[];
}

interface Transaction {
  readonly burst: Burst;
  readonly request: BurstRequest;
  readonly data: Uint8Array;
  received: number;
  readonly responses: AxiResponse[];
  beats: number;
  cycle: number | undefined;
  isAborted: boolean;
}

interface Beat {
  readonly data: Uint8Array;
  readonly strobes: bigint;
  readonly isLast: boolean;
}

const SEVERITY: readonly AxiResponse[] = ['EXOKAY', 'OKAY', 'SLVERR', 'DECERR'];

/**
 * Reads and writes over AXI4: single bursts of any kind, or any run of bytes.
 *
 * Transactions may be under way at once, in several tasks; with different ids they are answered in any
 * order.
 *
 * @example
 * const bus = new AxiManager(sim, 's_axi', { pause: 0.2 });
 * sim.run(function* () {
 *   yield* bus.write(0x1003, bytes);
 *   yield* bus.writeBurst({ addr: 0x20, data, size: 2, type: 'WRAP', beats: 4, id: 3 });
 *   const { data, response } = yield* bus.readBurst({ addr: 0x20, beats: 4 });
 * });
 */
export class AxiManager implements Agent {
  readonly bus: string;
  /** Bytes of a full beat. */
  readonly busBytes: number;
  readonly #channels: AxiChannels;
  readonly #reset: ResetLine;
  readonly #cycle: () => number;
  readonly #maxBeats: number;
  readonly #ends: ChannelEnd[] = [];
  readonly #writes = new Map<number, Transaction[]>();
  readonly #reads = new Map<number, Transaction[]>();
  #aw: ChannelSource<Transaction> | undefined;
  #w: ChannelSource<Beat> | undefined;
  #ar: ChannelSource<Transaction> | undefined;

  constructor(sim: BusSimulation, prefix: string, options: AxiManagerOptions = {}) {
    this.bus = prefix;
    this.#channels = findAxi(sim, prefix, 'manager', options);
    this.#reset = findReset(sim, options);
    this.#cycle = () => sim.cycle;
    this.#maxBeats = options.maxBeats ?? 256;
    const random = (channel: string) => sim.random.fork(`${prefix}.${channel}`);
    const { write, read } = this.#channels;
    this.busBytes = (write?.w ?? read?.r)?.width('data') ?? 8;
    this.busBytes /= 8;
    const { pause } = options;
    if (write) {
      const { aw, w, b } = write;
      this.#aw = new ChannelSource<Transaction>(aw, random('aw'), pauseOf(pause, 'aw'), {
        present: (transaction) => this.#presentAddress(aw, transaction),
      });
      this.#w = new ChannelSource<Beat>(w, random('w'), pauseOf(pause, 'w'), {
        present: ({ data, strobes, isLast }) => {
          w.payload.get('data')?.bits.write(data, 0);
          w.set('strb', strobes);
          w.set('last', isLast ? 1 : 0);
        },
      });
      const take = () => this.#takeAnswer(b);
      this.#ends.push(new ChannelSink(b, random('b'), pauseOf(pause, 'b'), { take }));
      this.#ends.push(this.#aw, this.#w);
    }
    if (read) {
      const { ar, r } = read;
      this.#ar = new ChannelSource<Transaction>(ar, random('ar'), pauseOf(pause, 'ar'), {
        present: (transaction) => this.#presentAddress(ar, transaction),
      });
      const take = () => this.#takeBeat(r);
      this.#ends.push(new ChannelSink(r, random('r'), pauseOf(pause, 'r'), { take }));
      this.#ends.push(this.#ar);
    }
    attach(sim, this, options);
  }

  /** When all channels pause from now on. */
  set pause(pause: Pause) {
    for (const channel of this.#ends) channel.pause = pause;
  }

  /** Bursts asked for and not answered. */
  get outstanding(): number {
    let count = 0;
    for (const queues of [this.#writes, this.#reads]) {
      for (const queue of queues.values()) count += queue.length;
    }
    return count;
  }

  /** Writes bytes anywhere, in as many INCR bursts as it takes. @throws {Error} unless all are OKAY. */
  *write(addr: number | bigint, data: Uint8Array, { id = 0 } = {}): Task {
    const parts = [...splitBursts(BigInt(addr), data.length, this.busBytes, this.#maxBeats)];
    const started = parts.map(({ burst, offset, bytes }) => {
      const lanes = new Uint8Array(burstBytes(burst, this.busBytes));
      lanes.set(data.subarray(offset, offset + bytes));
      const strobes = new Uint8Array(lanes.length).fill(1, 0, bytes);
      return this.#startWrite({ ...burst, id, data: lanes, strobes });
    });
    for (const transaction of started) {
      const { response } = yield* this.#wait(transaction);
      if (response !== 'OKAY') this.#refused('write', transaction, response);
    }
  }

  /** Reads bytes anywhere, in as many INCR bursts as it takes. @throws {Error} unless all are OKAY. */
  *read(addr: number | bigint, length: number, { id = 0 } = {}): Task<Uint8Array> {
    const result = new Uint8Array(length);
    const parts = [...splitBursts(BigInt(addr), length, this.busBytes, this.#maxBeats)];
    const started = parts.map((part) => ({
      ...part,
      transaction: this.#startRead({ ...part.burst, id }),
    }));
    for (const { transaction, offset, bytes } of started) {
      const { data, response } = yield* this.#wait(transaction);
      if (response !== 'OKAY') this.#refused('read', transaction, response);
      result.set(data.subarray(0, bytes), offset);
    }
    return result;
  }

  /**
   * Writes one burst, whatever the response.
   *
   * @throws {TestbenchError} `TESTBENCH_ARGUMENT` for a burst that breaks the rules, unless `unchecked`, or
   *   whose data has not the bytes of its beats.
   */
  *writeBurst(request: WriteRequest): Task<WriteAnswer> {
    const { response, cycle } = yield* this.#wait(this.#startWrite(request));
    return { response, cycle };
  }

  /** Reads one burst, whatever the responses. @throws {TestbenchError} as {@link writeBurst} does. */
  *readBurst(request: BurstRequest): Task<ReadAnswer> {
    return yield* this.#wait(this.#startRead(request));
  }

  drive(): void {
    if (!this.#reset()) {
      for (const end of this.#ends) end.drive();
      return;
    }
    for (const channel of this.#ends) channel.rest();
    for (const queues of [this.#writes, this.#reads]) {
      for (const queue of queues.values()) for (const each of queue) each.isAborted = true;
      queues.clear();
    }
  }

  sample(): void {
    if (this.#reset()) return;
    for (const end of this.#ends) end.sample();
  }

  #startWrite(request: WriteRequest): Transaction {
    required(this.#channels.write, this.bus, 'write');
    const { data } = request;
    const transaction = this.#begin(request, data, request.beats ?? this.#beatsFor(request));
    const { burst } = transaction;
    const bytes = burstBytes(burst, this.busBytes);
    if (data.length !== bytes) {
      throw new TestbenchError(
        'TESTBENCH_ARGUMENT',
        `${this.bus}: expected ${bytes} bytes for ${burst.beats} beats, got ${data.length}`,
      );
    }
    push(this.#writes, request.id ?? 0, transaction);
    this.#aw?.push(transaction);
    let offset = 0;
    for (let i = 0; i < burst.beats; i++) {
      const { first, end } = beatLanes(burst, i, this.busBytes);
      const lanes = new Uint8Array(this.busBytes);
      let strobes = 0n;
      for (let lane = first; lane < end; lane++, offset++) {
        lanes[lane] = data[offset] ?? 0;
        if (request.strobes === undefined || request.strobes[offset]) strobes |= 1n << BigInt(lane);
      }
      this.#w?.push({ data: lanes, strobes, isLast: i === burst.beats - 1 });
    }
    return transaction;
  }

  #startRead(request: BurstRequest): Transaction {
    required(this.#channels.read, this.bus, 'read');
    const transaction = this.#begin(request, undefined, request.beats ?? 1);
    push(this.#reads, request.id ?? 0, transaction);
    this.#ar?.push(transaction);
    return transaction;
  }

  #begin(request: BurstRequest, data: Uint8Array | undefined, beats: number): Transaction {
    const { size = this.busBytes, type = 'INCR', unchecked = false } = request;
    const burst: Burst = { addr: BigInt(request.addr), beats, size, type };
    const isSize = Number.isInteger(Math.log2(size)) && size <= 128;
    if (!isSize || !Number.isInteger(beats) || beats < 1 || beats > 256) {
      throw new TestbenchError(
        'TESTBENCH_ARGUMENT',
        `${this.bus}: expected 1 to 256 beats of 1, 2, 4 .. 128 bytes, got ${beats} of ${size}`,
      );
    }
    const fault = unchecked ? undefined : burstFault(burst, this.busBytes);
    if (fault) {
      throw new TestbenchError(
        'TESTBENCH_ARGUMENT',
        `${this.bus}: ${fault.field} ${fault.text} (${fault.rule}); { unchecked: true } sends it`,
      );
    }
    return {
      burst,
      request,
      data: data ?? new Uint8Array(burstBytes(burst, this.busBytes)),
      received: 0,
      responses: [],
      beats: 0,
      cycle: undefined,
      isAborted: false,
    };
  }

  /** Beats that an INCR burst of the data takes. */
  #beatsFor({ addr, data, size = this.busBytes }: WriteRequest): number {
    const skip = Number(BigInt(addr) % BigInt(size));
    return Math.max(1, Math.ceil((skip + data.length) / size));
  }

  #presentAddress(channel: Channel, { burst, request }: Transaction): void {
    channel.set('addr', burst.addr);
    channel.set('len', burst.beats - 1);
    channel.set('size', Math.log2(burst.size));
    channel.set('burst', BURST_TYPES.indexOf(burst.type));
    for (const field of ['id', 'lock', 'cache', 'prot', 'qos', 'region', 'user'] as const) {
      channel.set(field, request[field] ?? 0);
    }
  }

  #takeAnswer(b: Channel): void {
    const transaction = this.#writes.get(b.get('id'))?.shift();
    if (transaction === undefined) this.#unasked(b);
    transaction.responses.push(responseOf(b.get('resp')));
    transaction.cycle = this.#cycle();
  }

  #takeBeat(r: Channel): void {
    const queue = this.#reads.get(r.get('id'));
    const transaction = queue?.[0];
    if (transaction === undefined) this.#unasked(r);
    const { burst, data } = transaction;
    const { first, end } = beatLanes(burst, transaction.beats++, this.busBytes);
    data.set(r.bytes('data').subarray(first, end), transaction.received);
    transaction.received += end - first;
    transaction.responses.push(responseOf(r.get('resp')));
    if (transaction.beats < burst.beats) return;
    queue?.shift();
    transaction.cycle = this.#cycle();
  }

  *#wait(transaction: Transaction): Task<ReadAnswer> {
    while (transaction.cycle === undefined) {
      if (transaction.isAborted) {
        throw new TestbenchError(
          'TESTBENCH_ARGUMENT',
          `${this.bus}: reset ended the burst at ${hexAddress(transaction.burst.addr)}`,
        );
      }
      yield;
    }
    const { data, responses, cycle } = transaction;
    const severity = Math.max(...responses.map((each) => SEVERITY.indexOf(each)));
    return { data, responses, cycle, response: SEVERITY[severity] ?? 'OKAY' };
  }

  #unasked(channel: Channel): never {
    const text = `answers id ${channel.get('id')}, which has nothing open`;
    const signal = channel.port('id');
    throw new ProtocolError({ bus: this.bus, rule: 'UNASKED', signal, cycle: this.#cycle(), text });
  }

  #refused(what: string, { burst }: Transaction, response: AxiResponse): never {
    const { addr, beats } = burst;
    throw new Error(
      `${this.bus}: ${what} of ${beats} beats at ${hexAddress(addr)}: expected OKAY, got ${response}` +
        ` (code ${codeOf(response)})`,
    );
  }
}

function push(queues: Map<number, Transaction[]>, id: number, transaction: Transaction): void {
  const queue = queues.get(id);
  if (queue) queue.push(transaction);
  else queues.set(id, [transaction]);
}
