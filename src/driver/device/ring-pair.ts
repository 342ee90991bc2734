// SPDX-License-Identifier: Apache-2.0

import {
  Block,
  CompletionLayout,
  DescriptorLayout,
  EngineField,
  EngineRegister,
} from '../generated/registers.ts';
import type { Device, DmaMemory } from './device.ts';
import { bitOf } from './registers.ts';

/** One batch for the card. */
export interface Descriptor {
  readonly id: number;
  readonly op: number;
  readonly flags: number;
  /** Bus addresses, multiples of 8. */
  readonly input: bigint;
  readonly result: bigint;
  readonly count: number;
}

/** The card's word on one batch. */
export interface Completion {
  readonly id: number;
  /** Number of valid results. */
  readonly valid: number;
  readonly status: number;
  /** Number of the descriptor, modulo 32768; see `RingPair.push`. */
  readonly number: number;
}

/** Counts go round at 2^16, numbers of descriptors in completions at 2^15. */
const COUNT_MASK = 0xffff;
const NUMBER_MASK = 0x7fff;
const PHASE_BIT = 0x8000;
const ENABLE = bitOf(EngineField.CONTROL_ENABLE);

/** Submission and completion ring of one engine, in host memory, of the same size. */
export class RingPair {
  readonly size: number;
  readonly #device: Device;
  readonly #log2: number;
  readonly #submission: DmaMemory;
  readonly #completion: DmaMemory;
  readonly #descriptors: DataView;
  readonly #entries: DataView;
  /** Descriptors pushed and completions taken since `start`, not reduced. */
  #pushed = 0;
  #taken = 0;

  /** @param log2 - size of both rings as a power of two, within the card's limits. */
  constructor(device: Device, log2: number) {
    this.size = 2 ** log2;
    this.#device = device;
    this.#log2 = log2;
    this.#submission = device.alloc(this.size * DescriptorLayout.BYTES);
    this.#completion = device.alloc(this.size * CompletionLayout.BYTES);
    this.#descriptors = viewOf(this.#submission.bytes);
    this.#entries = viewOf(this.#completion.bytes);
  }

  /** Tells the engine, freshly reset, where the rings are, and starts it. */
  start(): void {
    this.#pushed = 0;
    this.#taken = 0;
    this.#completion.bytes.fill(0); // phase 0: nothing written yet
    this.#write(EngineRegister.SQ_BASE_LO, Number(this.#submission.address & 0xffff_ffffn));
    this.#write(EngineRegister.SQ_BASE_HI, Number(this.#submission.address >> 32n));
    this.#write(EngineRegister.SQ_LOG2, this.#log2);
    this.#write(EngineRegister.CQ_BASE_LO, Number(this.#completion.address & 0xffff_ffffn));
    this.#write(EngineRegister.CQ_BASE_HI, Number(this.#completion.address >> 32n));
    this.#write(EngineRegister.CQ_LOG2, this.#log2);
    this.#write(EngineRegister.CONTROL, ENABLE);
  }

  #write(register: number, value: number): void {
    this.#device.write32(Block.SIGVERIFY + register, value);
  }

  /**
   * Writes a descriptor; the card sees it after `ringDoorbell`. The caller keeps at most `size`
   * descriptors without a completion.
   *
   * @returns its number, as the completion will carry it.
   */
  push(descriptor: Descriptor): number {
    const at = (this.#pushed % this.size) * DescriptorLayout.BYTES;
    const view = this.#descriptors;
    view.setUint32(at + DescriptorLayout.ID, descriptor.id, true);
    view.setUint16(at + DescriptorLayout.OP, descriptor.op, true);
    view.setUint16(at + DescriptorLayout.FLAGS, descriptor.flags, true);
    view.setBigUint64(at + DescriptorLayout.INPUT, descriptor.input, true);
    view.setBigUint64(at + DescriptorLayout.RESULT, descriptor.result, true);
    view.setUint32(at + DescriptorLayout.COUNT, descriptor.count, true);
    view.setUint32(at + DescriptorLayout.ZERO, 0, true);
    return this.#pushed++ & NUMBER_MASK;
  }

  /** Tells the card how many descriptors there are. */
  ringDoorbell(): void {
    this.#write(EngineRegister.SQ_TAIL, this.#pushed & COUNT_MASK);
  }

  /** Takes the next completion; `undefined` when the card has not written it. */
  take(): Completion | undefined {
    const completion = this.#entry(this.#taken);
    if (completion) this.#taken++;
    return completion;
  }

  /** Frees the entries of all completions taken. */
  release(): void {
    this.#write(EngineRegister.CQ_HEAD, this.#taken & COUNT_MASK);
  }

  /**
   * Takes what stands behind a missing completion, as far as the card says that it wrote; only
   * before a reset.
   *
   * @param issued - register CQ_TAIL.
   */
  takeBehindHole(issued: number): Completion[] {
    const ahead = Math.min((issued - this.#taken) & COUNT_MASK, this.size);
    const end = this.#taken + ahead;
    const found: Completion[] = [];
    for (; this.#taken < end; this.#taken++) {
      const completion = this.#entry(this.#taken);
      if (completion) found.push(completion);
    }
    return found;
  }

  #entry(count: number): Completion | undefined {
    const at = (count % this.size) * CompletionLayout.BYTES;
    const view = this.#entries;
    // The phase, in the last bytes to change, first: the rest is there when it is.
    const index = view.getUint16(at + CompletionLayout.INDEX, true);
    const phase = Math.floor(count / this.size) % 2 === 0 ? PHASE_BIT : 0;
    if ((index & PHASE_BIT) !== phase) return undefined;
    return {
      id: view.getUint32(at + CompletionLayout.ID, true),
      valid: view.getUint32(at + CompletionLayout.VALID, true),
      status: view.getUint16(at + CompletionLayout.STATUS, true),
      number: index & NUMBER_MASK,
    };
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
