// SPDX-License-Identifier: Apache-2.0

import type { Device } from '../../device/device.ts';
import { deadError } from '../../device/interrupts.ts';
import { bitOf, fieldOf } from '../../device/registers.ts';
import { AccelError } from '../../errors.ts';
import { Block, ToeField, ToeRegister, ToeStateCode } from '../../generated/registers.ts';
import type { TcpCounters, TcpState } from '../contract.ts';

const BUSY = bitOf(ToeField.SESSION_STATUS_BUSY);
const VALID = bitOf(ToeField.SESSION_STATUS_VALID);
/** Looks until the snapshot is there; a register is read in more time than it takes. */
const LOOKS = 100;

const STATES = new Map<number, TcpState>(
  Object.entries(ToeStateCode).map(([name, code]) => [code, name.replaceAll('_', '-') as TcpState]),
);

/** Reads what the card counts of single sessions; whoever asks while another is being read waits. */
export class SessionCounters {
  readonly #device: Device;
  #last: Promise<unknown> = Promise.resolve();

  constructor(device: Device) {
    this.#device = device;
  }

  /**
   * A snapshot of one session's counters. They stay after its end, until the number is used again.
   *
   * @throws {AccelError} rejects with `ACCEL_ARGUMENT` (the card has no such session number),
   *   `ACCEL_DEVICE`, `ACCEL_CLOSED`.
   */
  read(session: number): Promise<TcpCounters> {
    const counters = this.#last.then(() => this.#read(session));
    this.#last = counters.catch(() => {});
    return counters;
  }

  async #read(session: number): Promise<TcpCounters> {
    const read = (register: number) => this.#device.read32(Block.TOE + register);
    this.#device.write32(Block.TOE + ToeRegister.SESSION_SELECT, session);
    const status = await this.#status(session);
    if ((status & VALID) === 0) {
      throw new AccelError(
        'ACCEL_ARGUMENT',
        `session ${session}: the card has none of that number`,
      );
    }
    const state = STATES.get(fieldOf(status, ToeField.SESSION_STATUS_STATE));
    if (state === undefined) {
      throw new AccelError('ACCEL_DEVICE', `the card: session ${session} is in no state of TCP`);
    }
    const bytes = async (low: number, high: number) =>
      (await read(low)) + (await read(high)) * 2 ** 32;
    return {
      state,
      segmentsIn: await read(ToeRegister.SESSION_SEGMENTS_IN),
      segmentsOut: await read(ToeRegister.SESSION_SEGMENTS_OUT),
      payloadIn: await bytes(ToeRegister.SESSION_BYTES_IN_LO, ToeRegister.SESSION_BYTES_IN_HI),
      payloadOut: await bytes(ToeRegister.SESSION_BYTES_OUT_LO, ToeRegister.SESSION_BYTES_OUT_HI),
      retransmitted: await read(ToeRegister.SESSION_RETRANSMITTED),
      duplicateAcks: await read(ToeRegister.SESSION_DUP_ACKS),
      outOfOrder: await read(ToeRegister.SESSION_OUT_OF_ORDER),
      unacceptable: await read(ToeRegister.SESSION_UNACCEPTABLE),
      noRoom: await read(ToeRegister.SESSION_NO_ROOM),
    };
  }

  async #status(session: number): Promise<number> {
    for (let look = 0; look < LOOKS; look++) {
      const status = await this.#device.read32(Block.TOE + ToeRegister.SESSION_STATUS);
      if (status === 0xffff_ffff) throw deadError();
      if ((status & BUSY) === 0) return status;
    }
    throw new AccelError(
      'ACCEL_DEVICE',
      `the card does not read the counters of session ${session}`,
    );
  }
}
