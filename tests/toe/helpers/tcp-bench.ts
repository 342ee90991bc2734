// SPDX-License-Identifier: Apache-2.0
// toe_tcp with everything around it played by the test: a peer's segments in, segments out, in
// stepped milliseconds.

import { type AnyPorts, type Simulation, simulate } from '../../../src/testbench/index.ts';
import { SessionCounts } from './session-counts.ts';
import {
  COMMAND,
  CONFIG,
  type Config,
  EVENT,
  NOTE,
  SEGMENT,
  type Segment,
  TUPLE,
} from './words.ts';

export const OP = {
  open: 0,
  close: 1,
  abort: 2,
  free: 3,
  sent: 4,
  read: 5,
  options: 6,
  urgent: 7,
} as const;

export const EVENTS = [
  'accepted',
  'opened',
  'received',
  'sent',
  'peer closed',
  'closed',
  'reset',
  'refused',
  'timed out',
  'open failed',
  'unreachable',
  'urgent',
  'stalled',
] as const;
export type EventName = (typeof EVENTS)[number];

/** What toe_tcp counts, in the order of toe_engine's `count_tcp`. */
export const COUNTS = [
  'unknown',
  'unwanted',
  'challenge',
  'flooded',
  'no_room',
  'retransmit',
  'disbelieved',
  'suppressed',
] as const;

const FLAGS = 'FSRPAU';
const LOOKUP = { find: 0, insert: 1, remove: 2 } as const;
const RXQ = ['open', 'release', 'store'] as const;
const TXQ = ['open', 'release', 'fetch', 'free'] as const;

/** As the RFCs recommend, but a closed session is gone soon. */
export const DEFAULTS: Config = {
  mss: 1460,
  rxLimit: 65_535,
  rtoMinMs: 200,
  rtoMaxMs: 60_000,
  rtoFirstMs: 1000,
  ackDelayMs: 40,
  mslMs: 30_000,
  synTries: 8,
  dataTries: 15,
  halfOpen: 8,
  keepIdleMs: 7_200_000,
  keepEveryMs: 75_000,
  keepTries: 9,
  challenges: 1000,
  stalledTries: 0,
  ttl: 64,
};

export interface TcpEvent {
  readonly session: number;
  readonly what: readonly EventName[];
  readonly received: number;
  readonly acknowledged: number;
  /** Behind the last urgent byte. */
  readonly urgent: number;
}

export interface QueueCall {
  readonly op: string;
  readonly session: number;
  readonly pos: number;
  readonly skip: number;
  readonly len: number;
}

/** Letters of flags, as in packetdrill: S, S. is SA here. */
export function flagsOf(letters: string): number {
  return [...letters].reduce((sum, letter) => sum | (1 << FLAGS.indexOf(letter)), 0);
}

/** A segment that was sent, with its flags as letters. */
export type Sent = Omit<Segment, 'flags'> & { readonly flags: string; readonly dscp: number };

/** What toe_ip tells of an ICMP error. */
export interface IcmpError extends Partial<Segment> {
  readonly kind: number;
  readonly code: number;
  readonly mtu?: number;
}

interface Incoming {
  readonly segment: Segment;
  readonly isError: boolean;
}

interface Pending {
  readonly at: number;
  readonly answer: () => void;
}

export class TcpBench {
  readonly sim: Simulation<AnyPorts>;
  readonly segments: Sent[] = [];
  readonly events: TcpEvent[] = [];
  readonly rxq: QueueCall[] = [];
  readonly txq: QueueCall[] = [];
  readonly timers = new Map<string, number>();
  readonly sessions = new Map<bigint, number>();
  readonly counts: Record<string, number> = {};
  /** Of each session, as the notes for toe_session_counters add up. */
  readonly sessionCounts = new SessionCounts();
  /** Cycles that each event took, from being taken to the next being asked for. */
  readonly eventCycles: number[] = [];
  /** Whether there is a buffer for what comes. */
  room: (call: QueueCall) => boolean = () => true;
  listening = new Set<number>();
  isn = 1_000_000;
  now: number;
  readonly config: Config;
  readonly #ports: AnyPorts;
  readonly #in: Incoming[] = [];
  readonly #commands: bigint[] = [];
  readonly #expired: [number, number][] = [];
  readonly #free: number[];
  readonly #pending: Pending[] = [];
  #taken = -1;
  #payloads = 0;
  #stores = 0;

  private constructor(sim: Simulation<AnyPorts>, config: Partial<Config>, now: number) {
    this.sim = sim;
    this.#ports = sim.ports;
    this.config = { ...DEFAULTS, ...config };
    this.now = now;
    this.#free = Array.from({ length: 16 }, (_, i) => i);
  }

  static async open(config: Partial<Config> = {}, now = 5_000_000): Promise<TcpBench> {
    const sim = await simulate('hdl/toe/toe_tcp.sv', { parameters: { SESSIONS_LOG2: 4 } });
    const bench = new TcpBench(sim as Simulation<AnyPorts>, config, now);
    const ports = bench.#ports;
    bench.fetchRoom = true;
    for (const name of ['lookup', 'isn', 'timer', 'rxq', 'txq', 'seg', 'event']) {
      ports[`m_${name}_ready`] = 1;
    }
    ports.ip = 0x0a4d_0002;
    ports.prefix_len = 24;
    sim.reset();
    sim.until('ready', { max: 100 });
    return bench;
  }

  /** Whether toe_queues has room for what it fetches. */
  set fetchRoom(has: boolean) {
    this.#ports.txq_room = Number(has);
  }

  /** A segment of the peer; its payload, if any, waits in toe_ip. */
  inject(segment: Partial<Segment>): void {
    this.injectAll([segment]);
  }

  /** An ICMP error about a segment whose sequence number is `seq`, as toe_tcp_ingress hands it on. */
  injectError({ kind, code, mtu = 0, seq = 0, ...tuple }: IcmpError): void {
    const segment = { ...tuple, ack: seq, window: mtu, urgent: kind * 256 + code };
    this.#in.push({ segment: SEGMENT.decode(SEGMENT.encode(segment)), isError: true });
    this.settle();
  }

  /** Several that come back to back. */
  injectAll(segments: readonly Partial<Segment>[]): void {
    for (const segment of segments) {
      this.#in.push({ segment: SEGMENT.decode(SEGMENT.encode(segment)), isError: false });
    }
    this.settle();
  }

  command(op: number, session: number, values: Partial<Segment> & { value?: number } = {}): void {
    this.#commands.push(COMMAND.encode({ ...pick(values), op, session }));
    this.settle();
  }

  /** Lets milliseconds pass; timers expire in the one they are due. */
  advance(milliseconds: number): void {
    for (let i = 0; i < milliseconds; i++) {
      this.now += 1;
      for (const [key, at] of this.timers) {
        if (at !== this.now % 2 ** 32) continue;
        this.timers.delete(key);
        const [session, timer] = key.split('/').map(Number) as [number, number];
        this.#expired.push([session, timer]);
      }
      if (this.#expired.length > 0) this.settle();
    }
  }

  /** Runs until nothing happens any more; by then each payload has been asked for or dropped, once. */
  settle(): void {
    for (let quiet = 0, all = 0; quiet < 40; quiet++, all++) {
      if (all > 200_000) throw new Error('the engine does not come to rest');
      if (this.#cycle()) quiet = 0;
    }
    if (this.#payloads !== this.#stores) {
      throw new Error(`${this.#payloads} payloads came, ${this.#stores} were asked for or dropped`);
    }
  }

  /** Takes what was sent so far. */
  take(): Sent[] {
    return this.segments.splice(0);
  }

  takeEvents(): TcpEvent[] {
    return this.events.splice(0);
  }

  #cycle(): boolean {
    const ports = this.#ports;
    const cycle = this.sim.cycle;
    ports.now_ms = this.now % 2 ** 32;
    ports.cfg = CONFIG.encode(this.config);
    const incoming = this.#in[0];
    ports.s_seg_valid = Number(incoming !== undefined);
    if (incoming) {
      const { segment, isError } = incoming;
      const session = this.sessions.get(tupleOf(segment));
      ports.s_seg_tdata = SEGMENT.encode(segment);
      ports.s_seg_error = Number(isError);
      ports.s_seg_found = Number(session !== undefined);
      ports.s_seg_session = session ?? 0;
      ports.s_seg_listening = Number(this.listening.has(segment.localPort));
    }
    const command = this.#commands[0];
    ports.s_cmd_valid = Number(command !== undefined);
    if (command !== undefined) ports.s_cmd_tdata = command;
    const expired = this.#expired[0];
    ports.s_expired_valid = Number(expired !== undefined);
    if (expired) [ports.s_expired_session, ports.s_expired_timer] = expired;
    ports.s_lookup_valid = ports.s_isn_valid = ports.s_grant_valid = 0;
    const due = this.#pending.findIndex(({ at }) => at <= cycle);
    if (due >= 0) this.#pending.splice(due, 1)[0]!.answer();
    this.sim.settle();
    let active = due >= 0 || this.#pending.length > 0;
    const taken = (valid: string, ready: string) => ports[valid] === 1 && ports[ready] === 1;
    const starts =
      taken('s_seg_valid', 's_seg_ready') ||
      taken('s_cmd_valid', 's_cmd_ready') ||
      taken('s_expired_valid', 's_expired_ready');
    if (starts) {
      if (this.#taken >= 0) this.eventCycles.push(cycle - this.#taken);
      this.#taken = cycle;
      active = true;
    }
    if (taken('s_seg_valid', 's_seg_ready') && this.#in.shift()!.segment.len > 0) this.#payloads++;
    if (taken('s_cmd_valid', 's_cmd_ready')) this.#commands.shift();
    if (taken('s_expired_valid', 's_expired_ready')) this.#expired.shift();
    if (taken('m_lookup_valid', 'm_lookup_ready')) this.#look(cycle);
    if (taken('m_isn_valid', 'm_isn_ready')) {
      const isn = this.isn;
      this.#pending.push({
        at: cycle + 9,
        answer: () => {
          ports.s_isn_valid = 1;
          ports.s_isn = isn;
        },
      });
    }
    if (taken('m_timer_valid', 'm_timer_ready')) {
      const key = `${ports.m_timer_session}/${ports.m_timer_timer}`;
      const at = ports.m_timer_at as number;
      if (ports.m_timer_set) this.timers.set(key, at);
      else this.timers.delete(key);
    }
    if (taken('m_rxq_valid', 'm_rxq_ready')) {
      const call = this.#call(RXQ, 'm_rxq', ports.m_rxq_skip as number);
      this.rxq.push(call);
      if (call.op === 'store') this.#stores++;
      if (call.op === 'store') {
        const ok = Number(call.len > 0 && this.room(call));
        this.#pending.push({
          at: cycle + 3,
          answer: () => {
            ports.s_grant_valid = 1;
            ports.s_grant_ok = ok;
          },
        });
      }
    }
    if (taken('m_txq_valid', 'm_txq_ready')) this.txq.push(this.#call(TXQ, 'm_txq', 0));
    if (taken('m_seg_valid', 'm_seg_ready')) {
      const sent = SEGMENT.decode(ports.m_seg_tdata as bigint);
      const flags = [...FLAGS].filter((_, i) => (sent.flags >> i) & 1).join('');
      this.segments.push({ ...sent, flags, dscp: ports.m_seg_dscp as number });
      active = true;
    }
    if (taken('m_event_valid', 'm_event_ready')) {
      const event = EVENT.decode(ports.m_event_tdata as bigint);
      const what = EVENTS.filter((_, i) => (event.what >> i) & 1);
      this.events.push({ ...event, what });
      active = true;
    }
    for (const name of COUNTS) {
      if (ports[`count_${name}`]) this.counts[name] = (this.counts[name] ?? 0) + 1;
    }
    if (ports.m_note_valid) this.sessionCounts.add(NOTE.decode(ports.m_note_tdata as bigint));
    this.sim.cycles(1);
    return active || this.#in.length + this.#commands.length + this.#expired.length > 0;
  }

  #call(names: readonly string[], prefix: string, skip: number): QueueCall {
    const ports = this.#ports;
    const op = names[ports[`${prefix}_op`] as number]!;
    const session = ports[`${prefix}_session`] as number;
    return { op, session, pos: ports[`${prefix}_pos`], skip, len: ports[`${prefix}_len`] };
  }

  #look(cycle: number): void {
    const ports = this.#ports;
    const op = ports.m_lookup_op as number;
    const tuple = ports.m_lookup_tuple as bigint;
    if (op === LOOKUP.remove) {
      const session = ports.m_lookup_session as number;
      if (this.sessions.get(tuple) !== session) throw new Error(`removes ${session}, not there`);
      this.sessions.delete(tuple);
      this.#free.push(session);
      return;
    }
    const found = this.sessions.get(tuple);
    const fresh = found === undefined && op === LOOKUP.insert ? this.#free.shift() : undefined;
    if (fresh !== undefined) this.sessions.set(tuple, fresh);
    const session = found ?? fresh;
    this.#pending.push({
      at: cycle + 4,
      answer: () => {
        ports.s_lookup_valid = 1;
        ports.s_lookup_found = Number(found !== undefined);
        ports.s_lookup_ok = Number(session !== undefined);
        ports.s_lookup_session = session ?? 0;
      },
    });
  }
}

function tupleOf({ remoteIp, remotePort, localPort }: Segment): bigint {
  return TUPLE.encode({ remoteIp, remotePort, localPort });
}

function pick({
  remoteIp = 0,
  remotePort = 0,
  localPort = 0,
  value = 0,
}: {
  remoteIp?: number;
  remotePort?: number;
  localPort?: number;
  value?: number;
}) {
  return { remoteIp, remotePort, localPort, value };
}
