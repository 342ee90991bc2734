// SPDX-License-Identifier: Apache-2.0
// The card's register map, and the files generated from it and from the other descriptions in hdl/.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HdlError } from './errors.ts';
import { runProcess } from './process.ts';

/** What hdl/card/registers/map.js checks and gives. */
export interface RegisterMap {
  readonly title: string;
  readonly version: { readonly major: number; readonly minor: number };
  readonly blocks: readonly {
    readonly name: string;
    readonly offset: number;
    readonly layout: string;
    readonly text: string;
  }[];
  readonly layouts: Readonly<Record<string, RegisterLayout>>;
}

/** Registers of a kind of block; with those of the layout that it includes. */
export interface RegisterLayout {
  readonly includes?: string | undefined;
  readonly registers: readonly RegisterDescription[];
}

export interface RegisterDescription {
  readonly name: string;
  /** In its block, in bytes. */
  readonly offset: number;
  readonly access: 'ro' | 'rw' | 'wo' | 'w1c';
  /** Undefined where it depends on the card. */
  readonly reset?: number | undefined;
  readonly text: string;
  readonly fields: readonly {
    readonly name: string;
    /** Highest and lowest bit. */
    readonly bits: readonly [high: number, low: number];
    readonly text: string;
  }[];
}

/** One register where software finds it. */
export interface MappedRegister extends RegisterDescription {
  readonly block: string;
  /** In the card's window, in bytes. */
  readonly address: number;
}

export interface Registers {
  readonly map: RegisterMap;
  /** 16 hexadecimal digits. */
  readonly hash: string;
  /** All registers of all blocks, by address. */
  readonly registers: readonly MappedRegister[];
  /** The map as docs/registers.md has it. */
  markdown(): Promise<string>;
}

const MAP = 'hdl/card/registers/map.js';
const MARKDOWN = 'hdl/card/registers/markdown.js';

/**
 * Loads the register map of a project.
 *
 * @throws {HdlError} `HDL_TARGET` when it has none, `HDL_ARGUMENT` when it contradicts itself.
 */
export async function loadRegisters(root: string): Promise<Registers> {
  if (!existsSync(join(root, MAP))) {
    throw new HdlError('HDL_TARGET', `expected a register map in ${MAP}, got none in ${root}`);
  }
  const load = (file: string) => import(pathToFileURL(join(root, file)).href);
  const { loadMap } = (await load(MAP)) as { loadMap(): { map: RegisterMap; hash: string } };
  let loaded: ReturnType<typeof loadMap>;
  try {
    loaded = loadMap();
  } catch (error) {
    throw new HdlError('HDL_ARGUMENT', (error as Error).message, { cause: error });
  }
  const { map, hash } = loaded;
  const registers = map.blocks.flatMap(({ name: block, offset, layout }) =>
    registersOf(map, layout).map((each) => ({ ...each, block, address: offset + each.offset })),
  );
  const markdown = async () => {
    const { toMarkdown } = (await load(MARKDOWN)) as {
      toMarkdown(map: RegisterMap, hash: string): string;
    };
    return toMarkdown(map, hash);
  };
  return { map, hash, registers: registers.sort((a, b) => a.address - b.address), markdown };
}

/** Registers of a layout; to one that it includes it may add fields. */
function registersOf(map: RegisterMap, name: string): RegisterDescription[] {
  const { includes, registers = [] } = map.layouts[name] ?? {};
  const included = includes === undefined ? [] : registersOf(map, includes);
  const own = registers.map((each) => {
    const same = included.find((other) => other.name === each.name);
    return same ? { ...each, fields: [...same.fields, ...each.fields] } : each;
  });
  const names = new Set(own.map((each) => each.name));
  return [...included.filter((each) => !names.has(each.name)), ...own];
}

/** What a generator said. */
export interface Generated {
  /** Relative to the project. */
  readonly generator: string;
  /** Whether it ended well; with `check`, whether its files are up to date. */
  readonly isCurrent: boolean;
  /** Files that it wrote, or what is wrong. */
  readonly output: string;
}

/**
 * Runs all generators, hdl/<unit>/<description>/generate.js.
 *
 * @param check - compare only.
 * @throws {HdlError} `HDL_TARGET` when there is none.
 */
export async function runGenerators(
  root: string,
  { check, signal }: { readonly check: boolean; readonly signal?: AbortSignal | undefined },
): Promise<Generated[]> {
  const generators = findGenerators(root);
  if (generators.length === 0) {
    throw new HdlError('HDL_TARGET', `expected hdl/*/*/generate.js, got none in ${root}`);
  }
  const results: Generated[] = [];
  for (const generator of generators) {
    const args = [generator, ...(check ? ['--check'] : [])];
    const { exitCode, output } = await runProcess(process.execPath, args, { cwd: root, signal });
    results.push({ generator, isCurrent: exitCode === 0, output: output.trim() });
  }
  return results;
}

function findGenerators(root: string): string[] {
  const folders = (path: string) =>
    existsSync(join(root, path))
      ? readdirSync(join(root, path), { withFileTypes: true })
          .filter((entry) => entry.isDirectory())
          .map((entry) => `${path}/${entry.name}`)
          .sort()
      : [];
  return folders('hdl')
    .flatMap(folders)
    .map((folder) => `${folder}/generate.js`)
    .filter((path) => existsSync(join(root, path)));
}
