// SPDX-License-Identifier: Apache-2.0
// One text for one genesis: what its chain id is the hash of.

import { type Id, sha256Id } from '../protocol/index.ts';
import type { GenesisInput } from './schema.ts';
import type { Genesis } from './types.ts';

/** The complete JSON form: `parseGenesis(genesisToJson(genesis))` equals `genesis`. */
export function genesisToJson(genesis: Omit<Genesis, 'chainId'>): GenesisInput {
  const locked = new Set(
    genesis.allocation.filter(({ vesting }) => vesting.length > 0).map(({ name }) => name),
  );
  return {
    name: genesis.name,
    time: genesis.time,
    consensus: genesis.consensus,
    block: genesis.block,
    minimumBalance: `${genesis.minimumBalance}`,
    fees: {
      perTransaction: `${genesis.fees.perTransaction}`,
      perByte: `${genesis.fees.perByte}`,
      createAccount: `${genesis.fees.createAccount}`,
    },
    unstakeDelayMilliseconds: genesis.unstakeDelayMilliseconds,
    maxTransactionLifeSeconds: genesis.maxTransactionLifeSeconds,
    totalSupply: `${genesis.totalSupply}`,
    allocation: genesis.allocation.map((each) => ({ ...each, vesting: [...each.vesting] })),
    accounts: genesis.accounts.map(({ balance, stake, owner, active, vesting, ...rest }) => ({
      ...rest,
      balance: `${balance}`,
      stake: `${stake}`,
      owner: { ...owner, keys: [...owner.keys], accounts: [...owner.accounts] },
      active: { ...active, keys: [...active.keys], accounts: [...active.accounts] },
      ...(!locked.has(rest.allocation ?? '') && {
        vesting: vesting.map(({ time, amount }) => ({ time, amount: `${amount}` })),
      }),
    })),
    producers: [...genesis.producers],
  };
}

/** JSON without spaces, keys in ascending order; all values are integers and ASCII (as RFC 8785 has it). */
export function canonicalGenesis(genesis: Omit<Genesis, 'chainId'>): string {
  return JSON.stringify(genesisToJson(genesis), (_key, value) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** SHA-256 of the canonical text. */
export function chainIdOf(genesis: Omit<Genesis, 'chainId'>): Id {
  return sha256Id(Buffer.from(canonicalGenesis(genesis)));
}

/** The id of block 0, the parent of block 1: the chain id. */
export function genesisId({ chainId }: Genesis): Id {
  return chainId;
}
