// SPDX-License-Identifier: Apache-2.0
// What toe_session_counters has to hold: a model that adds notes up.

import { type Note, SESSION_COUNTERS, type SessionCounters } from './words.ts';

/** States of RFC 9293 by their numbers in toe_tcp_pkg. */
export const STATES = [
  'CLOSED',
  'SYN_SENT',
  'SYN_RECEIVED',
  'ESTABLISHED',
  'CLOSE_WAIT',
  'FIN_WAIT_1',
  'FIN_WAIT_2',
  'CLOSING',
  'LAST_ACK',
  'TIME_WAIT',
] as const;

const NOTHING = SESSION_COUNTERS.decode(0n);

export class SessionCounts {
  readonly #sessions = new Map<number, SessionCounters>();

  add(note: Note): void {
    const before = note.begins ? NOTHING : this.of(note.session);
    const { received, sent, len } = note;
    this.#sessions.set(note.session, {
      state: note.state,
      segmentsIn: (before.segmentsIn + received) % 2 ** 32,
      segmentsOut: (before.segmentsOut + sent) % 2 ** 32,
      bytesIn: (before.bytesIn + received * len) % 2 ** 48,
      bytesOut: (before.bytesOut + sent * len) % 2 ** 48,
      retransmitted: (before.retransmitted + note.retransmitted) % 2 ** 32,
      dupAcks: (before.dupAcks + note.dupAck) % 2 ** 32,
      outOfOrder: (before.outOfOrder + note.outOfOrder) % 2 ** 32,
      unacceptable: (before.unacceptable + note.unacceptable) % 2 ** 32,
      noRoom: (before.noRoom + note.noRoom) % 2 ** 32,
    });
  }

  /** Of a session nobody has heard of: zero. */
  of(session: number): SessionCounters {
    return this.#sessions.get(session) ?? NOTHING;
  }
}
