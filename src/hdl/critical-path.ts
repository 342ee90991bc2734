// SPDX-License-Identifier: Apache-2.0
// The critical path of a nextpnr report, step by step, by line of Verilog source.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { HARNESS, INSTANCE } from './harness.ts';
import type { NetlistModule } from './netlist.ts';

/** One step of a path. */
export interface PathStep {
  readonly kind: 'logic' | 'routing' | 'clk-to-q' | 'setup';
  /** Of this step alone, in ns. */
  readonly ns: number;
  /** Signal in the module, `engine.core.phase[2]`, or cell where it has no signal. */
  readonly signal: string;
  /** `file:line` of the signal's declaration or of what drives it; empty in the harness and where nothing is known. */
  readonly source: string;
}

/** A path from flip-flop to flip-flop. */
export interface CriticalPath {
  readonly from: string;
  readonly to: string;
  readonly ns: number;
  readonly logicNs: number;
  readonly routingNs: number;
  readonly steps: readonly PathStep[];
}

/** A path as nextpnr's --report has it. */
export interface ReportPath {
  readonly from: string;
  readonly to: string;
  readonly path: ReadonlyArray<{
    readonly delay: number;
    readonly type: string;
    readonly net?: string;
    readonly from: { readonly cell: string; readonly port: string };
    readonly to: { readonly cell: string; readonly port: string };
  }>;
}

/**
 * Reads a path; nets and cells are looked up in the netlist that was placed, since nextpnr names a net by any one
 * of its names, and the harness' is not the one that tells.
 *
 * @param root - folder that the netlist's file names are relative to.
 */
export function readPath({ path }: ReportPath, netlist: NetlistModule, root: string): CriticalPath {
  const names = new NetNames(netlist, new SourceText(root));
  const steps = path.map((step, i): PathStep => {
    const own = step.net === undefined ? names.ofCell(step.from.cell) : names.ofNet(step.net);
    // What a cell computes is the net that follows; look-up tables have no line of their own.
    const next = path[i + 1]?.net;
    const place = own.source || next === undefined ? own : names.ofNet(next);
    return { kind: step.type as PathStep['kind'], ns: step.delay, ...place };
  });
  const sum = (isIt: (kind: string) => boolean) =>
    steps.filter(({ kind }) => isIt(kind)).reduce((total, { ns }) => total + ns, 0);
  return {
    from: names.ofCell(path[0]?.from.cell ?? '').signal,
    to: names.ofCell(path.at(-1)?.to.cell ?? '').signal,
    ns: sum(() => true),
    logicNs: sum((kind) => kind !== 'routing'),
    routingNs: sum((kind) => kind === 'routing'),
    steps,
  };
}

interface Place {
  readonly signal: string;
  readonly source: string;
}

/** Names of nets and cells, the most telling one first. */
class NetNames {
  readonly #netlist: NetlistModule;
  readonly #text: SourceText;
  readonly #ofBit = new Map<number, Place>();

  constructor(netlist: NetlistModule, text: SourceText) {
    this.#netlist = netlist;
    this.#text = text;
    for (const [name, { bits, attributes }] of Object.entries(netlist.netnames)) {
      bits.forEach((bit, i) => {
        if (typeof bit !== 'number') return;
        const place = {
          signal: shorten(bits.length > 1 ? `${name}[${i}]` : name),
          source: text.lineOf(attributes.src, name),
        };
        const before = this.#ofBit.get(bit);
        if (!before || worth(place) > worth(before)) this.#ofBit.set(bit, place);
      });
    }
  }

  ofNet(net: string): Place {
    const [, base = net, index] = /^(.*?)(?:\[(\d+)\])?$/s.exec(net) ?? [];
    const bits =
      this.#netlist.netnames[net]?.bits ??
      [this.#netlist.netnames[base]?.bits[Number(index ?? 0)]].filter((b) => b !== undefined);
    const [bit] = bits;
    const place = typeof bit === 'number' ? this.#ofBit.get(bit) : undefined;
    return place ?? { signal: shorten(net), source: '' };
  }

  ofCell(cell: string): Place {
    // nextpnr packs cells and names the result after one of them.
    const packed = cell.replace(/(_LC|_DFFLC|_CARRY_PASS\w*|_RAM|\$nextpnr.*|_COMB\d?)$/, '');
    const found = this.#netlist.cells[cell] ?? this.#netlist.cells[packed];
    const output = ['Q', 'O', 'F', 'Z', 'COUT', 'S0'].find((port) => found?.connections[port]);
    const bit = output === undefined ? undefined : found?.connections[output]?.[0];
    const place = typeof bit === 'number' ? this.#ofBit.get(bit) : undefined;
    const source =
      this.#text.lineOf(found?.attributes.src, place?.signal ?? cell) || place?.source || '';
    // A flip-flop's block says more than its signal's declaration.
    return { signal: place?.signal ?? shorten(cell), source };
  }
}

/** A signal of the module before one of the harness, one with a line before one without, then the shorter. */
function worth({ signal, source }: Place): number {
  const isOwn = !signal.startsWith('hpb_') && !signal.startsWith('harness');
  const isWritten = !/_(LUT4|FF|TRELLIS|SB_|CCU2C|PFUMX|L6MUX)/.test(signal);
  return (
    (isOwn ? 4000 : 0) + (isWritten ? 2000 : 0) + (source ? 1000 : 0) - Math.min(999, signal.length)
  );
}

/** Without the harness' instance name. */
function shorten(name: string): string {
  return name.replace(new RegExp(`^${INSTANCE}\\.`), '');
}

/** The files, to find which of a netlist's places is meant. */
class SourceText {
  readonly #root: string;
  readonly #files = new Map<string, readonly string[]>();

  constructor(root: string) {
    this.#root = root;
  }

  /**
   * The line of `a.sv:1.2-3.4|b.sv:5.6-7.8` where a signal is declared or driven: the shortest part that
   * names it. The others are the instances above it, in any order, and yosys' own files.
   */
  lineOf(src: string | undefined, signal: string): string {
    const [name = ''] = /\w+(?=(?:\[\d+\])?$)/.exec(signal) ?? [];
    const word = new RegExp(`\\b${name}\\b`);
    const places = (src ?? '').split('|').flatMap((place) => {
      const [, file, from, to] = /^(.*):(\d+)\.\d+-(\d+)\.\d+$/.exec(place) ?? [];
      if (file === undefined || /\/share\/yosys\//.test(file) || file.includes(HARNESS)) return [];
      const lines = this.#lines(file).slice(Number(from) - 1, Number(to));
      return [
        { line: `${file}:${from}`, isNamed: word.test(lines.join('\n')), length: lines.length },
      ];
    });
    const [best] = places.sort(
      (a, b) => Number(b.isNamed) - Number(a.isNamed) || a.length - b.length,
    );
    return best?.line ?? '';
  }

  #lines(file: string): readonly string[] {
    let lines = this.#files.get(file);
    if (!lines) {
      try {
        lines = readFileSync(resolve(this.#root, file), 'utf8').split('\n');
      } catch {
        lines = [];
      }
      this.#files.set(file, lines);
    }
    return lines;
  }
}
