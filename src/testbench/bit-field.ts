// SPDX-License-Identifier: Apache-2.0
/** A run of bits in a model's memory: a port, or one lane's slice of a port shared by several streams. */
export class BitField {
  readonly width: number;
  /** Bytes that hold the width. */
  readonly byteLength: number;
  readonly #memory: Uint8Array;
  readonly #byte: number;
  readonly #shift: number;
  /** Byte-aligned and not sharing its last byte: copied byte by byte. */
  readonly #isWhole: boolean;
  /** Within one byte: one read, one mask. */
  readonly #isWithinByte: boolean;
  readonly #mask: number;

  /**
   * @param memory - the model's memory; words are little-endian, so bits are in order.
   * @param bit - offset of the first bit.
   * @param width - number of bits.
   * @param isAlone - nothing else lives in the bits above, up to the byte's end.
   */
  constructor(memory: Uint8Array, bit: number, width: number, isAlone: boolean) {
    this.width = width;
    this.byteLength = (width + 7) >> 3;
    this.#memory = memory;
    this.#byte = bit >> 3;
    this.#shift = bit & 7;
    this.#isWhole = this.#shift === 0 && (width % 8 === 0 || isAlone);
    this.#isWithinByte = this.#shift + width <= 8;
    this.#mask = width < 8 ? (1 << width) - 1 : 255;
  }

  /** The value, for up to 32 bits. */
  get(): number {
    const memory = this.#memory;
    if (this.#isWithinByte) return ((memory[this.#byte] ?? 0) >> this.#shift) & this.#mask;
    let value = 0;
    for (let i = Math.min(this.byteLength, 4) - 1; i >= 0; i--) value = value * 256 + this.#get8(i);
    return value;
  }

  /** The value, any width. */
  getBig(): bigint {
    let value = 0n;
    for (let i = this.byteLength - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#get8(i));
    return value;
  }

  set(value: number | bigint): void {
    const memory = this.#memory;
    if (this.#isWithinByte) {
      const bits = (Number(value) & this.#mask) << this.#shift;
      const keep = ~(this.#mask << this.#shift);
      memory[this.#byte] = ((memory[this.#byte] ?? 0) & keep) | bits;
      return;
    }
    let rest = BigInt(value);
    for (let i = 0; i < this.byteLength; i++) {
      this.#set8(i, Number(rest & 0xffn));
      rest >>= 8n;
    }
  }

  /** Copies the bits into bytes, first byte lowest. */
  read(target: Uint8Array, offset: number): void {
    for (let i = 0; i < this.byteLength; i++) target[offset + i] = this.#get8(i);
  }

  /** Copies bytes into the bits; bits above the width are left out. */
  write(source: Uint8Array, offset: number): void {
    for (let i = 0; i < this.byteLength; i++) this.#set8(i, source[offset + i] ?? 0);
  }

  /** Whether the bits are those of the bytes. */
  equals(bytes: Uint8Array): boolean {
    for (let i = 0; i < this.byteLength; i++) if (this.#get8(i) !== bytes[i]) return false;
    return true;
  }

  /** Bits used of the i-th byte. */
  #maskOf(i: number): number {
    const bits = this.width - i * 8;
    return bits >= 8 ? 255 : (1 << bits) - 1;
  }

  #get8(i: number): number {
    const memory = this.#memory;
    const at = this.#byte + i;
    if (this.#isWhole) return memory[at] ?? 0;
    const word = (memory[at] ?? 0) | ((memory[at + 1] ?? 0) << 8);
    return (word >> this.#shift) & this.#maskOf(i);
  }

  #set8(i: number, value: number): void {
    const memory = this.#memory;
    const at = this.#byte + i;
    const mask = this.#maskOf(i);
    if (this.#isWhole) {
      memory[at] = value & mask;
      return;
    }
    const low = mask << this.#shift;
    const bits = (value & mask) << this.#shift;
    memory[at] = ((memory[at] ?? 0) & ~low) | (bits & 255);
    if (low > 255) memory[at + 1] = ((memory[at + 1] ?? 0) & ~(low >> 8)) | (bits >> 8);
  }
}
