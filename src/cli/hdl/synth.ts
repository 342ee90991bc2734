// SPDX-License-Identifier: Apache-2.0
// `hpb hdl synth`: resources by yosys, with what changed since the last commit.

import { type Command, InvalidArgumentError } from 'commander';
import { HdlError } from '../../hdl/errors.ts';
import { type Counts, FAMILIES, type Family, RESOURCES } from '../../hdl/families.ts';
import type { Instance } from '../../hdl/instances.ts';
import { runPool } from '../../hdl/pool.ts';
import { shortRevision } from '../../hdl/revision.ts';
import { storeRoot } from '../../hdl/store.ts';
import {
  difference,
  entryBefore,
  type SynthEntry,
  synthesize,
  synthesizeCommit,
} from '../../hdl/synth.ts';
import { resolveTargets, type Target } from '../../hdl/target.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { formatNumber } from '../format.ts';
import { number } from '../number-option.ts';
import { Progress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import type { HdlContext } from './command.ts';
import { type CommonOptions, finishWith, targetOptions, withTarget } from './options.ts';

interface SynthCommandOptions extends CommonOptions {
  readonly family: readonly Family[];
  readonly tree: boolean;
  readonly depth: number;
  readonly against?: string;
  readonly fresh: boolean;
  readonly minutes: number;
}

/** A result, what it is compared with, and why there is none. */
interface Row {
  readonly target: Target;
  readonly family: Family;
  readonly result?: SynthEntry & { readonly isStored: boolean };
  readonly before?: SynthEntry | undefined;
  readonly error?: string;
}

const HELP = `
Each module is a top of its own, with its default parameters. Counts only: yosys knows nothing of routing, so it
says nothing about the clock (see hpb hdl fmax). The part that is shared by two instances counts in one of them.

Results are kept in .hpb/history/synth.jsonl, by commit, sources, parameters and yosys; sources that were
counted before are not synthesized again. The difference is to the newest commit that was kept, or, with
--against, to a commit's sources, which are synthesized now if they never were.

Exit code 1 when yosys fails for a module.

Examples:
  hpb hdl synth axis_fifo --parameter DEPTH=1024
  hpb hdl synth sigv_engine --family ecp5 --tree --against HEAD~3
  hpb hdl synth common --json | jq '.[] | {name, family, total}'
`;

/** Adds `synth` to the group. */
export function addSynthCommand(group: Command, context: HdlContext): void {
  withTarget(group.command('synth').description('resources of modules and their parts, by yosys'))
    .argument('[target]', 'module, folder of hdl/, or file; all of hdl/ unless given', '')
    .option('--family <list>', `some of ${FAMILIES.join(',')}`, families, FAMILIES)
    .option('--tree', 'each instance', false)
    .option('--depth <levels>', 'how deep the tree is shown', number(1, 32), 3)
    .option('--against <commit>', 'compare with this commit')
    .option('--fresh', 'synthesize although the same was counted before', false)
    .option('--minutes <minutes>', 'most time for one module and family', number(1, 600), 20)
    .addHelpText('after', HELP)
    .action((name: string, options: SynthCommandOptions) =>
      finishWith(context, () => synthCommand(name, options, context.terminal)),
    );
}

function families(text: string): readonly Family[] {
  return text.split(',').map((name) => {
    const family = FAMILIES.find((each) => each === name.trim());
    if (family) return family;
    const got = JSON.stringify(name);
    throw new InvalidArgumentError(`Expected some of ${FAMILIES.join(',')}, got ${got}.`);
  });
}

async function synthCommand(
  name: string,
  options: SynthCommandOptions,
  { stdout, stderr, interrupt: signal }: Terminal,
): Promise<ExitCode> {
  const targets = resolveTargets(name, targetOptions(options));
  const jobs = targets.flatMap((target) => options.family.map((family) => ({ target, family })));
  const progress = new Progress(stderr);
  const settings = { signal, timeoutMs: options.minutes * 60_000, fresh: options.fresh };
  let done = 0;
  const rows = await runPool(
    jobs,
    async ({ target, family }): Promise<Row> => {
      progress.update(() => `${family} ${target.name}`, done / jobs.length);
      try {
        const result = await synthesize(target, family, settings);
        const before =
          options.against === undefined
            ? entryBefore(storeRoot(), result)
            : await synthesizeCommit(target, family, options.against, settings);
        return { target, family, result, before };
      } catch (error) {
        if (!(error instanceof HdlError) || error.code !== 'HDL_FAILED') throw error;
        return { target, family, error: error.message };
      } finally {
        done++;
      }
    },
    { signal },
  ).finally(() => progress.clear());
  const text = options.json
    ? `${JSON.stringify(rows.map(toJson), null, 2)}\n`
    : table(rows, options);
  await stdout.write(text);
  return rows.every(({ error }) => error === undefined) ? EXIT.OK : EXIT.FAILED;
}

function toJson({ target, family, result, before, error }: Row): object {
  if (!result) return { name: target.name, file: target.file, family, error };
  const { instance, isStored, ...about } = result;
  const against = before && {
    revision: before.revision,
    difference: difference(instance.total, before.instance.total),
  };
  return { ...about, isStored, total: instance.total, against: against ?? null, instance };
}

function table(rows: readonly Row[], { tree, depth }: SynthCommandOptions): string {
  const width = Math.max(
    24,
    ...rows.flatMap(({ target, result }) => [
      target.name.length,
      ...(tree && result ? labelWidths(result.instance, 0, depth) : []),
    ]),
  );
  const header = line(width, 'module', 'family', RESOURCES);
  const body = rows.map(({ target, family, result, before, error }) => {
    if (!result) return `${target.name.padEnd(width)}  ${family}  ${error}\n`;
    const { instance } = result;
    const parts = tree ? showTree(instance, family, width, depth) : '';
    return (
      line(width, target.name, family, cells(instance.total)) +
      showDifference(width, result, before) +
      parts
    );
  });
  return header + body.join('');
}

function showDifference(
  width: number,
  result: SynthEntry & { readonly isStored: boolean },
  before: SynthEntry | undefined,
): string {
  if (!before) return '';
  const delta = difference(result.instance.total, before.instance.total);
  const label = `  since ${shortRevision(before.revision)}`;
  if (Object.values(delta).every((count) => count === 0)) return '';
  return line(
    width,
    label,
    '',
    RESOURCES.map((resource) => signed(delta[resource])),
  );
}

function showTree(instance: Instance, family: Family, width: number, depth: number): string {
  const show = (each: Instance, level: number): string => {
    const label = `${'  '.repeat(level)}${each.name} (${each.module})`;
    const below =
      level < depth ? each.children.map((child) => show(child, level + 1)).join('') : '';
    return line(width, label, family, cells(each.total)) + below;
  };
  return instance.children.map((child) => show(child, 1)).join('');
}

function labelWidths(instance: Instance, level: number, depth: number): number[] {
  const own = 2 * level + instance.name.length + instance.module.length + 3;
  const below = level < depth ? instance.children : [];
  return [own, ...below.flatMap((child) => labelWidths(child, level + 1, depth))];
}

function cells(counts: Counts): string[] {
  return RESOURCES.map((resource) =>
    counts[resource] === 0 ? '' : formatNumber(counts[resource]),
  );
}

function line(width: number, name: string, family: string, columns: readonly string[]): string {
  const numbers = columns.map((column) => column.padStart(8)).join('');
  return `${`${name.padEnd(width)}  ${family.padEnd(6)}${numbers}`.trimEnd()}\n`;
}

function signed(count: number): string {
  if (count === 0) return '';
  return `${count > 0 ? '+' : '-'}${formatNumber(Math.abs(count))}`;
}
