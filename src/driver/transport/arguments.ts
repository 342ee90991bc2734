// SPDX-License-Identifier: Apache-2.0
// What every transport checks.

import { AccelError, requireArgument } from '../errors.ts';

/** @throws {AccelError} `ACCEL_ARGUMENT` unless it is an integer from `low` to 65535. */
export function requirePort(port: number, low: number): void {
  const valid = Number.isInteger(port) && port >= low && port <= 65535;
  requireArgument(valid, `port: expected an integer from ${low} to 65535, got ${port}`);
}

/** @throws {AccelError} `ACCEL_ARGUMENT` unless it can be an address or a name. */
export function requireHost(host: string): void {
  const valid = typeof host === 'string' && host.length >= 1 && host.length <= 253;
  requireArgument(valid, `host: expected an address or a name, got ${JSON.stringify(host)}`);
}

/** @throws {AccelError} `ACCEL_ARGUMENT` unless it is an integer from 1 to 65535. */
export function requireBacklog(backlog: number): void {
  const valid = Number.isInteger(backlog) && backlog >= 1 && backlog <= 65535;
  requireArgument(valid, `backlog: expected an integer from 1 to 65535, got ${backlog}`);
}

/** What everybody hears once the transport is closed. */
export function closedError(): AccelError {
  return new AccelError('ACCEL_CLOSED', 'the accelerator was closed');
}
