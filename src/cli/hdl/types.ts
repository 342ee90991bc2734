// SPDX-License-Identifier: Apache-2.0
// `hpb hdl types`: TypeScript declarations of ports and parameters.

import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { HdlError } from '../../hdl/errors.ts';
import { runPool } from '../../hdl/pool.ts';
import { resolveTargets } from '../../hdl/target.ts';
import { declareModules, describeTarget, writeProjectTypings } from '../../hdl/types.ts';
import { projectRoot } from '../../testbench/project.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import type { Terminal } from '../terminal.ts';
import type { HdlContext } from './command.ts';
import { type CommonOptions, finishWith, targetOptions, withTarget } from './options.ts';

interface TypesOptions extends CommonOptions {
  readonly out?: string;
}

const HELP = `
By these declarations simulate('FILE') knows the ports of a module. Without a target, those of all modules
that the project's tests simulate are written to build/types/modules.d.ts; a module that Verilator refuses
is left out, and named on standard error. --json gives ports and parameters as Verilator elaborates them.

Examples:
  hpb hdl types
  hpb hdl types uart.sv --out uart.d.ts
  hpb hdl types axis_fifo --parameter DEPTH=16 --json | jq '.[].ports[] | select(.width > 32)'
`;

/** Adds `types` to the group. */
export function addTypesCommand(group: Command, context: HdlContext): void {
  withTarget(group.command('types').description('TypeScript declarations of ports and parameters'))
    .argument('[target]', 'module, folder of hdl/, or file')
    .option('--out <file>', 'where the declarations go; standard output unless given')
    .addHelpText('after', HELP)
    .action((name: string | undefined, options: TypesOptions) =>
      finishWith(context, () =>
        name === undefined
          ? projectTypes(options, context.terminal)
          : typesCommand(name, options, context.terminal),
      ),
    );
}

async function projectTypes(
  { json, out }: TypesOptions,
  { stdout, stderr }: Terminal,
): Promise<ExitCode> {
  if (json || out !== undefined) {
    throw new HdlError('HDL_ARGUMENT', '--json and --out: expected a target, got none');
  }
  const refused = await writeProjectTypings(projectRoot());
  // Declarations of a module that does not compile say nothing; its test and lint will.
  for (const message of refused) stderr.write(`${message}\n`);
  await stdout.write('build/types/modules.d.ts\n');
  return EXIT.OK;
}

async function typesCommand(
  name: string,
  options: TypesOptions,
  { stdout, interrupt }: Terminal,
): Promise<ExitCode> {
  const targets = resolveTargets(name, targetOptions(options));
  const modules = await runPool(
    targets,
    async (target) => ({ target, description: await describeTarget(target) }),
    { signal: interrupt },
  );
  const text = options.json
    ? `${JSON.stringify(
        modules.map(({ target: { file }, description }) => ({ file, ...description })),
        null,
        2,
      )}\n`
    : declareModules(modules);
  if (options.out === undefined) await stdout.write(text);
  else writeText(options.out, text);
  return EXIT.OK;
}

function writeText(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new HdlError('HDL_OUTPUT', `cannot write ${path}: ${(error as Error).message}`);
  }
}
