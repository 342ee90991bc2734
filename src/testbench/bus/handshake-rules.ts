// SPDX-License-Identifier: Apache-2.0
import type { Channel } from './channel.ts';
import type { Report } from './violation.ts';

/** Rules of every channel; AXI: ARM IHI 0022 A3.2, AXI4-Stream: ARM IHI 0051 2.2. */
export const HANDSHAKE_RULES = {
  VALID_HELD: 'VALID stays high until READY takes the offer',
  PAYLOAD_STABLE: 'the payload holds still while the offer stands',
  RESET_VALID_LOW: 'VALID is low in reset, once its edges have reached it',
  READY_WITHIN: 'READY comes within the cycles that the test allows',
} as const;

export interface HandshakeOptions {
  /** Most cycles that an offer may stand; no limit unless given. */
  readonly maxWait?: number;
  /** Edges of reset after which VALID must be low; 1 unless given, more where reset goes through stages. */
  readonly resetEdges?: number;
}

/** Checks one channel's handshake, one cycle after the other. */
export class HandshakeRules {
  readonly #channel: Channel;
  readonly #report: Report;
  readonly #maxWait: number;
  readonly #resetEdges: number;
  readonly #held: ReadonlyMap<string, Uint8Array>;
  #isStalled = false;
  #waited = 0;
  #resetCycles = 0;

  constructor(channel: Channel, report: Report, options: HandshakeOptions = {}) {
    const { maxWait = Number.POSITIVE_INFINITY, resetEdges = 1 } = options;
    this.#channel = channel;
    this.#resetEdges = resetEdges;
    this.#report = report;
    this.#maxWait = maxWait;
    this.#held = new Map(
      [...channel.payload].map(([field, { bits }]) => [field, new Uint8Array(bits.byteLength)]),
    );
  }

  /** Inputs have taken effect, the edge is ahead. */
  sample(): void {
    this.#resetCycles = 0;
    const { valid, isValid, payload } = this.#channel;
    if (this.#isStalled) {
      if (!isValid) this.#report('VALID_HELD', valid.port, 'fell before the beat was taken');
      else {
        for (const [field, { bits, port }] of payload) {
          const held = this.#held.get(field);
          if (held && !bits.equals(held)) {
            this.#report('PAYLOAD_STABLE', port, 'changed while stalled');
          }
        }
      }
    }
    this.#isStalled = isValid && !this.#channel.isReady;
    if (!this.#isStalled) {
      this.#waited = 0;
      return;
    }
    for (const [field, { bits }] of payload) bits.read(this.#held.get(field) ?? EMPTY, 0);
    if (++this.#waited > this.#maxWait) {
      const ready = this.#channel.ready?.port ?? valid.port;
      this.#waited = 0;
      this.#report('READY_WITHIN', ready, `did not come in ${this.#maxWait} cycles`);
    }
  }

  /** The same in a cycle of reset: forgets an offer that stood. */
  sampleReset(): void {
    this.#isStalled = false;
    this.#waited = 0;
    if (this.#resetCycles++ >= this.#resetEdges && this.#channel.isValid) {
      this.#report('RESET_VALID_LOW', this.#channel.valid.port, 'is high in reset');
    }
  }
}

const EMPTY = new Uint8Array(0);
