// SPDX-License-Identifier: Apache-2.0
// A card that misbehaves: found within a bounded time, reported, nothing lost, nothing invented.

import { afterEach, describe, expect, test, vi } from 'vitest';
import type { CardOptions } from '../../src/driver/device/card-backend.ts';
import { CrossCheck } from '../../src/driver/device/cross-check.ts';
import type { FaultName } from '../../src/driver/device/faults.ts';
import { attachAccelerator, REASON, SimDevice, type SimOptions } from '../../src/driver/index.ts';
import { CARD_DOUBLE } from './helpers/backends.ts';
import { batchMaker, openTestCard, outcome, type TestCard } from './helpers/card.ts';
import { seededRandom } from './helpers/random.ts';

const makeBatch = batchMaker(seededRandom('faults'));
let card: TestCard | undefined;

afterEach(async () => {
  await card?.close();
  card = undefined;
});

async function open(simulation?: SimOptions, options?: CardOptions): Promise<TestCard> {
  card = await openTestCard(simulation, options);
  return card;
}

/** Submits batches at once and tells what became of each. */
async function submit(to: TestCard, sizes: number[], limit = 400_000): Promise<string[]> {
  const batches = sizes.map(makeBatch);
  const answers = batches.map((b) => outcome(b, to.signatures.verifyBatch(b.records)));
  return to.run(Promise.all(answers), limit);
}

describe('interrupts', () => {
  test('a lost interrupt costs a poll interval, no answer', async () => {
    const it = await open();
    it.device.inject('loseInterrupt', 1);
    expect(await submit(it, [3])).toEqual(['ok']);
    expect(it.backend.incidents).toMatchObject({ lostInterrupts: 1, timeouts: 0, resets: 0 });
    expect(await submit(it, [3])).toEqual(['ok']);
    expect(it.backend.incidents.lostInterrupts).toBe(1);
  });

  test('a card that has lost all its interrupts still answers', async () => {
    const it = await open();
    it.device.inject('loseInterrupt', 2 ** 31);
    for (let i = 0; i < 5; i++) expect(await submit(it, [1, 2])).toEqual(['ok', 'ok']);
    expect(it.backend.incidents).toMatchObject({ timeouts: 0, resets: 0 });
  });

  test('an accelerator tells what happened to its card', async () => {
    const device = await SimDevice.open({ mode: 'stepped', library: CARD_DOUBLE });
    const accelerator = await attachAccelerator(device, { pollInterval: 4_000 });
    const { incidents, signatures } = accelerator;
    expect(incidents).toEqual({ lostInterrupts: 0, timeouts: 0, resets: 0 });
    device.inject('loseInterrupt', 1);
    await device.stepUntil(signatures.verifyBatch(makeBatch(2).records));
    expect(incidents).toEqual({ lostInterrupts: 1, timeouts: 0, resets: 0 });
    await accelerator.close();
  });

  test('a late interrupt does no harm', async () => {
    const it = await open();
    it.device.inject('delayInterrupt', 3, 3_000n);
    expect(await submit(it, [3, 4, 5, 6])).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(await submit(it, [2])).toEqual(['ok']);
    expect(it.backend.incidents.resets).toBe(0);
  });
});

describe('completions', () => {
  test('a dropped completion is ACCEL_TIMEOUT for its batch alone', async () => {
    const it = await open();
    it.device.inject('dropCompletion', 1);
    const [first, ...others] = await submit(it, [2, 3, 4, 5, 6]);
    expect(first).toBe('ACCEL_TIMEOUT');
    expect(others).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(it.backend.incidents).toMatchObject({ timeouts: 1, resets: 1 });
    expect(await submit(it, [7, 1])).toEqual(['ok', 'ok']);
  });

  test('a completion of another batch quarantines the card', async () => {
    const it = await open();
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    it.device.inject('corruptCompletion', 1, 0x10n);
    expect(await submit(it, [2])).toEqual(['ACCEL_QUARANTINED']);
    expect(await submit(it, [2])).toEqual(['ACCEL_QUARANTINED']);
    expect(warned).toHaveBeenCalledOnce();
    warned.mockRestore();
  });

  test('a completion that the bus refused is noticed; its batch is done again', async () => {
    const it = await open();
    it.device.inject('writeError', 1, 'ring');
    expect(await submit(it, [2, 3, 4])).toEqual(['ok', 'ok', 'ok']);
    expect(it.backend.incidents).toMatchObject({ timeouts: 0, resets: 1 });
  });
});

describe('wrong answers', () => {
  /** Turns valid into MISMATCH and back: nothing about it looks wrong. */
  const PLAUSIBLE = 0x0b01n;

  async function quarantined(fault: FaultName, value: bigint, options?: CardOptions) {
    const it = await open({}, options);
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    it.device.inject(fault, 1, value);
    expect((await submit(it, [4, 4])).includes('ACCEL_QUARANTINED')).toBe(true);
    expect(await submit(it, [1])).toEqual(['ACCEL_QUARANTINED']);
    expect(warned).toHaveBeenCalledOnce();
    warned.mockRestore();
  }

  test('a wrong but plausible answer is caught by the cross-check', () =>
    quarantined('corruptResult', PLAUSIBLE | (1n << 40n), { crossCheck: 1 }));

  test('a result of another record is caught without it', () =>
    quarantined('corruptResult', 1n << 32n));

  test('a result with an unknown reason is caught without it', () =>
    quarantined('corruptResult', 0xf000n));

  test('valid results that are fewer than the completion says are caught', () =>
    quarantined('corruptResult', PLAUSIBLE));

  test('a result that was never written is caught', () => quarantined('dropResult', 0n));

  test('a range that the card sees otherwise than the shared checks is caught', async () => {
    const it = await open();
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    it.device.inject('corruptResult', 1, BigInt((3 ^ 11) << 8)); // R_RANGE becomes MISMATCH
    const zeros = it.signatures.verifyBatch(new Uint8Array(160));
    await expect(it.run(zeros)).rejects.toMatchObject({ code: 'ACCEL_QUARANTINED' });
    expect(await submit(it, [1])).toEqual(['ACCEL_QUARANTINED']);
    warned.mockRestore();
  });

  test('the cross-check agrees with a card that is right', async () => {
    const it = await open({}, { crossCheck: 0.5 });
    expect(await submit(it, [9, 9, 9], 10_000_000)).toEqual(['ok', 'ok', 'ok']);
  });

  test('the cross-check takes the same sample again from the same seed', async () => {
    async function sampled(seed?: bigint) {
      const check = new CrossCheck(0.1, seed);
      const found: string[] = [];
      for (let i = 0; i < 8; i++) {
        // Refused before any arithmetic, so the first record of the sample is the one that differs.
        const job = {
          operation: 'verify',
          records: new Uint8Array(160 * 50),
          checked: new Uint8Array(50).fill(REASON.R_RANGE),
          allowHighS: false,
        } as const;
        const reasons = new Uint8Array(50).fill(REASON.S_RANGE);
        found.push((await check.disagreement(job, { reasons })) ?? 'none');
      }
      await check.close();
      return found;
    }
    const first = await sampled(7n);
    expect(first.filter((text) => /^record \d+: .*\(cross-check seed 7\)$/.test(text))).not.toEqual(
      [],
    );
    expect(await sampled(7n)).toEqual(first);
    expect(await sampled(8n)).not.toEqual(first);
    // Without one, the message says which seed to give.
    const [, seed] = /seed (\d+)/.exec((await sampled()).join())!;
    expect(BigInt(seed!)).toBeGreaterThan(0n);
  });
});

describe('the bus', () => {
  test.each<[FaultName, 'ring' | 'records', string]>([
    ['readError', 'records', 'INPUT_BUS_ERROR'],
    ['writeError', 'records', 'RESULT_BUS_ERROR'],
    ['readError', 'ring', 'DESCRIPTOR_BUS_ERROR'],
  ])('%s on %s is ACCEL_DEVICE (%s) for its batch alone', async (fault, target, status) => {
    const it = await open();
    it.device.inject(fault, 1, target);
    const batch = makeBatch(3);
    const hit = it.signatures.verifyBatch(batch.records);
    await expect(it.run(hit)).rejects.toMatchObject({
      code: 'ACCEL_DEVICE',
      message: expect.stringContaining(status),
    });
    expect(await submit(it, [3, 4])).toEqual(['ok', 'ok']);
    expect((await it.device.counters()).busErrors).toBeGreaterThan(0);
    expect(it.backend.incidents.resets).toBe(0);
  });
});

describe('a card that stops', () => {
  test('a hung card is ACCEL_TIMEOUT, then ACCEL_DEVICE, in bounded device time', async () => {
    const it = await open();
    it.device.inject('hang', 1);
    const start = it.device.now();
    // The second is in time, but the card cannot be reset for it.
    expect(await submit(it, [2, 2])).toEqual(['ACCEL_TIMEOUT', 'ACCEL_DEVICE']);
    expect(it.device.now() - start).toBeLessThan(20_000 + 4 * 8_000 + 200_000);
    expect(await submit(it, [1])).toEqual(['ACCEL_DEVICE']);
  });

  test('a hung card that comes back in time to be reset works again', async () => {
    const it = await open();
    it.device.inject('hang', 1);
    expect(await submit(it, [2])).toEqual(['ACCEL_TIMEOUT']);
    it.device.inject('hang', 0);
    expect(await submit(it, [2, 3])).toEqual(['ok', 'ok']);
  });

  test('a device closed behind the driver is ACCEL_CLOSED, whenever that happens', async () => {
    for (let round = 0; round < 20; round++) {
      const device = await SimDevice.open({ library: CARD_DOUBLE });
      const { signatures, close } = await attachAccelerator(device);
      const batches = [40, 40, 40].map(makeBatch);
      const answers = batches.map((b) => outcome(b, signatures.verifyBatch(b.records)));
      await new Promise((resolve) => setTimeout(resolve, round / 4));
      await device.close();
      const results = await Promise.all(answers);
      expect(results.filter((result) => result !== 'ok' && result !== 'ACCEL_CLOSED')).toEqual([]);
      await close();
    }
  });

  test('a card that is gone is ACCEL_DEVICE', async () => {
    const it = await open();
    expect(await submit(it, [1])).toEqual(['ok']);
    it.device.inject('dead', 1);
    expect(await submit(it, [2, 2])).toEqual(['ACCEL_DEVICE', 'ACCEL_DEVICE']);
    expect(await submit(it, [1])).toEqual(['ACCEL_DEVICE']);
  });

  test('faults in any mixture end in an answer or an error, never in a wrong answer', async () => {
    const random = seededRandom('mixture');
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    for (let round = 0; round < 8; round++) {
      const it = await openTestCard(
        { seed: BigInt(round), stallPercent: random.below(50), latency: random.below(60) },
        { ringLog2: 2 + random.below(3), chunkRecords: 1 + random.below(8), crossCheck: 1 },
      );
      const faults: [FaultName, bigint][] = [
        ['dropCompletion', 0n],
        ['loseInterrupt', 0n],
        ['delayInterrupt', BigInt(random.below(5_000))],
        ['readError', BigInt(random.below(3))],
        ['writeError', BigInt(random.below(3))],
        ['corruptResult', PLAUSIBLE_ANY[random.below(PLAUSIBLE_ANY.length)]!],
        ['dropResult', 0n],
      ];
      for (let i = 0; i < 2; i++) {
        const [fault, value] = faults[random.below(faults.length)]!;
        it.device.inject(fault, 1 + random.below(2), value);
      }
      const sizes = Array.from({ length: 10 }, () => 1 + random.below(12));
      const results = await submit(it, sizes, 20_000_000);
      expect(results).not.toContain('wrong');
      await it.close();
    }
    warned.mockRestore();
  });
});

const PLAUSIBLE_ANY = [0x0b01n, 0x0100n, 0x1n, 1n << 32n];
