// SPDX-License-Identifier: Apache-2.0
// The backends by the names of the command line.

import { AccelError, type Accelerator, openAccelerator } from '../driver/index.ts';
import { CliError, EXIT } from './exit.ts';

/** Backends that `--accel` names. */
export const ACCEL_NAMES = ['software', 'native', 'verilator'] as const;

/** One of them. */
export type AccelName = (typeof ACCEL_NAMES)[number];

/** What each of them is, in a few words. */
export const ACCEL_TITLES: Readonly<Record<AccelName, string>> = {
  software: '@noble/secp256k1 in worker threads',
  native: 'libsecp256k1 in a native thread pool',
  verilator: 'the card, simulated cycle by cycle',
};

/** Opens a backend; `threads` is for those that have some. */
export function openBackend(name: AccelName, threads?: number): Promise<Accelerator> {
  if (name === 'verilator') return openAccelerator({ kind: name });
  return openAccelerator(threads === undefined ? { kind: name } : { kind: name, threads });
}

/** How to get a backend that does not work here. */
const REMEDIES: Readonly<Record<AccelName, string>> = {
  software: 'Run `make build`.',
  native: 'Run `make build`; it needs libsecp256k1 (Debian: apt-get install libsecp256k1-dev).',
  verilator: 'Run `make build`; it needs Verilator and g++, and takes a minute or two.',
};

/** Why a backend does not open, and what to do about it. */
export function unavailability(name: AccelName, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  // The driver says it where it knows better.
  return message.includes('make build') ? message : `${message}. ${REMEDIES[name]}`;
}

/** Opens a backend or ends the command. @throws {CliError} `UNAVAILABLE`. */
export async function requireBackend(name: AccelName, threads?: number): Promise<Accelerator> {
  try {
    return await openBackend(name, threads);
  } catch (error) {
    if (!(error instanceof AccelError)) throw error;
    const message = `${name} does not work here: ${unavailability(name, error)}`;
    throw new CliError(EXIT.UNAVAILABLE, message, { cause: error });
  }
}
