// SPDX-License-Identifier: Apache-2.0
// A growing buffer that is written front to back, and its reader: little-endian, as on the wire.

import { LedgerError } from './errors.ts';

/** Writes; `end` is how much there is. */
export class ByteWriter {
  buffer: Buffer;
  end = 0;

  constructor(bytes = 1024) {
    this.buffer = Buffer.allocUnsafeSlow(bytes);
  }

  /** Makes room for `bytes` more. */
  #room(bytes: number): number {
    const at = this.end;
    this.end += bytes;
    if (this.end > this.buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.end, 2 * this.buffer.length));
      this.buffer.copy(larger, 0, 0, at);
      this.buffer = larger;
    }
    return at;
  }

  u8(value: number): this {
    const at = this.#room(1);
    this.buffer[at] = value;
    return this;
  }

  u16(value: number): this {
    this.buffer.writeUInt16LE(value, this.#room(2));
    return this;
  }

  u32(value: number): this {
    const at = this.#room(4);
    this.buffer.writeUInt32LE(value, at);
    return this;
  }

  u64(value: bigint): this {
    const at = this.#room(8);
    this.buffer.writeBigUInt64LE(value, at);
    return this;
  }

  /** A time or another integer below 2^53. */
  integer(value: number): this {
    return this.u32(value % 0x1_0000_0000).u32(Math.floor(value / 0x1_0000_0000));
  }

  /** Characters as bytes. */
  latin1(text: string): this {
    const at = this.#room(text.length);
    this.buffer.write(text, at, text.length, 'latin1');
    return this;
  }

  /** A length byte, then up to 255 characters. */
  text(text: string): this {
    return this.u8(text.length).latin1(text);
  }

  bytes(bytes: Uint8Array): this {
    const at = this.#room(bytes.length);
    this.buffer.set(bytes, at);
    return this;
  }

  /** What was written since `from`; valid until the next write. */
  view(from = 0): Buffer {
    return this.buffer.subarray(from, this.end);
  }

  /** A copy of what was written. */
  take(): Buffer {
    return Buffer.from(this.view());
  }
}

/** Reads what `ByteWriter` wrote. @throws {LedgerError} `LEDGER_CORRUPT` past the end. */
export class ByteReader {
  readonly #buffer: Buffer;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#buffer = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  get done(): boolean {
    return this.at >= this.#buffer.length;
  }

  /** Bytes not yet read. */
  get left(): number {
    return this.#buffer.length - this.at;
  }

  #take(bytes: number): number {
    const at = this.at;
    this.at += bytes;
    if (this.at > this.#buffer.length) {
      throw new LedgerError(
        'LEDGER_CORRUPT',
        `record: expected ${this.at} bytes, got ${this.#buffer.length}`,
      );
    }
    return at;
  }

  u8(): number {
    return this.#buffer[this.#take(1)]!;
  }

  u16(): number {
    return this.#buffer.readUInt16LE(this.#take(2));
  }

  u32(): number {
    return this.#buffer.readUInt32LE(this.#take(4));
  }

  u64(): bigint {
    return this.#buffer.readBigUInt64LE(this.#take(8));
  }

  integer(): number {
    const low = this.u32();
    return low + this.u32() * 0x1_0000_0000;
  }

  latin1(length: number): string {
    const at = this.#take(length);
    return this.#buffer.toString('latin1', at, at + length);
  }

  text(): string {
    return this.latin1(this.u8());
  }

  /** A copy. */
  bytes(length: number): Buffer {
    const at = this.#take(length);
    return Buffer.from(this.#buffer.subarray(at, at + length));
  }
}
