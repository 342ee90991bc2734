// SPDX-License-Identifier: Apache-2.0
/** Builds a module into a shared library, or finds the one built before from the same things. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { compileModel } from './compile.ts';
import type { ModuleDescription } from './description.ts';
import { TestbenchError } from './errors.ts';
import { writeEvaluation } from './evaluation.ts';
import { withLock } from './lock.ts';
import { findMembers } from './members.ts';
import { ownCode } from './own-code.ts';
import { projectRoot, sourceArguments } from './project.ts';
import { buildRuntime } from './runtime.ts';
import { runTool } from './tool.ts';
import { type BuildKind, findToolchain, type Toolchain } from './toolchain.ts';
import { describeModule, runVerilator } from './verilator.ts';

/** A parameter's value: strings are Verilog strings, bigints any width. */
export type ParameterValue = number | bigint | boolean | string;

export interface BuildOptions {
  /** Parameters of the top module that differ from its defaults. */
  readonly parameters?: Readonly<Record<string, ParameterValue>>;
  /** `fast` unless given. */
  readonly kind?: BuildKind;
  /** Name of the top module; the file's name unless given. */
  readonly top?: string;
  /** Further sources, and `.f` file lists, relative to the project. */
  readonly files?: readonly string[];
  /**
   * Internal signals to show besides those that the source marks: names, or paths that end in a name. Every signal
   * of that name, in all modules below the top, is kept and shown.
   */
  readonly signals?: readonly string[];
  /** Further arguments of verilator, for example `['--inline-mult', '5000']`. */
  readonly verilatorFlags?: readonly string[];
  /** Optimization of the C++ compiler; `['-O2']` unless given. A big, long-running model gains by -O3. */
  readonly compilerFlags?: readonly string[];
  /** Project folder; found from the working directory unless given. */
  readonly root?: string;
}

/** When a model was built; ms since 1970. */
export interface BuildTimes {
  readonly start: number;
  /** Verilator is done. */
  readonly verilated: number;
  /** The library is there. */
  readonly end: number;
}

export interface BuiltModel {
  /** Absolute path of the shared library. Its name changes with its contents. */
  readonly library: string;
  readonly description: ModuleDescription;
  readonly times: BuildTimes;
  /** False when it was there already. */
  readonly isFresh: boolean;
}

interface Dependency {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly hash: string;
}

interface Manifest {
  readonly library: string;
  readonly description: ModuleDescription;
  readonly times: BuildTimes;
  readonly dependencies: readonly Dependency[];
  readonly listing: string;
}

/**
 * Builds a module: half a second for a small one, milliseconds when nothing changed.
 *
 * The cache key is the content of all sources read (includes and file lists too), the parameters, the
 * flags, the versions of Verilator and compiler, the processor, and what this library makes of it all. Built models
 * are in `build/sim`.
 *
 * @param file - the module's file, relative to the project; its name is the module's name.
 * @param signal - gives the build up, and ends the tools that are at it.
 * @throws {TestbenchError} `TESTBENCH_BUILD`, with file and line of each complaint.
 */
export async function buildModel(
  file: string,
  options: BuildOptions = {},
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<BuiltModel> {
  const root = options.root ?? projectRoot();
  const toolchain = await findToolchain();
  const plan = await makePlan(root, file, options, toolchain);
  const model = await findOrBuild(plan, toolchain, signal);
  checkSignals(model.description, options.signals ?? []);
  return model;
}

/** The model that {@link buildModel} would give, if it need not be built. */
export async function findModel(
  file: string,
  options: BuildOptions = {},
): Promise<BuiltModel | undefined> {
  const root = options.root ?? projectRoot();
  const toolchain = await findToolchain();
  const found = await readManifest(await makePlan(root, file, options, toolchain));
  return found && { ...found, isFresh: false };
}

async function findOrBuild(
  plan: Plan,
  toolchain: Toolchain,
  signal: AbortSignal | undefined,
): Promise<BuiltModel> {
  const current = await readManifest(plan);
  if (current) return { ...current, isFresh: false };
  return withLock(join(plan.dir, 'lock'), async () => {
    // Another process may have built it while this one waited.
    const built = await readManifest(plan);
    if (built) return { ...built, isFresh: false };
    return { ...(await build(plan, toolchain, signal)), isFresh: true };
  });
}

/** Keeps functions that are declared without `inline` apart. */
const KEEP_FUNCTIONS = [
  '-fno-inline-small-functions',
  '-fno-inline-functions',
  '-fno-inline-functions-called-once',
  '-fno-partial-inlining',
];

interface Plan {
  readonly root: string;
  readonly module: string;
  readonly kind: BuildKind;
  /** Verilator's configuration that marks the signals named in the options. */
  readonly marks: { readonly path: string; readonly text: string } | undefined;
  readonly lists: readonly string[];
  readonly folders: readonly string[];
  readonly sourceArgs: readonly string[];
  readonly verilatorArgs: readonly string[];
  readonly compilerFlags: readonly string[];
  readonly buildDir: string;
  /** Folder of this module with these parameters and flags. */
  readonly dir: string;
}

async function makePlan(
  root: string,
  file: string,
  options: BuildOptions,
  toolchain: Toolchain,
): Promise<Plan> {
  const module = options.top ?? basename(file).replace(/\.s?v$/, '');
  const kind = options.kind ?? 'fast';
  const { args, folders, lists } = sourceArguments(root, file, options.files);
  const parameters = Object.entries(options.parameters ?? {}).map(
    ([name, value]) => `-G${name}=${formatParameter(value)}`,
  );
  // Warnings are `make lint`'s business; a build stops at errors, and at $error of an illegal parameter.
  const warnings = ['-Wno-fatal', '-Werror-USERERROR', '-Werror-USERFATAL'];
  const marks = markSignals(options.signals ?? []);
  const buildDir = join(root, 'build/sim');
  const marksFile = marks === '' ? [] : [join(buildDir, `signals-${hashText(marks)}.vlt`)];
  const sourceArgs = ['--top-module', module, ...warnings, ...parameters, ...marksFile, ...args];
  const verilatorArgs = [
    '--cc',
    '-O3',
    '--assert',
    '--x-assign',
    'fast',
    // Registers that no reset reaches start at random instead of at a lucky zero.
    '--x-initial',
    'unique',
    ...(kind === 'waves' ? ['--trace-fst', '--trace-structs'] : []),
    ...(kind === 'coverage' ? ['--coverage'] : []),
    // A function for each block, its line in the name: hpb hdl profile.
    ...(process.env.HPB_PROFILE ? ['--prof-cfuncs'] : []),
    ...(options.verilatorFlags ?? []),
  ];
  const compilerFlags = [
    ...(options.compilerFlags ?? ['-O2']),
    ...(process.env.HPB_PROFILE ? KEEP_FUNCTIONS : []),
  ];
  const key = createHash('sha256')
    .update(JSON.stringify([file, sourceArgs, verilatorArgs, compilerFlags]))
    .update(JSON.stringify([kind, toolchain.identity, toolchain.compileFlags(kind)]))
    .update(JSON.stringify(await ownCode()))
    .digest('hex')
    .slice(0, 16);
  return {
    root,
    module,
    kind,
    marks: marks === '' ? undefined : { path: marksFile[0] ?? '', text: marks },
    lists,
    folders,
    sourceArgs,
    verilatorArgs,
    compilerFlags,
    buildDir,
    dir: join(buildDir, module, `${kind}-${key}`),
  };
}

/**
 * Marks signals by their own names: Verilator's configuration goes by module and name, and which module is at
 * which path is not known before it has read the sources.
 */
function markSignals(signals: readonly string[]): string {
  const names = new Set(signals.map((path) => path.split('.').at(-1) ?? path));
  if (names.size === 0) return '';
  const lines = [...names].sort().map((name) => {
    if (!/^[a-zA-Z_][\w$]*$/.test(name)) {
      throw new TestbenchError(
        'TESTBENCH_ARGUMENT',
        `signals: expected the path of a signal, without index, got ${name}`,
      );
    }
    return `public_flat_rd -module "*" -var "${name}"\n`;
  });
  return `\`verilator_config\n${lines.join('')}`;
}

function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** @throws {TestbenchError} `TESTBENCH_ARGUMENT` when one of the paths is not among the module's signals. */
function checkSignals(description: ModuleDescription, wanted: readonly string[]): void {
  const names = description.signals.map(({ name }) => name);
  for (const path of wanted) {
    if (names.some((name) => name === path || name.endsWith(`.${path}`))) continue;
    const own = path.split('.').at(-1);
    const near = names.filter((name) => name.split('.').at(-1) === own).slice(0, 8);
    throw new TestbenchError(
      'TESTBENCH_ARGUMENT',
      `${description.name} has no signal ${path}; it has ${near.join(', ') || 'none of that name'}`,
    );
  }
}

/** A value as Verilator wants it behind `-G<name>=`; yosys reads the same. */
export function formatParameter(value: ParameterValue): string {
  if (typeof value === 'string') return `"${value}"`;
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (value >= -(2 ** 31) && value < 2 ** 31) return String(value);
  const width = BigInt(value).toString(2).length;
  return `${width}'h${BigInt(value).toString(16)}`;
}

async function build(
  plan: Plan,
  toolchain: Toolchain,
  signal: AbortSignal | undefined,
): Promise<Manifest> {
  const { root, dir, kind, module, buildDir } = plan;
  const start = Date.now();
  const work = join(dir, 'cpp');
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  // Before Verilator reads: a file that is new afterwards shows.
  const listing = await hashListing(plan);
  const [description, runtime] = await verilate(plan, toolchain, work, signal);
  const verilated = Date.now();
  const linked = join(work, 'model.so');
  const objects = await compileModel({
    toolchain,
    kind,
    work,
    objects: join(dir, 'objects'),
    buildDir,
    optimization: plan.compilerFlags,
    hasSignals: description.signals.length > 0,
    purpose: `compile ${module}`,
    signal,
  });
  const libraries = [...(kind === 'waves' ? toolchain.waveLibraries : []), '-pthread'];
  await runTool(
    toolchain.compiler.at(-1) ?? 'g++',
    ['-shared', '-Wl,-Bsymbolic', ...objects, runtime, ...libraries, '-o', linked],
    { cwd: work, purpose: `link ${module}`, signal },
  );

  // A new name for new contents: a process that still has the old one loaded is not disturbed.
  const contents = createHash('sha256')
    .update(await readFile(linked))
    .digest('hex')
    .slice(0, 12);
  const library = join(dir, `${module}-${contents}.so`);
  await rename(linked, library);
  const manifest: Manifest = {
    library,
    description,
    times: { start, verilated, end: Date.now() },
    dependencies: await Promise.all(
      [...new Set([...description.files, ...plan.lists])]
        .filter((path) => path !== plan.marks?.path)
        .map((path) => readDependency(root, path, start)),
    ),
    listing,
  };
  await writeFile(join(dir, 'manifest.tmp'), JSON.stringify(manifest));
  await rename(join(dir, 'manifest.tmp'), join(dir, 'manifest.json'));
  await removeOthers(dir, library);
  return manifest;
}

/** Lets Verilator write the model's C++, and adds what the wrapper wants to know; finds the runtime meanwhile. */
async function verilate(
  plan: Plan,
  toolchain: Toolchain,
  work: string,
  signal: AbortSignal | undefined,
): Promise<[ModuleDescription, runtime: string]> {
  const { verilator } = toolchain;
  const tool = { cwd: plan.root, purpose: `build ${plan.module}`, signal };
  if (plan.marks) await writeFile(plan.marks.path, plan.marks.text);
  const args = [...plan.verilatorArgs, '--prefix', 'Vdut', '--Mdir', work, ...plan.sourceArgs];
  // All three run at once; wait for all, so that none is left working after an error.
  const [verilated, described, runtime] = await Promise.allSettled([
    runVerilator(verilator, args, tool),
    describeModule(verilator, plan.sourceArgs, tool),
    buildRuntime(toolchain, plan.kind, plan.buildDir),
  ]);
  if (verilated.status === 'rejected') throw verilated.reason;
  if (described.status === 'rejected') throw described.reason;
  if (runtime.status === 'rejected') throw runtime.reason;
  const description = described.value;
  const members = await findMembers(work, description);
  await writeFile(join(work, 'ports.inc'), members.ports);
  await writeFile(join(work, 'signals.inc'), members.signals);
  await writeEvaluation(work, plan.kind);
  return [description, runtime.value];
}

/** The manifest of a finished build, if it is still true. */
async function readManifest(plan: Plan): Promise<Manifest | undefined> {
  const text = await readFile(join(plan.dir, 'manifest.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const manifest = JSON.parse(text) as Manifest;
  const checks = await Promise.all([
    stat(manifest.library).then(
      () => true,
      () => false,
    ),
    hashListing(plan).then((listing) => listing === manifest.listing),
    ...manifest.dependencies.map((dependency) => isUnchanged(plan.root, dependency)),
  ]);
  return checks.every(Boolean) ? manifest : undefined;
}

/** One saved since the build began may be newer than what was built: it counts as changed. */
async function readDependency(root: string, path: string, start: number): Promise<Dependency> {
  const absolute = resolve(root, path);
  const [{ size, mtimeMs }, hash] = await Promise.all([stat(absolute), hashFile(absolute)]);
  return mtimeMs >= start + 1
    ? { path, size: -1, mtimeMs: -1, hash: '' }
    : { path, size, mtimeMs, hash };
}

async function isUnchanged(root: string, dependency: Dependency): Promise<boolean> {
  const absolute = resolve(root, dependency.path);
  const found = await stat(absolute).catch(() => undefined);
  if (!found) return false;
  if (found.size === dependency.size && found.mtimeMs === dependency.mtimeMs) return true;
  return (await hashFile(absolute)) === dependency.hash;
}

async function hashFile(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

/** The names of all sources that a module could be found in: a new file may come before an old one. */
async function hashListing({ root, folders }: Plan): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of folders) {
    const names = await readdir(resolve(root, folder)).catch(() => []);
    hash.update(folder).update(
      names
        .filter((name) => /\.(s?vh?|f)$/.test(name))
        .sort()
        .join(),
    );
  }
  return hash.digest('hex');
}

async function removeOthers(dir: string, library: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (name.endsWith('.so') && join(dir, name) !== library) await rm(join(dir, name));
  }
}
