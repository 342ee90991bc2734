// SPDX-License-Identifier: Apache-2.0

import type { DmaMemory } from '../device.ts';

/** DMA memory by its bus address: what a card that reads or writes there would find. */
export class BusMemory {
  readonly #regions: DmaMemory[] = [];

  add(memory: DmaMemory): void {
    this.#regions.push(memory);
  }

  /** `length` bytes at a bus address, shared; `undefined` unless all of them are in one region. */
  find(address: bigint, length: number): Uint8Array | undefined {
    for (const { address: start, bytes } of this.#regions) {
      if (address < start || address >= start + BigInt(bytes.length)) continue;
      const from = Number(address - start);
      if (length > bytes.length - from) return undefined;
      return bytes.subarray(from, from + length);
    }
    return undefined;
  }
}
