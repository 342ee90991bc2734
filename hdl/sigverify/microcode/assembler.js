// SPDX-License-Identifier: Apache-2.0
// Assembles slots written as `op('X', 'T0', 'T0', { minus: 'T1' })` into microinstructions.
import {
  BRANCHES,
  CAPTURES,
  CONSTANTS,
  codeOf,
  encode,
  K_CODES,
  LOADS,
  MC_CODES,
  REGISTERS,
  SOURCES,
  WAITS,
} from './instruction.js';

const ROM_DEPTH = 512;

/** Collects slots and labels; `assemble()` resolves the labels. */
export class Assembler {
  #slots = [];
  #labels = new Map();

  /** Names the next slot. */
  label(name) {
    if (this.#labels.has(name)) throw new Error(`label ${name} is defined twice`);
    this.#labels.set(name, this.#slots.length);
  }

  /** Continues at a fixed address, where hardware expects a routine. */
  org(address) {
    if (this.#slots.length > address) {
      throw new Error(`org ${address}: already at ${this.#slots.length}`);
    }
    while (this.#slots.length < address) this.#slots.push(null);
  }

  /**
   * One product: to = k * a * (b [+ mb * sub]) [+ mc * add].
   *
   * @param to - register, `table N`, or both as an array; [] drops the result but keeps its flags.
   * @param a - register.
   * @param b - register, or `table N`, `entry x`, `entry y`, `const NAME`, `load NAME`.
   * @param more - k (1 2 3 4 8); sub: [mb, register] with mb -1 or -2; add: [mc, register] with mc
   *   1 -1 2 -2; wait; capture; branch: [kind, label or number].
   */
  op(to, a, b, more = {}) {
    const slot = { a: codeOf(REGISTERS, a, 'operand a'), ...operandB(b) };
    for (const target of [to].flat()) Object.assign(slot, destination(target));
    if (more.k !== undefined) slot.k = pick(K_CODES, more.k, 'k');
    if (more.sub) {
      slot.mb = -more.sub[0];
      if (slot.mb !== 1 && slot.mb !== 2) throw new Error(`mb: expected -1 or -2, got ${-slot.mb}`);
      slot.b2 = codeOf(REGISTERS, more.sub[1], 'operand b2');
    }
    if (slot.mb && slot.k) throw new Error('k: expected 1 beside a difference (sigv_factor)');
    if (more.add) {
      slot.mc = pick(MC_CODES, more.add[0], 'mc');
      slot.c = codeOf(REGISTERS, more.add[1], 'operand c');
    }
    slot.wait = codeOf(WAITS, more.wait ?? 'NONE', 'wait');
    slot.capture = codeOf(CAPTURES, more.capture ?? 'NONE', 'capture');
    const [kind, imm] = more.branch ?? ['NEXT', 0];
    slot.branch = codeOf(BRANCHES, kind, 'branch');
    slot.imm = imm ?? 0;
    this.#slots.push(slot);
  }

  /** A slot that only branches. */
  go(kind, imm, more = {}) {
    this.op([], 'ONE', 'ONE', { ...more, branch: [kind, imm] });
  }

  /** @returns the slots with labels resolved, their bits, and the labels' addresses. */
  assemble() {
    if (this.#slots.length > ROM_DEPTH) {
      throw new Error(`program: expected at most ${ROM_DEPTH} slots, got ${this.#slots.length}`);
    }
    const slots = this.#slots.map((slot) => {
      if (slot === null || typeof slot.imm === 'number') return slot;
      const address = this.#labels.get(slot.imm);
      if (address === undefined) throw new Error(`label ${slot.imm} is not defined`);
      return { ...slot, imm: address };
    });
    const words = slots.map((slot) => (slot === null ? 0n : encode(slot)));
    return { slots, words, labels: this.#labels };
  }
}

function pick(codes, value, what) {
  const code = codes.get(value);
  if (code === undefined) {
    throw new Error(`${what}: expected one of ${[...codes.keys()].join(' ')}, got ${value}`);
  }
  return code;
}

function operandB(text) {
  const [first, second] = text.split(' ');
  switch (first) {
    case 'table':
      return { source: codeOf(SOURCES, 'TABLE'), b1: Number(second) };
    case 'entry':
      return { source: codeOf(SOURCES, second === 'x' ? 'ENTRY_X' : 'ENTRY_Y') };
    case 'const':
      return { source: codeOf(SOURCES, 'CONST'), b1: codeOf(CONSTANTS, second, 'constant') };
    case 'load':
      return { source: codeOf(SOURCES, 'LOAD'), b1: codeOf(LOADS, second, 'load') };
    default:
      return { source: codeOf(SOURCES, 'REG'), b1: codeOf(REGISTERS, text, 'operand b1') };
  }
}

function destination(text) {
  const [first, second] = text.split(' ');
  if (first === 'table') return { td: Number(second), td_we: 1 };
  return { rd: codeOf(REGISTERS, text, 'destination'), rd_we: 1 };
}
