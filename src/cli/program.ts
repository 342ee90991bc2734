// SPDX-License-Identifier: Apache-2.0

import { type Command, CommanderError } from 'commander';
import { CliError, EXIT, type ExitCode } from './exit.ts';
import { type Terminal, withTerminal } from './terminal.ts';

/**
 * Runs a program of its own, as `make soak` does. What it comes to is the exit code of this process.
 *
 * @param name - before its messages.
 * @param make - its commands; an action tells `finish` what it came to, unless all is in order.
 */
export async function runProgram(
  name: string,
  make: (terminal: Terminal, finish: (code: ExitCode) => void) => Command,
): Promise<void> {
  process.exitCode = await withTerminal(async (terminal) => {
    let code: ExitCode = EXIT.OK;
    try {
      const program = make(terminal, (value) => {
        code = value;
      });
      await program.parseAsync();
      return code;
    } catch (error) {
      if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.OK : EXIT.USAGE;
      if (!(error instanceof CliError)) throw error;
      terminal.stderr.write(`${name}: ${error.message}\n`);
      return error.exitCode;
    }
  });
}
