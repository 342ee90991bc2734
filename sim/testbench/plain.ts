// SPDX-License-Identifier: Apache-2.0
/** A plain C++ program around a module, with the compiler and the flags that the testbench uses. */
import { spawn } from 'node:child_process';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { buildModel } from '../../src/testbench/index.ts';
import { projectRoot } from '../../src/testbench/project.ts';
import { findToolchain } from '../../src/testbench/toolchain.ts';

/** The program, running; it waits between its turns. */
export interface Plain {
  /** Runs the loop for `warm` cycles, then timed. @returns ms. */
  run(warm: number, cycles: number): Promise<number>;
  close(): void;
}

/** The C++ of five writes of the number i, and the expression of two reads. */
export interface PlainBody {
  readonly write: string;
  readonly read: string;
}

/** Builds and starts plain.cpp against the model that the testbench has built of the same module. */
export async function startPlain(file: string, { write, read }: PlainBody): Promise<Plain> {
  const root = projectRoot();
  const { library } = await buildModel(file);
  const toolchain = await findToolchain();
  const work = join(dirname(library), 'cpp');
  const runtimes = join(root, 'build/sim/runtime');
  const runtime = await newest(runtimes, /^verilated-fast-.*\.a$/);
  const program = join(root, 'build/sim/plain', basename(file, '.sv'));
  await mkdir(dirname(program), { recursive: true });
  const [compiler = 'g++', ...args] = toolchain.compiler;
  const body = [`-DWRITE(i)=${write}`, `-DREAD=${read}`];
  const flags = [...toolchain.compileFlags('fast'), '-O2', `-I${work}`, ...body];
  const source = join(root, 'sim/testbench/plain.cpp');
  await execa(compiler, [...args, ...flags, '-c', source, '-o', `${program}.o`]);
  const model = await newest(join(dirname(library), 'objects'), /^model-.*\.o$/);
  const objects = [`${program}.o`, model, runtime];
  await execa(args.at(-1) ?? compiler, [...objects, '-pthread', '-o', program]);
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async run(warm, cycles) {
      child.stdin.write(`${warm} ${cycles}\n`);
      const { value, done } = await lines.next();
      const ns = Number(String(value).split(' ')[0]);
      if (done || !(ns > 0)) throw new Error(`${program}: expected nanoseconds, got ${value}`);
      return ns / 1e6;
    },
    close: () => child.stdin.end(),
  };
}

async function newest(folder: string, name: RegExp): Promise<string> {
  const paths = (await readdir(folder)).filter((file) => name.test(file));
  const dated = await Promise.all(
    paths.map(async (path) => ({ path, time: (await stat(join(folder, path))).mtimeMs })),
  );
  const [last] = dated.sort((a, b) => b.time - a.time);
  if (!last) throw new Error(`expected a file ${name} in ${folder}, got none`);
  return join(folder, last.path);
}
