// SPDX-License-Identifier: Apache-2.0
// toe_engine under load: a peer of many sessions at the wire, a host that reads and writes as fast as it
// may, and the cycles it took.

import {
  type AnyPorts,
  SETTLED,
  type Simulation,
  simulate,
  type Task,
} from '../../../src/testbench/index.ts';
import { CardMemory } from '../bench/card-memory.ts';
import * as frames from './frames.ts';
import { offer } from './offer.ts';
import { COUNTS as IP_COUNTS } from './receiver.ts';
import { DEFAULTS, EVENTS, flagsOf, OP, COUNTS as TCP_COUNTS } from './tcp-bench.ts';
import { COMMAND, CONFIG, type Config, EVENT } from './words.ts';

export const MSS = 1460;
/** Cycles of a frame of 1,514 bytes at 10 Gb/s and 156.25 MHz: preamble, checksum and gap are 24 bytes. */
export const FULL_FRAME_CYCLES = (1514 + 24) / 8;

/** Segments that are lost: no place in toe_ip, none in toe_queues. */
const NO_PLACE = IP_COUNTS.indexOf('dropTcpFull');
const NO_ROOM = TCP_COUNTS.indexOf('no_room');

const MODULUS = 2 ** 32;
const BASE = 0x8000_0000n;
const LIMIT = 262_144;
const CARD = { mac: 0x0200_0000_0001, ip: frames.ip4('10.77.0.2') };
const PEER = { mac: 0x0200_0000_0099, ip: frames.ip4('10.77.0.9') };
const PORT = 80;
const FIRST_PORT = 1024;
const PEER_ISN = 0xffff_0000;
const SYN_OPTIONS = Uint8Array.from([2, 4, ...frames.big(MSS, 2), 1, 3, 3, 7]);

/** Byte `at` of every stream. */
const PATTERN = Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * 7) & 255));
const bytesAt = (at: number, length: number) => PATTERN.subarray(at % 256, (at % 256) + length);

/** One session, as its peer and its host see it. */
export interface LoadSession {
  readonly port: number;
  /** The card's number. */
  number: number;
  cardIsn: number;
  /** Bytes: from the peer, told to the host, asked for and read by it. */
  sent: number;
  told: number;
  asked: number;
  read: number;
  /** Bytes: written by the host, come to the peer, acknowledged by it, known to the host as such. */
  written: number;
  come: number;
  acknowledged: number;
  known: number;
  opened: boolean;
}

export interface LoadOptions {
  readonly sessionsLog2: number;
  readonly config?: Partial<Config>;
}

export class EngineLoad {
  readonly sim: Simulation<AnyPorts>;
  readonly sessions: LoadSession[] = [];
  /** Whether the card may reset sessions. */
  mayReset = false;
  /** Whether the host reads what comes. */
  reads = true;
  /** Segments that the peer leaves without an acknowledgement of its own; Infinity: it has none. */
  acknowledgesEvery = 2;
  /** Sessions whose bytes came and wait for a segment that acknowledges them, the oldest first. */
  readonly unacknowledged = new Set<LoadSession>();
  /** Segments with payload that the card sent, all segments it sent, events, bytes read. */
  dataSegments = 0;
  segments = 0;
  bytesRead = 0;
  /** Cycles of each event, SYN-ACK and segment with payload. */
  readonly eventCycles: number[] = [];
  readonly synAckCycles: number[] = [];
  readonly dataCycles: number[] = [];
  readonly #byNumber = new Map<number, LoadSession>();
  readonly #source;
  readonly #sink;
  readonly #toRead: LoadSession[] = [];
  readonly #toWrite: { session: LoadSession; len: number }[] = [];
  /** Writes that found no room so far, and are made again. */
  refused = 0;
  #answer: 'none' | 'granted' | 'refused' = 'none';
  #drops = 0;

  private constructor(sim: Simulation<AnyPorts>, config: Partial<Config>) {
    this.sim = sim;
    const { ports } = sim;
    const load = { ...DEFAULTS, rxLimit: LIMIT, halfOpen: 65_535, ackDelayMs: 100, ...config };
    Object.assign(ports, {
      mac: BigInt(CARD.mac),
      ip: CARD.ip,
      prefix_len: 24,
      lookup_key: sim.random.bigint(128),
      isn_key: sim.random.bigint(128),
      cfg: CONFIG.encode(load),
      memory_base: BASE,
      tx_limit: LIMIT,
      m_event_ready: 1,
    });
    const memory = new CardMemory(ports, sim.random.fork('memory'), BASE, 512 * 2048);
    memory.timing = { pause: 0, latency: [40, 40] }; // 256 ns, of DDR4 with its controller
    this.#source = sim.source('s_mac_axis');
    this.#sink = sim.sink('m_mac_axis');
    sim.reset();
    sim.fork(memory.serve());
    sim.until('ready', { max: 80_000 });
    ports.enable = 1;
    sim.cycles(300);
    sim.fork(this.#watch());
    sim.fork(this.#hear());
    sim.fork(this.#read());
    sim.fork(this.#write());
    Object.assign(ports, { s_port: PORT, s_port_open: 1, s_port_valid: 1 });
    sim.cycles(1);
    ports.s_port_valid = 0;
    this.#source.enqueue(this.#ethernet(frames.TYPE_ARP, this.#question()));
    sim.cycles(1000);
  }

  static async open({ sessionsLog2, config = {} }: LoadOptions): Promise<EngineLoad> {
    const parameters = { SESSIONS_LOG2: sessionsLog2, BUFFERS_LOG2: 9, NODES_LOG2: 10 };
    const sim = await simulate('hdl/toe/toe_engine.sv', { parameters });
    return new EngineLoad(sim as Simulation<AnyPorts>, config);
  }

  /** Opens so many sessions from the peer's side, SYNs back to back. @returns cycles of each. */
  openSessions(count: number): number {
    const start = this.sim.cycle;
    const first = this.sessions.length;
    for (let i = 0; i < count; i++) {
      const session: LoadSession = {
        port: FIRST_PORT + this.sessions.length,
        ...{ number: -1, cardIsn: 0, sent: 0, told: 0, asked: 0, read: 0 },
        ...{ written: 0, come: 0, acknowledged: 0, known: 0, opened: false },
      };
      this.sessions.push(session);
    }
    const opened = this.sessions.slice(first);
    // As many as have room where segments wait
    for (let at = 0; at < count; at += 100) {
      for (const session of opened.slice(at, at + 100)) this.say(session, 'S', 0);
      this.until(() => opened.slice(at, at + 100).every((session) => session.opened), 100_000);
    }
    return (this.sim.cycle - start) / count;
  }

  /** A segment of the peer, with the next bytes of its stream. @returns its frame, queued already. */
  say(session: LoadSession, flags: string, len: number): void {
    const isSyn = flags.includes('S');
    const route = { source: PEER.ip, destination: CARD.ip };
    const segment = frames.tcp(
      {
        sourcePort: session.port,
        destinationPort: PORT,
        seq: (PEER_ISN + (isSyn ? 0 : 1 + session.sent)) % MODULUS,
        ack: isSyn ? 0 : (session.cardIsn + 1 + session.come) % MODULUS,
        flags: flagsOf(flags),
        window: isSyn ? 65_535 : 8000,
        urgent: 0,
        ...(isSyn && { options: SYN_OPTIONS }),
      },
      bytesAt(session.sent, len),
      route,
    );
    session.sent += len;
    session.acknowledged = session.come;
    this.unacknowledged.delete(session);
    const packet = frames.ipv4({ ...route, protocol: 6 }, segment);
    this.#source.enqueue(this.#ethernet(frames.TYPE_IPV4, packet));
  }

  /** The host writes the next bytes of its stream. */
  write(session: LoadSession, len: number): void {
    this.#toWrite.push({ session, len });
    session.written += len;
  }

  command(op: number, session: LoadSession, value = 0): void {
    const { ports } = this.sim;
    ports.s_cmd_tdata = COMMAND.encode({ op, session: session.number, value });
    this.sim.run(offer(this.sim.ports, 's_cmd'));
  }

  nodelay(session: LoadSession): void {
    this.command(OP.options, session, 1);
  }

  /** Runs until something holds. @returns cycles it took. @throws after `max` cycles. */
  until(holds: () => boolean, max: number): number {
    const start = this.sim.cycle;
    while (!holds()) {
      if (this.sim.cycle - start > max) throw new Error(`not over after ${max} cycles`);
      if (this.#drops > 0) throw new Error('a segment found no room');
      this.sim.cycles(1);
    }
    return this.sim.cycle - start;
  }

  /** Whether the peer's frames are all in. */
  get isSaid(): boolean {
    return this.#source.isIdle;
  }

  get writesWaiting(): number {
    return this.#toWrite.length;
  }

  #question(): Uint8Array {
    const from = { senderMac: PEER.mac, senderIp: PEER.ip };
    return frames.arp({ operation: 1, ...from, targetMac: 0, targetIp: CARD.ip });
  }

  #ethernet(type: number, packet: Uint8Array): Uint8Array {
    const frame = frames.ethernet({ to: CARD.mac, from: PEER.mac, type }, packet);
    return Uint8Array.from([...frame, ...new Uint8Array(Math.max(0, 60 - frame.length))]);
  }

  /** Frames of the card, and what the peer says to them. */
  *#watch(): Task<never> {
    for (;;) {
      for (const { data } of this.#sink.frames.splice(0)) this.#onFrame(data);
      yield;
    }
  }

  #onFrame(frame: Uint8Array): void {
    if (frames.number(frame, 12, 2) !== frames.TYPE_IPV4) return;
    const session = this.sessions[frames.number(frame, 36, 2) - FIRST_PORT];
    if (!session) throw new Error('a frame to a port that has no session');
    const flags = frame[47]!;
    const len = frames.number(frame, 16, 2) - 20 - (frame[46]! >> 4) * 4;
    if (flags & flagsOf('R')) {
      if (this.mayReset) return;
      throw new Error(`session ${session.number} was reset`);
    }
    this.segments++;
    if (flags & flagsOf('S')) {
      this.synAckCycles.push(this.sim.cycle);
      session.cardIsn = frames.number(frame, 38, 4);
      this.say(session, 'A', 0);
    } else if (len > 0) {
      this.dataSegments++;
      this.dataCycles.push(this.sim.cycle);
      const at = (frames.number(frame, 38, 4) - session.cardIsn - 1 + 2 * MODULUS) % MODULUS;
      if (at !== session.come) throw new Error(`${at} came, next was ${session.come}`);
      session.come += len;
      const segments = (session.come - session.acknowledged) / MSS;
      this.unacknowledged.add(session);
      const isLast = Number.isFinite(this.acknowledgesEvery) && session.come === session.written;
      if (segments >= this.acknowledgesEvery || isLast) this.say(session, 'A', 0);
    }
  }

  *#hear(): Task<never> {
    const { ports } = this.sim;
    for (;;) {
      yield SETTLED;
      if (ports.fault !== 0) throw new Error(`fault ${ports.fault}`);
      this.#drops += ((ports.count_ip >> NO_PLACE) & 1) + ((ports.count_tcp >> NO_ROOM) & 1);
      if (ports.m_write_valid) this.#answer = ports.m_write_granted ? 'granted' : 'refused';
      if (ports.m_event_valid) this.#onEvent(ports.m_event_tdata as bigint);
      yield;
    }
  }

  #onEvent(word: bigint): void {
    this.eventCycles.push(this.sim.cycle);
    const event = EVENT.decode(word);
    const what = EVENTS.filter((_, i) => (event.what >> i) & 1);
    if (what.includes('accepted')) {
      const session = this.sessions[event.remotePort - FIRST_PORT]!;
      session.number = event.session;
      session.opened = true;
      this.#byNumber.set(event.session, session);
      return;
    }
    const session = this.#byNumber.get(event.session)!;
    const told = (event.received - PEER_ISN - 1 + MODULUS) % MODULUS;
    if (told > session.told) {
      session.told = told;
      this.#toRead.push(session);
    }
    session.known = (event.acknowledged - session.cardIsn - 1 + MODULUS) % MODULUS;
    const bad = what.find((name) => name !== 'received' && name !== 'sent');
    if (bad) throw new Error(`session ${event.session}: ${bad}`);
  }

  /** Reads what was told, and looks at the bytes; the next read waits while one is given. */
  *#read(): Task<never> {
    const { ports } = this.sim;
    const sink = this.sim.sink('m_read_axis');
    const asked: { session: LoadSession; len: number }[] = [];
    for (;;) {
      for (const { data } of sink.frames.splice(0)) {
        const { session, len } = asked.shift()!;
        if (data.length !== len) throw new Error(`read ${len}, got ${data.length}`);
        if (!bytesAt(session.read, len).equals(data)) throw new Error(`bytes at ${session.read}`);
        session.read += len;
        this.bytesRead += len;
      }
      const next = this.reads && asked.length < 8 ? this.#toRead.shift() : undefined;
      const len = next ? Math.min(next.told - next.asked, 65_535) : 0;
      if (!next || len === 0) {
        yield;
        continue;
      }
      next.asked += len;
      if (next.asked < next.told) this.#toRead.push(next);
      asked.push({ session: next, len });
      Object.assign(ports, { s_read_session: next.number, s_read_len: len });
      yield* offer(this.sim.ports, 's_read');
    }
  }

  *#write(): Task<never> {
    const { ports } = this.sim;
    const source = this.sim.source('s_write_axis');
    const at = new Map<LoadSession, number>();
    for (;;) {
      const [next] = this.#toWrite;
      const position = next ? (at.get(next.session) ?? 0) : 0;
      if (!next || position + next.len - next.session.known > LIMIT) {
        yield;
        continue;
      }
      const bytes = bytesAt(position, next.len);
      source.enqueue(Buffer.concat([bytes, new Uint8Array(-bytes.length & 7)]));
      Object.assign(ports, { s_write_session: next.session.number, s_write_len: next.len });
      this.#answer = 'none';
      yield* offer(this.sim.ports, 's_write');
      while (this.#answer === 'none') yield;
      if (this.#answer === 'granted') {
        this.#toWrite.shift();
        at.set(next.session, position + next.len);
        continue;
      }
      // The payload goes by; then room may have come
      this.refused++;
      while (!source.isIdle) yield;
    }
  }
}
