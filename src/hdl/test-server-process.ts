// SPDX-License-Identifier: Apache-2.0
// A program: Vitest of a project, started once, that runs test files when it is asked to. See test-server.ts.
//
// Arguments: the project's folder. Requests and answers go by the channel that node opens for a child process.

import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import type { TestCase, TestModule, Vitest } from 'vitest/node';
import type { TestFileResult, TestResult } from './run-tests.ts';
import type { ServerAnswer, ServerRequest } from './test-server.ts';

const root = process.argv[2] ?? process.cwd();

/** What Vitest and its workers print. Several write to it, and each would end it. */
class Printed extends Writable {
  #text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#text += chunk.toString();
    done();
  }

  override end(): this {
    return this;
  }

  take(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }
}

const printed = new Printed();
/** When the first test of the current run had a result; ms since 1970. */
let firstAt: number | null = null;

async function start(): Promise<Vitest> {
  const path = createRequire(join(root, 'package.json')).resolve('vitest/node');
  const { createVitest, version } = (await import(
    pathToFileURL(path).href
  )) as typeof import('vitest/node');
  if (Number.parseInt(version, 10) < 4) throw new Error(`expected Vitest 4, got ${version}`);
  const onTestCaseResult = (test: TestCase) => {
    if (test.result().state !== 'skipped') firstAt ??= Date.now();
  };
  const vitest = await createVitest(
    'test',
    { root, watch: false, reporters: ['default', { onTestCaseResult }] },
    {},
    {
      stdout: printed as unknown as NodeJS.WriteStream,
      stderr: printed as unknown as NodeJS.WriteStream,
    },
  );
  await vitest.standalone();
  return vitest;
}

function specificationsOf(vitest: Vitest, file: string) {
  const path = join(root, file);
  return vitest.projects
    .filter((project) => project.matchesTestGlob(path))
    .map((project) => project.createSpecification(path));
}

/** Loads test files without running a test: what they import has been read and translated then. */
async function warm(vitest: Vitest, files: readonly string[]): Promise<void> {
  await vitest.collectTests(files.flatMap((file) => specificationsOf(vitest, file)));
  printed.take();
}

async function run(vitest: Vitest, file: string, changed: readonly string[]) {
  for (const path of changed) vitest.invalidateFile(join(root, path));
  const specifications = specificationsOf(vitest, file);
  if (specifications.length === 0) {
    throw new Error(`${file}: expected a file that Vitest's configuration includes`);
  }
  printed.take();
  firstAt = null;
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
  // What workers have printed last is on its way.
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  const files = testModules
    .filter(({ moduleId }) => moduleId === join(root, file))
    .map((module) => resultOf(module, unhandledErrors.length));
  return { files, output: printed.take(), firstAt };
}

function resultOf(module: TestModule, errors: number): TestFileResult {
  const tests = [...module.children.allTests()].map((test): TestResult => {
    const { state } = test.result();
    return {
      name: test.fullName.replaceAll(' > ', ' '),
      state: state === 'pending' ? 'skipped' : state,
      ms: test.diagnostic()?.duration ?? 0,
    };
  });
  const count = (wanted: string) => tests.filter(({ state }) => state === wanted).length;
  const failed = count('failed');
  // A file that does not load has no tests, and has failed; so has one with errors outside of any.
  const isBroken = failed === 0 && (module.state() === 'failed' || errors > 0);
  return {
    file: relative(root, module.moduleId),
    passed: count('passed'),
    failed: failed + (isBroken ? 1 : 0),
    tests,
  };
}

function answer(message: ServerAnswer): void {
  process.send?.(message);
}

// Whoever started it has gone.
process.on('disconnect', () => process.exit());

const vitest = start();
// One after the other: the second of two runs waits for the first anyway.
let last: Promise<unknown> = vitest.catch(() => {});
process.on('message', (request: ServerRequest) => {
  last = last.then(async () => {
    const { id } = request;
    try {
      if ('warm' in request) {
        await warm(await vitest, request.warm);
        answer({ id });
      } else {
        answer({ id, run: await run(await vitest, request.run, request.changed) });
      }
    } catch (error) {
      answer({ id, error: (error as Error).message });
    }
  });
});
