// SPDX-License-Identifier: Apache-2.0
// kill -9 of random nodes under load: no fork, nothing final is lost, each is back soon.

import { setTimeout as delay } from 'node:timers/promises';
import { formatCount, formatNumber, formatSeconds } from '../../../src/cli/format.ts';
import { compareClaims, compareHeaders } from './audit.ts';
import { FinalClaims } from './final-claims.ts';
import { follow } from './follower.ts';
import { type Comeback, Restarts } from './kill-restart.ts';
import type { SoakNode } from './network.ts';
import type { Check, Findings } from './outcome.ts';
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
  const recovery = interrupt.aborted ? undefined : await recover(nodes, interrupt);
  const audit = interrupt.aborted ? undefined : await auditAll(nodes, claims, witnesses);
  stop.abort();
  await Promise.all(listening);
  const figures = await load.figures();
  return judge({ options, restarts, claims, witnesses, figures, recovery, audit });
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

interface Recovery {
  readonly head: number;
  /** Until that head was final on all nodes; nothing when it never was. */
  readonly seconds?: number;
}

/** Waits until all nodes call final what is the highest head now. */
async function recover(nodes: readonly SoakNode[], signal: AbortSignal): Promise<Recovery> {
  const heads = await Promise.all(nodes.map((node) => node.status()));
  const head = Math.max(...heads.map((status) => status.head.height));
  const began = performance.now();
  while (performance.now() - began < RECOVERY_MS && !signal.aborted) {
    const finals = await Promise.all(nodes.map((node) => node.status()));
    if (finals.every(({ final }) => final.height >= head)) {
      return { head, seconds: (performance.now() - began) / 1000 };
    }
    await delay(100);
  }
  return { head };
}

async function auditAll(nodes: readonly SoakNode[], claims: FinalClaims, witnesses: Witnesses) {
  const statuses = await Promise.all(nodes.map((node) => node.status()));
  const top = Math.min(...statuses.map(({ final }) => final.height));
  const chains = await compareHeaders(nodes, top);
  const content = await compareClaims(
    nodes,
    [...claims.claims.values()].filter(({ height }) => height <= top),
  );
  const lost: string[] = [];
  for (const node of nodes) lost.push(...(await witnesses.ask(node, top)));
  return { top, chains, content, lost };
}

interface Judged {
  readonly options: KillOptions;
  readonly restarts: Restarts;
  readonly claims: FinalClaims;
  readonly witnesses: Witnesses;
  readonly figures: Awaited<ReturnType<SteadyLoad['figures']>>;
  readonly recovery: Recovery | undefined;
  readonly audit: Awaited<ReturnType<typeof auditAll>> | undefined;
}

function judge(judged: Judged): Findings {
  const { options, restarts, claims, witnesses, figures, recovery, audit } = judged;
  const { contradictions } = claims;
  const { kills, comebacks, losses } = restarts;
  const worst = (of: (comeback: Comeback) => number) => Math.max(0, ...comebacks.map(of));
  const slowest = worst(({ followsSeconds }) => followsSeconds);
  const check = (name: string, bad: readonly string[], good: string): Check => ({
    name,
    ok: bad.length === 0,
    detail: bad.length === 0 ? good : `${formatNumber(bad.length)} times; first: ${bad[0]}`,
  });
  const checks: Check[] = [
    check('no fork', contradictions, `${formatNumber(claims.claims.size)} heights called final`),
    check('what was final is there after a kill', losses, formatCount(kills, 'kill')),
    {
      name: 'a killed node is back',
      ok: slowest <= options.limit,
      detail: `at most ${formatSeconds(slowest)}, limit ${formatSeconds(options.limit)}`,
    },
  ];
  if (recovery) {
    const { seconds, head } = recovery;
    checks.push({
      name: 'the network goes on',
      ok: seconds !== undefined,
      detail:
        seconds === undefined
          ? `block ${head} is not final on all nodes after ${RECOVERY_MS / 1000} s`
          : `block ${head} is final on all nodes after ${formatSeconds(seconds)}`,
    });
  }
  if (audit) {
    const { chains, content, lost } = audit;
    checks.push(
      check('equal chains', chains.differences, `${formatNumber(chains.heights)} heights`),
      check(
        'no final transaction is lost',
        [...content.differences, ...lost],
        `${formatNumber(content.transactions)} by block, ${formatNumber(witnesses.count)} by id, on every node`,
      ),
    );
  }
  const quantiles = (of: (comeback: Comeback) => number) => {
    const sorted = comebacks.map(of).sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
    return { median: at(0.5), p90: at(0.9), max: at(1) };
  };
  const times = {
    answers: quantiles(({ answersSeconds }) => answersSeconds),
    follows: quantiles(({ followsSeconds }) => followsSeconds),
  };
  return {
    checks,
    figures: { kills, times, recovery, load: figures, comebacks },
    tables: [
      {
        title: `${formatCount(kills, 'kill')}; after a start`,
        rows: [
          ['', 'median', 'p90', 'max'],
          ...Object.entries(times).map(([name, { median, p90, max }]) => [
            name === 'answers' ? 'the API answers' : 'it follows the head',
            ...[median, p90, max].map(formatSeconds),
          ]),
        ],
      },
      {
        title: 'Transfers',
        rows: [
          ['offered', 'accepted', 'final', 'to final, p50', 'p99'],
          [
            formatNumber(figures.offered),
            formatNumber(figures.accepted),
            formatNumber(figures.final),
            formatSeconds(figures.finalP50Seconds),
            formatSeconds(figures.finalP99Seconds),
          ],
        ],
      },
    ],
  };
}
