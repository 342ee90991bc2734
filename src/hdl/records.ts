// SPDX-License-Identifier: Apache-2.0
// What the simulations of a run left behind: src/testbench/record.ts writes it.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedSimulation } from '../testbench/record.ts';

let folders = 0;

/** Runs something that runs simulations, in other processes. */
export async function withRecords<T>(
  root: string,
  body: (env: Record<string, string>, folder: string) => Promise<T>,
): Promise<{ readonly result: T; readonly simulations: readonly RecordedSimulation[] }> {
  const folder = join(root, 'build/hdl', `record-${process.pid}-${folders++}`);
  mkdirSync(folder, { recursive: true });
  try {
    const result = await body({ HPB_RECORD: folder }, folder);
    return { result, simulations: readRecords(folder) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readRecords(folder: string): RecordedSimulation[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RecordedSimulation);
}
