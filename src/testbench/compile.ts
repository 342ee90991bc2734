// SPDX-License-Identifier: Apache-2.0
/**
 * Compiles what `verilator --cc` has written, and the wrapper around it.
 *
 * A small model is one unit for the compiler; it begins with a header that is compiled already. Its object, and the
 * wrapper's, are kept under names made of all texts they consist of: what a change of the Verilog does not reach is
 * not compiled again. A model that Verilator has split is a big one: make compiles its parts beside each other,
 * through ccache where that is installed.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { preparePrelude } from './prelude.ts';
import { runTool } from './tool.ts';
import { type BuildKind, CPP_DIR, type Toolchain } from './toolchain.ts';

/** Objects of one name that are kept, the newest. */
const KEPT = 4;
/** A small model's sources, as the compiler reads them. */
const UNIT = 'Vdut__ALL.cpp';

export interface Compilation {
  readonly toolchain: Toolchain;
  readonly kind: BuildKind;
  /** Folder with what Verilator has written, ports.inc, signals.inc and evaluation.inc; absolute. */
  readonly work: string;
  /** Folder for this model's objects; absolute. */
  readonly objects: string;
  /** Folder for built things of all models; absolute. */
  readonly buildDir: string;
  /** Flags of the compiler besides those of the toolchain. */
  readonly optimization: readonly string[];
  /** Whether signals.inc names any. */
  readonly hasSignals: boolean;
  /** For errors: "compile axis_fifo". */
  readonly purpose: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * Compiles both.
 *
 * @returns absolute paths of what is to be linked: the wrapper's object, the model's object or library.
 * @throws {TestbenchError} `TESTBENCH_BUILD`.
 */
export async function compileModel(compilation: Compilation): Promise<[string, string]> {
  const { toolchain, kind, work, optimization, hasSignals } = compilation;
  const flags = [...toolchain.compileFlags(kind), ...optimization];
  const texts = await readTexts(work);
  const isSmall = !(await isSplit(work));
  if (isSmall) await writeUnit(work, texts);
  // Of a big model the parts take long, whatever they begin with.
  const prelude = isSmall ? await preparePrelude(toolchain, flags, compilation.buildDir) : [];
  const wrapper = compileObject(compilation, 'wrapper', {
    source: join(CPP_DIR, 'model.cpp'),
    flags: [...prelude, ...flags, ...(hasSignals ? ['-DHPB_TB_SIGNALS'] : [])],
    texts: includedBy(
      [
        'Vdut.h',
        'ports.inc',
        'evaluation.inc',
        ...(hasSignals ? ['signals.inc', 'Vdut__Syms.h'] : []),
      ],
      texts,
    ),
  });
  const model = isSmall
    ? compileObject(compilation, 'model', {
        source: UNIT,
        flags: [...prelude, ...flags],
        texts: [...texts].flat(),
      })
    : makeLibrary(compilation, flags);
  return both(wrapper, model);
}

/** Waits for both, so that none is left working after an error. */
async function both<T>(first: Promise<T>, second: Promise<T>): Promise<[T, T]> {
  await Promise.allSettled([first, second]);
  return [await first, await second];
}

async function writeUnit(work: string, texts: ReadonlyMap<string, string>): Promise<void> {
  const sources = [...texts.keys()].filter((name) => name.endsWith('.cpp'));
  const lines = ['#define VL_INCLUDE_OPT include', ...sources.map((name) => `#include "${name}"`)];
  await writeFile(join(work, UNIT), `${lines.join('\n')}\n`);
}

/** What the compiler reads of a folder, by name. */
async function readTexts(work: string): Promise<Map<string, string>> {
  const names = (await readdir(work)).filter((name) => /\.(cpp|h|inc)$/.test(name)).sort();
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, await readFile(join(work, name), 'utf8')] as const),
    ),
  );
}

/** Whether Verilator asks for each of its files to be compiled by itself: there is much in them. */
async function isSplit(work: string): Promise<boolean> {
  const list = await readFile(join(work, 'Vdut_classes.mk'), 'utf8').catch(() => '');
  return !/^VM_PARALLEL_BUILDS = 0$/m.test(list);
}

/** Names and texts of files and of all that they include, as far as Verilator has written it. */
function includedBy(names: readonly string[], texts: ReadonlyMap<string, string>): string[] {
  const found = new Map<string, string>();
  const visit = (name: string) => {
    const text = texts.get(name);
    if (text === undefined || found.has(name)) return;
    found.set(name, text);
    for (const [, included = ''] of text.matchAll(/^#\s*include "([^"]+)"/gm)) visit(included);
  };
  for (const name of names) visit(name);
  return [...found].flat();
}

interface Unit {
  /** Absolute, or relative to the working folder. */
  readonly source: string;
  readonly flags: readonly string[];
  /** All that decides what comes out, besides flags, compiler and the library's own sources. */
  readonly texts: readonly string[];
}

/** Compiles a source, unless its object is kept from an earlier build. */
async function compileObject(
  { toolchain, work, objects, purpose, signal }: Compilation,
  name: string,
  { source, flags, texts }: Unit,
): Promise<string> {
  const own = await Promise.all(
    ['model.cpp', 'print.h', 'prelude.h'].map((file) => readFile(join(CPP_DIR, file), 'utf8')),
  );
  const key = createHash('sha256')
    .update(JSON.stringify([toolchain.identity, flags, own, texts]))
    .digest('hex')
    .slice(0, 16);
  const object = join(objects, `${name}-${key}.o`);
  const now = new Date();
  const isKept = await utimes(object, now, now).then(
    () => true,
    () => false,
  );
  if (isKept) return object;
  await mkdir(objects, { recursive: true });
  const made = join(work, `${name}.o`);
  await runTool(toolchain.compiler.at(-1) ?? 'g++', [...flags, '-I.', '-c', source, '-o', made], {
    cwd: work,
    purpose,
    signal,
  });
  await rename(made, object);
  await keepNewest(objects, `${name}-`);
  return object;
}

async function keepNewest(folder: string, prefix: string): Promise<void> {
  const paths = (await readdir(folder))
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(folder, name));
  const dated = await Promise.all(
    paths.map(async (path) => ({ path, time: (await stat(path)).mtimeMs })),
  );
  const old = dated.sort((a, b) => b.time - a.time).slice(KEPT);
  await Promise.all(old.map(({ path }) => rm(path, { force: true })));
}

/** A model of many files, by Verilator's own makefile. */
async function makeLibrary(
  { toolchain, work, purpose, signal }: Compilation,
  flags: readonly string[],
): Promise<string> {
  await runTool(
    'make',
    [
      '-j',
      String(availableParallelism()),
      '-f',
      'Vdut.mk',
      'Vdut__ALL.a',
      `CXX=${toolchain.compiler.at(-1) ?? 'g++'}`,
      `OBJCACHE=${toolchain.hasCcache ? 'ccache' : ''}`,
      `CXXFLAGS=${flags.join(' ')}`,
      // Verilator's own levels; CXXFLAGS has ours.
      'OPT_FAST=',
      'OPT_SLOW=-O1',
      'OPT_GLOBAL=',
    ],
    { cwd: work, purpose, signal },
  );
  return join(work, 'Vdut__ALL.a');
}
