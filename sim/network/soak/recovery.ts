// SPDX-License-Identifier: Apache-2.0

import { setTimeout as delay } from 'node:timers/promises';
import { formatSeconds } from '../../../src/cli/format.ts';
import type { SoakNode } from './network.ts';
import type { Check } from './outcome.ts';

/** How a network goes on once it is left alone. */
export interface Recovery {
  readonly head: number;
  /** Until that head was final on all nodes; nothing when it never was. */
  readonly seconds?: number;
}

/** Waits, at most so many milliseconds, until all nodes call final what is the highest head now. */
export async function recover(
  nodes: readonly SoakNode[],
  patience: number,
  signal: AbortSignal,
): Promise<Recovery> {
  const heads = await Promise.all(nodes.map((node) => node.status()));
  const head = Math.max(...heads.map((status) => status.head.height));
  const began = performance.now();
  while (performance.now() - began < patience && !signal.aborted) {
    const finals = await Promise.all(nodes.map((node) => node.status()));
    if (finals.every(({ final }) => final.height >= head)) {
      return { head, seconds: (performance.now() - began) / 1000 };
    }
    await delay(100);
  }
  return { head };
}

/** Did it? */
export function recoveryCheck({ head, seconds }: Recovery): Check {
  const when = seconds === undefined ? 'in time' : `after ${formatSeconds(seconds)}`;
  return {
    name: 'the network goes on',
    ok: seconds !== undefined,
    detail: `block ${head} is ${seconds === undefined ? 'not ' : ''}final on all nodes ${when}`,
  };
}
