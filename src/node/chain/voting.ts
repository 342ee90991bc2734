// SPDX-License-Identifier: Apache-2.0
// Votes: those of others, and the own ones.

import type { SafetyRecord } from '../consensus/safety.ts';
import type { SafetyStore } from '../consensus/safety-store.ts';
import type { PeerId } from '../network/index.ts';
import { type Rate, TokenBucket } from '../network/token-bucket.ts';
import {
  decodeSignedVote,
  encodeSignedVote,
  ProtocolError,
  publicKeyOf,
  type SecretKey,
  signVote,
} from '../protocol/index.ts';
import type { AccountName, PublicKey, SignedVote } from '../protocol/types.ts';
import type { ChainCore } from './core.ts';

/** Whom this node produces and votes for. */
export interface ProducerIdentity {
  readonly account: AccountName;
  /** Of its signing key. */
  readonly secret: SecretKey;
  readonly safety: SafetyStore;
}

/** A chain whose head is older than so many slots is being caught up with: nobody waits for votes there. */
const STALE_SLOTS = 64;
/** Votes sent again at a time. */
const MAX_REPEATED = 256;
/** Blocks between head and finality from which votes are sent again. */
const LAGGING = 4;

const FORGED_POINTS = 20;
/** Votes for unknown blocks with another key than expected: producers change keys, but seldom. */
const STRANGE: Rate = { perSecond: 2, burst: 128 };
const STRANGE_POINTS = 5;
/** Peers whose votes of that kind are counted; the one that began first is forgotten. */
const MAX_STRANGERS = 1024;
/** A head so many slots old says little of today's keys. */
const BEHIND_SLOTS = 16;
/** Votes of a message that are checked at a time; when more than so many are wrong, no others are. */
const SLICE = 64;
const MOST_WRONG = 8;

interface Asked {
  readonly signed: SignedVote;
  /** That must have signed it. */
  readonly key: PublicKey;
}

/** The records of what this node has signed, and its signatures of votes. */
export class Voting {
  readonly #core: ChainCore;
  readonly #producer: ProducerIdentity | undefined;
  readonly #publicKey: PublicKey | undefined;
  readonly #strangers = new Map<PeerId, TokenBucket>();
  #record: SafetyRecord | undefined;
  /** Why nothing can be signed, while it cannot. */
  fault: Error | undefined;

  constructor(core: ChainCore, producer?: ProducerIdentity) {
    this.#core = core;
    this.#producer = producer;
    this.#publicKey = producer && publicKeyOf(producer.secret);
    core.voting = () => this.#vote();
  }

  get publicKey(): PublicKey | undefined {
    return this.#publicKey;
  }

  /** Reads the record; others may need what it proves. @throws {ConsensusError} `CONSENSUS_SAFETY`. */
  async load(): Promise<void> {
    this.#record = await this.#producer?.safety.load();
    for (const vote of this.#record?.proof ?? []) this.#core.parts.view.addVote(vote);
  }

  get record(): SafetyRecord | undefined {
    return this.#record;
  }

  /**
   * Puts what is about to be signed on disk.
   *
   * @returns false when that is not possible: it must not be signed then.
   */
  async remember(record: SafetyRecord): Promise<boolean> {
    try {
      await this.#producer!.safety.save(record);
      this.#record = record;
      this.fault = undefined;
      return true;
    } catch (error) {
      if (!this.fault) {
        this.#core.parts.log.error({ err: error }, 'the safety record cannot be written');
      }
      this.fault = error as Error;
      return false;
    }
  }

  /** Votes that a peer sent. */
  async onVotes(peer: PeerId, encoded: readonly Uint8Array[]): Promise<void> {
    const core = this.#core;
    const { view, network, genesis } = core.parts;
    const asked: Asked[] = [];
    try {
      for (const bytes of encoded) {
        const signed = decodeSignedVote(Buffer.from(bytes));
        const { vote } = signed;
        if (vote.chainId !== genesis.chainId || vote.target.height <= view.final.height) continue;
        const key = view.voterKey(vote);
        if (key !== undefined) asked.push({ signed, key });
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      network.punish(peer, 'malformed vote', 50);
      return;
    }
    for (let at = 0; at < asked.length; at += SLICE) {
      const slice = asked.slice(at, at + SLICE);
      const genuine = await this.#genuine(peer, slice);
      if (genuine.length > 0) await this.#count(peer, genuine);
      if (slice.length - genuine.length > MOST_WRONG) return;
    }
  }

  /** Those that are signed as they should be; others cost points. */
  async #genuine(peer: PeerId, asked: readonly Asked[]): Promise<SignedVote[]> {
    const { view, signatures, network, now } = this.#core.parts;
    const keys = await signatures.recover(
      asked.map(({ signed }) => signed),
      'urgent',
    );
    const genuine: SignedVote[] = [];
    for (const [i, { signed, key }] of asked.entries()) {
      if (keys[i] === key || (await this.#confirms(signed, key))) genuine.push(signed);
      else if (view.has(signed.vote.target.id)) network.punish(peer, 'forged vote', FORGED_POINTS);
      // Of an unknown block nobody can say which key it has to be, least of all from far behind.
      else if (!this.#isBehind() && !this.#strangeOf(peer).take(1, now())) {
        network.punish(peer, 'strange votes', STRANGE_POINTS);
      }
    }
    return genuine;
  }

  #strangeOf(peer: PeerId): TokenBucket {
    const known = this.#strangers.get(peer);
    if (known) return known;
    const bucket = new TokenBucket(STRANGE, this.#core.parts.now());
    this.#strangers.set(peer, bucket);
    if (this.#strangers.size > MAX_STRANGERS) {
      for (const oldest of this.#strangers.keys()) {
        this.#strangers.delete(oldest);
        break;
      }
    }
    return bucket;
  }

  #isBehind(): boolean {
    const { ledger, consensus, now } = this.#core.parts;
    return now() > consensus.slotStart(ledger.head.slot + BEHIND_SLOTS);
  }

  /** Sends votes again that somebody may have missed. */
  repeat(): void {
    const { view, ledger, network } = this.#core.parts;
    if (ledger.head.height - view.final.height < LAGGING) return;
    network.publishVotes(this.#open());
  }

  /** Tells a new peer what it may have missed. */
  greet(): void {
    this.#core.parts.network.publishVotes(this.#open());
  }

  #open(): Uint8Array[] {
    const votes = this.#core.parts.view.openVotes();
    return votes.slice(-MAX_REPEATED).map(encodeSignedVote);
  }

  async #confirms(signed: SignedVote, key: PublicKey): Promise<boolean> {
    const { signatures } = this.#core.parts;
    if (!signatures.doubtful) return false;
    const [confirmed] = await signatures.confirm([signed]);
    if (confirmed !== key) return false;
    signatures.contradicted(1);
    return true;
  }

  async #count(peer: PeerId, votes: readonly SignedVote[]): Promise<void> {
    const core = this.#core;
    const { view, network } = core.parts;
    await core.lock.run(async () => {
      const fresh: SignedVote[] = [];
      for (const signed of votes) {
        core.noteEvidence(core.evidence.vote(signed));
        const outcome = view.addVote(signed);
        if (outcome === 'counted' || outcome === 'held') fresh.push(signed);
      }
      if (fresh.length === 0) return;
      network.publishVotes(fresh.map(encodeSignedVote), { except: peer });
      core.tellConfirmations(fresh.map(({ vote }) => vote.target.id));
      await core.advance();
    });
  }

  /** Signs what may be signed now. @returns whether a vote was counted. */
  async #vote(): Promise<boolean> {
    const { view, ledger, consensus, network, now } = this.#core.parts;
    const producer = this.#producer;
    if (!producer || !this.#record) return false;
    if (consensus.slotAt(now()) - ledger.head.slot > STALE_SLOTS) return false;
    const votes: SignedVote[] = [];
    for (;;) {
      const next = view.nextVote(producer.account, this.#record);
      if (next === undefined || view.voterKey(next.vote) !== this.#publicKey) break;
      if (!(await this.remember(next.record))) break;
      const signed = signVote(next.vote, producer.secret);
      network.publishVotes([encodeSignedVote(signed)]);
      view.addVote(signed);
      votes.push(signed);
    }
    this.#core.tellConfirmations(votes.map(({ vote }) => vote.target.id));
    return votes.length > 0;
  }
}
