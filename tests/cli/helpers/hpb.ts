// SPDX-License-Identifier: Apache-2.0

import { join } from 'node:path';
import { execa, type Options } from 'execa';
import { packageRoot } from '../../../src/driver/paths.ts';

/** The command, as the package installs it. */
export const HPB = join(packageRoot(), 'src/cli/hpb.js');

/** Starts `hpb`; never throws, the test looks at the exit code. */
export function hpb<O extends Options>(args: readonly string[], options?: O) {
  return execa(process.execPath, [HPB, ...args], {
    reject: false,
    stripFinalNewline: false,
    ...options,
  } as O & { reject: false; stripFinalNewline: false });
}

/** One line of output. */
export interface Answer {
  readonly id: string | number | null;
  readonly valid?: boolean;
  readonly reason?: string;
  readonly publicKey?: string;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Lines of JSON. */
export function parseLines(text: string): Answer[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** Asks about some lines: objects, or text as it is. */
export async function ask(lines: readonly unknown[], args: readonly string[] = []) {
  const input = lines.map((l) => `${typeof l === 'string' ? l : JSON.stringify(l)}\n`).join('');
  const { stdout, stderr, exitCode } = await hpb(['verify', '--accel', 'native', ...args], {
    input,
  });
  return { answers: parseLines(String(stdout)), stderr: String(stderr), exitCode };
}
