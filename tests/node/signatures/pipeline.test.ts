// SPDX-License-Identifier: Apache-2.0

import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import {
  AccelError,
  type BackendName,
  type RecoverResults,
  type SignatureEngine,
} from '../../../src/driver/index.ts';
import { Limit } from '../../../src/node/protocol/index.ts';
import { SignaturePipeline, type Signed } from '../../../src/node/signatures/index.ts';

const RECORD = Limit.RECOVER_RECORD_BYTES;

/** A batch that waits for the test to answer it. */
interface Batch {
  readonly count: number;
  /** First byte of each digest. */
  readonly marks: readonly number[];
  answer(options?: { readonly refuse?: readonly number[] }): void;
  fail(error: AccelError): void;
}

/** An engine whose answers come when the test says so: key x = 32 times the first byte of the digest. */
class Engine implements SignatureEngine {
  readonly backend: BackendName;
  readonly batches: Batch[] = [];

  constructor(backend: BackendName) {
    this.backend = backend;
  }

  recoverBatch(records: Uint8Array): Promise<RecoverResults> {
    const count = records.length / RECORD;
    const marks = Array.from({ length: count }, (_, i) => records[i * RECORD]!);
    return new Promise((resolve, reject) => {
      this.batches.push({
        count,
        marks,
        answer: ({ refuse = [] } = {}) => {
          const valid = Uint8Array.from(marks, (mark) => (refuse.includes(mark) ? 0 : 1));
          const keys = new Uint8Array(64 * count);
          for (const [i, mark] of marks.entries()) keys.fill(mark, 64 * i, 64 * i + 32);
          resolve({ valid, keys, reasons: new Uint8Array(count) });
        },
        fail: reject,
      });
    });
  }

  verifyBatch(): never {
    throw new Error('not asked');
  }
  verify(): never {
    throw new Error('not asked');
  }
  recover(): never {
    throw new Error('not asked');
  }
}

const open = new Set<SignaturePipeline>();

afterEach(async () => {
  for (const pipeline of open) await pipeline.close();
  open.clear();
});

function setUp(backend: BackendName, options: { spill?: boolean } = {}) {
  const engine = new Engine(backend);
  const standIn = new Engine('native');
  const time = { now: 0 };
  const logged: string[] = [];
  const log = {
    info: (_: object, message: string) => logged.push(message),
    warn: (_: object, message: string) => logged.push(message),
  };
  const opened = { count: 0, closed: 0 };
  const pipeline = new SignaturePipeline({
    accelerator: { signatures: engine },
    openStandIn: async () => {
      opened.count += 1;
      return {
        backend: 'native',
        signatures: standIn,
        close: async () => {
          opened.closed += 1;
        },
      };
    },
    patienceMilliseconds: 20,
    now: () => time.now,
    log,
    ...options,
  });
  open.add(pipeline);
  return { engine, standIn, pipeline, time, logged, opened };
}

const items = (...marks: readonly number[]): Signed[] =>
  marks.map((mark) => ({
    id: mark.toString(16).padStart(2, '0').repeat(32),
    signature: new Uint8Array(72),
  }));

const keyOf = (mark: number) => `02${mark.toString(16).padStart(2, '0').repeat(32)}`;

/** Lets promises settle, and batches be sent. */
async function turn(): Promise<void> {
  for (let i = 0; i < 5; i++) await setImmediate();
}

/** Waits for a condition that timers bring about. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

test('questions of one turn share a batch, and each gets its own answers', async () => {
  const { engine, pipeline } = setUp('native');
  const first = pipeline.recover(items(1, 2), 'bulk');
  const second = pipeline.recover(items(3), 'bulk');
  await turn();
  expect(engine.batches.map(({ marks }) => marks)).toEqual([[1, 2, 3]]);
  engine.batches[0]!.answer({ refuse: [2] });
  expect(await first).toEqual([keyOf(1), undefined]);
  expect(await second).toEqual([keyOf(3)]);
  expect(pipeline.counters).toMatchObject({ checked: 3, refused: 1, batches: 1, spilled: 0 });
});

test('urgent questions go before others that came earlier', async () => {
  const { engine, pipeline } = setUp('native');
  const bulk = pipeline.recover(items(...Array(2000).fill(7)), 'bulk');
  await turn();
  const sent = engine.batches.length;
  const urgent = pipeline.recover(items(9), 'urgent');
  await turn();
  expect(engine.batches.length).toBe(sent);
  engine.batches[0]!.answer();
  await turn();
  expect(engine.batches[sent]!.marks[0]).toBe(9);
  for (let at = 1; at < engine.batches.length; at++) {
    engine.batches[at]!.answer();
    await turn();
  }
  expect(await urgent).toEqual([keyOf(9)]);
  expect((await bulk).every((key) => key === keyOf(7))).toBe(true);
});

test('a long question is split, and answered in order whichever part comes first', async () => {
  const { engine, pipeline } = setUp('native');
  const marks = Array.from({ length: 600 }, (_, i) => i % 251);
  const answer = pipeline.recover(items(...marks), 'bulk');
  await turn();
  expect(engine.batches.length).toBe(3);
  for (const batch of [...engine.batches].reverse()) batch.answer();
  expect(await answer).toEqual(marks.map(keyOf));
});

test('what a card is late with is spilled, counted, and logged once', async () => {
  const { engine, standIn, pipeline, time, logged } = setUp('verilator');
  const all = pipeline.recover(items(...Array(300).fill(5)), 'urgent');
  await turn();
  const held = engine.batches.reduce((sum, { count }) => sum + count, 0);
  expect(held).toBeLessThan(300);
  time.now = 1000;
  await until(() => standIn.batches.reduce((sum, { count }) => sum + count, 0) === 300);
  for (const batch of standIn.batches) batch.answer();
  expect(await all).toEqual(Array(300).fill(keyOf(5)));
  expect(pipeline.counters).toMatchObject({ checked: 300, spilled: 300, episodes: 1 });
  expect(pipeline.spilling).toBe(true);
  expect(pipeline.spill).toEqual({ enabled: true, to: 'native' });
  expect(logged).toEqual(['the card is late: signatures spill to the processor']);
  // The card's own answers come too late to count twice.
  for (const batch of engine.batches) batch.answer();
  await turn();
  expect(pipeline.counters.checked).toBe(300);
});

test('nothing is spilled when that is off: the answer takes as long as the card takes', async () => {
  const { engine, standIn, pipeline, time } = setUp('verilator', { spill: false });
  const answer = pipeline.recover(items(1), 'urgent');
  await turn();
  time.now = 60_000;
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(standIn.batches).toEqual([]);
  engine.batches[0]!.answer();
  expect(await answer).toEqual([keyOf(1)]);
});

test('a card that fails loses its batch to the stand-in; without one the question fails', async () => {
  const { engine, standIn, pipeline } = setUp('verilator');
  const answer = pipeline.recover(items(4), 'urgent');
  await turn();
  engine.batches[0]!.fail(new AccelError('ACCEL_TIMEOUT', 'no answer'));
  await turn();
  standIn.batches[0]!.answer();
  expect(await answer).toEqual([keyOf(4)]);
  expect(pipeline.counters).toMatchObject({ failures: 1, spilled: 1 });

  const alone = setUp('native');
  const lost = alone.pipeline.recover(items(4), 'urgent');
  await turn();
  alone.engine.batches[0]!.fail(new AccelError('ACCEL_DEVICE', 'gone'));
  await expect(lost).rejects.toMatchObject({ code: 'ACCEL_DEVICE' });
});

test('a refusal of a card is confirmed by software, which is believed', async () => {
  const { engine, standIn, pipeline } = setUp('verilator');
  const answer = pipeline.recover(items(1, 2, 3), 'urgent');
  await turn();
  engine.batches[0]!.answer({ refuse: [1, 3] });
  await turn();
  expect(standIn.batches[0]!.marks).toEqual([1, 3]);
  standIn.batches[0]!.answer({ refuse: [3] });
  expect(await answer).toEqual([keyOf(1), keyOf(2), undefined]);
  expect(pipeline.counters).toMatchObject({ confirmed: 2, contradicted: 1, refused: 1 });
});

test('refusals of software are believed at once', async () => {
  const { engine, standIn, pipeline } = setUp('native');
  const answer = pipeline.recover(items(1), 'urgent');
  await turn();
  engine.batches[0]!.answer({ refuse: [1] });
  expect(await answer).toEqual([undefined]);
  expect(standIn.batches).toEqual([]);
});

test('what nobody wants any more is not checked', async () => {
  const { engine, pipeline, time } = setUp('native');
  const wanted = new Set(items(1, 2, 3).map(({ id }) => id));
  const filler = pipeline.recover(items(...Array(1024).fill(8)), 'bulk');
  const answer = pipeline.recover(items(1, 2, 3), 'bulk', (id) => wanted.has(id));
  await turn();
  wanted.delete(items(2)[0]!.id);
  time.now = 1000;
  const sent = engine.batches.length;
  for (const batch of engine.batches.slice(0, sent)) batch.answer();
  await turn();
  expect(engine.batches[sent]!.marks).toEqual([1, 3]);
  engine.batches[sent]!.answer();
  expect(await answer).toEqual([keyOf(1), undefined, keyOf(3)]);
  await filler;
});

test('a closed pipeline answers nobody, and closes the stand-in it opened', async () => {
  const { standIn, pipeline, opened } = setUp('verilator');
  const confirmed = pipeline.confirm(items(1));
  await turn();
  standIn.batches[0]!.answer();
  expect(await confirmed).toEqual([keyOf(1)]);
  await pipeline.close();
  expect(opened).toEqual({ count: 1, closed: 1 });
  await expect(pipeline.recover(items(1), 'bulk')).rejects.toMatchObject({ code: 'ACCEL_CLOSED' });
  await expect(pipeline.confirm(items(1))).rejects.toMatchObject({ code: 'ACCEL_CLOSED' });
});
