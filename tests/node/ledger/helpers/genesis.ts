// A genesis with as many accounts as a test wants; keys are names, nobody signs.

import type { Genesis } from '../../../../src/node/genesis/index.ts';
import { sha256Id } from '../../../../src/node/protocol/index.ts';
import type { Authority, PublicKey } from '../../../../src/node/protocol/types.ts';

/** The key of a label: looks like one, and only the ledger's tests use it. */
export function keyOf(label: string): PublicKey {
  return `02${sha256Id(Buffer.from(label))}`;
}

/** An authority of one key. */
export function single(key: PublicKey): Authority {
  return { threshold: 1, keys: [{ key, weight: 1 }], accounts: [] };
}

export type GenesisChoice = Partial<Omit<Genesis, 'accounts' | 'producers' | 'chainId'>> & {
  readonly users?: number;
  readonly producers?: number;
  readonly extra?: Genesis['accounts'];
  /** Of producers, where somebody really signs. */
  readonly signingKey?: (name: string) => PublicKey;
};

export const BALANCE = 1_000_000n;

/** user0, user1, ... with BALANCE each, producer0, ... with as much, and as much stake. */
export function testGenesis(choice: GenesisChoice = {}): Genesis {
  const { users = 10, producers = 3, extra = [], signingKey, ...rest } = choice;
  const account = (name: string, stake: bigint) => ({
    name,
    balance: BALANCE,
    stake,
    owner: single(keyOf(`${name}/owner`)),
    active: single(keyOf(name)),
    vesting: [],
  });
  const accounts = [
    ...Array.from({ length: users }, (_, i) => account(`user${i}`, 0n)),
    ...Array.from({ length: producers }, (_, i) => account(`producer${i}`, BALANCE)),
    ...extra,
  ];
  return {
    name: 'test',
    time: 1_700_000_000_000,
    consensus: {
      kind: 'dpos',
      slotMilliseconds: 3000,
      producers,
      confirmations: Math.floor((2 * producers) / 3) + 1,
      roundSlots: producers,
      dropAfterMilliseconds: 3_600_000,
    },
    block: { maxBytes: 33_554_432, maxTransactions: 65_536 },
    minimumBalance: 100n,
    fees: { perTransaction: 10n, perByte: 0n, createAccount: 50n },
    unstakeDelayMilliseconds: 30_000,
    maxTransactionLifeSeconds: 3600,
    totalSupply: accounts.reduce((sum, { balance, stake }) => sum + balance + stake, 0n),
    allocation: [],
    ...rest,
    accounts,
    producers: Array.from({ length: producers }, (_, i) => ({
      account: `producer${i}`,
      signingKey: (signingKey ?? ((name) => keyOf(`${name}/signing`)))(`producer${i}`),
    })),
    chainId: sha256Id(Buffer.from(`chain of ${users} users`)),
  };
}
