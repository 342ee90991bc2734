// SPDX-License-Identifier: Apache-2.0
// What every scenario is given, and what they all do.

import { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { CliError, EXIT } from '../../../src/cli/exit.ts';
import { loadCommand } from '../../../src/cli/load/command.ts';
import type { LoadReport } from '../../../src/cli/load/report.ts';
import { Output, type Terminal } from '../../../src/cli/terminal.ts';
import type { Random } from '../../../src/testbench/random.ts';
import { type SoakNetwork, type SoakNode, USERS } from './network.ts';
import type { Findings } from './outcome.ts';

/** Options of all scenarios. */
export interface SoakOptions {
  readonly seconds: number;
  readonly rate: number;
  readonly seed: number;
  readonly slotMs: number;
  readonly json: boolean;
  readonly out?: string;
}

/** What a scenario runs in. */
export interface SoakContext {
  readonly network: SoakNetwork;
  readonly random: Random;
  /** Ctrl-C, or a node failed: end, and report what was found so far. */
  readonly interrupt: AbortSignal;
  /** A line of progress. */
  readonly say: (text: string) => void;
}

/** One scenario. */
export type Scenario<Options extends SoakOptions> = (
  context: SoakContext,
  options: Options,
) => Promise<Findings>;

/** How long, at the end, what has been sent may take to become final. */
const SETTLE_SECONDS = 60;

/** Waits; `false` when it was interrupted. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  await delay(milliseconds, undefined, { signal }).catch(() => {});
  return !signal.aborted;
}

/**
 * `hpb load` on these nodes; its events come from the first.
 *
 * @returns its report; of what was sent until the interrupt, if there was one.
 */
export async function putLoad(
  nodes: readonly SoakNode[],
  { rate, seconds }: SoakOptions,
  interrupt: AbortSignal,
): Promise<LoadReport> {
  let text = '';
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk;
      done();
    },
  });
  const stderr = new Writable({ write: (_chunk, _encoding, done) => done() });
  const never = new AbortController().signal;
  const terminal: Terminal = {
    stdin: process.stdin,
    stdout: new Output(stdout, never),
    stderr,
    interrupt,
  };
  const url = nodes.map(({ client }) => client.url).join(',');
  const options = { rate, seconds, url, ...USERS, settle: SETTLE_SECONDS, json: true };
  const code = await loadCommand(options, terminal);
  if (code === EXIT.UNAVAILABLE) {
    throw new CliError(EXIT.FAILED, `${nodes[0]!.name} ended the connection of the load`);
  }
  return JSON.parse(text) as LoadReport;
}
