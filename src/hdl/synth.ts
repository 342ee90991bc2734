// SPDX-License-Identifier: Apache-2.0
// Resources of a module by yosys. It knows nothing of routing, so nothing here is said about the clock.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { HdlError } from './errors.ts';
import { type Counts, FAMILY, type Family } from './families.ts';
import { appendHistory, type HistoryEntry, readHistory } from './history.ts';
import { divideCells, type Instance } from './instances.ts';
import { readNetlist } from './netlist.ts';
import { parameterCommands } from './parameters.ts';
import { runProcess } from './process.ts';
import { revisionOf, withCommit } from './revision.ts';
import { buildFolder, keyOf, storeRoot } from './store.ts';
import { resolveTarget, type Target } from './target.ts';
import { quotePath, readCommand } from './yosys.ts';

/** What a module takes of a chip; a line of the history. */
export interface SynthEntry extends HistoryEntry {
  readonly family: Family;
  /** yosys' version line. */
  readonly tool: string;
  /** The whole, with its parts. */
  readonly instance: Instance;
}

export interface SynthOptions {
  readonly signal?: AbortSignal | undefined;
  /** Most time for one module and family, in ms. */
  readonly timeoutMs?: number;
  /** Synthesize although a result of the same sources is kept. */
  readonly fresh?: boolean;
  /** Where results are kept; the project unless given. */
  readonly store?: string;
}

/** A unit for which nobody waits longer. */
const TIMEOUT_MS = 20 * 60_000;

/**
 * Maps a module to a family and counts, or finds what was counted before from the same sources, parameters
 * and yosys.
 *
 * @throws {HdlError} `HDL_FAILED` with yosys' complaints, or when it takes longer than allowed;
 *   `HDL_TOOL` without yosys.
 */
export async function synthesize(
  target: Target,
  family: Family,
  { signal, timeoutMs = TIMEOUT_MS, fresh = false, store = storeRoot() }: SynthOptions = {},
): Promise<SynthEntry & { readonly isStored: boolean }> {
  const [tool, revision] = await Promise.all([yosysVersion(), revisionOf(target, signal)]);
  const kept = fresh
    ? undefined
    : readHistory<SynthEntry>(store, 'synth').findLast(
        (entry) =>
          isSame(entry, { ...keyOf(target, store), family, tool }) &&
          entry.revision.sources === revision.sources,
      );
  if (kept) return { ...kept, revision, isStored: true };
  const instance = await runYosys(target, family, store, timeoutMs, signal);
  const entry: SynthEntry = {
    ...keyOf(target, store),
    revision,
    time: new Date().toISOString(),
    family,
    tool,
    instance,
  };
  appendHistory(store, 'synth', entry);
  return { ...entry, isStored: false };
}

async function runYosys(
  target: Target,
  family: Family,
  store: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Instance> {
  const { top, root } = target;
  // Two runs at once, with other parameters, share nothing but the log's name.
  const base = join(buildFolder('synth', store), `${top}-${family}`);
  const hierarchy = `${base}-${process.pid}.hierarchy.json`;
  const flat = `${base}-${process.pid}.netlist.json`;
  const script = [
    readCommand(target),
    ...parameterCommands(top, target.parameters),
    `hierarchy -check -top ${top}`,
    // What is below what: the instances alone, since json refuses processes.
    'design -push-copy',
    'delete */p:*',
    `json -o ${quotePath(hierarchy)} t:$paramod* t:[a-zA-Z_]*`,
    'design -pop',
    `${FAMILY[family].synth} -top ${top}`,
    'autoname',
    `write_json ${quotePath(flat)}`,
  ].join('; ');
  try {
    const { exitCode, output, timedOut } = await runProcess(
      'yosys',
      ['-q', '-l', `${base}.log`, '-p', script],
      { cwd: root, signal, timeoutMs, installedBy: 'src/scripts/setup synth' },
    );
    if (timedOut) {
      const minutes = Math.round(timeoutMs / 60_000);
      throw new HdlError('HDL_FAILED', `${target.file}: no result in ${minutes} minutes`);
    }
    if (exitCode !== 0) throw new HdlError('HDL_FAILED', complaints(target, output));
    return divideCells(readNetlist(hierarchy), readNetlist(flat), top, family);
  } finally {
    rmSync(hierarchy, { force: true });
    rmSync(flat, { force: true });
  }
}

/** What yosys says is wrong. */
export function complaints({ file }: Target, output: string): string {
  const lines = output.split('\n').filter((line) => /\bERROR\b|\berror\b/.test(line));
  const reason =
    lines.length > 0 ? lines.join('\n') : output.trim().split('\n').slice(-5).join('\n');
  return `${file}: yosys failed:\n${reason}`;
}

let version: Promise<string> | undefined;

/** @throws {HdlError} `HDL_TOOL`. */
function yosysVersion(): Promise<string> {
  version ??= runProcess('yosys', ['-V'], {
    cwd: process.cwd(),
    installedBy: 'src/scripts/setup synth',
  }).then(({ output }) => output.trim());
  return version;
}

type Key = Pick<SynthEntry, 'file' | 'name' | 'family' | 'parameters' | 'tool'>;

function isSame(entry: SynthEntry, key: Key): boolean {
  return (
    entry.file === key.file &&
    entry.name === key.name &&
    entry.family === key.family &&
    entry.tool === key.tool &&
    JSON.stringify(entry.parameters) === JSON.stringify(key.parameters)
  );
}

/**
 * The entry that a result is compared with: the newest one of a commit, but not of the result's own unless
 * its files were changed since.
 *
 * @param root - where results are kept.
 */
export function entryBefore(root: string, result: SynthEntry): SynthEntry | undefined {
  const { commit, dirty } = result.revision;
  return readHistory<SynthEntry>(root, 'synth').findLast(
    (entry) =>
      isSame(entry, result) && !entry.revision.dirty && (dirty || entry.revision.commit !== commit),
  );
}

/**
 * The resources at a commit: what is kept of it, or its sources synthesized now.
 *
 * @returns undefined when the commit has no such module.
 * @throws {HdlError} `HDL_ARGUMENT` when there is no such commit; as `synthesize`.
 */
export async function synthesizeCommit(
  target: Target,
  family: Family,
  commitName: string,
  options: SynthOptions = {},
): Promise<SynthEntry | undefined> {
  return withCommit(target.root, commitName, async (folder, commit) => {
    let then: Target;
    try {
      const { parameters, top } = target;
      then = resolveTarget(join(folder, target.file), { root: folder, top, parameters });
    } catch (error) {
      if (error instanceof HdlError && error.code === 'HDL_TARGET') return undefined;
      throw error;
    }
    const { sources } = await revisionOf(then, options.signal);
    const kept = readHistory<SynthEntry>(storeRoot(), 'synth').findLast(
      (entry) =>
        entry.revision.sources === sources &&
        entry.family === family &&
        JSON.stringify(entry.parameters) === JSON.stringify(keyOf(target).parameters),
    );
    const revision = { commit, dirty: false, sources };
    if (kept) return { ...kept, revision };
    const scratch = await synthesize(then, family, { ...options, store: folder });
    const entry: SynthEntry = { ...scratch, ...keyOf(target), revision };
    appendHistory(storeRoot(), 'synth', withoutStored(entry));
    return entry;
  });
}

function withoutStored<T extends object>(entry: T): T {
  const { isStored, ...rest } = entry as T & { isStored?: boolean };
  void isStored;
  return rest as T;
}

/** `a - b` for each resource. */
export function difference(now: Counts, before: Counts): Counts {
  const pairs = Object.entries(now).map(([resource, count]) => [
    resource,
    count - before[resource as keyof Counts],
  ]);
  return Object.fromEntries(pairs) as unknown as Counts;
}
