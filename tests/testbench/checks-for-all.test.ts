// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { CheckError, forAll, simulate, words } from '../../src/testbench/index.ts';

const CASE_BEFORE = process.env.CASE;
afterEach(() => {
  if (CASE_BEFORE === undefined) delete process.env.CASE;
  else process.env.CASE = CASE_BEFORE;
});

/** Fails for lists with a number above 99; the smallest is [100]. */
const lists = fc.array(fc.nat(1000));
const failing = (list: readonly number[]) => {
  if (list.some((each) => each > 99)) throw new Error('too big');
};

async function failureOf(promise: Promise<void>): Promise<CheckError> {
  return promise.then(
    () => expect.fail('it passed'),
    (error) => error,
  );
}

describe('cases that shrink', () => {
  test('of one that fails the smallest is told, with its command', async () => {
    const error = await failureOf(forAll(lists, failing, { seed: 7 }));
    expect(error).toBeInstanceOf(CheckError);
    expect(error.message).toMatch(
      /^case \d[\d:]* of seed 7 fails, the smallest after \d+ steps:\n/,
    );
    expect(error.message).toContain('\n  [100]\ntoo big\n');
    expect(error.message).toMatch(
      /\n {2}SEED=7 CASE=\d[\d:]* npx vitest run tests\/testbench\/checks-for-all.test.ts -t 'cases that shrink of one that fails the smallest is told, with its command'$/,
    );
    expect((error.cause as Error).message).toBe('too big');
  });

  test('the command runs that case alone', async () => {
    const { message } = await failureOf(forAll(lists, failing, { seed: 0xffff_ffff }));
    const [, seed, path] = /SEED=(\d+) CASE=([\d:]+)/.exec(message) ?? [];
    process.env.CASE = path;
    const seen: (readonly number[])[] = [];
    const again = forAll(
      lists,
      (list) => {
        seen.push(list);
        failing(list);
      },
      { seed: Number(seed) },
    );
    expect((await failureOf(again)).message).toContain('\n  [100]\n');
    expect(seen).toEqual([[100]]);
  });

  test('the same seed gives the same cases, and all of them when none fails', async () => {
    const draw = async () => {
      const seen: unknown[] = [];
      await forAll(lists, (list) => void seen.push(list), { seed: 3, runs: 40 });
      return seen;
    };
    const first = await draw();
    expect(first).toHaveLength(40);
    expect(await draw()).toEqual(first);
  });

  test('the search for a smaller case has an end', async () => {
    let calls = 0;
    const slow = (list: readonly number[]) => {
      calls++;
      failing(list);
    };
    await failureOf(forAll(fc.array(fc.nat(1_000_000)), slow, { seed: 7, maxShrinks: 5 }));
    expect(calls).toBeLessThan(30);
  });

  test.each(['x', '1:', '-1', '1;2'])('error: CASE=%s is refused', async (name) => {
    await expect(forAll(lists, failing, { case: name })).rejects.toThrow(
      `CASE: expected numbers with colons between, as in 3:0:1, got "${name}"`,
    );
  });
});

test('a module with a bug fails with the shortest stream that shows it', async () => {
  const runOn = async (bug: number) =>
    forAll(
      fc.array(fc.nat(255), { minLength: 1, maxLength: 30, size: 'max' }),
      async (bytes) => {
        using sim = await simulate('tests/testbench/hdl/bad_stream.sv', {
          parameters: { BUG: bug },
          seed: 1,
        });
        const source = sim.source('s_axis');
        const sink = sim.sink('m_axis');
        sim.reset();
        source.enqueue(Uint8Array.from(bytes));
        expect([...sim.run(sink.receive(), { max: 200 }).data]).toEqual(bytes);
      },
      { seed: 5, runs: 30 },
    );
  await runOn(0);
  // It stops for ever at the 20th beat: 21 bytes are the fewest that show it
  const { message } = await failureOf(runOn(6));
  const zeros = Array.from({ length: 21 }, () => 0).join(', ');
  expect(message).toContain(`\n  [${zeros}]\n`);
});

test('words are often at the edges and within their bits', async () => {
  const seen: bigint[] = [];
  await forAll(words(64), (word) => void seen.push(word), { runs: 300, seed: 1 });
  expect(seen.every((word) => word >= 0n && word < 1n << 64n)).toBe(true);
  const isRun = (word: bigint) => /^0*1*0*$/.test(word.toString(2));
  expect(seen.filter(isRun).length).toBeGreaterThan(60);
  expect(new Set(seen).size).toBeGreaterThan(150);
});
