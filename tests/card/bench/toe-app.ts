// SPDX-License-Identifier: Apache-2.0
// A program on the host of a card: sessions that write, read, close and are freed, as a task.

import { StatusCode } from '../../../src/driver/generated/registers.ts';
import type { Task } from '../../../src/testbench/index.ts';
import {
  HOST_BASE,
  type ToeCard,
  type ToeDescriptor,
  type ToeEntry,
  type ToeEventName,
} from './toe-card.ts';

const MODULUS = 2 ** 32;
const RING = 16;
const OVER: readonly ToeEventName[] = ['CLOSED', 'RESET', 'REFUSED', 'TIMED_OUT'];

interface Work {
  readonly descriptor: ToeDescriptor;
  readonly answered: (entry: ToeEntry) => void;
}

export class AppSession {
  readonly session: number;
  readonly remotePort: number;
  readonly localPort: number;
  readonly happened = new Set<ToeEventName>();
  readonly #origin: { received: number; acknowledged: number };
  readonly received: Uint8Array[] = [];
  readonly toWrite: Uint8Array[] = [];
  told = 0;
  asked = 0;
  bytesRead = 0;
  acknowledged = 0;
  /** Bytes whose WRITE was answered with OK, and how often one was refused. */
  written = 0;
  refused = 0;
  isWriting = false;
  closes = false;
  closed = false;
  freeing = false;
  freed = false;

  constructor({ session, remotePort, localPort, received, acknowledged }: ToeEntry) {
    this.session = session;
    this.remotePort = remotePort;
    this.localPort = localPort;
    this.#origin = { received, acknowledged };
  }

  /** The port that tells sessions of both ends apart. */
  get name(): number {
    return Math.max(this.remotePort, this.localPort);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.received);
  }

  hear({ events, received, acknowledged }: ToeEntry): void {
    for (const name of events) this.happened.add(name);
    const fin = this.happened.has('PEER_CLOSED') ? 1 : 0;
    if (events.includes('RECEIVED') || events.includes('PEER_CLOSED'))
      this.told = ((received - this.#origin.received + MODULUS) % MODULUS) - fin;
    if (events.includes('SENT'))
      this.acknowledged = (acknowledged - this.#origin.acknowledged + MODULUS) % MODULUS;
  }

  get isOver(): boolean {
    return OVER.some((name) => this.happened.has(name));
  }
}

export class ToeApp {
  readonly card: ToeCard;
  /** Those that the host owns, by number. */
  readonly sessions = new Map<number, AppSession>();
  readonly all: AppSession[] = [];
  readonly failed: ToeEntry[] = [];
  /** Bytes of one write, and of one read, at most. */
  readonly most: number;
  readonly #queue: Work[] = [];
  readonly #asked = new Map<number, (entry: ToeEntry) => void>();
  #nextId = 1;

  constructor(card: ToeCard, most: number) {
    this.card = card;
    this.most = most;
  }

  do(descriptor: ToeDescriptor, answered: (entry: ToeEntry) => void = expectOk): void {
    this.#queue.push({ descriptor, answered });
  }

  get isDone(): boolean {
    return this.sessions.size === 0 && this.#queue.length === 0 && this.#asked.size === 0;
  }

  *serve(): Task<never> {
    const { card } = this;
    for (;;) {
      let got = 0;
      for (let entry = card.takeEntry(); entry; entry = card.takeEntry()) {
        this.#hear(entry);
        got++;
      }
      if (got > 0) yield* card.giveBack();
      for (const session of this.sessions.values()) this.#move(session);
      let put = 0;
      while (this.#queue.length > 0 && this.#asked.size < RING) {
        const { descriptor, answered } = this.#queue.shift() as Work;
        const id = this.#nextId++;
        this.#asked.set(id, answered);
        card.put({ ...descriptor, id });
        put++;
      }
      if (put > 0) yield* card.ringDoorbell();
      yield;
    }
  }

  #hear(entry: ToeEntry): void {
    if (entry.status !== StatusCode.EVENT) {
      const answered = this.#asked.get(entry.id);
      if (!answered) throw new Error(`an answer to nothing: ${JSON.stringify(entry)}`);
      this.#asked.delete(entry.id);
      answered(entry);
      return;
    }
    if (entry.events.includes('OPEN_FAILED')) {
      this.failed.push(entry);
      return;
    }
    let session = this.sessions.get(entry.session);
    const isNew = entry.events.includes('ACCEPTED') || entry.events.includes('OPENED');
    if (isNew) {
      if (session) throw new Error(`session ${entry.session} is given out twice`);
      if (entry.events.length > 1) throw new Error(`origins are lost: ${entry.events}`);
      session = new AppSession(entry);
      this.sessions.set(entry.session, session);
      this.all.push(session);
    }
    if (!session) throw new Error(`an event of a session that is not ours: ${entry.session}`);
    session.hear(entry);
  }

  #move(session: AppSession): void {
    const { card, most } = this;
    const number = session.session;
    if (session.freeing) return;
    const available = session.told - session.asked;
    if (available > 0) {
      const length = Math.min(available, card.random.int(1, most));
      const at = card.place(length);
      session.asked += length;
      const address = HOST_BASE + BigInt(at);
      this.do({ op: 'READ', session: number, address, length }, (entry) => {
        expectOk(entry);
        card.checkGuards(at, length);
        session.received.push(card.host.bytes.slice(at, at + length));
        session.bytesRead += length;
      });
    }
    const next = session.toWrite[0];
    if (next && !session.isWriting) {
      session.isWriting = true;
      this.do(card.writeOf(number, next), (entry) => {
        session.isWriting = false;
        if (entry.status === StatusCode.REFUSED) {
          session.refused++;
          return;
        }
        expectOk(entry);
        session.toWrite.shift();
        session.written += next.length;
      });
    }
    if (session.closes && !session.closed && !next && !session.isWriting) {
      session.closed = true;
      this.do({ op: 'CLOSE', session: number });
    }
    const isRead = session.bytesRead === session.told && session.asked === session.told;
    if (session.isOver && isRead && !session.isWriting) {
      session.freeing = true;
      this.do({ op: 'FREE', session: number }, (entry) => {
        expectOk(entry);
        session.freed = true;
        this.sessions.delete(number);
      });
    }
  }
}

function expectOk(entry: ToeEntry): void {
  if (entry.status !== StatusCode.OK) throw new Error(`status ${JSON.stringify(entry)}`);
}
