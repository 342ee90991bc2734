// SPDX-License-Identifier: Apache-2.0
/**
 * What the testbench costs on small modules, beside a plain C++ main loop and, where Python has it, cocotb.
 *
 *   node src/scripts/run.js sim/testbench/speed.ts [--rounds 1000] [--json]
 *
 * Wall clock, one thread. All ways take turns, the C++ program too, a fraction of a millisecond each: what else the
 * machine does hits all alike. A ratio is formed within each round, and the median of the rounds is shown; the speed is that of
 * the fastest turn, which is what the machine does while nobody disturbs it. Each module has a process of its own,
 * as a test file has.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { type Simulation, simulate, type Task } from '../../src/testbench/index.ts';
import { type Cocotb, measureCocotb } from './cocotb.ts';
import { startPlain } from './plain.ts';
import { SUBJECTS, type Subject } from './subjects.ts';

/** Cycles of a turn, and of a batch of stimulus. */
const TURN = 4096;
/** Rounds before those that count: until V8 has compiled everything, which takes its time on a busy machine. */
const WARM_ROUNDS = 400;
/** Cycles before a turn that are not timed: caches and branch prediction are the way's own again. */
const WARM = 512;

interface Way {
  readonly name: string;
  /** Takes a turn. @returns ms. */
  run(): number | Promise<number>;
}

interface Row {
  readonly name: string;
  /** Million cycles per second, fastest turn. */
  readonly speed: number;
  /** To the C++ main loop's, median of the rounds. */
  readonly ratio: number;
}

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '1000' },
    json: { type: 'boolean', default: false },
    // What this program calls itself with.
    subject: { type: 'string' },
  },
});
const rounds = Number(options.rounds);
if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100_000) {
  throw new RangeError(`--rounds: expected a whole number from 1 to 100000, got ${options.rounds}`);
}
if (options.subject === undefined) await measureAll();
else {
  const subject = SUBJECTS.find(({ file }) => file === options.subject);
  if (!subject) throw new RangeError(`--subject: expected a file of subjects.ts`);
  process.stdout.write(`${JSON.stringify(await measure(subject))}\n`);
}

async function measureAll(): Promise<void> {
  const results: Array<{ file: string; rows: Row[] }> = [];
  for (const { file } of SUBJECTS) {
    const args = [process.argv[1] ?? '', '--subject', file, '--rounds', String(rounds)];
    const { stdout } = await execa(process.execPath, args, { stderr: 'inherit' });
    results.push({ file, rows: JSON.parse(stdout) as Row[] });
  }
  const [first] = SUBJECTS;
  const cocotb = await measureCocotb(first?.file ?? '');
  const load = loadavg()[0] ?? 0;
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ load, results, cocotb })}\n`);
    return;
  }
  for (const [i, { file, rows }] of results.entries()) {
    process.stdout.write(`${file}: ${SUBJECTS[i]?.what}\n`);
    for (const { name, speed, ratio } of rows) {
      const figures = `${speed.toFixed(2).padStart(7)} Mcycle/s ${(ratio * 100).toFixed(0).padStart(4)} %`;
      process.stdout.write(`  ${name.padEnd(46)} ${figures}\n`);
    }
  }
  process.stdout.write(
    `cocotb on ${first?.file}: ${describeCocotb(cocotb, results[0]?.rows[0])}\n`,
  );
  process.stdout.write(`load of the machine: ${load.toFixed(1)}\n`);
}

async function measure(subject: Subject): Promise<Row[]> {
  const plain = await startPlain(subject.file, subject.plain);
  const sim = await simulate(subject.file, { seed: 1 });
  sim.reset();
  const every = (step: number) => (cycles: number) => driveEvery(sim, subject, step, cycles);
  const play = playOf(sim, subject);
  const ways: Way[] = [
    { name: 'C++ main loop: 5 writes, a cycle, 2 reads', run: () => plain.run(WARM, TURN) },
    { name: 'the same from TypeScript, cycle by cycle', run: timed(every(1)) },
    { name: '5 writes, 64 cycles, 2 reads', run: timed(every(64)) },
    { name: 'stimulus and record of all cycles, play()', run: timed(play) },
    { name: 'cycles(n)', run: timed((cycles) => sim.cycles(cycles)) },
    {
      name: 'a task that yields and writes each cycle',
      run: timed((cycles) => yieldAll(sim, subject, cycles)),
    },
  ];
  const times = ways.map((): number[] => []);
  for (let round = -WARM_ROUNDS; round < rounds; round++) {
    for (const [i, way] of ways.entries()) {
      const ms = await way.run();
      if (round >= 0) times[i]?.push(ms);
    }
  }
  plain.close();
  sim.close();
  return ways.map(({ name }, i) => {
    const own = times[i] ?? [];
    return {
      name,
      speed: TURN / Math.min(...own) / 1000,
      ratio: median(own.map((ms, round) => (times[0]?.[round] ?? 0) / ms)),
    };
  });
}

function timed(body: (cycles: number) => void): () => number {
  return () => {
    body(WARM);
    const start = performance.now();
    body(TURN);
    return performance.now() - start;
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

function driveEvery(
  model: Simulation,
  { write, read }: Subject,
  step: number,
  cycles: number,
): void {
  const dut = model.ports;
  let sum = 0;
  for (let i = 0; i < cycles; i += step) {
    write(dut, i);
    model.cycles(step);
    sum += read(dut);
  }
  checkSum(sum);
}

/** Makes the stimulus, plays it, and adds up what was recorded. */
function playOf(model: Simulation, { inputs, outputs }: Subject): (cycles: number) => void {
  const columns = Object.entries(inputs).map(([name, [Kind, mask]]) => ({
    name,
    values: new Kind(TURN),
    mask,
  }));
  const drive = Object.fromEntries(columns.map(({ name, values }) => [name, values]));
  return (cycles) => {
    for (const { values, mask } of columns) {
      for (let k = 0; k < cycles; k++) values[k] = k & mask;
    }
    const recorded = model.play(cycles, { drive, record: outputs });
    let sum = 0;
    for (const name of outputs) {
      const column = recorded[name] as Uint32Array;
      for (let k = 0; k < cycles; k++) sum += column[k] ?? 0;
    }
    checkSum(sum);
  };
}

function yieldAll(model: Simulation, { write }: Subject, cycles: number): void {
  model.run(
    function* writer(): Task {
      for (let i = 0; i < cycles; i++) {
        write(model.ports, i);
        yield;
      }
    },
    { max: cycles + 1 },
  );
}

function describeCocotb(cocotb: Cocotb, plain: Row | undefined): string {
  if (typeof cocotb === 'string') return cocotb;
  const { version, verilator, speed } = cocotb;
  const ratio = ((speed / (plain?.speed ?? 1)) * 100).toFixed(2);
  return `${speed.toFixed(4)} Mcycle/s, ${ratio} % (cocotb ${version}, ${verilator.trim()})`;
}

/** Keeps the reads alive. */
function checkSum(sum: number): void {
  if (!(sum > 0)) throw new Error(`expected a sum of what was read, got ${sum}`);
}
