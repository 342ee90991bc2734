// SPDX-License-Identifier: Apache-2.0
// Does the memory of a node stay bounded? One node that produces every block, under load.

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { formatNumber, formatSeconds } from '../../../src/cli/format.ts';
import type { LoadReport } from '../../../src/cli/load/report.ts';
import { lineThrough } from './line.ts';
import type { SoakNode } from './network.ts';
import { type Check, type Findings, loadCheck } from './outcome.ts';
import { mappedBytes, memoryOf } from './process.ts';
import { pause, putLoad, type SoakContext, type SoakOptions } from './scenario.ts';

/** Options of `memory`. */
export interface MemoryOptions extends SoakOptions {
  /** MiB that the node's own memory must stay below. */
  readonly limit: number;
}

const SAMPLE_MS = 10_000;
const ROW_SECONDS = 300;
/** How much of its own memory a node may gain in the second half of the run. */
const MOST_GROWTH = 0.1;
const MIB = 1024 * 1024;

/** Bytes, but for `seconds` since the start of the load, and counts. */
export interface MemorySample {
  readonly seconds: number;
  readonly resident: number;
  /** Of `resident` the process's own, and pages of files. */
  readonly anonymous: number;
  readonly file: number;
  readonly heapUsed: number;
  readonly heapTotal: number;
  /** Memory outside of V8's heap that its objects hold: buffers. */
  readonly external: number;
  /** The database's file, and the address space it is mapped into. */
  readonly database: number;
  readonly mapped: number;
  readonly height: number;
  readonly final: number;
  readonly pool: number;
}

async function sample(node: SoakNode, seconds: number): Promise<MemorySample> {
  const [response, status] = await Promise.all([
    fetch(`${node.client.url}/metrics`),
    node.status(),
  ]);
  const metrics = await response.text();
  const metric = (name: string) => {
    const found = new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics);
    if (!found) throw new Error(`/metrics: expected ${name}, got none`);
    return Number(found[1]);
  };
  return {
    seconds,
    ...memoryOf(node.pid),
    heapUsed: metric('nodejs_heap_size_used_bytes'),
    heapTotal: metric('nodejs_heap_size_total_bytes'),
    external: metric('nodejs_external_memory_bytes'),
    database: statSync(join(node.dataPath, 'ledger', 'data.mdb')).size,
    mapped: mappedBytes(node.pid, '/data.mdb'),
    height: status.head.height,
    final: status.totals.transactionsFinal,
    pool: status.pool.transactions,
  };
}

/** Puts load on the only node and looks at its memory every ten seconds. */
export async function memoryScenario(
  { network, interrupt, say }: SoakContext,
  options: MemoryOptions,
): Promise<Findings> {
  const node = network.nodes[0]!;
  const samples: MemorySample[] = [];
  const ended = new AbortController();
  const begun = performance.now();
  const loading = putLoad([node], options, interrupt).finally(() => ended.abort());
  const stop = AbortSignal.any([interrupt, ended.signal]);
  const sampling = (async () => {
    do {
      const now = await sample(node, (performance.now() - begun) / 1000);
      samples.push(now);
      say(
        `${formatSeconds(now.seconds)}: ${inMib(now.resident)} MiB resident, ` +
          `${inMib(now.anonymous)} its own, heap ${inMib(now.heapUsed)}; ` +
          `${formatNumber(now.final)} final`,
      );
    } while (await pause(SAMPLE_MS - ((performance.now() - begun) % SAMPLE_MS), stop));
  })();
  const [load] = await Promise.all([loading, sampling]);
  return judge(samples, load, options, !interrupt.aborted);
}

function judge(
  all: readonly MemorySample[],
  load: LoadReport,
  { limit }: MemoryOptions,
  complete: boolean,
): Findings {
  // What comes after the load is no longer under load.
  const samples = all.filter(({ seconds }) => seconds <= load.seconds + 1);
  const half = samples.filter(({ seconds }) => seconds >= load.seconds / 2);
  const line = lineThrough(half.map(({ seconds, anonymous }) => [seconds, anonymous]));
  const span = (half.at(-1)?.seconds ?? 0) - (half[0]?.seconds ?? 0);
  const middle = line.at(half[0]?.seconds ?? 0);
  const growth = (line.slope * span) / middle;
  const most = Math.max(...samples.map(({ anonymous }) => anonymous));
  const heapLine = lineThrough(half.map(({ seconds, heapUsed }) => [seconds, heapUsed]));
  const perHour = (slope: number) => (slope * 3600) / MIB;
  const signed = (value: number) => `${value >= 0 ? '+' : ''}${value.toFixed(1)}`;
  const checks: Check[] = [
    {
      name: 'memory is below the limit',
      ok: most <= limit * MIB,
      detail: `at most ${inMib(most)} MiB of its own, limit ${limit}`,
    },
    {
      name: 'memory does not grow',
      ok: growth <= MOST_GROWTH,
      detail:
        `${signed(perHour(line.slope))} MiB/h in the second half, ` +
        `${signed(100 * growth)} % in it; at most ${100 * MOST_GROWTH} %`,
    },
    // Ctrl-C leaves some under way.
    ...(complete ? [loadCheck(load)] : []),
  ];
  return {
    checks,
    figures: {
      mostAnonymousBytes: most,
      slopeAnonymousMibPerHour: perHour(line.slope),
      slopeHeapUsedMibPerHour: perHour(heapLine.slope),
      growthInSecondHalf: growth,
      load,
      samples: all,
    },
    tables: [{ title: 'MiB, means over five minutes', rows: tableOf(samples) }],
  };
}

/** A row for every five minutes. */
function tableOf(samples: readonly MemorySample[]): string[][] {
  const columns = [
    ['resident', 'resident'],
    ['its own', 'anonymous'],
    ['of files', 'file'],
    ['heap used', 'heapUsed'],
    ['heap', 'heapTotal'],
    ['external', 'external'],
    ['database', 'database'],
    ['mapped', 'mapped'],
  ] as const;
  const rows = [['until', ...columns.map(([title]) => title), 'final']];
  for (let from = 0; samples.some(({ seconds }) => seconds >= from); from += ROW_SECONDS) {
    const part = samples.filter(({ seconds }) => seconds >= from && seconds < from + ROW_SECONDS);
    if (part.length === 0) continue;
    const mean = (key: (typeof columns)[number][1]) =>
      part.reduce((sum, each) => sum + each[key], 0) / part.length;
    const last = part.at(-1)!;
    rows.push([
      formatSeconds(last.seconds),
      ...columns.map(([, key]) => inMib(mean(key))),
      formatNumber(last.final),
    ]);
  }
  return rows;
}

function inMib(bytes: number): string {
  return formatNumber(Math.round(bytes / MIB));
}
