// SPDX-License-Identifier: Apache-2.0

import { EngineField, EngineRegister } from '../generated/registers.ts';
import type { Device, DmaMemory } from './device.ts';
import { bitOf } from './registers.ts';

/** What the entries of an engine's rings look like, and where its registers are. */
export interface RingLayout<Descriptor, Completion> {
  /** Offset of the engine's register block. */
  readonly block: number;
  readonly descriptorBytes: number;
  readonly completionBytes: number;
  /** Where in a completion its index stands, 2 bytes that change last. */
  readonly index: number;
  /** Writes every byte of an entry. */
  write(view: DataView, at: number, descriptor: Descriptor): void;
  /** Reads what an entry says, its index apart. */
  read(view: DataView, at: number): Completion;
}

/** What every completion has, whatever the engine. */
export interface Numbered {
  /** Number of the descriptor, modulo 32768; see `RingPair.push`. */
  readonly number: number;
}

/** Counts go round at 2^16, numbers of descriptors in completions at 2^15. */
const COUNT_MASK = 0xffff;
const NUMBER_MASK = 0x7fff;
const PHASE_BIT = 0x8000;
const ENABLE = bitOf(EngineField.CONTROL_ENABLE);

/** Submission and completion ring of one engine, in host memory, of the same size. */
export class RingPair<Descriptor, Completion> {
  readonly size: number;
  readonly #device: Device;
  readonly #layout: RingLayout<Descriptor, Completion>;
  readonly #log2: number;
  readonly #submission: DmaMemory;
  readonly #completion: DmaMemory;
  readonly #descriptors: DataView;
  readonly #entries: DataView;
  /** Descriptors pushed and completions taken since `start`, not reduced. */
  #pushed = 0;
  #taken = 0;

  /** @param log2 - size of both rings as a power of two, within the card's limits. */
  constructor(device: Device, layout: RingLayout<Descriptor, Completion>, log2: number) {
    this.size = 2 ** log2;
    this.#device = device;
    this.#layout = layout;
    this.#log2 = log2;
    this.#submission = device.alloc(this.size * layout.descriptorBytes);
    this.#completion = device.alloc(this.size * layout.completionBytes);
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
    this.#device.write32(this.#layout.block + register, value);
  }

  /**
   * Writes a descriptor; the card sees it after `ringDoorbell`. The caller keeps at most `size`
   * descriptors without a completion.
   *
   * @returns its number, as the completion will carry it.
   */
  push(descriptor: Descriptor): number {
    const at = (this.#pushed % this.size) * this.#layout.descriptorBytes;
    this.#layout.write(this.#descriptors, at, descriptor);
    return this.#pushed++ & NUMBER_MASK;
  }

  /** Tells the card how many descriptors there are. */
  ringDoorbell(): void {
    this.#write(EngineRegister.SQ_TAIL, this.#pushed & COUNT_MASK);
  }

  /** Completions taken, modulo 65536 as register CQ_TAIL counts them. */
  get taken(): number {
    return this.#taken & COUNT_MASK;
  }

  /** Whether a completion is there. */
  get ready(): boolean {
    return this.#isNew(this.#taken);
  }

  /** Takes the next completion; `undefined` when the card has not written it. */
  take(): (Completion & Numbered) | undefined {
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
  takeBehindHole(issued: number): (Completion & Numbered)[] {
    const ahead = Math.min((issued - this.#taken) & COUNT_MASK, this.size);
    const end = this.#taken + ahead;
    const found: (Completion & Numbered)[] = [];
    for (; this.#taken < end; this.#taken++) {
      const completion = this.#entry(this.#taken);
      if (completion) found.push(completion);
    }
    return found;
  }

  #isNew(count: number): boolean {
    // The phase, in the last bytes to change: the rest is there when it is.
    const phase = Math.floor(count / this.size) % 2 === 0 ? PHASE_BIT : 0;
    return (this.#index(count) & PHASE_BIT) === phase;
  }

  #index(count: number): number {
    const at = (count % this.size) * this.#layout.completionBytes;
    return this.#entries.getUint16(at + this.#layout.index, true);
  }

  #entry(count: number): (Completion & Numbered) | undefined {
    if (!this.#isNew(count)) return undefined;
    const at = (count % this.size) * this.#layout.completionBytes;
    const number = this.#index(count) & NUMBER_MASK;
    return { ...this.#layout.read(this.#entries, at), number };
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
