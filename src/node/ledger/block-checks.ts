// SPDX-License-Identifier: Apache-2.0
// Does a block follow the head, and keep to the limits of genesis?

import type { Genesis } from '../genesis/index.ts';
import type { Block } from '../protocol/types.ts';
import type { HeaderFields, LedgerHead } from './contract.ts';
import type { StateReader } from './draft.ts';
import { ensure } from './errors.ts';

/** @throws {LedgerError} `LEDGER_HEIGHT`, `LEDGER_PARENT`, `LEDGER_SLOT`, `LEDGER_PRODUCER`. */
export function checkFollows(header: HeaderFields, head: LedgerHead, state: StateReader): void {
  const { height, parent, slot, producer } = header;
  ensure(
    height === head.height + 1,
    'LEDGER_HEIGHT',
    () => `expected height ${head.height + 1}, got ${height}`,
  );
  ensure(parent === head.id, 'LEDGER_PARENT', () => `expected parent ${head.id}, got ${parent}`);
  ensure(
    Number.isSafeInteger(slot) && slot > head.slot,
    'LEDGER_SLOT',
    () => `expected a slot after ${head.slot}, got ${slot}`,
  );
  ensure(
    state.account(producer) !== undefined,
    'LEDGER_PRODUCER',
    () => `no account of producer ${producer}`,
  );
}

/** @throws {LedgerError} `LEDGER_CHAIN`, `LEDGER_SIZE`, `LEDGER_CONTENT`. */
export function checkContent(block: Block, signers: number, genesis: Genesis): void {
  const { header } = block.signedHeader;
  const { maxBytes, maxTransactions } = genesis.block;
  const { transactions, votes, bytes } = block;
  ensure(
    header.chainId === genesis.chainId,
    'LEDGER_CHAIN',
    () => `expected chain ${genesis.chainId}, got ${header.chainId}`,
  );
  ensure(
    bytes.length <= maxBytes,
    'LEDGER_SIZE',
    () => `expected at most ${maxBytes} bytes, got ${bytes.length}`,
  );
  ensure(
    transactions.length <= maxTransactions,
    'LEDGER_SIZE',
    () => `expected at most ${maxTransactions} transactions, got ${transactions.length}`,
  );
  ensure(
    header.transactionCount === transactions.length && header.voteCount === votes.length,
    'LEDGER_CONTENT',
    () =>
      `the header says ${header.transactionCount} transactions and ${header.voteCount} votes, ` +
      `got ${transactions.length} and ${votes.length}`,
  );
  ensure(
    signers === transactions.length,
    'LEDGER_CONTENT',
    () => `expected signers of ${transactions.length} transactions, got of ${signers}`,
  );
}
