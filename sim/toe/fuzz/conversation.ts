// SPDX-License-Identifier: Apache-2.0
// All that was ever said between the card and one pair of addresses and ports, and what the card may
// therefore say: RFC 9293, RFC 5961, RFC 7323, as bounds that hold whatever it dropped for want of room.

import type { Segment } from '../../../tests/toe/helpers/segment-word.ts';
import { distance, findWrong, wrap } from './content.ts';
import { Ranges } from './ranges.ts';
import { ACK, FIN, RST, SYN } from './segment.ts';
import type { SentSegment } from './sent.ts';
import { Violation } from './violation.ts';

/** Sequence numbers of one direction are within so many of one another. */
const REACH = 2 ** 20;
/** RFC 9293 3.7.1 */
const DEFAULT_MSS = 536;
/** The card sends no less in a full segment, whatever the peer says. */
const LEAST_MSS = 64;
/** Cycles until the card's frames of before a change are out. */
const LAG = 20_000;
/** A segment may wait so long for a hardware address. */
const ADDRESS_MS = 4000;
/** Shift of the window that the card offers; its edge may go back by less than its unit (RFC 7323 2.4). */
const CARD_WS = 5;

/** States of RFC 9293 3.3.2, as they are seen from outside. */
export const STATES = [
  'CLOSED',
  'LISTEN',
  'SYN-SENT',
  'SYN-RECEIVED',
  'ESTABLISHED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'CLOSE-WAIT',
  'CLOSING',
  'LAST-ACK',
  'TIME-WAIT',
] as const;
export type State = (typeof STATES)[number];

/** What the card's configuration bounds. */
export interface Limits {
  readonly synTries: number;
  readonly mss: number;
}

interface Syn {
  readonly segment: Segment;
  /** Number of the segment of this conversation. */
  readonly order: number;
}

/** What a segment says of the peer's window, as on the wire. */
interface Offer {
  readonly seq: number;
  readonly ack: number;
  readonly window: number;
  readonly isSyn: boolean;
}

interface Text {
  readonly seq: number;
  readonly len: number;
  readonly fin: boolean;
  readonly order: number;
}

/** What both ends share from SYN to the end; positions are counted from the byte behind the SYN. */
export class Connection {
  readonly iss: number;
  readonly isActive: boolean;
  /** The peer's SYN, as soon as the card has answered one; several had its number. */
  syns: readonly Segment[] = [];
  irs: number | undefined;
  synOrder = 0;
  synsSent = 0;
  /** Bytes the host has written, and whether a FIN follows them. */
  written = 0;
  isClosing = false;
  keepalive = false;
  /** The host knows it, and has not heard of its end. */
  isOpen = false;
  isEstablished = false;
  /** The host closed before it heard of the peer's FIN. */
  closedFirst = false;
  openedAt = 0;
  /** The host wants it reset, or a reset of its own follows from what it did. */
  mayReset = false;
  /** Cycle in which it was over for the card. */
  overAt: number | undefined;
  timeWaitUntil = 0;
  peerClosed = false;
  /** Highest position sent, behind a FIN, too; where the FIN is. */
  sent = 0;
  finSent: number | undefined;
  acknowledgedByPeer = 0;
  /** Right edge of what the peer takes, the largest window it gave, its newest segment that did. */
  edge = 0;
  largest = 0;
  newest = 0;
  /** Shift of the card's windows; undefined where the peer said both that it scales and that it does not. */
  cardShift: number | undefined = 0;
  /** Of what the card takes, and the last position it has acknowledged. */
  offered = 0;
  acknowledged = 0;
  lastTs: number | undefined;
  readonly heard = new Ranges();
  readonly fins = new Set<number>();

  constructor(iss: number, isActive: boolean) {
    this.iss = iss;
    this.isActive = isActive;
  }

  has(option: 'mssValid' | 'wsValid' | 'sackOk' | 'tsValid'): boolean {
    return this.syns.some((syn) => syn[option] === 1);
  }

  /** Position of a sequence number of the peer's stream. */
  at(seq: number): number {
    return distance(wrap(this.irs! + 1), seq);
  }

  /** May the card say that it has everything before this position? */
  hasHeard(position: number): boolean {
    const end = this.heard.endOf(0);
    return position <= end || (this.fins.has(position - 1) && position - 1 <= end);
  }
}

export class Conversation {
  readonly remoteIp: number;
  readonly remotePort: number;
  readonly localPort: number;
  /** Of the peer's stream, and of the host's. */
  readonly salt: number;
  readonly hostSalt: number;
  connection: Connection | undefined;
  /** The host has asked for it; so many times that are not answered. */
  opens = 0;
  /** When the last of them failed, in ms. */
  failedAt = Number.NEGATIVE_INFINITY;
  isListening = false;
  #order = 0;
  #syns: Syn[] = [];
  #texts: Text[] = [];
  #windows: Offer[] = [];
  /** Segments that may be answered with a reset, by what it would say. */
  readonly #byAck = new Map<number, number>();
  readonly #byEnd = new Map<number, number>();
  readonly #resets = new Set<number>();
  readonly #clocks = new Set<number>();

  constructor(remoteIp: number, remotePort: number, localPort: number) {
    this.remoteIp = remoteIp;
    this.remotePort = remotePort;
    this.localPort = localPort;
    this.salt = Math.imul(remoteIp ^ (remotePort << 16) ^ localPort, 0x85ebca6b);
    this.hostSalt = this.salt ^ 0x5bd1e995;
  }

  /** @param now - ms. */
  state(now: number): State {
    const connection = this.connection;
    if (!connection || (connection.overAt !== undefined && connection.timeWaitUntil <= now)) {
      return this.opens > 0 ? 'SYN-SENT' : this.isListening ? 'LISTEN' : 'CLOSED';
    }
    const { isEstablished, finSent, peerClosed, timeWaitUntil } = connection;
    if (timeWaitUntil > now) return 'TIME-WAIT';
    if (!isEstablished) return connection.irs === undefined ? 'SYN-SENT' : 'SYN-RECEIVED';
    const isFinHeard = finSent !== undefined && connection.acknowledgedByPeer > finSent;
    if (finSent === undefined) return peerClosed ? 'CLOSE-WAIT' : 'ESTABLISHED';
    if (peerClosed) return connection.closedFirst ? 'CLOSING' : 'LAST-ACK';
    return isFinHeard ? 'FIN-WAIT-2' : 'FIN-WAIT-1';
  }

  /** A segment that the card has to look at: to it, and with nothing wrong about its sums and lengths. */
  hear(segment: Segment): void {
    const { seq, ack, flags, len } = segment;
    this.#order++;
    if (segment.tsValid) this.#clocks.add(segment.tsVal);
    if (flags & RST) {
      this.#resets.add(seq);
      return;
    }
    if (flags & ACK) count(this.#byAck, ack);
    else count(this.#byEnd, wrap(seq + len + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0)));
    if (flags & SYN) this.#syns.push({ segment, order: this.#order });
    else if (flags & ACK && (len > 0 || flags & FIN)) {
      this.#texts.push({ seq, len, fin: (flags & FIN) !== 0, order: this.#order });
    }
    if (flags & ACK) {
      this.#windows.push({ seq, ack, window: segment.window, isSyn: (flags & SYN) !== 0 });
    }
  }

  /**
   * @throws {Violation} where the card must not send this.
   * @param cycle - of the engine's clock. @param now - ms.
   */
  check(sent: SentSegment, cycle: number, now: number, limits: Limits): void {
    try {
      if (sent.flags & RST) this.#checkReset(sent, cycle);
      else if (sent.flags & SYN) this.#checkSyn(sent, cycle, now, limits.synTries);
      else this.#checkSegment(sent, cycle, limits.mss);
    } catch (error) {
      if (error instanceof Violation) error.message += `; ${this.describe(sent)}`;
      throw error;
    }
  }

  /** The host hears that it is open. @param received - where the peer's stream begins. */
  open(received: number, acknowledged: number, cycle: number): Connection {
    const connection = this.connection;
    if (!connection) throw new Violation(`a session of no SYN; ${this.describe()}`);
    const syns = this.#syns.filter(({ segment }) => wrap(segment.seq + 1) === received);
    if (syns.length === 0) throw new Violation(`a session of no SYN; ${this.describe()}`);
    if (connection.irs === undefined) this.#begin(connection, syns);
    if (wrap(connection.irs! + 1) !== received || wrap(connection.iss + 1) !== acknowledged) {
      throw new Violation(`streams begin at ${received}, ${acknowledged}; ${this.describe()}`);
    }
    Object.assign(connection, { isOpen: true, isEstablished: true, openedAt: cycle });
    return connection;
  }

  /** May an event say so? @param received - a sequence number. */
  checkReceived(connection: Connection, received: number): number {
    this.#fold(connection);
    const position = connection.at(received);
    if (position < 0 || !connection.hasHeard(position)) {
      throw new Violation(
        `${position} told as received, ${connection.heard.endOf(0)} were sent; ${this.describe()}`,
      );
    }
    return position;
  }

  /** Was there a reset of exactly this number? */
  hasHeardReset(seq: number): boolean {
    return this.#resets.has(seq);
  }

  describe(sent?: SentSegment): string {
    const { remoteIp, remotePort, localPort, connection: c } = this;
    const ends = `${remoteIp.toString(16)}:${remotePort} to port ${localPort}`;
    const about = c
      ? ` iss ${c.iss} irs ${c.irs} written ${c.written} sent ${c.sent} fin ${c.finSent} edge ${c.edge} heard ${c.irs === undefined ? 0 : c.heard.endOf(0)} over ${c.overAt}`
      : ' no connection';
    const what = sent
      ? `; sent flags ${sent.flags} seq ${sent.seq} ack ${sent.ack} window ${sent.window} len ${sent.payload.length}`
      : '';
    return ends + about + what;
  }

  // RFC 9293 3.10.7.1, 3.5.2; 3.10.5 of what the host gives up
  #checkReset(sent: SentSegment, cycle: number): void {
    const connection = this.connection;
    const { flags, seq, ack } = sent;
    if (connection?.mayReset && flags & ACK && this.#isAbort(connection, sent)) {
      connection.mayReset = false;
      connection.overAt ??= cycle;
      return;
    }
    const isAnswer =
      (flags & ACK) === 0 ? takeOne(this.#byAck, seq) : seq === 0 && takeOne(this.#byEnd, ack);
    if (!isAnswer) throw new Violation('a reset that no segment asked for');
    if (connection?.isOpen && connection.isEstablished && cycle - connection.openedAt > LAG) {
      throw new Violation('a reset in answer to a segment of a synchronized session');
    }
  }

  #isAbort(connection: Connection, { seq, ack }: SentSegment): boolean {
    if (connection.irs === undefined) return false;
    this.#fold(connection);
    const position = distance(wrap(connection.iss + 1), seq);
    const acked = connection.at(ack);
    return position >= -1 && position <= connection.sent && connection.hasHeard(acked);
  }

  #checkSyn(sent: SentSegment, cycle: number, now: number, synTries: number): void {
    const { flags, seq, ack, options } = sent;
    let connection = this.connection;
    const isLate = connection?.overAt !== undefined && cycle - connection.overAt <= LAG;
    // It was on its way when the session ended
    if (isLate && connection?.iss === seq) return;
    const isOver = connection?.overAt !== undefined;
    const isOther =
      connection?.irs !== undefined && flags & ACK && wrap(connection.irs + 1) !== ack;
    const isNew = !connection || isOver || connection.iss !== seq || Boolean(isOther);
    if (isNew && connection?.isOpen) throw new Violation('a SYN of a session that is open');
    const syns =
      flags & ACK ? this.#syns.filter(({ segment }) => wrap(segment.seq + 1) === ack) : [];
    if (isNew) {
      // Its own SYN may have been lost, for want of a hardware address
      const isAsked = this.opens > 0 || now - this.failedAt <= ADDRESS_MS;
      const isActive = (flags & ACK) === 0 || isAsked;
      if (isActive && !isAsked) throw new Violation('a SYN that the host did not ask for');
      if (!isActive && !this.isListening) throw new Violation('a SYN-ACK where nobody listens');
      if (!isActive && !syns.some(({ segment }) => (segment.flags & ACK) === 0)) {
        throw new Violation('a SYN-ACK for no SYN');
      }
      connection = new Connection(seq, isActive);
      this.connection = connection;
    }
    if (!connection) return;
    connection.synsSent++;
    // Whatever is not acceptable in SYN-RECEIVED is answered by the SYN-ACK again
    const asked = this.#order;
    if (connection.synsSent > synTries + 1 + asked) {
      throw new Violation(`${connection.synsSent} SYNs, ${synTries} retries, ${asked} heard`);
    }
    if (options.mss === undefined) throw new Violation('a SYN without a segment size');
    if (flags & ACK) {
      if (syns.length === 0) throw new Violation('a SYN-ACK for no SYN');
      this.#begin(connection, syns);
      if (options.ws !== undefined && !connection.has('wsValid')) throw unasked('window scale');
      if (options.ts && !connection.has('tsValid')) throw unasked('timestamps');
      if (options.sackOk && !connection.has('sackOk')) throw unasked('SACK');
      if (!connection.isActive) connection.cardShift = options.ws ?? 0;
    }
    connection.offered = Math.max(connection.offered, sent.window);
  }

  /** The card has heard the peer's SYN. */
  #begin(connection: Connection, syns: readonly Syn[]): void {
    const [first] = syns;
    if (!first || connection.isEstablished) return;
    connection.syns = syns.map(({ segment }) => segment);
    connection.irs = first.segment.seq;
    connection.synOrder = first.order;
    connection.edge = Math.max(...connection.syns.map(({ window }) => window));
    connection.largest = connection.edge;
    this.#texts = this.#texts.filter(({ order }) => order > first.order);
    const scaling = connection.syns.filter(({ wsValid }) => wsValid).length;
    if (connection.isActive && scaling > 0) {
      connection.cardShift = scaling === connection.syns.length ? CARD_WS : undefined;
    }
  }

  // What was heard since the last look
  #fold(connection: Connection): void {
    const { irs } = connection;
    if (irs === undefined) return;
    for (const { seq, len, fin } of this.#texts.splice(0)) {
      const from = connection.at(seq);
      if (Math.abs(from - connection.acknowledged) > 2 * REACH) continue;
      if (from + len < 0) continue;
      connection.heard.add(Math.max(from, 0), from + len);
      if (fin) connection.fins.add(from + len);
    }
    const shift =
      connection.cardShift !== 0
        ? Math.max(...connection.syns.map(({ wsValid, ws }) => (wsValid ? ws : 0)))
        : 0;
    const most = connection.written + Number(connection.isClosing);
    for (const { seq, ack, window, isSyn } of this.#windows.splice(0)) {
      const position = distance(wrap(connection.iss + 1), ack);
      if (position < -REACH || position > most) continue;
      const scaled = Math.min(isSyn ? window : window * 2 ** shift, REACH - 1);
      connection.largest = Math.max(connection.largest, scaled);
      // SND.WL1: the window of an older segment is not believed, what it acknowledges is, and the window
      // of before moves with it
      const at = connection.at(seq);
      const isOld = at < connection.newest;
      if (at <= connection.offered) connection.newest = Math.max(connection.newest, at);
      const edge = position + (isOld ? connection.largest : scaled);
      connection.edge = Math.max(connection.edge, edge);
      connection.acknowledgedByPeer = Math.max(connection.acknowledgedByPeer, position);
    }
  }

  #checkSegment(sent: SentSegment, cycle: number, mss: number): void {
    const connection = this.connection;
    if (!connection) throw new Violation('a segment of no session');
    if (connection.irs === undefined) throw new Violation('a segment before the session is open');
    if (connection.overAt !== undefined && cycle - connection.overAt > LAG) {
      if (connection.timeWaitUntil === 0)
        throw new Violation('a segment of a session that is over');
    }
    this.#fold(connection);
    this.#checkText(connection, sent, mss);
    this.#checkAcknowledgement(connection, sent);
    this.#checkOptions(connection, sent);
  }

  // Within what the host has written and the peer takes (RFC 9293 3.4, 3.8.6)
  #checkText(connection: Connection, sent: SentSegment, mss: number): void {
    const { payload, flags } = sent;
    const from = distance(wrap(connection.iss + 1), sent.seq);
    const to = from + payload.length;
    const fin = flags & FIN ? 1 : 0;
    if (payload.length === 0 && fin === 0) {
      const least = connection.keepalive ? -1 : 0;
      if (from < least || from > connection.sent) {
        throw new Violation(`an acknowledgement at ${from}, sent were ${connection.sent}`);
      }
      return;
    }
    if (from < 0 || to > connection.written) {
      throw new Violation(`bytes ${from} to ${to} of ${connection.written} written`);
    }
    if (fin && (!connection.isClosing || to !== connection.written)) {
      throw new Violation(
        `a FIN at ${to} of ${connection.written}, close: ${connection.isClosing}`,
      );
    }
    if (connection.finSent !== undefined && to + fin > connection.finSent + 1) {
      throw new Violation(`up to ${to} behind a FIN at ${connection.finSent}`);
    }
    const isProbe = payload.length + fin === 1 && from <= connection.edge;
    if (to > connection.edge && !isProbe) {
      throw new Violation(`bytes ${from} to ${to} beyond the window's edge ${connection.edge}`);
    }
    const most = Math.min(mss, Math.max(LEAST_MSS, this.#largest(connection)));
    if (payload.length + sent.optionBytes > most) {
      throw new Violation(`${payload.length} bytes and ${sent.optionBytes} of options, of ${most}`);
    }
    const wrong = findWrong(payload, this.hostSalt, from);
    if (wrong >= 0) throw new Violation(`byte ${from + wrong} is not what the host wrote`);
    connection.sent = Math.max(connection.sent, to + fin);
    if (fin) connection.finSent = to;
  }

  #largest({ syns }: Connection): number {
    return Math.max(...syns.map(({ mssValid, mss }) => (mssValid ? mss : DEFAULT_MSS)));
  }

  // Never what was not received, never back (RFC 9293 3.10.7.4)
  #checkAcknowledgement(connection: Connection, sent: SentSegment): void {
    const position = connection.at(sent.ack);
    if (position < 0 || !connection.hasHeard(position)) {
      throw new Violation(`acknowledges ${position}, sent were ${connection.heard.endOf(0)}`);
    }
    if (position < connection.acknowledged) {
      throw new Violation(`acknowledges ${position} after ${connection.acknowledged}`);
    }
    connection.acknowledged = position;
    if (connection.cardShift === undefined) return;
    const unit = 2 ** connection.cardShift;
    const edge = position + sent.window * unit;
    const slack = unit - 1;
    if (edge + slack < connection.offered) {
      throw new Violation(`the window's edge goes back from ${connection.offered} to ${edge}`);
    }
    connection.offered = Math.max(connection.offered, edge);
  }

  #checkOptions(connection: Connection, { options, ack }: SentSegment): void {
    const { ts, sack = [] } = options;
    if (ts && !connection.has('tsValid')) throw unasked('timestamps');
    if (ts) {
      if (connection.lastTs !== undefined && distance(connection.lastTs, ts[0]) < 0) {
        throw new Violation(`timestamp ${ts[0]} after ${connection.lastTs}`);
      }
      if (!this.#clocks.has(ts[1])) throw new Violation(`echoes timestamp ${ts[1]}, never heard`);
      connection.lastTs = ts[0];
    }
    if (sack.length > 0 && !connection.has('sackOk')) throw unasked('SACK');
    for (const [left, right] of sack) {
      const [from, to] = [connection.at(left), connection.at(right)];
      if (from <= connection.at(ack) || to <= from || !connection.heard.covers(from, to)) {
        throw new Violation(`SACK of ${from} to ${to}, acknowledged ${connection.at(ack)}`);
      }
    }
  }
}

const unasked = (what: string) => new Violation(`${what}, which the peer did not offer`);

function count(map: Map<number, number>, key: number): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}

function takeOne(map: Map<number, number>, key: number): boolean {
  const left = map.get(key) ?? 0;
  if (left > 0) map.set(key, left - 1);
  return left > 0;
}
