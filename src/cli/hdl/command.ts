// SPDX-License-Identifier: Apache-2.0
// `hpb hdl`: the toolkit for Verilog. Each command has a file of its own beside this one.

import type { Command } from 'commander';
import type { ExitCode } from '../exit.ts';
import type { Terminal } from '../terminal.ts';
import { addCoverCommand } from './cover.ts';
import { addFmaxCommand } from './fmax.ts';
import { addFormalCommand } from './formal.ts';
import { addLintCommand } from './lint.ts';
import { addMutateCommand } from './mutate.ts';
import { addNewCommand } from './new.ts';
import { addProfileCommand } from './profile.ts';
import { addRegressCommand } from './regress.ts';
import { addRegsCommand } from './regs.ts';
import { addReportCommand } from './report.ts';
import { addSchematicCommand } from './schematic.ts';
import { addSynthCommand } from './synth.ts';
import { addTestCommand } from './test.ts';
import { addTypesCommand } from './types.ts';
import { addWatchCommand } from './watch.ts';
import { addWavesCommand } from './waves.ts';

/** What a command of the group gets. */
export interface HdlContext {
  readonly terminal: Terminal;
  /** Takes the exit code of the command that ran. */
  readonly finish: (code: ExitCode) => void;
}

/** Adds one command to the group. */
export type AddHdlCommand = (group: Command, context: HdlContext) => void;

/** In the order of the help. */
const COMMANDS: readonly AddHdlCommand[] = [
  addTypesCommand,
  addNewCommand,
  addLintCommand,
  addTestCommand,
  addWatchCommand,
  addWavesCommand,
  addCoverCommand,
  addRegsCommand,
  addFormalCommand,
  addMutateCommand,
  addSynthCommand,
  addFmaxCommand,
  addSchematicCommand,
  addRegressCommand,
  addProfileCommand,
  addReportCommand,
];

const HELP = `
A target is a module of hdl/ (axis_fifo), a folder of it (common), or any Verilog file (FILE.sv --top NAME),
whose modules and packages are found beside it, in folders given with -I and in files given with --source.

Exit code: 0 done and in order, 1 not in order, 2 no such target or file, 64 wrong usage, 69 a tool is
missing, 74 the output could not be written, 130 Ctrl-C.
`;

/** Adds `hdl` with its commands. */
export function addHdlCommands(
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCode) => void,
): void {
  const group = program.command('hdl').description('work on Verilog: this card or any module');
  group.addHelpText('after', HELP);
  for (const add of COMMANDS) add(group, { terminal, finish });
}
