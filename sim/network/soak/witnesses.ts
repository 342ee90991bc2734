// SPDX-License-Identifier: Apache-2.0
// Transactions that some node called final when asked by id: every node must say so for ever.

import { setTimeout as delay } from 'node:timers/promises';
import { CliError, EXIT } from '../../../src/cli/exit.ts';
import type { Random } from '../../../src/testbench/random.ts';
import { BETWEEN_MS } from './audit.ts';
import type { Claim } from './final-claims.ts';
import type { SoakNode } from './network.ts';

interface Witness {
  readonly id: string;
  readonly height: number;
  readonly block: string;
  /** Who said that it is final. */
  readonly node: string;
}

/** Of each final block one transaction, drawn. */
export class Witnesses {
  readonly #nodes: readonly SoakNode[];
  readonly #random: Random;
  readonly #heard: Witness[] = [];

  constructor(nodes: readonly SoakNode[], random: Random) {
    this.#nodes = nodes;
    this.#random = random;
  }

  get count(): number {
    return this.#heard.length;
  }

  /** Calls a transaction of a block that is final: asks a node about it. */
  call({ node: name }: Claim, transactions: readonly string[]): void {
    if (transactions.length === 0) return;
    const id = this.#random.pick(transactions);
    const node = this.#nodes.find((each) => each.name === name)!;
    void status(node, id).then((found) => {
      if (found?.state !== 'final') return; // not heard: the node was killed meanwhile
      const { height, id: block } = found.block;
      this.#heard.push({ id, height, block, node: name });
    });
  }

  /** The highest of the last ones up to a height: as many as told. */
  latest(count: number, top: number): readonly Witness[] {
    return this.#heard.filter(({ height }) => height <= top).slice(-count);
  }

  /** What a node says otherwise about those up to a height, or the last `count` of them; in words. */
  async ask(node: SoakNode, top: number, count = this.#heard.length): Promise<string[]> {
    const wrong: string[] = [];
    for (const { id, height, block, node: by } of this.latest(count, top)) {
      const found = await status(node, id);
      await delay(BETWEEN_MS);
      if (found?.state === 'final' && found.block.id === block && found.block.height === height) {
        continue;
      }
      const got = found ? JSON.stringify(found) : 'nothing';
      wrong.push(
        `transaction ${id}: ${by} called it final in ${height} ${block}, ${node.name} says ${got}`,
      );
    }
    return wrong;
  }
}

async function status(node: SoakNode, id: string) {
  try {
    return await node.client.find('transactionStatus', `/transactions/${id}/status`);
  } catch (error) {
    if (error instanceof CliError && error.exitCode === EXIT.UNAVAILABLE) return undefined;
    throw error;
  }
}
