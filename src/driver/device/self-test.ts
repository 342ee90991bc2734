// SPDX-License-Identifier: Apache-2.0
// What has to work before a card can do anything, from the register window up to a completion.

import { AccelError } from '../errors.ts';
import {
  Block,
  CardField,
  CardRegister,
  EngineField,
  EngineRegister,
  StatusCode,
} from '../generated/registers.ts';
import type { Device } from './device.ts';
import { bitOf } from './registers.ts';
import { RingPair } from './ring-pair.ts';
import { SIGNATURE_RINGS } from './signature-rings.ts';

/** One step that went well, and what it found. */
export interface SelfTestStep {
  readonly step: 'identity' | 'registers' | 'clock' | 'interrupt' | 'dma';
  readonly found: string;
}

const { SCRATCH, IRQ_CAUSE, IRQ_MASK, IRQ_SET } = CardRegister;
const DONE = bitOf(CardField.IRQ_CAUSE_SIGVERIFY_DONE);
const RESET = bitOf(EngineField.CONTROL_RESET);
/** Longest wait for the card, in its own time. */
const PATIENCE = { cycles: 10_000_000, nanoseconds: 10e9 } as const;
const RING_LOG2 = 2;
/** More than the ring has: it goes round, and its phase changes. */
const DESCRIPTORS = 10;
/** An operation that no engine has: answered without touching a record. */
const NO_OPERATION = 0xffff;

/**
 * Looks at a card step by step; each builds on those before.
 *
 * @param device - open, and not used otherwise so far; its signature engine is reset at the end.
 * @returns what each step found, as it is found.
 * @throws {AccelError} `ACCEL_DEVICE` at the first step that fails: what was expected, what came.
 */
export async function* selfTest(device: Device): AsyncGenerator<SelfTestStep> {
  const { version, mapHash, sigverify } = device.capabilities;
  yield {
    step: 'identity',
    found: `register map ${version.major}.${version.minor}, hash ${mapHash}, ${sigverify.engines} engine(s)`,
  };
  yield { step: 'registers', found: await testRegisters(device) };
  yield { step: 'clock', found: await testClock(device) };
  yield { step: 'interrupt', found: await testInterrupt(device) };
  if (device.capabilities.engines.sigverify) yield { step: 'dma', found: await testRings(device) };
}

/** Every data line high and low, alone and together. */
async function testRegisters(device: Device): Promise<string> {
  const patterns = [0, 0xffff_ffff, 0x5555_5555, 0xaaaa_aaaa];
  for (let bit = 0; bit < 32; bit++) patterns.push(2 ** bit, 0xffff_ffff - 2 ** bit);
  for (const pattern of patterns) {
    device.write32(SCRATCH, pattern);
    const got = await device.read32(SCRATCH);
    if (got !== pattern) throw failed('SCRATCH', hex(pattern), hex(got));
  }
  return `SCRATCH keeps ${patterns.length} patterns`;
}

async function testClock(device: Device): Promise<string> {
  const before = await device.counters();
  const after = await device.counters();
  if (after.cycles <= before.cycles) {
    throw failed('CYCLES', `more than ${before.cycles}`, `${after.cycles}`);
  }
  return `CYCLES goes on, ${after.cycles - before.cycles} between two readings`;
}

async function testInterrupt(device: Device): Promise<string> {
  device.write32(IRQ_MASK, DONE);
  device.write32(IRQ_SET, DONE);
  const wake = await device.waitIrq(device.now() + PATIENCE[device.timeUnit]);
  if (wake !== 'interrupt') throw failed('interrupt', 'one after IRQ_SET', wake);
  device.write32(IRQ_CAUSE, DONE);
  const cause = await device.read32(IRQ_CAUSE);
  if ((cause & DONE) !== 0) throw failed('IRQ_CAUSE', 'cleared', hex(cause));
  return 'IRQ_SET arrives here';
}

/** Descriptors that the card has to fetch and answer, and nothing else. */
async function testRings(device: Device): Promise<string> {
  const rings = new RingPair(device, SIGNATURE_RINGS, RING_LOG2);
  const memory = device.alloc(4096);
  rings.start();
  for (let id = 1; id <= DESCRIPTORS; id++) {
    const { address } = memory;
    const given = { id, op: NO_OPERATION, flags: 0, input: address, result: address, count: 1 };
    const number = rings.push(given);
    rings.ringDoorbell();
    const deadline = device.now() + PATIENCE[device.timeUnit];
    let completion = rings.take();
    while (!completion) {
      if (device.now() >= deadline) throw failed(`descriptor ${number}`, 'a completion', 'none');
      await device.waitIrq(device.now() + PATIENCE[device.timeUnit] / 1000);
      completion = rings.take();
    }
    rings.release();
    device.write32(IRQ_CAUSE, DONE);
    const { status } = completion;
    if (completion.id !== id || completion.number !== number) {
      throw failed('completion', `id ${id}, number ${number}`, JSON.stringify(completion));
    }
    if (status !== StatusCode.BAD_DESCRIPTOR) {
      throw failed('status', `${StatusCode.BAD_DESCRIPTOR}`, `${status}`);
    }
  }
  device.write32(Block.SIGVERIFY + EngineRegister.CONTROL, RESET);
  const control = await device.read32(Block.SIGVERIFY + EngineRegister.CONTROL);
  if (control === 0xffff_ffff) throw failed('CONTROL', 'an answer', hex(control));
  return `${DESCRIPTORS} descriptors fetched, ${DESCRIPTORS} completions written`;
}

function failed(what: string, expected: string, got: string): AccelError {
  return new AccelError('ACCEL_DEVICE', `${what}: expected ${expected}, got ${got}`);
}

function hex(value: number): string {
  return `0x${(value >>> 0).toString(16).padStart(8, '0')}`;
}
