// SPDX-License-Identifier: Apache-2.0
// A producer that signs whatever it likes, and shows each half of the network something else.

import type { Candidate } from '../../../../src/node/ledger/index.ts';
import {
  assembleBlock,
  type Block,
  bodyFields,
  encodeSignedVote,
  publicKeyOf,
  type SignedTransaction,
  signHeader,
  signVote,
} from '../../../../src/node/protocol/index.ts';
import type { AccountName, BlockRef } from '../../../../src/node/protocol/types.ts';
import { startNode, type TestNode } from '../../network/helpers/nodes.ts';
import type { WholeNet } from './whole-net.ts';

export type Side = 0 | 1;

export class Byzantine {
  readonly account: AccountName;
  readonly #net: WholeNet;
  /** One network for each half. */
  readonly #sides: readonly TestNode[];

  private constructor(net: WholeNet, account: AccountName, sides: readonly TestNode[]) {
    this.#net = net;
    this.account = account;
    this.#sides = sides;
  }

  /** Connects to the nodes of each half. */
  static async join(
    net: WholeNet,
    account: AccountName,
    halves: readonly [readonly number[], readonly number[]],
  ): Promise<Byzantine> {
    const { chainId, block } = net.dev.genesis;
    const sides: TestNode[] = [];
    for (const half of halves) {
      const peers = half.map((i) => `127.0.0.1:${net.port(i)}`);
      const { clock } = net;
      const maxBlockBytes = block.maxBytes;
      const options = { chainId, clock, peers, maxBlockBytes, listens: false, outbound: 0 };
      sides.push(await startNode(options));
    }
    await net.passUntil(() =>
      sides.every(({ network }, i) => network.peers().length === halves[i]!.length),
    );
    return new Byzantine(net, account, sides);
  }

  /** A block for this slot on the head of node 0, with these transactions. */
  async block(transactions: readonly SignedTransaction[] = []): Promise<Block> {
    const { dev, slot } = this.#net;
    const { ledger, view } = this.#net.get(0).chain.core.parts;
    const votes = view.votesFor(ledger.head.id);
    const candidates = transactions.map(
      (transaction): Candidate => ({
        transaction,
        signers: [publicKeyOf(dev.secretOf(transaction.transaction.account))],
      }),
    );
    const context = { slot, producer: this.account, votes };
    const { header, included, stateRoot } = await ledger.propose(candidates, context);
    const body = { votes, transactions: included };
    const { chainId } = dev.genesis;
    const secret = dev.signingSecretOf(this.account);
    return assembleBlock(
      signHeader({ chainId, ...header, ...bodyFields(body), stateRoot }, secret),
      body,
    );
  }

  sendBlock(side: Side, { bytes }: Block): void {
    this.#sides[side]!.network.publishBlock(bytes);
  }

  sendVote(side: Side, source: BlockRef, target: BlockRef): void {
    const { dev } = this.#net;
    const vote = { chainId: dev.genesis.chainId, source, target, producer: this.account };
    const signed = signVote(vote, dev.signingSecretOf(this.account));
    this.#sides[side]!.network.publishVotes([encodeSignedVote(signed)]);
  }
}
