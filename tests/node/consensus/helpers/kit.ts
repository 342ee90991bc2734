// SPDX-License-Identifier: Apache-2.0
// Parameters, ids and votes for tests: real values, signatures left out.

import { createHash } from 'node:crypto';
import type { ConsensusParameters, Producer } from '../../../../src/node/consensus/contract.ts';
import { quorum } from '../../../../src/node/consensus/rules.ts';
import type { BlockRef, Id, SignedVote, Vote } from '../../../../src/node/protocol/types.ts';
import { runSeed } from '../../../../src/testbench/random.ts';

export function idOf(text: string): Id {
  return createHash('sha256').update(text).digest('hex');
}

export const CHAIN = idOf('chain');
export const GENESIS: BlockRef = { height: 0, id: idOf('genesis') };

/** Producers `p00`, `p01`, .. */
export function producers(count: number): Producer[] {
  return Array.from({ length: count }, (_, at) => producerNamed(nameOf(at)));
}

export function nameOf(at: number): string {
  return `p${String(at).padStart(2, '0')}`;
}

export function producerNamed(account: string): Producer {
  return { account, signingKey: `02${idOf(account)}` };
}

export function parametersFor(
  count: number,
  changes: Partial<ConsensusParameters> = {},
): ConsensusParameters {
  return {
    kind: 'dpos',
    chainId: CHAIN,
    genesisId: GENESIS.id,
    genesisTime: 0,
    slotMilliseconds: 3000,
    producers: count,
    confirmations: quorum(count),
    roundSlots: count,
    dropAfterMilliseconds: 3_600_000,
    initial: producers(count),
    ...changes,
  };
}

const signature = new Uint8Array(72);

export function signedVote(vote: Vote): SignedVote {
  const { source, target, producer } = vote;
  const id = idOf(`${source.height} ${source.id} ${target.height} ${target.id} ${producer}`);
  return { vote, id, signature };
}

export function voteFor(producer: string, source: BlockRef, target: BlockRef): SignedVote {
  return signedVote({ chainId: CHAIN, producer, source, target });
}

/** Runs of a simulation: as many as the test says, or RUNS=. */
export function runs(usual: number): number {
  const text = process.env.RUNS;
  if (!text) return usual;
  const wanted = Number(text);
  if (!Number.isSafeInteger(wanted) || wanted < 1) {
    throw new RangeError(`RUNS: expected a positive integer, got "${text}"`);
  }
  return wanted;
}

/** The seeds of this process's runs: the run's seed and those after it. SEED= repeats the first. */
export function seeds(usual: number): number[] {
  return Array.from({ length: runs(usual) }, (_, at) => (runSeed() + at) >>> 0);
}
