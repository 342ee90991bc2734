// SPDX-License-Identifier: Apache-2.0
// A genesis for development networks and tests: its keys follow from a seed and protect nothing.

import {
  type AccountName,
  type Amount,
  isSecretKey,
  publicKeyOf,
  type SecretKey,
  sha256,
} from '../protocol/index.ts';
import { CUSTOMARY, GXN, restOfParts, WHITE_PAPER_ALLOCATION } from './allocation.ts';
import { parseGenesis } from './parse.ts';
import type { GenesisInput } from './schema.ts';
import type { Genesis } from './types.ts';

/** Options of `devGenesis`. */
export interface DevGenesisOptions {
  /** Producers, each with an account: producer1, producer2, ... */
  readonly producers: number;
  /** Further accounts with a balance: user1, user2, ... */
  readonly users?: number;
  /** Balance of each of them; 1000 GXN. */
  readonly userBalance?: Amount;
  /** Stake of each producer's account; 1000 GXN. */
  readonly stake?: Amount;
  /** Keys follow from it. */
  readonly seed?: string;
  /** 0 by default, so that equal options give equal chains. */
  readonly time?: number;
  readonly kind?: 'dpos' | 'poa';
  /** Anything else, such as `{ consensus: { slotMilliseconds: 500 } }`. */
  readonly consensus?: Partial<GenesisInput['consensus']>;
  readonly overrides?: Partial<Omit<GenesisInput, 'consensus' | 'accounts' | 'producers' | 'time'>>;
}

/** A genesis and the keys to it. */
export interface DevGenesis {
  readonly genesis: Genesis;
  /** Key of an account: owner and active. */
  secretOf(account: AccountName): SecretKey;
  /** Key that a producer signs headers and votes with. */
  signingSecretOf(producer: AccountName): SecretKey;
}

/** A secret key anybody can compute. */
export function devSecret(seed: string, label: string): SecretKey {
  for (let attempt = 0; ; attempt++) {
    const secret = sha256(Buffer.from(`hpb development key/${seed}/${label}/${attempt}`));
    if (isSecretKey(secret)) return secret;
  }
}

/**
 * Makes a genesis with the white paper's allocation: accounts hpb.crowdfunding, hpb.early, hpb.founders,
 * hpb.reserve and hpb.incentive, producers and users drawn from the first.
 *
 * @throws {GenesisError} where the options contradict each other.
 */
export function devGenesis(options: DevGenesisOptions): DevGenesis {
  const { seed = 'hpb', users = 0, kind = 'dpos' } = options;
  const { userBalance = 1000n * GXN, stake = 1000n * GXN, overrides } = options;
  const totalSupply = BigInt(overrides?.totalSupply ?? 100_000_000n * GXN);
  const secretOf = (account: AccountName) => devSecret(seed, `account/${account}`);
  const signingSecretOf = (producer: AccountName) => devSecret(seed, `signing/${producer}`);
  const account = (name: AccountName, balance: Amount, allocation: string, staked = 0n) => {
    const key = publicKeyOf(secretOf(name));
    return { name, balance, stake: staked, owner: key, active: key, allocation };
  };
  const names = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`);
  const drawn = [
    ...names('producer', options.producers).map((name) =>
      account(name, userBalance, 'crowdfunding', stake),
    ),
    ...names('user', users).map((name) => account(name, userBalance, 'crowdfunding')),
  ];
  const funds = restOfParts(totalSupply, drawn).map(({ name, rest }) =>
    account(`hpb.${name}`, rest, name),
  );
  const genesis = parseGenesis({
    name: 'development',
    ...CUSTOMARY,
    allocation: WHITE_PAPER_ALLOCATION,
    ...overrides,
    time: options.time ?? 0,
    totalSupply: `${totalSupply}`,
    consensus: { kind, producers: options.producers, ...options.consensus },
    accounts: [...funds, ...drawn].map((each) => ({
      ...each,
      balance: `${each.balance}`,
      stake: `${each.stake}`,
    })),
    producers: names('producer', options.producers).map((name) => ({
      account: name,
      signingKey: publicKeyOf(signingSecretOf(name)),
    })),
  });
  return { genesis, secretOf, signingSecretOf };
}
