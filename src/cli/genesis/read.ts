// SPDX-License-Identifier: Apache-2.0
// A genesis file, looked at as a node does that starts with it.

import { readFileSync } from 'node:fs';
import { ConsensusError, consensusOf, parametersOf } from '../../node/consensus/index.ts';
import { type Genesis, GenesisError, parseGenesis } from '../../node/genesis/index.ts';
import { genesisDraft, LedgerError } from '../../node/ledger/index.ts';
import { CliError, EXIT } from '../exit.ts';

/** What is wrong with a genesis; the message names the key. */
export class RefusedGenesis extends CliError {
  /** Such as `consensus.confirmations`; empty for the whole. */
  readonly key: string;

  constructor(key: string, message: string, cause: Error) {
    super(EXIT.INPUT, message, { cause });
    this.key = key;
  }
}

/** @throws {CliError} `INPUT` when the file cannot be read; a `RefusedGenesis` when no node takes it. */
export function readGenesis(file: string): Genesis {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new CliError(EXIT.INPUT, `cannot read ${file}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return accepted(file, () => parseGenesis(text));
}

/** What `make` returns, where a chain can begin with it. @throws {RefusedGenesis} */
export function accepted(origin: string, make: () => Genesis): Genesis {
  try {
    const genesis = make();
    consensusOf(parametersOf(genesis));
    genesisDraft(genesis);
    return genesis;
  } catch (error) {
    const key = error instanceof GenesisError ? error.key : '';
    const known = error instanceof ConsensusError || error instanceof LedgerError;
    if (!(error instanceof GenesisError || known)) throw error;
    throw new RefusedGenesis(key, `${origin}: ${error.message}`, error);
  }
}
