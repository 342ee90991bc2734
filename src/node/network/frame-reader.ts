// SPDX-License-Identifier: Apache-2.0

import { FrameLayout, type MessageCode } from '../generated/protocol.ts';
import { checkPayload, decodeFrameHeader, type FrameHeader, type PayloadBounds } from './frame.ts';

/** A whole frame; the payload is memory of its own. */
export interface Frame {
  readonly kind: MessageCode;
  readonly payload: Uint8Array;
}

const EMPTY = Buffer.alloc(0);

/** Least memory for a payload whose end is not there yet. */
const FIRST_PIECE = 4096;

/**
 * Cuts a stream into frames.
 *
 * A header is checked as soon as it is there, and memory grows with what has come, never with what
 * was promised: at most twice the bytes received.
 */
export class FrameReader {
  /** What is allowed now; may change between two frames. */
  bounds: PayloadBounds;
  readonly #head = Buffer.alloc(FrameLayout.BYTES);
  #headFill = 0;
  #header: FrameHeader | undefined;
  #payload: Buffer = EMPTY;
  #fill = 0;
  #chunk: Uint8Array = EMPTY;
  #at = 0;

  constructor(bounds: PayloadBounds) {
    this.bounds = bounds;
  }

  /** Bytes of an unfinished frame. */
  get partial(): number {
    return this.#headFill + this.#fill;
  }

  /** Memory held. */
  get held(): number {
    return this.#payload.length + this.#chunk.length - this.#at;
  }

  /** Gives the reader a chunk; the one before must have been read up (`next` said `undefined`). */
  push(chunk: Uint8Array): void {
    this.#chunk =
      this.#at < this.#chunk.length
        ? Buffer.concat([this.#chunk.subarray(this.#at), chunk])
        : chunk;
    this.#at = 0;
  }

  /**
   * The next whole frame, or `undefined` when more bytes are needed.
   *
   * @throws {ProtocolError} when the stream is none of frames; nothing can be read after that.
   */
  next(): Frame | undefined {
    if (!this.#header) {
      this.#headFill += this.#move(this.#head, this.#headFill, FrameLayout.BYTES);
      if (this.#headFill < FrameLayout.BYTES) return undefined;
      this.#header = decodeFrameHeader(this.#head, this.bounds);
    }
    const { bytes } = this.#header;
    const here = Math.min(bytes, this.#fill + this.#chunk.length - this.#at);
    if (here > this.#payload.length || this.#payload === EMPTY) this.#grow(here, bytes);
    this.#fill += this.#move(this.#payload, this.#fill, bytes);
    if (this.#fill < bytes) return undefined;
    const header = this.#header;
    const payload = this.#payload;
    this.#header = undefined;
    this.#headFill = 0;
    this.#payload = EMPTY;
    this.#fill = 0;
    checkPayload(header, payload);
    return { kind: header.kind, payload };
  }

  #grow(needed: number, bytes: number): void {
    const size = needed === bytes ? bytes : Math.min(bytes, Math.max(FIRST_PIECE, 2 * needed));
    const larger = Buffer.allocUnsafeSlow(size);
    this.#payload.copy(larger, 0, 0, this.#fill);
    this.#payload = larger;
  }

  /** Moves what there is to `target`, up to `end`; returns how many bytes. */
  #move(target: Buffer, from: number, end: number): number {
    const count = Math.min(end - from, this.#chunk.length - this.#at);
    if (count <= 0) return 0;
    target.set(this.#chunk.subarray(this.#at, this.#at + count), from);
    this.#at += count;
    if (this.#at === this.#chunk.length) {
      this.#chunk = EMPTY;
      this.#at = 0;
    }
    return count;
  }
}
