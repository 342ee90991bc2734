// SPDX-License-Identifier: Apache-2.0
// A scripted peer on the wire of a card: frames of one session, numbers relative to both streams.

import type { Task } from '../../../src/testbench/index.ts';
import {
  arp,
  BROADCAST,
  ethernet,
  ipv4,
  number,
  TYPE_ARP,
  TYPE_IPV4,
  tcp,
} from '../../toe/helpers/frames.ts';
import { ToeCard, type ToeCardOptions } from './toe-card.ts';

const FLAGS = 'FSRPAU';
const MODULUS = 2 ** 32;
const TCP = 6;

export interface Segment {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Relative to the card's initial sequence number, and to the peer's. */
  readonly seq: number;
  readonly ack: number;
  readonly flags: string;
  readonly window: number;
  readonly data: Uint8Array;
}

/** What a test says of a segment. */
export interface Said {
  readonly seq?: number;
  readonly ack?: number;
  readonly window?: number;
  readonly data?: Uint8Array;
  readonly options?: Uint8Array;
}

export class ToePeer {
  readonly card: ToeCard;
  readonly mac = 0x0200_0000_00aa;
  readonly ip = 0x0a4d_00aa;
  readonly localPort: number;
  readonly remotePort: number;
  /** Initial sequence numbers: wraps soon; of the card, known with its SYN. */
  readonly isn = 0xffff_ff00;
  cardIsn = 0;
  /** The session's number on the card. */
  session = -1;
  readonly #segments: Segment[] = [];

  /** @param localPort - the card's. @param remotePort - its own. */
  constructor(card: ToeCard, localPort = 80, remotePort = 40_000) {
    this.card = card;
    this.localPort = localPort;
    this.remotePort = remotePort;
  }

  /** A card that has started, and its neighbour. */
  static async open(options: ToeCardOptions = {}): Promise<ToePeer> {
    const card = await ToeCard.open(options);
    const peer = new ToePeer(card);
    card.run(function* () {
      yield* card.start();
      yield* peer.introduce();
    });
    return peer;
  }

  /** The same, with a session that the card has accepted. */
  static async openSession(options: ToeCardOptions = {}): Promise<ToePeer> {
    const peer = await ToePeer.open(options);
    const { card, localPort } = peer;
    card.run(function* () {
      yield* card.submit({ op: 'LISTEN', localPort });
      yield* peer.connect();
    });
    return peer;
  }

  /** Makes itself known as a neighbour, and waits until it is. */
  *introduce(): Task {
    const ask = arp({
      operation: 1,
      senderMac: this.mac,
      senderIp: this.ip,
      targetMac: 0,
      targetIp: this.card.ip,
    });
    this.card.deliver(ethernet({ to: BROADCAST, from: this.mac, type: TYPE_ARP }, ask));
    yield* this.card.nextFrame();
  }

  /** Sends a segment; `seq` and `ack` relative to the initial sequence numbers. */
  say(flags: string, said: Said = {}): void {
    const { seq = 1, ack = 1, window = 60_000, data = new Uint8Array(), options } = said;
    const ends = { source: this.ip, destination: this.card.ip };
    const segment = tcp(
      {
        sourcePort: this.remotePort,
        destinationPort: this.localPort,
        seq: (this.isn + seq) % MODULUS,
        ack: flags.includes('A') ? (this.cardIsn + ack) % MODULUS : 0,
        flags: [...flags].reduce((bits, flag) => bits | (1 << FLAGS.indexOf(flag)), 0),
        window,
        urgent: 0,
        ...(options && { options }),
      },
      data,
      ends,
    );
    const packet = ipv4({ ...ends, protocol: TCP }, segment);
    this.card.deliver(ethernet({ to: this.card.mac, from: this.mac, type: TYPE_IPV4 }, packet));
  }

  /** The next segment from the card; other frames are passed over. */
  *hear(): Task<Segment> {
    for (;;) {
      const known = this.#segments.shift();
      if (known) return known;
      const segment = this.#parse(yield* this.card.nextFrame());
      if (segment) this.#segments.push(segment);
    }
  }

  #parse(frame: Uint8Array): Segment | undefined {
    if (number(frame, 12, 2) !== TYPE_IPV4 || frame[23] !== TCP) return undefined;
    const at = 34;
    const bits = frame[at + 13] as number;
    const flags = [...FLAGS].filter((_, i) => (bits >> i) & 1).join('');
    if (flags.includes('S')) this.cardIsn = number(frame, at + 4, 4);
    const head = ((frame[at + 12] as number) >> 4) * 4;
    const end = 14 + number(frame, 16, 2);
    return {
      sourcePort: number(frame, at, 2),
      destinationPort: number(frame, at + 2, 2),
      seq: (number(frame, at + 4, 4) - this.cardIsn + MODULUS) % MODULUS,
      ack: (number(frame, at + 8, 4) - this.isn + MODULUS) % MODULUS,
      flags,
      window: number(frame, at + 14, 2),
      data: frame.slice(at + head, end),
    };
  }

  /** Opens a session to a port that listens. */
  *connect(): Task {
    this.say('S', { seq: 0 });
    const answer = yield* this.hear();
    if (answer.flags !== 'SA') throw new Error(`expected SYN, ACK, got ${answer.flags}`);
    this.say('A');
    const event = yield* this.card.nextEvent('ACCEPTED');
    this.session = event.session;
  }
}
