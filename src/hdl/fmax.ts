// SPDX-License-Identifier: Apache-2.0
// The highest clock of a module, placed and routed by nextpnr inside a harness of flip-flops.
//
// Placement begins at random, and the clock with it: several seeds are tried, and all are kept.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatParameter } from '../testbench/build.ts';
import { describeModule, findVerilator } from '../testbench/verilator.ts';
import { type CriticalPath, type ReportPath, readPath } from './critical-path.ts';
import { DEVICES, type Device } from './devices.ts';
import { HdlError } from './errors.ts';
import { HARNESS, writeHarness } from './harness.ts';
import { appendHistory, type HistoryEntry } from './history.ts';
import { readNetlist } from './netlist.ts';
import { findNextpnrEcp5, findNextpnrIce40, type InstallOptions, type Tool } from './on-demand.ts';
import { parameterArguments } from './parameters.ts';
import { runPool } from './pool.ts';
import { runProcess } from './process.ts';
import { revisionOf } from './revision.ts';
import { buildFolder, keyOf, storeRoot } from './store.ts';
import { complaints } from './synth.ts';
import type { Target } from './target.ts';
import { quotePath, readCommand } from './yosys.ts';

/** One placement. */
export interface SeedResult {
  readonly seed: number;
  /** Of each clock, in MHz. */
  readonly mhz: Readonly<Record<string, number>>;
  /** Of the slowest clock's. */
  readonly path: CriticalPath;
  readonly utilization: Readonly<Record<string, { readonly used: number; readonly of: number }>>;
  readonly seconds: number;
}

/** What was measured; a line of the history. */
export interface FmaxEntry extends HistoryEntry {
  readonly device: string;
  /** nextpnr's version line. */
  readonly tool: string;
  /** Of the slowest clock, in MHz; over the seeds. */
  readonly best: number;
  readonly median: number;
  readonly worst: number;
  readonly seeds: ReadonlyArray<Pick<SeedResult, 'seed' | 'mhz' | 'seconds'>>;
  /** Of the best seed, with the harness. */
  readonly utilization: SeedResult['utilization'];
  readonly path: CriticalPath;
  /** Flip-flops that the harness adds. */
  readonly harnessFlipFlops: number;
}

export interface FmaxOptions extends InstallOptions {
  /** Of `DEVICES`. */
  readonly device: string;
  /** Seeds of the placement. */
  readonly seeds: readonly number[];
  /** What nextpnr is asked to reach, in MHz. */
  readonly targetMhz?: number;
  /** Ports that are clocks. */
  readonly clocks?: readonly string[];
  /** Most time for yosys and for each seed, in ms. */
  readonly timeoutMs?: number;
  /** Told after each step. */
  readonly onStep?: ((what: string) => void) | undefined;
}

const TARGET_MHZ = 200;
const TIMEOUT_MS = 60 * 60_000;

/**
 * Synthesizes, places and routes a module, and keeps what was measured.
 *
 * @throws {HdlError} `HDL_TOOL` when a tool is missing, `HDL_FAILED` when the module does not fit or cannot be
 *   read, `HDL_ARGUMENT` for an unknown device or clock.
 */
export async function measureFmax(target: Target, options: FmaxOptions): Promise<FmaxEntry> {
  const device = DEVICES[options.device];
  if (!device) {
    const expected = Object.keys(DEVICES).join(', ');
    throw new HdlError('HDL_ARGUMENT', `expected a device of ${expected}; got ${options.device}`);
  }
  const { signal, onStep } = options;
  const nextpnr =
    device.nextpnr === 'ecp5' ? await findNextpnrEcp5(storeRoot(), options) : findNextpnrIce40();
  const revision = await revisionOf(target, signal);
  const folder = buildFolder(`fmax/${target.top}-${options.device}-${process.pid}`);
  try {
    const flipFlops = await synthesizeHarness(target, device, folder, options);
    onStep?.('synthesized');
    const netlist = readNetlist(join(folder, 'netlist.json')).modules[HARNESS];
    if (!netlist) throw new HdlError('HDL_FAILED', `${target.file}: yosys wrote no ${HARNESS}`);
    const results = await runPool(
      options.seeds,
      async (seed) => {
        const report = await place(target, device, nextpnr, folder, seed, options);
        onStep?.(`seed ${seed}`);
        return { seed, ...report };
      },
      { signal },
    );
    const measured = results.map(({ seed, seconds, report }): SeedResult => {
      const slowest = slowestClock(report, target);
      return {
        seed,
        seconds,
        mhz: Object.fromEntries(
          Object.entries(report.fmax).map(([clock, { achieved }]) => [plainClock(clock), achieved]),
        ),
        path: readPath(slowest, netlist, target.root),
        utilization: Object.fromEntries(
          Object.entries(report.utilization)
            .filter(([, { used }]) => used > 0)
            .map(([cell, { used, available }]) => [cell, { used, of: available }]),
        ),
      };
    });
    const sorted = [...measured].sort((a, b) => lowest(b) - lowest(a));
    const best = sorted[0]!;
    const entry: FmaxEntry = {
      ...keyOf(target),
      revision,
      time: new Date().toISOString(),
      device: options.device,
      tool: await versionOf(nextpnr, target.root),
      best: lowest(best),
      median: lowest(sorted[Math.floor(sorted.length / 2)]!),
      worst: lowest(sorted.at(-1)!),
      seeds: measured.map(({ seed, mhz, seconds }) => ({ seed, mhz, seconds })),
      utilization: best.utilization,
      path: best.path,
      harnessFlipFlops: flipFlops,
    };
    appendHistory(storeRoot(), 'fmax', entry);
    return entry;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes netlist.json of the module in its harness. @returns flip-flops of the harness. */
async function synthesizeHarness(
  target: Target,
  device: Device,
  folder: string,
  { signal, clocks, timeoutMs = TIMEOUT_MS }: FmaxOptions,
): Promise<number> {
  const { root, top, parameters, sources } = target;
  const description = await describeModule(
    await findVerilator(),
    ['--top-module', top, '-Wno-fatal', ...parameterArguments(parameters), ...sources.verilator],
    { cwd: root, purpose: `read ${target.file}` },
  );
  const values = Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, formatParameter(value)]),
  );
  const harness = writeHarness(description, values, clocks);
  const file = join(folder, `${HARNESS}.v`);
  writeFileSync(file, harness.text);
  const script = [
    readCommand(target),
    `read_verilog ${quotePath(file)}`,
    `${device.synth} -top ${HARNESS}`,
    `write_json ${quotePath(join(folder, 'netlist.json'))}`,
  ].join('; ');
  const { exitCode, output, timedOut } = await runProcess('yosys', ['-q', '-p', script], {
    cwd: root,
    signal,
    timeoutMs,
    installedBy: 'src/scripts/setup synth',
  });
  if (timedOut) throw tooSlow(target, 'yosys', timeoutMs);
  if (exitCode !== 0) throw new HdlError('HDL_FAILED', complaints(target, output));
  return harness.flipFlops;
}

interface Report {
  readonly fmax: Readonly<Record<string, { readonly achieved: number }>>;
  readonly critical_paths: readonly ReportPath[];
  readonly utilization: Readonly<
    Record<string, { readonly used: number; readonly available: number }>
  >;
}

async function place(
  target: Target,
  { args }: Device,
  { command, args: toolArgs, env }: Tool,
  folder: string,
  seed: number,
  { signal, targetMhz = TARGET_MHZ, timeoutMs = TIMEOUT_MS }: FmaxOptions,
): Promise<{ report: Report; seconds: number }> {
  const start = performance.now();
  const { exitCode, output, timedOut } = await runProcess(
    command,
    [
      ...toolArgs,
      ...args,
      // In its own folder: WebAssembly sees no other.
      ...['--json', 'netlist.json', '--report', `report-${seed}.json`, '--seed', String(seed)],
      // What it asks for decides how hard it tries, not whether the result counts.
      ...['--freq', String(targetMhz), '--timing-allow-fail', '--quiet'],
    ],
    { cwd: folder, env, signal, timeoutMs },
  );
  if (timedOut) throw tooSlow(target, `nextpnr with seed ${seed}`, timeoutMs);
  if (exitCode !== 0) {
    const errors = output.split('\n').filter((line) => /^ERROR|Traceback|Error:/.test(line));
    const reason = errors.join('\n') || output.trim().split('\n').slice(-5).join('\n');
    throw new HdlError('HDL_FAILED', `${target.file}: nextpnr failed:\n${reason}`);
  }
  const report = JSON.parse(readFileSync(join(folder, `report-${seed}.json`), 'utf8')) as Report;
  return { report, seconds: (performance.now() - start) / 1000 };
}

/** The path that decides about the slowest clock. */
function slowestClock(report: Report, { file }: Target): ReportPath {
  const [clock] = Object.entries(report.fmax).sort(([, a], [, b]) => a.achieved - b.achieved);
  const edge = clock && new RegExp(`(pos|neg)edge ${escapeText(clock[0])}$`);
  const path = edge && report.critical_paths.find((p) => edge.test(p.from) && edge.test(p.to));
  if (path) return path;
  throw new HdlError('HDL_FAILED', `${file}: nextpnr found no path from flip-flop to flip-flop`);
}

function lowest({ mhz }: SeedResult): number {
  return Math.min(...Object.values(mhz));
}

/** nextpnr decorates a clock's name: `$glbnet$clk$TRELLIS_IO_IN`, `clk$SB_IO_IN_$glb_clk`. */
function plainClock(net: string): string {
  return net
    .replace(/^\$glbnet\$/, '')
    .replace(/\$(TRELLIS_IO_IN|SB_IO_IN).*$/, '')
    .replace(/^dut\./, '');
}

async function versionOf({ command, args, env }: Tool, cwd: string): Promise<string> {
  const { output } = await runProcess(command, [...args, '--version'], { cwd, env });
  return /nextpnr-\w+.*\(Version [^)]+\)|nextpnr-[\d.]+/.exec(output)?.[0] ?? output.trim();
}

function tooSlow({ file }: Target, what: string, timeoutMs: number): HdlError {
  const minutes = Math.round(timeoutMs / 60_000);
  return new HdlError('HDL_FAILED', `${file}: ${what} has no result after ${minutes} minutes`);
}

function escapeText(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
