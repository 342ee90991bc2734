// SPDX-License-Identifier: Apache-2.0
// Kills and starts; what a node still has when it is back, and how long it took.

import type { FinalClaims } from './final-claims.ts';
import type { NodeStatus, SoakNode } from './network.ts';
import { timeOf } from './process.ts';
import { pause } from './scenario.ts';
import type { Witnesses } from './witnesses.ts';

const POLL_MS = 25;
/** A node that is not back by then never will be. */
const GIVE_UP_MS = 60_000;
/** Witnesses that a node is asked about when it is back. */
const WITNESSES = 5;

/** A node that came back. */
export interface Comeback {
  readonly node: string;
  /** Since its process was started. */
  readonly answersSeconds: number;
  readonly followsSeconds: number;
  /** Of its processor until then: what a busy machine does not change. */
  readonly cpuSeconds: number;
  /** Blocks that it lacked when it answered. */
  readonly behind: number;
}

/** Of one network. */
export class Restarts {
  readonly #nodes: readonly SoakNode[];
  readonly #claims: FinalClaims;
  readonly #witnesses: Witnesses;
  readonly #interrupt: AbortSignal;
  /** What each had called final when it was killed. */
  readonly #finals = new Map<SoakNode, number>();
  readonly #started = new Map<SoakNode, number>();
  readonly comebacks: Comeback[] = [];
  /** Of what was final before, in words. */
  readonly losses: string[] = [];
  kills = 0;

  constructor(
    nodes: readonly SoakNode[],
    claims: FinalClaims,
    witnesses: Witnesses,
    interrupt: AbortSignal,
  ) {
    this.#nodes = nodes;
    this.#claims = claims;
    this.#witnesses = witnesses;
    this.#interrupt = interrupt;
  }

  /** All at once. */
  async kill(victims: readonly SoakNode[]): Promise<void> {
    this.kills += victims.length;
    await Promise.all(victims.map(({ child }) => child.kill()));
    for (const victim of victims) this.#finals.set(victim, this.#claims.finalOf(victim.name));
  }

  /** Not once it is over: nobody would stop them. */
  start(victims: readonly SoakNode[]): void {
    if (this.#interrupt.aborted) return;
    for (const victim of victims) {
      this.#started.set(victim, performance.now());
      victim.start();
    }
  }

  /** Waits until a node answers and follows the head, and looks at what it has kept. */
  async back(node: SoakNode): Promise<void> {
    const since = () => performance.now() - this.#started.get(node)!;
    const answer = await this.#until(node, since, async () => node.statusIfUp());
    if (!answer) return;
    const answersSeconds = since() / 1000;
    const behind = (await this.#highest(node)) - answer.head.height;
    await this.#compare(node, answer);
    const followed = await this.#until(node, since, async () => {
      const highest = await this.#highest(node);
      const status = await node.statusIfUp();
      return status && status.head.height >= highest ? status : undefined;
    });
    if (!followed) return;
    const followsSeconds = since() / 1000;
    const { all: cpuSeconds } = timeOf(node.pid);
    this.comebacks.push({ node: node.name, answersSeconds, followsSeconds, cpuSeconds, behind });
  }

  async #until(
    node: SoakNode,
    since: () => number,
    look: () => Promise<NodeStatus | undefined>,
  ): Promise<NodeStatus | undefined> {
    while (!this.#interrupt.aborted) {
      const found = await look();
      if (found) return found;
      if (since() > GIVE_UP_MS) {
        this.losses.push(
          `${node.name} does not follow the head ${GIVE_UP_MS / 1000} s after a start`,
        );
        return undefined;
      }
      await pause(POLL_MS, this.#interrupt);
    }
    return undefined;
  }

  /** The highest head of the others. */
  async #highest(but: SoakNode): Promise<number> {
    const others = this.#nodes.filter((node) => node !== but);
    const statuses = await Promise.all(others.map((node) => node.statusIfUp()));
    return Math.max(0, ...statuses.map((status) => status?.head.height ?? 0));
  }

  /** What a node called final it must still have, in its first answer. */
  async #compare(node: SoakNode, { final }: NodeStatus): Promise<void> {
    const before = this.#finals.get(node) ?? 0;
    if (final.height < before) {
      this.losses.push(`${node.name} had called ${before} final, and starts at ${final.height}`);
    }
    const claim = this.#claims.claims.get(before);
    if (claim) {
      const block = await node.client.find('block', `/blocks/${before}?transactions=none`);
      if (block?.id !== claim.id) {
        this.losses.push(
          `${node.name}: expected block ${before} ${claim.id}, got ${block?.id ?? 'nothing'}`,
        );
      }
    }
    this.losses.push(...(await this.#witnesses.ask(node, before, WITNESSES)));
  }
}
