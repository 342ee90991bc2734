// SPDX-License-Identifier: Apache-2.0

import type { ConsensusState } from '../consensus/contract.ts';
import { FinalityView } from '../consensus/finality-view.ts';
import type { Candidate, Proposal } from '../ledger/index.ts';
import type { BlockRef, Id } from '../protocol/types.ts';
import { ChainCore, type ChainParts } from './core.ts';
import { BlockImport } from './import.ts';
import { Production } from './production.ts';
import { type ProducerIdentity, Voting } from './voting.ts';

/** Options of a chain. */
export interface ChainOptions extends Omit<ChainParts, 'view'> {
  /** Whom this node produces for, if for anybody. */
  readonly producer?: ProducerIdentity;
  /** Transactions for a block, best first; to be gone through more than once. */
  readonly candidates: () => Iterable<Candidate>;
  readonly onRejected: (rejected: Proposal['rejected']) => void;
  /** At the beginning of every slot, before a block is made. */
  readonly onSlot: (slot: number) => void;
}

/** The chain of a node: takes blocks and votes in, makes its own. */
export class Chain {
  readonly core: ChainCore;
  readonly imports: BlockImport;
  readonly voting: Voting;
  readonly production: Production;

  private constructor(options: ChainOptions, view: FinalityView) {
    const { candidates, onRejected, onSlot, producer } = options;
    this.core = new ChainCore({ ...options, view });
    this.voting = new Voting(this.core, producer);
    this.imports = new BlockImport(this.core);
    const { core, voting, imports } = this;
    this.production = new Production({
      core,
      voting,
      imports,
      producer,
      candidates,
      onRejected,
      onSlot: (slot) => {
        voting.repeat();
        onSlot(slot);
      },
    });
  }

  /**
   * Takes up a ledger where it was left. Nothing is executed again: the ledger knows the consensus state
   * after each block that is not final.
   *
   * @throws {ConsensusError} `CONSENSUS_SAFETY`: the producer's record cannot be read.
   */
  static async open(options: ChainOptions): Promise<Chain> {
    const { ledger, consensus } = options;
    const stateAt = (height: number): ConsensusState =>
      height === ledger.head.height ? ledger.consensusState : ledger.consensusStateAt(height)!;
    const { final } = ledger;
    const view = new FinalityView({
      consensus,
      root: { id: final.id, state: stateAt(final.height) },
      idAt: (height) => ledger.blockId(height),
    });
    for (let height = final.height + 1; height <= ledger.head.height; height++) {
      const { signedHeader, votes } = ledger.block(height)!;
      view.add({ id: signedHeader.id, header: signedHeader.header, votes });
      view.execute(signedHeader.id, stateAt(height));
    }
    const chain = new Chain(options, view);
    await chain.voting.load();
    return chain;
  }

  /** Tells the network where the chain stands, and begins to produce. */
  async start(): Promise<void> {
    await this.core.lock.run(() => this.core.advance());
    this.production.start();
  }

  /** Ends what is under way; the ledger can be closed after it. */
  async close(): Promise<void> {
    this.imports.close();
    await this.production.stop();
    await this.core.flushed();
  }

  confirmations(block: BlockRef) {
    return this.core.confirmations(block);
  }

  blockAt(height: number): Uint8Array | undefined {
    return this.core.parts.ledger.blockBytes(height);
  }

  blockById(id: Id): Uint8Array | undefined {
    const { ledger } = this.core.parts;
    const height = ledger.heightOf(id);
    return (
      this.core.held(id)?.bytes ?? (height === undefined ? undefined : ledger.blockBytes(height))
    );
  }
}
