// SPDX-License-Identifier: Apache-2.0

import type { Device } from '../../device/device.ts';
import { deadError, type InterruptClient, type Interrupts } from '../../device/interrupts.ts';
import { bitOf } from '../../device/registers.ts';
import { RingPair } from '../../device/ring-pair.ts';
import { AccelError } from '../../errors.ts';
import {
  Block,
  CardField,
  EngineField,
  EngineRegister,
  StatusCode,
  ToeField,
  ToeRegister,
} from '../../generated/registers.ts';
import { TOE_RINGS, type ToeCompletion, type ToeDescriptor, type ToeRequest } from './rings.ts';

/** Whom the engine tells. */
export interface EngineOwner {
  /** Whether anybody awaits something for whose sake the process has to live. */
  readonly keepsAlive: boolean;
  /** Something happened to a session, in order with the answers. */
  onEvent(event: ToeCompletion): void;
  /** Nothing comes any more. */
  onFailure(error: AccelError): void;
}

/** Gets the status of a request, a `StatusCode`; never called once the engine has failed. */
export type OnAnswer = (status: number) => void;

interface Flight {
  readonly id: number;
  readonly request: ToeRequest;
  readonly onAnswer: OnAnswer;
  readonly deadline: number;
}

interface Waiting {
  readonly request: ToeRequest;
  readonly onAnswer: OnAnswer;
}

/** How the driver uses the engine's rings. */
export interface EngineOptions {
  /** Size of the rings as a power of two. */
  readonly ringLog2: number;
  /** Device time until a request has to be answered. */
  readonly timeout: number;
  /** Device time between looks at the rings without an interrupt, while answers are due. */
  readonly pollInterval: number;
  /** Milliseconds between looks while none is due. */
  readonly idleLookMs: number;
}

const DONE = bitOf(CardField.IRQ_CAUSE_TOE_DONE);
const ERROR = bitOf(CardField.IRQ_CAUSE_TOE_ERROR);
const ALL_ONES = 0xffff_ffff;
const LOST = 'an answer or an event was lost';

/** What error bits of STATUS mean. */
const FAULTS: readonly (readonly [number, string])[] = [
  [bitOf(EngineField.STATUS_BAD_DOORBELL), 'a doorbell was refused'],
  [bitOf(EngineField.STATUS_COMPLETION_LOST), LOST],
  [bitOf(ToeField.STATUS_FAULT), 'a fault in its memory or buffers'],
];

/**
 * The TCP engine of a card: requests in, answers and events out, over its rings.
 *
 * Requests are begun in the order of `submit`; those that find the ring full wait. Every answer is matched
 * with its request. Sessions do not outlive a reset, so the engine is never reset: what is overdue or
 * lost ends it (`ACCEL_DEVICE`, `ACCEL_TIMEOUT`), what cannot be true has it quarantined.
 */
export class ToeEngine implements InterruptClient {
  readonly causes = DONE | ERROR;
  /** Completions found without their interrupt. */
  lostInterrupts = 0;
  readonly #device: Device;
  readonly #interrupts: Interrupts;
  readonly #owner: EngineOwner;
  readonly #options: EngineOptions;
  readonly #rings: RingPair<ToeDescriptor, ToeCompletion>;
  /** By number of the descriptor, the oldest first. */
  readonly #flights = new Map<number, Flight>();
  readonly #waiting: Waiting[] = [];
  readonly #idleLook: NodeJS.Timeout;
  #nextId = 1;
  #draining = false;
  #doorbell = false;
  /** Something stands in the ring, and no interrupt came. */
  #overlooked = false;
  /** Completions taken when the next was found to be issued and not there. */
  #missing: number | undefined;
  #failure: AccelError | undefined;

  /** The engine has to be fresh from reset, and configured. */
  constructor(device: Device, interrupts: Interrupts, owner: EngineOwner, options: EngineOptions) {
    this.#device = device;
    this.#interrupts = interrupts;
    this.#owner = owner;
    this.#options = options;
    this.#rings = new RingPair(device, TOE_RINGS, options.ringLog2);
    interrupts.add(this);
    this.#rings.start();
    const look = () => {
      this.#lookIdle().catch(() => {}); // a device that was closed tells its waiters
    };
    this.#idleLook = setInterval(look, options.idleLookMs);
    this.#idleLook.unref();
    interrupts.listen();
  }

  get failure(): AccelError | undefined {
    return this.#failure;
  }

  get keepsAlive(): boolean {
    return this.#flights.size > 0 || this.#owner.keepsAlive;
  }

  /** An event may come at any time; answers are due. */
  get due(): number | undefined {
    if (this.#failure) return undefined;
    if (this.#overlooked) return this.#device.now();
    const [first] = this.#flights.values();
    if (!first) return Number.POSITIVE_INFINITY;
    return Math.min(first.deadline, this.#device.now() + this.#options.pollInterval);
  }

  /** Asks; `onAnswer` is called once, never within this call. */
  submit(request: ToeRequest, onAnswer: OnAnswer): void {
    if (this.#failure) return;
    this.#waiting.push({ request, onAnswer });
    if (!this.#doorbell && !this.#draining) {
      // What is asked in one turn shares a doorbell.
      this.#doorbell = true;
      queueMicrotask(() => {
        this.#doorbell = false;
        this.#flush();
      });
    }
  }

  /** The owner has more or less to keep the process alive for. */
  listen(): void {
    this.#interrupts.listen();
  }

  #flush(): void {
    if (this.#failure) return;
    let pushed = 0;
    const deadline = this.#waiting.length > 0 ? this.#device.now() + this.#options.timeout : 0;
    while (pushed < this.#waiting.length && this.#flights.size < this.#rings.size) {
      const { request, onAnswer } = this.#waiting[pushed++]!;
      const id = this.#nextId;
      this.#nextId = (this.#nextId % ALL_ONES) + 1; // never 0, which stands for unreadable
      const number = this.#rings.push({ ...request, id });
      this.#flights.set(number, { id, request, onAnswer, deadline });
    }
    if (pushed === 0) return;
    this.#waiting.splice(0, pushed);
    this.#rings.ringDoorbell();
    this.#interrupts.listen();
  }

  drain(): number {
    let taken = 0;
    this.#draining = true;
    try {
      for (let next = this.#rings.take(); next; next = this.#rings.take()) {
        if (next.status === StatusCode.EVENT) this.#owner.onEvent(next);
        else this.#answer(next, next.number);
        if (this.#failure) return taken;
        taken++;
      }
    } finally {
      this.#draining = false;
    }
    if (taken > 0) this.#rings.release();
    this.#flush();
    return taken;
  }

  #answer(completion: ToeCompletion, number: number): void {
    const flight = this.#flights.get(number);
    const { status, id } = completion;
    const unreadable = status === StatusCode.DESCRIPTOR_BUS_ERROR && id === 0;
    const known = Object.values<number>(StatusCode).includes(status);
    if (!flight || !known || (flight.id !== id && !unreadable)) {
      this.distrust(`it answered what it was not asked: id ${id}, descriptor ${number}`);
      return;
    }
    this.#flights.delete(number);
    flight.onAnswer(status);
  }

  async attend(cause: number, found: number, interrupted: boolean): Promise<void> {
    this.#overlooked = false;
    if (found > 0 && !interrupted) this.lostInterrupts++;
    if (cause & ERROR) {
      const status = await this.#device.read32(Block.TOE + ToeRegister.STATUS);
      if (this.#failure) return;
      const faults = FAULTS.filter(([bit]) => (status & bit) !== 0).map(([, text]) => text);
      if (faults.length > 0) {
        return this.fail(new AccelError('ACCEL_DEVICE', `the card: ${faults.join(', ')}`));
      }
    }
    const [first] = this.#flights.values();
    if (first && first.deadline <= this.#device.now()) {
      this.fail(new AccelError('ACCEL_TIMEOUT', 'the card did not answer in time'));
    }
  }

  /**
   * While nothing is asked no time limit has anybody look: an event could stay unheard, or be lost and
   * hide those behind it.
   */
  async #lookIdle(): Promise<void> {
    const isIdle = () => !this.#failure && this.#flights.size === 0;
    if (!isIdle()) return;
    if (this.#rings.ready) {
      this.#overlooked = true;
      this.#interrupts.listen();
      return;
    }
    const { taken } = this.#rings;
    const issued = await this.#device.read32(Block.TOE + EngineRegister.CQ_TAIL);
    if (!isIdle() || this.#rings.ready || this.#rings.taken !== taken) return;
    if (issued === ALL_ONES) return this.fail(deadError());
    // What was issued may still be on the bus; not for as long as from one look to the next.
    if (issued !== taken && this.#missing === taken) {
      this.fail(new AccelError('ACCEL_DEVICE', `the card: ${LOST}`));
    }
    this.#missing = issued === taken ? undefined : taken;
  }

  fail(error: AccelError): void {
    if (this.#failure) return;
    this.#failure = error;
    clearInterval(this.#idleLook);
    this.#interrupts.remove(this);
    this.#flights.clear();
    this.#waiting.length = 0;
    this.#owner.onFailure(error);
  }

  /** The card said what cannot be true. */
  distrust(what: string): void {
    if (this.#failure) return;
    const message = `the card is not to be trusted: ${what}`;
    this.fail(new AccelError('ACCEL_QUARANTINED', `${message}; it is not asked any more`));
    process.emitWarning(`hpb card quarantined: ${message}`, { code: 'ACCEL_QUARANTINED' });
  }
}
