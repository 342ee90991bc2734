// SPDX-License-Identifier: Apache-2.0
import type { Agent } from '../tasks.ts';
import { BURST_RULES, type Burst, beatLanes, burstFault, readBurst } from './axi-burst.ts';
import {
  type AxiChannels,
  type AxiResponse,
  findAxi,
  hexAddress,
  responseOf,
} from './axi-channels.ts';
import { type AxiLimits, LIMIT_RULES, limitFault } from './axi-limits.ts';
import { strobesOf } from './axil-subordinate.ts';
import {
  attach,
  type BusOptions,
  type BusSimulation,
  findReset,
  type ResetLine,
} from './bus-simulation.ts';
import type { Channel } from './channel.ts';
import { HANDSHAKE_RULES, type HandshakeOptions, HandshakeRules } from './handshake-rules.ts';
import { type MonitorOptions, type Report, reporter } from './violation.ts';

/** Rules of AXI4: ARM IHI 0022, A3 to A7. */
export const AXI_RULES = {
  ...HANDSHAKE_RULES,
  ...BURST_RULES,
  ...LIMIT_RULES,
  CACHE: 'AxCACHE does not allocate (bits 3, 2) what is not modifiable (bit 1)',
  EXCLUSIVE: 'an exclusive burst has 1 to 16 beats of 1, 2, 4 .. 128 bytes in all, and is aligned',
  WLAST: 'WLAST marks the last beat of a write, and no other',
  WSTRB_LANES: 'WSTRB is low outside of the lanes that a beat uses',
  B_AFTER_WRITE: 'BVALID only for an id whose oldest write has been taken, address and last beat',
  R_AFTER_READ: 'RVALID only for an id with a read that has been taken',
  RLAST: 'RLAST marks the last beat of the oldest read of its id, and no other',
  EXOKAY: 'EXOKAY only for an exclusive access',
  ANSWER_WITHIN: 'an answer comes within the cycles that the test allows',
} as const;

/** A burst that has been answered. */
export interface AxiTransaction {
  readonly kind: 'read' | 'write';
  readonly id: number;
  readonly burst: Burst;
  /** Bytes of all beats in turn, without the lanes that a beat does not use. */
  readonly data: Uint8Array;
  /** Of a write, 1 for each byte of `data` that is written. */
  readonly strobes: Uint8Array;
  /** Of a write one, of a read one a beat. */
  readonly responses: readonly AxiResponse[];
  /** The cycles whose edges took the address and the last of the answer. */
  readonly firstCycle: number;
  readonly lastCycle: number;
}

export interface AxiMonitorOptions extends BusOptions, MonitorOptions, HandshakeOptions {
  /** Called with each answered burst. */
  readonly onTransaction?: (transaction: AxiTransaction) => void;
  /** What the module promises beyond the standard. */
  readonly limits?: AxiLimits;
  /** Most cycles that an offer may wait, and that an answer may take from beat to beat. */
  readonly maxWait?: number;
}

interface Open {
  readonly id: number;
  readonly burst: Burst;
  readonly isExclusive: boolean;
  readonly firstCycle: number;
  /** The last cycle that something came. */
  since: number;
  beats: number;
  readonly data: number[];
  readonly strobes: number[];
  readonly responses: AxiResponse[];
}

interface WriteBeat {
  readonly data: Uint8Array;
  readonly strobes: Uint8Array;
  readonly isLast: boolean;
}

/**
 * Watches an AXI4 bus, of a manager or of a subordinate.
 *
 * Of two reads with one id a swapped answer shows only where RLAST differs; that the data is right is for
 * a scoreboard to say.
 *
 * @throws {ProtocolError} from the cycle that breaks one of {@link AXI_RULES}.
 */
export class AxiMonitor implements Agent {
  readonly #channels: AxiChannels;
  readonly #handshakes: readonly HandshakeRules[];
  readonly #reset: ResetLine;
  readonly #report: Report;
  readonly #cycle: () => number;
  readonly #options: AxiMonitorOptions;
  readonly #maxWait: number;
  /** Writes that wait for data, and beats that wait for an address: never both. */
  readonly #writes: Open[] = [];
  readonly #earlyBeats: WriteBeat[] = [];
  /** Bursts that wait for their answers, by id. */
  readonly #reads = new Map<number, Open[]>();
  readonly #written = new Map<number, Open[]>();

  constructor(sim: BusSimulation, prefix: string, options: AxiMonitorOptions = {}) {
    this.#channels = findAxi(sim, prefix, 'monitor', options);
    this.#cycle = () => sim.cycle;
    this.#report = reporter(prefix, this.#cycle, options);
    this.#reset = findReset(sim, options);
    this.#options = options;
    this.#maxWait = options.maxWait ?? Number.POSITIVE_INFINITY;
    const { read, write } = this.#channels;
    this.#handshakes = [write?.aw, write?.w, write?.b, read?.ar, read?.r]
      .filter((channel) => channel !== undefined)
      .map((channel) => new HandshakeRules(channel, this.#report, options));
    attach(sim, this, options);
  }

  drive(): void {}

  sample(): void {
    if (this.#reset()) {
      for (const handshake of this.#handshakes) handshake.sampleReset();
      this.#writes.length = 0;
      this.#earlyBeats.length = 0;
      this.#reads.clear();
      this.#written.clear();
      return;
    }
    for (const handshake of this.#handshakes) handshake.sample();
    const { read, write } = this.#channels;
    // Answers first: an answer may not come in the cycle that takes what it answers.
    if (write) {
      this.#watchAnswer(write.b);
      if (write.aw.isTransfer) this.#takeWrite(write.aw, write.w);
      if (write.w.isTransfer) this.#takeData(write.w);
      if (this.#maxWait < Number.POSITIVE_INFINITY) this.#checkWaits(this.#written, write.b);
    }
    if (read) {
      this.#watchBeat(read.r);
      if (read.ar.isTransfer) this.#takeRead(read.ar, read.r);
      if (this.#maxWait < Number.POSITIVE_INFINITY) this.#checkWaits(this.#reads, read.r);
    }
  }

  #takeRead(ar: Channel, r: Channel): void {
    push(this.#reads, this.#open(ar, r));
    this.#checkOutstanding(ar, this.#reads, 0);
  }

  #takeWrite(aw: Channel, w: Channel): void {
    this.#writes.push(this.#open(aw, w));
    this.#checkOutstanding(aw, this.#written, this.#writes.length);
    this.#matchData(w);
  }

  #takeData(w: Channel): void {
    const isLast = w.get('last', 1) === 1;
    this.#earlyBeats.push({ data: w.bytes('data'), strobes: strobesOf(w), isLast });
    const { earlyBeats = Number.POSITIVE_INFINITY } = this.#options.limits ?? {};
    this.#matchData(w);
    if (this.#earlyBeats.length > earlyBeats) {
      const text = `is ${this.#earlyBeats.length} beats before its address, at most ${earlyBeats}`;
      this.#report('LIMIT_EARLY_DATA', w.valid.port, text);
    }
  }

  /** Write data follows the order of the addresses, and may come before them. */
  #matchData(w: Channel): void {
    for (;;) {
      const write = this.#writes[0];
      const beat = write && this.#earlyBeats.shift();
      if (!write || !beat) return;
      this.#checkBeat(w, write, beat);
      write.since = this.#cycle();
      const isEnd = ++write.beats === write.burst.beats;
      if (beat.isLast !== isEnd) {
        const text = `is ${beat.isLast ? 1 : 0} on beat ${write.beats} of ${write.burst.beats}`;
        this.#report('WLAST', w.port('last'), text);
      }
      if (!isEnd) continue;
      this.#writes.shift();
      push(this.#written, write);
    }
  }

  #checkBeat(w: Channel, write: Open, { data, strobes }: WriteBeat): void {
    const { first, end } = beatLanes(write.burst, write.beats, data.length);
    const outside = strobes.findIndex(
      (strobe, lane) => strobe === 1 && (lane < first || lane >= end),
    );
    if (outside >= 0) {
      const text = `is set for lane ${outside}, beat ${write.beats + 1} uses ${first} to ${end - 1}`;
      this.#report('WSTRB_LANES', w.port('strb'), text);
    }
    const used = strobes.subarray(first, end);
    if (this.#options.limits?.fullStrobes && used.includes(0)) {
      this.#report('LIMIT_STROBES', w.port('strb'), 'misses a byte');
    }
    if (this.#options.onTransaction === undefined) return;
    write.data.push(...data.subarray(first, end));
    write.strobes.push(...used);
  }

  #watchAnswer(b: Channel): void {
    if (!b.isValid) return;
    const id = b.get('id');
    const queue = this.#written.get(id);
    const write = queue?.[0];
    if (write === undefined) {
      this.#report('B_AFTER_WRITE', b.port('id'), `is ${id}, which has no write to answer`);
      return;
    }
    if (!b.isReady) return;
    this.#checkExclusive(b, write);
    write.responses.push(responseOf(b.get('resp')));
    queue?.shift();
    this.#finish('write', write);
  }

  #watchBeat(r: Channel): void {
    if (!r.isValid) return;
    const id = r.get('id');
    const queue = this.#reads.get(id);
    const read = queue?.[0];
    if (read === undefined) {
      this.#report('R_AFTER_READ', r.port('id'), `is ${id}, which has no read to answer`);
      return;
    }
    if (!r.isReady) return;
    this.#checkExclusive(r, read);
    if (this.#options.onTransaction) {
      const data = r.bytes('data');
      const { first, end } = beatLanes(read.burst, read.beats, data.length);
      read.data.push(...data.subarray(first, end));
    }
    read.responses.push(responseOf(r.get('resp')));
    read.since = this.#cycle();
    const isEnd = ++read.beats === read.burst.beats;
    const last = r.get('last', isEnd ? 1 : 0);
    if ((last === 1) !== isEnd) {
      this.#report(
        'RLAST',
        r.port('last'),
        `is ${last} on beat ${read.beats} of ${read.burst.beats}`,
      );
    }
    if (!isEnd) return;
    queue?.shift();
    this.#finish('read', read);
  }

  #open(channel: Channel, dataChannel: Channel): Open {
    const busBytes = dataChannel.width('data') / 8;
    const burst = readBurst(channel, busBytes);
    const isExclusive = channel.get('lock') === 1;
    const fault = burstFault(burst, busBytes);
    if (fault) this.#report(fault.rule, channel.port(fault.field), fault.text);
    const cache = channel.get('cache');
    if ((cache & 0b1100) !== 0 && (cache & 0b10) === 0) {
      this.#report('CACHE', channel.port('cache'), `is ${cache.toString(2).padStart(4, '0')}`);
    }
    if (isExclusive && !isLegalExclusive(burst)) {
      const text = `0x${burst.addr.toString(16)}: ${burst.beats} beats of ${burst.size} bytes`;
      this.#report('EXCLUSIVE', channel.port('addr'), text);
    }
    const beyond = limitFault(burst, this.#options.limits ?? {}, busBytes);
    if (beyond) this.#report(beyond.rule, channel.port(beyond.field), beyond.text);
    const now = this.#cycle();
    const empty = { beats: 0, data: [], strobes: [], responses: [] };
    return { id: channel.get('id'), burst, isExclusive, firstCycle: now, since: now, ...empty };
  }

  #checkOutstanding(channel: Channel, queues: Map<number, Open[]>, more: number): void {
    const limit = this.#options.limits?.outstanding;
    if (limit === undefined) return;
    let open = more;
    for (const queue of queues.values()) open += queue.length;
    if (open <= limit) return;
    const text = `opens burst ${open}, at most ${limit} at once`;
    this.#report('LIMIT_OUTSTANDING', channel.valid.port, text);
  }

  #checkExclusive(channel: Channel, { isExclusive }: Open): void {
    if (channel.get('resp') !== 1 || isExclusive) return;
    this.#report('EXOKAY', channel.port('resp'), 'is EXOKAY for an access that is not exclusive');
  }

  #checkWaits(queues: Map<number, Open[]>, channel: Channel): void {
    for (const [head] of queues.values()) {
      if (head === undefined || this.#cycle() - head.since <= this.#maxWait) continue;
      head.since = this.#cycle();
      const where = `the burst of id ${head.id} at ${hexAddress(head.burst.addr)}`;
      const text = `did not come in ${this.#maxWait} cycles for ${where}`;
      this.#report('ANSWER_WITHIN', channel.valid.port, text);
    }
  }

  #finish(kind: 'read' | 'write', open: Open): void {
    this.#options.onTransaction?.({
      kind,
      id: open.id,
      burst: open.burst,
      data: Uint8Array.from(open.data),
      strobes: Uint8Array.from(open.strobes),
      responses: open.responses,
      firstCycle: open.firstCycle,
      lastCycle: this.#cycle(),
    });
  }
}

function isLegalExclusive({ addr, beats, size }: Burst): boolean {
  const bytes = beats * size;
  const isPower = (bytes & (bytes - 1)) === 0;
  return beats <= 16 && bytes <= 128 && isPower && addr % BigInt(bytes) === 0n;
}

function push(queues: Map<number, Open[]>, open: Open): void {
  const queue = queues.get(open.id);
  if (queue) queue.push(open);
  else queues.set(open.id, [open]);
}
