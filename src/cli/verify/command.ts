// SPDX-License-Identifier: Apache-2.0

import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { AccelError } from '../../driver/index.ts';
import { type AccelName, requireBackend } from '../backends.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import { formatCount, formatNumber, formatSeconds } from '../format.ts';
import { Progress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import type { VerifyOperation } from './request.ts';
import { answerStream, freshState, type StreamState } from './stream.ts';

/** Options of `hpb verify`. */
export interface VerifyOptions {
  readonly accel: AccelName;
  readonly op: VerifyOperation;
  readonly allowHighS: boolean;
  readonly record?: string;
  readonly device?: string;
}

/** Answers the signatures of a file or of standard input, line by line. */
export async function verifyCommand(
  file: string,
  options: VerifyOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { stderr, stdin, interrupt } = terminal;
  const source = openInput(file, stdin);
  const accelerator = await requireBackend(options.accel, options);
  if (source.stream === stdin && stdin.isTTY) {
    stderr.write('hpb verify: reading JSON Lines from the terminal; Ctrl-D ends them\n');
  }
  const progress = new Progress(stderr);
  const state = freshState();
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const onProgress = () => {
    const fraction = source.bytes ? state.bytesDone / source.bytes : undefined;
    progress.update(() => progressText(state, seconds()), fraction);
  };
  let failure: unknown;
  try {
    const { op: operation, allowHighS } = options;
    const engine = accelerator.signatures;
    await answerStream(source.stream, state, {
      engine,
      operation,
      allowHighS,
      output: terminal.stdout,
      signal: interrupt,
      onProgress,
    });
  } catch (error) {
    failure = error;
  }
  progress.clear();
  source.stream.destroy();
  await accelerator.close();
  const outcome = failure === undefined ? undefined : explain(failure, source, interrupt);
  if (outcome?.exitCode !== EXIT.PIPE) {
    if (outcome) stderr.write(`hpb verify: ${outcome.message}\n`);
    stderr.write(summary(state, accelerator.backend, seconds()));
  }
  return outcome?.exitCode ?? EXIT.OK;
}

interface Source {
  readonly name: string;
  readonly stream: Readable;
  /** Size, where known and not 0. */
  readonly bytes?: number;
}

function openInput(file: string, stdin: Readable): Source {
  if (file === '-') return { name: 'standard input', stream: stdin };
  try {
    const status = statSync(file);
    if (status.isDirectory()) throw new Error('it is a directory');
    const stream = createReadStream(file, { highWaterMark: 1 << 18 });
    // It may fail to open while the backend still opens; whoever reads it then is told.
    stream.on('error', () => {});
    const source = { name: file, stream };
    return status.isFile() && status.size > 0 ? { ...source, bytes: status.size } : source;
  } catch (error) {
    throw new CliError(EXIT.INPUT, `cannot read ${file}: ${(error as Error).message}`);
  }
}

/** What ended the stream early. */
function explain(failure: unknown, source: Source, interrupt: AbortSignal): CliError {
  if (interrupt.aborted) return new CliError(EXIT.INTERRUPTED, 'interrupted');
  if (failure instanceof CliError) return failure;
  if (failure instanceof AccelError) {
    const message = `the backend failed (${failure.code}): ${failure.message}`;
    return new CliError(EXIT.FAILED, message);
  }
  const { syscall, message } = failure as NodeJS.ErrnoException;
  if (syscall !== undefined) {
    return new CliError(EXIT.INPUT, `cannot read ${source.name}: ${message}`);
  }
  throw failure;
}

function progressText(state: StreamState, seconds: number): string {
  const rate = formatNumber(Math.round(state.lines / seconds));
  return `${formatCount(state.lines, 'line')} answered, ${rate}/s, ${formatNumber(state.errors)} malformed`;
}

function summary(state: StreamState, backend: string, seconds: number): string {
  const { lines, valid, invalid, errors, blank } = state;
  const parts = [
    `${formatNumber(valid)} valid`,
    `${formatNumber(invalid)} invalid`,
    `${formatNumber(errors)} malformed`,
  ];
  const skipped = blank > 0 ? `, ${formatCount(blank, 'blank line')} skipped` : '';
  const rate = formatNumber(Math.round(lines / Math.max(seconds, 1e-3)));
  return `${formatCount(lines, 'line')} answered by ${backend}: ${parts.join(', ')}${skipped}; ${formatSeconds(seconds)}, ${rate}/s\n`;
}
