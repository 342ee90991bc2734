/** Sends slots through sigv_field and keeps the registers and tables that they must leave behind. */
import { Point } from '@noble/secp256k1';
import { Assembler, type Extras } from '../../../hdl/sigverify/microcode/assembler.js';
import { CAPTURES, REGISTERS, WIDTH } from '../../../hdl/sigverify/microcode/instruction.js';
import { BETA, N, P } from '../../../hdl/sigverify/microcode/interpreter.js';
import {
  type PortsOf,
  type Random,
  type Simulation,
  simulate,
} from '../../../src/testbench/index.ts';
import { mod } from './scalars.ts';
import { Timeline } from './timeline.ts';

/** Window of G in these builds: 8 points of each half. */
const G_WINDOW = 5;

/** One slot: to = k a (b + mb sub) + mc add, in the words of the assembler. */
export interface FieldSlot {
  readonly ctx: number;
  readonly to: readonly string[];
  readonly a: string;
  readonly b: string;
  readonly more?: Extras;
  /** Point of the digit list, for `entry x` and `entry y`. */
  readonly kind?: number;
  readonly idx?: number;
  /** Word for source `load`. */
  readonly load?: bigint;
  /** A slot that does not go has no effect. */
  readonly go?: boolean;
}

/** What came out for a slot. */
export interface FieldResult {
  /** The 260 bits of the limbs, each digit taken in its own cycle. */
  readonly value: bigint;
  /** What it must be modulo p. */
  readonly expected: bigint;
  readonly flags: { readonly zero: number; readonly above: number; readonly odd: number };
  readonly capture: number;
  readonly leaves: bigint;
  readonly comingCtx: number;
}

const gPoints = [Point.BASE, Point.BASE.multiply(2n ** 128n)].map((base) =>
  Array.from({ length: 2 ** (G_WINDOW - 2) }, (_, i) =>
    base.multiply(BigInt(2 * i + 1)).toAffine(),
  ),
);

/** The memories of a context, modulo p. */
class ContextModel {
  readonly registers = new Map(REGISTERS.map((name, i) => [name, i === 0 ? 1n : 0n]));
  readonly table: bigint[] = Array(32).fill(0n);

  /** The slot's result modulo p, which goes to its destinations. */
  run({ to, a, b, more = {}, go = true, ...slot }: FieldSlot): bigint {
    const [mb, sub] = more.sub ?? [0, 'ONE'];
    const [mc, add] = more.add ?? [0, 'ONE'];
    const factor = this.#operand(b, slot) + BigInt(mb) * this.#register(sub);
    const product = BigInt(more.k ?? 1) * this.#register(a) * factor;
    const result = mod(product + BigInt(mc) * this.#register(add), P);
    for (const target of go ? to : []) {
      const [word, index] = target.split(' ');
      if (word === 'table') this.table[Number(index)] = result;
      else this.registers.set(target, result);
    }
    return result;
  }

  #register(name: string): bigint {
    const value = this.registers.get(name);
    if (value === undefined) throw new Error(`no register ${name}`);
    return value;
  }

  #operand(b: string, slot: Pick<FieldSlot, 'kind' | 'idx' | 'load'>): bigint {
    const [word, which] = b.split(' ');
    const { kind = 0, idx = 0, load = 0n } = slot;
    if (word === 'table') return this.table[Number(which)] as bigint;
    if (word === 'const') return which === 'N' ? N : BETA;
    if (word === 'load') return load;
    if (word !== 'entry') return this.#register(b);
    if (kind >= 2) return gPoints[kind - 2]?.[idx]?.[which as 'x' | 'y'] as bigint;
    return this.table[which === 'y' ? 8 + idx : (kind === 1 ? 16 : 0) + idx] as bigint;
  }
}

function bitsOf({ to, a, b, more }: FieldSlot): bigint {
  const asm = new Assembler();
  asm.op(to, a, b, more);
  return asm.assemble().words[0] as bigint;
}

type Ports = PortsOf<'hdl/sigverify/sigv_field.sv'>;

export class FieldRunner {
  readonly sim: Simulation<Ports>;
  readonly contexts: number;
  /** Cycles between slots, at least. */
  readonly interval: number;
  /** Cycle in which a slot leaves; it enters in cycle 1. */
  readonly last: number;
  readonly #models: ContextModel[];
  readonly #random: Random;

  constructor(sim: Simulation<Ports>, contexts: number, mulIi: number, random: Random) {
    this.sim = sim;
    this.contexts = contexts;
    this.interval = mulIi;
    this.last = 18 + (mulIi > 1 ? mulIi : 0);
    this.#models = Array.from({ length: contexts }, () => new ContextModel());
    this.#random = random;
  }

  /** Slots of one context have to be this far apart. */
  get turn(): number {
    return this.last + 1;
  }

  /** Runs slots, the next one `spacing` cycles after the one before. */
  run(slots: readonly FieldSlot[], spacing = () => this.interval): FieldResult[] {
    const { sim, last } = this;
    const dut = sim.ports;
    const random = this.#random;
    const results: FieldResult[] = [];
    const timeline = new Timeline(() => {
      // Between slots, a slot of all kinds that does not go
      dut.s_slot = random.bigint(6 + WIDTH);
      Object.assign(dut, { s_kind: random.int(4), s_idx: random.int(8) });
      dut.load_word = random.bigint(256);
    });
    // Cycle 1 of a slot is cycle start + 1 of the timeline.
    let start = 0;
    for (const slot of slots) {
      const go = slot.go === false ? 0n : 1n;
      const bits = (go << BigInt(6 + WIDTH)) | (BigInt(slot.ctx) << BigInt(WIDTH)) | bitsOf(slot);
      const expected = (this.#models[slot.ctx] as ContextModel).run(slot);
      timeline.input(start + 1, () => {
        dut.s_slot = bits;
        if (slot.b.startsWith('entry')) {
          Object.assign(dut, { s_kind: slot.kind ?? 0, s_idx: slot.idx ?? 0 });
        }
      });
      if (slot.b.startsWith('load')) {
        timeline.input(start + 2, () => {
          dut.load_word = slot.load ?? 0n;
        });
      }
      let comingCtx = 0;
      let capture = 0;
      timeline.output(start + last - 1, () => {
        capture = dut.capture;
        comingCtx = dut.coming_ctx;
      });
      timeline.output(start + last, () => {
        const { zero, above, odd } = dut;
        const value = dut.limbs as bigint;
        const leaves = dut.m_slot as bigint;
        results.push({ value, expected, flags: { zero, above, odd }, capture, leaves, comingCtx });
      });
      start += spacing();
    }
    timeline.run(sim);
    return results;
  }
}

/** What is wrong with a slot's result, if anything. */
export function resultFault(slot: FieldSlot, result: FieldResult): string | undefined {
  const { leaves, comingCtx } = result;
  const isGoing = slot.go !== false;
  const capture = isGoing ? CAPTURES.indexOf(slot.more?.capture ?? 'NONE') : 0;
  const fault = isGoing ? valueFault(result) : undefined;
  if (fault) return fault;
  if (result.capture !== capture) return `capture ${result.capture}`;
  const left = BigInt.asUintN(6 + WIDTH, leaves);
  if (left !== ((BigInt(slot.ctx) << BigInt(WIDTH)) | bitsOf(slot))) return `leaves as ${leaves}`;
  if (leaves >> BigInt(6 + WIDTH) !== (isGoing ? 1n : 0n)) return 'go is wrong';
  return comingCtx === slot.ctx ? undefined : `coming context ${comingCtx}`;
}

function valueFault({ value, expected, flags }: FieldResult): string | undefined {
  if (mod(value, P) !== expected) return `value ${value}, expected ${expected} modulo p`;
  if (value >> 234n > 2n ** 22n + 1n) return `value ${value} is not weakly reduced`;
  if (flags.zero !== (expected === 0n ? 1 : 0)) return `zero is ${flags.zero}`;
  if (flags.above !== (value >= P ? 1 : 0)) return `above is ${flags.above}`;
  return flags.odd === Number(expected & 1n) ? undefined : `odd is ${flags.odd}`;
}

export async function openField(
  { contexts, mulIi }: { contexts: number; mulIi: number },
  random: Random,
): Promise<FieldRunner> {
  const sim = await simulate('hdl/sigverify/sigv_field.sv', {
    parameters: { CONTEXTS: contexts, MUL_II: mulIi, G_WINDOW },
  });
  sim.reset(last(mulIi));
  return new FieldRunner(sim as Simulation<Ports>, contexts, mulIi, random);
}

/** Reset long enough that nothing is on its way any more. */
const last = (mulIi: number) => 22 + mulIi;
