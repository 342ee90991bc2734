// SPDX-License-Identifier: Apache-2.0
/** What the processor must do, instruction by instruction: written from the RISC-V manual, not from the Verilog. */

/** An instruction's effect: where it stood, and what it wrote. */
export interface Effect {
  readonly pc: number;
  /** 0 when nothing was written. */
  readonly rd: number;
  readonly value: number;
}

/** Why it stopped, as the port `stopped` codes it; 0 when it has not. */
export type Stop = 0 | 1 | 2 | 3 | 4;

export class Machine {
  readonly memory: DataView;
  readonly x = new Uint32Array(32);
  pc = 0;
  stop: Stop = 0;

  /** @param memory - from address 0 on; the machine writes into it. */
  constructor(memory: Uint8Array) {
    this.memory = new DataView(memory.buffer, memory.byteOffset, memory.length);
  }

  /** Does one instruction. @returns its effect; undefined when it stopped the machine. */
  step(): Effect | undefined {
    const { pc, x } = this;
    const word = this.#load(pc);
    if (word === undefined) return undefined;
    const [rd, funct3, funct7] = [(word >> 7) & 31, (word >> 12) & 7, word >>> 25];
    const a = x[(word >> 15) & 31] ?? 0;
    const b = x[(word >> 20) & 31] ?? 0;
    const immediate = word >> 20; // of I-type, signed
    let next = pc + 4;
    let value: number | undefined;
    switch (word & 127) {
      case 0x37:
        value = word & ~0xfff;
        break;
      case 0x17:
        value = pc + (word & ~0xfff);
        break;
      case 0x6f:
        value = pc + 4;
        next = pc + bits(word, [31, 1], [19, 8], [20, 1], [30, 10]) * 2;
        break;
      case 0x67:
        if (funct3 !== 0) return this.#stop(2);
        value = pc + 4;
        next = (a + immediate) & ~1;
        break;
      case 0x63: {
        const isTaken = condition(funct3, a, b);
        if (isTaken === undefined) return this.#stop(2);
        if (isTaken) next = pc + bits(word, [31, 1], [7, 1], [30, 6], [11, 4]) * 2;
        break;
      }
      case 0x03:
        if (funct3 !== 2) return this.#stop(2);
        value = this.#load((a + immediate) >>> 0);
        if (value === undefined) return undefined;
        break;
      case 0x23: {
        if (funct3 !== 2) return this.#stop(2);
        const address = (a + bits(word, [31, 7], [11, 5])) >>> 0;
        if (!this.#isThere(address)) return undefined;
        this.memory.setUint32(address, b, true);
        break;
      }
      case 0x13: {
        const isShift = funct3 === 1 || funct3 === 5;
        const isAlternate = isShift && funct7 === 32;
        if (isShift && funct7 !== 0 && !(isAlternate && funct3 === 5)) return this.#stop(2);
        value = arithmetic(funct3, isAlternate, a, immediate);
        break;
      }
      case 0x33: {
        const isAlternate = funct7 === 32 && (funct3 === 0 || funct3 === 5);
        if (funct7 !== 0 && !isAlternate) return this.#stop(2);
        value = arithmetic(funct3, isAlternate, a, b);
        break;
      }
      default:
        return this.#stop(word === 0x73 ? 1 : 2);
    }
    next >>>= 0;
    if (next % 4 !== 0) return this.#stop(3);
    this.pc = next;
    if (value === undefined || rd === 0) return { pc, rd: 0, value: 0 };
    x[rd] = value;
    return { pc, rd, value: value >>> 0 };
  }

  #load(address: number): number | undefined {
    return this.#isThere(address) ? this.memory.getInt32(address, true) : undefined;
  }

  #isThere(address: number): boolean {
    if (address % 4 !== 0) this.#stop(3);
    else if (address + 4 > this.memory.byteLength) this.#stop(4);
    return this.stop === 0;
  }

  #stop(reason: Stop): undefined {
    this.stop = reason;
    return undefined;
  }
}

/** Bits of a word put together, highest first: [position of the highest, count]; the result is signed. */
function bits(word: number, ...parts: readonly (readonly [number, number])[]): number {
  let value = 0;
  let width = 0;
  for (const [high, count] of parts) {
    value = (value << count) | ((word >>> (high - count + 1)) & (2 ** count - 1));
    width += count;
  }
  return (value << (32 - width)) >> (32 - width);
}

function condition(funct3: number, a: number, b: number): boolean | undefined {
  switch (funct3) {
    case 0:
      return a === b;
    case 1:
      return a !== b;
    case 4:
      return (a | 0) < (b | 0);
    case 5:
      return (a | 0) >= (b | 0);
    case 6:
      return a < b;
    case 7:
      return a >= b;
    default:
      return undefined;
  }
}

/** @param b - rs2 or the immediate, either sign. */
function arithmetic(funct3: number, isAlternate: boolean, a: number, b: number): number {
  switch (funct3) {
    case 0:
      return isAlternate ? a - b : a + b;
    case 1:
      return a << (b & 31);
    case 2:
      return (a | 0) < (b | 0) ? 1 : 0;
    case 3:
      return a < b >>> 0 ? 1 : 0;
    case 4:
      return a ^ b;
    case 5:
      return isAlternate ? (a | 0) >> (b & 31) : a >>> (b & 31);
    case 6:
      return a | b;
    default:
      return a & b;
  }
}
