// SPDX-License-Identifier: Apache-2.0

import { Block, ToeRegister } from '../../../src/driver/generated/registers.ts';
import type { Device } from '../../../src/driver/index.ts';

/** What is left of what the card gives to sessions. */
export interface Pools {
  readonly sessions: number;
  readonly halfOpen: number;
  readonly freeBuffers: number;
  readonly freeNodes: number;
}

/** Asks the card. */
export async function readPools(device: Device): Promise<Pools> {
  const read = (register: number) => device.read32(Block.TOE + register);
  return {
    sessions: await read(ToeRegister.IN_USE),
    halfOpen: await read(ToeRegister.HALF_OPEN),
    freeBuffers: await read(ToeRegister.FREE_BUFFERS),
    freeNodes: await read(ToeRegister.FREE_NODES),
  };
}
