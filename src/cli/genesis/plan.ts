// SPDX-License-Identifier: Apache-2.0
// What an operator says about a new network; a genesis follows from it.

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { authority, firstIssue, WHITE_PAPER_ALLOCATION } from '../../node/genesis/index.ts';
import { nameSchema, publicKeySchema } from '../../node/protocol/index.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import { amountOf } from '../tx/amount.ts';

const PARTS = WHITE_PAPER_ALLOCATION.map(({ name }) => name) as [string, ...string[]];

const gxn = z.string('expected GXN as text, like "5.25"').transform((text, context) => {
  const units = amountOf(text);
  if (units !== undefined) return units;
  context.addIssue('expected GXN with at most 8 decimals, like "5.25"');
  return z.NEVER;
});

const TIME = 'expected a time like "2030-01-31T12:00:00Z", or milliseconds since 1970';

const time = z
  .union([z.int(TIME), z.iso.datetime(TIME)], TIME)
  .transform((value) => (typeof value === 'string' ? Date.parse(value) : value));

/** `owner` may change everything, `active` spends; they are keys, or authorities as in a genesis. */
const holder = { owner: authority, active: authority.optional() };
const amounts = { balance: gxn, stake: gxn.default(0n) };
const funds = z.partialRecord(z.enum(PARTS), z.strictObject(holder)).default({});

const planSchema = z.strictObject({
  name: z.string().regex(/^[\x20-\x7e]{1,64}$/, 'expected 1 to 64 printable ASCII characters'),
  /** Slot 0 begins; now. */
  time: time.optional(),
  consensus: z.enum(['dpos', 'poa']).default('dpos'),
  slotMilliseconds: z.int().default(3000),
  /** Producers that take turns; all. */
  seats: z.int().optional(),
  supply: gxn.prefault('100000000'),
  /** Of the five funds. */
  fundKey: publicKeySchema.optional(),
  /** Funds that are somebody else's. */
  funds,
  producers: z
    .array(
      z.strictObject({
        account: nameSchema,
        signingKey: publicKeySchema,
        ...holder,
        balance: gxn.prefault('1000'),
        stake: gxn.prefault('1000'),
      }),
    )
    .min(1, 'expected at least one'),
  /** Further accounts; what they have comes out of a part of the supply. */
  accounts: z
    .array(
      z.strictObject({
        name: nameSchema,
        ...holder,
        ...amounts,
        allocation: z.enum(PARTS).default('crowdfunding'),
      }),
    )
    .default([]),
});

/** A plan, checked. */
export type Plan = z.output<typeof planSchema>;

/** Where plans come from: a file, and what flags say instead. */
export interface PlanSources {
  readonly file?: string;
  readonly flags: Readonly<Record<string, unknown>>;
}

/** Flags by the key that they set. */
const FLAGS: Readonly<Record<string, string>> = {
  name: '--name',
  fundKey: '--fund-key',
  producers: '--producer',
};

/**
 * A plan of a file and of flags, which replace what the file says.
 *
 * @throws {CliError} `USAGE` where a flag is wrong or a key is nowhere, `INPUT` where the file is.
 */
export function readPlan({ file, flags }: PlanSources): Plan {
  const input = { ...(file !== undefined && readFile(file)), ...flags };
  const result = planSchema.safeParse(input);
  if (result.success) return result.data;
  const { key, message } = firstIssue(result.error, input);
  const [top = ''] = key.split('.');
  const [exit, origin]: [ExitCode, string] =
    file !== undefined && !Object.hasOwn(flags, top)
      ? [EXIT.INPUT, ` (${file})`]
      : [EXIT.USAGE, ''];
  const flag = !Object.hasOwn(input, top) && FLAGS[top] ? ` (${FLAGS[top]} or --plan)` : '';
  throw new CliError(exit, `plan.${key}${flag || origin}: ${message}`);
}

function readFile(file: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new CliError(EXIT.INPUT, `${file}: ${(error as Error).message}`, { cause: error });
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) {
    return json as Record<string, unknown>;
  }
  throw new CliError(EXIT.INPUT, `${file}: expected an object`);
}
