// SPDX-License-Identifier: Apache-2.0

import { closeSync, openSync, writeSync } from 'node:fs';
import { AccelError, requireArgument } from '../../errors.ts';
import { encodeFrame, encodeHeader, type RecordedEvent, type RecordingHeader } from './format.ts';

/** Bytes that wait for a write. */
const BUFFER_BYTES = 1 << 16;
/** Kept free for the last frame. */
const END_BYTES = 64;

/**
 * Writes a recording. What cannot be written, or would make the file larger than allowed, ends the
 * recording, with a warning of the process; whatever is recorded goes on.
 */
export class RecordingWriter {
  readonly path: string;
  readonly #maxBytes: number;
  readonly #buffer = Buffer.alloc(BUFFER_BYTES);
  #file: number | undefined;
  #buffered = 0;
  #bytes = 0;

  /**
   * @param path - is made, or emptied.
   * @throws {AccelError} `ACCEL_ARGUMENT` when that fails.
   */
  constructor(path: string, header: RecordingHeader, maxBytes: number) {
    requireArgument(
      Number.isSafeInteger(maxBytes) && maxBytes >= 4096,
      `maxBytes: expected an integer of 4096 or more, got ${maxBytes}`,
    );
    this.path = path;
    this.#maxBytes = maxBytes;
    try {
      this.#file = openSync(path, 'w');
      this.#put(encodeHeader(header));
      this.flush();
    } catch (cause) {
      const message = `cannot record to ${path}: ${(cause as Error).message}`;
      throw new AccelError('ACCEL_ARGUMENT', message, { cause });
    }
  }

  /** Adds an event. @param time - device time. */
  add(event: RecordedEvent, time: number): void {
    if (this.#file === undefined) return;
    const frame = encodeFrame(event, time);
    if (this.#bytes + frame.length + END_BYTES > this.#maxBytes) {
      this.#end('limit', time);
      warn(`${this.path} has reached ${this.#maxBytes} bytes: the recording ends here`);
      return;
    }
    this.#attempt(() => this.#put(frame));
  }

  /** Writes out what is buffered: a process that dies leaves everything up to here. */
  flush(): void {
    this.#attempt(() => this.#flush());
  }

  /** Ends the recording. Idempotent. */
  close(time: number): void {
    this.#end('closed', time);
  }

  #end(reason: 'closed' | 'limit', time: number): void {
    this.#attempt(() => {
      this.#put(encodeFrame({ type: 'end', reason }, time));
      this.#flush();
    });
    this.#release();
  }

  #put(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#buffered + bytes.length > BUFFER_BYTES) this.#flush();
    if (bytes.length > BUFFER_BYTES) {
      this.#write(bytes);
    } else {
      this.#buffer.set(bytes, this.#buffered);
      this.#buffered += bytes.length;
    }
  }

  #flush(): void {
    this.#write(this.#buffer.subarray(0, this.#buffered));
    this.#buffered = 0;
  }

  #write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file!, bytes, at);
  }

  #attempt(body: () => void): void {
    if (this.#file === undefined) return;
    try {
      body();
    } catch (error) {
      this.#release();
      warn(`${this.path} cannot be written (${(error as Error).message}): the recording ends here`);
    }
  }

  #release(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

function warn(message: string): void {
  process.emitWarning(message, { code: 'HPB_RECORDING' });
}
