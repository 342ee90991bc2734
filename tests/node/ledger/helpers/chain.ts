// A chain of one ledger: makes transactions, candidates and blocks.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Genesis } from '../../../../src/node/genesis/index.ts';
import {
  type AppliedBlock,
  type Candidate,
  idPrefix,
  type Ledger,
  openLedger,
  type Proposal,
} from '../../../../src/node/ledger/index.ts';
import {
  assembleBlock,
  assembleTransaction,
  bodyFields,
  headerId,
} from '../../../../src/node/protocol/index.ts';
import type {
  Block,
  BlockHeader,
  Operation,
  PublicKey,
  SignedTransaction,
  Transaction,
} from '../../../../src/node/protocol/types.ts';
import { type FakeConsensus, type FakeEvent, type FakeState, fakeConsensus } from './consensus.ts';
import { keyOf } from './genesis.ts';

/** Well-formed, and of nobody. */
export const SIGNATURE = Uint8Array.from({ length: 72 }, (_, i) => (i === 31 || i === 63 ? 1 : 0));

const directories: string[] = [];

/** A directory that `removeDirectories` removes. */
export function newDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'ledger-'));
  directories.push(path);
  return path;
}

export function removeDirectories(): void {
  for (const path of directories.splice(0)) rmSync(path, { recursive: true, force: true });
}

/** A block with its signers: what `apply` takes. */
export interface Made {
  readonly block: Block;
  readonly signers: readonly (readonly PublicKey[])[];
}

export class Chain {
  readonly genesis: Genesis;
  readonly consensus: FakeConsensus;
  readonly path: string;
  ledger: Ledger<FakeState, FakeEvent>;
  #nonce = 0;

  private constructor(
    genesis: Genesis,
    path: string,
    consensus: FakeConsensus,
    ledger: Ledger<FakeState, FakeEvent>,
  ) {
    this.genesis = genesis;
    this.path = path;
    this.consensus = consensus;
    this.ledger = ledger;
  }

  static async open(genesis: Genesis, path = newDirectory(), cachedAccounts?: number) {
    const consensus = fakeConsensus();
    const cache = cachedAccounts === undefined ? {} : { cachedAccounts };
    const ledger = await openLedger({ path, genesis, consensus, ...cache });
    return new Chain(genesis, path, consensus, ledger);
  }

  /** Closes and opens again. */
  async reopen(): Promise<void> {
    await this.ledger.close();
    const { path, genesis, consensus } = this;
    this.ledger = await openLedger({ path, genesis, consensus });
  }

  /** Seconds of a slot. */
  seconds(slot: number): number {
    const { time, consensus } = this.genesis;
    return Math.floor((time + slot * consensus.slotMilliseconds) / 1000);
  }

  /** A transaction on the head with the least fee. */
  transaction(
    account: string,
    operations: readonly Operation[],
    fields: Partial<Transaction> = {},
    signatures = 1,
  ): SignedTransaction {
    const { height, id, slot } = this.ledger.head;
    const opened = operations.filter(({ type }) => type === 'createAccount').length;
    const { fees } = this.genesis;
    const transaction: Transaction = {
      chainId: this.genesis.chainId,
      refHeight: height,
      refPrefix: idPrefix(id),
      expiry: this.seconds(slot) + 600,
      nonce: this.#nonce++,
      account,
      fee: fees.perTransaction + BigInt(opened) * fees.createAccount,
      operations,
      ...fields,
    };
    return assembleTransaction(transaction, Array(signatures).fill(SIGNATURE));
  }

  /** The same, signed by the payer's active key unless told otherwise. */
  candidate(
    account: string,
    operations: Operation | readonly Operation[],
    signers: readonly PublicKey[] = [keyOf(account)],
    fields: Partial<Transaction> = {},
  ): Candidate {
    const list = Array.isArray(operations) ? operations : [operations as Operation];
    return { transaction: this.transaction(account, list, fields, signers.length), signers };
  }

  /** Proposes a block and makes it. */
  async make(
    candidates: readonly Candidate[],
    { slot = this.ledger.head.slot + 1, producer = 'producer0' } = {},
  ): Promise<{ readonly made: Made; readonly proposal: Proposal }> {
    const proposal = await this.ledger.propose(candidates, { slot, producer, votes: [] });
    const signersOf = new Map(candidates.map((each) => [each.transaction, each.signers]));
    const made = this.seal(proposal.included, {
      ...proposal.header,
      stateRoot: proposal.stateRoot,
    });
    return {
      made: { ...made, signers: proposal.included.map((t) => signersOf.get(t)!) },
      proposal,
    };
  }

  /** A block of any content, on the head. */
  seal(
    transactions: readonly SignedTransaction[],
    fields: Partial<BlockHeader> = {},
    signers: Made['signers'] = transactions.map(({ transaction }) => [keyOf(transaction.account)]),
  ): Made {
    const { height, id, slot } = this.ledger.head;
    const body = { transactions, votes: [] };
    const header: BlockHeader = {
      chainId: this.genesis.chainId,
      height: height + 1,
      slot: slot + 1,
      parent: id,
      producer: 'producer0',
      stateRoot: '00'.repeat(32),
      ...bodyFields(body),
      ...fields,
    };
    const signedHeader = { header, id: headerId(header), signature: SIGNATURE };
    return { block: assembleBlock(signedHeader, body), signers };
  }

  apply({ block, signers }: Made): Promise<AppliedBlock<FakeEvent>> {
    return this.ledger.apply(block, signers);
  }

  /** A block of candidates of which none may fail. */
  async extend(
    candidates: readonly Candidate[],
    where: { readonly slot?: number; readonly producer?: string } = {},
  ): Promise<Made & { readonly applied: AppliedBlock<FakeEvent> }> {
    const { made, proposal } = await this.make(candidates, where);
    const [failed] = proposal.rejected;
    if (failed) throw new Error(`${failed.code}: ${failed.message}`);
    return { ...made, applied: await this.apply(made) };
  }

  /** Why a single transaction is refused, both by `check` and in a block; undefined when it is not. */
  async refusal(candidate: Candidate): Promise<string | undefined> {
    const { transaction, signers } = candidate;
    const verdict = this.ledger.check(transaction, signers);
    const made = this.seal([transaction], {}, [signers]);
    const code = await this.apply(made).then(
      () => undefined,
      (error: { code: string }) => error.code,
    );
    const expected = verdict.ok ? 'LEDGER_STATE_ROOT' : verdict.code;
    if (code !== expected) throw new Error(`check says ${expected}, apply ${code}`);
    return verdict.ok ? undefined : verdict.code;
  }
}

export function transfer(from: string, to: string, amount: bigint): Operation {
  return { type: 'transfer', from, to, amount, memo: new Uint8Array() };
}
