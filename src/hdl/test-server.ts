// SPDX-License-Identifier: Apache-2.0
// Vitest of a project, kept ready: a test file runs at once, without what starting it and reading its imports costs.
//
// Each test file still has a process of its own, which begins anew. What Vitest read when it started, and what
// nobody tells it of, is noticed here: its configuration, and sources that the project compiles before its tests.

import { type ChildProcess, fork } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compiledUrl } from '../driver/paths.ts';
import { endGroup, endGroupWith } from '../testbench/process-group.ts';
import { HdlError } from './errors.ts';
import { findVitest, type TestFileResult, type TestRun } from './run-tests.ts';
import { SOURCE_FILE } from './verilog-text.ts';

export type ServerRequest = { readonly id: number } & (
  | { readonly warm: readonly string[] }
  | { readonly run: string; readonly changed: readonly string[] }
);

export interface ServerAnswer {
  readonly id: number;
  readonly run?: {
    readonly files: readonly TestFileResult[];
    readonly output: string;
    readonly firstAt: number | null;
  };
  readonly error?: string;
}

export interface ServedRun extends TestRun {
  /** When the first test had a result, ms since 1970; null when none had. */
  readonly firstAt: number | null;
}

/** Files of the project's folder that Vitest reads when it starts. */
const CONFIGURATION = /^(?:vite|vitest)\.(?:config|workspace)\.|^(?:package|tsconfig.*)\.json$/;
const PROCESS = fileURLToPath(compiledUrl(new URL('./test-server-process.ts', import.meta.url)));
/** Most of what the process itself prints that is kept, in characters. */
const MAX_TEXT = 20_000;

interface Started {
  readonly child: ChildProcess;
  readonly configuration: string;
  /** By their number, those who wait for an answer. */
  readonly waiting: Map<number, (answer: ServerAnswer | Error) => void>;
}

export class TestServer {
  readonly #root: string;
  #started: Started | undefined;
  #isClosed = false;
  #next = 0;

  constructor(root: string) {
    this.#root = root;
  }

  /**
   * Starts Vitest, unless it runs, and loads some test files without running them.
   *
   * @throws {HdlError} `HDL_TOOL` without Vitest; `HDL_FAILED` when it does not start.
   */
  async warm(files: readonly string[]): Promise<void> {
    await this.#ask({ warm: files });
  }

  /**
   * Runs a test file.
   *
   * @param file - relative to the project.
   * @param changed - files saved since the last run, relative to the project.
   * @param signal - ends the run, and Vitest with it; a new one is started.
   * @throws {HdlError} `HDL_TOOL` without Vitest; `HDL_FAILED` when it ends without a result, with what it printed.
   * @throws the signal's reason when it fired.
   */
  async run(
    file: string,
    changed: readonly string[],
    { signal }: { signal: AbortSignal },
  ): Promise<ServedRun> {
    signal.throwIfAborted();
    if (changed.some(isCompiled) || this.#started?.configuration !== this.#configuration()) {
      this.#end();
    }
    const answered = this.#ask({ run: file, changed });
    const started = this.#started;
    const stop = () => {
      endGroup(started?.child.pid);
      // Who asks before it has ended asks the next one.
      if (this.#started === started) this.#started = undefined;
    };
    signal.addEventListener('abort', stop);
    try {
      const { run } = await answered;
      if (!run) throw new HdlError('HDL_FAILED', 'the tests ended without a result');
      const sum = (key: 'passed' | 'failed') =>
        run.files.reduce((total, each) => total + each[key], 0);
      return { ...run, passed: sum('passed'), failed: sum('failed') };
    } catch (error) {
      if (signal.aborted && !this.#isClosed) this.#started ??= this.#start();
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** Ends Vitest and all that it runs, for good. */
  close(): void {
    this.#isClosed = true;
    this.#end();
  }

  #end(): void {
    endGroup(this.#started?.child.pid);
    this.#started = undefined;
  }

  async #ask(request: { warm: readonly string[] } | { run: string; changed: readonly string[] }) {
    if (this.#isClosed) throw new HdlError('HDL_FAILED', 'the tests have been ended');
    this.#started ??= this.#start();
    const { child, waiting } = this.#started;
    const id = this.#next++;
    const answer = await new Promise<ServerAnswer | Error>((resolve) => {
      waiting.set(id, resolve);
      child.send({ id, ...request }, (error) => error && resolve(error));
    });
    waiting.delete(id);
    if (answer instanceof Error) throw answer;
    if (answer.error !== undefined) {
      throw new HdlError('HDL_FAILED', `the tests ended without a result: ${answer.error}`);
    }
    return answer;
  }

  #start(): Started {
    findVitest(this.#root);
    const child = fork(PROCESS, [this.#root], {
      cwd: this.#root,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A group of its own: workers and compilers end with it.
      detached: true,
    });
    const started: Started = {
      child,
      configuration: this.#configuration(),
      waiting: new Map(),
    };
    let text = '';
    const keep = (data: Buffer) => {
      text = (text + data.toString()).slice(-MAX_TEXT);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('message', (answer: ServerAnswer) => started.waiting.get(answer.id)?.(answer));
    const ended = endGroupWith(child.pid, undefined);
    const end = () => {
      ended();
      // Its workers may not notice.
      endGroup(child.pid);
      if (this.#started === started) this.#started = undefined;
      const error = new HdlError(
        'HDL_FAILED',
        `the tests ended without a result: ${text.trim() || 'Vitest ended'}`,
      );
      for (const resolve of started.waiting.values()) resolve(error);
    };
    child.once('exit', end);
    child.once('error', end);
    return started;
  }

  /** Names and times of the files that Vitest reads when it starts. */
  #configuration(): string {
    const names = readdirSync(this.#root).filter((name) => CONFIGURATION.test(name));
    const dated = names.map((name) => {
      const stat = statSync(join(this.#root, name), { throwIfNoEntry: false });
      return [name, stat?.mtimeMs, stat?.size];
    });
    return JSON.stringify(dated);
  }
}

/** A file that a project may compile before its tests: with sources, not with tests; Verilog is no such file. */
function isCompiled(file: string): boolean {
  return file.startsWith('src/') && !file.endsWith('.test.ts') && !SOURCE_FILE.test(file);
}
