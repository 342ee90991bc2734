// SPDX-License-Identifier: Apache-2.0
// Listens to a node across its lives.

import { setTimeout as delay } from 'node:timers/promises';
import { ApiEvents } from '../../../src/cli/api-events.ts';
import { CliError } from '../../../src/cli/exit.ts';
import type { FinalClaims } from './final-claims.ts';
import type { SoakNode } from './network.ts';

const RETRY_MS = 50;

/** Hands every block and every finality of a node to the claims, until it is aborted. */
export async function follow(
  node: SoakNode,
  claims: FinalClaims,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await listen(node, claims, signal);
    } catch (error) {
      if (!(error instanceof CliError)) throw error; // it does not run
    }
    await delay(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}

/** One connection, until it ends. */
async function listen(node: SoakNode, claims: FinalClaims, signal: AbortSignal): Promise<void> {
  claims.forget(node.name);
  const ended = new AbortController();
  const events = await ApiEvents.open({
    url: node.client.url,
    onEvent: (event) => claims.handle(node.name, event),
    onEnd: () => ended.abort(),
  });
  try {
    const end = AbortSignal.any([signal, ended.signal]);
    const over = new Promise<void>((done) => {
      if (end.aborted) done();
      end.addEventListener('abort', () => done(), { once: true });
    });
    const subscribed = Promise.all([
      events.subscribe({ topic: 'blocks', detail: 'ids' }),
      events.subscribe({ topic: 'finality' }),
    ]);
    subscribed.catch(() => {});
    await Promise.race([over, subscribed]);
    await over;
  } finally {
    events.close();
  }
}
