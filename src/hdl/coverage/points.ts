// SPDX-License-Identifier: Apache-2.0
// What Verilator counts: lines, branches, toggles of bits, cover properties; merged over simulations.

import { HdlError } from '../errors.ts';

/** What a point counts. */
export type PointKind = 'line' | 'branch' | 'toggle' | 'cover';

/** One place in the source that is reached or not. */
export interface CoveragePoint {
  readonly kind: PointKind;
  /** As Verilator names it: relative to the project, or absolute. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** A toggle's bit, `level_q[3]`; else what it is, `if`, `else`, `case`, `block`. */
  readonly name: string;
  /** Lines that are run along with it. */
  readonly lines: readonly number[];
  /** How often, over all simulations and instances. */
  readonly hits: number;
  /** Whether that suffices: once; for a toggle up and down in one instance of one simulation. */
  readonly isCovered: boolean;
}

const KINDS: Readonly<Record<string, PointKind>> = {
  v_line: 'line',
  v_branch: 'branch',
  v_toggle: 'toggle',
  v_user: 'cover',
};
/** A bit that changed twice has gone up and down. */
const BOTH_WAYS = 2;
/** Longest run of lines that a point may have, in a file that nobody broke. */
const MAX_LINES = 100_000;

/** Merges what simulations counted. */
export class CoverageData {
  readonly #points = new Map<string, CoveragePoint>();

  /** All points, in the order of files and lines. */
  get points(): CoveragePoint[] {
    return [...this.#points.values()].sort(
      (a, b) =>
        (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) ||
        a.line - b.line ||
        a.column - b.column ||
        (a.name < b.name ? -1 : 1),
    );
  }

  /**
   * Adds the data of one simulation.
   *
   * @param text - as Verilator writes it.
   * @param start - the same before the first cycle: toggles in it are steps from random values. (Lines in it have
   *   run: Verilator may count a block without conditions only then.)
   * @throws {HdlError} `HDL_ARGUMENT` for anything else.
   */
  add(text: string, start?: string): void {
    const before = new Map(start === undefined ? [] : readCounts(start));
    for (const [fields, count] of readCounts(text)) {
      this.#addPoint(fields, count, before.get(fields) ?? 0);
    }
  }

  #addPoint(fields: string, count: number, before: number): void {
    // Each field: byte 1, name, byte 2, value
    const field = new Map(
      fields
        .split('\u0001')
        .slice(1)
        .map((each): [string, string] => {
          const end = each.indexOf('\u0002');
          return [each.slice(0, end), each.slice(end + 1)];
        }),
    );
    const [page = ''] = (field.get('page') ?? '').split('/');
    const kind = KINDS[page];
    const file = field.get('f');
    if (kind === undefined || file === undefined) {
      throw new HdlError(
        'HDL_ARGUMENT',
        `expected a coverage point, got ${JSON.stringify(fields)}`,
      );
    }
    const line = Number(field.get('l'));
    const column = Number(field.get('n'));
    const name = field.get('o') ?? '';
    const hits = kind === 'toggle' ? count - before : count;
    const key = `${kind}\n${file}\n${line}\n${column}\n${name}`;
    const known = this.#points.get(key);
    this.#points.set(key, {
      kind,
      file,
      line,
      column,
      name,
      lines: known?.lines ?? (kind === 'toggle' ? [] : readLines(field.get('S') ?? '')),
      hits: hits + (known?.hits ?? 0),
      isCovered: known?.isCovered || hits >= (kind === 'toggle' ? BOTH_WAYS : 1),
    });
  }
}

/** Points as they stand in a file, and how often each was hit. */
function readCounts(text: string): [fields: string, count: number][] {
  const lines = text.split('\n');
  if (!lines[0]?.startsWith('# SystemC::Coverage')) {
    const got = JSON.stringify(lines[0]?.slice(0, 40));
    throw new HdlError('HDL_ARGUMENT', `expected coverage of Verilator, got ${got}`);
  }
  return lines
    .slice(1)
    .filter((line) => line.startsWith('C '))
    .map((line) => {
      const [, fields, count] = /^C '(.*)' (\d+)$/.exec(line) ?? [];
      if (fields !== undefined) return [fields, Number(count)];
      const got = JSON.stringify(line.slice(0, 80));
      throw new HdlError('HDL_ARGUMENT', `expected a coverage point, got ${got}`);
    });
}

/** `5-7,9` as numbers. */
function readLines(text: string): number[] {
  const lines: number[] = [];
  for (const range of text.split(',').filter(Boolean)) {
    const [from = 0, to = from] = range.split('-').map(Number);
    if (!(to - from < MAX_LINES)) {
      throw new HdlError('HDL_ARGUMENT', `expected lines of a source, got ${range}`);
    }
    for (let line = from; line <= to; line++) lines.push(line);
  }
  return lines;
}
