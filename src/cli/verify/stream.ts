// SPDX-License-Identifier: Apache-2.0
// From a stream of bytes to a stream of answers, in order, in bounded memory.

import { availableParallelism } from 'node:os';
import type { Readable } from 'node:stream';
import type { SignatureEngine } from '../../driver/index.ts';
import type { Output } from '../terminal.ts';
import { Batch, type BatchOutput, type Tally } from './batch.ts';
import { type Line, LineSplitter } from './lines.ts';
import { parseLine, type VerifyOperation } from './request.ts';

/** Batches asked and not yet written: enough that no backend waits, few enough to hold. */
const IN_FLIGHT = Math.max(16, 2 * availableParallelism());

/** What `answerStream` works on. */
export interface StreamOptions {
  readonly engine: SignatureEngine;
  readonly operation: VerifyOperation;
  readonly allowHighS: boolean;
  readonly output: Output;
  /** Stops everything; answers that were written stay. */
  readonly signal: AbortSignal;
  /** Called after each batch that was written. */
  readonly onProgress: () => void;
}

/** How far a stream has come; kept up to date, so that it is right whenever the stream ends. */
export interface StreamState extends Tally {
  blank: number;
  /** Bytes of the input whose lines were answered. */
  bytesDone: number;
}

/** A state with nothing done. */
export function freshState(): StreamState {
  return { lines: 0, valid: 0, invalid: 0, errors: 0, blank: 0, bytesDone: 0 };
}

/**
 * Answers line by line.
 *
 * Full batches are asked while earlier ones are under way, up to a bound: then reading stops, and
 * starts again when the oldest is written. A batch that is not full is asked as soon as
 * nothing is under way, so that a slow writer at the other end gets its answers at once.
 *
 * When the input fails, what was read before is answered first; when anything else fails, the input
 * is destroyed.
 *
 * @throws what reading throws, `CliError` of the output, `AccelError` of the engine.
 */
export async function answerStream(
  input: Readable,
  state: StreamState,
  options: StreamOptions,
): Promise<void> {
  const stop = (reason: unknown) => input.destroy(reason as Error);
  const stream = new AnswerStream(state, options, stop);
  const splitter = new LineSplitter();
  const onAbort = () => stop(options.signal.reason);
  options.signal.addEventListener('abort', onAbort, { once: true });
  // Destroyed after its end was read, the stream has no other listener.
  input.on('error', () => {});
  try {
    if (options.signal.aborted) throw options.signal.reason;
    for await (const chunk of input) {
      await stream.take(splitter.push(chunk));
      stream.submitIfIdle();
    }
    await stream.take(splitter.end());
    await stream.finish();
  } catch (error) {
    if (!options.signal.aborted) await stream.finish();
    throw error;
  } finally {
    options.signal.removeEventListener('abort', onAbort);
  }
}

class AnswerStream {
  readonly #state: StreamState;
  readonly #options: StreamOptions;
  /** Batches under way, oldest first, each with the end of its writing. */
  readonly #writes: Promise<void>[] = [];
  #batch: Batch;
  readonly #onFailure: (reason: unknown) => void;
  #error: unknown;
  #failed = false;

  constructor(state: StreamState, options: StreamOptions, onFailure: (reason: unknown) => void) {
    this.#state = state;
    this.#options = options;
    this.#onFailure = onFailure;
    this.#batch = new Batch(options.operation);
  }

  async take(lines: Iterable<Line>): Promise<void> {
    for (const line of lines) {
      this.#batch.inputBytes += line.length;
      const request = parseLine(line, this.#options.operation);
      if (!request) {
        this.#state.blank++;
        continue;
      }
      this.#batch.add(request);
      if (!this.#batch.isFull) continue;
      this.#submit();
      while (this.#writes.length >= IN_FLIGHT) await this.#writes[0];
      this.#check();
    }
  }

  submitIfIdle(): void {
    this.#check();
    if (this.#writes.length === 0) this.#submit();
  }

  /** Asks what is left and waits for all. */
  async finish(): Promise<void> {
    this.#submit();
    while (this.#writes.length > 0) await this.#writes[0];
    this.#check();
  }

  #submit(): void {
    if (this.#batch.isEmpty) return;
    const { engine, allowHighS, signal } = this.#options;
    const { inputBytes } = this.#batch;
    const answer = this.#batch.answer(engine, { allowHighS, signal });
    this.#batch = new Batch(this.#options.operation);
    const before = this.#writes.at(-1) ?? Promise.resolve();
    // Rejections are kept in #error; a later batch must not be left without a handler meanwhile.
    answer.catch(() => {});
    this.#writes.push(before.then(() => this.#write(answer, inputBytes)));
  }

  async #write(answer: Promise<BatchOutput>, inputBytes: number): Promise<void> {
    try {
      if (!this.#failed) {
        const { text, ...tally } = await answer;
        await this.#options.output.write(text);
        this.#state.bytesDone += inputBytes;
        this.#state.lines += tally.lines;
        this.#state.valid += tally.valid;
        this.#state.invalid += tally.invalid;
        this.#state.errors += tally.errors;
        this.#options.onProgress();
      }
    } catch (error) {
      if (!this.#failed) this.#onFailure(error);
      this.#failed = true;
      this.#error ??= error;
    }
    this.#writes.shift();
    if (this.#writes.length === 0 && !this.#failed) this.#submit();
  }

  #check(): void {
    if (this.#failed) throw this.#error;
  }
}
