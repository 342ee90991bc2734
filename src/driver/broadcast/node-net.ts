// SPDX-License-Identifier: Apache-2.0

import { AccelError, requireArgument } from '../errors.ts';
import type { TransportSocket } from '../transport/contract.ts';
import type {
  Broadcast,
  GroupOptions,
  PeerGroup,
  QueueOptions,
  QuorumCounter,
  QuorumOptions,
  SeenFilter,
  Session,
  SessionEnd,
} from './contract.ts';
import { BitmapQuorums } from './quorum-counter.ts';
import { TwoGenerations } from './seen-filter.ts';
import { QueuedSession, type SessionOwner } from './session-queues.ts';

const DEFAULT_WINDOW = 256 * 1024;

/** Broadcast by writing the same bytes to each socket of the operating system. */
export class NodeNetBroadcast implements Broadcast {
  readonly backend = 'node:net';
  readonly #groups = new Set<PeerGroup>();
  #closed = false;

  group(options: GroupOptions): PeerGroup {
    if (this.#closed) throw new AccelError('ACCEL_CLOSED', 'the accelerator was closed');
    const group = new SocketGroup(options, () => this.#groups.delete(group));
    this.#groups.add(group);
    return group;
  }

  seenFilter(capacity: number): SeenFilter {
    return new TwoGenerations(capacity);
  }

  quorumCounter(options: QuorumOptions): QuorumCounter {
    return new BitmapQuorums(options);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const group of [...this.#groups]) group.close();
  }
}

class SocketGroup implements PeerGroup, SessionOwner {
  readonly queues: readonly QueueOptions[];
  readonly windowBytes: number;
  readonly #sessions = new Set<Session>();
  readonly #onClose: () => void;
  #closed = false;

  constructor({ queues, windowBytes = DEFAULT_WINDOW }: GroupOptions, onClose: () => void) {
    const count = queues.length;
    requireArgument(count >= 1 && count <= 16, `queues: expected 1 to 16, got ${count}`);
    for (const { name, maxBytes } of queues) requireBytes(`queue ${name}: maxBytes`, maxBytes);
    requireBytes('windowBytes', windowBytes);
    this.queues = queues;
    this.windowBytes = windowBytes;
    this.#onClose = onClose;
  }

  get size(): number {
    return this.#sessions.size;
  }

  add(socket: TransportSocket, onEnd?: (reason: SessionEnd) => void): Session {
    if (this.#closed) throw new AccelError('ACCEL_CLOSED', 'the group was closed');
    const session = new QueuedSession(socket, this, onEnd);
    this.#sessions.add(session);
    return session;
  }

  publish(frame: Uint8Array, queue: number, except?: ReadonlySet<Session>): number {
    const valid = Number.isInteger(queue) && queue >= 0 && queue < this.queues.length;
    requireArgument(valid, `queue: expected 0 to ${this.queues.length - 1}, got ${queue}`);
    let taken = 0;
    // A session that a full queue closes leaves the set meanwhile.
    for (const session of this.#sessions) {
      if (!except?.has(session) && session.send(frame, queue)) taken += 1;
    }
    return taken;
  }

  close(): void {
    this.#closed = true;
    for (const session of [...this.#sessions]) session.close();
    this.#onClose();
  }

  left(session: Session): void {
    this.#sessions.delete(session);
  }
}

function requireBytes(name: string, value: number): void {
  const valid = Number.isSafeInteger(value) && value >= 1;
  requireArgument(valid, `${name}: expected a positive integer, got ${value}`);
}
