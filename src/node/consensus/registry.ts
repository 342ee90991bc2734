// SPDX-License-Identifier: Apache-2.0
// Every consensus there is. Another one is a file beside this one, and a line here.

import type { Consensus, ConsensusParameters } from './contract.ts';
import { dposConsensus } from './dpos.ts';
import { ConsensusError } from './errors.ts';
import { poaConsensus } from './poa.ts';

/** By the name that a genesis uses. */
export const CONSENSUS: Readonly<Record<string, (parameters: ConsensusParameters) => Consensus>> = {
  dpos: dposConsensus,
  poa: poaConsensus,
};

/**
 * The consensus that a genesis asks for.
 *
 * @throws {ConsensusError} `CONSENSUS_PARAMETERS`.
 */
export function consensusOf(
  parameters: ConsensusParameters,
  registry: typeof CONSENSUS = CONSENSUS,
): Consensus {
  const make = Object.hasOwn(registry, parameters.kind) ? registry[parameters.kind] : undefined;
  if (make === undefined) {
    const known = Object.keys(registry).join(', ');
    const message = `kind: expected one of ${known}, got "${parameters.kind}"`;
    throw new ConsensusError('CONSENSUS_PARAMETERS', message);
  }
  return make(parameters);
}
