// SPDX-License-Identifier: Apache-2.0
// One end of a session, led by chance: right segments bring the card's end into each state of RFC 9293, and
// what it knows of both streams is where mutants begin.

import type { Random } from '../../../src/testbench/index.ts';
import { distance, fill, wrap } from './content.ts';
import type { Conversation } from './conversation.ts';
import type { HostAddress } from './peers.ts';
import {
  ACK,
  FIN,
  type Fields,
  optionBytes,
  PSH,
  RST,
  SYN,
  type SynOptions,
  URG,
} from './segment.ts';
import type { SentSegment } from './sent.ts';
import { toCard } from './to-card.ts';

const FULL = 1460;

type Phase = 'idle' | 'opening' | 'open' | 'closing';

export class Puppet {
  readonly conversation: Conversation;
  readonly host: HostAddress;
  /** The host of the card opens, not the peer. */
  readonly isServer: boolean;
  phase: Phase = 'idle';
  /** Its next sequence number, and that of the card. */
  next = 0;
  cardNext = 0;
  /** What the card has acknowledged, and the right edge of what it takes. */
  acked = 0;
  edge = 0;
  #window = 8000;
  #hasClock = false;
  #clock = 0;
  #cardClock = 0;
  #cardShift = 0;
  readonly #random: Random;

  constructor(conversation: Conversation, host: HostAddress, isServer: boolean, random: Random) {
    this.conversation = conversation;
    this.host = host;
    this.isServer = isServer;
    this.#random = random;
  }

  /** A segment of this end as it stands. */
  segment(flags: number, changes: Partial<Fields> = {}): Fields {
    return toCard(this.conversation, this.host, {
      seq: this.next,
      ack: flags & ACK ? this.cardNext : 0,
      flags,
      window: this.#window,
      ...(this.#hasClock && { options: optionBytes({ ts: [this.#clock, this.#cardClock] }) }),
      ...changes,
    });
  }

  /** With the bytes of its stream. */
  data(flags: number, seq: number, length: number, changes: Partial<Fields> = {}): Fields {
    const payload = fill(new Uint8Array(length), this.conversation.salt, seq);
    return this.segment(flags, { seq, payload, ...changes });
  }

  /** Something right that leads on. */
  act(): Fields | undefined {
    const random = this.#random;
    if (random.chance(0.3)) this.#clock = wrap(this.#clock + random.int(1, 300));
    switch (this.phase) {
      case 'idle':
        return this.isServer ? undefined : this.#open(SYN);
      case 'opening':
        return random.chance(0.7) ? this.#syn(SYN, wrap(this.next - 1)) : this.#forget();
      case 'open':
        return this.#converse();
      case 'closing':
        return random.chance(0.3) ? this.#forget() : this.#repeat();
    }
  }

  /** What it answers the card, if it does. */
  onSent(sent: SentSegment): Fields | undefined {
    const random = this.#random;
    const { flags, options } = sent;
    if (options.ts) this.#cardClock = options.ts[0];
    if (flags & RST) return this.#forget();
    if (flags & SYN) return this.#onSyn(sent);
    const ahead = distance(this.next, sent.ack);
    // Mutants may have said more than it knows
    if (ahead > 0 && ahead < 2 ** 20) this.next = sent.ack;
    this.acked = sent.ack;
    this.edge = wrap(sent.ack + sent.window * 2 ** this.#cardShift);
    const end = sent.payload.length + (flags & FIN ? 1 : 0);
    if (end === 0) return undefined;
    const moved = distance(this.cardNext, wrap(sent.seq + end));
    if (moved > 0) this.cardNext = wrap(sent.seq + end);
    return random.chance(0.7) ? this.segment(ACK) : undefined;
  }

  #onSyn({ seq, ack, flags, window, options }: SentSegment): Fields | undefined {
    const random = this.#random;
    this.cardNext = wrap(seq + 1);
    this.#cardShift = options.ws ?? 0;
    if (flags & ACK) {
      this.phase = 'open';
      this.next = this.acked = ack;
      this.edge = wrap(ack + window);
      if (!options.ts) this.#hasClock = false;
      return random.chance(0.8) ? this.segment(ACK) : undefined;
    }
    const draw = random.float();
    if (draw < 0.1) return undefined;
    if (draw < 0.2) return this.segment(RST | ACK, { seq: 0 });
    // Simultaneous where the SYN of this end does not know of the other
    return this.#open(draw < 0.35 ? SYN : SYN | ACK);
  }

  #open(flags: number): Fields {
    const random = this.#random;
    this.phase = 'opening';
    this.next = random.pick([
      random.uint32(),
      wrap(-random.int(1, 3000)),
      2 ** 31 - random.int(3000),
    ]);
    this.#hasClock = random.chance(0.4);
    this.#clock = random.pick([random.uint32(), wrap(-random.int(1, 500))]);
    this.#window = random.pick([0, 200, 2000, 8000, 65_535, random.int(65_536)]);
    const syn = this.#syn(flags, this.next);
    this.next = wrap(this.next + 1);
    return syn;
  }

  #syn(flags: number, seq: number): Fields {
    const random = this.#random;
    const options: SynOptions = {
      ...(random.chance(0.8) && { mss: random.pick([FULL, 536, 1200, random.int(65_536)]) }),
      ...(random.chance(0.5) && { ws: random.int(15) }),
      ...(random.chance(0.5) && { sack: true }),
      ...(this.#hasClock && { ts: [this.#clock, 0] as const }),
    };
    return this.segment(flags, { seq, options: optionBytes(options) });
  }

  #forget(): undefined {
    this.phase = 'idle';
    return undefined;
  }

  #converse(): Fields {
    const random = this.#random;
    const room = Math.max(0, distance(this.next, this.edge));
    const draw = random.float();
    if (draw < 0.4 && room > 0) {
      const length = Math.min(room, random.pick([1, 8, 100, random.int(1, FULL), FULL]));
      const sent = this.data(ACK | PSH, this.next, Math.min(length, FULL - 12));
      this.next = wrap(this.next + sent.payload.length);
      return sent;
    }
    if (draw < 0.5) return this.#repeat();
    if (draw < 0.6)
      return this.data(ACK, wrap(this.next + random.int(1, 5000)), random.int(1, 500));
    if (draw < 0.65) this.#window = random.pick([0, 1, 500, 8000, random.int(65_536)]);
    if (draw < 0.7) return this.segment(ACK, { ack: wrap(this.cardNext - random.int(0, 3000)) });
    if (draw < 0.74) {
      this.phase = 'closing';
      const fin = this.segment(ACK | FIN);
      this.next = wrap(this.next + 1);
      return fin;
    }
    if (draw < 0.75) {
      const reset = this.segment(RST, { seq: this.acked });
      this.phase = 'idle';
      return reset;
    }
    if (draw < 0.78) return this.data(ACK | URG, this.next, 10, { urgent: random.int(100) });
    if (draw < 0.81) return this.segment(ACK, { seq: wrap(this.next - 1) });
    return this.segment(ACK);
  }

  /** Something of before, perhaps with more behind it. */
  #repeat(): Fields {
    const random = this.#random;
    const back = random.int(0, 2000);
    const isEnd = this.phase === 'closing' && random.chance(0.5);
    if (isEnd) return this.segment(ACK | FIN, { seq: wrap(this.next - 1) });
    return this.data(ACK, wrap(this.next - back), random.int(0, Math.min(back, 1400)));
  }
}
