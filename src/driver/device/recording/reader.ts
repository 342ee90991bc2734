// SPDX-License-Identifier: Apache-2.0

import { closeSync, openSync, readSync } from 'node:fs';
import { AccelError } from '../../errors.ts';
import {
  type Access,
  damaged,
  decodeFrame,
  decodeHeader,
  FRAME_HEAD_BYTES,
  FRAME_TAIL_BYTES,
  HEADER_BYTES,
  payloadLength,
  type RecordingHeader,
} from './format.ts';

/**
 * A recording, read frame by frame: at most one is in memory.
 *
 * A file that stops in the middle, because whoever recorded died, is read as far as it is whole;
 * then `complete` stays false. Anything else that is wrong throws.
 */
export class RecordingReader {
  readonly header: RecordingHeader;
  readonly #file: number;
  #at = HEADER_BYTES;
  #complete = false;
  #closed = false;

  /** @throws {AccelError} `ACCEL_ARGUMENT`: not readable, no recording, another version. */
  constructor(path: string) {
    try {
      this.#file = openSync(path, 'r');
    } catch (cause) {
      const message = `cannot read ${path}: ${(cause as Error).message}`;
      throw new AccelError('ACCEL_ARGUMENT', message, { cause });
    }
    try {
      this.header = decodeHeader(this.#read(0, HEADER_BYTES));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** The last frame was there; false until it was read. */
  get complete(): boolean {
    return this.#complete;
  }

  /** All events, once. @throws {AccelError} `ACCEL_ARGUMENT` at a damaged frame. */
  *events(): Generator<Access> {
    for (let access = 1; ; access++) {
      const head = this.#read(this.#at, FRAME_HEAD_BYTES);
      if (head.length < FRAME_HEAD_BYTES) return;
      const length = FRAME_HEAD_BYTES + payloadLength(head, this.#at) + FRAME_TAIL_BYTES;
      const frame = this.#read(this.#at, length);
      if (frame.length < length) return;
      const event = decodeFrame(frame, this.#at);
      this.#at += length;
      if (event.type === 'end') {
        if (this.#read(this.#at, 1).length > 0) throw damaged(this.#at, 'expected the end');
        this.#complete = true;
      }
      yield { ...event, access };
      if (this.#complete) return;
    }
  }

  /** Up to `length` bytes: fewer at the end of the file. */
  #read(position: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    let count = 0;
    try {
      while (count < length) {
        const got = readSync(this.#file, bytes, count, length - count, position + count);
        if (got === 0) break;
        count += got;
      }
    } catch (cause) {
      const message = `cannot read the recording: ${(cause as Error).message}`;
      throw new AccelError('ACCEL_ARGUMENT', message, { cause });
    }
    return bytes.subarray(0, count);
  }

  /** Idempotent. */
  close(): void {
    if (!this.#closed) closeSync(this.#file);
    this.#closed = true;
  }
}
