// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { ModuleDescription } from './description.ts';
import { findSources, projectRoot, sourceArguments } from './project.ts';
import { type TypedModule, writeTypings } from './typings.ts';
import { describeModule, findVerilator, type Verilator } from './verilator.ts';

/** Of the descriptions that are kept; another one when they say more. */
const FORMAT = '2';

export interface TypingsOptions {
  /** Module files, relative to the project. */
  readonly files: readonly string[];
  /** Declaration file to write, relative to the project; TypeScript must include it. */
  readonly target?: string;
  /** Module whose `Modules` the declarations extend. */
  readonly specifier?: string;
  /** Project folder; found from the working directory unless given. */
  readonly root?: string;
}

/**
 * Writes the typings by which `simulate()` knows the ports of modules.
 *
 * Descriptions are kept beside the target, by the contents of each module's files; the target is touched
 * only when it changes.
 *
 * @returns for each module that Verilator refuses, what it says; such a module has no typings.
 *
 * @example
 * await generateTypings({ files: ['hdl/blinker.sv'] }); // writes build/types/modules.d.ts
 */
export async function generateTypings({
  files,
  target = 'build/types/modules.d.ts',
  specifier = 'hpb-accel/testbench',
  root = projectRoot(),
}: TypingsOptions): Promise<string[]> {
  const path = join(root, target);
  const cachePath = `${path}.cache.json`;
  const old: Record<string, ModuleDescription> = existsSync(cachePath)
    ? JSON.parse(readFileSync(cachePath, 'utf8'))
    : {};
  const cache: typeof old = {};
  const verilator = await findVerilator();
  const found: (TypedModule | undefined)[] = [];
  const refused: string[] = [];

  const rest = files.entries();
  const worker = async () => {
    for (const [index, file] of rest) {
      const key = hashSources(root, file, verilator);
      try {
        const description = old[key] ?? (await describe(root, file, verilator));
        cache[key] = description;
        found[index] = { file, description, source: readFileSync(join(root, file), 'utf8') };
      } catch (error) {
        refused.push(error instanceof Error ? error.message : String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));

  const text = writeTypings(
    specifier,
    found.filter((module) => module !== undefined),
  );
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(cachePath, JSON.stringify(cache));
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
  return refused;
}

function describe(root: string, file: string, verilator: Verilator): Promise<ModuleDescription> {
  const { args } = sourceArguments(root, file);
  const sources = ['--top-module', basename(file).replace(/\.s?v$/, ''), '-Wno-fatal', ...args];
  return describeModule(verilator, sources, { cwd: root, purpose: `read ${file}` });
}

function hashSources(root: string, file: string, verilator: Verilator): string {
  const { args, folders } = sourceArguments(root, file);
  const { packages, modules } = findSources(root, file, folders);
  const hash = createHash('sha256').update(FORMAT).update(verilator.version);
  hash.update(JSON.stringify(args));
  for (const path of [file, ...packages, ...modules]) hash.update(readFileSync(join(root, path)));
  return hash.digest('hex');
}
