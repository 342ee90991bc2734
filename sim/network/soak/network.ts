// SPDX-License-Identifier: Apache-2.0
// A network for a campaign: nodes as `hpb devnet` starts them, in a folder for the time being.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiClient } from '../../../src/cli/api-client.ts';
import type { AccelName } from '../../../src/cli/backends.ts';
import { Child } from '../../../src/cli/devnet/child.ts';
import { type DevnetNode, prepareFolder } from '../../../src/cli/devnet/folder.ts';
import { portsFrom } from '../../../src/cli/devnet/ports.ts';
import { CliError, EXIT } from '../../../src/cli/exit.ts';
import type { Answer } from '../../../src/node/api/answers.ts';
import type { Random } from '../../../src/testbench/random.ts';

/** What a node says of itself. */
export type NodeStatus = Answer<'status'>;

/** Accounts that send, and the seed of their keys. */
export const USERS = { users: 16, seed: 'soak' } as const;

export interface NetworkOptions {
  readonly accels: readonly AccelName[];
  readonly slotMs: number;
  /** Draws the ports. */
  readonly random: Random;
}

/** One node, over the lives of its processes. */
export class SoakNode {
  readonly node: DevnetNode;
  readonly client: ApiClient;
  #child: Child;

  constructor(node: DevnetNode, apiPort: number) {
    this.node = node;
    this.client = new ApiClient(`http://127.0.0.1:${apiPort}`);
    this.#child = new Child(node);
  }

  get name(): string {
    return this.node.name;
  }

  get child(): Child {
    return this.#child;
  }

  /** Of the process that runs now. */
  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new CliError(EXIT.FAILED, `${this.name} did not start`);
    return pid;
  }

  get dataPath(): string {
    return join(this.node.config, '..', 'data');
  }

  /** A new process on what the last one left. */
  start(): void {
    this.#child = new Child(this.node);
  }

  status(): Promise<NodeStatus> {
    return this.client.get('status', '/status');
  }

  /** Nothing when the node does not answer: it may have been killed. */
  async statusIfUp(): Promise<NodeStatus | undefined> {
    try {
      return await this.status();
    } catch (error) {
      if (error instanceof CliError && error.exitCode === EXIT.UNAVAILABLE) return undefined;
      throw error;
    }
  }

  /** Rejects when a process of it ends that nobody stopped. */
  async watch(signal: AbortSignal): Promise<never> {
    for (;;) {
      const child = this.#child;
      const { code, signal: by } = await child.ended;
      if (!child.stopping) {
        const how = by ?? `code ${code}`;
        throw new CliError(EXIT.FAILED, `${this.name} ended with ${how}:\n${child.tail()}`);
      }
      while (this.#child === child) await delay(20, undefined, { signal });
    }
  }
}

/** All of them. */
export class SoakNetwork {
  readonly folder: string;
  readonly nodes: readonly SoakNode[];

  private constructor(folder: string, nodes: readonly SoakNode[]) {
    this.folder = folder;
    this.nodes = nodes;
  }

  /** Settles when all run and are connected. @throws {CliError} when one ends before. */
  static async start({ accels, slotMs, random }: NetworkOptions): Promise<SoakNetwork> {
    const folder = mkdtempSync(join(tmpdir(), 'hpb-soak-'));
    const count = accels.length;
    // Below the ports that the system hands out: one must still be free when its node comes back.
    const first = 20_000 + 2 * count * random.int(Math.floor(10_000 / (2 * count)));
    const apiPorts = await portsFrom(first, count);
    const nodes = await prepareFolder({
      folder,
      accels,
      users: USERS.users,
      seed: USERS.seed,
      kind: 'dpos',
      slotMilliseconds: slotMs,
      apiPorts,
      peerPorts: await portsFrom(first + count, count),
      log: 'info',
    });
    const network = new SoakNetwork(
      folder,
      nodes.map((node, i) => new SoakNode(node, apiPorts[i]!)),
    );
    try {
      await Promise.all(network.nodes.map(({ child }) => child.ready));
      while ((await network.statuses()).some(({ peers }) => peers < count - 1)) await delay(50);
    } catch (error) {
      await network.stop(true);
      throw error;
    }
    return network;
  }

  statuses(): Promise<NodeStatus[]> {
    return Promise.all(this.nodes.map((node) => node.status()));
  }

  /** @param keep - leave the folder: the logs are wanted. */
  async stop(keep: boolean): Promise<void> {
    for (const { client } of this.nodes) client.close();
    await Promise.all(this.nodes.map(({ child }) => child.stop()));
    if (!keep) rmSync(this.folder, { recursive: true, force: true });
  }
}
