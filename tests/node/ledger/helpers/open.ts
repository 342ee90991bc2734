// Chains that close by themselves when their test ends.

import { afterAll, afterEach } from 'vitest';
import { Chain, removeDirectories } from './chain.ts';
import { type GenesisChoice, testGenesis } from './genesis.ts';

const open: Chain[] = [];

/** A chain for one test; call from a test of a file that called `closeChains()`. */
export async function newChain(choice?: GenesisChoice): Promise<Chain> {
  const chain = await Chain.open(testGenesis(choice));
  open.push(chain);
  return chain;
}

/** At the top of a file. */
export function closeChains(): void {
  afterEach(async () => {
    for (const chain of open.splice(0)) await chain.ledger.close();
  });
  afterAll(removeDirectories);
}
