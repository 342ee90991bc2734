// SPDX-License-Identifier: Apache-2.0
// What doubles of the TCP engine exchange: bytes in order, ends, resets. No segments.

import { ToeEventCode as Event } from '../../../src/driver/generated/registers.ts';
import type { Random } from '../helpers/random.ts';
import type { ToeDouble } from './toe-device.ts';

const wrap = (position: number) => position % 2 ** 32;

/** One end of a session. */
export class End {
  readonly card: ToeDouble;
  readonly number: number;
  readonly remoteIp: number;
  readonly remotePort: number;
  readonly localPort: number;
  peer: End | undefined;
  /** From ACCEPTED or OPENED, or the failure of an OPEN. */
  owned = false;
  over = false;
  /** A FIN behind the bytes; the other side has it. */
  closing = false;
  finSent = false;
  finReceived = false;
  receivedAt: number;
  acknowledgedAt: number;
  /** Bytes the other end has not taken, and bytes the host has not read. */
  readonly #toSend: Buffer[] = [];
  readonly #toRead: Buffer[] = [];
  unsent = 0;
  unread = 0;
  /** Since it began. */
  bytesIn = 0;
  bytesOut = 0;
  /** Of the unread, what the host was told of. */
  toldUnread = 0;

  constructor(
    card: ToeDouble,
    number: number,
    remoteIp: number,
    remotePort: number,
    localPort: number,
    receivedAt: number,
    acknowledgedAt: number,
  ) {
    this.card = card;
    this.number = number;
    this.remoteIp = remoteIp;
    this.remotePort = remotePort;
    this.localPort = localPort;
    this.receivedAt = receivedAt;
    this.acknowledgedAt = acknowledgedAt;
  }

  /** Urgent data ends so many bytes behind the last that is queued: the other host hears at once. */
  announceUrgent(ahead: number): void {
    const { peer } = this;
    if (!peer || this.unsent + ahead === 0) return;
    peer.card.tell(peer, Event.URGENT, wrap(peer.receivedAt + this.unsent + ahead));
  }

  write(bytes: Buffer): void {
    this.#toSend.push(bytes);
    this.unsent += bytes.length;
  }

  /** The next bytes to send. */
  take(length: number): Buffer {
    this.unsent -= length;
    this.bytesOut += length;
    return cut(this.#toSend, length);
  }

  receive(bytes: Buffer): void {
    this.#toRead.push(bytes);
    this.unread += bytes.length;
    this.bytesIn += bytes.length;
    this.toldUnread += bytes.length;
    this.receivedAt = wrap(this.receivedAt + bytes.length);
  }

  read(length: number): Buffer {
    this.unread -= length;
    this.toldUnread -= length;
    return cut(this.#toRead, length);
  }
}

function cut(chunks: Buffer[], length: number): Buffer {
  const parts: Buffer[] = [];
  for (let left = length; left > 0; ) {
    const chunk = chunks[0];
    if (!chunk) break;
    parts.push(chunk.subarray(0, left));
    if (chunk.length > left) chunks[0] = chunk.subarray(left);
    else chunks.shift();
    left -= Math.min(left, chunk.length);
  }
  return Buffer.concat(parts);
}

/** Joins doubles by their addresses. */
export class ToeNetwork {
  readonly #cards = new Map<number, ToeDouble>();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  join(card: ToeDouble): void {
    this.#cards.set(card.ip, card);
  }

  leave(card: ToeDouble): void {
    this.#cards.delete(card.ip);
  }

  poke(): void {
    for (const card of this.#cards.values()) card.poke();
  }

  open(card: ToeDouble, to: { remoteIp: number; remotePort: number; localPort: number }): void {
    const { remoteIp, remotePort, localPort } = to;
    const exists = [...card.ends.values()].some(
      (end) =>
        end.remoteIp === remoteIp && end.remotePort === remotePort && end.localPort === localPort,
    );
    const end = exists ? undefined : card.take(remoteIp, remotePort, localPort);
    if (!end) {
      const nobody = new End(card, 0, remoteIp, remotePort, localPort, 0, 0);
      card.tell(nobody, Event.OPEN_FAILED);
      return;
    }
    const target = this.#cards.get(remoteIp);
    const peer = target?.listening.has(remotePort)
      ? target.take(card.ip, localPort, remotePort)
      : undefined;
    end.owned = true;
    if (!peer) {
      end.over = true;
      card.tell(end, target && !target.listening.has(remotePort) ? Event.REFUSED : Event.TIMED_OUT);
      return;
    }
    end.peer = peer;
    peer.peer = end;
    peer.owned = true;
    card.tell(end, Event.OPENED);
    peer.card.tell(peer, Event.ACCEPTED);
  }

  /** Moves bytes and ends that this card sends. @returns whether something moved. */
  move(card: ToeDouble): boolean {
    let moved = false;
    for (const end of [...card.ends.values()]) {
      const { peer } = end;
      if (!peer || end.over || end.finSent) continue;
      let [there, here] = [0, 0];
      const most = Math.min(end.unsent, peer.card.receiveLimit - peer.unread);
      if (most > 0) {
        const bytes = end.take(1 + this.#random.below(most));
        peer.receive(bytes);
        end.acknowledgedAt = wrap(end.acknowledgedAt + bytes.length);
        there |= Event.RECEIVED;
        here |= Event.SENT;
      }
      if (end.closing && end.unsent === 0) {
        end.finSent = true;
        peer.finReceived = true;
        peer.receivedAt = wrap(peer.receivedAt + 1);
        end.acknowledgedAt = wrap(end.acknowledgedAt + 1);
        there |= Event.PEER_CLOSED;
        here |= Event.SENT;
        if (end.finReceived) {
          there |= Event.CLOSED;
          here |= Event.CLOSED;
          end.over = true;
          peer.over = true;
        }
      }
      if (there === 0) continue;
      moved = true;
      peer.card.tell(peer, there);
      card.tell(end, here);
    }
    return moved;
  }

  /** The other end hears of it. */
  reset(end: End): void {
    const { peer } = end;
    end.peer = undefined;
    if (!peer || peer.over) return;
    peer.peer = undefined;
    peer.over = true;
    peer.card.tell(peer, Event.RESET);
  }

  /** A reset from somewhere: both ends of every session. */
  resetAll(card: ToeDouble): void {
    for (const end of [...card.ends.values()]) {
      if (end.over || !end.peer) continue;
      this.reset(end);
      end.over = true;
      card.tell(end, Event.RESET);
    }
  }
}
