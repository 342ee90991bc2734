// SPDX-License-Identifier: Apache-2.0

import { requireHost, requirePort } from './arguments.ts';

/** What `listen` was called with. */
export interface ListenArguments {
  readonly port: number;
  readonly host: string | undefined;
  readonly callback: (() => void) | undefined;
}

/**
 * Reads the arguments of `listen` in the forms that node:net takes: `(port, host, backlog, callback)`,
 * each but the first left out at will, and `({ port, host }, callback)`.
 *
 * @throws {AccelError} `ACCEL_ARGUMENT`.
 */
export function listenArguments(args: readonly unknown[]): ListenArguments {
  const last = args.at(-1);
  const callback = typeof last === 'function' ? (last as () => void) : undefined;
  const [first, second] = callback ? args.slice(0, -1) : args;
  const isOptions = typeof first === 'object' && first !== null;
  const from = isOptions
    ? (first as { port?: unknown; host?: unknown })
    : { port: first, host: second };
  const port = from.port ?? 0;
  requirePort(port as number, 0);
  const host = typeof from.host === 'number' ? undefined : (from.host ?? undefined); // a backlog
  if (host !== undefined) requireHost(host as string);
  return { port: port as number, host: host as string | undefined, callback };
}
