// SPDX-License-Identifier: Apache-2.0
// One node of a development network: a process of its own.

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../driver/paths.ts';
import { CliError, EXIT } from '../exit.ts';
import type { DevnetNode } from './folder.ts';

/** What a node says when it runs. */
export interface ReadyNode {
  readonly api: string;
  readonly peers: number;
  readonly nodeKey: string;
  /** Who does what. */
  readonly services: Readonly<Record<'signatures' | 'transport' | 'broadcast', string>>;
}

/** How long a node may take to stop before it is killed. */
const STOP_MS = 15_000;
/** Of the log, when a node fails. */
const TAIL_BYTES = 2_000;

/** A node's process. */
export class Child {
  readonly node: DevnetNode;
  readonly #process: ChildProcess;
  /** Settles when it runs. @throws {CliError} `FAILED` when it ends before. */
  readonly ready: Promise<ReadyNode>;
  /** How it ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  #stopping = false;

  constructor(node: DevnetNode) {
    this.node = node;
    const log = openSync(node.log, 'a', 0o600);
    const script = join(packageRoot(), 'src', 'cli', 'hpb.js');
    const args = [script, 'node', '--config', node.config, '--json', '--until-stdin-ends'];
    this.#process = spawn(process.execPath, args, {
      stdio: ['pipe', 'pipe', log],
      env: withoutSettings(process.env),
      // Ctrl-C is for the network's process, which stops its nodes in order.
      detached: true,
    });
    closeSync(log);
    this.#process.stdin?.on('error', () => {});
    this.ended = new Promise((resolve) => {
      this.#process.once('error', () => resolve({ code: null, signal: null }));
      this.#process.once('exit', (code, signal) => resolve({ code, signal }));
    });
    this.ready = this.#firstLine();
    this.ready.catch(() => {}); // whoever awaits it is told
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** It was asked to end. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /** Asks it to end, and waits; kills it when it does not. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), STOP_MS);
    await this.ended;
    clearTimeout(timer);
  }

  /** Ends it in the middle of whatever it does, as a power cut would, and waits. */
  async kill(): Promise<void> {
    this.#stopping = true;
    this.#process.kill('SIGKILL');
    await this.ended;
  }

  /** The end of its log. */
  tail(): string {
    const text = readFileSync(this.node.log, 'utf8');
    return text.slice(-TAIL_BYTES);
  }

  async #firstLine(): Promise<ReadyNode> {
    let text = '';
    const line = new Promise<string>((resolve) => {
      this.#process.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
        if (text.includes('\n')) return;
        text += chunk;
        if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
      });
    });
    const first = await Promise.race([line, this.ended]);
    if (typeof first === 'string') return JSON.parse(first) as ReadyNode;
    const { code, signal } = first;
    const how = signal === null ? `code ${code}` : signal;
    throw new CliError(EXIT.FAILED, `${this.node.name} ended with ${how}:\n${this.tail()}`);
  }
}

/** Settings of the nodes are in their files alone. */
function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith('HPB_')),
  );
}
