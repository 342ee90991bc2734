// SPDX-License-Identifier: Apache-2.0
/** Runs verilator, make and the compiler, and makes their complaints readable. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ExecaError, execa } from 'execa';
import { TestbenchError } from './errors.ts';
import { endGroupWith } from './process-group.ts';

/** Complaints shown before the rest is counted only. */
const SHOWN = 8;

export interface ToolOptions {
  /** Folder to run in; file names in messages are relative to it. */
  readonly cwd: string;
  /** What was being done, for the error's first line: "build axis_fifo". */
  readonly purpose: string;
  /** What messages call it; the command unless given. */
  readonly name?: string;
  /** Ends the tool, and what it has started, when it fires. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a tool to its end.
 *
 * @returns standard output.
 * @throws {TestbenchError} `TESTBENCH_BUILD`: each complaint with file, line and the line itself.
 * @throws the signal's reason when it fired.
 */
export async function runTool(
  command: string,
  args: readonly string[],
  { cwd, purpose, name = command, signal }: ToolOptions,
): Promise<string> {
  signal?.throwIfAborted();
  const child = execa(command, args, {
    cwd,
    stdin: 'ignore',
    env: { LC_ALL: 'C' },
    // A group of its own where it may be ended; else it ends with the group that this process is of.
    detached: signal !== undefined,
  });
  const ended = signal && endGroupWith(child.pid, signal);
  try {
    const result = await child;
    return result.stdout;
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof ExecaError)) throw error;
    if (error.code === 'ENOENT') {
      throw new TestbenchError(
        'TESTBENCH_BUILD',
        `cannot ${purpose}: ${name} is not installed; run \`make setup\``,
      );
    }
    const output = `${error.stdout ?? ''}\n${error.stderr ?? ''}`;
    throw new TestbenchError('TESTBENCH_BUILD', formatFailure(output, name, purpose, cwd));
  } finally {
    ended?.();
  }
}

function formatFailure(output: string, command: string, purpose: string, cwd: string): string {
  const complaints = parseComplaints(output, cwd);
  if (complaints.length === 0) {
    const tail = output.trim().split('\n').slice(-20).join('\n');
    return `cannot ${purpose}: ${command} failed\n${tail}`;
  }
  const shown = complaints.slice(0, SHOWN).join('\n');
  const more = complaints.length > SHOWN ? `\n... and ${complaints.length - SHOWN} more` : '';
  return `cannot ${purpose}:\n${shown}${more}`;
}

/** `%Error-CODE: file:line:column: text` of Verilator, `file:line:column: error: text` of gcc. */
const VERILATOR = /^%(Error|Warning)(-\w+)?: (?:([^:\s]+):(\d+):(?:(\d+):)? )?(.*)$/;
const GCC = /^([^:\s]+):(\d+):(\d+): (?:fatal )?error: (.*)$/;
/** Verilator's closing words, which say nothing about the source. */
const NOISE = /^(Exiting due to|Command Failed|\.\.\. )/;

function parseComplaints(output: string, cwd: string): string[] {
  const complaints: string[] = [];
  for (const line of output.split('\n')) {
    const verilator = VERILATOR.exec(line);
    if (verilator) {
      const [, level = '', code = '', file, row, column, text = ''] = verilator;
      if (NOISE.test(text)) continue;
      const place = file ? `${file}:${row}${column ? `:${column}` : ''}: ` : '';
      complaints.push(`${place}${level.toLowerCase()}${code}: ${text}${quote(cwd, file, row)}`);
      continue;
    }
    const gcc = GCC.exec(line);
    if (gcc) {
      const [, file, row, column, text] = gcc;
      complaints.push(`${file}:${row}:${column}: error: ${text}${quote(cwd, file, row)}`);
    }
  }
  return [...new Set(complaints)];
}

/** The source line a complaint is about. */
function quote(cwd: string, file: string | undefined, row: string | undefined): string {
  if (!file || !row) return '';
  try {
    const line = readFileSync(resolve(cwd, file), 'utf8').split('\n')[Number(row) - 1];
    return line === undefined ? '' : `\n    ${row} | ${line.trimEnd()}`;
  } catch {
    return '';
  }
}
