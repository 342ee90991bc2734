// SPDX-License-Identifier: Apache-2.0

import type { Device } from '../../device/device.ts';
import { Block, ToeRegister } from '../../generated/registers.ts';

/** First register that counts, the first of one session's, and what is in use besides. */
const FIRST = ToeRegister.RX_SEGMENTS;
const SESSION = ToeRegister.SESSION_SELECT;
const IN_USE = ['IN_USE', 'HALF_OPEN', 'FREE_BUFFERS', 'FREE_NODES'];
const ALL = (Object.keys(ToeRegister) as ToeCounter[]).filter(
  (name) => (ToeRegister[name] >= FIRST && ToeRegister[name] < SESSION) || IN_USE.includes(name),
);

/** A register that `readToeCounters` reads. */
export type ToeCounter = keyof typeof ToeRegister;

/**
 * Counters of the TCP engine by the names of their registers, 32 bits that wrap.
 *
 * @param names - those that are wanted; all unless given.
 */
export async function readToeCounters(
  device: Pick<Device, 'read32'>,
  names: readonly ToeCounter[] = ALL,
): Promise<Record<string, number>> {
  const counters: Record<string, number> = {};
  for (const name of names) counters[name] = await device.read32(Block.TOE + ToeRegister[name]);
  return counters;
}
