// SPDX-License-Identifier: Apache-2.0

import { formatCount, formatNumber, formatSeconds, formatShare, formatTable } from '../format.ts';
import type { Offered } from './generator.ts';
import type { Stage, Tracker } from './tracker.ts';

/** A stage as it is reported; latencies in seconds, from when a transfer was due. */
export interface StageFigures {
  readonly count: number;
  readonly perSecond: number;
  readonly p50Seconds: number | null;
  readonly p99Seconds: number | null;
}

/** What a run of `hpb load` found out. */
export interface LoadReport {
  readonly url: readonly string[];
  readonly rate: number;
  readonly seconds: number;
  readonly slotSeconds: number;
  readonly confirmationsNeeded: number;
  readonly offered: { readonly count: number; readonly perSecond: number };
  readonly accepted: number;
  readonly included: StageFigures;
  readonly confirmed: StageFigures;
  readonly final: StageFigures;
  readonly refused: number;
  readonly dropped: number;
  readonly reverted: number;
  readonly unsent: number;
  /** Sent, and neither final nor refused nor dropped when the command gave up waiting. */
  readonly unfinished: number;
  readonly failures: number;
  /** The last refusal or failed request. */
  readonly failure?: string;
  readonly lostEvents: number;
  /** Share of one processor that the generator itself took, while it sent. */
  readonly generatorShare: number;
}

/** Over the time that was measured, or from the first to the last where the node fell behind. */
function stageFigures(stage: Stage, seconds: number): StageFigures {
  const span = (stage.last - stage.first) / 1000;
  const some = stage.count > 0;
  return {
    count: stage.count,
    perSecond: stage.count / Math.max(seconds, span),
    p50Seconds: some ? stage.p50 / 1000 : null,
    p99Seconds: some ? stage.p99 / 1000 : null,
  };
}

export interface LoadOutcome {
  readonly url: readonly string[];
  readonly rate: number;
  readonly slotSeconds: number;
  readonly confirmationsNeeded: number;
  readonly offered: Offered;
  readonly tracker: Tracker;
  readonly generatorShare: number;
}

/** Everything in one value. */
export function loadReport(outcome: LoadOutcome): LoadReport {
  const { offered, tracker, slotSeconds } = outcome;
  const { included, confirmed, final } = tracker.stages;
  const figures = (stage: Stage) => stageFigures(stage, offered.seconds);
  return {
    url: outcome.url,
    rate: outcome.rate,
    seconds: offered.seconds,
    slotSeconds,
    confirmationsNeeded: outcome.confirmationsNeeded,
    offered: { count: offered.offered, perSecond: offered.offered / offered.seconds },
    accepted: offered.accepted,
    included: figures(included),
    confirmed: figures(confirmed),
    final: figures(final),
    refused: tracker.refused,
    dropped: tracker.dropped,
    reverted: tracker.reverted,
    unsent: offered.unsent,
    unfinished: tracker.underWay,
    failures: offered.failures,
    ...(offered.failure !== undefined && { failure: offered.failure }),
    lostEvents: tracker.lost,
    generatorShare: outcome.generatorShare,
  };
}

/** Whether every transfer that was due is final. */
export function isComplete(report: LoadReport): boolean {
  return report.final.count === report.offered.count;
}

const latency = (seconds: number | null) => (seconds === null ? '' : formatSeconds(seconds));

/** For people. */
export function loadText(report: LoadReport): string {
  const row = (name: string, figures: StageFigures) => [
    name,
    formatNumber(figures.count),
    formatNumber(figures.perSecond),
    latency(figures.p50Seconds),
    latency(figures.p99Seconds),
  ];
  const { offered, confirmationsNeeded } = report;
  const table = formatTable([
    ['', 'transfers', 'a second', 'p50', 'p99'],
    ['offered', formatNumber(offered.count), formatNumber(offered.perSecond)],
    row('included', report.included),
    row(`confirmed by ${confirmationsNeeded}`, report.confirmed),
    row('final', report.final),
  ]);
  const troubles = [
    [report.refused, 'refused'],
    [report.dropped, 'dropped'],
    [report.unsent, 'not sent: the node did not take them in time'],
    [report.unfinished, 'not final yet'],
    [report.reverted, 'in blocks that were undone'],
    [report.lostEvents, 'events lost: figures are too low'],
  ] as const;
  const lines = troubles
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${formatNumber(count)} ${what}\n`);
  if (report.failures > 0) lines.push(`${formatCount(report.failures, 'request')} failed\n`);
  if (report.failure) lines.push(`last refusal: ${report.failure}\n`);
  const share = formatShare(report.generatorShare);
  return `${table}${lines.join('')}The generator took ${share} of one processor while it sent.\n`;
}
