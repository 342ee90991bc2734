// SPDX-License-Identifier: Apache-2.0
// What the commands found out, kept: a JSON Lines file for each kind, oldest line first.
//
// They are in .hpb/history of the project (or of HPB_STORE), which `make clean` leaves alone and git ignores. A line that
// is cut off (power, full disk) is left out when reading; nothing else may be wrong.

import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HdlError } from './errors.ts';
import type { Revision } from './revision.ts';

/** What is kept, each in a file of its own. */
export const HISTORY_KINDS = ['synth', 'fmax', 'formal', 'mutate', 'profile', 'regress'] as const;
export type HistoryKind = (typeof HISTORY_KINDS)[number];

/** What every line has. */
export interface HistoryEntry {
  /** Module name. */
  readonly name: string;
  /** Its file, relative to the project. */
  readonly file: string;
  /** Values of parameters that differ from the defaults, as text. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly revision: Revision;
  /** ISO 8601, UTC. */
  readonly time: string;
}

/** Folder of the project's history. */
export function historyFolder(root: string): string {
  return join(root, '.hpb/history');
}

/**
 * Adds a line.
 *
 * @throws {HdlError} `HDL_OUTPUT` when it cannot be written.
 */
export function appendHistory(root: string, kind: HistoryKind, entry: HistoryEntry): void {
  const folder = historyFolder(root);
  const path = join(folder, `${kind}.jsonl`);
  try {
    mkdirSync(folder, { recursive: true });
    // One write, appended: two commands at once do not tear each other's lines.
    appendFileSync(path, `${JSON.stringify(entry)}\n`);
  } catch (error) {
    const message = `cannot write ${path}: ${(error as Error).message}`;
    throw new HdlError('HDL_OUTPUT', message, { cause: error });
  }
}

/**
 * All lines of a kind, oldest first; none when nothing was kept yet.
 *
 * @throws {HdlError} `HDL_ARGUMENT` for a line that is no entry, but for a torn last one.
 */
export function readHistory<T extends HistoryEntry>(root: string, kind: HistoryKind): T[] {
  const path = join(historyFolder(root), `${kind}.jsonl`);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const lines = text.split('\n');
  return lines.flatMap((line, i) => {
    if (line === '') return [];
    const entry = parse(line);
    if (isEntry(entry)) return [entry as T];
    if (i === lines.length - 1) return [];
    const got = JSON.stringify(line.slice(0, 60));
    throw new HdlError('HDL_ARGUMENT', `${path}:${i + 1}: expected an entry, got ${got}`);
  });
}

/** The newest entry of each module, by file and parameters. */
export function newestEntries<T extends HistoryEntry>(entries: readonly T[]): T[] {
  const newest = new Map<string, T>();
  for (const entry of entries) {
    newest.set(JSON.stringify([entry.file, entry.name, entry.parameters]), entry);
  }
  return [...newest.values()];
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is HistoryEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { name, file, parameters, revision, time } = value as Partial<HistoryEntry>;
  return (
    typeof name === 'string' &&
    typeof file === 'string' &&
    typeof time === 'string' &&
    typeof parameters === 'object' &&
    typeof revision?.sources === 'string'
  );
}
