// SPDX-License-Identifier: Apache-2.0
// The self-test of a card: each step fails where, and only where, what it looks at is broken.

import { afterEach, expect, test, vi } from 'vitest';
import { selfTest } from '../../src/driver/device/self-test.ts';
import { SimDevice } from '../../src/driver/index.ts';
import { CARD_DOUBLE } from './helpers/backends.ts';

let device: SimDevice | undefined;
afterEach(() => device?.close());

async function open(): Promise<SimDevice> {
  device = await SimDevice.open({ library: CARD_DOUBLE });
  return device;
}

/** Steps that went well, and how it ended. */
async function run(card: SimDevice): Promise<[string[], string]> {
  const steps: string[] = [];
  try {
    for await (const { step } of selfTest(card)) steps.push(step);
    return [steps, 'passed'];
  } catch (error) {
    return [steps, (error as Error).message];
  }
}

const ALL = ['identity', 'registers', 'clock', 'interrupt', 'dma'];

test('a card that works passes all steps', async () => {
  expect(await run(await open())).toEqual([ALL, 'passed']);
});

test('a data line that hangs is found by the registers', async () => {
  const card = await open();
  const write32 = card.write32.bind(card);
  vi.spyOn(card, 'write32').mockImplementation((at, value) => write32(at, value | 0x100));
  expect(await run(card)).toEqual([
    ALL.slice(0, 1),
    'SCRATCH: expected 0x00000000, got 0x00000100',
  ]);
});

test('a clock that stands is found by the clock', async () => {
  const card = await open();
  const counters = await card.counters();
  vi.spyOn(card, 'counters').mockResolvedValue(counters);
  const [steps, end] = await run(card);
  expect(steps).toEqual(ALL.slice(0, 2));
  expect(end).toMatch(/^CYCLES: expected more than/);
});

test('a lost interrupt is found by the interrupt', async () => {
  const card = await open();
  card.inject('loseInterrupt', 1);
  expect(await run(card)).toEqual([
    ALL.slice(0, 3),
    'interrupt: expected one after IRQ_SET, got timeout',
  ]);
});

test.each([
  ['dropCompletion', 'descriptor 0: expected a completion, got none'],
  ['hang', 'descriptor 0: expected a completion, got none'],
  ['readError', 'completion: expected id 1, number 0'],
  ['corruptCompletion', 'completion: expected id 1, number 0'],
] as const)('%s is found by the rings', async (fault, message) => {
  const card = await open();
  card.inject(fault, 1, fault === 'corruptCompletion' ? 0x10n : 0n);
  const [steps, end] = await run(card);
  expect(steps).toEqual(ALL.slice(0, 4));
  expect(end).toContain(message);
});

test('a card that is dead from the start is found by the registers', async () => {
  const card = await open();
  card.inject('dead', 1);
  expect(await run(card)).toEqual([
    ALL.slice(0, 1),
    `SCRATCH: expected 0x00000000, got 0xffffffff`,
  ]);
});
