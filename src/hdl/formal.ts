// SPDX-License-Identifier: Apache-2.0
// Proofs of a module's `ifdef FORMAL` properties by yosys, yosys-smtbmc and z3.
//
// A proof is a temporal induction: base case and step, so it holds for runs of any length. Covers show that
// the assumptions leave something to prove. Modules of the target's own folder, and the helpers in its
// formal/, are read with their properties; those of other folders without, since they are proven there. A
// helper with the name of one of those stands for it: a model that is easier to reason about.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { execa } from 'execa';
import { formatParameter } from '../testbench/build.ts';
import { HdlError } from './errors.ts';
import { type Fault, faultDepth, type ProofJob } from './formal-jobs.ts';
import { appendHistory, type HistoryEntry } from './history.ts';
import { runProcess } from './process.ts';
import { revisionOf } from './revision.ts';
import { buildFolder, keyOf, storeRoot } from './store.ts';
import { complaints } from './synth.ts';
import type { Target } from './target.ts';
import { SOURCE_FILE } from './verilog-text.ts';
import { quotePath } from './yosys.ts';

export type ProofOutcome = 'proven' | 'FAILED' | 'TIMEOUT' | 'ERROR' | 'skipped';
export type CoverOutcome = 'reached' | 'FAILED' | 'TIMEOUT' | 'ERROR' | 'skipped';

/** What became of one proof; a line of the history. */
export interface ProofEntry extends HistoryEntry {
  readonly base: ProofOutcome;
  readonly induction: ProofOutcome;
  readonly cover: CoverOutcome;
  readonly seconds: number;
  /** Properties that failed, as `file:line: text`. */
  readonly failures: readonly string[];
  /** Waves (.vcd), relative to the project: counterexamples, and a trace for each cover reached. */
  readonly waves: readonly string[];
}

/** What became of one deliberate fault. */
export interface FaultResult {
  readonly name: string;
  readonly file: string;
  readonly what: string;
  readonly isCaught: boolean;
  /** How it was caught, or why not. */
  readonly how: string;
}

export interface FormalOptions {
  readonly signal?: AbortSignal | undefined;
  /** Most time for each run of the solver, in seconds. */
  readonly solverSeconds?: number;
}

const SOLVER_SECONDS = 300;
/** Exit code of timeout(1). */
const TIMED_OUT = 124;
/** Above this a cover's traces are not looked for. */
const MAX_TRACES = 1000;

/** True when nothing failed. */
export function isProven({ base, induction, cover }: ProofEntry): boolean {
  return base === 'proven' && induction === 'proven' && cover === 'reached';
}

/**
 * Proves a module, and keeps what became of it.
 *
 * @throws {HdlError} `HDL_TOOL` when yosys or z3 is missing, `HDL_FAILED` when yosys cannot read the module.
 */
export async function prove(
  target: Target,
  job: ProofJob,
  options: FormalOptions = {},
): Promise<ProofEntry> {
  await checkTools(target.root);
  const start = performance.now();
  const revision = await revisionOf(target, options.signal);
  const parameters = formatAll(job);
  const name = `${job.module} ${Object.entries(parameters).flat().join(' ')}`.trim();
  const model = join(modelFolder(target), name.replace(/\W+/g, '_'));
  await writeModel(target, job, model, target.file, options);
  const base = await solve(target, model, 'base', ['-t', String(job.base)], options);
  const step = await solve(target, model, 'step', ['-i', '-t', String(job.step)], options);
  const cover = await solve(target, model, 'cover', ['-c', '-t', String(job.cover)], options);
  const entry: ProofEntry = {
    ...keyOf({ ...target, parameters: job.parameters }),
    revision,
    time: new Date().toISOString(),
    base: base.outcome,
    induction: step.outcome,
    cover: cover.outcome === 'proven' ? 'reached' : cover.outcome,
    seconds: (performance.now() - start) / 1000,
    failures: [...new Set([base, step, cover].flatMap(({ failures }) => failures))],
    waves: [base, step, cover].flatMap(({ waves }) => waves.map(fromStore)),
  };
  appendHistory(storeRoot(), 'formal', entry);
  return entry;
}

/**
 * Breaks a module as a fault says; its proof must fail then, as deep as it is made.
 *
 * @throws as `prove`.
 */
export async function tryFault(
  target: Target,
  fault: Fault,
  options: FormalOptions = {},
): Promise<FaultResult> {
  await checkTools(target.root);
  const about = { name: target.name, file: target.file, what: fault.what };
  const text = readFileSync(join(target.root, target.file), 'utf8');
  const foot = text.slice(0, text.lastIndexOf('`ifdef FORMAL')).split('\n').length;
  const { stdout } = await execa('sed', [`1,${foot} ${fault.edit}`], {
    input: text,
    stripFinalNewline: false,
    ...(options.signal && { cancelSignal: options.signal }),
  });
  if (stdout === text) return { ...about, isCaught: false, how: 'the edit does not apply' };
  const model = join(modelFolder(target), `${target.top}_broken_${hash(fault.edit)}`);
  const broken = `${model}.sv`;
  writeFileSync(broken, stdout);
  try {
    await writeModel(target, fault, model, broken, options);
    const depth = faultDepth(target, fault);
    const base = await solve(target, model, 'base', ['-t', String(depth.base)], options);
    if (base.outcome === 'FAILED' && base.failures.length > 0) {
      return { ...about, isCaught: true, how: `counterexample, cycle ${base.cycle}` };
    }
    if (base.outcome !== 'proven') return { ...about, isCaught: false, how: base.outcome };
    const steps = ['-i', '-t', String(depth.step)];
    const step = await solve(target, model, 'step', steps, options);
    const isCaught = step.outcome === 'FAILED';
    return { ...about, isCaught, how: isCaught ? 'no longer inductive' : 'SURVIVED' };
  } finally {
    for (const path of [broken, `${model}.smt2`]) rmSync(path, { force: true });
  }
}

/** Models, logs and waves of a unit's proofs. */
function modelFolder({ unit = '' }: Target): string {
  return buildFolder(join('formal', unit));
}

function fromStore(path: string): string {
  return relative(storeRoot(), path);
}

let tools: Promise<void> | undefined;

function checkTools(cwd: string): Promise<void> {
  tools ??= Promise.all(
    [
      ['yosys', '-V'],
      ['yosys-smtbmc', '-h'],
      ['z3', '--version'],
    ].map(([command = '', flag = '']) =>
      runProcess(command, [flag], { cwd, installedBy: 'src/scripts/setup formal' }),
    ),
  ).then(() => {});
  return tools;
}

/** Writes `<model>.smt2`; `file` stands for the target's own. */
async function writeModel(
  target: Target,
  { parameters }: Pick<ProofJob, 'parameters'>,
  model: string,
  file: string,
  { signal }: FormalOptions,
): Promise<void> {
  const own = dirname(target.file);
  const helpers = formalHelpers(target);
  const models = new Set(helpers.map((each) => basename(each)));
  const files = target.sources.files
    .map((each) => (each === target.file ? file : each))
    .filter((each) => dirname(each) === own || !models.has(basename(each)));
  const isOwn = (each: string) => each === file || dirname(each) === own;
  const read = (flags: string, each: string) =>
    `read_verilog -sv -defer ${flags} ${quotePath(each)}`;
  const folders = target.sources.folders.map((folder) => quotePath(`-I${folder}`)).join(' ');
  const set = Object.entries(parameters).map(
    ([name, value]) => `-chparam ${name} ${formatParameter(value)}`,
  );
  const script = [
    ...files.map((each) => read(isOwn(each) ? `-formal ${folders}` : folders, each)),
    ...helpers.map((each) => read(`-formal ${folders}`, each)),
    `hierarchy -check -top ${target.top} ${set.join(' ')}`,
    'proc; flatten; opt_expr; opt_clean; check -assert',
    'memory -nomap -nordff; opt -keepdc; dffunmap; setundef -anyseq; opt_clean',
    `write_smt2 -wires ${quotePath(`${model}.smt2`)}`,
  ].join('; ');
  const log = `${model}.yosys.log`;
  const { exitCode, output } = await runProcess('yosys', ['-q', '-l', log, '-p', script], {
    cwd: target.root,
    signal,
    installedBy: 'src/scripts/setup formal',
  });
  if (exitCode !== 0) throw new HdlError('HDL_FAILED', complaints(target, output));
}

/** Modules that only proofs use, in formal/: contracts, scoreboards, models of cells. */
function formalHelpers({ root, file }: Target): string[] {
  const folder = join(dirname(file), 'formal');
  if (!existsSync(join(root, folder))) return [];
  const names = readdirSync(join(root, folder)).filter((name) => SOURCE_FILE.test(name));
  return names.sort().map((name) => join(folder, name));
}

interface Solved {
  readonly outcome: ProofOutcome;
  readonly failures: readonly string[];
  readonly waves: readonly string[];
  /** Of the counterexample. */
  readonly cycle: number;
}

/** One run of the solver; its log and waves are beside the model. */
async function solve(
  { root }: Target,
  model: string,
  label: 'base' | 'step' | 'cover',
  flags: readonly string[],
  { signal, solverSeconds = SOLVER_SECONDS }: FormalOptions,
): Promise<Solved> {
  // One trace for each cover that is reached, by number.
  const vcd = label === 'cover' ? `${model}.cover%.vcd` : `${model}.${label}.vcd`;
  const candidates =
    label === 'cover'
      ? Array.from({ length: MAX_TRACES }, (_, i) => vcd.replace('%', String(i)))
      : [vcd];
  for (const path of candidates) {
    if (existsSync(path)) rmSync(path);
    else if (label === 'cover') break;
  }
  // timeout(1) ends the solver with yosys-smtbmc, which would leave it behind. Without --unroll z3 needs
  // minutes and gigabytes for axis_arb.
  const { exitCode, output } = await runProcess(
    'timeout',
    [
      ...['-k', '5', String(solverSeconds), 'yosys-smtbmc', '-s', 'z3', '--unroll', ...flags],
      ...['--dump-vcd', vcd, `${model}.smt2`],
    ],
    { cwd: root, signal, installedBy: 'src/scripts/setup formal' },
  );
  writeFileSync(`${model}.${label}.log`, output);
  const waves: string[] = [];
  for (const path of candidates) {
    if (!existsSync(path)) break;
    waves.push(path);
  }
  const failures = [...output.matchAll(/(?:Assert failed in|Unreached cover statement at) (.*)/g)];
  const cycles = [...output.matchAll(/Checking assertions in step (\d+)/g)];
  return {
    outcome: outcomeOf(exitCode, output),
    failures: failures.map(([, text = '']) => placeOf(text)),
    waves,
    cycle: Number(cycles.at(-1)?.[1] ?? 0),
  };
}

function outcomeOf(exitCode: number, output: string): ProofOutcome {
  if (exitCode === 0) return 'proven';
  if (exitCode === TIMED_OUT || exitCode === 137) return 'TIMEOUT';
  // It ends with 1 for a property that fails and for a solver that does, too.
  return /Status: (FAILED|failed)/.test(output) ? 'FAILED' : 'ERROR';
}

/**
 * `axis_fifo: hdl/common/axis_fifo.sv:119.9-120.40 (name)` as `hdl/common/axis_fifo.sv:120`: yosys has a
 * statement begin where the one before it ends.
 */
function placeOf(text: string): string {
  const [, file, line] = /([^\s:]+\.s?v):\d+\.\d+-(\d+)/.exec(text) ?? [];
  return file === undefined ? text.trim() : `${file}:${line}`;
}

function formatAll({ parameters }: Pick<ProofJob, 'parameters'>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, formatParameter(value)]),
  );
}

/** A short name of a text, the same every time. */
function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
