// SPDX-License-Identifier: Apache-2.0
// `hpb hdl fmax`: the highest clock by place and route, and the path that decides about it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import type { PathStep } from '../../hdl/critical-path.ts';
import { DEVICES } from '../../hdl/devices.ts';
import { HdlError } from '../../hdl/errors.ts';
import { type FmaxEntry, measureFmax } from '../../hdl/fmax.ts';
import { resolveTargets, type Target } from '../../hdl/target.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { formatCount, formatSeconds } from '../format.ts';
import { number } from '../number-option.ts';
import { Progress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import type { HdlContext } from './command.ts';
import { type CommonOptions, finishWith, targetOptions, withTarget } from './options.ts';

interface FmaxCommandOptions extends CommonOptions {
  readonly device: string;
  readonly seeds: number;
  readonly firstSeed: number;
  readonly mhz: number;
  readonly clock?: readonly string[];
  readonly minutes: number;
}

const HELP = `
The module stands in a harness: inputs come from a shift register, outputs go into flip-flops, so that the number of
pins decides nothing and every path counts from flip-flop to flip-flop. Placement begins at random: of the seeds
the best, the median and the worst are given, and the critical path of the best, by line of source.

Devices: ${Object.keys(DEVICES).join(', ')}. nextpnr-ice40 comes with the system (src/scripts/setup ice40);
nextpnr-ecp5 is installed into .tools when first wanted (PyPI, needs python3 with pip). Results are kept in
.hpb/history/fmax.jsonl.

Exit code 1 when the module does not fit or a tool fails.

Examples:
  hpb hdl fmax axis_fifo
  hpb hdl fmax sigv_mul --parameter II=10 --device ecp5-85k --seeds 5
  hpb hdl fmax uart.sv --device ice40-hx8k --clock clk_i --json | jq '.[].best'
`;

/** Adds `fmax` to the group. */
export function addFmaxCommand(group: Command, context: HdlContext): void {
  withTarget(group.command('fmax').description('highest clock and critical path, by nextpnr'))
    .argument('<target>', 'module, folder of hdl/, or file')
    .addOption(
      new Option('--device <name>', 'the chip').choices(Object.keys(DEVICES)).default('ecp5-85k'),
    )
    .option('--seeds <count>', 'placements tried', number(1, 1000), 3)
    .option('--first-seed <seed>', 'seed of the first', number(0, 2 ** 31 - 1), 1)
    .option('--mhz <megahertz>', 'clock that nextpnr is asked for', number(1, 2000), 200)
    .option(
      '--clock <port>',
      'a clock of the module; may be repeated',
      (value, before: string[] = []) => [...before, value],
    )
    .option('--minutes <minutes>', 'most time for yosys and for each seed', number(1, 1440), 60)
    .addHelpText('after', HELP)
    .action((name: string, options: FmaxCommandOptions) =>
      finishWith(context, () => fmaxCommand(name, options, context.terminal)),
    );
}

async function fmaxCommand(
  name: string,
  options: FmaxCommandOptions,
  { stdout, stderr, interrupt: signal }: Terminal,
): Promise<ExitCode> {
  const targets = resolveTargets(name, targetOptions(options));
  const progress = new Progress(stderr);
  const seeds = Array.from({ length: options.seeds }, (_, i) => options.firstSeed + i);
  const found: object[] = [];
  let failed = false;
  // One after the other: its seeds share the processors.
  for (const [i, target] of targets.entries()) {
    let steps = 0;
    const step = (what: string) => {
      const share = (i + steps++ / (seeds.length + 1)) / targets.length;
      progress.update(() => `${target.name}: ${what}`, share);
    };
    step('yosys');
    try {
      const entry = await measureFmax(target, {
        device: options.device,
        seeds,
        targetMhz: options.mhz,
        signal,
        timeoutMs: options.minutes * 60_000,
        ...(options.clock && { clocks: options.clock }),
        onStep: step,
        onInstall: (what) => {
          progress.clear();
          stderr.write(`installing ${what}\n`);
        },
      });
      found.push(entry);
      progress.clear();
      if (!options.json) await stdout.write(showEntry(entry, target));
    } catch (error) {
      progress.clear();
      // One that does not fit must not take the others with it.
      if (!(error instanceof HdlError) || error.code !== 'HDL_FAILED') throw error;
      if (targets.length === 1) throw error;
      failed = true;
      found.push({ name: target.name, file: target.file, error: error.message });
      if (!options.json) await stdout.write(`${target.name}: ${error.message}\n\n`);
    }
  }
  if (options.json) await stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  return failed ? EXIT.FAILED : EXIT.OK;
}

function showEntry(entry: FmaxEntry, { root }: Target): string {
  const { name, parameters, device, best, median, worst, seeds, path, utilization } = entry;
  const set = Object.entries(parameters).map(([key, value]) => ` ${key}=${value}`);
  const spread =
    seeds.length > 1
      ? ` (best of ${seeds.length} seeds; median ${median.toFixed(1)}, worst ${worst.toFixed(1)})`
      : ` (seed ${seeds[0]?.seed})`;
  const clocks = Object.entries(bestSeed(entry)?.mhz ?? {});
  const each =
    clocks.length > 1
      ? `  clocks: ${clocks.map(([clock, mhz]) => `${clock} ${mhz.toFixed(1)} MHz`).join(', ')}\n`
      : '';
  const used = Object.entries(utilization)
    .filter(([cell]) => /COMB|TRELLIS_FF|MULT18|DP16KD|ICESTORM_(LC|RAM|DSP)/.test(cell))
    .map(([cell, { used, of }]) => `${cell} ${used} of ${of}`);
  const ns = (value: number) => `${value.toFixed(2)} ns`;
  const times = seeds.reduce((sum, { seconds }) => sum + seconds, 0) / seeds.length;
  return `${name}${set.join('')}, ${DEVICES[device]?.title}: ${best.toFixed(1)} MHz${spread}
${each}  used, with ${formatCount(entry.harnessFlipFlops, 'flip-flop')} of the harness: ${used.join(', ')}
  nextpnr took ${formatSeconds(times)} a seed
  critical path ${ns(path.ns)}: ${ns(path.logicNs)} logic, ${ns(path.routingNs)} routing
    from ${path.from}
${showSteps(path.steps, root)}    to ${path.to}

`;
}

function bestSeed({ seeds, best }: FmaxEntry): FmaxEntry['seeds'][number] | undefined {
  return seeds.find(({ mhz }) => Math.min(...Object.values(mhz)) === best);
}

/** Steps of one line of source together, with the line itself. */
function showSteps(steps: readonly PathStep[], root: string): string {
  const groups: Array<{ source: string; signal: string; ns: number; logic: number }> = [];
  for (const { source, signal, ns, kind } of steps) {
    const last = groups.at(-1);
    const logic = kind === 'routing' ? 0 : ns;
    if (last && last.source === source) {
      last.ns += ns;
      last.logic += logic;
      if (kind !== 'routing') last.signal = signal;
    } else groups.push({ source, signal, ns, logic });
  }
  return groups
    .map(({ source, signal, ns, logic }) => {
      const share = `${ns.toFixed(2).padStart(8)} ns (${logic.toFixed(2)} logic)`;
      const text = quote(root, source);
      return `  ${share}  ${source || (signal.startsWith('hpb_') ? '(harness)' : '(no source)')}  ${signal}\n${text ? `${' '.repeat(30)}| ${text}\n` : ''}`;
    })
    .join('');
}

function quote(root: string, source: string): string {
  const [, file, line] = /^(.*):(\d+)$/.exec(source) ?? [];
  if (file === undefined) return '';
  try {
    return readFileSync(join(root, file), 'utf8').split('\n')[Number(line) - 1]?.trim() ?? '';
  } catch {
    return '';
  }
}
