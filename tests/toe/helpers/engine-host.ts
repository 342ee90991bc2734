// SPDX-License-Identifier: Apache-2.0
// toe_engine with its memory and a host that writes, reads and hears of events, as tasks. Beside it runs one
// whose clocks rest: it may never say anything else.

import {
  type AnyPorts,
  SETTLED,
  type Simulation,
  simulate,
  type Task,
} from '../../../src/testbench/index.ts';
import { CardMemory } from '../bench/card-memory.ts';
import { offer } from './offer.ts';
import { DEFAULTS, EVENTS, type EventName, OP } from './tcp-bench.ts';
import {
  COMMAND,
  CONFIG,
  type Config,
  EVENT,
  SESSION_COUNTERS,
  type SessionCounters,
} from './words.ts';

const MODULUS = 2 ** 32;
const BASE = 0x8000_0000n;
const LOG2 = { SESSIONS_LOG2: 6, BUFFERS_LOG2: 8, NODES_LOG2: 9 };
const BUFFERS = 2 ** LOG2.BUFFERS_LOG2;
const NODES = 2 ** LOG2.NODES_LOG2;
const TX_LIMIT = 100_000;
/** Bytes of one write, and of one read, at most. */
const MOST = 4096;

/** A session as its host knows it. */
export class HostSession {
  readonly session: number;
  readonly remotePort: number;
  readonly localPort: number;
  readonly received: Uint8Array[] = [];
  readonly toWrite: Uint8Array[] = [];
  readonly happened = new Set<EventName>();
  /** Positions: told as received, asked to read; written, acknowledged. */
  told: number | undefined;
  asked = 0;
  bytesRead = 0;
  written = 0;
  acknowledged = 0;
  acknowledgedTo: number | undefined;
  closes = false;
  closed = false;
  freed = false;

  constructor(session: number, remotePort: number, localPort: number) {
    this.session = session;
    this.remotePort = remotePort;
    this.localPort = localPort;
  }

  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += MOST)
      this.toWrite.push(bytes.subarray(at, at + MOST));
  }

  get bytes(): Buffer {
    return Buffer.concat(this.received);
  }
}

export class EngineHost {
  readonly sim: Simulation<AnyPorts>;
  readonly mac: number;
  readonly ip: number;
  readonly sessions = new Map<number, HostSession>();
  /** All there were, those that are freed, too. */
  readonly all: HostSession[] = [];
  /** Outcomes of opens that failed. */
  readonly failed: EventName[][] = [];
  readonly memory: CardMemory;
  readonly counts: number[] = [0, 0, 0, 0, 0, 0, 0, 0];
  /** Segments that toe_ip handed to toe_tcp. */
  segmentsTaken = 0;
  readonly #commands: bigint[] = [];
  readonly #sink;
  readonly #source;

  private constructor(sim: Simulation<AnyPorts>, number: number, config: Partial<Config>) {
    this.sim = sim;
    const ports = sim.ports;
    this.mac = 0x0200_0000_0000 + number;
    this.ip = 0x0a4d_0000 + number;
    Object.assign(ports, {
      mac: BigInt(this.mac),
      ip: this.ip,
      prefix_len: 24,
      lookup_key: sim.random.bigint(128),
      isn_key: sim.random.bigint(128),
      cfg: CONFIG.encode({ ...DEFAULTS, mslMs: 20, ...config }),
      memory_base: BASE,
      tx_limit: TX_LIMIT,
      m_event_ready: 1,
    });
    this.memory = new CardMemory(ports, sim.random.fork('memory'), BASE, BUFFERS * 2048);
    this.#source = sim.source('s_mac_axis');
    this.#sink = sim.sink('m_mac_axis');
    sim.reset();
    sim.fork(this.memory.serve());
    sim.until('ready', { max: 80_000 });
    ports.enable = 1;
    sim.fork(this.#hear());
    sim.fork(this.#command());
    sim.fork(this.#write());
    sim.fork(this.#read());
  }

  static async open(number: number, config: Partial<Config> = {}): Promise<EngineHost> {
    const sim = await simulate('tests/toe/hdl/engine_twins.sv', { parameters: LOG2 });
    return new EngineHost(sim as Simulation<AnyPorts>, number, config);
  }

  listen(port: number): void {
    const { ports } = this.sim;
    Object.assign(ports, { s_port: port, s_port_open: 1, s_port_valid: 1 });
    this.sim.cycles(1);
    ports.s_port_valid = 0;
  }

  connect(remoteIp: number, remotePort: number, localPort: number): void {
    this.#commands.push(COMMAND.encode({ op: OP.open, remoteIp, remotePort, localPort }));
  }

  command(op: number, session: number): void {
    this.#commands.push(COMMAND.encode({ op, session }));
  }

  /** A millisecond passes, and so many cycles. */
  tick(cycles: number): void {
    this.sim.ports.tick_ms = 1;
    this.sim.cycles(1);
    this.sim.ports.tick_ms = 0;
    this.sim.cycles(cycles - 1);
  }

  /** What the engine counted of a session. */
  counters(session: number): SessionCounters {
    const { ports } = this.sim;
    Object.assign(ports, { s_look_session: session, s_look_valid: 1 });
    this.sim.until('s_look_ready', { max: 100 });
    this.sim.cycles(1);
    ports.s_look_valid = 0;
    this.sim.until('m_counters_valid', { max: 10 });
    return SESSION_COUNTERS.decode(ports.m_counters as bigint);
  }

  /** Frames sent so far. */
  take(): Uint8Array[] {
    return this.#sink.frames.splice(0).map(({ data }) => data);
  }

  deliver(frame: Uint8Array): void {
    this.#source.enqueue(frame);
  }

  /** All that a session took is back. */
  get isEmpty(): boolean {
    const { ports } = this.sim;
    return ports.in_use === 0 && ports.free_buffers === BUFFERS && ports.free_nodes === NODES;
  }

  get state(): string {
    const { in_use, free_buffers, free_nodes, half_open } = this.sim.ports;
    return JSON.stringify({ in_use, free_buffers, free_nodes, half_open, counts: this.counts });
  }

  *#hear(): Task<never> {
    const { ports } = this.sim;
    for (;;) {
      yield SETTLED;
      if (ports.fault !== 0) throw new Error(`fault ${ports.fault}`);
      if (ports.differ !== 0) throw new Error('the engine whose clocks rest says something else');
      for (let i = 0; i < 8; i++) if ((ports.count_tcp >> i) & 1) this.counts[i]!++;
      this.segmentsTaken += Number(BigInt(ports.count_ip) & 1n);
      if (ports.m_event_valid && ports.m_event_ready) this.#onEvent(ports.m_event_tdata as bigint);
      yield;
    }
  }

  #onEvent(word: bigint): void {
    const event = EVENT.decode(word);
    const what = EVENTS.filter((_, i) => (event.what >> i) & 1);
    let session = this.sessions.get(event.session);
    if (what.includes('accepted') || what.includes('opened')) {
      session = new HostSession(event.session, event.remotePort, event.localPort);
      this.sessions.set(event.session, session);
      this.all.push(session);
      session.told = event.received;
      session.acknowledgedTo = event.acknowledged;
    }
    if (!session && what.some((name) => name === 'refused' || name === 'open failed')) {
      this.failed.push(what);
      this.command(OP.free, event.session);
      return;
    }
    if (!session)
      throw new Error(`${what} of session ${event.session}, which the host does not know`);
    for (const name of what) session.happened.add(name);
    const fin = what.includes('peer closed') ? 1 : 0;
    const more = (event.received - session.told! + MODULUS) % MODULUS;
    if (what.includes('received') || fin) {
      session.told = event.received;
      this.#toRead(session, more - fin);
    }
    if (what.includes('sent')) {
      session.acknowledged += (event.acknowledged - session.acknowledgedTo! + MODULUS) % MODULUS;
      session.acknowledgedTo = event.acknowledged;
    }
  }

  readonly #reads: { session: HostSession; len: number }[] = [];

  #toRead(session: HostSession, bytes: number): void {
    for (let left = bytes; left > 0; left -= MOST) {
      this.#reads.push({ session, len: Math.min(left, MOST) });
      session.asked += Math.min(left, MOST);
    }
  }

  *#command(): Task<never> {
    const { ports } = this.sim;
    for (;;) {
      const command = this.#commands.shift();
      if (command === undefined) {
        yield;
        continue;
      }
      ports.s_cmd_tdata = command;
      yield* offer(this.sim.ports, 's_cmd');
    }
  }

  *#write(): Task<never> {
    const { ports } = this.sim;
    const source = this.sim.source('s_write_axis');
    for (;;) {
      const session = [...this.sessions.values()].find(
        ({ toWrite, written, acknowledged }) =>
          toWrite.length > 0 && written - acknowledged + toWrite[0]!.length <= TX_LIMIT,
      );
      this.#finish();
      if (!session) {
        yield;
        continue;
      }
      const bytes = session.toWrite.shift()!;
      session.written += bytes.length;
      Object.assign(ports, { s_write_session: session.session, s_write_len: bytes.length });
      ports.s_write_valid = 1;
      source.enqueue(Buffer.concat([bytes, new Uint8Array(-bytes.length & 7)]));
      let accepted = false;
      for (;;) {
        yield SETTLED;
        const taken = ports.s_write_valid && ports.s_write_ready;
        if (ports.m_write_valid) {
          if (!ports.m_write_granted) throw new Error(`a write of ${bytes.length} was refused`);
          accepted = true;
        }
        yield;
        if (taken) ports.s_write_valid = 0;
        if (accepted) break;
      }
    }
  }

  /** Closes and frees what is over. */
  #finish(): void {
    for (const session of this.sessions.values()) {
      if (session.closes && !session.closed && session.toWrite.length === 0) {
        // Behind the last bytes: those that were added by now
        if (session.acknowledged < session.written) continue;
        session.closed = true;
        this.command(OP.close, session.session);
      }
      const over = session.happened.has('closed') || session.happened.has('reset');
      const isRead = session.bytesRead === session.asked;
      if (over && isRead) {
        this.sessions.delete(session.session);
        session.freed = true;
        this.command(OP.free, session.session);
      }
    }
  }

  *#read(): Task<never> {
    const { ports } = this.sim;
    const sink = this.sim.sink('m_read_axis');
    for (;;) {
      const read = this.#reads.shift();
      if (!read) {
        yield;
        continue;
      }
      Object.assign(ports, { s_read_session: read.session.session, s_read_len: read.len });
      yield* offer(this.sim.ports, 's_read');
      const { data } = yield* sink.receive();
      if (data.length !== read.len) throw new Error(`read ${read.len}, got ${data.length}`);
      read.session.received.push(data);
      read.session.bytesRead += data.length;
    }
  }
}
