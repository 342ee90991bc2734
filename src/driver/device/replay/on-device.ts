// SPDX-License-Identifier: Apache-2.0

import { AccelError, requireArgument } from '../../errors.ts';
import {
  Block,
  CardField,
  CardRegister,
  CompletionLayout,
  DescriptorLayout,
  EngineField,
  EngineRegister,
} from '../../generated/registers.ts';
import type { Device, DmaMemory } from '../device.ts';
import { BusMemory } from '../recording/bus-memory.ts';
import type { Access } from '../recording/format.ts';
import type { RecordingReader } from '../recording/reader.ts';
import { RingWatch } from '../recording/ring-watch.ts';
import { transfersOf } from '../recording/transfers.ts';
import { bitOf } from '../registers.ts';
import { UNWRITTEN } from '../slots.ts';
import {
  type Answer,
  compareAnswers,
  completionDifference,
  type Difference,
  type Place,
  statusName,
  viewOf,
} from './difference.ts';
import { blockName, comparison, isEngine, registerName } from './registers.ts';
import { type ReplayResult, ReplaySummary } from './summary.ts';

/** How a run is repeated. */
export interface ReplayOptions {
  /**
   * Device time that the card gets for a completion besides its share of work; default 20,000,000
   * cycles, or 20 s.
   */
  readonly timeout?: number;
  /** Gives up. */
  readonly signal?: AbortSignal;
}

const BLOCK_MASK = 0xf000;
/** Most memory that a recording may ask for, in bytes and in pieces. */
const MAX_MEMORY = 2 ** 30;
const MAX_ALLOCATIONS = 4096;
/** Looks at a reset under way, and parts of the timeout between looks at a ring. */
const RESET_LOOKS = 1000;
const LOOKS = 1000;

const RING_BASES = {
  [EngineRegister.SQ_BASE_LO]: { low: EngineRegister.SQ_BASE_LO, high: EngineRegister.SQ_BASE_HI },
  [EngineRegister.SQ_BASE_HI]: { low: EngineRegister.SQ_BASE_LO, high: EngineRegister.SQ_BASE_HI },
  [EngineRegister.CQ_BASE_LO]: { low: EngineRegister.CQ_BASE_LO, high: EngineRegister.CQ_BASE_HI },
  [EngineRegister.CQ_BASE_HI]: { low: EngineRegister.CQ_BASE_LO, high: EngineRegister.CQ_BASE_HI },
};

/** A descriptor that waits for its recorded completion. */
interface Flight {
  readonly place: Place;
  /** The completion of this run, once it is there. */
  answer?: Answer;
}

/**
 * Repeats a recorded run on a card: the same register accesses, descriptors and inputs in the same
 * order, in memory of its own. Where the recording has a completion, this one waits for its own.
 *
 * @param device - open and not used so far; stays open.
 * @throws {AccelError} rejects with `ACCEL_ARGUMENT` (damaged file), `ACCEL_ABORTED`, and as
 *   `Device.read32`.
 */
export async function replayOnDevice(
  recording: RecordingReader,
  device: Device,
  options: ReplayOptions = {},
): Promise<ReplayResult> {
  const replay = new DeviceReplay(recording, device, options);
  const difference = await replay.run();
  return replay.summary.result(recording, difference);
}

class DeviceReplay {
  readonly summary = new ReplaySummary();
  readonly #recording: RecordingReader;
  readonly #device: Device;
  readonly #timeout: number;
  readonly #signal: AbortSignal | undefined;
  /** Memory of this run by its addresses, and by those of the recorded one. */
  readonly #memory = new BusMemory();
  readonly #recorded: { readonly address: bigint; readonly memory: DmaMemory }[] = [];
  #bytes = 0;
  readonly #rings = new Map<number, RingWatch>();
  /** Ring addresses as recorded, by offset of their low halves. */
  readonly #bases = new Map<number, { low: number; high: number }>();
  readonly #flights = new Map<string, Flight>();
  /** Descriptors put into a ring since its last doorbell, by block. */
  readonly #announced = new Map<number, number>();
  /** A completion of this run that belongs to nothing. */
  #stray: Difference | undefined;
  #access = 0;

  constructor(recording: RecordingReader, device: Device, options: ReplayOptions) {
    const unit = device.timeUnit === 'cycles' ? 1 : 1000;
    const { timeout = 20_000_000 * unit, signal } = options;
    requireArgument(timeout > 0, `timeout: expected more than 0, got ${timeout}`);
    this.#recording = recording;
    this.#device = device;
    this.#timeout = timeout;
    this.#signal = signal;
    const { ringLog2Max } = device.capabilities.sigverify;
    for (const block of [Block.SIGVERIFY, Block.TOE, Block.BROADCAST]) {
      this.#rings.set(block, new RingWatch(block, ringLog2Max, this.#memory));
    }
  }

  async run(): Promise<Difference | undefined> {
    for (const event of this.#recording.events()) {
      if (this.#signal?.aborted) {
        const cause = this.#signal.reason;
        throw new AccelError('ACCEL_ABORTED', 'the replay was given up', { cause });
      }
      this.#access = event.access;
      this.summary.see(event);
      const difference = await this.#repeat(event);
      if (difference) return difference;
    }
    return undefined;
  }

  async #repeat(event: Access): Promise<Difference | undefined> {
    switch (event.type) {
      case 'alloc':
        return this.#alloc(event.address, event.bytes);
      case 'read':
        return this.#read(event.offset, event.value);
      case 'write':
        return this.#write(event.offset, event.value);
      case 'descriptor':
        return this.#describe(event);
      case 'completion':
        return this.#complete(event);
      default:
        return undefined; // what happened to the recorded run, at its times
    }
  }

  #alloc(address: bigint, bytes: number): undefined {
    this.#bytes += bytes;
    if (this.#bytes > MAX_MEMORY || this.#recorded.length >= MAX_ALLOCATIONS) {
      throw this.#invalid(`more memory than ${MAX_MEMORY} bytes in ${MAX_ALLOCATIONS} pieces`);
    }
    const end = address + BigInt(bytes);
    const overlap = this.#recorded.some(
      (other) => address < other.address + BigInt(other.memory.bytes.length) && other.address < end,
    );
    if (overlap) throw this.#invalid('memory that was given out already');
    const memory = this.#device.alloc(bytes);
    this.#memory.add(memory);
    this.#recorded.push({ address, memory });
  }

  /** The address of this run for one of the recorded run. */
  #translate(address: bigint, bytes = 1): bigint | undefined {
    for (const { address: start, memory } of this.#recorded) {
      const offset = address - start;
      if (offset >= 0n && offset + BigInt(bytes) <= BigInt(memory.bytes.length)) {
        return memory.address + offset;
      }
    }
    return undefined;
  }

  async #read(offset: number, expected: number): Promise<Difference | undefined> {
    const got = await this.#device.read32(offset);
    const how = comparison(offset);
    if (got === expected || how === 'time') return undefined;
    const place = registerName(offset);
    const [was, is] = [hex(expected), hex(got)];
    if (how === 'kept') {
      return { access: this.#access, place, field: 'value', expected: was, got: is };
    }
    this.summary.notes.push(`another card or build: ${place} was ${was}, is ${is}`);
    return undefined;
  }

  async #write(offset: number, value: number): Promise<Difference | undefined> {
    const block = offset & BLOCK_MASK;
    const register = offset & ~BLOCK_MASK;
    if (!isEngine(offset)) {
      const resets = offset === Block.CARD + CardRegister.CONTROL;
      const bit = resets ? bitOf(CardField.CONTROL_RESET) : 0;
      return this.#set(offset, value, (value & bit) !== 0 ? [...this.#rings.keys()] : []);
    }
    if (Object.hasOwn(RING_BASES, register)) return this.#setBase(block, register, value);
    const resets = register === EngineRegister.CONTROL;
    const bit = resets ? bitOf(EngineField.CONTROL_RESET) : 0;
    return this.#set(offset, value, (value & bit) !== 0 ? [block] : []);
  }

  /** Writes a register; one that resets engines waits until they are done. */
  async #set(offset: number, value: number, resets: number[]): Promise<Difference | undefined> {
    for (const block of resets) {
      const difference = await this.#giveUp(block);
      if (difference) return difference;
    }
    this.#put(offset, value);
    if (resets.length === 0) return undefined;
    for (const block of resets) {
      if (isEngine(offset)) continue;
      const reset = bitOf(EngineField.CONTROL_RESET);
      for (const _ of this.#rings.get(block)!.write(EngineRegister.CONTROL, reset));
    }
    const bit = isEngine(offset)
      ? bitOf(EngineField.CONTROL_RESET)
      : bitOf(CardField.CONTROL_RESET);
    for (let i = 0; i < RESET_LOOKS; i++) {
      if (((await this.#device.read32(offset)) & bit) === 0) return undefined;
      await this.#device.waitIrq(this.#device.now() + this.#timeout / RESET_LOOKS);
    }
    const place = registerName(offset);
    return { access: this.#access, place, field: 'RESET', expected: 'done', got: 'not done' };
  }

  /** Writes a register and follows what that means for the rings. */
  #put(offset: number, value: number): void {
    const register = offset & ~BLOCK_MASK;
    const announces = register === EngineRegister.SQ_TAIL || register === EngineRegister.CONTROL;
    if (isEngine(offset) && announces) this.#announced.delete(offset & BLOCK_MASK);
    const ring = this.#rings.get(offset & BLOCK_MASK);
    for (const event of ring?.write(register, value) ?? []) {
      if (event.type === 'completion') this.#keep(event);
    }
    this.#device.write32(offset, value);
  }

  /** Half an address: both halves are written anew, as they are in this run. */
  #setBase(block: number, register: number, value: number): undefined {
    const { low, high } = RING_BASES[register as keyof typeof RING_BASES];
    const key = block + low;
    const base = { ...(this.#bases.get(key) ?? { low: 0, high: 0 }) };
    if (register === low) base.low = value;
    else base.high = value;
    this.#bases.set(key, base);
    const recorded = (BigInt(base.high) << 32n) | BigInt(base.low);
    const address = this.#translate(recorded) ?? recorded;
    this.#put(block + low, Number(address & 0xffff_ffffn));
    this.#put(block + high, Number(address >> 32n));
  }

  #describe(event: Extract<Access, { type: 'descriptor' }>): undefined {
    const { access, block, number, descriptor } = event;
    const key = keyOf(block, number);
    const ring = this.#rings.get(block);
    if (block !== Block.SIGVERIFY || !ring) {
      throw this.#invalid(`a descriptor of ${blockName(block)}, which this version cannot repeat`);
    }
    // Those of one doorbell follow one another.
    const ahead = this.#announced.get(block) ?? 0;
    this.#announced.set(block, ahead + 1);
    const entry = this.#memory.find(ring.placeOf(ahead), DescriptorLayout.BYTES);
    if (!entry) throw this.#invalid('a ring outside of all memory');
    if (this.#flights.has(key))
      throw this.#invalid(`descriptor ${number} again, without an answer`);
    entry.set(this.#relocate(event));
    const place = { access, place: blockName(block), number, block, descriptor };
    this.#flights.set(key, { place });
  }

  /** The descriptor with addresses of this run; input and result memory are made ready. */
  #relocate({ block, descriptor, input }: Extract<Access, { type: 'descriptor' }>): Uint8Array {
    const moved = descriptor.slice();
    const view = viewOf(moved);
    for (const field of [DescriptorLayout.INPUT, DescriptorLayout.RESULT]) {
      const address = view.getBigUint64(field, true);
      view.setBigUint64(field, this.#translate(address) ?? address, true);
    }
    const transfers = transfersOf(block, moved);
    const bytes = transfers ? transfers.count * transfers.inputRecordBytes : 0;
    if (input.length !== 0 && input.length !== bytes) {
      throw this.#invalid(`an input of ${input.length} bytes for ${bytes}`);
    }
    if (!transfers) return moved;
    const { count, resultRecordBytes } = transfers;
    this.#memory.find(transfers.input, input.length)?.set(input);
    this.#memory.find(transfers.result, count * resultRecordBytes)?.fill(UNWRITTEN);
    return moved;
  }

  async #complete(event: Extract<Access, { type: 'completion' }>): Promise<Difference | undefined> {
    const { access, block, number, completion } = event;
    const key = keyOf(block, number);
    const flight = this.#flights.get(key);
    if (!flight) {
      const id = viewOf(completion).getUint32(CompletionLayout.ID, true);
      const expected = `one for descriptor ${number}, id ${id}, which was not given`;
      return { access, place: blockName(block), field: 'completion', expected, got: 'none' };
    }
    const place = { ...flight.place, access };
    await this.#answered(flight);
    if (this.#stray) return this.#stray;
    if (!flight.answer) {
      return completionDifference(place, 'completion', statusOf(completion), 'none in time');
    }
    this.#flights.delete(key);
    this.summary.compared(block, flight.place.descriptor);
    return compareAnswers(place, event, flight.answer);
  }

  /** Waits until the card has answered, for a bounded device time. */
  async #answered(flight: Flight): Promise<void> {
    let records = 0;
    for (const { place } of this.#flights.values()) {
      records += transfersOf(place.block, place.descriptor)?.count ?? 0;
    }
    const step = this.#timeout / LOOKS;
    const deadline = this.#device.now() + this.#timeout + records * step;
    for (this.#look(); !flight.answer && !this.#stray; this.#look()) {
      const now = this.#device.now();
      if (now >= deadline) return this.#lookBehind();
      if (this.#signal?.aborted) return;
      await this.#device.waitIrq(Math.min(deadline, now + step));
    }
  }

  /**
   * The recorded run resets an engine: what it had no answer for until then, this card must not answer
   * either. Afterwards nothing of the engine is under way.
   */
  async #giveUp(block: number): Promise<Difference | undefined> {
    const flights = [...this.#flights.values()].filter((flight) => flight.place.block === block);
    const [oldest] = flights;
    if (oldest) {
      await this.#answered(oldest);
      if (this.#stray) return this.#stray;
    }
    if (oldest?.answer) {
      const got = statusOf(oldest.answer.completion);
      const place = { ...oldest.place, access: this.#access };
      return completionDifference(place, 'completion', 'none until the reset', got);
    }
    for (const { place } of flights) this.#flights.delete(keyOf(block, place.number));
    for (const key of this.#bases.keys()) {
      if ((key & BLOCK_MASK) === block) this.#bases.delete(key);
    }
    return undefined;
  }

  #look(): void {
    for (const ring of this.#rings.values()) {
      for (const completion of ring.look()) this.#keep(completion);
    }
  }

  /** The card has lost a completion: others may stand behind it. */
  #lookBehind(): void {
    for (const ring of this.#rings.values()) {
      for (const completion of ring.lookBehind()) this.#keep(completion);
    }
  }

  #keep(event: { block: number; number: number } & Answer): void {
    const flight = this.#flights.get(keyOf(event.block, event.number));
    if (flight && !flight.answer) {
      flight.answer = event;
      return;
    }
    const id = viewOf(event.completion).getUint32(CompletionLayout.ID, true);
    this.#stray ??= {
      access: this.#access,
      place: blockName(event.block),
      field: 'completion',
      expected: 'none that was not asked for',
      got: `one for descriptor ${event.number}, id ${id}`,
    };
  }

  #invalid(what: string): AccelError {
    const message = `the recording cannot be repeated: access ${this.#access} has ${what}`;
    return new AccelError('ACCEL_ARGUMENT', message);
  }
}

function keyOf(block: number, number: number): string {
  return `${block}/${number}`;
}

function statusOf(completion: Uint8Array): string {
  return statusName(viewOf(completion).getUint16(CompletionLayout.STATUS, true));
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
