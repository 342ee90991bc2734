// SPDX-License-Identifier: Apache-2.0

import {
  CompletionLayout,
  DescriptorLayout,
  EngineField,
  EngineRegister,
  StatusCode,
} from '../../generated/registers.ts';
import { bitOf } from '../registers.ts';
import type { BusMemory } from './bus-memory.ts';
import type { RecordedEvent } from './format.ts';
import { transfersOf } from './transfers.ts';

type Described = Extract<RecordedEvent, { type: 'descriptor' }>;
type Completed = Extract<RecordedEvent, { type: 'completion' }>;

const COUNT_MASK = 0xffff;
const NUMBER_MASK = 0x7fff;
const PHASE_BIT = 0x8000;
const LOG2_MIN = 2;
const ENABLE = bitOf(EngineField.CONTROL_ENABLE);
const RESET = bitOf(EngineField.CONTROL_RESET);

/**
 * Follows one engine's rings from outside: its registers are told as they are written, the rest
 * stands in memory that host and card share.
 *
 * A driver owes what `RingPair` keeps: a slot's memory is used again only after CQ_HEAD or a reset was
 * written. So a look before each write sees every result before it is overwritten.
 */
export class RingWatch {
  readonly #block: number;
  readonly #log2Max: number;
  readonly #memory: BusMemory;
  #enabled = false;
  #sq = { base: 0n, size: 2 ** LOG2_MIN };
  #cq = { base: 0n, size: 2 ** LOG2_MIN };
  #pushed = 0;
  #seen = 0;
  /** Descriptors without a completion, by number. */
  readonly #open = new Map<number, Uint8Array>();

  /** @param log2Max - largest ring that the card takes, as a power of two. */
  constructor(block: number, log2Max: number, memory: BusMemory) {
    this.#block = block;
    this.#log2Max = log2Max;
    this.#memory = memory;
  }

  /** Bus address of the descriptor that follows so many others which no doorbell has told yet. */
  placeOf(ahead: number): bigint {
    const entry = (this.#pushed + ahead) % this.#sq.size;
    return this.#sq.base + BigInt(entry * DescriptorLayout.BYTES);
  }

  /** Completions that have come since the last look. */
  *look(): Generator<Completed> {
    for (let entry = this.#entry(this.#seen); entry; entry = this.#entry(this.#seen)) {
      this.#seen++;
      yield this.#complete(entry);
    }
  }

  /**
   * Tells what a register write means, before the card sees it.
   *
   * @param register - offset in the engine's block.
   */
  *write(register: number, value: number): Generator<Described | Completed> {
    switch (register) {
      case EngineRegister.CONTROL:
        if ((value & RESET) !== 0) yield* this.#reset();
        else this.#enabled = (value & ENABLE) !== 0;
        return;
      case EngineRegister.SQ_TAIL:
        yield* this.#doorbell(value);
        return;
      default:
        if (!this.#enabled) this.#configure(register, value);
    }
  }

  #configure(register: number, value: number): void {
    const size = () => 2 ** Math.min(Math.max(value, LOG2_MIN), this.#log2Max);
    const low = (base: bigint) => ((base >> 32n) << 32n) | BigInt(value & ~0xfff & 0xffff_ffff);
    const high = (base: bigint) => (BigInt(value) << 32n) | (base & 0xffff_ffffn);
    switch (register) {
      case EngineRegister.SQ_BASE_LO:
        this.#sq.base = low(this.#sq.base);
        return;
      case EngineRegister.SQ_BASE_HI:
        this.#sq.base = high(this.#sq.base);
        return;
      case EngineRegister.SQ_LOG2:
        this.#sq.size = size();
        return;
      case EngineRegister.CQ_BASE_LO:
        this.#cq.base = low(this.#cq.base);
        return;
      case EngineRegister.CQ_BASE_HI:
        this.#cq.base = high(this.#cq.base);
        return;
      case EngineRegister.CQ_LOG2:
        this.#cq.size = size();
        return;
    }
  }

  *#doorbell(tail: number): Generator<Described> {
    const count = (tail - this.#pushed) & COUNT_MASK;
    if (count > this.#sq.size) return; // refused by the card, too
    for (let i = 0; i < count; i++) {
      const place = this.#memory.find(this.placeOf(0), DescriptorLayout.BYTES);
      const descriptor = place?.slice() ?? new Uint8Array(DescriptorLayout.BYTES);
      const number = this.#pushed++ & NUMBER_MASK;
      this.#open.set(number, descriptor);
      const transfers = transfersOf(this.#block, descriptor);
      const input =
        transfers &&
        this.#memory.find(transfers.input, transfers.count * transfers.inputRecordBytes);
      yield {
        type: 'descriptor',
        block: this.#block,
        number,
        descriptor,
        input: input?.slice() ?? new Uint8Array(),
      };
    }
  }

  /** What stands behind completions that never came; nobody waits for those any more. */
  *lookBehind(): Generator<Completed> {
    // No further than there are answers due: an entry never written looks like one of a later pass.
    const end = this.#seen + Math.min(this.#open.size, this.#cq.size);
    for (let count = this.#seen; this.#enabled && count < end; count++) {
      const entry = this.#entry(count);
      if (!entry) continue;
      this.#seen = count + 1;
      yield this.#complete(entry);
    }
  }

  *#reset(): Generator<Completed> {
    yield* this.lookBehind();
    this.#enabled = false;
    this.#sq = { base: 0n, size: 2 ** LOG2_MIN };
    this.#cq = { base: 0n, size: 2 ** LOG2_MIN };
    this.#pushed = 0;
    this.#seen = 0;
    this.#open.clear();
  }

  #complete(completion: Uint8Array): Completed {
    const view = new DataView(completion.buffer);
    const number = view.getUint16(CompletionLayout.INDEX, true) & NUMBER_MASK;
    const status = view.getUint16(CompletionLayout.STATUS, true);
    const descriptor = this.#open.get(number);
    this.#open.delete(number);
    const transfers = descriptor && transfersOf(this.#block, descriptor);
    const result =
      transfers && status === StatusCode.OK
        ? this.#memory.find(transfers.result, transfers.count * transfers.resultRecordBytes)
        : undefined;
    return {
      type: 'completion',
      block: this.#block,
      number,
      completion,
      result: result?.slice() ?? new Uint8Array(),
    };
  }

  /** A copy of the entry, once the card has written it. */
  #entry(count: number): Uint8Array | undefined {
    if (!this.#enabled) return undefined;
    const offset = (count % this.#cq.size) * CompletionLayout.BYTES;
    const entry = this.#memory.find(this.#cq.base + BigInt(offset), CompletionLayout.BYTES);
    if (!entry) return undefined;
    // The phase, in the last bytes to change, first: the rest is there when it is.
    const index = entry[CompletionLayout.INDEX]! | (entry[CompletionLayout.INDEX + 1]! << 8);
    const phase = Math.floor(count / this.#cq.size) % 2 === 0 ? PHASE_BIT : 0;
    return (index & PHASE_BIT) === phase ? entry.slice() : undefined;
  }
}
