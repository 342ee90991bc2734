// SPDX-License-Identifier: Apache-2.0
// The host of the card: writes, reads, closes, aborts and frees as it likes, within what it owes; and what
// events may tell it.

import type { Random } from '../../../src/testbench/index.ts';
import { EVENTS, type EventName, OP } from '../../../tests/toe/helpers/tcp-bench.ts';
import { distance, fill, findWrong, wrap } from './content.ts';
import type { Connection, Conversation } from './conversation.ts';
import type { Engine, EngineEvent } from './engine.ts';
import { Violation } from './violation.ts';

const ENDS: readonly EventName[] = ['closed', 'reset', 'timed out', 'refused'];
/** Bytes of one write, and of one read, at most. */
const MOST = 5000;

/** What the host means to do with a session; undefined: whatever comes to its mind. */
export interface Plan {
  /** Bytes to write before it closes. */
  readonly write: number;
  /** Told once, when all is over. */
  onEnd(session: HostSession): void;
}

export class HostSession {
  readonly number: number;
  readonly conversation: Conversation;
  readonly connection: Connection;
  readonly plan: Plan | undefined;
  readonly happened = new Set<EventName>();
  /** Bytes told, asked for and read; written, with those without an answer, and acknowledged. */
  told = 0;
  asked = 0;
  read = 0;
  writing = 0;
  acknowledged = 0;
  isReader = true;
  isClosing = false;
  isBroken = false;
  /** ABORT or FREE is on its way. */
  isLeaving = false;
  isOver = false;

  constructor(
    number: number,
    conversation: Conversation,
    connection: Connection,
    plan: Plan | undefined,
  ) {
    this.number = number;
    this.conversation = conversation;
    this.connection = connection;
    this.plan = plan;
  }

  /** Nothing is asked that has no answer yet. */
  get isAnswered(): boolean {
    return this.asked === this.read && this.writing === this.connection.written;
  }
}

export interface HostWorld {
  conversation(remoteIp: number, remotePort: number, localPort: number): Conversation;
  planOf(conversation: Conversation): Plan | undefined;
}

export class Host {
  readonly sessions = new Map<number, HostSession>();
  readonly counts = new Map<string, number>();
  readonly #engine: Engine;
  readonly #world: HostWorld;
  readonly #random: Random;
  readonly #mslMs: number;
  /** What happens when a command was carried out, in order. */
  readonly #issued: (() => void)[] = [];
  readonly #reads: { readonly session: HostSession; readonly len: number }[] = [];
  readonly #writes: { readonly session: HostSession; readonly len: number; broken: boolean }[] = [];

  constructor(engine: Engine, world: HostWorld, random: Random, mslMs: number) {
    this.#engine = engine;
    this.#world = world;
    this.#random = random;
    this.#mslMs = mslMs;
  }

  open(conversation: Conversation): void {
    const { remoteIp, remotePort, localPort } = conversation;
    conversation.opens++;
    this.#command({ op: OP.open, remoteIp, remotePort, localPort }, () => {});
  }

  abort(session: HostSession): void {
    if (session.isLeaving) return;
    session.isLeaving = true;
    session.connection.mayReset = true;
    this.#command({ op: OP.abort, session: session.number }, () => {
      session.connection.isOpen = false;
      session.connection.overAt ??= this.#engine.sim.cycle;
      this.sessions.delete(session.number);
    });
  }

  /** Forgets a session that is over, or one that is not. */
  free(session: HostSession): void {
    if (session.isLeaving) return;
    session.isLeaving = true;
    session.connection.mayReset ||= !session.isOver;
    this.#command({ op: OP.free, session: session.number }, () => {
      session.connection.isOpen = false;
      this.sessions.delete(session.number);
    });
  }

  close(session: HostSession): void {
    if (session.isClosing || session.isLeaving) return;
    session.isClosing = true;
    session.connection.isClosing = true;
    this.#command({ op: OP.close, session: session.number }, () => {
      session.connection.closedFirst = !session.connection.peerClosed;
    });
  }

  write(session: HostSession, len: number, broken = false): void {
    const bytes = fill(new Uint8Array(len), session.conversation.hostSalt, session.writing);
    session.writing += len;
    session.isBroken ||= broken;
    if (broken) session.connection.mayReset = true;
    this.#writes.push({ session, len, broken });
    this.#engine.write(session.number, bytes, broken);
  }

  /** Reads what was told. */
  read(session: HostSession, most = MOST): void {
    const len = Math.min(session.told - session.asked, most);
    if (len <= 0 || session.isLeaving) return;
    session.asked += len;
    this.#reads.push({ session, len });
    this.#engine.read(session.number, len);
  }

  /** Some of what a host does. */
  act(): void {
    for (const session of this.sessions.values()) {
      if (session.plan) this.#follow(session, session.plan);
      else if (this.#random.chance(0.3)) this.#play(session);
    }
  }

  /** Ends all sessions that follow no plan. */
  abortAll(): void {
    for (const session of this.sessions.values()) {
      if (session.plan && !session.isOver) continue;
      this.read(session);
      if (session.isAnswered) this.abort(session);
    }
  }

  onCommandTaken(): void {
    const done = this.#issued.shift();
    if (!done) throw new Violation('a command was carried out that nobody gave');
    done();
  }

  onWrite(granted: boolean): void {
    const write = this.#writes.shift();
    if (!write) throw new Violation('an answer to no write');
    const { session, len, broken } = write;
    if (granted && !broken) session.connection.written += len;
    else session.writing -= len;
    this.#count(granted ? 'writes' : 'writes refused');
  }

  onRead(bytes: Uint8Array): void {
    const read = this.#reads.shift();
    if (!read) throw new Violation('an answer to no read');
    const { session, len } = read;
    const { conversation, connection } = session;
    if (bytes.length !== len) throw new Violation(`a read of ${len} bytes gave ${bytes.length}`);
    const wrong = findWrong(bytes, conversation.salt, wrap(connection.irs! + 1 + session.read));
    if (wrong >= 0) {
      throw new Violation(
        `byte ${session.read + wrong} of ${len} is not what the peer sent, it is ${bytes[wrong]}; ${conversation.describe()}`,
      );
    }
    session.read += len;
    this.#count('bytes read', len);
  }

  onEvent(event: EngineEvent): void {
    const what = EVENTS.filter((_, i) => (event.what >> i) & 1);
    for (const name of what) this.#count(name);
    const { remoteIp, remotePort, localPort } = event;
    const conversation = this.#world.conversation(remoteIp, remotePort, localPort);
    if (what.includes('accepted') || what.includes('opened')) {
      this.#begin(event, conversation, what);
      return;
    }
    const session = this.sessions.get(event.session);
    const isOfOpen = what.includes('open failed') || session?.conversation !== conversation;
    if (isOfOpen && conversation.opens > 0) this.#onFailedOpen(event, conversation, what);
    else if (!session) throw new Violation(`${what} of session ${event.session}, nobody's`);
    else if (!session.isLeaving) this.#onSession(session, event, what);
    else if (what.some((name) => ENDS.includes(name))) this.#end(session, what);
  }

  #begin(event: EngineEvent, conversation: Conversation, what: readonly EventName[]): void {
    const { session: number, received, acknowledged } = event;
    const known = this.sessions.get(number);
    if (known) throw new Violation(`session ${number} is ${what}, and was not freed before`);
    if (what.length > 1) throw new Violation(`a first event of ${what}`);
    if (what.includes('opened')) conversation.opens--;
    const connection = conversation.open(received, acknowledged, this.#engine.sim.cycle);
    if (connection.isActive !== what.includes('opened')) throw new Violation(`${what}, not asked`);
    const plan = this.#world.planOf(conversation);
    const session = new HostSession(number, conversation, connection, plan);
    session.isReader = plan !== undefined || this.#random.chance(0.8);
    this.sessions.set(number, session);
  }

  #onFailedOpen(event: EngineEvent, conversation: Conversation, what: readonly EventName[]): void {
    if (!what.some((name) => ['open failed', 'refused', 'timed out'].includes(name))) return;
    conversation.opens--;
    if (what.includes('open failed')) return;
    conversation.failedAt = this.#engine.now;
    if (conversation.connection) conversation.connection.overAt ??= this.#engine.sim.cycle;
    this.#command({ op: OP.free, session: event.session }, () => {});
  }

  #onSession(session: HostSession, event: EngineEvent, what: readonly EventName[]): void {
    const { connection, conversation } = session;
    const bad = (why: string) => new Violation(`${why} (${what}); ${conversation.describe()}`);
    if (session.isOver) throw bad('an event of a session that is over');
    for (const name of what) session.happened.add(name);
    const position = conversation.checkReceived(connection, event.received);
    if (what.includes('peer closed')) {
      if (connection.peerClosed) throw bad('the peer closed twice');
      if (!connection.fins.has(position - 1)) throw bad(`no FIN at ${position - 1}`);
      connection.peerClosed = true;
    }
    const told = position - Number(connection.peerClosed);
    if (told < session.told) throw bad(`received ${told} after ${session.told}`);
    session.told = told;
    const acknowledged = distance(wrap(connection.iss + 1), event.acknowledged);
    const most = connection.written + Number(connection.isClosing);
    if (acknowledged < session.acknowledged || acknowledged > most) {
      throw bad(`acknowledged ${acknowledged} of ${most}`);
    }
    session.acknowledged = acknowledged;
    if (
      what.includes('reset') &&
      !session.isBroken &&
      !conversation.hasHeardReset(event.received)
    ) {
      throw bad('reset, by no segment');
    }
    if (what.includes('closed') && !(connection.peerClosed && connection.isClosing)) {
      throw bad('closed, and both sides have not');
    }
    if (what.some((name) => ENDS.includes(name))) this.#end(session, what);
  }

  #end(session: HostSession, what: readonly EventName[]): void {
    const { connection } = session;
    session.isOver = true;
    connection.isOpen = false;
    connection.overAt = this.#engine.sim.cycle;
    if (what.includes('closed') && connection.closedFirst) {
      connection.timeWaitUntil = this.#engine.now + 2 * this.#mslMs;
    }
    if (session.plan && !session.isLeaving && !what.includes('closed')) {
      throw new Violation(`a session beside it ended: ${what}; ${session.conversation.describe()}`);
    }
  }

  #command(values: Parameters<Engine['command']>[0], done: () => void): void {
    this.#issued.push(done);
    this.#engine.command(values);
  }

  #follow(session: HostSession, plan: Plan): void {
    this.read(session);
    if (session.isLeaving || !session.isAnswered) return;
    const left = plan.write - session.connection.written;
    if (session.isOver) {
      if (session.read < session.told) return;
      this.free(session);
      plan.onEnd(session);
    } else if (left > 0) this.write(session, Math.min(left, this.#random.int(1, MOST)));
    else this.close(session);
  }

  #play(session: HostSession): void {
    const random = this.#random;
    if (session.isReader || random.chance(0.1)) this.read(session, random.int(1, MOST));
    if (session.isLeaving || !session.isAnswered) return;
    if (session.isOver) {
      if (random.chance(0.5)) this.free(session);
      return;
    }
    const draw = random.float();
    const mayWrite = !session.isClosing && !session.isBroken;
    if (draw < 0.4 && mayWrite) this.write(session, random.pick([1, 10, 500, random.int(1, MOST)]));
    else if (draw < 0.5) this.close(session);
    else if (draw < 0.52) this.abort(session);
    else if (draw < 0.54 && session.isClosing) this.free(session);
    else if (draw < 0.55 && mayWrite) this.write(session, random.int(1, 100), true);
    else if (draw < 0.58) this.#urge(session);
    else if (draw < 0.61) this.#choose(session);
  }

  #urge(session: HostSession): void {
    if (!session.isClosing) this.#command({ op: OP.urgent, session: session.number }, () => {});
  }

  #choose(session: HostSession): void {
    const value = this.#random.int(4);
    session.connection.keepalive ||= (value & 2) !== 0;
    this.#command({ op: OP.options, session: session.number, value }, () => {});
  }

  #count(name: string, by = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + by);
  }
}
