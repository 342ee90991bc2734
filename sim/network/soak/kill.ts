// SPDX-License-Identifier: Apache-2.0
// kill -9 of random nodes under load: no fork, nothing final is lost, each is back soon.

import { formatCount, formatNumber, formatSeconds } from '../../../src/cli/format.ts';
import { compareClaims, compareHeaders } from './audit.ts';
import { FinalClaims } from './final-claims.ts';
import { follow } from './follower.ts';
import { Restarts } from './kill-restart.ts';
import { type FinalAudit, judgeKills } from './kill-verdict.ts';
import type { SoakNode } from './network.ts';
import type { Findings } from './outcome.ts';
import { recover } from './recovery.ts';
import { pause, type SoakContext, type SoakOptions } from './scenario.ts';
import { SteadyLoad } from './steady-load.ts';
import { Witnesses } from './witnesses.ts';

/** Options of `kill`. */
export interface KillOptions extends SoakOptions {
  readonly kills: number;
  /** Seconds in which a killed node must follow the head again. */
  readonly limit: number;
}

/** How often two go at once, and a node that has just been started goes again. */
const TWO = 0.2;
const AGAIN = 0.15;
/** At most: down, up before it goes again, and between two rounds. Often it is nothing. */
const DOWN_MS = 1_500;
const YOUNG_MS = 1_200;
const BETWEEN_MS = 4_000;
const NOTHING = 0.3;
const POLL_MS = 1_000;
/** For the network to make final, once nobody is killed any more, what it has by then. */
const RECOVERY_MS = 120_000;

/** Kills, and says what became of it. */
export async function killScenario(
  { network, random, interrupt, say }: SoakContext,
  options: KillOptions,
): Promise<Findings> {
  const { nodes } = network;
  const stop = new AbortController();
  const signal = AbortSignal.any([interrupt, stop.signal]);
  const witnesses = new Witnesses(nodes, random.fork('witnesses'));
  let load: SteadyLoad | undefined;
  const claims = new FinalClaims((claim, transactions) => {
    load?.onFinal(claim, transactions);
    witnesses.call(claim, transactions);
  });
  const listening = [
    ...nodes.map((node) => follow(node, claims, signal)),
    poll(nodes, claims, signal),
  ];
  const failed = Promise.all(listening).then(() => new Promise<never>(() => {}));
  failed.catch(() => {});
  load = await SteadyLoad.start(nodes, options, signal);
  const restarts = new Restarts(nodes, claims, witnesses, interrupt);
  const draw = random.fork('kills');
  const nap = (most: number) => (draw.chance(NOTHING) ? 0 : draw.int(0, most));
  const began = performance.now();
  const over = () => interrupt.aborted || performance.now() - began > 1000 * options.seconds;

  const killing = async () => {
    while (restarts.kills < options.kills && !over()) {
      const victims = pickVictims(nodes, draw.chance(TWO) ? 2 : 1, (n) => draw.int(n));
      const again = draw.chance(AGAIN);
      await restarts.kill(victims);
      await pause(nap(DOWN_MS), interrupt);
      restarts.start(victims);
      if (again && restarts.kills < options.kills) {
        await pause(draw.int(0, YOUNG_MS), interrupt);
        await restarts.kill(victims);
        restarts.start(victims);
      }
      await Promise.all(victims.map((victim) => restarts.back(victim)));
      const last = restarts.comebacks.at(-1);
      const back = last ? formatSeconds(last.followsSeconds) : 'not yet';
      say(
        `${formatCount(restarts.kills, 'kill')}, last back in ${back}; ` +
          `${formatNumber(claims.claims.size)} blocks and ${formatNumber(load!.final)} transfers final`,
      );
      await pause(nap(BETWEEN_MS), interrupt);
    }
  };
  await Promise.race([killing(), failed]);
  await load.stop();
  const recovery = interrupt.aborted ? undefined : await recover(nodes, RECOVERY_MS, interrupt);
  const audit = interrupt.aborted ? undefined : await auditAll(nodes, claims, witnesses);
  stop.abort();
  await Promise.all(listening);
  const figures = await load.figures();
  return judgeKills({
    limit: options.limit,
    restarts,
    claims,
    witnesses,
    figures,
    recovery,
    audit,
  });
}

function pickVictims(
  nodes: readonly SoakNode[],
  count: number,
  int: (below: number) => number,
): SoakNode[] {
  const left = [...nodes];
  return Array.from({ length: count }, () => left.splice(int(left.length), 1)[0]!);
}

/** What is final by the status of each node. */
async function poll(
  nodes: readonly SoakNode[],
  claims: FinalClaims,
  signal: AbortSignal,
): Promise<void> {
  do {
    await Promise.all(
      nodes.map(async (node) => {
        const status = await node.statusIfUp();
        if (status) claims.claim(node.name, status.final.height, status.final.id);
      }),
    );
  } while (await pause(POLL_MS, signal));
}

async function auditAll(
  nodes: readonly SoakNode[],
  claims: FinalClaims,
  witnesses: Witnesses,
): Promise<FinalAudit> {
  const statuses = await Promise.all(nodes.map((node) => node.status()));
  const top = Math.min(...statuses.map(({ final }) => final.height));
  const chains = await compareHeaders(nodes, top);
  const content = await compareClaims(
    nodes,
    [...claims.claims.values()].filter(({ height }) => height <= top),
  );
  const lost: string[] = [];
  for (const node of nodes) lost.push(...(await witnesses.ask(node, top)));
  return { chains, content, lost };
}
