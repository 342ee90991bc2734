// SPDX-License-Identifier: Apache-2.0
// Canonical bytes of states: little-endian integers, fixed-width names, ids and keys.

import type { BlockRef } from '../protocol/types.ts';
import { ConsensusError } from './errors.ts';
import type { ProducerSet } from './finality-types.ts';
import { compareText } from './producer-set.ts';

/** Collects bytes. */
export class StateWriter {
  #bytes = Buffer.alloc(512);
  #at = 0;

  u32(value: number): void {
    this.#at = this.#room(4).writeUInt32LE(value, this.#at);
  }

  u64(value: number | bigint): void {
    this.#at = this.#room(8).writeBigUInt64LE(BigInt(value), this.#at);
  }

  /** Even number of hexadecimal digits, `bytes` bytes. */
  hex(value: string, bytes: number): void {
    if (this.#room(bytes).write(value, this.#at, bytes, 'hex') !== bytes) {
      throw new RangeError(`expected ${bytes} bytes in hexadecimal, got "${value}"`);
    }
    this.#at += bytes;
  }

  /** An account name, zero padded to 32 bytes. */
  name(value: string): void {
    const room = this.#room(32).fill(0, this.#at, this.#at + 32);
    room.write(value, this.#at, 32, 'latin1');
    this.#at += 32;
  }

  ref(block: BlockRef): void {
    this.u64(block.height);
    this.hex(block.id, 32);
  }

  members(set: ProducerSet): void {
    this.u32(set.length);
    for (const { account, signingKey } of set) {
      this.name(account);
      this.hex(signingKey, 33);
    }
  }

  /** One bit per member, in whole bytes. */
  bitmap(value: bigint, members: number): void {
    for (let at = 0; at < members; at += 8) {
      this.#room(1)[this.#at++] = Number((value >> BigInt(at)) & 0xffn);
    }
  }

  finish(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.#bytes, 0, this.#at);
  }

  #room(bytes: number): Buffer {
    if (this.#at + bytes > this.#bytes.length) {
      const wider = Buffer.alloc(this.#bytes.length * 2 + bytes);
      this.#bytes.copy(wider, 0, 0, this.#at);
      this.#bytes = wider;
    }
    return this.#bytes;
  }
}

/** Takes bytes apart; every read checks that they are there. */
export class StateReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u32(): number {
    return this.#bytes.readUInt32LE(this.#take(4));
  }

  /** At most 2^53 - 1. */
  u64(): number {
    const value = Number(this.#bytes.readBigUInt64LE(this.#take(8)));
    if (!Number.isSafeInteger(value)) throw malformed(`number ${value} is too large`);
    return value;
  }

  hex(bytes: number): string {
    const at = this.#take(bytes);
    return this.#bytes.toString('hex', at, at + bytes);
  }

  name(): string {
    const at = this.#take(32);
    return this.#bytes.toString('latin1', at, at + 32).replace(/\0+$/, '');
  }

  ref(): BlockRef {
    const height = this.u64();
    return { height, id: this.hex(32) };
  }

  /** @throws {ConsensusError} `CONSENSUS_STATE` when not ascending, or empty. */
  members(): ProducerSet {
    const count = this.count(65);
    const set = Array.from({ length: count }, () => ({
      account: this.name(),
      signingKey: this.hex(33),
    }));
    if (count === 0) throw malformed('a producer set is empty');
    for (let at = 1; at < count; at++) {
      if (compareText(set[at - 1]!.account, set[at]!.account) >= 0) {
        throw malformed('a producer set is not ascending');
      }
    }
    return set;
  }

  bitmap(members: number): bigint {
    let value = 0n;
    for (let at = 0; at < members; at += 8) {
      value |= BigInt(this.#bytes.readUInt8(this.#take(1))) << BigInt(at);
    }
    if (value >> BigInt(members) !== 0n) throw malformed('a vote of nobody');
    return value;
  }

  /** A count of items of `bytes` bytes or more: never more than there can be. */
  count(bytes: number): number {
    const count = this.u32();
    const left = this.#bytes.length - this.#at;
    if (count * bytes > left) throw malformed(`${count} items in ${left} bytes`);
    return count;
  }

  flag(): boolean {
    const value = this.u32();
    if (value > 1) throw malformed(`expected 0 or 1, got ${value}`);
    return value === 1;
  }

  finish(): void {
    const left = this.#bytes.length - this.#at;
    if (left !== 0) throw malformed(`${left} bytes after the end`);
  }

  #take(bytes: number): number {
    const at = this.#at;
    if (at + bytes > this.#bytes.length) throw malformed('the bytes end too early');
    this.#at += bytes;
    return at;
  }
}

function malformed(message: string): ConsensusError {
  return new ConsensusError('CONSENSUS_STATE', `state: ${message}`);
}
