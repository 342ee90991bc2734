// SPDX-License-Identifier: Apache-2.0

import { formatCount, formatNumber, formatSeconds } from '../../../src/cli/format.ts';
import type { Audit } from './audit.ts';
import type { FinalClaims } from './final-claims.ts';
import type { Comeback, Restarts } from './kill-restart.ts';
import type { Check, Findings } from './outcome.ts';
import { type Recovery, recoveryCheck } from './recovery.ts';
import type { SteadyLoad } from './steady-load.ts';
import type { Witnesses } from './witnesses.ts';

const TIMES = {
  answers: 'the API answers',
  follows: 'it follows the head',
  cpu: 'processor time until then',
} as const;

/** All nodes at the end. */
export interface FinalAudit {
  readonly chains: Audit;
  readonly content: Audit;
  /** Transactions that a node no longer calls final, in words. */
  readonly lost: readonly string[];
}

/** What was found; without the last two when it was interrupted. */
export interface Judged {
  /** Seconds in which a killed node must be back. */
  readonly limit: number;
  readonly restarts: Restarts;
  readonly claims: FinalClaims;
  readonly witnesses: Witnesses;
  readonly figures: Awaited<ReturnType<SteadyLoad['figures']>>;
  readonly recovery: Recovery | undefined;
  readonly audit: FinalAudit | undefined;
}

/** Did everything hold? */
export function judgeKills(judged: Judged): Findings {
  const { limit, restarts, claims, witnesses, figures, recovery, audit } = judged;
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
      ok: slowest <= limit,
      detail: `at most ${formatSeconds(slowest)}, limit ${formatSeconds(limit)}`,
    },
  ];
  if (recovery) checks.push(recoveryCheck(recovery));
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
    cpu: quantiles(({ cpuSeconds }) => cpuSeconds),
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
            TIMES[name as keyof typeof TIMES],
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
