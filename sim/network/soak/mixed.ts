// SPDX-License-Identifier: Apache-2.0
// Nodes with the card and without it in one network: equal chains, and what an idle card costs.

import { formatNumber, formatSeconds } from '../../../src/cli/format.ts';
import type { LoadReport } from '../../../src/cli/load/report.ts';
import { type Audit, compareHeaders } from './audit.ts';
import type { NodeStatus, SoakNode } from './network.ts';
import { type Check, type Findings, loadCheck } from './outcome.ts';
import { timeOf } from './process.ts';
import { type Recovery, recover, recoveryCheck } from './recovery.ts';
import { pause, putLoad, type SoakContext, type SoakOptions } from './scenario.ts';

/** Options of `mixed`. */
export interface MixedOptions extends SoakOptions {
  /** How long the network is left alone, to measure what that costs. */
  readonly idleSeconds: number;
}

/** The thread on which a simulated card runs. */
const CARD_THREAD = 'hpb-card';
/** Share of a processor that an idle card may take. */
const MOST_IDLE = 0.02;
const SAY_MS = 10_000;
const CALM_MS = 5_000;
/** For the slowest node to catch up after the load. */
const RECOVERY_MS = 300_000;

/** Shares of one processor. */
interface IdleCost {
  readonly process: number;
  /** Of that the card's thread. */
  readonly card: number;
}

/** Load, a look at all chains, and a while of nothing. */
export async function mixedScenario(
  { network, interrupt, say }: SoakContext,
  options: MixedOptions,
): Promise<Findings> {
  const { nodes } = network;
  const loaded = new AbortController();
  const begun = performance.now();
  const loading = putLoad(nodes, options, interrupt).finally(() => loaded.abort());
  const telling = (async () => {
    while (await pause(SAY_MS, AbortSignal.any([interrupt, loaded.signal]))) {
      const statuses = await network.statuses();
      const spilled = statuses.reduce((sum, each) => sum + each.accelerator.spill.signatures, 0);
      say(
        `${formatSeconds((performance.now() - begun) / 1000)}: ` +
          `heads ${statuses.map(({ head }) => head.height).join(' ')}, ` +
          `${formatNumber(statuses[0]!.totals.transactionsFinal)} final, ${formatNumber(spilled)} spilled`,
      );
    }
  })();
  const [load] = await Promise.all([loading, telling]);
  const complete = !interrupt.aborted;
  const recovery = complete ? await recover(nodes, RECOVERY_MS, interrupt) : undefined;
  const statuses = await network.statuses();
  const top = Math.min(...statuses.map(({ final }) => final.height));
  const audit = await compareHeaders(nodes, top);
  say(`${formatNumber(top)} heights compared; idle for ${options.idleSeconds} s`);
  const idle = await measureIdle(nodes, options.idleSeconds, interrupt);
  return judge(nodes, { load, recovery, statuses, audit, idle });
}

/** What each process takes while there is nothing but empty blocks; nothing when interrupted. */
async function measureIdle(
  nodes: readonly SoakNode[],
  seconds: number,
  interrupt: AbortSignal,
): Promise<IdleCost[] | undefined> {
  await pause(CALM_MS, interrupt);
  const times = () => nodes.map(({ pid }) => timeOf(pid, CARD_THREAD));
  const [before, from] = [times(), performance.now()];
  if (!(await pause(1000 * seconds, interrupt))) return undefined;
  const after = times();
  const spent = (performance.now() - from) / 1000;
  return before.map((then, i) => ({
    process: (after[i]!.all - then.all) / spent,
    card: (after[i]!.threads - then.threads) / spent,
  }));
}

interface Measured {
  readonly load: LoadReport;
  /** Not after Ctrl-C, which leaves some under way. */
  readonly recovery: Recovery | undefined;
  readonly statuses: readonly NodeStatus[];
  readonly audit: Audit;
  readonly idle: readonly IdleCost[] | undefined;
}

function judge(
  nodes: readonly SoakNode[],
  { load, recovery, statuses, audit, idle }: Measured,
): Findings {
  const withCard = nodes.flatMap(({ node: { accel } }, i) => (accel === 'verilator' ? [i] : []));
  const contradicted = statuses.reduce(
    (sum, { accelerator: { spill } }) => sum + spill.contradicted,
    0,
  );
  const checks: Check[] = [
    {
      name: 'equal ids and state roots',
      ok: audit.differences.length === 0 && audit.heights > 0,
      detail: audit.differences[0] ?? `${formatNumber(audit.heights)} heights on all nodes`,
    },
    ...(recovery ? [loadCheck(load), recoveryCheck(recovery)] : []),
    {
      name: 'software never contradicts a card',
      ok: contradicted === 0,
      detail: `${formatNumber(contradicted)} signatures`,
    },
  ];
  if (idle) {
    const most = Math.max(...withCard.map((i) => idle[i]!.card));
    checks.push({
      name: 'an idle card costs little',
      ok: most < MOST_IDLE,
      detail: `at most ${percent(most)} of a core by its thread; limit ${percent(MOST_IDLE)}`,
    });
  }
  const rows = nodes.map(({ name, node }, i) => {
    const { accelerator } = statuses[i]!;
    const { signatures, spill } = accelerator;
    return {
      node: name,
      accel: node.accel,
      checked: signatures.checked,
      spilled: spill.signatures,
      episodes: spill.episodes,
      ...(idle && { idle: idle[i]! }),
    };
  });
  const { p50Seconds, p99Seconds } = load.final;
  return {
    checks,
    figures: { nodes: rows, heights: audit.heights, load },
    tables: [
      {
        title: 'Signatures, and processor time of the process while nothing happens',
        rows: [
          ['', 'accel', 'checked', 'spilled', 'episodes', 'idle', 'of that the card'],
          ...rows.map((row) => [
            row.node,
            row.accel,
            ...[row.checked, row.spilled, row.episodes].map(formatNumber),
            ...(row.idle
              ? [percent(row.idle.process), row.accel === 'verilator' ? percent(row.idle.card) : '']
              : []),
          ]),
        ],
      },
      {
        title: 'Transfers',
        rows: [
          ['offered', 'accepted', 'final', 'to final, p50', 'p99'],
          [
            ...[load.offered.count, load.accepted, load.final.count].map(formatNumber),
            ...[p50Seconds, p99Seconds].map((each) => (each === null ? '' : formatSeconds(each))),
          ],
        ],
      },
    ],
  };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
