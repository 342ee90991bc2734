// SPDX-License-Identifier: Apache-2.0

import type { Health } from './api/node-view.ts';
import type { Chain } from './chain/index.ts';
import type { Signatures } from './signatures/index.ts';

/** What health is judged by. */
export interface HealthParts {
  readonly chain: Chain;
  readonly signatures: Signatures;
  /** Slot now, and that of the head. */
  readonly slot: number;
  readonly headSlot: number;
  readonly headHeight: number;
  readonly finalHeight: number;
  readonly producers: number;
  readonly syncing: boolean;
}

/** Slots without a block that are normal, besides a round of absent producers. */
const QUIET_SLOTS = 5;
/** Blocks that are usually not final yet, twice. */
const UNFINAL = 16;

/** Is the node fit to serve? */
export function judgeHealth(parts: HealthParts): Health {
  const { chain, slot, headSlot, headHeight, finalHeight, producers, syncing } = parts;
  const age = slot - headSlot;
  const behind = headHeight - finalHeight;
  const check = (name: string, ok: boolean, detail: string) => ({ name, ok, detail });
  const checks = [
    check('head', age <= QUIET_SLOTS + producers, `head is ${age} slots old`),
    check('finality', behind <= UNFINAL, `${behind} blocks are not final`),
    check('sync', !syncing, syncing ? 'catching up' : 'synced'),
    check('storage', chain.core.fault === undefined, chain.core.fault?.message ?? 'written'),
    check('safety', chain.voting.fault === undefined, chain.voting.fault?.message ?? 'written'),
  ];
  return { ok: checks.every(({ ok }) => ok), checks };
}
