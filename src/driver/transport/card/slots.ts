// SPDX-License-Identifier: Apache-2.0

import type { Device } from '../../device/device.ts';

/** A piece of memory that the card reads or writes. */
export interface Slot {
  readonly bytes: Uint8Array;
  readonly address: bigint;
}

/**
 * A bounded number of slots; who finds none waits in line.
 *
 * A slot that is given back goes to the first in line, so nobody is passed over.
 */
export class SlotPool {
  readonly #free: Slot[];
  readonly #line: ((slot: Slot) => void)[] = [];

  /** @param bytes - of one slot, a multiple of 8. */
  constructor(device: Device, count: number, bytes: number) {
    const memory = device.alloc(count * bytes);
    this.#free = Array.from({ length: count }, (_, i) => ({
      bytes: memory.bytes.subarray(i * bytes, (i + 1) * bytes),
      address: memory.address + BigInt(i * bytes),
    }));
  }

  /** Calls `use` with a slot, at once or when one is given back; `use` owns it then. */
  take(use: (slot: Slot) => void): void {
    const slot = this.#free.pop();
    if (slot) use(slot);
    else this.#line.push(use);
  }

  give(slot: Slot): void {
    const next = this.#line.shift();
    if (next) next(slot);
    else this.#free.push(slot);
  }

  /** Slots that nobody uses. */
  get free(): number {
    return this.#free.length;
  }
}
