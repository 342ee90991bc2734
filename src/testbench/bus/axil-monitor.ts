// SPDX-License-Identifier: Apache-2.0
import type { Agent } from '../tasks.ts';
import {
  type AxiChannels,
  type AxiResponse,
  findAxi,
  hexAddress,
  responseOf,
} from './axi-channels.ts';
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

/** Rules of AXI4-Lite: ARM IHI 0022, A3 and B1. */
export const AXI_LITE_RULES = {
  ...HANDSHAKE_RULES,
  B_AFTER_WRITE: 'BVALID only after a write whose address and data were both taken',
  R_AFTER_READ: 'RVALID only after a read whose address was taken',
  NO_EXOKAY: 'AXI4-Lite has no EXOKAY',
  ANSWER_WITHIN: 'the answer comes within the cycles that the test allows',
} as const;

/** An access that has been answered. */
export interface AxiLiteAccess {
  readonly kind: 'read' | 'write';
  readonly addr: bigint;
  readonly data: bigint;
  /** Of a write, one bit a byte. */
  readonly strobes: number;
  readonly response: AxiResponse;
  /** The cycle whose edge took the answer. */
  readonly cycle: number;
}

export interface AxiLiteMonitorOptions extends BusOptions, MonitorOptions, HandshakeOptions {
  /** Called with each answered access. */
  readonly onAccess?: (access: AxiLiteAccess) => void;
  /** Most cycles that an offer may wait, and that an answer may take. */
  readonly maxWait?: number;
}

interface Open {
  readonly addr: bigint;
  readonly since: number;
}

/**
 * Watches an AXI4-Lite bus, of a manager or of a subordinate.
 *
 * @throws {ProtocolError} from the cycle that breaks one of {@link AXI_LITE_RULES}.
 */
export class AxiLiteMonitor implements Agent {
  readonly #channels: AxiChannels;
  readonly #handshakes: HandshakeRules[];
  readonly #reset: ResetLine;
  readonly #report: Report;
  readonly #cycle: () => number;
  readonly #onAccess: ((access: AxiLiteAccess) => void) | undefined;
  readonly #maxWait: number;
  readonly #reads: Open[] = [];
  readonly #writes: Open[] = [];
  readonly #data: { data: bigint; strobes: number; since: number }[] = [];
  #lastRead = 0;
  #lastWrite = 0;

  constructor(sim: BusSimulation, prefix: string, options: AxiLiteMonitorOptions = {}) {
    this.#channels = findAxi(sim, prefix, 'monitor', options);
    this.#cycle = () => sim.cycle;
    this.#report = reporter(prefix, this.#cycle, options);
    this.#reset = findReset(sim, options);
    this.#onAccess = options.onAccess;
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
      for (const queue of [this.#reads, this.#writes, this.#data]) queue.length = 0;
      return;
    }
    for (const handshake of this.#handshakes) handshake.sample();
    const { read, write } = this.#channels;
    // Answers first: an answer may not come in the cycle that takes what it answers.
    if (write) this.#watchWrites(write.aw, write.w, write.b);
    if (read) this.#watchReads(read.ar, read.r);
  }

  #watchWrites(aw: Channel, w: Channel, b: Channel): void {
    const [open, data] = [this.#writes[0], this.#data[0]];
    const isComplete = open !== undefined && data !== undefined;
    if (b.isValid) {
      if (!isComplete)
        this.#report('B_AFTER_WRITE', b.valid.port, 'is high, with no write to answer');
      this.#checkResponse(b);
    } else if (isComplete) {
      this.#checkWait(b, Math.max(open.since, data.since, this.#lastWrite), open.addr);
    }
    if (b.isTransfer && isComplete) {
      this.#lastWrite = this.#cycle();
      this.#writes.shift();
      this.#data.shift();
      this.#finish('write', open.addr, data.data, data.strobes, b);
    }
    const since = this.#cycle();
    if (aw.isTransfer) this.#writes.push({ addr: aw.big('addr'), since });
    if (w.isTransfer) {
      this.#data.push({ data: w.big('data'), strobes: w.get('strb', -1), since });
    }
  }

  #watchReads(ar: Channel, r: Channel): void {
    const open = this.#reads[0];
    if (r.isValid) {
      if (!open) this.#report('R_AFTER_READ', r.valid.port, 'is high, with no read to answer');
      this.#checkResponse(r);
    } else if (open) this.#checkWait(r, Math.max(open.since, this.#lastRead), open.addr);
    if (r.isTransfer && open) {
      this.#lastRead = this.#cycle();
      this.#reads.shift();
      this.#finish('read', open.addr, r.big('data'), 0, r);
    }
    if (ar.isTransfer) this.#reads.push({ addr: ar.big('addr'), since: this.#cycle() });
  }

  #checkResponse(channel: Channel): void {
    if (channel.get('resp') === 1) this.#report('NO_EXOKAY', channel.port('resp'), 'is EXOKAY');
  }

  #checkWait(channel: Channel, since: number, addr: bigint): void {
    if (this.#cycle() - since !== this.#maxWait) return;
    const text = `did not come in ${this.#maxWait} cycles after the access of ${hexAddress(addr)}`;
    this.#report('ANSWER_WITHIN', channel.valid.port, text);
  }

  #finish(
    kind: 'read' | 'write',
    addr: bigint,
    data: bigint,
    strobes: number,
    channel: Channel,
  ): void {
    const response = responseOf(channel.get('resp'));
    this.#onAccess?.({ kind, addr, data, strobes, response, cycle: this.#cycle() });
  }
}
