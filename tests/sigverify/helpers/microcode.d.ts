/** Types of hdl/sigverify/microcode, as far as tests use it. */

declare module '*/microcode/assembler.js' {
  /** What goes with a product besides its factors. */
  export interface Extras {
    readonly k?: number;
    readonly sub?: readonly [number, string];
    readonly add?: readonly [number, string];
    readonly wait?: string;
    readonly capture?: string;
    readonly branch?: readonly [string, (string | number)?];
  }
  export class Assembler {
    label(name: string): void;
    org(address: number): void;
    op(to: string | readonly string[], a: string, b: string, more?: Extras): void;
    go(kind: string, imm?: string | number, more?: Extras): void;
    assemble(): { slots: unknown[]; words: bigint[]; labels: Map<string, number> };
  }
}

declare module '*/microcode/instruction.js' {
  export const CAPTURES: readonly string[];
  export const K_CODES: ReadonlyMap<number, number>;
  export const REGISTERS: readonly string[];
  export const WIDTH: number;
}

declare module '*/microcode/program.js' {
  export const REASONS: Readonly<Record<string, number>>;
  export function program(): {
    slots: ({ readonly imm: number } | null)[];
    words: bigint[];
    labels: Map<string, number>;
  };
}

declare module '*/microcode/interpreter.js' {
  export const P: bigint;
  export const N: bigint;
  export const BETA: bigint;
  export interface MicrocodeJob {
    readonly recovery: boolean;
    readonly x: bigint;
    readonly y: bigint;
    readonly r: bigint;
    readonly id: number;
    readonly wraps: boolean;
  }
  export interface MicrocodeEntry {
    readonly dbl: number;
    readonly kind: number;
    readonly neg: boolean;
    readonly idx: number;
  }
  export function interpret(
    job: MicrocodeJob,
    list: readonly MicrocodeEntry[],
    generator: (hi: number, idx: number) => { readonly x: bigint; readonly y: bigint },
  ): {
    readonly reason: number;
    readonly x: bigint;
    readonly y: bigint;
    readonly slots: number;
    readonly visits: ReadonlyMap<string, number>;
  };
}
