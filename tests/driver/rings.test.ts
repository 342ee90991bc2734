// SPDX-License-Identifier: Apache-2.0
// The driver and a card that behaves: rings, backpressure, sleep, repeatable runs.

import { afterEach, describe, expect, test } from 'vitest';
import { RingPair } from '../../src/driver/device/ring-pair.ts';
import { SIGNATURE_RINGS } from '../../src/driver/device/signature-rings.ts';
import { ReasonCode, StatusCode } from '../../src/driver/generated/registers.ts';
import { REASON, SimDevice } from '../../src/driver/index.ts';
import { CARD_DOUBLE } from './helpers/backends.ts';
import { batchMaker, openTestCard, outcome, type TestCard } from './helpers/card.ts';
import { seededRandom } from './helpers/random.ts';

const makeBatch = batchMaker(seededRandom('card'));
const open: (TestCard | SimDevice)[] = [];

afterEach(async () => {
  for (const it of open.splice(0)) await it.close();
});

function keep<T extends TestCard | SimDevice>(it: T): T {
  open.push(it);
  return it;
}

async function submit(to: TestCard, sizes: number[]): Promise<string[]> {
  const batches = sizes.map(makeBatch);
  const answers = batches.map((b) => outcome(b, to.signatures.verifyBatch(b.records)));
  return to.run(Promise.all(answers));
}

test('the register description and the driver agree on the reasons', () => {
  expect(ReasonCode).toEqual(REASON);
});

describe('rings', () => {
  test('more batches than the smallest ring holds wait for room', async () => {
    const it = keep(await openTestCard({}, { ringLog2: 2, timeout: 1_000_000 }));
    const sizes = Array.from({ length: 60 }, (_, i) => 1 + (i % 5));
    expect(new Set(await submit(it, sizes))).toEqual(new Set(['ok']));
    expect(it.backend.incidents).toEqual({ lostInterrupts: 0, timeouts: 0, resets: 0 });
  });

  test('a batch larger than a descriptor is split and put together', async () => {
    const it = keep(await openTestCard({}, { chunkRecords: 7, timeout: 1_000_000 }));
    expect(await submit(it, [100, 7, 8, 6])).toEqual(['ok', 'ok', 'ok', 'ok']);
  });

  test.each([0, 15, 40, 75])(
    'stalls in %i of 100 cycles and answers out of order change nothing',
    async (stall) => {
      const random = seededRandom(`stall ${stall}`);
      for (let round = 0; round < 3; round++) {
        const it = keep(
          await openTestCard(
            { stallPercent: stall, latency: random.below(200), seed: BigInt(round) },
            { ringLog2: 2 + round, timeout: 1_000_000 },
          ),
        );
        const sizes = Array.from({ length: 12 }, () => 1 + random.below(20));
        expect(new Set(await submit(it, sizes))).toEqual(new Set(['ok']));
        expect(it.device.simCounters().badAccesses).toBe(0);
      }
    },
  );

  test('malformed descriptors get their status, and the card goes on', async () => {
    const device = keep(await SimDevice.open({ mode: 'stepped', library: CARD_DOUBLE }));
    const rings = new RingPair(device, SIGNATURE_RINGS, 4);
    rings.start();
    const memory = device.alloc(4096);
    const good = {
      op: 1,
      flags: 0,
      input: memory.address,
      result: memory.address + 2048n,
      count: 2,
    };
    const { OK, BAD_DESCRIPTOR, INPUT_BUS_ERROR, RESULT_BUS_ERROR } = StatusCode;
    const wanted: [object, number][] = [
      [{}, OK],
      [{ op: 0 }, BAD_DESCRIPTOR],
      [{ op: 3 }, BAD_DESCRIPTOR],
      [{ flags: 2 }, BAD_DESCRIPTOR],
      [{ flags: 0x8000 }, BAD_DESCRIPTOR],
      [{ count: 0 }, BAD_DESCRIPTOR],
      [{ count: 65_536 }, BAD_DESCRIPTOR],
      [{ input: memory.address + 4n }, BAD_DESCRIPTOR],
      [{ result: memory.address + 1n }, BAD_DESCRIPTOR],
      [{ input: 2n ** 64n - 8n }, BAD_DESCRIPTOR],
      [{ input: 0x1000n }, INPUT_BUS_ERROR],
      [{ result: 0x1000n }, RESULT_BUS_ERROR],
      [{ input: memory.address + 4096n - 160n }, INPUT_BUS_ERROR],
      [{}, OK],
    ];
    wanted.forEach(([change], i) => {
      rings.push({ ...good, ...change, id: 100 + i });
    });
    rings.ringDoorbell();
    device.step(20_000);
    const got = new Map<number, number>();
    for (let next = rings.take(); next; next = rings.take()) got.set(next.id, next.status);
    expect([...got].sort()).toEqual(wanted.map(([, status], i) => [100 + i, status]));
    expect((await device.counters()).badDescriptors).toBe(9);
    expect(device.simCounters().badAccesses).toBeGreaterThan(0);
  });

  test('a doorbell out of range is ignored', async () => {
    const device = keep(await SimDevice.open({ mode: 'stepped', library: CARD_DOUBLE }));
    const rings = new RingPair(device, SIGNATURE_RINGS, 2);
    rings.start();
    device.write32(0x102c, 5);
    device.step(2_000);
    expect(await device.read32(0x1030)).toBe(0);
    expect((await device.read32(0x100c)) & 0x100).toBe(0x100);
  });
});

describe('the simulation', () => {
  test('the same seed gives the same run, another seed another', async () => {
    const records = makeBatch(30).records;
    const run = async (seed: bigint) => {
      const it = keep(await openTestCard({ seed, stallPercent: 30 }, { timeout: 1_000_000 }));
      await it.run(it.signatures.verifyBatch(records));
      return JSON.stringify([
        it.device.simCounters(),
        String((await it.device.counters()).busyCycles),
      ]);
    };
    const first = await run(5n);
    expect(await run(5n)).toBe(first);
    expect(await run(6n)).not.toBe(first);
  });

  test('an idle card costs no processor time', async () => {
    const device = keep(await SimDevice.open({ library: CARD_DOUBLE }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const cycles = device.simCounters().cycles;
    const cpu = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 400));
    const { user, system } = process.cpuUsage(cpu);
    expect(device.simCounters().cycles).toBe(cycles);
    expect(user + system).toBeLessThan(200_000); // microseconds, the test runner's included
  });

  test('a free card skips to the alarm while it is idle', async () => {
    const device = keep(await SimDevice.open({ library: CARD_DOUBLE }));
    const until = device.now() + 5_000_000_000;
    expect(await device.waitIrq(until)).toBe('timeout');
    expect(device.now()).toBeGreaterThanOrEqual(until);
    expect(device.simCounters().skippedCycles).toBeGreaterThan(4_000_000_000);
  });

  test('closing ends a wait', async () => {
    const device = await SimDevice.open({ library: CARD_DOUBLE });
    const wait = device.waitIrq();
    await device.close();
    expect(await wait).toBe('closed');
    expect(await device.waitIrq()).toBe('closed');
    await expect(device.read32(0)).rejects.toMatchObject({ code: 'ACCEL_CLOSED' });
    expect(() => device.write32(0, 0)).toThrow(expect.objectContaining({ code: 'ACCEL_CLOSED' }));
  });

  test('error: registers that do not exist, options that make no sense, a missing build', async () => {
    const device = keep(await SimDevice.open({ mode: 'stepped', library: CARD_DOUBLE }));
    await expect(device.read32(0x0800)).rejects.toMatchObject({ code: 'ACCEL_DEVICE' });
    await expect(device.read32(3)).rejects.toMatchObject({ code: 'ACCEL_ARGUMENT' });
    await expect(device.read32(0x10000)).rejects.toMatchObject({ code: 'ACCEL_ARGUMENT' });
    const argument = { code: 'ACCEL_ARGUMENT' };
    await expect(SimDevice.open({ stallPercent: 99 })).rejects.toMatchObject(argument);
    await expect(SimDevice.open({ latency: -1 })).rejects.toMatchObject(argument);
    const unavailable = { code: 'ACCEL_UNAVAILABLE' };
    await expect(SimDevice.open({ library: '/none.so' })).rejects.toMatchObject(unavailable);
    const waves = { library: CARD_DOUBLE, waves: '/tmp/none.fst' };
    await expect(SimDevice.open(waves)).rejects.toMatchObject(unavailable);
  });
});
