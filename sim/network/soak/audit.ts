// SPDX-License-Identifier: Apache-2.0
// The chains of all nodes, height by height, as their APIs show them.

import { setTimeout as delay } from 'node:timers/promises';
import { type Claim, digestOf } from './final-claims.ts';
import type { SoakNode } from './network.ts';

const PAGE = 100;
/** Between two questions: a node answers 200 a second. */
export const BETWEEN_MS = 8;

/** What was compared, and what differs, in words. */
export interface Audit {
  /** The last height. */
  readonly heights: number;
  readonly transactions: number;
  readonly differences: readonly string[];
}

/** Ids and state roots by height, from 1 to `top`. */
async function headersOf(node: SoakNode, top: number): Promise<string[]> {
  const headers: string[] = [];
  for (let before = top + 1; before > 1; ) {
    const path = `/blocks?before=${before}&limit=${PAGE}`;
    const { blocks } = await node.client.get('blocks', path);
    if (blocks.length === 0) break;
    for (const { height, id, stateRoot } of blocks) headers[height] = `${id} ${stateRoot}`;
    before = blocks.at(-1)!.height;
    await delay(BETWEEN_MS);
  }
  return headers;
}

/** Compares ids and state roots of all heights up to `top` on all nodes. */
export async function compareHeaders(nodes: readonly SoakNode[], top: number): Promise<Audit> {
  const chains = await Promise.all(nodes.map((node) => headersOf(node, top)));
  const differences: string[] = [];
  for (let height = 1; height <= top; height++) {
    const seen = chains.map((chain) => chain[height] ?? 'no block');
    if (new Set(seen).size === 1 && seen[0] !== 'no block') continue;
    const shown = nodes.map(({ name }, i) => `${name} ${seen[i]}`);
    differences.push(`height ${height}: ${shown.join('; ')}`);
  }
  return { heights: top, transactions: 0, differences };
}

/** Compares what all nodes show with what was called final, transactions included. */
export async function compareClaims(
  nodes: readonly SoakNode[],
  claims: Iterable<Claim>,
): Promise<Audit> {
  const differences: string[] = [];
  let heights = 0;
  let transactions = 0;
  for (const { height, id, digest, transactions: count = 0 } of claims) {
    const blocks = await Promise.all(
      nodes.map(({ client }) => client.find('block', `/blocks/${height}?transactions=ids`)),
    );
    blocks.forEach((block, i) => {
      const ids = block?.transactions?.map((each) => (typeof each === 'string' ? each : each.id));
      if (block?.id !== id) {
        differences.push(
          `height ${height}: expected ${id} on ${nodes[i]!.name}, got ${block?.id ?? 'nothing'}`,
        );
      } else if (digest !== undefined && digestOf(ids ?? []) !== digest) {
        differences.push(`height ${height}: other transactions on ${nodes[i]!.name}`);
      }
    });
    heights = Math.max(heights, height);
    transactions += count;
    await delay(BETWEEN_MS);
  }
  return { heights, transactions, differences };
}
