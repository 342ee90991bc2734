// SPDX-License-Identifier: Apache-2.0
// Runs of a card that are recorded, repeated elsewhere, and compared.

import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, describe, expect, test, vi } from 'vitest';
import type { CardOptions } from '../../src/driver/device/card-backend.ts';
import type { FaultName } from '../../src/driver/device/faults.ts';
import { encodeFrame } from '../../src/driver/device/recording/format.ts';
import { RingPair } from '../../src/driver/device/ring-pair.ts';
import { SIGNATURE_RINGS } from '../../src/driver/device/signature-rings.ts';
import {
  attachAccelerator,
  openAccelerator,
  packRecoverBatch,
  RecordingDevice,
  RecordingReader,
  replayOnDevice,
  replayOnEngine,
  SimDevice,
} from '../../src/driver/index.ts';
import { CARD_DOUBLE } from './helpers/backends.ts';
import { batchMaker } from './helpers/card.ts';
import { recoverInput, signRandom } from './helpers/material.ts';
import { SEED, seededRandom } from './helpers/random.ts';

console.info(`SEED=${SEED}`);

const folder = mkdtempSync(join(tmpdir(), 'hpb-recording-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const pathOf = (name: string) => join(folder, name);
const random = seededRandom('recording');
const makeBatch = batchMaker(random);

interface Run {
  readonly sizes: readonly number[];
  readonly recover?: number;
  readonly options?: CardOptions;
  readonly fault?: readonly [FaultName, number, bigint?];
  readonly maxBytes?: number;
}

/** Runs batches on a card, one behind the other where it has no room for more, and records it. */
async function record(name: string, run: Run): Promise<string> {
  const path = pathOf(name);
  const device = await SimDevice.open({ library: CARD_DOUBLE, seed: BigInt(SEED) });
  const { maxBytes } = run;
  const recording = await RecordingDevice.attach(device, path, maxBytes ? { maxBytes } : {});
  const { signatures, close } = await attachAccelerator(recording, run.options);
  if (run.fault) device.inject(...run.fault);
  const asked: Promise<unknown>[] = run.sizes.map((size) =>
    signatures.verifyBatch(makeBatch(size).records),
  );
  if (run.recover) {
    const inputs = Array.from({ length: run.recover }, () => recoverInput(signRandom(random)));
    asked.push(signatures.recoverBatch(packRecoverBatch(inputs), { allowHighS: true }));
  }
  await Promise.allSettled(asked);
  await close();
  return path;
}

async function onCard(path: string, library = CARD_DOUBLE, fault?: Run['fault']) {
  const device = await SimDevice.open({ library });
  device.alloc(12_345); // so that nothing lies where it lay in the recorded run
  if (fault) device.inject(...fault);
  const recording = new RecordingReader(path);
  try {
    return await replayOnDevice(recording, device);
  } finally {
    recording.close();
    await device.close();
  }
}

async function onEngine(path: string, kind: 'software' | 'native') {
  const accelerator = await openAccelerator({ kind, threads: 1 });
  const recording = new RecordingReader(path);
  try {
    return await replayOnEngine(recording, accelerator.signatures);
  } finally {
    recording.close();
    await accelerator.close();
  }
}

function readAll(path: string) {
  const recording = new RecordingReader(path);
  try {
    return { events: [...recording.events()], complete: recording.complete };
  } finally {
    recording.close();
  }
}

describe('a run of a card', () => {
  test('is the same on another card, on software and on native', async () => {
    const path = await record('whole', { sizes: [3, 1, 4, 1, 5, 9], recover: 4 });
    const whole = { recorded: 'verilator', complete: true, compared: 7, records: 27, skipped: 0 };
    const none = { unanswered: 0, notes: [], difference: undefined };
    const { accesses, ...result } = await onCard(path);
    expect({ difference: undefined, ...result }).toMatchObject({ ...whole, ...none });
    expect(accesses).toBeGreaterThan(30);
    for (const kind of ['software', 'native'] as const) {
      expect({ difference: undefined, ...(await onEngine(path, kind)) }).toMatchObject({
        ...whole,
        ...none,
      });
    }
  });

  test('is the same on another build, whose identity is told', async () => {
    const path = await record('build', { sizes: [2, 3] });
    const device = await SimDevice.open();
    const recording = new RecordingReader(path);
    const result = await replayOnDevice(recording, device);
    recording.close();
    await device.close();
    expect(result).toMatchObject({ compared: 2, records: 5 });
    expect(result).not.toHaveProperty('difference');
  });

  test('with rings that wrap, batches that are split and memory used again', async () => {
    const sizes = Array.from({ length: 90 }, () => 1 + random.below(20));
    const path = await record('wrap', { sizes, options: { ringLog2: 2, chunkRecords: 7 } });
    const result = await onCard(path);
    expect(result).not.toHaveProperty('difference');
    expect(result.compared).toBe(sizes.reduce((sum, size) => sum + Math.ceil(size / 7), 0));
    expect(result.records).toBe(sizes.reduce((sum, size) => sum + size, 0));
    expect(await onEngine(path, 'native')).not.toHaveProperty('difference');
  });

  test('holds every access in order: identity, rings, doorbell, interrupt, completion', async () => {
    const path = await record('order', { sizes: [2] });
    const { events, complete } = readAll(path);
    expect(complete).toBe(true);
    expect(events.map((event) => event.access)).toEqual(events.map((_, i) => i + 1));
    const types = events.map((event) => event.type).join(' ');
    expect(types).toMatch(/^(read ){7}(alloc ){3}(write ){8}descriptor write .*wake.*completion/);
    expect(types).toMatch(/end$/);
    const descriptor = events.find((event) => event.type === 'descriptor');
    expect(descriptor).toMatchObject({ number: 0, input: { length: 320 } });
  });
});

test('results are recorded before the driver uses their memory again, whenever they come', async () => {
  const path = pathOf('reuse');
  const card = await SimDevice.open({ library: CARD_DOUBLE });
  const device = await RecordingDevice.attach(card, path);
  const ring = new RingPair(device, SIGNATURE_RINGS, 2);
  const memory = device.alloc(4096);
  ring.start();
  const { address } = memory;
  ring.push({ id: 7, op: 1, flags: 0, input: address, result: address + 1024n, count: 1 });
  ring.ringDoorbell();
  // Nobody waits and nobody reads: only the completion in memory tells.
  let completion = ring.take();
  for (; !completion; completion = ring.take()) await new Promise(setImmediate);
  const result = memory.bytes.slice(1024, 1032);
  ring.release();
  memory.bytes.fill(0xee);
  await device.close();
  const found = readAll(path).events.find((event) => event.type === 'completion');
  expect(found).toMatchObject({ number: 0, result });
  expect(result).not.toEqual(new Uint8Array(8));
});

describe('the first difference', () => {
  test('a corrupt result, recorded, is shown with its record', async () => {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const fault = ['corruptResult', 1, 0x0101n] as const;
    const path = await record('corrupt', { sizes: [5], fault });
    vi.restoreAllMocks();
    const results = [await onCard(path), await onEngine(path, 'software')];
    const { events } = readAll(path);
    const completion = events.find((event) => event.type === 'completion')!;
    for (const { difference } of results) {
      expect(difference).toMatchObject({
        access: completion.access,
        place: 'SIGVERIFY',
        descriptor: 0,
        id: 1,
        field: 'VALID',
      });
      const record = completion.result.subarray(8 * difference!.record!);
      expect(difference!.expected).toBe(String(record[0]));
      expect(difference!.got).toBe(String(record[0]! ^ 1));
    }
    expect(results[0]!.difference).toEqual(results[1]!.difference);
  });

  test('a corrupt result of the card that repeats is shown in the batch where it is', async () => {
    const path = await record('clean', { sizes: [4, 4, 4] });
    const { difference } = await onCard(path, CARD_DOUBLE, ['corruptResult', 1, 0x500n]);
    expect(difference).toMatchObject({ place: 'SIGVERIFY', field: 'REASON' });
    expect(difference!.expected).not.toBe(difference!.got);
  });

  test('a corrupt completion is shown', async () => {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const fault = ['corruptCompletion', 1, 0x10n] as const;
    const path = await record('completion', { sizes: [2], fault });
    vi.restoreAllMocks();
    expect((await onCard(path)).difference).toMatchObject({
      descriptor: 0,
      field: 'ID',
      expected: String(1 ^ 0x10),
      got: '1',
    });
  });

  test('a count of valid results that its results do not bear out', async () => {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const fault = ['corruptCompletion', 1, 1n << 37n] as const;
    const path = await record('count', { sizes: [3], fault });
    vi.restoreAllMocks();
    const { difference } = await onCard(path);
    expect(difference).toMatchObject({ descriptor: 0, field: 'VALID' });
    expect(Number(difference!.expected) ^ 32).toBe(Number(difference!.got));
    expect(difference).not.toHaveProperty('record');
  });

  test('a completion that never came, and the reset that followed', async () => {
    const options = { timeout: 20_000, pollInterval: 4_000 };
    const sizes = [2, 40, 50]; // the first is done first, whenever the others come
    const path = await record('dropped', { sizes, options, fault: ['dropCompletion', 1] });
    const { difference, unanswered } = await onCard(path);
    expect(unanswered).toBeGreaterThan(0);
    expect(difference).toMatchObject({
      place: 'SIGVERIFY',
      field: 'completion',
      expected: 'none until the reset',
      got: 'OK',
    });
    // A card with the same fault does the same.
    expect(await onCard(path, CARD_DOUBLE, ['dropCompletion', 1])).not.toHaveProperty('difference');
  });

  test('a completion that does not come now', async () => {
    const path = await record('missing', { sizes: [2, 3] });
    const { difference } = await onCard(path, CARD_DOUBLE, ['dropCompletion', 1]);
    expect(difference).toMatchObject({ field: 'completion', expected: 'OK', got: 'none in time' });
  });

  test('a bus error of the recorded run', async () => {
    const path = await record('bus', { sizes: [2], fault: ['readError', 1] });
    const { difference } = await onCard(path);
    expect(difference).toMatchObject({ field: 'ID', expected: '0', got: '1' });
  });

  test('a register that does not keep what was written', async () => {
    const device = await SimDevice.open({ library: CARD_DOUBLE });
    const path = pathOf('register');
    const recording = await RecordingDevice.attach(device, path);
    recording.write32(0x1c, 0x1234_5678);
    await recording.read32(0x1c);
    await recording.close();
    expect(await onCard(path)).not.toHaveProperty('difference');
    const other = await SimDevice.open({ library: CARD_DOUBLE });
    const write32 = other.write32.bind(other);
    vi.spyOn(other, 'write32').mockImplementation((at, value) => write32(at, value & ~8));
    const reader = new RecordingReader(path);
    const { difference } = await replayOnDevice(reader, other);
    reader.close();
    await other.close();
    expect(difference).toEqual({
      access: 9,
      place: 'CARD.SCRATCH',
      field: 'value',
      expected: '0x12345678',
      got: '0x12345670',
    });
  });
});

describe('files', () => {
  test('error: whatever byte is changed, it is noticed', async () => {
    const path = await record('small', { sizes: [1] });
    const bytes = readFileSync(path);
    const changed = pathOf('changed');
    for (let at = 0; at < bytes.length; at++) {
      const copy = Buffer.from(bytes);
      copy[at]! ^= 1 << random.below(8);
      writeFileSync(changed, copy);
      expect(() => readAll(changed), `byte ${at}`).toThrow(/^the recording is damaged at byte \d+/);
    }
  });

  test('wherever a file is cut, the whole frames before are read', async () => {
    const path = await record('cut', { sizes: [1] });
    const all = readAll(path).events;
    const { size } = statSync(path);
    for (let length = size - 1; length >= 32; length -= 1 + random.below(9)) {
      truncateSync(path, length);
      const { events, complete } = readAll(path);
      expect(complete).toBe(false);
      expect(events).toEqual(all.slice(0, events.length));
    }
    truncateSync(path, 31);
    expect(() => readAll(path)).toThrow('expected a recording');
  });

  test('a recording that is cut short is repeated as far as it goes', async () => {
    const path = await record('short', { sizes: [1, 2, 3] });
    truncateSync(path, statSync(path).size - 3);
    const result = await onCard(path);
    expect(result).toMatchObject({ complete: false, compared: 3 });
    expect(result.notes.join()).toContain('cut short');
  });

  test('error: another version, bytes behind the end, no file', async () => {
    const path = await record('version', { sizes: [1] });
    const bytes = readFileSync(path);
    writeFileSync(path, Buffer.concat([bytes, Buffer.of(0)]));
    expect(() => readAll(path)).toThrow('expected the end');
    bytes.writeUInt32LE(2, 8);
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 28)), 28);
    writeFileSync(path, bytes);
    expect(() => readAll(path)).toThrow('expected version 1 of the format, got 2');
    expect(() => readAll(pathOf('none'))).toThrow('ENOENT');
  });

  test.each([
    ['memory without end', { type: 'alloc', address: 0n, bytes: 2 ** 40 }, 'more memory than'],
    ['a ring nowhere', descriptor(0x1000), 'a ring outside of all memory'],
    ['an engine without a driver', descriptor(0x3000), 'which this version cannot repeat'],
  ] as const)('error: %s is no run', async (_name, event, message) => {
    const path = await record('hostile', { sizes: [1] });
    const identity = readFileSync(path).subarray(0, 32 + 7 * 28);
    writeFileSync(path, Buffer.concat([identity, encodeFrame(event, 0)]));
    await expect(onCard(path)).rejects.toThrow(message);
  });

  test('a file has a largest size: the recording ends there, the run does not', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const sizes = [5, 5, 5, 5, 5, 5, 5, 5];
    const path = await record('limit', { sizes, maxBytes: 4096 });
    expect(warned).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('4096 bytes'), {
      code: 'HPB_RECORDING',
    });
    warned.mockRestore();
    expect(statSync(path).size).toBeLessThanOrEqual(4096);
    expect(readAll(path).events.at(-1)).toMatchObject({ type: 'end', reason: 'limit' });
    expect((await onCard(path)).notes.join()).toContain('largest size');
  });

  test('error: a file that cannot be made', async () => {
    const record = join(folder, 'no', 'where');
    const opened = openAccelerator({ kind: 'verilator', library: CARD_DOUBLE, record });
    await expect(opened).rejects.toMatchObject({ code: 'ACCEL_ARGUMENT' });
  });
});

function descriptor(block: number) {
  return {
    type: 'descriptor',
    block,
    number: 0,
    descriptor: new Uint8Array(32),
    input: new Uint8Array(),
  } as const;
}
