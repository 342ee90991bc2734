// SPDX-License-Identifier: Apache-2.0
// TypeScript declarations of modules: of one, or of all that a project's tests simulate.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { ModuleDescription, ParameterDescription } from '../testbench/index.ts';
import { generateTypings } from '../testbench/index.ts';
import { writeTypings } from '../testbench/typings.ts';
import { describeModule, findVerilator } from '../testbench/verilator.ts';
import { parameterArguments, readConstant } from './parameters.ts';
import { readSource } from './source-index.ts';
import { type Target, unitFiles } from './target.ts';
import { SOURCE_FILE } from './verilog-text.ts';

/** What other projects import. */
const PUBLIC_SPECIFIER = 'hpb-accel/testbench';

/**
 * Ports and parameters of a module, elaborated with the target's parameters.
 *
 * @throws {TestbenchError} `TESTBENCH_BUILD` with the complaints of Verilator.
 */
export async function describeTarget(target: Target): Promise<ModuleDescription> {
  const { root, top, file, parameters, sources } = target;
  const args = [
    '--top-module',
    top,
    '-Wno-fatal',
    '-Werror-USERERROR',
    '-Werror-USERFATAL',
    ...parameterArguments(parameters),
  ];
  return describeModule(await findVerilator(), [...args, ...sources.verilator], {
    cwd: root,
    purpose: `read ${file}`,
  });
}

/**
 * Declarations of modules for one file: their ports, by which `simulate()` knows them, and an interface
 * for the parameters of each.
 *
 * @param specifier - module whose `Modules` the declarations extend.
 */
export function declareModules(
  modules: readonly { readonly target: Target; readonly description: ModuleDescription }[],
  specifier: string = PUBLIC_SPECIFIER,
): string {
  const typed = modules.map(({ target: { root, file }, description }) => ({
    file,
    description,
    source: readFileSync(join(root, file), 'utf8'),
  }));
  const parameters = modules.map(({ target, description }) =>
    declareParameters(target, description),
  );
  return `${writeTypings(specifier, typed)}${parameters.join('')}`;
}

function declareParameters({ top }: Target, { parameters }: ModuleDescription): string {
  const own = parameters.filter(({ isLocal }) => !isLocal);
  if (own.length === 0) return '';
  const name = top.replace(/(?:^|_+)([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const lines = own.map(declareParameter);
  return (
    `\n/** Parameters of ${top}, as \`simulate()\` takes them. */\n` +
    `export interface ${name}Parameters {\n${lines.join('')}}\n`
  );
}

function declareParameter({ name, value }: ParameterDescription): string {
  const number = readConstant(value);
  const type = number === undefined && value.includes('"') ? 'string' : 'number | bigint | boolean';
  const shown = (number === undefined ? value : String(number)).replaceAll('*/', '* /');
  return `  /** ${shown} by default */\n  readonly ${name}?: ${type};\n`;
}

/**
 * Writes build/types/modules.d.ts, the declarations of all modules that the project's tests simulate: of
 * hdl/, and of tests/<subject>/hdl.
 *
 * @returns for each module that Verilator refuses, what it says; such a module has no declarations.
 */
export async function writeProjectTypings(root: string): Promise<string[]> {
  const units = unitFiles(root).map((path) => relative(root, path));
  const isOwn = existsSync(join(root, 'src/testbench/index.ts'));
  return generateTypings({
    root,
    files: [...units, ...testModules(root)],
    specifier: isOwn ? '../../src/testbench/index.ts' : PUBLIC_SPECIFIER,
  });
}

/** Modules that tests bring along. */
function testModules(root: string): string[] {
  const tests = join(root, 'tests');
  if (!existsSync(tests)) return [];
  return readdirSync(tests)
    .map((subject) => `tests/${subject}/hdl`)
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
    .filter((path) => SOURCE_FILE.test(path) && readSource(join(root, path)).modules.length > 0);
}
