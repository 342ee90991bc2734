// SPDX-License-Identifier: Apache-2.0
// Client commands in this process, against a fake node whose chain moves as soon as there is something.

import { PassThrough, Writable } from 'node:stream';
import { Command, CommanderError } from 'commander';
import { Registry } from 'prom-client';
import { addClientCommands } from '../../../src/cli/client-commands.ts';
import { CliError, EXIT } from '../../../src/cli/exit.ts';
import { Output } from '../../../src/cli/terminal.ts';
import type { ApiLimits } from '../../../src/node/api/limits.ts';
import { type ApiServer, openApi } from '../../../src/node/api/server.ts';
import { FakeNode } from '../../node/api/helpers/fake-node.ts';

/** How a command went. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

class Text extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk;
    done();
  }
}

/** Runs `hpb` with the client commands only. */
export async function runClient(
  args: readonly string[],
  interrupt = new AbortController().signal,
): Promise<Outcome> {
  const [stdout, stderr] = [new Text(), new Text()];
  const terminal = {
    stdin: new PassThrough(),
    stdout: new Output(stdout, interrupt),
    stderr,
    interrupt,
  };
  let code: number = EXIT.OK;
  const program = new Command('hpb').exitOverride().configureOutput({
    writeOut: (text) => stdout.write(text),
    writeErr: (text) => stderr.write(text),
  });
  addClientCommands(program, terminal, (value) => {
    code = value;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) code = error.exitCode === 0 ? EXIT.OK : EXIT.USAGE;
    else if (error instanceof CliError) {
      code = error.exitCode;
      stderr.write(`hpb: ${error.message}\n`);
    } else throw error;
  }
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** A fake node with its API. */
export async function startNode(limits: Partial<ApiLimits> = {}) {
  const node = new FakeNode();
  const api: ApiServer = await openApi({ node, metrics: new Registry(), limits });
  const run = (...args: string[]) => runClient([...args, '--url', api.url]);
  return { node, api, run };
}

/** Makes a block of whatever comes, three confirmations for it, and finality. */
export function moveByItself(node: FakeNode): void {
  let planned = false;
  node.events.subscribe((event) => {
    if (event.type !== 'seen' || planned) return;
    planned = true;
    setImmediate(() => {
      planned = false;
      node.produce();
      for (let i = 0; i < 3; i++) node.confirm();
      node.finalize();
    });
  });
}
