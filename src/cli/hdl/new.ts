// SPDX-License-Identifier: Apache-2.0
// `hpb hdl new`: a module, its test and its README to start from.

import type { Command } from 'commander';
import { scaffold } from '../../hdl/scaffold.ts';
import { projectRoot } from '../../testbench/project.ts';
import { EXIT } from '../exit.ts';
import type { HdlContext } from './command.ts';
import { finishWith } from './options.ts';

const HELP = `
The module passes an AXI4-Stream on, and its test says so: both lint and test pass at once, and change
together from there. Nothing that exists is written over.

Examples:
  hpb hdl new crc32
  hpb hdl new axis_crc --folder common && hpb hdl watch axis_crc
`;

interface NewOptions {
  readonly folder?: string;
  readonly json: boolean;
}

/** Adds `new` to the group. */
export function addNewCommand(group: Command, context: HdlContext): void {
  group
    .command('new')
    .description('a module, its test and its README to start from')
    .argument('<name>', 'of the module: lower case letters, digits, _')
    .option('--folder <folder>', 'where in hdl/; one of the name unless given')
    .option('--json', 'JSON on standard output', false)
    .addHelpText('after', HELP)
    .action((name: string, { folder, json }: NewOptions) =>
      finishWith(context, async () => {
        const place = folder?.replace(/^(?!hdl\/)(?![./])/, 'hdl/');
        const made = scaffold(projectRoot(), name, place);
        const files = [made.module, made.test, made.readme].filter((file) => file !== undefined);
        await context.terminal.stdout.write(
          json
            ? `${JSON.stringify(made)}\n`
            : `${files.join('\n')}\nnow: hpb hdl watch ${name} (lint and test on each save)\n`,
        );
        return EXIT.OK;
      }),
    );
}
