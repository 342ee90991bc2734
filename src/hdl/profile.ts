// SPDX-License-Identifier: Apache-2.0
// Which module and line costs a test its time.
//
// Models are built with --prof-cfuncs, by which Verilator makes a function of every block and puts its line into
// the name; g++ may not inline those. A sampler (cpp/sampler.c) notes once a millisecond where the test's thread is.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectRoot } from '../testbench/project.ts';
import { HdlError } from './errors.ts';
import { appendHistory, type HistoryEntry } from './history.ts';
import { runProcess } from './process.ts';
import { revisionOf } from './revision.ts';
import { buildFolder, keyOf, storeRoot } from './store.ts';
import type { Target } from './target.ts';

/** What one line of Verilog costs. */
export interface LineCost {
  /** Module as Verilator names it. */
  readonly module: string;
  /** File, relative to the target's root; the module's name where it was not found. */
  readonly file: string;
  readonly line: number;
  /** The line. */
  readonly source: string;
  /** Of the time in models, 0 to 1. */
  readonly share: number;
  readonly samples: number;
}

/** What was found; a line of the history. */
export interface ProfileEntry extends HistoryEntry {
  readonly test: string;
  readonly testsPassed: boolean;
  /** Processor time of the processes that simulated, in s. */
  readonly seconds: number;
  /** Of that: in models, in JavaScript and all else. */
  readonly modelShare: number;
  /** By module, highest first. */
  readonly modules: ReadonlyArray<{ readonly module: string; readonly share: number }>;
  /** By line, highest first. */
  readonly lines: readonly LineCost[];
  /** Cycles in a second of the models' time; null where cycles were not recorded. */
  readonly cyclesPerSecond: number | null;
}

export interface ProfileOptions {
  /** Test file, relative to the root. */
  readonly test: string;
  /** Part of a test's name. */
  readonly testName?: string | undefined;
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const SAMPLER = join(projectRoot(dirname(fileURLToPath(import.meta.url))), 'src/hdl/cpp/sampler.c');
const SECONDS_A_SAMPLE = 0.001;
const TIMEOUT_MS = 60 * 60_000;

/**
 * Runs a test and says where its time goes.
 *
 * @throws {HdlError} `HDL_TOOL` without compiler, `HDL_FAILED` when no time was spent in a model.
 */
export async function profile(target: Target, options: ProfileOptions): Promise<ProfileEntry> {
  const { test, testName, seed, signal } = options;
  const library = await buildSampler(signal);
  const folder = mkdtempSync(join(tmpdir(), 'hpb-profile-'));
  try {
    const args = ['node_modules/vitest/vitest.mjs', 'run', test, '--reporter=dot'];
    const { exitCode, output } = await runProcess(
      process.execPath,
      [...args, ...(testName === undefined ? [] : ['-t', testName])],
      {
        cwd: target.root,
        signal,
        timeoutMs: TIMEOUT_MS,
        env: {
          HPB_PROFILE: folder,
          HPB_RECORD: folder,
          LD_PRELOAD: library,
          ...(seed !== undefined && { SEED: String(seed) }),
        },
      },
    );
    const counted = await countSamples(folder, signal);
    if (counted.inModels === 0) {
      const tail = output.trim().split('\n').slice(-5).join('\n');
      throw new HdlError('HDL_FAILED', `expected time in a model, got none with ${test}\n${tail}`);
    }
    const entry: ProfileEntry = {
      ...keyOf(target),
      revision: await revisionOf(target, signal),
      time: new Date().toISOString(),
      test,
      testsPassed: exitCode === 0,
      seconds: counted.all * SECONDS_A_SAMPLE,
      modelShare: counted.inModels / counted.all,
      ...summarize(target, counted),
      cyclesPerSecond: cyclesPerSecond(folder, counted.inModels * SECONDS_A_SAMPLE),
    };
    appendHistory(storeRoot(), 'profile', entry);
    return entry;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function buildSampler(signal: AbortSignal | undefined): Promise<string> {
  const library = join(buildFolder('profile'), 'sampler.so');
  const flags = ['-shared', '-fPIC', '-O2', '-Wall', '-Wextra'];
  const { exitCode, output } = await runProcess(
    process.env.CC || 'gcc',
    [...flags, SAMPLER, '-o', library, '-lrt', '-ldl'],
    { cwd: dirname(library), signal },
  );
  if (exitCode === 0) return library;
  throw new HdlError('HDL_FAILED', `cannot build the sampler:\n${output.trim()}`);
}

interface Counted {
  /** Samples of processes that simulated. */
  readonly all: number;
  readonly inModels: number;
  /** By function's name. */
  readonly functions: ReadonlyMap<string, number>;
}

interface Mapping {
  /** Samples that were taken before it was there. */
  readonly since: number;
  readonly start: bigint;
  readonly end: bigint;
  readonly offset: bigint;
  readonly path: string;
}

async function countSamples(folder: string, signal: AbortSignal | undefined): Promise<Counted> {
  const functions = new Map<string, number>();
  let all = 0;
  let inModels = 0;
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.samples'))) {
    const maps = readMaps(join(folder, name.replace(/samples$/, 'maps')));
    const models = maps.filter(({ path }) => path.includes('/build/sim/'));
    if (models.length === 0) continue;
    const samples = readSamples(join(folder, name));
    const byLibrary = new Map<string, bigint[]>();
    for (const [i, pc] of samples.entries()) {
      // The last that was loaded at this place.
      const place = maps.findLast(({ since, start, end }) => since <= i && pc >= start && pc < end);
      const model = place && models.includes(place) ? place : undefined;
      if (!model) continue;
      const list = byLibrary.get(model.path) ?? [];
      list.push(pc - model.start + model.offset);
      byLibrary.set(model.path, list);
    }
    let own = 0;
    for (const [path, addresses] of byLibrary) {
      own += addresses.length;
      for (const [symbol, count] of await nameAddresses(path, addresses, signal)) {
        functions.set(symbol, (functions.get(symbol) ?? 0) + count);
      }
    }
    if (own === 0) continue;
    all += samples.length;
    inModels += own;
  }
  return { all, inModels, functions };
}

/** Up to the first zero: no code is there. */
function readSamples(path: string): BigUint64Array {
  const data = readFileSync(path);
  const words = new BigUint64Array(
    data.buffer.slice(data.byteOffset, data.byteOffset + data.length),
  );
  const end = words.indexOf(0n);
  return end < 0 ? words : words.subarray(0, end);
}

/** `1234 7f00-7f10 r-xp 00001000 08:01 42   /path/of the/model.so`. */
function readMaps(path: string): Mapping[] {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    // The process ended before it loaded a library.
  }
  return text.split('\n').flatMap((line) => {
    const [, since, start, end, offset, file] =
      /^(\d+) ([\da-f]+)-([\da-f]+) \S+ ([\da-f]+) \S+ \d+ +(\/.*)$/.exec(line) ?? [];
    if (file === undefined) return [];
    return [
      {
        since: Number(since),
        start: BigInt(`0x${start}`),
        end: BigInt(`0x${end}`),
        offset: BigInt(`0x${offset}`),
        path: file,
      },
    ];
  });
}

/** Counts addresses by the function that they are in. */
async function nameAddresses(
  library: string,
  addresses: readonly bigint[],
  signal: AbortSignal | undefined,
): Promise<Map<string, number>> {
  const { exitCode, output } = await runProcess('nm', ['-n', '--defined-only', library], {
    cwd: dirname(library),
    signal,
  });
  if (exitCode !== 0) throw new HdlError('HDL_FAILED', `nm failed for ${basename(library)}`);
  const symbols = output.split('\n').flatMap((line) => {
    const [, address, name] = /^([\da-f]+) [tTwWiu] (.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [{ address: BigInt(`0x${address}`), name }];
  });
  const counts = new Map<string, number>();
  for (const address of addresses) {
    let low = 0;
    let high = symbols.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (symbols[middle]!.address <= address) low = middle + 1;
      else high = middle;
    }
    const name = symbols[low - 1]?.name ?? '';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** `...__PROF__axis_fifo__l53...` of a function's name. */
const PROFILED = /__PROF__(\w+?)__l?(\d+)/;

function summarize(
  target: Target,
  { functions, inModels }: Counted,
): Pick<ProfileEntry, 'modules' | 'lines'> {
  const files = new Map(
    target.sources.files.map((file) => [basename(file).replace(/\.s?v$/, ''), file]),
  );
  const lines = new Map<string, LineCost>();
  const modules = new Map<string, number>();
  for (const [symbol, samples] of functions) {
    const [, module = '(Verilator)', digits = '0'] = PROFILED.exec(symbol) ?? [];
    modules.set(module, (modules.get(module) ?? 0) + samples);
    if (digits === '0') continue;
    const key = `${module}:${digits}`;
    const file = files.get(module);
    const before = lines.get(key)?.samples ?? 0;
    lines.set(key, {
      module,
      file: file ?? module,
      line: Number(digits),
      source: file === undefined ? '' : lineOf(join(target.root, file), Number(digits)),
      samples: before + samples,
      share: (before + samples) / inModels,
    });
  }
  return {
    modules: [...modules]
      .map(([module, samples]) => ({ module, share: samples / inModels }))
      .sort((a, b) => b.share - a.share),
    lines: [...lines.values()].sort((a, b) => b.samples - a.samples),
  };
}

function lineOf(path: string, line: number): string {
  return readFileSync(path, 'utf8').split('\n')[line - 1]?.trim() ?? '';
}

/** From what the testbench records of each simulation, where it does. */
function cyclesPerSecond(folder: string, seconds: number): number | null {
  const records = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  const cycles = records
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .reduce((sum, line) => sum + Number((JSON.parse(line) as { cycles?: number }).cycles ?? 0), 0);
  return cycles > 0 && seconds > 0 ? cycles / seconds : null;
}
