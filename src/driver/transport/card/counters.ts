// SPDX-License-Identifier: Apache-2.0

import type { Device } from '../../device/device.ts';
import { Block, ToeRegister } from '../../generated/registers.ts';

/** First register that counts, and what is in use besides. */
const FIRST = 0x200;
const IN_USE = ['IN_USE', 'HALF_OPEN', 'FREE_BUFFERS', 'FREE_NODES'];

/** Counters of the TCP engine by the names of their registers, 32 bits that wrap. */
export async function readToeCounters(device: Device): Promise<Record<string, number>> {
  const counters: Record<string, number> = {};
  for (const [name, offset] of Object.entries(ToeRegister)) {
    if (offset < FIRST && !IN_USE.includes(name)) continue;
    counters[name] = await device.read32(Block.TOE + offset);
  }
  return counters;
}
