// SPDX-License-Identifier: Apache-2.0
// Whole nodes over loopback in one process: signatures, pool, network and API included. Their clock is
// stepped: a slot lasts until what has to happen in it has happened.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach } from 'vitest';
import { openAccelerator } from '../../../../src/driver/index.ts';
import { type DevGenesis, devGenesis } from '../../../../src/node/genesis/index.ts';
import { idPrefix } from '../../../../src/node/ledger/index.ts';
import { openNode, type RunningNode } from '../../../../src/node/node.ts';
import {
  type Operation,
  type SignedTransaction,
  signTransaction,
} from '../../../../src/node/protocol/index.ts';
import { ManualClock, until } from '../../network/helpers/clock.ts';
import { secretKey } from '../../network/helpers/nodes.ts';
import { Links } from './links.ts';

export const SLOT = 3000;
/** How much of a slot passes at most while something is waited for. */
const PART = 2500;
/** Simulated milliseconds for a look at what is waited for. */
const STEP = 25;

const HOST = '127.0.0.1';

/** Options of a network of whole nodes. */
export interface WholeNetOptions {
  /** Of the genesis: with seats for `seats` of them. */
  readonly producers: number;
  readonly seats?: number;
  readonly kind?: 'dpos' | 'poa';
  /** For whom node i produces; it only follows where that is undefined. */
  readonly nodes: readonly (string | undefined)[];
}

const nets = new Set<WholeNet>();

afterEach(async () => {
  for (const net of nets) await net.close();
  nets.clear();
});

export class WholeNet {
  readonly clock = new ManualClock();
  readonly dev: DevGenesis;
  readonly nodes: (RunningNode | undefined)[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'faults-'));
  readonly #producing: readonly (string | undefined)[];
  readonly #keys: readonly Uint8Array[];
  readonly #ports: number[] = [];
  readonly #began = this.clock.now();
  readonly #links: Links;
  /** How far the clock of each node is off, in milliseconds. */
  readonly skew: number[];
  slot = 0;
  #nonce = 0;

  private constructor({ producers, seats = producers, kind = 'poa', nodes }: WholeNetOptions) {
    const consensus = { slotMilliseconds: SLOT, producers: seats };
    const options = { producers, users: 4, time: this.#began, kind, consensus, seed: 'faults' };
    this.dev = devGenesis(options);
    this.#producing = nodes;
    this.#keys = nodes.map(secretKey);
    this.skew = nodes.map(() => 0);
    this.#links = new Links((port) => this.#ports.indexOf(port));
  }

  static async open(options: WholeNetOptions): Promise<WholeNet> {
    const net = new WholeNet(options);
    nets.add(net);
    for (const i of options.nodes.keys()) await net.start(i);
    await net.connected();
    return net;
  }

  get(i: number): RunningNode {
    return this.nodes[i]!;
  }

  get running(): RunningNode[] {
    return this.nodes.filter((node) => node !== undefined);
  }

  port(i: number): number {
    return this.#ports[i]!;
  }

  /** Starts node `i` on what is in its folder; it dials those before it. */
  async start(i: number): Promise<RunningNode> {
    const account = this.#producing[i];
    const { genesis } = this.dev;
    const node = await openNode({
      genesis,
      dataPath: join(this.#folder, `${i}`),
      name: `node${i}`,
      version: '0.0.0',
      accelerator: this.#links.through(i, await openAccelerator({ kind: 'native', threads: 1 })),
      openStandIn: () => openAccelerator({ kind: 'software' }),
      nodeSecret: this.#keys[i]!,
      listen: { host: HOST, port: this.#ports[i] ?? 0 },
      peers: this.#ports.filter((_, at) => at !== i).map((port) => `${HOST}:${port}`),
      allowPrivate: true,
      outbound: 0,
      api: { host: HOST, port: 0 },
      ...(account !== undefined && {
        producer: { account, secret: this.dev.signingSecretOf(account) },
        reporter: { account, secret: this.dev.secretOf(account) },
      }),
      log: pino({ level: process.env.FAULTS_LOG ?? 'silent' }),
      now: () => this.clock.now() + this.skew[i]!,
      clock: this.clock,
    });
    this.nodes[i] = node;
    this.#ports[i] = node.network.port!;
    return node;
  }

  /** Ends node `i`; what is on its disk stays. */
  async stop(i: number): Promise<void> {
    const node = this.get(i);
    this.nodes[i] = undefined;
    await node.close();
  }

  /** Cuts and mends connections: nodes of one group reach one another, with no groups all do. */
  partition(...groups: readonly (readonly number[])[]): void {
    this.#links.partition(groups);
  }

  /** Steps the clock until all that run are connected with one another; it may take several slots. */
  async connected(): Promise<void> {
    const all = this.running;
    const keys = new Set(all.map(({ network }) => network.nodeKey));
    const full = (node: RunningNode) =>
      node.network.peers().filter(({ nodeKey }) => keys.has(nodeKey)).length === all.length - 1;
    await this.passUntil(() => all.every(full));
  }

  /** Steps the clock until something holds, however long it takes; nobody makes blocks meanwhile. */
  async passUntil(holds: () => boolean): Promise<void> {
    await until(holds, () => this.clock.advance(STEP));
    this.slot = Math.floor((this.clock.now() - this.#began) / SLOT);
  }

  /**
   * Begins the next slot: whoever runs, and is due by its own clock, makes its block.
   *
   * @returns the number of the node that is due, if it runs and its clock is right.
   */
  async begin(): Promise<number | undefined> {
    this.slot += 1;
    this.clock.advance(Math.max(0, this.#began + this.slot * SLOT - this.clock.now()));
    const account = this.due();
    const due = this.nodes.findIndex(
      (node, i) => node && this.#producing[i] === account && this.skew[i] === 0,
    );
    const making = this.nodes.map((node, i) =>
      node?.chain.production.runSlot(this.slot + Math.floor(this.skew[i]! / SLOT)),
    );
    await Promise.all(making);
    return due < 0 ? undefined : due;
  }

  /** Waits until something holds, while the rest of the slot passes, and no more than that. */
  async until(holds: () => boolean): Promise<void> {
    const last = this.#began + this.slot * SLOT + PART;
    try {
      await until(holds, () => {
        if (this.clock.now() < last) this.clock.advance(STEP);
      });
    } catch (error) {
      throw new Error(`slot ${this.slot}: ${this.#states()}`, { cause: error });
    }
  }

  /**
   * Runs slots. In each `nodes` (all that run) come to the same block, of this slot if its producer is
   * one of them, and confirm it; finality is at most `lag` blocks behind.
   */
  async run(slots: number, { lag = 1, nodes = this.indices } = {}): Promise<void> {
    for (let i = 0; i < slots; i++) {
      const due = await this.begin();
      const slot = due !== undefined && nodes.includes(due) ? this.slot : undefined;
      await this.until(() => this.agrees(nodes, slot, lag));
    }
  }

  /** Runs slots whose blocks may be lost; in each all come to one head. */
  async calm(slots: number): Promise<void> {
    for (let i = 0; i < slots; i++) {
      await this.begin();
      await this.until(() => this.agrees(this.indices));
    }
  }

  /** Numbers of the nodes that run. */
  get indices(): number[] {
    return [...this.nodes.keys()].filter((i) => this.nodes[i]);
  }

  /** One head, of this slot if there is one, on these; if `lag` is given, confirmed and so near finality. */
  agrees(nodes: readonly number[], slot?: number, lag?: number): boolean {
    const { head } = this.get(nodes[0]!).chain.core.parts.ledger;
    if (slot !== undefined && head.slot !== slot) return false;
    return nodes.every((i) => {
      const { core } = this.get(i).chain;
      const { ledger, view } = core.parts;
      if (ledger.head.id !== head.id) return false;
      if (lag === undefined) return true;
      return view.justified.id === head.id && core.final.height >= head.height - lag;
    });
  }

  #states(): string {
    const states = this.running.map(({ chain, network }) => {
      const { head } = chain.core.parts.ledger;
      const peers = network.peers().length;
      return { ...head, final: chain.core.final.height, fault: chain.core.fault?.message, peers };
    });
    return JSON.stringify(states);
  }

  /** Who is due in a slot, after the head of the first node. */
  due(slot = this.slot): string {
    const { ledger, consensus } = this.running[0]!.chain.core.parts;
    return consensus.producerOf(slot, ledger.consensusState).account;
  }

  /** A signed transfer; of more than one operation if told so. */
  transfer(from = 'user1', to = 'user2', operations = 1): SignedTransaction {
    const operation: Operation = { type: 'transfer', from, to, amount: 1n, memo: new Uint8Array() };
    const { chainId } = this.dev.genesis;
    return signTransaction(
      {
        chainId,
        refHeight: 0,
        refPrefix: idPrefix(chainId),
        expiry: Math.floor(this.clock.now() / 1000) + 600,
        nonce: this.#nonce++,
        account: from,
        fee: 100_000n,
        operations: new Array<Operation>(operations).fill(operation),
      },
      [this.dev.secretOf(from)],
    );
  }

  async close(): Promise<void> {
    for (const i of this.nodes.keys()) if (this.nodes[i]) await this.stop(i);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
