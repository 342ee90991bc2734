// SPDX-License-Identifier: Apache-2.0
// `hpb hdl schematic`: a module drawn as SVG.

import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { drawSchematic } from '../../hdl/schematic.ts';
import { storeRoot } from '../../hdl/store.ts';
import { resolveTarget } from '../../hdl/target.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { number } from '../number-option.ts';
import { Progress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import type { HdlContext } from './command.ts';
import { type CommonOptions, finishWith, targetOptions, withTarget } from './options.ts';

interface SchematicCommandOptions extends CommonOptions {
  readonly out?: string;
  readonly flatten: boolean;
  readonly maxCells: number;
}

const HELP = `
yosys makes a netlist of words, without any technology; netlistsvg draws it. Modules below are boxes unless
--flatten is given. netlistsvg is installed into .tools when first wanted (npm).

Exit code 1 when the module has more cells than --max-cells.

Examples:
  hpb hdl schematic axis_register
  hpb hdl schematic uart.sv --top uart_rx --out uart_rx.svg
`;

/** Adds `schematic` to the group. */
export function addSchematicCommand(group: Command, context: HdlContext): void {
  withTarget(group.command('schematic').description('a module drawn as SVG'))
    .argument('<target>', 'module or file')
    .option('--out <file>', 'where it goes; build/schematic/NAME.svg unless given')
    .option('--flatten', 'draw what the modules below are made of', false)
    .option('--max-cells <count>', 'most cells that are drawn', number(1, 100_000), 600)
    .addHelpText('after', HELP)
    .action((name: string, options: SchematicCommandOptions) =>
      finishWith(context, () => schematicCommand(name, options, context.terminal)),
    );
}

async function schematicCommand(
  name: string,
  options: SchematicCommandOptions,
  { stdout, stderr, interrupt: signal }: Terminal,
): Promise<ExitCode> {
  const target = resolveTarget(name, targetOptions(options));
  const out = resolve(options.out ?? join(storeRoot(), 'build/schematic', `${target.name}.svg`));
  const progress = new Progress(stderr);
  progress.update(() => `drawing ${target.name}`);
  const { flatten, maxCells } = options;
  const onInstall = (what: string) => {
    progress.clear();
    stderr.write(`installing ${what}\n`);
  };
  const drawn = await drawSchematic(target, { out, flatten, maxCells, signal, onInstall }).finally(
    () => progress.clear(),
  );
  await stdout.write(options.json ? `${JSON.stringify(drawn)}\n` : `${drawn.out}\n`);
  return EXIT.OK;
}
