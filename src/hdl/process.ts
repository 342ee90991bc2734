// SPDX-License-Identifier: Apache-2.0
// Runs the tools: verilator, yosys, vitest.

import { execa } from 'execa';
import { endGroup, endGroupWith } from '../testbench/process-group.ts';
import { HdlError } from './errors.ts';

export interface ProcessOptions {
  /** Folder to run in. */
  readonly cwd: string;
  /** Ends the process when it fires. */
  readonly signal?: AbortSignal | undefined;
  /** Further environment variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Gets what is printed as it comes, both streams; it is not kept then. */
  readonly onText?: (text: string) => void;
  /** Most time it may take, in ms; without limit unless given. */
  readonly timeoutMs?: number;
  /** What installs the tool; `make setup` unless given. */
  readonly installedBy?: string;
}

export interface ProcessResult {
  readonly exitCode: number;
  /** Both streams, as they came; empty with `onText`. */
  readonly output: string;
  readonly timedOut: boolean;
}

/**
 * Runs a tool to its end, whatever its exit code; the caller looks at that.
 *
 * @throws {HdlError} `HDL_TOOL` when it is not installed.
 * @throws the signal's reason when it fired.
 */
export async function runProcess(
  command: string,
  args: readonly string[],
  { cwd, signal, env = {}, onText, timeoutMs, installedBy = 'make setup' }: ProcessOptions,
): Promise<ProcessResult> {
  signal?.throwIfAborted();
  const child = execa(command, args, {
    cwd,
    env,
    reject: false,
    stdin: 'ignore',
    all: true,
    buffer: onText === undefined,
    // A process group of its own: Vitest's workers and their compilers outlive Vitest alone.
    detached: true,
  });
  const ended = endGroupWith(child.pid, signal);
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(() => endGroup(child.pid), timeoutMs);
  if (onText) child.all.on('data', (data: Buffer) => onText(data.toString()));
  const start = performance.now();
  const result = await child.finally(() => {
    clearTimeout(timer);
    ended();
  });
  signal?.throwIfAborted();
  if (result.code === 'ENOENT') {
    throw new HdlError('HDL_TOOL', `${command} is not installed; run \`${installedBy}\``);
  }
  return {
    exitCode: result.exitCode ?? 1,
    output: onText === undefined ? String(result.all ?? '') : '',
    timedOut: timeoutMs !== undefined && performance.now() - start >= timeoutMs,
  };
}
