// SPDX-License-Identifier: Apache-2.0

import { AccelError, abortError, requireArgument } from '../errors.ts';
import {
  Block,
  CardField,
  EngineField,
  EngineRegister,
  FlagCode,
  OpCode,
  StatusCode,
} from '../generated/registers.ts';
import type {
  BackendAnswer,
  BackendJob,
  BackendName,
  SignatureBackend,
} from '../signatures/contract.ts';
import { KEY_BYTES, recordBytes } from '../signatures/records.ts';
import { CrossCheck } from './cross-check.ts';
import type { Device } from './device.ts';
import { deadError, type InterruptClient, Interrupts } from './interrupts.ts';
import { bitOf } from './registers.ts';
import { takeResults } from './results.ts';
import { type Numbered, RingPair } from './ring-pair.ts';
import { type BatchCompletion, type BatchDescriptor, SIGNATURE_RINGS } from './signature-rings.ts';
import { makeSlots, resultBytes, type Slot, UNWRITTEN } from './slots.ts';

/** How the driver uses a card. */
export interface CardOptions {
  /** Size of the rings as a power of two, 2 to 8 (default 6): batches in flight. */
  readonly ringLog2?: number;
  /** Most records of one descriptor, 1 to 65535 (default 256); larger batches are split. */
  readonly chunkRecords?: number;
  /**
   * Device time (cycles on a simulation) that a batch may take besides its share of the work in
   * front of it; default 1,000,000.
   */
  readonly timeout?: number;
  /**
   * Device time granted per record in front, and multiplier interval; default 8,000: four times what a
   * core needs.
   */
  readonly recordTime?: number;
  /** Device time between looks at the rings without an interrupt; default 250,000. */
  readonly pollInterval?: number;
  /** Part of the records, 0 (default) to 1, that software repeats; a difference is quarantine. */
  readonly crossCheck?: number;
  /** Seed of the choice of those records, a 64-bit number; random unless given. */
  readonly seed?: bigint;
}

/** How often the unusual happened. */
export interface CardIncidents {
  /** Completions found without their interrupt. */
  lostInterrupts: number;
  /** Batches that were not answered in time. */
  timeouts: number;
  /** Resets of the engine. */
  resets: number;
}

interface Job extends BackendJob {
  readonly reasons: Uint8Array;
  readonly keys: Uint8Array;
  readonly resolve: (answer: BackendAnswer) => void;
  readonly reject: (error: AccelError) => void;
  readonly onAbort: () => void;
  open: number; // chunks without an answer
  settled: boolean;
}

interface Chunk {
  readonly job: Job;
  readonly from: number;
  readonly count: number;
  attempts: number;
}

interface Flight {
  readonly chunk: Chunk;
  readonly slot: Slot;
  readonly id: number;
  /** Device time. */
  deadline: number;
}

const DONE = bitOf(CardField.IRQ_CAUSE_SIGVERIFY_DONE);
const ERROR = bitOf(CardField.IRQ_CAUSE_SIGVERIFY_ERROR);
const LOST = bitOf(EngineField.STATUS_COMPLETION_LOST) | bitOf(EngineField.STATUS_BAD_DOORBELL);
const RESET = bitOf(EngineField.CONTROL_RESET);
const ALL_ONES = 0xffff_ffff;
/** A chunk that met this many resets is given up. */
const MAX_ATTEMPTS = 3;
/** Cycles granted per record and multiplier interval: four times what a core needs. */
const CYCLES_PER_RECORD = 8_000;
/** Looks at a reset under way, and device time between them. */
const RESET_LOOKS = 64;
const RESET_PAUSE = 2_000;

/**
 * secp256k1 on a card, through submission and completion rings.
 *
 * Several batches are in flight; what does not fit waits. Every batch has a deadline in device time.
 * A batch that misses it is reported, the engine is reset, and the others in flight are sent again:
 * they lose time, never their answer. A card that cannot be reset is given up, and a card that
 * answers wrongly is quarantined; neither is asked again. There is no fall back to software.
 */
export class CardBackend implements SignatureBackend, InterruptClient {
  readonly name: BackendName;
  readonly incidents: CardIncidents = { lostInterrupts: 0, timeouts: 0, resets: 0 };
  readonly causes = DONE | ERROR;
  readonly keepsAlive = true;
  readonly #device: Device;
  readonly #interrupts: Interrupts;
  readonly #rings: RingPair<BatchDescriptor, BatchCompletion>;
  readonly #free: Slot[];
  readonly #chunkRecords: number;
  readonly #timeout: number;
  readonly #perRecord: number;
  readonly #pollInterval: number;
  readonly #crossCheck: CrossCheck;
  readonly #jobs = new Set<Job>();
  readonly #queue: Chunk[] = [];
  /** By number of the descriptor. */
  readonly #flights = new Map<number, Flight>();
  #nextId = 1;
  /** The engine is being reset: nothing may be submitted. */
  #recovering = false;
  #failure: AccelError | undefined;
  #closing: Promise<void> | undefined;

  /**
   * @param interrupts - the card's, where other engines share them.
   * @throws {AccelError} `ACCEL_ARGUMENT`, `ACCEL_UNAVAILABLE` (no signature engine on it).
   */
  constructor(device: Device, options: CardOptions = {}, interrupts = new Interrupts(device)) {
    const { ringLog2 = 6, chunkRecords = 256, timeout = 1_000_000 } = options;
    const { pollInterval = 250_000, crossCheck = 0, recordTime = CYCLES_PER_RECORD } = options;
    requireRange('ringLog2', ringLog2, 2, 8);
    requireRange('chunkRecords', chunkRecords, 1, 65_535);
    requireRange('timeout', timeout, 1, Number.MAX_SAFE_INTEGER);
    requireRange('recordTime', recordTime, 1, Number.MAX_SAFE_INTEGER);
    requireRange('pollInterval', pollInterval, 1, Number.MAX_SAFE_INTEGER);
    if (!device.capabilities.engines.sigverify) {
      throw new AccelError('ACCEL_UNAVAILABLE', 'the card has no signature engine');
    }
    this.name = device.kind;
    this.#device = device;
    this.#interrupts = interrupts;
    this.#crossCheck = new CrossCheck(crossCheck, options.seed);
    this.#chunkRecords = chunkRecords;
    this.#timeout = timeout;
    this.#perRecord = recordTime * device.capabilities.sigverify.multiplierInterval;
    this.#pollInterval = pollInterval;
    this.#rings = new RingPair(device, SIGNATURE_RINGS, ringLog2);
    this.#free = makeSlots(device, this.#rings.size, chunkRecords);
    interrupts.add(this);
    this.#rings.start();
  }

  run(request: BackendJob): Promise<BackendAnswer> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const count = request.checked.length;
      const job: Job = {
        ...request,
        reasons: new Uint8Array(count),
        keys: new Uint8Array(request.operation === 'recover' ? count * KEY_BYTES : 0),
        resolve,
        reject,
        onAbort: () => this.#settle(job, abortError(request.signal!)),
        open: 0,
        settled: false,
      };
      request.signal?.addEventListener('abort', job.onAbort, { once: true });
      this.#jobs.add(job);
      for (let from = 0; from < count; from += this.#chunkRecords) {
        const size = Math.min(this.#chunkRecords, count - from);
        this.#queue.push({ job, from, count: size, attempts: 0 });
        job.open++;
      }
      this.#submit();
    });
  }

  /** Ends a job, once; its chunks still in flight are ignored when they come back. */
  #settle(job: Job, outcome: BackendAnswer | AccelError): void {
    if (job.settled) return;
    job.settled = true;
    this.#jobs.delete(job);
    job.signal?.removeEventListener('abort', job.onAbort);
    if (outcome instanceof AccelError) job.reject(outcome);
    else job.resolve(outcome);
  }

  /** Moves waiting chunks to the card while there is room. */
  #submit(): void {
    const pushed: Flight[] = [];
    while (this.#free.length > 0 && !this.#recovering) {
      const chunk = this.#queue.shift();
      if (!chunk) break;
      if (chunk.job.settled) continue;
      pushed.push(this.#push(chunk, this.#free.pop()!));
    }
    if (pushed.length > 0) {
      this.#rings.ringDoorbell();
      // Time leaps over what a card sleeps through, until it has the doorbell: it counts from there.
      const now = this.#device.now();
      for (const flight of pushed) flight.deadline += now;
    }
    if (this.#flights.size > 0) this.#interrupts.listen();
  }

  /** @returns the flight; its deadline is still the time that it may take. */
  #push(chunk: Chunk, slot: Slot): Flight {
    const { operation, records, allowHighS } = chunk.job;
    const size = recordBytes(operation);
    slot.input.set(records.subarray(chunk.from * size, (chunk.from + chunk.count) * size));
    slot.result.fill(UNWRITTEN, 0, chunk.count * resultBytes(operation));
    const id = this.#nextId;
    this.#nextId = (this.#nextId % ALL_ONES) + 1; // never 0, which stands for unreadable
    const number = this.#rings.push({
      id,
      op: operation === 'verify' ? OpCode.VERIFY : OpCode.RECOVER,
      flags: allowHighS ? FlagCode.ALLOW_HIGH_S : 0,
      input: slot.inputAddress,
      result: slot.resultAddress,
      count: chunk.count,
    });
    let ahead = chunk.count;
    for (const flight of this.#flights.values()) ahead += flight.chunk.count;
    const flight = { chunk, slot, id, deadline: this.#timeout + ahead * this.#perRecord };
    this.#flights.set(number, flight);
    return flight;
  }

  get due(): number | undefined {
    if (this.#flights.size === 0 || this.#failure) return undefined;
    let due = this.#device.now() + this.#pollInterval;
    for (const { deadline } of this.#flights.values()) due = Math.min(due, deadline);
    return due;
  }

  async attend(cause: number, found: number, interrupted: boolean): Promise<void> {
    if (found > 0 && !interrupted) this.incidents.lostInterrupts++;
    if (cause & ERROR) {
      const status = await this.#device.read32(Block.SIGVERIFY + EngineRegister.STATUS);
      if (!this.#failure && (status & LOST) !== 0) await this.#recover();
    }
    const now = this.#failure ? 0 : this.#device.now();
    for (const flight of this.#flights.values()) {
      if (flight.deadline <= now) return this.#recover();
    }
  }

  drain(): number {
    let taken = 0;
    for (let next = this.#rings.take(); next; next = this.#rings.take()) {
      this.#complete(next);
      if (this.#failure) return taken;
      taken++;
    }
    if (taken > 0) {
      this.#rings.release();
      this.#submit();
    }
    return taken;
  }

  #complete(completion: BatchCompletion & Numbered): void {
    const flight = this.#flights.get(completion.number);
    const { status } = completion;
    const unreadable = status === StatusCode.DESCRIPTOR_BUS_ERROR && completion.id === 0;
    if (!flight || (flight.id !== completion.id && !unreadable)) {
      const what = `batch ${completion.id}, descriptor ${completion.number}`;
      this.distrust(`the card completed what it was not given: ${what}`);
      return;
    }
    const { chunk, slot } = flight;
    this.#flights.delete(completion.number);
    this.#free.push(slot);
    const { job, from, count } = chunk;
    if (job.settled) return;
    if (status !== StatusCode.OK) {
      const message = `the card could not do a batch: ${statusName(status)}`;
      this.#settle(job, new AccelError('ACCEL_DEVICE', message));
      return;
    }
    const fault = takeResults(
      job.operation,
      slot.result,
      completion.valid,
      job.reasons.subarray(from, from + count),
      job.keys.subarray(from * KEY_BYTES, (from + count) * KEY_BYTES),
    );
    if (fault !== undefined) this.distrust(`the card's answer is not whole: ${fault}`);
    else if (--job.open === 0) this.#answer(job);
  }

  /** All chunks are back: check the sample, then let the caller have it. */
  #answer(job: Job): void {
    const { reasons, keys } = job;
    const answer = job.operation === 'recover' ? { reasons, keys } : { reasons };
    this.#crossCheck.disagreement(job, answer).then(
      (fault) => {
        if (fault !== undefined) this.distrust(`the card answered wrongly: ${fault}`);
        else if (!this.#failure) this.#settle(job, answer);
      },
      (error: AccelError) => this.#settle(job, error),
    );
  }

  /** Something is overdue or lost: save what is there, report the overdue, start the rest again. */
  async #recover(): Promise<void> {
    this.#recovering = true;
    const engine = Block.SIGVERIFY;
    const issued = await this.#device.read32(engine + EngineRegister.CQ_TAIL);
    if (this.#failure) return;
    if (issued === ALL_ONES) return this.fail(deadError());
    for (const completion of this.#rings.takeBehindHole(issued)) {
      this.#complete(completion);
      if (this.#failure) return;
    }
    const now = this.#device.now();
    const again: Chunk[] = [];
    for (const { chunk, deadline } of this.#flights.values()) {
      if (deadline <= now || ++chunk.attempts >= MAX_ATTEMPTS) {
        this.incidents.timeouts++;
        const message = `the card did not answer ${chunk.count} records in time; it was reset`;
        this.#settle(chunk.job, new AccelError('ACCEL_TIMEOUT', message));
      } else {
        again.push(chunk);
      }
    }
    this.incidents.resets++;
    this.#device.write32(engine + EngineRegister.CONTROL, RESET);
    if (!(await this.#resetDone())) {
      return this.fail(new AccelError('ACCEL_DEVICE', 'the card hangs and cannot be reset'));
    }
    if (this.#failure) return;
    for (const { slot } of this.#flights.values()) this.#free.push(slot);
    this.#flights.clear();
    this.#queue.unshift(...again);
    this.#recovering = false;
    this.#rings.start();
    this.#submit();
  }

  /** Waits, a bounded time, until the engine has let go of the bus. */
  async #resetDone(): Promise<boolean> {
    for (let i = 0; i < RESET_LOOKS; i++) {
      const control = await this.#device.read32(Block.SIGVERIFY + EngineRegister.CONTROL);
      if (this.#failure) return true;
      if (control === ALL_ONES) return false;
      if ((control & RESET) === 0) return true;
      await this.#interrupts.pause(this.#device.now() + RESET_PAUSE);
      if (this.#failure) return true;
    }
    return false;
  }

  /** The end of this card: everybody is told, nothing is asked of it any more. */
  fail(error: AccelError): void {
    if (this.#failure) return;
    this.#failure = error;
    this.#interrupts.remove(this);
    this.#queue.length = 0;
    for (const job of [...this.#jobs]) this.#settle(job, error);
  }

  distrust(message: string): void {
    if (this.#failure) return;
    this.fail(new AccelError('ACCEL_QUARANTINED', `${message}; it is not asked any more`));
    process.emitWarning(`hpb card quarantined: ${message}`, { code: 'ACCEL_QUARANTINED' });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const closed = new AccelError('ACCEL_CLOSED', 'the accelerator was closed');
    this.fail(closed);
    // Also after another failure, new calls hear that it is closed.
    this.#failure = closed;
    await this.#device.close();
    await this.#interrupts.settled();
    await this.#crossCheck.close();
  }
}

function requireRange(name: string, value: number, low: number, high: number): void {
  requireArgument(
    Number.isSafeInteger(value) && value >= low && value <= high,
    `${name}: expected an integer from ${low} to ${high}, got ${value}`,
  );
}

function statusName(status: number): string {
  const found = Object.entries(StatusCode).find(([, code]) => code === status);
  return found ? found[0] : `status ${status}`;
}
