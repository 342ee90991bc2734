// SPDX-License-Identifier: Apache-2.0
/**
 * What the testbench costs on small modules, beside a plain C++ main loop and, where Python has it, cocotb.
 *
 *   node src/scripts/run.js sim/testbench/speed.ts [--rounds 10] [--json]
 *
 * Wall clock, one thread: million cycles per second in the fastest of many short slices, which is what the machine
 * does while nobody disturbs it. All ways take turns round by round, the C++ program too.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { type Simulation, simulate, type Task } from '../../src/testbench/index.ts';
import { measureCocotb } from './cocotb.ts';
import { buildPlain } from './plain.ts';
import { SUBJECTS, type Subject } from './subjects.ts';

/** Cycles of a batch of stimulus. */
const BATCH = 4096;
/** Cycles of a slice: a few ms, seldom interrupted. */
const SLICE = 32_768;
/** Slices of each way in a round. */
const SLICES = 12;

interface Way {
  readonly name: string;
  /** Runs slices. @returns ms of the fastest. */
  run(): number;
}

interface Row {
  readonly name: string;
  /** Million cycles per second. */
  readonly speed: number;
  /** To the C++ main loop's. */
  readonly ratio: number;
}

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '10' }, json: { type: 'boolean', default: false } },
});
const rounds = Number(options.rounds);
if (!Number.isInteger(rounds) || rounds < 1 || rounds > 1000) {
  throw new RangeError(`--rounds: expected a whole number from 1 to 1000, got ${options.rounds}`);
}

const results: Array<{ file: string; rows: Row[] }> = [];
for (const subject of SUBJECTS) results.push({ file: subject.file, rows: await measure(subject) });
const [first] = SUBJECTS;
const cocotb = await measureCocotb(first?.file ?? '');

if (options.json) {
  process.stdout.write(`${JSON.stringify({ load: loadavg()[0], results, cocotb })}\n`);
} else {
  for (const [i, { file, rows }] of results.entries()) {
    process.stdout.write(`${file}: ${SUBJECTS[i]?.what}\n`);
    for (const { name, speed, ratio } of rows) {
      const figures = `${speed.toFixed(2).padStart(7)} Mcycle/s ${(ratio * 100).toFixed(0).padStart(4)} %`;
      process.stdout.write(`  ${name.padEnd(46)} ${figures}\n`);
    }
  }
  const figure = typeof cocotb === 'number' ? `${cocotb.toFixed(4)} Mcycle/s` : cocotb;
  process.stdout.write(`cocotb on ${first?.file}: ${figure}\n`);
  process.stdout.write(`load of the machine: ${loadavg()[0]?.toFixed(1)}\n`);
}

async function measure(subject: Subject): Promise<Row[]> {
  const plain = await buildPlain(subject.file, subject.plain);
  const sim = await simulate(subject.file, { seed: 1 });
  sim.reset();
  const slices = (slice: () => void) => () => fastest(slice);
  const every = (step: number) => slices(() => driveEvery(sim, subject, step));
  const ways: Way[] = [
    { name: 'C++ main loop: 5 writes, a cycle, 2 reads', run: () => plain.run(SLICE, SLICES) },
    { name: 'the same from TypeScript, cycle by cycle', run: every(1) },
    { name: '5 writes, 64 cycles, 2 reads', run: every(64) },
    { name: 'stimulus and record of all cycles, play()', run: slices(() => playAll(sim, subject)) },
    { name: 'cycles(n)', run: slices(() => sim.cycles(SLICE)) },
    { name: 'a task that yields and writes each cycle', run: slices(() => yieldAll(sim, subject)) },
  ];
  const best = ways.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++) {
    for (const [i, way] of ways.entries()) best[i] = Math.min(best[i] ?? 0, way.run());
  }
  sim.close();
  return ways.map(({ name }, i) => ({
    name,
    speed: SLICE / (best[i] ?? 0) / 1000,
    ratio: (best[0] ?? 0) / (best[i] ?? 0),
  }));
}

function fastest(slice: () => void): number {
  let ms = Number.POSITIVE_INFINITY;
  for (let i = 0; i < SLICES; i++) {
    const start = performance.now();
    slice();
    ms = Math.min(ms, performance.now() - start);
  }
  return ms;
}

function driveEvery(model: Simulation, { write, read }: Subject, step: number): void {
  const dut = model.ports;
  let sum = 0;
  for (let i = 0; i < SLICE; i += step) {
    write(dut, i);
    model.cycles(step);
    sum += read(dut);
  }
  checkSum(sum);
}

function playAll(model: Simulation, { inputs, outputs }: Subject): void {
  const kinds = { 8: Uint8Array, 16: Uint16Array, 32: Uint32Array };
  const drive = Object.fromEntries(
    Object.entries(inputs).map(([name, bits]) => [name, new kinds[bits](BATCH)]),
  );
  let sum = 0;
  for (let start = 0; start < SLICE; start += BATCH) {
    for (const [name, column] of Object.entries(drive)) {
      const mask = name === 'i1' || name === 'valid' || name === 'take' ? 1 : 0xffff_ffff;
      for (let k = 0; k < BATCH; k++) column[k] = (start + k) & mask;
    }
    const recorded = model.play(BATCH, { drive, record: outputs });
    for (const name of outputs) {
      const column = recorded[name] as Uint32Array;
      for (let k = 0; k < BATCH; k++) sum += column[k] ?? 0;
    }
  }
  checkSum(sum);
}

function yieldAll(model: Simulation, { write }: Subject): void {
  model.run(
    function* writer(): Task {
      for (let i = 0; i < SLICE; i++) {
        write(model.ports, i);
        yield;
      }
    },
    { max: SLICE + 1 },
  );
}

/** Keeps the reads alive. */
function checkSum(sum: number): void {
  if (!(sum > 0)) throw new Error(`expected a sum of what was read, got ${sum}`);
}
