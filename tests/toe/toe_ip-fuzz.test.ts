/**
 * toe_ip with damaged frames: nothing wrong is delivered, nothing right dropped, nothing gets stuck.
 *
 * FUZZ_FRAMES sets how many; 100,000 unless given.
 */
import { expect, test } from 'vitest';
import { bursts } from '../../src/testbench/index.ts';
import { expectReceived } from './helpers/expected.ts';
import { ipBench } from './helpers/ip-bench.ts';
import { mutate, randomFrame } from './helpers/random-frames.ts';
import { COUNTS } from './helpers/receiver.ts';

const FRAMES = Number(process.env.FUZZ_FRAMES ?? 100_000);
const BATCH = 2_000;

test(`${FRAMES} mutated frames, a right one among four`, async () => {
  expect(Number.isInteger(FRAMES) && FRAMES > 0).toBe(true);
  const bench = await ipBench();
  const random = bench.sim.random.fork('mutations');
  bench.rx.pause = bursts(random.fork('gaps'), { busy: 60, idle: 10 });
  bench.segments.pause = 0.2;
  bench.payloads.pause = 0.1;
  const seen = new Set<string>();
  for (let done = 0; done < FRAMES; done += BATCH) {
    const given = Array.from({ length: Math.min(BATCH, FRAMES - done) }, () => {
      const frame = randomFrame(random, bench.card);
      const isWhole = random.chance(0.25);
      return { frame: isWhole ? frame : mutate(random, frame), isBad: random.chance(0.02) };
    });
    for (const cause of Object.keys(expectReceived(bench, given).counts)) seen.add(cause);
  }
  // Every fate that a frame can have, but for full FIFOs
  const fates = COUNTS.filter((name) => !/^tx|Full$|Tx/.test(name));
  if (FRAMES >= 20_000) expect([...seen].sort()).toEqual(fates.toSorted());
});
