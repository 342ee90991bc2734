// SPDX-License-Identifier: Apache-2.0
import type { AxiResponse } from './axi-channels.ts';

/** What lies behind a subordinate: a memory, or registers of a test's own. */
export interface AddressSpace {
  /** Fills `target` with the bytes from `addr` on. */
  read(addr: bigint, target: Uint8Array): AxiResponse;
  /** Writes the bytes whose entry in `strobes` is 1. */
  write(addr: bigint, data: Uint8Array, strobes: Uint8Array): AxiResponse;
}

/** A range of addresses that the bus refuses: from `from` to below `to`. */
export interface Refusal {
  readonly from: bigint;
  readonly to: bigint;
  readonly on: 'read' | 'write';
  /** SLVERR unless given. */
  readonly response?: 'SLVERR' | 'DECERR';
}

/**
 * A memory: DECERR outside of it, and whatever {@link refusals} say inside.
 *
 * @example
 * const memory = new BusMemory({ base: 0x8000_0000n, size: 1 << 20 });
 * memory.refusals = [{ from: 0x8000_0100n, to: 0x8000_0140n, on: 'read' }];
 */
export class BusMemory implements AddressSpace {
  readonly base: bigint;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  refusals: readonly Refusal[] = [];

  /** @param base - address of the first byte. @param size - in bytes. */
  constructor({ base = 0n, size }: { base?: bigint; size: number }) {
    this.base = base;
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
  }

  read(addr: bigint, target: Uint8Array): AxiResponse {
    const response = this.#response('read', addr, target.length);
    if (response !== 'OKAY') return response;
    const offset = Number(addr - this.base);
    target.set(this.bytes.subarray(offset, offset + target.length));
    return 'OKAY';
  }

  write(addr: bigint, data: Uint8Array, strobes: Uint8Array): AxiResponse {
    const response = this.#response('write', addr, data.length);
    if (response !== 'OKAY') return response;
    const offset = Number(addr - this.base);
    for (let i = 0; i < data.length; i++) {
      if (strobes[i]) this.bytes[offset + i] = data[i] ?? 0;
    }
    return 'OKAY';
  }

  #response(on: 'read' | 'write', addr: bigint, length: number): AxiResponse {
    const end = addr + BigInt(length);
    if (addr < this.base || end > this.base + BigInt(this.bytes.length)) return 'DECERR';
    for (const refusal of this.refusals) {
      if (refusal.on === on && addr < refusal.to && end > refusal.from) {
        return refusal.response ?? 'SLVERR';
      }
    }
    return 'OKAY';
  }
}
