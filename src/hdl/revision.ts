// SPDX-License-Identifier: Apache-2.0
// Which state of the sources a figure belongs to.

import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { HdlError } from './errors.ts';
import type { Target } from './target.ts';

/** A state of a target's sources. */
export interface Revision {
  /** Commit that was checked out, 40 hexadecimal digits; null outside of a repository. */
  readonly commit: string | null;
  /** True when the target's files differ from that commit. */
  readonly dirty: boolean;
  /** SHA-256 over names and contents of all files read, hexadecimal. */
  readonly sources: string;
}

/** The state of a target's sources now. */
export async function revisionOf(target: Target, signal?: AbortSignal): Promise<Revision> {
  const { root, sources } = target;
  const files = [...sources.files, ...sources.includes];
  const hash = createHash('sha256');
  for (const file of [...files].sort()) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  }
  return { ...(await commitOf(root, files, signal)), sources: hash.digest('hex') };
}

/** The commit that is checked out, and whether files differ from it. */
export async function commitOf(
  root: string,
  files: readonly string[],
  signal?: AbortSignal,
): Promise<Pick<Revision, 'commit' | 'dirty'>> {
  const commit = await git(root, ['rev-parse', '--verify', 'HEAD'], signal);
  const changes = await git(root, ['status', '--porcelain', '--', ...files], signal);
  return {
    commit: commit?.trim() || null,
    dirty: commit === undefined || changes === undefined || changes.trim() !== '',
  };
}

/**
 * The sources of a commit in a folder for the time being.
 *
 * @param body - gets the folder and the commit's whole id; the folder goes when it is done.
 * @throws {HdlError} `HDL_ARGUMENT` when there is no such commit.
 */
export async function withCommit<T>(
  root: string,
  name: string,
  body: (folder: string, commit: string) => Promise<T>,
): Promise<T> {
  // A name never is an option of git's.
  const full = ['rev-parse', '--verify', '--end-of-options', `${name}^{commit}`];
  const commit = (await git(root, full))?.trim();
  if (!commit) {
    throw new HdlError('HDL_ARGUMENT', `expected a commit, got ${JSON.stringify(name)}`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'hpb-commit-'));
  try {
    const archive = join(folder, '.archive.tar');
    await execa('git', ['archive', '-o', archive, commit, 'hdl', 'package.json'], { cwd: root });
    await execa('tar', ['-xf', archive, '-C', folder], { cwd: root });
    return await body(folder, commit);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Abbreviates a revision for a table: `1a2b3c4d`, `1a2b3c4d+` with changes, `-` outside of a repository. */
export function shortRevision({ commit, dirty }: Revision): string {
  return commit === null ? '-' : `${commit.slice(0, 8)}${dirty ? '+' : ''}`;
}

async function git(
  cwd: string,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { exitCode, stdout } = await execa('git', args, {
    cwd,
    reject: false,
    stdin: 'ignore',
    ...(signal && { cancelSignal: signal }),
  });
  signal?.throwIfAborted();
  return exitCode === 0 ? stdout : undefined;
}
