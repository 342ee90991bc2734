// SPDX-License-Identifier: Apache-2.0
// Amounts as people write them: GXN with up to eight decimals.

import { CliError, EXIT } from '../exit.ts';

const DECIMALS = 8;
const UNITS = 10n ** BigInt(DECIMALS);
const MOST = 2n ** 64n - 1n;

/** `5.25` as 525000000n base units; nothing where it is no amount. */
export function amountOf(text: string): bigint | undefined {
  const match = /^(\d{1,12})(?:\.(\d{1,8}))?$/.exec(text);
  const units = match && BigInt(match[1]!) * UNITS + BigInt((match[2] ?? '').padEnd(DECIMALS, '0'));
  return units === null || units > MOST ? undefined : units;
}

/** The same, where it has to be one. @throws {CliError} `USAGE`, naming `what`. */
export function parseAmount(text: string, what: string): bigint {
  const units = amountOf(text);
  if (units === undefined) {
    const expected = `GXN with at most ${DECIMALS} decimals`;
    throw new CliError(EXIT.USAGE, `${what}: expected ${expected}, like 5.25; got ${text}`);
  }
  return units;
}

/** 525000000n as `5.25`; thousands are separated. */
export function formatAmount(units: bigint): string {
  const whole = (units / UNITS).toLocaleString('en-US');
  const rest = (units % UNITS).toString().padStart(DECIMALS, '0').replace(/0+$/, '');
  return rest === '' ? whole : `${whole}.${rest}`;
}
