// SPDX-License-Identifier: Apache-2.0
// Two toe_tcp over a bad network, with hosts that write, read and close at random. No bytes: what is
// stored is compared with what was sent by position, and what is told as received with what was stored.

import type { Random } from '../../../src/testbench/index.ts';
import { flagsOf, OP, type QueueCall, type Sent, TcpBench, type TcpEvent } from './tcp-bench.ts';
import type { Config } from './words.ts';

const MODULUS = 2 ** 32;
const after = (from: number, to: number) => (to - from + MODULUS) % MODULUS;

export interface Weather {
  /** Chances per segment. */
  readonly loss: number;
  readonly duplicate: number;
  /** Milliseconds on the way, each segment its own: above zero they overtake one another. */
  readonly delay: readonly [number, number];
}

export interface Plan {
  readonly sessions: number;
  /** Bytes each way, at most. */
  readonly bytes: number;
  readonly weather: Weather;
  readonly config?: Partial<Config>;
  /** Simulated milliseconds after which it has to be over. */
  readonly limit: number;
}

/** One direction of a session, as both hosts see it. */
interface Direction {
  /** Sequence number of its first byte; by the sender's first fetch or the receiver's queue. */
  start: number | undefined;
  written: number;
  readonly total: number;
  acknowledged: number;
  /** Offsets stored, merged and sorted. */
  stored: [number, number][];
  received: number;
  read: number;
  ended: boolean;
}

interface Side {
  readonly bench: TcpBench;
  readonly opens: boolean;
  /** By number of the session. */
  readonly flows: Map<number, Flow>;
}

interface Flow {
  readonly out: Direction;
  readonly in: Direction;
  opened: boolean;
  closing: boolean;
  closed: boolean;
}

interface Packet {
  readonly at: number;
  readonly to: Side;
  readonly segment: Sent;
}

const LISTENING = 80;
const CLIENT_IP = 0x0a4d_0001;
const SERVER_IP = 0x0a4d_0003;

export class TcpPair {
  readonly #random: Random;
  readonly #plan: Plan;
  readonly #sides: readonly [Side, Side];
  readonly #directions = new Map<string, [Direction, Direction]>();
  #packets: Packet[] = [];
  opened = 0;
  finished = 0;
  lost = 0;

  private constructor(random: Random, plan: Plan, benches: readonly [TcpBench, TcpBench]) {
    this.#random = random;
    this.#plan = plan;
    this.#sides = [
      { bench: benches[0], opens: true, flows: new Map() },
      { bench: benches[1], opens: false, flows: new Map() },
    ];
    benches[0].isn = 0xffff_f000;
    benches[1].isn = 0x7fff_f000;
    benches[1].listening.add(LISTENING);
  }

  static async open(random: Random, plan: Plan): Promise<TcpPair> {
    const config = { mslMs: 20_000, halfOpen: 16, ...plan.config };
    const benches = [await TcpBench.open(config), await TcpBench.open(config)] as const;
    return new TcpPair(random, plan, benches);
  }

  /** Runs until all sessions are over on both sides. @throws if that takes too long, or a byte is wrong. */
  run(): number {
    const [client, server] = this.#sides;
    for (let now = 0; now < this.#plan.limit; now++) {
      if (this.opened < this.#plan.sessions && now % 7 === 0) this.#openOne();
      this.#deliver(now);
      for (const side of this.#sides) {
        side.bench.advance(1);
        this.#host(side);
        this.#send(side, now);
      }
      const over = [client, server].every(({ bench }) => bench.sessions.size === 0);
      if (this.opened === this.#plan.sessions && over && this.#packets.length === 0) {
        for (const { bench } of this.#sides) {
          if (bench.timers.size > 0) throw new Error(`timers left: ${[...bench.timers.keys()]}`);
        }
        return now;
      }
    }
    const left = this.#sides.map(({ bench, flows }) => ({
      sessions: [...bench.sessions.values()],
      timers: [...bench.timers],
      flows: [...flows].map(([session, flow]) => ({ session, ...flow })),
    }));
    throw new Error(`not over after ${this.#plan.limit} ms: ${JSON.stringify(left)}`);
  }

  #openOne(): void {
    const remotePort = LISTENING;
    const localPort = 40_000 + this.opened;
    const direction = (): Direction => ({
      start: undefined,
      written: 0,
      total: this.#random.int(0, this.#plan.bytes),
      acknowledged: 0,
      stored: [],
      received: 0,
      read: 0,
      ended: false,
    });
    this.#directions.set(`${localPort}`, [direction(), direction()]);
    const client = this.#sides[0].bench;
    client.command(OP.open, 0, { remoteIp: SERVER_IP, remotePort, localPort, value: 0 });
    this.opened++;
  }

  #deliver(now: number): void {
    const due = this.#packets.filter(({ at }) => at <= now);
    this.#packets = this.#packets.filter(({ at }) => at > now);
    for (const { to, segment } of due) {
      const { remotePort, localPort, flags, ...rest } = segment;
      to.bench.inject({
        ...rest,
        remoteIp: to.opens ? SERVER_IP : CLIENT_IP,
        remotePort: localPort,
        localPort: remotePort,
        flags: flagsOf(flags),
      });
    }
  }

  #send(side: Side, now: number): void {
    const { loss, duplicate, delay } = this.#plan.weather;
    const to = this.#sides[side.opens ? 1 : 0];
    for (const segment of side.bench.take()) {
      const copies = this.#random.chance(loss) ? 0 : this.#random.chance(duplicate) ? 2 : 1;
      if (copies === 0) this.lost++;
      for (let i = 0; i < copies; i++) {
        this.#packets.push({ at: now + 1 + this.#random.int(...delay), to, segment });
      }
    }
  }

  #host(side: Side): void {
    const { bench, flows } = side;
    for (const call of bench.txq.splice(0)) this.#onTransmitQueue(side, call);
    for (const call of bench.rxq.splice(0)) this.#onReceiveQueue(side, call);
    for (const event of bench.takeEvents()) this.#onEvent(side, event);
    for (const [session, flow] of flows) if (flow.opened) this.#act(side, session, flow);
  }

  #flow(side: Side, session: number): Flow | undefined {
    const known = side.flows.get(session);
    if (known) return known;
    const tuple = [...side.bench.sessions].find(([, number]) => number === session)?.[0];
    if (tuple === undefined) return undefined;
    const port = side.opens ? tuple & 0xffffn : (tuple >> 16n) & 0xffffn;
    const pair = this.#directions.get(`${port}`)!;
    const [out, incoming] = side.opens ? pair : [pair[1], pair[0]];
    const flow = { out, in: incoming, opened: false, closing: false, closed: false };
    side.flows.set(session, flow);
    return flow;
  }

  #onTransmitQueue(side: Side, { op, session, pos, len }: QueueCall): void {
    const flow = this.#flow(side, session);
    if (op === 'open') flow!.out.start = pos;
    if (op !== 'fetch') return;
    const { start, written } = flow!.out;
    const offset = after(start!, pos);
    if (offset + len > written) throw new Error(`fetches ${offset}+${len} of ${written} written`);
  }

  #onReceiveQueue(side: Side, { op, session, pos, len }: QueueCall): void {
    if (op === 'release') return;
    const flow = this.#flow(side, session);
    if (op === 'open') {
      if (flow!.in.start !== undefined && flow!.in.start !== pos) {
        throw new Error(`the stream begins at ${flow!.in.start}, received from ${pos} on`);
      }
      return;
    }
    if (len === 0) return;
    const { start, written, read, stored } = flow!.in;
    const offset = after(start!, pos);
    if (offset + len > written) throw new Error(`stores ${offset}+${len} of ${written} written`);
    const limit = side.bench.config.rxLimit;
    if (offset + len - read > limit + 32)
      throw new Error(`stores ${offset}+${len} beyond ${limit}`);
    stored.push([offset, offset + len]);
    flow!.in.stored = merge(stored);
  }

  #onEvent(side: Side, { session, what, received, acknowledged }: TcpEvent): void {
    const flow = this.#flow(side, session)!;
    const bad = what.filter((name) =>
      ['reset', 'refused', 'timed out', 'open failed'].includes(name),
    );
    if (bad.length > 0) throw new Error(`session ${session}: ${bad}`);
    const ended = what.includes('peer closed');
    if (what.includes('received') || ended) {
      const offset = after(flow.in.start!, received) - Number(ended || flow.in.ended);
      const [first] = flow.in.stored;
      if (offset > 0 && (!first || first[0] > 0 || first[1] < offset)) {
        throw new Error(`${offset} told as received, stored are ${JSON.stringify(flow.in.stored)}`);
      }
      flow.in.received = Math.max(flow.in.received, offset);
    }
    if (ended) {
      flow.in.ended = true;
      if (flow.in.received !== flow.in.total) {
        throw new Error(`ended after ${flow.in.received} of ${flow.in.total}`);
      }
    }
    if (what.includes('sent')) {
      flow.out.acknowledged = Math.min(after(flow.out.start!, acknowledged), flow.out.written);
    }
    if (what.includes('opened') || what.includes('accepted')) flow.opened = true;
    if (what.includes('closed')) flow.closed = true;
  }

  #act(side: Side, session: number, flow: Flow): void {
    const { bench } = side;
    const { out } = flow;
    const queued = out.written - out.acknowledged;
    if (out.written < out.total && queued < 100_000 && this.#random.chance(0.3)) {
      const bytes = Math.min(this.#random.int(1, 20_000), out.total - out.written);
      out.written += bytes;
      bench.command(OP.sent, session, { value: bytes });
    } else if (out.written === out.total && !flow.closing && this.#random.chance(0.2)) {
      flow.closing = true;
      bench.command(OP.close, session);
    }
    const unread = flow.in.received - flow.in.read;
    if (unread > 0 && this.#random.chance(0.3)) {
      const bytes = this.#random.int(1, unread);
      flow.in.read += bytes;
      bench.command(OP.read, session, { value: bytes });
    }
    if (flow.closed && flow.in.read === flow.in.received && flow.in.ended) {
      side.flows.delete(session);
      this.finished++;
      bench.command(OP.free, session);
    }
  }
}

/** Sorted and joined where they touch. */
function merge(ranges: [number, number][]): [number, number][] {
  const merged: [number, number][] = [];
  for (const [from, to] of ranges.sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}
