// SPDX-License-Identifier: Apache-2.0
// What a command sees of the process: streams, and the wish to stop.

import { setMaxListeners } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { CliError, EXIT } from './exit.ts';

/** Streams and signals of one command. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  /** Fires with Ctrl-C. */
  readonly interrupt: AbortSignal;
}

/** Standard output with backpressure; its failures end the command. */
export class Output {
  readonly #stream: Writable;
  readonly #interrupt: AbortSignal;
  #failure: Error | undefined;

  constructor(stream: Writable, interrupt: AbortSignal) {
    this.#stream = stream;
    this.#interrupt = interrupt;
    // A failed write tells its callback; without a listener the event would end the process.
    stream.on('error', (error) => {
      this.#failure ??= error;
    });
  }

  /**
   * Writes, and waits until the other side has room for more.
   *
   * @throws {CliError} `PIPE` when the reader is gone, `OUTPUT` for any other failure,
   *   `INTERRUPTED` when Ctrl-C comes before there is room.
   */
  async write(text: string): Promise<void> {
    if (this.#failure) throw outputError(this.#failure);
    await new Promise<void>((resolve, reject) => {
      const onInterrupt = () => reject(new CliError(EXIT.INTERRUPTED, 'interrupted'));
      this.#interrupt.addEventListener('abort', onInterrupt, { once: true });
      this.#stream.write(text, (error) => {
        this.#interrupt.removeEventListener('abort', onInterrupt);
        if (error) reject(outputError(error));
        else resolve();
      });
    });
  }
}

function outputError(error: Error & { code?: string }): CliError {
  if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') {
    return new CliError(EXIT.PIPE, 'whoever read the output went away', { cause: error });
  }
  return new CliError(EXIT.OUTPUT, `cannot write the output: ${error.message}`, { cause: error });
}

/** Runs a command on this process's streams; the first Ctrl-C asks it to stop, the second ends it. */
export async function withTerminal<T>(run: (terminal: Terminal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal); // every batch under way listens
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(EXIT.INTERRUPTED);
    controller.abort(new CliError(EXIT.INTERRUPTED, 'interrupted'));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.stderr.on('error', () => {}); // nobody left to tell
  try {
    return await run({
      stdin: process.stdin,
      stdout: new Output(process.stdout, controller.signal),
      stderr: process.stderr,
      interrupt: controller.signal,
    });
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}
