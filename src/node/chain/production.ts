// SPDX-License-Identifier: Apache-2.0
// Blocks of this node's producer, each in its slot.

import { recordHeader } from '../consensus/safety.ts';
import type { Candidate, Proposal, ProposalContext } from '../ledger/index.ts';
import { assembleBlock, bodyFields, signHeader } from '../protocol/index.ts';
import type { BlockHeader, Id, Milliseconds, SignedVote } from '../protocol/types.ts';
import type { ChainCore } from './core.ts';
import type { BlockImport } from './import.ts';
import type { ProducerIdentity, Voting } from './voting.ts';

/** What production needs. */
export interface ProductionParts {
  readonly core: ChainCore;
  readonly voting: Voting;
  readonly imports: BlockImport;
  readonly producer: ProducerIdentity | undefined;
  /** Transactions for a block, best first; to be gone through more than once. */
  readonly candidates: () => Iterable<Candidate>;
  /** Failed on this head and will not come into a block. */
  readonly onRejected: (rejected: Proposal['rejected']) => void;
  /** At the beginning of every slot, before a block is made. */
  readonly onSlot: (slot: number) => void;
}

/** Part of a slot in which candidates are executed; others have to execute them, too. */
const EXECUTION_SHARE = 0.35;
/** Milliseconds between two looks for candidates ahead of a slot, and from the last to the slot. */
const AHEAD_MS = 200;
const LAST_MS = 15;
/** Milliseconds of execution at a time, ahead of a slot: what else there is does not wait for long. */
const STEP_MS = 20;
/** Slots without which a node that is taking over old blocks does not add to its own chain. */
const BEHIND_SLOTS = 3;

export class Production {
  readonly #parts: ProductionParts;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #preparing = false;
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
    // Not one long timer: clocks are set now and then, and a block is made ahead of its slot.
    const most = !this.#parts.producer ? 1000 : AHEAD_MS;
    const step = Math.min(wait > LAST_MS ? wait - LAST_MS : wait, most);
    this.#timer = setTimeout(() => this.#tick(), Math.max(step, 1));
  }

  #tick(): void {
    const slot = this.#slotNow();
    if (slot > this.#lastSlot) {
      this.#lastSlot = slot;
      this.runSlot(slot).catch((error: unknown) => {
        this.#parts.core.parts.log.error({ err: error, slot }, 'a slot went wrong');
      });
    } else {
      this.prepare(slot + 1).catch((error: unknown) => {
        this.#parts.core.parts.log.error({ err: error, slot }, 'preparing a block went wrong');
      });
    }
    this.#plan();
  }

  /** Executes candidates ahead of a slot, if it is this producer's as far as can be said; `start` sees to it. */
  async prepare(slot: number): Promise<void> {
    const { core, producer, candidates } = this.#parts;
    const { ledger, view, consensus, now } = core.parts;
    const { head } = ledger;
    if (!producer || this.#stopped || this.#preparing) return;
    if (core.fault || view.head.id !== head.id || this.#isCatchingUp(slot)) return;
    if (slot <= head.slot || this.#dueIn(slot).account !== producer.account) return;
    // The block of the slot before may still come, and would make it useless.
    const half = consensus.parameters.slotMilliseconds / 2;
    if (head.slot < slot - 1 && consensus.slotStart(slot) - now() > half) return;
    this.#preparing = true;
    try {
      await ledger.prepare(candidates(), this.#context(slot, head.id), STEP_MS);
    } catch (error) {
      // The head moved while others had their turn.
      if (ledger.head.id === head.id && !this.#stopped) throw error;
    } finally {
      this.#preparing = false;
    }
  }

  #dueIn(slot: number) {
    const { consensus, ledger } = this.#parts.core.parts;
    return consensus.producerOf(slot, ledger.consensusState);
  }

  #context(slot: number, parent: Id): ProposalContext {
    const { view, consensus } = this.#parts.core.parts;
    return {
      slot,
      producer: this.#parts.producer!.account,
      votes: view.votesFor(parent),
      parent,
      milliseconds: EXECUTION_SHARE * consensus.parameters.slotMilliseconds,
    };
  }

  /** What happens at the beginning of a slot; `start` sees to it. */
  async runSlot(slot: number): Promise<void> {
    const { core, producer, onSlot } = this.#parts;
    onSlot(slot);
    if (slot < 1) return;
    await core.lock.run(async () => {
      // What could not be done before may be possible now: a full disk has room again.
      if (core.fault || core.parts.view.head.id !== core.parts.ledger.head.id) await core.advance();
      if (!producer || this.#stopped || !this.#isOurs(slot, producer)) return;
      const through = core.blocksFirst.begin();
      try {
        await this.#produce(slot);
      } finally {
        through();
      }
    });
  }

  #isCatchingUp(slot: number): boolean {
    const { core, imports } = this.#parts;
    const { ledger, consensus, now } = core.parts;
    const { slotMilliseconds } = consensus.parameters;
    const taking = now() - imports.importedAt < 2 * slotMilliseconds;
    return taking && slot - ledger.head.slot > BEHIND_SLOTS;
  }

  #isOurs(slot: number, { account }: ProducerIdentity): boolean {
    const { core, voting } = this.#parts;
    const { ledger, log } = core.parts;
    if (slot <= ledger.head.slot || core.fault || this.#slotNow() !== slot) return false;
    const due = this.#dueIn(slot);
    if (due.account !== account) return false;
    if (due.signingKey !== voting.publicKey) {
      const got = voting.publicKey;
      log.warn({ slot, expected: due.signingKey, got }, 'another key is registered to sign');
      return false;
    }
    if (this.#isCatchingUp(slot)) {
      log.info({ slot }, 'no block in this slot: catching up');
      return false;
    }
    return true;
  }

  async #produce(slot: number): Promise<void> {
    const { core, candidates, onRejected } = this.#parts;
    const { ledger, log } = core.parts;
    const began = performance.now();
    const context = this.#context(slot, ledger.head.id);
    const { votes } = context;
    const proposal = await ledger.propose(candidates(), context);
    const proposed = performance.now();
    const id = await this.#seal(proposal, votes);
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
  async #seal(proposal: Proposal, votes: readonly SignedVote[]): Promise<Id | undefined> {
    const { core, voting, producer } = this.#parts;
    const { genesis, network, log, consensus, ledger } = core.parts;
    const state = ledger.consensusState;
    const body = { votes, transactions: proposal.included };
    const header: BlockHeader = {
      chainId: genesis.chainId,
      ...proposal.header,
      ...bodyFields(body, proposal.transactionsRoot),
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
        signers: proposal.signers,
      },
      from: undefined,
      doubtful: false,
    });
    await core.advance(id);
    return id;
  }
}
