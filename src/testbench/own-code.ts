// SPDX-License-Identifier: Apache-2.0
/** The parts of this library that decide what a model becomes: their text is part of every model's key. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectRoot } from './project.ts';
import { CPP_DIR } from './toolchain.ts';

/** Files beside this one. */
const CODE = ['build', 'compile', 'evaluation', 'members'];
/** Files of cpp. */
const CPP = ['model.cpp', 'prelude.h', 'print.h'];

let read: Promise<readonly string[]> | undefined;

/**
 * Reads them. In a checkout those are the sources, also for who runs them compiled: both are to find the same models.
 */
export function ownCode(): Promise<readonly string[]> {
  read ??= Promise.all([
    ...CODE.map(readCode),
    ...CPP.map((name) => readFile(join(CPP_DIR, name), 'utf8')),
  ]);
  return read;
}

async function readCode(name: string): Promise<string> {
  const here = dirname(fileURLToPath(import.meta.url));
  const root = projectRoot(here);
  const source = join(root, 'src/testbench', `${name}.ts`);
  return readFile(source, 'utf8').catch(() => readFile(join(here, `${name}.js`), 'utf8'));
}
