// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { configSchema, fromFolder, type NodeConfig, parseText, SETTINGS } from './settings.ts';

/** What is wrong with the configuration; the message names the key, and where its value came from. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** Such as `api.port`; empty for the whole. */
  readonly key: string;

  constructor(key: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.key = key;
  }
}

/** Where configuration comes from; later ones override earlier ones. */
export interface ConfigSources {
  /** A JSON file. */
  readonly file?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Values of flags, by key. */
  readonly flags: Readonly<Record<string, unknown>>;
}

interface Tree {
  [key: string]: unknown;
}

/**
 * The configuration of a node: of a file, then the environment (`HPB_*`), then flags.
 *
 * @throws {ConfigError} for the first thing that is wrong.
 * @example
 * readConfig({ file: 'node.json', environment: process.env, flags: { 'api.port': 8481 } });
 */
export function readConfig({ file, environment, flags }: ConfigSources): NodeConfig {
  const tree: Tree = file === undefined ? {} : readFile(file);
  const origins = new Map<string, string>();
  for (const { key, variable, flag, form } of SETTINGS) {
    if (file !== undefined) {
      const found = get(tree, key);
      if (found !== undefined)
        set(tree, key, fromFolder(found, form, dirname(resolve(file))), file);
    }
    const text = environment[variable];
    if (text !== undefined) {
      set(tree, key, parseText(text, form), variable);
      origins.set(key, variable);
    }
    const given = flags[key];
    if (given !== undefined) {
      const [name = ''] = flag.split(' ');
      set(tree, key, typeof given === 'string' ? parseText(given, form) : given, name);
      origins.set(key, name);
    }
  }
  const result = configSchema.safeParse(tree);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = [...(issue?.path ?? [])].map(String);
  if (issue?.code === 'unrecognized_keys') path.push(issue.keys[0]!);
  const key = path.join('.');
  const known = [...origins].find(([of]) => key === of || key.startsWith(`${of}.`));
  const origin = known ? ` (${known[1]})` : missingOrigin(key, get(tree, key), file);
  throw new ConfigError(
    key,
    `${key}${origin}: ${issue?.message ?? 'malformed'}`.replace(/^: /, ''),
  );
}

/** Where a value that is not from a variable or a flag should be, or is. */
function missingOrigin(key: string, value: unknown, file: string | undefined): string {
  if (value !== undefined) return file === undefined ? '' : ` (${file})`;
  const setting = SETTINGS.find((each) => each.key === key);
  if (!setting) return '';
  return ` (${setting.flag.split(' ')[0]} or ${setting.variable})`;
}

function readFile(file: string): Tree {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ConfigError('', `${file}: ${(error as Error).message}`, { cause: error });
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new ConfigError('', `${file}: expected an object`);
  }
  return json as Tree;
}

function get(tree: Tree, key: string): unknown {
  let at: unknown = tree;
  for (const name of key.split('.')) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Tree)[name];
  }
  return at;
}

/** @throws {ConfigError} where a value stands in the way. */
function set(tree: Tree, key: string, value: unknown, origin: string): void {
  const names = key.split('.');
  const last = names.pop()!;
  let at = tree;
  for (const name of names) {
    at[name] ??= {};
    const next = at[name];
    if (typeof next !== 'object' || next === null) {
      throw new ConfigError(name, `${name}: expected an object for ${key} of ${origin}`);
    }
    at = next as Tree;
  }
  at[last] = value;
}
