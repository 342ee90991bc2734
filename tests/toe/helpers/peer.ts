// SPDX-License-Identifier: Apache-2.0
// The other end of one session: sequence numbers relative to both initial ones.

import { flagsOf, OP, type Sent, type TcpBench, type TcpEvent } from './tcp-bench.ts';
import type { Segment } from './words.ts';

export const PEER_ISN = 0xffff_ff00; // wraps soon
const MODULUS = 2 ** 32;

/** What a test says of a segment; `seq` and `ack` relative to the initial sequence numbers. */
export type Said = Partial<Omit<Segment, 'flags'>> & { readonly flags?: string };

export interface PeerOptions {
  readonly mss?: number;
  readonly ws?: number;
  readonly ts?: boolean;
  readonly sack?: boolean;
  readonly window?: number;
  readonly localPort?: number;
  readonly remotePort?: number;
}

export class Peer {
  readonly bench: TcpBench;
  readonly options: Required<PeerOptions>;
  readonly isn = PEER_ISN;
  /** Of the card; known with its first SYN. */
  cardIsn: number;
  session = -1;
  /** Its clock of timestamps. */
  clock = 777;

  constructor(bench: TcpBench, options: PeerOptions = {}) {
    this.bench = bench;
    this.cardIsn = bench.isn;
    this.options = {
      mss: 1460,
      ws: 7,
      ts: false,
      sack: true,
      window: 500,
      localPort: 80,
      remotePort: 40_000,
      ...options,
    };
  }

  get tuple() {
    const { remotePort, localPort } = this.options;
    return { remoteIp: 0x0a4d_0001, remotePort, localPort };
  }

  /** Sends a segment; `window` as on the wire. */
  say({ seq = 1, ack, flags = 'A', ...rest }: Said = {}): void {
    const isAck = flags.includes('A');
    this.bench.inject({
      ...this.tuple,
      window: this.options.window,
      ...(this.options.ts && { tsValid: 1, tsVal: this.clock, tsEcr: this.bench.now % MODULUS }),
      ...rest,
      seq: (this.isn + seq) % MODULUS,
      ack: isAck ? (this.cardIsn + (ack ?? 1)) % MODULUS : 0,
      flags: flagsOf(flags),
    });
  }

  /** An ICMP error about the card's segment with this relative sequence number. */
  icmp(kind: number, code: number, { seq = 1, mtu = 0 } = {}): void {
    const at = (this.cardIsn + seq + MODULUS) % MODULUS;
    this.bench.injectError({ ...this.tuple, kind, code, mtu, seq: at });
  }

  syn(rest: Said = {}): void {
    const { mss, ws, ts, sack } = this.options;
    this.say({
      seq: 0,
      flags: 'S',
      mssValid: 1,
      mss,
      wsValid: Number(ws > 0),
      ws,
      sackOk: Number(sack),
      tsValid: Number(ts),
      tsVal: ts ? this.clock : 0,
      window: 65_535,
      ...rest,
    });
  }

  /** What the card sent since the last look, relative. */
  heard(): Sent[] {
    const relative = (value: number, isn: number) => (value - isn + MODULUS) % MODULUS;
    return this.bench.take().map((segment) => ({
      ...segment,
      seq: relative(segment.seq, this.cardIsn),
      ack: segment.flags.includes('A') ? relative(segment.ack, this.isn) : segment.ack,
    }));
  }

  /** The peer opens; the card accepts. */
  accepted(): TcpEvent {
    this.bench.listening.add(this.options.localPort);
    this.syn();
    this.heard();
    this.say({ ack: 1 });
    const event = this.bench.takeEvents().find(({ what }) => what.includes('accepted'));
    if (!event) throw new Error('not accepted');
    this.session = event.session;
    this.heard();
    return event;
  }

  /** The card opens; the peer accepts. */
  opened(): TcpEvent {
    this.command(OP.open, {});
    this.heard();
    this.syn({ flags: 'SA', ack: 1 });
    const event = this.bench.takeEvents().find(({ what }) => what.includes('opened'));
    if (!event) throw new Error('not opened');
    this.session = event.session;
    this.heard();
    return event;
  }

  command(op: number, values: { value?: number } = {}): void {
    this.bench.command(op, Math.max(this.session, 0), { ...this.tuple, ...values });
  }

  /** The host queues bytes. */
  write(bytes: number): void {
    this.command(OP.sent, { value: bytes });
  }

  /** The host reads bytes. */
  read(bytes: number): void {
    this.command(OP.read, { value: bytes });
  }
}
