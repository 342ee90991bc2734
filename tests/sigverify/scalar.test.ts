/** sigv_scalar against bigint: lists that add up to u1 and u2, inverses, throughput, fairness. */
import { expect, test } from 'vitest';
import { testRandom } from '../../src/testbench/index.ts';
import { openScalar, type ScalarRunner } from './helpers/scalar-runner.ts';
import {
  anyBelow,
  anyValue,
  EDGES,
  evaluate,
  invert,
  type Job,
  jobFor,
  LAMBDA,
  listFault,
  listOf,
  mod,
  N,
  P,
  scalarsOf,
  splitLambda,
} from './helpers/scalars.ts';

/** Runs jobs and requests and checks every answer. */
function check(unit: ScalarRunner, jobs: readonly Job[], requests: readonly bigint[] = []) {
  const result = unit.run(jobs, requests);
  expect(result.isMisplaced).toBe(false);
  result.outcomes.forEach(({ ctx, entries }, i) => {
    const job = jobs[i] as Job;
    const { u1, u2 } = scalarsOf(job);
    const sumG = evaluate(entries, [0n, 0n, 1n, 2n ** 128n]);
    const sumQ = evaluate(entries, [1n, LAMBDA, 0n, 0n]);
    const fault = listFault(entries, unit.windows);
    if (ctx !== i % 32 || fault || mod(sumG, N) !== u1 || mod(sumQ, N) !== u2) {
      throw new Error(`job ${i}: ${fault ?? 'a wrong sum'}, ${JSON.stringify(job, hex)}`);
    }
  });
  result.inverses.forEach(({ ctx, value }, i) => {
    const request = requests[i] as bigint;
    if (ctx !== i % 32 || value !== invert(request, P)) {
      throw new Error(`request ${i}: inverse of ${request.toString(16)} is ${value.toString(16)}`);
    }
  });
  return result;
}

const hex = (_: string, value: unknown) => (typeof value === 'bigint' ? value.toString(16) : value);

function anyJob(random: ReturnType<typeof testRandom>, recover = random.chance(0.5)): Job {
  if (random.chance(0.3)) {
    return jobFor(recover, mod(anyValue(random), N), anyBelow(random, N), anyBelow(random, N));
  }
  return { recover, z: anyValue(random), r: anyBelow(random, N), s: anyBelow(random, N) };
}

test('u1 and u2 at every edge, verify and recover', async () => {
  const unit = await openScalar();
  const scalars = EDGES.map((value) => mod(value, N)).filter((value) => value !== 0n);
  const jobs = [false, true].flatMap((recover) => [
    ...EDGES.flatMap((z) => [
      { recover, z, r: 1n, s: 1n },
      { recover, z, r: N - 1n, s: N - 2n },
    ]),
    ...scalars.flatMap((value) => [
      jobFor(recover, 0n, value, 1n),
      jobFor(recover, value, 1n, value),
      jobFor(recover, value, value, N - value),
      { recover, z: value, r: value, s: value },
    ]),
  ]);
  check(unit, jobs);
});

test('extreme halves of the split: k1 and k2 as long as they get', async () => {
  const unit = await openScalar();
  // The farthest corners of the cell around 0 of the lattice that (a1, b1) and (a2, b2) span
  const a1 = 0x3086d221a7d46bcde86c90e49284eb15n;
  const b1 = -0xe4437ed6010e88286f547fa90abfe4c3n;
  const a2 = 0x114ca50f7a8e2f3f657c1108d9d44cfd8n;
  const jobs: Job[] = [];
  for (const [m1, m2] of [
    [1n, 1n],
    [1n, -1n],
    [-1n, 1n],
    [-1n, -1n],
    [1n, 0n],
    [0n, 1n],
  ] as const) {
    const k1 = (m1 * a1 + m2 * a2) / 2n;
    const k2 = (m1 * b1 + m2 * a1) / 2n;
    for (let d = -2n; d <= 2n; d++) {
      const u2 = mod(k1 + d + (k2 - d) * LAMBDA, N);
      jobs.push(jobFor(false, 1n, u2, 5n), jobFor(true, N - 1n, mod(k1 + k2 * LAMBDA + d, N), 7n));
    }
  }
  const lengths = jobs.map((job) => splitLambda(scalarsOf(job).u2).map((k) => (k < 0n ? -k : k)));
  expect(lengths.some(([k1 = 0n]) => k1 > 2n ** 127n)).toBe(true);
  check(unit, jobs);
});

test('the very digits of the published split', async () => {
  const unit = await openScalar();
  const random = testRandom('split');
  const jobs = Array.from({ length: 500 }, () => anyJob(random));
  const { outcomes } = check(unit, jobs);
  outcomes.forEach(({ entries }, i) => {
    const { recover, z, r, s } = jobs[i] as Job;
    const { u2 } = scalarsOf({ recover, z, r, s });
    const zw = mod(z * invert(recover ? r : s, N), N);
    const halves = [...splitLambda(u2), zw % 2n ** 128n, zw >> 128n];
    expect(entries).toEqual(listOf(halves, unit.windows, recover));
  });
});

test('20,000 random jobs back to back with 4,000 inversions modulo p between them', async () => {
  const unit = await openScalar();
  const random = testRandom('jobs');
  const jobs = Array.from({ length: 20_000 }, () => anyJob(random));
  const requests = Array.from({ length: 4_000 }, () => mod(anyValue(random), P));
  check(unit, jobs, requests);
});

test.each([
  { q: 5, g: 5 },
  { q: 5, g: 15 },
  { q: 6, g: 8 },
  { q: 8, g: 5 },
])('windows of $q and $g bits', async (windows) => {
  const unit = await openScalar(windows);
  const random = testRandom(`windows ${windows.q} ${windows.g}`);
  const longest = jobFor(false, 0x55555555555555555555555555555555n * (2n ** 128n + 1n), 1n, 1n);
  const jobs = Array.from({ length: 1_000 }, () => anyJob(random));
  check(unit, [longest, ...jobs]);
});

test('zero is answered with zero, and does not hang', async () => {
  const unit = await openScalar();
  const { inverses } = check(unit, [], [0n, 1n, 0n, P - 1n]);
  expect(inverses.map(({ value }) => value)).toEqual([0n, 1n, 0n, P - 1n]);
});

test('a verify takes at most 700 cycles on average, and never more than 860', async () => {
  const unit = await openScalar();
  const random = testRandom('throughput');
  const jobs = Array.from({ length: 300 }, () => anyJob(random, false));
  const { outcomes } = check(unit, jobs);
  const gaps = outcomes.slice(1).map(({ cycle }, i) => cycle - (outcomes[i]?.cycle ?? 0));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  expect(mean).toBeLessThan(700);
  expect(Math.max(...gaps)).toBeLessThan(860);
});

test('a recover and its inversion modulo p take at most 1,400 cycles on average', async () => {
  const unit = await openScalar();
  const random = testRandom('recover throughput');
  const jobs = Array.from({ length: 200 }, () => anyJob(random, true));
  const requests = jobs.map(() => anyBelow(random, P));
  const start = unit.sim.cycle;
  check(unit, jobs, requests);
  expect((unit.sim.cycle - start) / jobs.length).toBeLessThan(1400);
});

test('a job alone is answered within 1,600 cycles, a request within 860', async () => {
  const unit = await openScalar();
  const random = testRandom('latency');
  for (let i = 0; i < 50; i++) {
    let start = unit.sim.cycle;
    check(unit, [anyJob(random)]);
    expect(unit.sim.cycle - start).toBeLessThan(1600);
    start = unit.sim.cycle;
    check(unit, [], [anyBelow(random, P)]);
    expect(unit.sim.cycle - start).toBeLessThan(860);
  }
});

test('where both wait, jobs and requests are taken in turn', async () => {
  const unit = await openScalar();
  const random = testRandom('fairness');
  const jobs = Array.from({ length: 40 }, () => anyJob(random));
  const requests = Array.from({ length: 40 }, () => anyBelow(random, P));
  const { taken } = check(unit, jobs, requests);
  const order = taken.slice(0, 79).map(({ isJob }) => isJob);
  expect(order.every((isJob, i) => i === 0 || isJob !== order[i - 1])).toBe(true);
});

test('a reset at any time leaves a unit that works', async () => {
  const unit = await openScalar();
  const random = testRandom('reset');
  const dut = unit.sim.ports;
  for (let i = 0; i < 60; i++) {
    const job = anyJob(random);
    Object.assign(dut, { s_job_valid: 1, s_job_recover: 0, s_job_z: job.z, s_job_r: job.r });
    Object.assign(dut, { s_job_s: job.s, s_inv_valid: i % 2, s_inv_value: job.r });
    unit.sim.cycles(random.int(1, 3000));
    unit.sim.reset(1);
    check(unit, [anyJob(random), anyJob(random)], [anyBelow(random, P)]);
  }
});

test('error: a window that may need more than 128 entries does not build', async () => {
  await expect(openScalar({ q: 5, g: 4 })).rejects.toThrow(/more than 128 entries/);
});
