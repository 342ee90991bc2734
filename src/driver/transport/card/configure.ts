// SPDX-License-Identifier: Apache-2.0
// Settings of the TCP engine before it takes its first frame.

import { randomBytes } from 'node:crypto';
import type { Device } from '../../device/device.ts';
import { bitOf, fieldOf, withField } from '../../device/registers.ts';
import { AccelError } from '../../errors.ts';
import {
  Block,
  EngineField,
  EngineRegister,
  ToeField,
  ToeRegister,
} from '../../generated/registers.ts';
import type { Network } from './network-options.ts';

const READY = bitOf(ToeField.STATUS_READY);
const RESET = bitOf(EngineField.CONTROL_RESET);
const ENABLE = bitOf(ToeField.NET_CONTROL_ENABLE);
/** Looks until the reset is over and the tables are clear, 65,536 cycles at most; device time between. */
const LOOKS = 200;
const PAUSE = 2_000;

/** What the engine allows. */
export interface EngineLimits {
  readonly ringLog2Max: number;
  /** Sessions at the same time. */
  readonly sessions: number;
}

/** What the driver sets besides addresses. */
export interface EngineSettings {
  /** Bytes that a session may have written and not acknowledged. */
  readonly sendLimit: number;
  /** MSL of RFC 9293, milliseconds. */
  readonly mslMs: number;
  /** Retransmissions of a SYN before it is given up. */
  readonly synRetries: number;
  /** Milliseconds of silence before a keep-alive probe, and between probes; how many are sent. */
  readonly keepAliveIdleMs: number;
  readonly keepAliveEveryMs: number;
  readonly keepAliveProbes: number;
}

const write = (device: Device, register: number, value: number) =>
  device.write32(Block.TOE + register, value);

/**
 * Resets the engine and tells it who it is; frames are not taken before `enableNetwork`.
 *
 * Keys of the session table and of initial sequence numbers are random and never leave this function.
 *
 * @throws {AccelError} rejects with `ACCEL_DEVICE` where it does not become ready.
 */
export async function configure(
  device: Device,
  { ip, prefix, gateway, mac }: Network,
  settings: EngineSettings,
): Promise<EngineLimits> {
  write(device, EngineRegister.CONTROL, RESET);
  await until(device, EngineRegister.CONTROL, (control) => (control & RESET) === 0);
  await until(device, ToeRegister.STATUS, (status) => (status & READY) !== 0);
  write(device, ToeRegister.MAC_LO, Number(mac & 0xffff_ffffn));
  write(device, ToeRegister.MAC_HI, Number(mac >> 32n));
  write(device, ToeRegister.IP, ip);
  write(device, ToeRegister.PREFIX_LEN, prefix);
  write(device, ToeRegister.GATEWAY, gateway);
  write(device, ToeRegister.MEMORY_BASE_LO, 0);
  write(device, ToeRegister.MEMORY_BASE_HI, 0);
  write(device, ToeRegister.TX_LIMIT, settings.sendLimit);
  write(device, ToeRegister.MSL_MS, settings.mslMs);
  write(device, ToeRegister.KEEP_IDLE_MS, settings.keepAliveIdleMs);
  write(device, ToeRegister.KEEP_EVERY_MS, settings.keepAliveEveryMs);
  const tries = withField(
    await device.read32(Block.TOE + ToeRegister.TRIES),
    ToeField.TRIES_SYN,
    settings.synRetries,
  );
  const keepTries = withField(tries, ToeField.TRIES_KEEP, settings.keepAliveProbes);
  write(device, ToeRegister.TRIES, keepTries);
  for (const first of [ToeRegister.LOOKUP_KEY0, ToeRegister.ISN_KEY0]) {
    const key = randomBytes(16);
    for (let word = 0; word < 4; word++)
      write(device, first + 4 * word, key.readUInt32LE(4 * word));
  }
  const kind = await device.read32(Block.TOE + EngineRegister.KIND);
  const parameters = await device.read32(Block.TOE + ToeRegister.PARAMETERS);
  return {
    ringLog2Max: fieldOf(kind, EngineField.KIND_RING_LOG2_MAX),
    sessions: 2 ** fieldOf(parameters, ToeField.PARAMETERS_SESSIONS_LOG2),
  };
}

/** Once this resolves frames are taken and sent. */
export async function enableNetwork(device: Device): Promise<void> {
  write(device, ToeRegister.NET_CONTROL, ENABLE);
  // Writes are posted, and done before the read behind them is answered.
  await device.read32(Block.TOE + ToeRegister.NET_CONTROL);
}

/** No more frames. */
export function disableNetwork(device: Device): void {
  write(device, ToeRegister.NET_CONTROL, 0);
}

async function until(
  device: Device,
  register: number,
  holds: (value: number) => boolean,
): Promise<void> {
  for (let look = 0; look < LOOKS; look++) {
    const value = await device.read32(Block.TOE + register);
    if (value === 0xffff_ffff) break;
    if (holds(value)) return;
    await device.waitIrq(device.now() + PAUSE);
  }
  throw new AccelError('ACCEL_DEVICE', "the card's TCP engine does not become ready");
}
