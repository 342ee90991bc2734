// SPDX-License-Identifier: Apache-2.0
import type { Channel } from './channel.ts';
import { HANDSHAKE_RULES, type HandshakeOptions, HandshakeRules } from './handshake-rules.ts';
import type { Report } from './violation.ts';

/** Rules of AXI4-Stream (ARM IHI 0051) and of the packed streams that most designs mean by it. */
export const AXI_STREAM_RULES = {
  ...HANDSHAKE_RULES,
  STRB_WITHIN_KEEP: 'TSTRB is low where TKEEP is: that combination is reserved',
  KEEP_PACKED: 'TKEEP is a run of ones from byte 0; only the last beat may be empty',
  KEEP_FULL: 'TKEEP is all ones but in the last beat of a packet',
  PACKET_ID: 'TID and TDEST are the same in all beats of a packet',
  PACKET_LENGTH: 'TLAST comes within the beats that the test allows',
} as const;

export interface StreamRuleOptions extends HandshakeOptions {
  /**
   * `packed` (unless given): bytes without gaps, full beats but for the last, packets not interleaved.
   * `sparse`: all that the standard allows.
   */
  readonly form?: 'packed' | 'sparse';
  /** Most beats of a packet. */
  readonly maxBeats?: number;
  /** Whether a last beat may have no bytes; false unless given. */
  readonly emptyLast?: boolean;
}

/** Checks one stream, one cycle after the other. */
export class StreamRules {
  readonly #channel: Channel;
  readonly #report: Report;
  readonly #handshake: HandshakeRules;
  readonly #isPacked: boolean;
  readonly #emptyLast: boolean;
  readonly #maxBeats: number;
  #beats = 0;
  #id = 0n;
  #dest = 0n;

  constructor(channel: Channel, report: Report, options: StreamRuleOptions = {}) {
    const { form = 'packed', maxBeats = Number.POSITIVE_INFINITY } = options;
    this.#channel = channel;
    this.#report = report;
    this.#handshake = new HandshakeRules(channel, report, options);
    this.#isPacked = form === 'packed';
    this.#emptyLast = options.emptyLast ?? false;
    this.#maxBeats = maxBeats;
  }

  /** Inputs have taken effect, the edge is ahead. */
  sample(): void {
    this.#handshake.sample();
    if (this.#channel.isTransfer) this.#checkBeat();
  }

  /** The same in a cycle of reset: a packet half seen is forgotten. */
  sampleReset(): void {
    this.#handshake.sampleReset();
    this.#beats = 0;
  }

  #checkBeat(): void {
    const channel = this.#channel;
    // Without tlast each beat is a packet of its own.
    const isLast = channel.get('last', 1) === 1;
    if (channel.has('strb') && channel.has('keep')) {
      const outside = channel.big('strb') & ~channel.big('keep');
      if (outside !== 0n) {
        const text = `has ${outside.toString(2)} set where tkeep is low`;
        this.#report('STRB_WITHIN_KEEP', channel.port('strb'), text);
      }
    }
    if (this.#isPacked) this.#checkPacked(isLast);
    this.#beats = isLast ? 0 : this.#beats + 1;
    if (this.#beats >= this.#maxBeats) {
      this.#beats = 0;
      const text = `did not come in ${this.#maxBeats} beats`;
      this.#report('PACKET_LENGTH', channel.port('last'), text);
    }
  }

  #checkPacked(isLast: boolean): void {
    const channel = this.#channel;
    const keep = channel.payload.get('keep');
    if (keep) {
      const bytes = runOfOnes(channel.bytes('keep'));
      const mayBeEmpty = this.#emptyLast && isLast;
      if (bytes === undefined || (bytes === 0 && !mayBeEmpty)) {
        const text = `${channel.big('keep').toString(2)} is not a run of ones from byte 0`;
        this.#report('KEEP_PACKED', keep.port, text);
      } else if (!isLast && bytes !== keep.bits.width) {
        const text = `has ${bytes} of ${keep.bits.width} bytes before the last beat`;
        this.#report('KEEP_FULL', keep.port, text);
      }
    }
    const [id, dest] = [channel.big('id'), channel.big('dest')];
    if (this.#beats > 0) {
      if (id !== this.#id) this.#report('PACKET_ID', channel.port('id'), 'changed within a packet');
      if (dest !== this.#dest) {
        this.#report('PACKET_ID', channel.port('dest'), 'changed within a packet');
      }
    }
    this.#id = id;
    this.#dest = dest;
  }
}

/** Length of a run of ones from bit 0 with zeros above; undefined for anything else. */
export function runOfOnes(bytes: Uint8Array): number | undefined {
  let ones = 0;
  let isOver = false;
  for (const byte of bytes) {
    if (byte === 255 && !isOver) {
      ones += 8;
      continue;
    }
    if (isOver && byte !== 0) return undefined;
    isOver = true;
    if ((byte & (byte + 1)) !== 0) return undefined;
    ones += 32 - Math.clz32(byte);
  }
  return ones;
}
