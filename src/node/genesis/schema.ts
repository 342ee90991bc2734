// SPDX-License-Identifier: Apache-2.0
// The JSON form of a genesis: keys, types and ranges. What spans several keys is in parse.ts.

import { z } from 'zod';
import {
  amountSchema as amount,
  Limit,
  nameSchema as name,
  publicKeySchema as publicKey,
} from '../protocol/index.ts';

const integer = (low: number, high: number) => {
  const error = `expected an integer from ${low} to ${high}`;
  return z.int(error).min(low, error).max(high, error);
};

const weight = integer(1, 0xffff);

/** A key alone, or weighted keys and accounts. */
export const authority = z.union(
  [
    publicKey.transform((key) => ({ threshold: 1, keys: [{ key, weight: 1 }], accounts: [] })),
    z.strictObject({
      threshold: integer(1, 0xffff_ffff),
      keys: z.array(z.strictObject({ key: publicKey, weight })).default([]),
      accounts: z.array(z.strictObject({ account: name, role: name, weight })).default([]),
    }),
  ],
  'expected a compressed secp256k1 key, 66 lower-case hexadecimal digits, or an authority',
);

const DAY = 86_400_000;
const DURATION = 100 * 365 * DAY;
const points = integer(1, 100);

export const genesisSchema = z.strictObject({
  name: z.string().regex(/^[\x20-\x7e]{1,64}$/, 'expected 1 to 64 printable ASCII characters'),
  time: integer(0, 8_640_000_000_000_000),
  consensus: z.strictObject({
    kind: z.enum(['dpos', 'poa']),
    slotMilliseconds: integer(50, 600_000).default(3000),
    producers: integer(1, 255),
    confirmations: integer(1, 255).optional(),
    roundSlots: integer(1, 1_000_000).optional(),
    dropAfterMilliseconds: integer(1, DURATION).default(DAY),
  }),
  block: z
    .strictObject({
      maxBytes: integer(4096 + Limit.MAX_TRANSACTION_BYTES, Limit.MAX_BLOCK_BYTES).default(
        16_777_216,
      ),
      maxTransactions: integer(1, 0xffff_ffff).default(65_536),
    })
    .prefault({}),
  minimumBalance: amount,
  fees: z.strictObject({ perTransaction: amount, perByte: amount, createAccount: amount }),
  unstakeDelayMilliseconds: integer(0, DURATION).default(3 * DAY),
  maxTransactionLifeSeconds: integer(1, 86_400).default(3600),
  totalSupply: amount,
  allocation: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z][A-Za-z0-9]{0,31}$/, 'expected a word of 1 to 32 characters'),
        points,
        vesting: z
          .array(z.strictObject({ afterMilliseconds: integer(1, DURATION), points }))
          .default([]),
      }),
    )
    .default([]),
  accounts: z.array(
    z.strictObject({
      name,
      balance: amount,
      stake: amount.default(0n),
      owner: authority,
      active: authority,
      vesting: z
        .array(z.strictObject({ time: integer(0, 8_640_000_000_000_000), amount }))
        .optional(),
      allocation: z.string().optional(),
    }),
  ),
  producers: z.array(z.strictObject({ account: name, signingKey: publicKey })),
});

/** The JSON form, for who writes one. */
export type GenesisInput = z.input<typeof genesisSchema>;

/** What zod makes of it, before the checks that span several keys. */
export type GenesisFields = z.output<typeof genesisSchema>;
