// SPDX-License-Identifier: Apache-2.0
// What nodes have called final. What one of them said holds for all, and for ever.

import { hash } from 'node:crypto';
import type { ApiEvent } from '../../../src/cli/api-events.ts';

/** A block that some node called final. */
export interface Claim {
  readonly height: number;
  readonly id: string;
  /** Who said so first. */
  readonly node: string;
  /** Of the ids of its transactions; nothing while no node has shown them. */
  readonly digest?: string;
  readonly transactions?: number;
}

interface Shown {
  readonly id: string;
  readonly transactions: readonly string[];
}

/** A digest of transactions in the order of their block. */
export function digestOf(transactions: readonly string[]): string {
  return hash('sha256', transactions.join());
}

/** Holds every claim against those before it. */
export class FinalClaims {
  readonly #claims = new Map<number, Claim>();
  /** By node: blocks that it has shown and not called final yet. */
  readonly #shown = new Map<string, Map<number, Shown>>();
  readonly #highest = new Map<string, number>();
  readonly #onFinal: (claim: Claim, transactions: readonly string[]) => void;
  /** In words. */
  readonly contradictions: string[] = [];

  /** @param onFinal - called once for each block whose transactions are known. */
  constructor(onFinal: (claim: Claim, transactions: readonly string[]) => void) {
    this.#onFinal = onFinal;
  }

  /** By height. */
  get claims(): ReadonlyMap<number, Claim> {
    return this.#claims;
  }

  /** The highest block that a node has called final. */
  finalOf(node: string): number {
    return this.#highest.get(node) ?? 0;
  }

  /** A new process of a node: it may show other blocks than the last one. */
  forget(node: string): void {
    this.#shown.delete(node);
  }

  /** An event of a node that shows blocks with their transactions, and finality. */
  handle(node: string, event: ApiEvent): void {
    const shown = this.#shown.get(node) ?? new Map<number, Shown>();
    this.#shown.set(node, shown);
    if (event.type === 'block') {
      const { height, id } = event.block;
      shown.set(height, { id, transactions: event.transactions ?? [] });
    } else if (event.type === 'reverted') {
      const { height, id } = event.block;
      this.#reverted(node, height, id);
      shown.delete(height);
    } else if (event.type === 'final') {
      const { height, id } = event.block;
      for (const [below, block] of shown) {
        if (below > height) continue;
        this.claim(node, below, block.id, block.transactions);
        shown.delete(below);
      }
      this.claim(node, height, id);
    }
  }

  /** A node says that a block is final. */
  claim(node: string, height: number, id: string, transactions?: readonly string[]): void {
    if (height === 0) return; // genesis
    this.#highest.set(node, Math.max(height, this.finalOf(node)));
    const content = transactions && {
      digest: digestOf(transactions),
      transactions: transactions.length,
    };
    const before = this.#claims.get(height);
    const claim: Claim = { height, id, node: before?.node ?? node, ...content };
    if (before) this.#compare(node, before, claim);
    if (before && (before.digest !== undefined || !content)) return;
    this.#claims.set(height, claim);
    if (transactions) this.#onFinal(claim, transactions);
  }

  #compare(node: string, before: Claim, now: Claim): void {
    const { height, id, digest } = before;
    if (id !== now.id) {
      this.contradictions.push(
        `height ${height}: ${before.node} called ${id} final, ${node} ${now.id}`,
      );
    } else if (digest !== undefined && now.digest !== undefined && digest !== now.digest) {
      this.contradictions.push(`height ${height}: ${node} shows other transactions in ${id}`);
    }
  }

  #reverted(node: string, height: number, id: string): void {
    if (height > this.finalOf(node)) return;
    this.contradictions.push(`height ${height}: ${node} called ${id} final and undid it`);
  }
}
