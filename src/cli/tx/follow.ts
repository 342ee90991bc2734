// SPDX-License-Identifier: Apache-2.0
// A transaction from where it is to where somebody wants it.

import type { Id } from '../../node/protocol/index.ts';
import { type ApiEvent, ApiEvents } from '../api-events.ts';
import { CliError, EXIT } from '../exit.ts';
import type { Terminal } from '../terminal.ts';

/** What can be waited for, in this order; `confirmed` is by all K that are needed. */
export const STAGES = ['seen', 'included', 'confirmed', 'final'] as const;

export type Stage = (typeof STAGES)[number];

/** How far a transaction has come, as the node says it. */
export type Status = Extract<ApiEvent, { readonly type: 'statuses' }>['statuses'][number];

export interface FollowOptions {
  readonly url: string;
  readonly id: Id;
  readonly until: Stage;
  readonly timeoutSeconds: number;
  readonly terminal: Terminal;
  /** Called once the node tells of the transaction: nothing is missed of what happens then. */
  readonly start?: () => Promise<void>;
}

/** How far `status` is on the way: an index of `STAGES`, -1 before it. */
function progressOf({ state, confirmations = 0, needed = 0 }: Status): number {
  if (state !== 'confirmed') return STAGES.indexOf(state as Stage);
  return STAGES.indexOf(confirmations >= needed ? 'confirmed' : 'included');
}

/** A status for people. */
export function statusText(status: Status): string {
  const { state, block, confirmations, needed, reason } = status;
  const where = block ? ` in block ${block.height}` : '';
  if (state === 'confirmed') return `confirmed ${confirmations}/${needed}${where}`;
  if (state === 'dropped') return `dropped: ${reason}`;
  return `${state}${where}`;
}

/**
 * Waits until a transaction is where it should be, and tells of its way on standard error.
 *
 * @throws {CliError} `FAILED` when it was dropped or time is over, `INTERRUPTED`, `UNAVAILABLE`.
 */
export async function followTransaction(options: FollowOptions): Promise<Status> {
  const { id, until, timeoutSeconds, terminal, start } = options;
  const wanted = STAGES.indexOf(until);
  let last: Status = { id, state: 'unknown' };
  let settle: (error?: Error) => void = () => {};
  const settled = new Promise<void>((resolve, reject) => {
    settle = (error) => (error ? reject(error) : resolve());
  });
  settled.catch(() => {}); // it may settle before anybody waits
  const take = (status: Status) => {
    last = status;
    if (terminal.stderr.isTTY) terminal.stderr.write(`${statusText(status)}\n`);
    if (status.state === 'dropped') {
      settle(new CliError(EXIT.FAILED, `the transaction was dropped: ${status.reason}`));
    } else if (progressOf(status) >= wanted) settle();
  };
  const events = await ApiEvents.open({
    url: options.url,
    onEvent: (event) => {
      if (event.type === 'statuses') for (const status of event.statuses) take(status);
    },
    onEnd: (reason) => settle(new CliError(EXIT.UNAVAILABLE, `the node went away: ${reason}`)),
  });
  const timer = setTimeout(() => {
    const message = `not ${until} after ${timeoutSeconds} s: ${statusText(last)}`;
    settle(new CliError(EXIT.FAILED, message));
  }, timeoutSeconds * 1000);
  const onInterrupt = () =>
    settle(new CliError(EXIT.INTERRUPTED, `interrupted: ${statusText(last)}`));
  terminal.interrupt.addEventListener('abort', onInterrupt, { once: true });
  try {
    const answer = await events.subscribe({ topic: 'transactions', ids: [id] });
    const [now] = (answer as { statuses: Status[] }).statuses;
    if (now && now.state !== 'unknown') take(now);
    await start?.();
    await settled;
    return last;
  } finally {
    clearTimeout(timer);
    terminal.interrupt.removeEventListener('abort', onInterrupt);
    events.close();
  }
}
