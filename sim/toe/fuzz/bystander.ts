// SPDX-License-Identifier: Apache-2.0
// The peer of a session that must not come to harm: a plain TCP that sends again what was lost, and says when
// its bytes did not come through as they were. What the card sends is checked by Conversation.

import type { Random } from '../../../src/testbench/index.ts';
import { distance, fill, wrap } from './content.ts';
import type { Conversation } from './conversation.ts';
import type { HostAddress } from './peers.ts';
import { ACK, FIN, type Fields, optionBytes, PSH, RST, SYN } from './segment.ts';
import type { SentSegment } from './sent.ts';
import { toCard } from './to-card.ts';
import { Violation } from './violation.ts';

const MSS = 1400;
const WINDOW = 16_000;
const RTO_MS = 250;
/** Bytes under way, at most. */
const FLIGHT = 4 * MSS;

export class Bystander {
  readonly conversation: Conversation;
  readonly host: HostAddress;
  /** Bytes each way. */
  readonly toSend: number;
  readonly toReceive: number;
  readonly began: number;
  /** Both directions are closed. */
  isDone = false;
  received = 0;
  readonly #opens: boolean;
  readonly #random: Random;
  readonly #say: (fields: Fields) => void;
  readonly #iss: number;
  #irs: number | undefined;
  /** Positions: acknowledged, sent; where the card's window ends. */
  #una = 0;
  #next = 0;
  #edge = 0;
  #isOpen = false;
  #isEnded = false;
  #saidAt = 0;

  constructor(
    conversation: Conversation,
    host: HostAddress,
    setup: {
      readonly opens: boolean;
      readonly bytes: readonly [number, number];
      readonly now: number;
    },
    random: Random,
    say: (fields: Fields) => void,
  ) {
    this.conversation = conversation;
    this.host = host;
    this.#opens = setup.opens;
    [this.toSend, this.toReceive] = setup.bytes;
    this.began = setup.now;
    this.#random = random;
    this.#say = say;
    this.#iss = random.pick([random.uint32(), wrap(-random.int(1, 10_000))]);
    this.#saidAt = setup.now - 10 * RTO_MS;
  }

  tick(now: number): void {
    if (this.isDone || now - this.#saidAt < RTO_MS) return;
    this.#saidAt = now;
    if (!this.#isOpen) {
      if (this.#opens || this.#irs !== undefined) this.#syn();
      return;
    }
    this.#next = this.#una;
    this.#send();
    if (this.#next === this.#una) this.#acknowledge();
  }

  onSent(sent: SentSegment, now: number): void {
    const { flags, seq, ack, payload, window } = sent;
    if (flags & RST) {
      if (!this.#isOpen) return;
      throw new Violation(`a session beside it was reset; ${this.conversation.describe(sent)}`);
    }
    if (flags & SYN) {
      this.#irs = seq;
      if (!(flags & ACK)) {
        this.#saidAt = now;
        this.#syn();
      } else if (ack === wrap(this.#iss + 1)) {
        this.#isOpen = true;
        this.#edge = Math.max(this.#edge, window);
        this.#acknowledge();
        this.#send();
      }
      return;
    }
    if (this.#irs === undefined) return;
    this.#isOpen = true;
    const acknowledged = distance(wrap(this.#iss + 1), ack);
    if (acknowledged > this.#una) {
      this.#una = acknowledged;
      this.#saidAt = now;
    }
    this.#next = Math.max(this.#next, this.#una);
    this.#edge = Math.max(this.#edge, acknowledged + window);
    const at = distance(wrap(this.#irs + 1), seq);
    if (at <= this.received && at + payload.length > this.received) {
      this.received = at + payload.length;
    }
    if (flags & FIN && at + payload.length === this.received) this.#isEnded = true;
    if (payload.length > 0 || flags & FIN) this.#acknowledge();
    this.#send();
    this.isDone = this.#isEnded && this.#una === this.toSend + 1;
  }

  #send(): void {
    while (this.#next < this.toSend && this.#next - this.#una < FLIGHT) {
      const room = Math.min(this.toSend, this.#edge) - this.#next;
      const length = Math.min(room, this.#random.int(1, MSS));
      if (length <= 0) return;
      const seq = wrap(this.#iss + 1 + this.#next);
      const payload = fill(new Uint8Array(length), this.conversation.salt, seq);
      this.#say(this.#segment(ACK | PSH, { seq, payload }));
      this.#next += length;
    }
    if (this.#next !== this.toSend) return;
    this.#say(this.#segment(ACK | FIN));
    this.#next++;
  }

  #acknowledge(): void {
    this.#say(this.#segment(ACK));
  }

  #syn(): void {
    const flags = SYN | (this.#irs === undefined ? 0 : ACK);
    this.#say(this.#segment(flags, { seq: this.#iss, options: optionBytes({ mss: MSS }) }));
  }

  #segment(flags: number, changes: Partial<Fields> = {}): Fields {
    const acked = this.received + Number(this.#isEnded);
    return toCard(this.conversation, this.host, {
      seq: wrap(this.#iss + 1 + this.#next),
      ack: flags & ACK ? wrap(this.#irs! + 1 + acked) : 0,
      flags,
      window: WINDOW,
      ...changes,
    });
  }
}
