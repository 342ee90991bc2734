// SPDX-License-Identifier: Apache-2.0
// Blocks of this node's producer, each in its slot.

import { recordHeader } from '../consensus/safety.ts';
import type { Candidate, Proposal } from '../ledger/index.ts';
import { assembleBlock, bodyFields, signHeader } from '../protocol/index.ts';
import type {
  BlockHeader,
  Id,
  Milliseconds,
  PublicKey,
  SignedTransaction,
  SignedVote,
} from '../protocol/types.ts';
import type { ChainCore } from './core.ts';
import type { BlockImport } from './import.ts';
import type { ProducerIdentity, Voting } from './voting.ts';

/** What production needs. */
export interface ProductionParts {
  readonly core: ChainCore;
  readonly voting: Voting;
  readonly imports: BlockImport;
  readonly producer: ProducerIdentity | undefined;
  /** Transactions for a block, best first. */
  readonly candidates: () => Iterable<Candidate>;
  /** Failed on this head and will not come into a block. */
  readonly onRejected: (rejected: Proposal['rejected']) => void;
  /** At the beginning of every slot, before a block is made. */
  readonly onSlot: (slot: number) => void;
}

/** Part of a slot in which candidates are executed; others have to execute them, too. */
const EXECUTION_SHARE = 0.35;
/** Slots without which a node that is taking over old blocks does not add to its own chain. */
const BEHIND_SLOTS = 3;

export class Production {
  readonly #parts: ProductionParts;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #lastSlot = 0;
  /** Blocks made since the start, and slots let pass. */
  produced = 0;
  missed = 0;

  constructor(parts: ProductionParts) {
    this.#parts = parts;
    this.#lastSlot = this.#slotNow();
  }

  /** Waits for slots from now on. */
  start(): void {
    this.#plan();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#parts.core.lock.idle();
  }

  #slotNow(): number {
    const { consensus, now } = this.#parts.core.parts;
    return consensus.slotAt(now());
  }

  #plan(): void {
    if (this.#stopped) return;
    const { consensus, now } = this.#parts.core.parts;
    const next = Math.max(this.#lastSlot, this.#slotNow()) + 1;
    const wait: Milliseconds = consensus.slotStart(next) - now();
    // Not one long timer: clocks are set now and then.
    this.#timer = setTimeout(() => this.#tick(), Math.min(Math.max(wait, 1), 1000));
  }

  #tick(): void {
    const slot = this.#slotNow();
    if (slot > this.#lastSlot) {
      this.#lastSlot = slot;
      this.runSlot(slot).catch((error: unknown) => {
        this.#parts.core.parts.log.error({ err: error, slot }, 'a slot went wrong');
      });
    }
    this.#plan();
  }

  /** What happens at the beginning of a slot; `start` sees to it. */
  async runSlot(slot: number): Promise<void> {
    const { core, producer, onSlot } = this.#parts;
    onSlot(slot);
    if (slot < 1) return;
    await core.lock.run(async () => {
      // What could not be done before may be possible now: a full disk has room again.
      if (core.fault || core.parts.view.head.id !== core.parts.ledger.head.id) await core.advance();
      if (producer && !this.#stopped && this.#isOurs(slot, producer)) await this.#produce(slot);
    });
  }

  #isOurs(slot: number, { account }: ProducerIdentity): boolean {
    const { core, voting, imports } = this.#parts;
    const { ledger, consensus, now, log } = core.parts;
    if (slot <= ledger.head.slot || core.fault || this.#slotNow() !== slot) return false;
    const due = consensus.producerOf(slot, ledger.consensusState);
    if (due.account !== account) return false;
    if (due.signingKey !== voting.publicKey) {
      const got = voting.publicKey;
      log.warn({ slot, expected: due.signingKey, got }, 'another key is registered to sign');
      return false;
    }
    const { slotMilliseconds } = consensus.parameters;
    const catchingUp = now() - imports.importedAt < 2 * slotMilliseconds;
    if (catchingUp && slot - ledger.head.slot > BEHIND_SLOTS) {
      log.info({ slot }, 'no block in this slot: catching up');
      return false;
    }
    return true;
  }

  async #produce(slot: number): Promise<void> {
    const { core, candidates, onRejected } = this.#parts;
    const { ledger, view, consensus, log } = core.parts;
    const began = performance.now();
    const budget = EXECUTION_SHARE * consensus.parameters.slotMilliseconds;
    const account = this.#parts.producer!.account;
    const votes = view.votesFor(ledger.head.id);
    const signers = new Map<SignedTransaction, readonly PublicKey[]>();
    const proposal = await ledger.propose(noted(candidates(), signers), {
      slot,
      producer: account,
      votes,
      parent: ledger.head.id,
      enough: () => performance.now() - began > budget,
    });
    const proposed = performance.now();
    const id = await this.#seal(proposal, votes, signers);
    if (id === undefined) {
      this.missed += 1;
      return;
    }
    this.produced += 1;
    onRejected(proposal.rejected);
    const milliseconds = Math.round(performance.now() - began);
    log.info(
      {
        height: proposal.header.height,
        slot,
        id,
        transactions: proposal.included.length,
        votes: votes.length,
        milliseconds,
        proposing: Math.round(proposed - began),
      },
      'block produced',
    );
  }

  /** Signs the block, once that is on disk, sends it, and follows it. */
  async #seal(
    proposal: Proposal,
    votes: readonly SignedVote[],
    signers: ReadonlyMap<SignedTransaction, readonly PublicKey[]>,
  ): Promise<Id | undefined> {
    const { core, voting, producer } = this.#parts;
    const { genesis, network, log, consensus, ledger } = core.parts;
    const state = ledger.consensusState;
    const body = { votes, transactions: proposal.included };
    const header: BlockHeader = {
      chainId: genesis.chainId,
      ...proposal.header,
      ...bodyFields(body),
      stateRoot: proposal.stateRoot,
    };
    const signedHeader = signHeader(header, producer!.secret);
    const { id } = signedHeader;
    const { slot, height } = header;
    const record = recordHeader(voting.record!, { slot, block: { height, id } });
    if (record === undefined) {
      log.warn({ slot }, 'a block was signed for this slot or a later one already');
      return undefined;
    }
    // The disk works while the block is put together; nothing leaves before it is done.
    const remembering = voting.remember(record);
    const block = assembleBlock(signedHeader, body);
    if (!(await remembering)) return undefined;
    network.publishBlock(block.bytes);
    await core.add({
      block,
      keys: {
        header: voting.publicKey,
        votes: votes.map(({ vote }) => consensus.voterKey(state, vote)),
        signers: proposal.included.map((transaction) => signers.get(transaction)!),
      },
      from: undefined,
      doubtful: false,
    });
    await core.advance(id);
    return id;
  }
}

/** The same candidates; remembers who signed them. */
function* noted(
  candidates: Iterable<Candidate>,
  signers: Map<SignedTransaction, readonly PublicKey[]>,
): Iterable<Candidate> {
  for (const candidate of candidates) {
    signers.set(candidate.transaction, candidate.signers);
    yield candidate;
  }
}
