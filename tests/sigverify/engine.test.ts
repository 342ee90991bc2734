/** sigv_top: every reason, published vectors, random jobs against the software engine, throughput. */
import { beforeAll, describe, expect, test } from 'vitest';
import { checkRecords } from '../../src/driver/signatures/checks.ts';
import { REASON } from '../../src/driver/signatures/reasons.ts';
import {
  packRecover,
  packVerify,
  RECOVER_RECORD_BYTES,
  VERIFY_RECORD_BYTES,
} from '../../src/driver/signatures/records.ts';
import { answerRecords } from '../../src/driver/software/arithmetic.ts';
import { type Random, testRandom } from '../../src/testbench/index.ts';
import {
  recoverCases,
  recoverInput,
  signRandom,
  verifyCases,
  verifyInput,
} from '../driver/helpers/material.ts';
import { seededRandom } from '../driver/helpers/random.ts';
import { p1363Cases } from '../driver/helpers/wycheproof.ts';
import {
  type EngineResult,
  type EngineRunner,
  jobFrame,
  openEngine,
} from './helpers/engine-runner.ts';

/** A frame and the answer it must get. */
interface Job {
  readonly name: string;
  readonly frame: (tag: number) => Uint8Array;
  readonly expected: EngineResult;
}

const NONE: Uint8Array = new Uint8Array();

function answer(reason: number, key = NONE): EngineResult {
  return { valid: reason === REASON.OK ? 1 : 0, reason, key };
}

function verifyJob(name: string, input: Parameters<typeof packVerify>[2], allowHighS = true): Job {
  const record = new Uint8Array(VERIFY_RECORD_BYTES);
  packVerify(record, 0, input);
  const checked = checkRecords('verify', record, allowHighS);
  const { reasons } = answerRecords('verify', record, checked);
  return {
    name,
    frame: (tag) => jobFrame('verify', record, tag, allowHighS),
    expected: answer(reasons[0] as number),
  };
}

function recoverJob(
  name: string,
  input: Parameters<typeof packRecover>[2],
  allowHighS = true,
): Job {
  const record = new Uint8Array(RECOVER_RECORD_BYTES);
  packRecover(record, 0, input);
  const checked = checkRecords('recover', record, allowHighS);
  const { reasons, keys } = answerRecords('recover', record, checked);
  const reason = reasons[0] as number;
  return {
    name,
    frame: (tag) => jobFrame('recover', record, tag, allowHighS),
    expected: answer(reason, reason === REASON.OK ? keys : NONE),
  };
}

/** Valid signatures, and ones with a bit of something changed. */
function randomJobs(random: Random, count: number, recoveries = 0.3): Job[] {
  const source = {
    bytes: (n: number) => random.bytes(n),
    below: (bound: number) => random.int(bound),
  };
  return Array.from({ length: count }, (_, i) => {
    const signed = signRandom(source, random.chance(0.3));
    const flip = (bytes: Uint8Array) => {
      const changed = bytes.slice();
      const at = random.int(changed.length);
      changed[at] = (changed[at] as number) ^ (1 << random.int(8));
      return changed;
    };
    const allowHighS = random.chance(0.7);
    if (random.chance(recoveries)) {
      const input = recoverInput(signed);
      if (random.chance(0.7)) return recoverJob(`recover ${i}`, input, allowHighS);
      const signature = random.chance(0.5) ? flip(input.signature) : input.signature;
      const recovery = random.chance(0.5) ? input.recovery ^ (1 << random.int(8)) : input.recovery;
      return recoverJob(`recover ${i}`, { ...input, signature, recovery }, allowHighS);
    }
    const input = verifyInput(signed);
    const broken = [
      input,
      input,
      { ...input, digest: flip(input.digest) },
      { ...input, signature: flip(input.signature) },
      { ...input, publicKey: flip(input.publicKey) },
    ][random.int(5)] as typeof input;
    return verifyJob(`verify ${i}`, broken, allowHighS);
  });
}

function expectAnswers(engine: EngineRunner, jobs: readonly Job[], pause = 0) {
  const run = engine.run(
    jobs.map((job, tag) => job.frame(tag)),
    { pause },
  );
  const got = run.results.map((result, tag) => ({ name: jobs[tag]?.name, ...result }));
  expect(got).toEqual(jobs.map(({ name, expected }) => ({ name, ...expected })));
  return run;
}

describe('one engine', () => {
  let engine: EngineRunner;
  beforeAll(async () => {
    engine = await openEngine();
  }, 300_000);

  test('each bad input of verify and each corner of its arithmetic has its answer', () => {
    const cases = verifyCases(seededRandom('engine'));
    const jobs = cases.map(({ name, input, allowHighS }) => verifyJob(name, input, allowHighS));
    expect(jobs.map(({ expected }) => expected.reason)).toEqual(
      cases.map(({ reason }) => REASON[reason]),
    );
    expectAnswers(engine, jobs);
  });

  test('each bad input of recover and each corner of its arithmetic has its answer', () => {
    const cases = recoverCases(seededRandom('engine'));
    const jobs = cases.map(({ name, input, allowHighS }) => recoverJob(name, input, allowHighS));
    expect(jobs.map(({ expected }) => expected.reason)).toEqual(
      cases.map(({ reason }) => REASON[reason]),
    );
    expectAnswers(engine, jobs);
  });

  test('Wycheproof, all P1363 cases', () => {
    const cases = p1363Cases().filter(({ input }) => input !== undefined);
    expect(cases.length).toBeGreaterThan(200);
    const jobs = cases.map(({ id, comment, input }) =>
      verifyJob(`${id} ${comment}`, input as NonNullable<typeof input>),
    );
    expect(jobs.map(({ expected }) => expected.valid === 1)).toEqual(
      cases.map(({ expected }) => expected),
    );
    expectAnswers(engine, jobs);
  });

  test('random jobs, valid and corrupted, with pauses on both sides', () => {
    expectAnswers(engine, randomJobs(testRandom('jobs'), 300), 0.2);
  });

  test('frames of every wrong kind are answered as malformed and do not stall', () => {
    const random = testRandom('malformed');
    const [verify, recover] = [
      randomJobs(random, 1, 0)[0] as Job,
      randomJobs(random, 1, 1)[0] as Job,
    ];
    const changed = (job: Job, at: number, value: number) => (tag: number) => {
      const frame = job.frame(tag);
      frame[at] = value;
      return frame;
    };
    const resized = (job: Job, beats: number) => (tag: number) => {
      const frame = new Uint8Array(8 * beats);
      frame.set(job.frame(tag).subarray(0, 8 * beats));
      return frame;
    };
    const frames = [
      ...[0, 3, 128, 255].map((op) => changed(verify, 0, op)),
      ...[2, 4, 128, 255].map((flags) => changed(verify, 1, flags)),
      changed(verify, 2, 1),
      changed(verify, 3, 1),
      changed(recover, 1, 2),
      changed(recover, 3, 128),
      ...[1, 2, 5, 13, 20, 22, 23, 60].map((beats) => resized(verify, beats)),
      ...[1, 2, 12, 14, 21].map((beats) => resized(recover, beats)),
    ];
    const good = randomJobs(random, frames.length);
    const jobs = frames.flatMap((frame, i) => [
      { name: `malformed ${i}`, frame, expected: answer(REASON.MALFORMED) },
      good[i] as Job,
    ]);
    expectAnswers(engine, jobs);
  });

  test('a reset in the middle drops the jobs and nothing else', () => {
    const random = testRandom('reset');
    for (let round = 0; round < 4; round++) {
      const dropped = randomJobs(random, 34).map((job, tag) => job.frame(tag));
      engine.interrupt(dropped, random.int(5, 20_000));
      expectAnswers(engine, randomJobs(random, 10));
    }
  });

  test('sustains a verify in at most 1,800 cycles, a recover in at most 2,100', () => {
    const random = testRandom('throughput');
    const sustained = (recoveries: number) => {
      const one = randomJobs(random, 400, recoveries).filter(({ expected }) => expected.valid);
      const jobs = Array.from({ length: 320 }, (_, i) => one[i % one.length] as Job);
      const { came } = engine.run(jobs.map((job, tag) => job.frame(tag)));
      const order = came.toSorted((a, b) => a - b);
      // Between the first and the last result while all contexts are busy
      const [first, last] = [order[63] as number, order[287] as number];
      return (last - first) / (287 - 63);
    };
    const [verify, recover] = [sustained(0), sustained(1)];
    console.info(`cycles per verify ${verify.toFixed(0)}, per recover ${recover.toFixed(0)}`);
    expect(verify).toBeLessThan(1800);
    expect(recover).toBeLessThan(2100);
  });
});

// The context of a job that ends early is given to another while the scalar unit still has the first.
test.each([
  { CONTEXTS: 1, MUL_II: 1 },
  { CONTEXTS: 2, MUL_II: 1 },
  { CONTEXTS: 8, MUL_II: 1 },
  { CONTEXTS: 32, MUL_II: 1 },
  { CONTEXTS: 1, MUL_II: 10 },
])(
  'jobs that end before their digits are there take nothing from those that follow: %o',
  async ({ CONTEXTS, MUL_II }) => {
    const engine = await openEngine({ ENGINES: 1, SOURCES: 1, CONTEXTS, MUL_II, G_WINDOW: 6 });
    const random = testRandom('early');
    const source = {
      bytes: (n: number) => random.bytes(n),
      below: (bound: number) => random.int(bound),
    };
    const jobs = Array.from({ length: CONTEXTS > 8 ? 200 : 40 }, (_, i) => {
      const signed = signRandom(source, false);
      const kind = random.int(4);
      if (kind === 0) {
        const input = verifyInput(signed);
        const publicKey = input.publicKey.slice();
        publicKey[63] = (publicKey[63] as number) ^ 1;
        return verifyJob(`off the curve ${i}`, { ...input, publicKey });
      }
      if (kind === 1) return recoverJob(`recover ${i}`, recoverInput(signed));
      if (kind === 2 && random.chance(0.5)) {
        const input = recoverInput(signed);
        const signature = input.signature.slice();
        signature.set(random.bytes(31), 1);
        return recoverJob(`some r ${i}`, { ...input, signature });
      }
      return verifyJob(`valid ${i}`, verifyInput(signed));
    });
    expectAnswers(engine, jobs);
  },
  300_000,
);

test.each([
  { ENGINES: 2, SOURCES: 3, CONTEXTS: 19, MUL_II: 1, G_WINDOW: 8 },
  { ENGINES: 1, SOURCES: 1, CONTEXTS: 3, MUL_II: 10, G_WINDOW: 5 },
  { ENGINES: 1, SOURCES: 2, CONTEXTS: 1, MUL_II: 5, G_WINDOW: 6 },
  { ENGINES: 1, SOURCES: 1, CONTEXTS: 20, MUL_II: 2, G_WINDOW: 7 },
])(
  'parameters %o',
  async (parameters) => {
    const engine = await openEngine(parameters);
    const random = testRandom('parameters');
    expectAnswers(engine, randomJobs(random, parameters.CONTEXTS === 1 ? 12 : 60), 0.1);
    engine.sim.cycles(1); // the last beat leaves
    expect(engine.sim.ports.idle).toBe(1);
  },
  300_000,
);

test('gated clocks change no answer and no cycle', async () => {
  const random = testRandom('gating');
  const jobs = randomJobs(random, 80);
  const frames = jobs.map((job, tag) => {
    const frame = job.frame(tag);
    return random.chance(0.1) ? frame.subarray(0, 8 * random.int(1, frame.length / 8)) : frame;
  });
  const runs = [];
  for (const CLOCK_GATING of [0, 1]) {
    const engine = await openEngine({ CONTEXTS: 19, G_WINDOW: 6, CLOCK_GATING });
    // All at once, then one at a time, so that everything comes to rest in between.
    const together = engine.run(frames, { pause: 0.3 });
    const apart = frames.slice(0, 50).map((frame) => {
      const only = frame.slice();
      only[4] = 0; // its tag
      return engine.run([only], { pause: 0.5 });
    });
    runs.push({ together, apart });
  }
  expect(runs[1]).toEqual(runs[0]);
}, 300_000);
