// SPDX-License-Identifier: Apache-2.0

import { AccelError } from '../errors.ts';
import { Block, CardRegister } from '../generated/registers.ts';
import type { Device } from './device.ts';

/** What one engine's driver has to do with the card's interrupts. */
export interface InterruptClient {
  /** Its causes, bits of IRQ_CAUSE. */
  readonly causes: number;
  /**
   * Device time at which to look without an interrupt; `Infinity`: only an interrupt is awaited,
   * `undefined`: nothing is.
   */
  readonly due: number | undefined;
  /** Whether waiting keeps the process alive. */
  readonly keepsAlive: boolean;
  /**
   * Takes the completions that are there.
   *
   * @returns how many.
   */
  drain(): number;
  /**
   * Looks after errors and deadlines; the causes are cleared and the rings read.
   *
   * @param cause - what IRQ_CAUSE was.
   * @param found - completions that this client drained since the wait ended.
   * @param interrupted - an interrupt ended the wait, not the time.
   */
  attend(cause: number, found: number, interrupted: boolean): Promise<void>;
  /** The card is gone, or was closed: nothing comes any more. */
  fail(error: AccelError): void;
}

const CAUSE = Block.CARD + CardRegister.IRQ_CAUSE;
const MASK = Block.CARD + CardRegister.IRQ_MASK;
const ALL_ONES = 0xffff_ffff;

/**
 * The one who waits for a card's interrupts, for the drivers of all its engines.
 *
 * Waits while any of them awaits something, clears the causes once for all, and calls each: two reads
 * and a write of registers a wake-up, however many engines there are.
 */
export class Interrupts {
  readonly #device: Device;
  readonly #clients = new Set<InterruptClient>();
  #service: Promise<void> | undefined;
  /** A wait is under way that an earlier alarm could end. */
  #waiting = false;
  #alarm: number | undefined;
  #keepsAlive = true;
  /** An interrupt came during `pause`. */
  #missed = false;
  #failed = false;

  constructor(device: Device) {
    this.#device = device;
  }

  /** Lets a client's causes through. */
  add(client: InterruptClient): void {
    this.#clients.add(client);
    this.#device.write32(MASK, this.#causes());
  }

  /** Forgets a client that failed or was closed. */
  remove(client: InterruptClient): void {
    this.#clients.delete(client);
  }

  /** What a client awaits has changed: sees that somebody listens, until the right time. */
  listen(): void {
    if (this.#failed) return;
    if (!this.#service) {
      if (this.#due() === undefined) return;
      this.#service = this.#serve().finally(() => {
        this.#service = undefined;
        // Something may have come between the last look and this line.
        this.listen();
      });
    } else if (this.#waiting) {
      this.#rearm();
    }
  }

  /** Waits within `attend`; an interrupt meanwhile is attended to afterwards. */
  async pause(until: number): Promise<void> {
    if ((await this.#device.waitIrq(until)) === 'interrupt') this.#missed = true;
  }

  /** Resolves when nobody is waiting any more; after the device was closed. */
  async settled(): Promise<void> {
    await this.#service;
  }

  #causes(): number {
    let causes = 0;
    for (const client of this.#clients) causes |= client.causes;
    return causes;
  }

  #due(): number | undefined {
    let due: number | undefined;
    for (const client of this.#clients) {
      if (client.due !== undefined) due = Math.min(due ?? Number.POSITIVE_INFINITY, client.due);
    }
    return due;
  }

  #wantsProcess(): boolean {
    for (const client of this.#clients) {
      if (client.due !== undefined && client.keepsAlive) return true;
    }
    return false;
  }

  /** While the wait lasts: an alarm may come forward, and the process may be let go. */
  #rearm(): void {
    const due = this.#due();
    const keepsAlive = this.#wantsProcess();
    const sooner = due !== undefined && due < (this.#alarm ?? Number.POSITIVE_INFINITY);
    if (!sooner && keepsAlive === this.#keepsAlive) return;
    if (sooner) this.#alarm = due;
    this.#keepsAlive = keepsAlive;
    this.#device.rearm(this.#alarm, keepsAlive);
  }

  async #serve(): Promise<void> {
    try {
      for (;;) {
        const due = this.#due();
        if (due === undefined || this.#failed) return;
        const wake = this.#missed ? 'interrupt' : await this.#wait(due);
        this.#missed = false;
        if (wake === 'closed') {
          return this.#fail(new AccelError('ACCEL_CLOSED', 'the device was closed'));
        }
        await this.#attend(wake === 'interrupt');
      }
    } catch (cause) {
      this.#fail(
        cause instanceof AccelError
          ? cause
          : new AccelError('ACCEL_DEVICE', `the driver failed: ${cause}`, { cause }),
      );
    }
  }

  async #wait(due: number) {
    this.#alarm = Number.isFinite(due) ? due : undefined;
    this.#keepsAlive = this.#wantsProcess();
    this.#waiting = true;
    try {
      return await this.#device.waitIrq(this.#alarm, this.#keepsAlive);
    } finally {
      this.#waiting = false;
    }
  }

  async #attend(interrupted: boolean): Promise<void> {
    // Whose answer is in a ring already does not wait for registers.
    const found = new Map<InterruptClient, number>();
    for (const client of this.#clients) found.set(client, client.drain());
    if (this.#clients.size === 0) return;
    // Clear the causes, be sure that they are cleared, then read the rings: what comes later, interrupts.
    const cause = await this.#device.read32(CAUSE);
    if (cause === ALL_ONES) return this.#fail(deadError());
    this.#device.write32(CAUSE, cause);
    await this.#device.read32(CAUSE);
    for (const client of this.#clients) {
      const taken = (found.get(client) ?? 0) + client.drain();
      if (this.#clients.has(client)) await client.attend(cause, taken, interrupted);
    }
  }

  #fail(error: AccelError): void {
    this.#failed = true;
    const clients = [...this.#clients];
    this.#clients.clear();
    for (const client of clients) client.fail(error);
  }
}

/** The error of a card whose registers read all ones. */
export function deadError(): AccelError {
  return new AccelError('ACCEL_DEVICE', 'the card does not answer any more');
}
