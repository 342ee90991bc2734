// SPDX-License-Identifier: Apache-2.0
// Reads what an FST file says about itself: times and the tree of its signals. Values stay unread.

import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { HdlError } from './errors.ts';

export interface FstFile {
  /** First and last time recorded, in units of the time scale. */
  readonly start: number;
  readonly end: number;
  /** Seconds of a time unit as a power of ten; -12 is ps. */
  readonly timescale: number;
  readonly signals: readonly FstSignal[];
}

export interface FstSignal {
  /** Scopes from the outermost, then its name without range: `['TOP', 'axis_fifo', 'level']`. */
  readonly path: readonly string[];
  /** `[4:0]`, or empty for a single bit without one. */
  readonly range: string;
  readonly width: number;
  readonly isParameter: boolean;
  readonly direction: 'input' | 'output' | 'inout' | 'none';
}

/** Blocks: type in a byte, then their length without it in 8 bytes, big-endian. */
const HEADER = 0;
const HIERARCHY_GZIP = 4;
const HIERARCHY_LZ4 = 6;
const HIERARCHY_LZ4_TWICE = 7;
/** Entries of the hierarchy. */
const ATTRIBUTE_BEGIN = 252;
const ATTRIBUTE_END = 253;
const SCOPE = 254;
const UPSCOPE = 255;
/** Kinds of variables: parameters; the highest there is. */
const PARAMETERS: ReadonlySet<number> = new Set([2, 4]);
const LAST_KIND = 29;
const DIRECTIONS = ['none', 'input', 'output', 'inout'] as const;
/** Most bytes that a hierarchy may have, unpacked: 256 MiB. */
const MAX_HIERARCHY = 2 ** 28;

/**
 * Reads an FST file that was closed.
 *
 * @throws {HdlError} `HDL_ARGUMENT` when it is none, or damaged.
 */
export function readFst(path: string): FstFile {
  const { size } = statSync(path);
  const file = openSync(path, 'r');
  const read = (offset: number, length: number): Buffer => {
    const bytes = Buffer.alloc(length);
    if (offset + length > size || readSync(file, bytes, 0, length, offset) !== length) {
      throw damaged(path, `expected ${offset + length} bytes, got ${size}`);
    }
    return bytes;
  };
  try {
    let header: Omit<FstFile, 'signals'> | undefined;
    let signals: FstSignal[] | undefined;
    for (let offset = 0; offset + 9 <= size; ) {
      const type = read(offset, 1)[0]!;
      const length = Number(read(offset + 1, 8).readBigUInt64BE());
      if (length < 8) throw damaged(path, `expected blocks of at least 8 bytes, got ${length}`);
      if (type === HEADER) header = readHeader(read(offset + 9, 320));
      else if (type === HIERARCHY_GZIP || type === HIERARCHY_LZ4 || type === HIERARCHY_LZ4_TWICE) {
        signals = readHierarchy(unpack(type, read(offset + 9, length - 8), path), path);
      }
      offset += 1 + length;
    }
    if (header === undefined || signals === undefined) {
      throw damaged(path, 'expected a header and a hierarchy, as in a file that was closed');
    }
    return { ...header, signals };
  } finally {
    closeSync(file);
  }
}

function damaged(path: string, reason: string): HdlError {
  return new HdlError('HDL_ARGUMENT', `${path} is no whole FST file: ${reason}`);
}

function readHeader(bytes: Buffer): Omit<FstFile, 'signals'> {
  return {
    start: Number(bytes.readBigUInt64BE(0)),
    end: Number(bytes.readBigUInt64BE(8)),
    timescale: bytes.readInt8(64),
  };
}

function unpack(type: number, block: Buffer, path: string): Buffer {
  const length = Number(block.readBigUInt64BE());
  if (length > MAX_HIERARCHY) throw damaged(path, `a hierarchy of ${length} bytes`);
  try {
    if (type === HIERARCHY_GZIP) return gunzipSync(block.subarray(8), { maxOutputLength: length });
    if (type === HIERARCHY_LZ4) return unpackLz4(block.subarray(8), length);
    const once = Number(block.readBigUInt64BE(8));
    if (once > MAX_HIERARCHY) throw damaged(path, `a hierarchy of ${once} bytes`);
    return unpackLz4(unpackLz4(block.subarray(16), once), length);
  } catch (error) {
    if (error instanceof HdlError) throw error;
    throw damaged(path, (error as Error).message);
  }
}

/**
 * Unpacks one LZ4 block: literals, then a match in what is unpacked already, and so on.
 *
 * @throws {RangeError} when it does not give `length` bytes.
 */
export function unpackLz4(source: Uint8Array, length: number): Buffer {
  const target = Buffer.alloc(length);
  let from = 0;
  let to = 0;
  const next = () => {
    const byte = source[from++];
    if (byte === undefined) throw new RangeError('LZ4 data ends too early');
    return byte;
  };
  const extended = (count: number) => {
    let total = count;
    if (count === 15) {
      let byte: number;
      do {
        byte = next();
        total += byte;
      } while (byte === 255);
    }
    return total;
  };
  for (;;) {
    const token = next();
    const literals = extended(token >> 4);
    if (from + literals > source.length || to + literals > length) {
      throw new RangeError('LZ4 literals beyond the end');
    }
    target.set(source.subarray(from, from + literals), to);
    from += literals;
    to += literals;
    if (from === source.length) break;
    const distance = next() | (next() << 8);
    const matched = extended(token & 15) + 4;
    if (distance === 0 || distance > to || to + matched > length) {
      throw new RangeError('LZ4 match out of bounds');
    }
    // Byte by byte: a match may reach into what it writes.
    for (let i = 0; i < matched; i++, to++) target[to] = target[to - distance]!;
  }
  if (to !== length) throw new RangeError(`LZ4: expected ${length} bytes, got ${to}`);
  return target;
}

function readHierarchy(bytes: Buffer, path: string): FstSignal[] {
  const signals: FstSignal[] = [];
  const scopes: string[] = [];
  let at = 0;
  const text = () => {
    const end = bytes.indexOf(0, at);
    if (end < 0) throw damaged(path, 'a name without end');
    const name = bytes.toString('utf8', at, end);
    at = end + 1;
    return name;
  };
  const varint = () => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    return value;
  };
  while (at < bytes.length) {
    const tag = bytes[at++]!;
    if (tag === SCOPE) {
      at++; // kind
      scopes.push(text());
      text(); // component
    } else if (tag === UPSCOPE) scopes.pop();
    else if (tag === ATTRIBUTE_BEGIN) {
      at += 2;
      text();
      varint();
    } else if (tag <= LAST_KIND) {
      const direction = DIRECTIONS[bytes[at++]!] ?? 'none';
      const [, name = '', range = ''] = /^(.*?)\s*(\[-?\d+:-?\d+\])?$/s.exec(text()) ?? [];
      const width = varint();
      varint(); // the signal that it is another name of
      const isParameter = PARAMETERS.has(tag);
      signals.push({ path: [...scopes, name], range, width, isParameter, direction });
    } else if (tag !== ATTRIBUTE_END) throw damaged(path, `an entry of kind ${tag}`);
  }
  return signals;
}
