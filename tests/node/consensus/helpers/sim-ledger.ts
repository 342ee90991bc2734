// SPDX-License-Identifier: Apache-2.0
// What a block does, in the simulation: it changes stakes and lets the dropped register again.

import type {
  Candidate,
  Consensus,
  ConsensusState,
  HeaderFields,
  Producer,
} from '../../../../src/node/consensus/contract.ts';
import type { BlockRef, Id, SignedVote } from '../../../../src/node/protocol/types.ts';

export interface SimBlock {
  readonly id: Id;
  readonly header: HeaderFields;
  readonly votes: readonly SignedVote[];
  /** New stakes. */
  readonly stakes: readonly (readonly [string, bigint])[];
  readonly registers: readonly string[];
}

/** After a block. */
export interface Executed {
  readonly block: SimBlock | undefined;
  readonly ref: BlockRef;
  readonly parent: Executed | undefined;
  readonly state: ConsensusState;
  readonly stakes: ReadonlyMap<string, bigint>;
  readonly dropped: ReadonlySet<string>;
}

/**
 * Executes blocks; what a block leads to depends on its chain alone, so all nodes may share it.
 */
export class SimLedger {
  readonly #consensus: Consensus;
  readonly #keys: ReadonlyMap<string, Producer>;
  readonly #executed = new Map<Id, Executed>();
  readonly genesis: Executed;

  constructor(consensus: Consensus, pool: readonly Producer[]) {
    this.#consensus = consensus;
    this.#keys = new Map(pool.map((producer) => [producer.account, producer]));
    const state = consensus.genesisState();
    const first = new Set(consensus.parameters.initial.map(({ account }) => account));
    this.genesis = {
      block: undefined,
      ref: { height: 0, id: consensus.parameters.genesisId },
      parent: undefined,
      state,
      stakes: new Map(pool.map(({ account }) => [account, first.has(account) ? 100n : 0n])),
      dropped: new Set(),
    };
    this.#executed.set(this.genesis.ref.id, this.genesis);
  }

  get(id: Id): Executed | undefined {
    return this.#executed.get(id);
  }

  /** @throws {ConsensusError} when the block is invalid. */
  execute(block: SimBlock): Executed {
    const known = this.#executed.get(block.id);
    if (known) return known;
    const parent = this.#executed.get(block.header.parent);
    if (parent === undefined) throw new Error('the parent is not executed');
    const executed = this.run(this.#consensus, parent, parent.state, block);
    this.#executed.set(block.id, executed);
    return executed;
  }

  /** Executes on a given state, remembering nothing. */
  run(consensus: Consensus, parent: Executed, state: ConsensusState, block: SimBlock): Executed {
    const stakes = new Map([...parent.stakes, ...block.stakes]);
    const dropped = new Set(parent.dropped);
    for (const account of block.registers) dropped.delete(account);
    const advanced = consensus.advance(state, block, {
      candidates: () =>
        [...stakes].map(([account, weight]): Candidate => {
          return { ...this.#keys.get(account)!, weight, dropped: dropped.has(account) };
        }),
      ancestor: (height) => ancestorAt(parent, height)?.ref.id,
    });
    for (const event of advanced.events) if (event.type === 'dropped') dropped.add(event.account);
    const ref = { height: block.header.height, id: block.id };
    return { block, ref, parent, state: advanced.state, stakes, dropped };
  }
}

export function ancestorAt(from: Executed, height: number): Executed | undefined {
  let at: Executed | undefined = from;
  while (at && at.ref.height > height) at = at.parent;
  return at;
}
