// SPDX-License-Identifier: Apache-2.0
// Notices that files of a project were saved.

import { existsSync, type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { join, relative } from 'node:path';

/** What a change of makes a difference: Verilog, file lists, tests and what they load. */
const WATCHED = /\.(?:s?vh?|f|ts|js|json)$/;
/** An editor writes a file in several steps; they are over by then. */
const QUIET_MS = 60;
/** Looks by itself this often: not every file system tells. */
const LOOK_MS = 1_000;

/** Files saved since the last time. */
export interface Saved {
  /** Relative to the project; those that are new or gone count. */
  readonly files: readonly string[];
  /** When the first of them was saved, as far as the file system says so; else when it was noticed. ms since 1970. */
  readonly at: number;
}

/**
 * Yields what was saved, as soon as there is something.
 *
 * @param folders - relative to `root`, with all below them.
 * @param signal - ends it.
 */
export async function* changes(
  root: string,
  folders: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Saved, void, undefined> {
  const paths = folders.map((folder) => join(root, folder)).filter((folder) => existsSync(folder));
  let wake = () => {};
  const watchers: FSWatcher[] = [];
  for (const path of paths) {
    try {
      const watcher = watch(path, { recursive: true }, () => wake());
      watcher.on('error', () => watcher.close()); // the regular looks go on
      watchers.push(watcher);
    } catch {
      // Too many watches, or none on this file system: the regular looks remain.
    }
  }
  const onAbort = () => wake();
  signal.addEventListener('abort', onAbort);
  try {
    let before = snapshot(paths);
    while (!signal.aborted) {
      const isWoken = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), LOOK_MS);
        wake = () => {
          clearTimeout(timer);
          resolve(true);
        };
      });
      if (isWoken && !signal.aborted) {
        await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
      }
      const now = snapshot(paths);
      const changed = [...new Set([...before.keys(), ...now.keys()])].filter(
        (path) => before.get(path) !== now.get(path),
      );
      before = now;
      if (changed.length === 0 || signal.aborted) continue;
      yield { files: changed.map((path) => relative(root, path)), at: savedAt(changed) };
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    for (const watcher of watchers) watcher.close();
  }
}

/** Times of files that a tool has set, long ago or in the future, say nothing. */
function savedAt(paths: readonly string[]): number {
  const now = Date.now();
  const times = paths
    .map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now)
    .filter((time) => time <= now && time > now - LOOK_MS - QUIET_MS);
  return Math.min(now, ...times);
}

/** Each watched file with what changes when it is saved. */
function snapshot(paths: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules' && !entry.name.startsWith('.')) visit(path);
      } else if (WATCHED.test(entry.name)) {
        const stat = statSync(path, { throwIfNoEntry: false });
        if (stat) found.set(path, `${stat.mtimeMs} ${stat.size} ${stat.ino}`);
      }
    }
  };
  for (const path of paths) if (existsSync(path)) visit(path);
  return found;
}
