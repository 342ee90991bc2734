// SPDX-License-Identifier: Apache-2.0
// What signature checks are to the rest of the node.

import type { BackendName, SignatureEngine } from '../../driver/index.ts';
import type { Id, PublicKey, Signature } from '../protocol/types.ts';

/** A digest and a signature of it. */
export interface Signed {
  readonly id: Id;
  readonly signature: Signature;
}

/** `urgent` is for headers, votes and blocks; `bulk` for the pool. */
export type Lane = 'urgent' | 'bulk';

/** Who made signatures: a key each, undefined where there is none. */
export interface Signatures {
  /** Answers may be those of a card: ask `confirm` before anybody is blamed for a key. */
  readonly doubtful: boolean;
  readonly counters: SignatureCounters;
  /** Signatures that wait for an answer. */
  readonly queued: number;
  /** Seconds until a signature that comes now would have its answer, about; a spill makes it shorter. */
  readonly backlogSeconds: number;
  /** A spill is under way. */
  readonly spilling: boolean;
  /** Whether there is somebody to spill to, and who it is once open. */
  readonly spill: { readonly enabled: boolean; readonly to?: BackendName };

  /**
   * Recovers keys in batches, off the event loop.
   *
   * No answer `undefined` rests on a card alone: software has confirmed it.
   *
   * @param wanted - asked of what had to wait: is an answer still of use? If not it is `undefined`.
   * @throws {AccelError} when nobody can answer: says nothing about the signatures.
   */
  recover(
    items: readonly Signed[],
    lane: Lane,
    wanted?: (id: Id) => boolean,
  ): Promise<(PublicKey | undefined)[]>;

  /** The same, never by a card. */
  confirm(items: readonly Signed[]): Promise<(PublicKey | undefined)[]>;

  /** `confirm` disagreed with the accelerator about so many. */
  contradicted(count: number): void;

  /** Ends what it opened, not the accelerator. Idempotent. */
  close(): Promise<void>;
}

/** Numbers since the start. */
export interface SignatureCounters {
  /** Answered, whoever did it. */
  checked: number;
  /** No key. */
  refused: number;
  batches: number;
  busySeconds: number;
  /** Answered by the stand-in. */
  spilled: number;
  episodes: number;
  /** Answers of a card that were asked again, and those that turned out otherwise. */
  confirmed: number;
  contradicted: number;
  /** Batches the accelerator failed to answer. */
  failures: number;
}

/** An open engine; `close` frees it. */
export interface OpenEngine {
  readonly backend: BackendName;
  readonly signatures: SignatureEngine;
  close(): Promise<void>;
}
