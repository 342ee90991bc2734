// SPDX-License-Identifier: Apache-2.0
import { isPaused, type Pause } from '../pauses.ts';
import type { Random } from '../random.ts';
import type { Agent } from '../tasks.ts';
import type { AddressSpace } from './address-space.ts';
import { type Burst, beatAddress, beatLanes, readBurst } from './axi-burst.ts';
import { type AxiChannels, type AxiResponse, codeOf, findAxi } from './axi-channels.ts';
import { strobesOf } from './axil-subordinate.ts';
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

export interface MemoryTiming {
  /** When each channel pauses: a probability a cycle, or a function. */
  readonly pause: Pause;
  /** Least and most cycles from a request to its answer. */
  readonly latency: readonly [number, number];
}

export interface AxiSubordinateOptions extends BusOptions {
  /** What answers: a {@link BusMemory}, or a test's own. */
  readonly space: AddressSpace;
  readonly timing?: MemoryTiming;
  /** Whether different ids overtake each other and their read beats mix; true unless given. */
  readonly reorder?: boolean;
  /** Most bursts of a kind taken and not answered; no limit unless given. */
  readonly depth?: number;
}

interface Request {
  readonly id: number;
  readonly burst: Burst;
  /** Cycle from which it may be answered. */
  due: number;
  /** Order of arrival. */
  readonly serial: number;
}

interface Read extends Request {
  beat: number;
}

interface Write extends Request {
  readonly beats: { readonly data: Uint8Array; readonly strobes: Uint8Array }[];
}

interface ReadBeat {
  readonly id: number;
  readonly data: Uint8Array;
  readonly code: number;
  readonly isLast: boolean;
}

/**
 * Answers a module's AXI4 manager: random latency and pauses, any order between ids, errors where the
 * address space says so.
 *
 * Written data lands when the answer is given, as late as the bus allows: a module that does not wait
 * for the answer is found out. Exclusive accesses are answered OKAY, which says that there are none here.
 *
 * @throws {ProtocolError} when WLAST does not mark the last beat: no more could be told apart.
 */
export class AxiSubordinate implements Agent {
  timing: MemoryTiming;
  /** While true no request is accepted and none answered. */
  isHanging = false;
  /** Beats read and written so far. */
  beatsRead = 0;
  beatsWritten = 0;
  readonly #bus: string;
  readonly #space: AddressSpace;
  readonly #channels: AxiChannels;
  readonly #reset: ResetLine;
  readonly #cycle: () => number;
  readonly #random: Random;
  readonly #reorder: boolean;
  readonly #ends: ChannelEnd[] = [];
  /** Open reads and complete writes by id, and writes that wait for data. */
  readonly #reads = new Map<number, Read[]>();
  readonly #answers = new Map<number, Write[]>();
  readonly #writes: Write[] = [];
  readonly #earlyBeats: { data: Uint8Array; strobes: Uint8Array; isLast: boolean }[] = [];
  #serial = 0;

  constructor(sim: BusSimulation, prefix: string, options: AxiSubordinateOptions) {
    this.#bus = prefix;
    this.#space = options.space;
    this.timing = options.timing ?? { pause: 0, latency: [4, 4] };
    this.#reorder = options.reorder ?? true;
    this.#channels = findAxi(sim, prefix, 'subordinate', options);
    this.#reset = findReset(sim, options);
    this.#cycle = () => sim.cycle;
    this.#random = sim.random.fork(`${prefix}.subordinate`);
    const pause: Pause = () => this.isHanging || isPaused(this.timing.pause, this.#random);
    const depth = options.depth ?? Number.POSITIVE_INFINITY;
    const { write, read } = this.#channels;
    if (read) {
      this.#ends.push(
        new ChannelSink(read.ar, this.#random, pause, {
          mayTake: () => total(this.#reads) < depth,
          take: () => this.#takeRead(read.ar, read.r),
        }),
        new ChannelSource<ReadBeat>(read.r, this.#random, pause, {
          next: () => this.#nextRead(read.r),
          present: ({ id, data, code, isLast }) => {
            read.r.set('id', id);
            read.r.payload.get('data')?.bits.write(data, 0);
            read.r.set('resp', code);
            read.r.set('last', isLast ? 1 : 0);
          },
        }),
      );
    }
    if (write) {
      this.#ends.push(
        new ChannelSink(write.aw, this.#random, pause, {
          mayTake: () => this.#writes.length + total(this.#answers) < depth,
          take: () => this.#takeWrite(write.aw, write.w),
        }),
        new ChannelSink(write.w, this.#random, pause, { take: () => this.#takeData(write.w) }),
        new ChannelSource<{ id: number; code: number }>(write.b, this.#random, pause, {
          next: () => this.#nextAnswer(write.w),
          present: ({ id, code }) => {
            write.b.set('id', id);
            write.b.set('resp', code);
          },
        }),
      );
    }
    attach(sim, this, options);
  }

  /** Bursts taken and not answered. */
  get outstanding(): number {
    return this.#writes.length + total(this.#reads) + total(this.#answers);
  }

  drive(): void {
    if (!this.#reset()) {
      for (const end of this.#ends) end.drive();
      return;
    }
    for (const end of this.#ends) end.rest();
    this.#reads.clear();
    this.#answers.clear();
    this.#writes.length = 0;
    this.#earlyBeats.length = 0;
  }

  sample(): void {
    if (this.#reset()) return;
    for (const end of this.#ends) end.sample();
  }

  #takeRead(ar: Channel, r: Channel): void {
    const read = { ...this.#request(ar, r), beat: 0 };
    read.due = this.#due();
    push(this.#reads, read);
  }

  #takeWrite(aw: Channel, w: Channel): void {
    this.#writes.push({ ...this.#request(aw, w), beats: [] });
    this.#matchData(w);
  }

  #takeData(w: Channel): void {
    const isLast = w.get('last', 1) === 1;
    this.#earlyBeats.push({ data: w.bytes('data'), strobes: strobesOf(w), isLast });
    this.#matchData(w);
  }

  /** Write data follows the order of the addresses, and may come before them. */
  #matchData(w: Channel): void {
    for (;;) {
      const write = this.#writes[0];
      const beat = write && this.#earlyBeats.shift();
      if (!write || !beat) return;
      write.beats.push(beat);
      const isEnd = write.beats.length === write.burst.beats;
      if (beat.isLast !== isEnd) {
        throw new ProtocolError({
          bus: this.#bus,
          rule: 'WLAST',
          signal: w.port('last'),
          cycle: this.#cycle(),
          text: `is ${beat.isLast ? 1 : 0} on beat ${write.beats.length} of ${write.burst.beats}`,
        });
      }
      if (!isEnd) continue;
      this.#writes.shift();
      write.due = this.#due();
      push(this.#answers, write);
    }
  }

  #nextRead(r: Channel): ReadBeat | undefined {
    const read = this.#choose(this.#reads);
    if (read === undefined) return undefined;
    const { id, burst } = read;
    const index = read.beat++;
    const busBytes = r.width('data') / 8;
    const { first, end } = beatLanes(burst, index, busBytes);
    const data = this.#random.bytes(busBytes);
    const bytes = new Uint8Array(end - first);
    const response = this.#space.read(beatAddress(burst, index), bytes);
    // Lanes that the beat does not use, and refused data, are random: nobody may look at them.
    if (response === 'OKAY') data.set(bytes, first);
    this.beatsRead++;
    const isLast = read.beat === burst.beats;
    if (isLast) this.#reads.get(id)?.shift();
    return { id, data, code: codeOf(response), isLast };
  }

  #nextAnswer(w: Channel): { id: number; code: number } | undefined {
    const write = this.#choose(this.#answers);
    if (write === undefined) return undefined;
    const { id, burst, beats } = write;
    const busBytes = w.width('data') / 8;
    let worst: AxiResponse = 'OKAY';
    for (const [i, { data, strobes }] of beats.entries()) {
      const { first, end } = beatLanes(burst, i, busBytes);
      const addr = beatAddress(burst, i);
      const part = [data.subarray(first, end), strobes.subarray(first, end)] as const;
      const response = this.#space.write(addr, ...part);
      if (codeOf(response) > codeOf(worst)) worst = response;
      if (response === 'OKAY') this.beatsWritten++;
    }
    this.#answers.get(id)?.shift();
    return { id, code: codeOf(worst) };
  }

  /** The oldest request of an id that has one due: of a random id, or of the oldest. */
  #choose<T extends Request>(queues: Map<number, T[]>): T | undefined {
    const now = this.#cycle();
    const heads: T[] = [];
    for (const [head] of queues.values()) if (head) heads.push(head);
    if (heads.length === 0) return undefined;
    if (!this.#reorder) {
      const oldest = heads.reduce((a, b) => (a.serial < b.serial ? a : b));
      return oldest.due <= now ? oldest : undefined;
    }
    const due = heads.filter((head) => head.due <= now);
    return due.length > 0 ? this.#random.pick(due) : undefined;
  }

  #request(channel: Channel, dataChannel: Channel): Request {
    const burst = readBurst(channel, dataChannel.width('data') / 8);
    return { id: channel.get('id'), burst, due: 0, serial: this.#serial++ };
  }

  #due(): number {
    const [low, high] = this.timing.latency;
    return this.#cycle() + this.#random.int(low, high);
  }
}

function push<T extends Request>(queues: Map<number, T[]>, request: T): void {
  const queue = queues.get(request.id);
  if (queue) queue.push(request);
  else queues.set(request.id, [request]);
}

function total(queues: ReadonlyMap<number, readonly unknown[]>): number {
  let count = 0;
  for (const queue of queues.values()) count += queue.length;
  return count;
}
