// SPDX-License-Identifier: Apache-2.0

/** Longest line that is read, in bytes. */
export const MAX_LINE_BYTES = 1 << 20;

const NEWLINE = 0x0a;

/** One line of the input; `bytes` is missing when it was longer than `MAX_LINE_BYTES`. */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** Bytes of the input that it took. */
  readonly length: number;
  /** Without the newline. Read it before the next chunk: it may lie in the chunk's memory. */
  readonly bytes?: Uint8Array;
}

/** Cuts a stream of chunks into lines; never holds more than one line of bounded length. */
export class LineSplitter {
  readonly #limit: number;
  #parts: Uint8Array[] = [];
  #held = 0;
  #number = 0;

  constructor(limit = MAX_LINE_BYTES) {
    this.#limit = limit;
  }

  /** Yields the lines that end in this chunk. */
  *push(chunk: Uint8Array): Generator<Line> {
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, from);
      if (end < 0) break;
      this.#hold(chunk.subarray(from, end));
      yield this.#take();
      from = end + 1;
    }
    if (from < chunk.length) this.#hold(chunk.subarray(from));
  }

  /** Yields the last line, if it has no newline. */
  *end(): Generator<Line> {
    if (this.#held > 0) yield this.#take();
  }

  #hold(part: Uint8Array): void {
    this.#held += part.length;
    if (this.#held > this.#limit) this.#parts = [];
    else this.#parts.push(part);
  }

  #take(): Line {
    const parts = this.#parts;
    const tooLong = this.#held > this.#limit;
    const length = this.#held + 1;
    this.#parts = [];
    this.#held = 0;
    this.#number++;
    const number = this.#number;
    if (tooLong) return { number, length };
    return { number, length, bytes: parts.length === 1 ? parts[0]! : Buffer.concat(parts) };
  }
}
