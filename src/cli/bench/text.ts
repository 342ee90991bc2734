// SPDX-License-Identifier: Apache-2.0
// The figures as tables: wall clock and cycles never share one.

import { formatMillions, formatNumber, formatShare, formatTable } from '../format.ts';
import type { BenchRow } from './rows.ts';

const times = (ratio: number | null) => (ratio === null ? '-' : `${formatNumber(ratio)} x`);

/** Wall-clock table of all rows. */
export function wallTable(rows: readonly BenchRow[]): string {
  const head = [
    '',
    'one thread/s',
    'to software',
    'machine/s',
    'threads',
    'to software',
    'rounds/s',
  ];
  const body = rows.map((row) => [
    row.backend,
    formatNumber(row.wallPerSecondPerThread),
    times(row.ratioToSoftwarePerThread),
    formatNumber(row.wallPerSecond),
    String(row.threads),
    times(row.ratioToSoftware),
    row.wallPerSecondRange.map(formatNumber).join('..'),
  ]);
  return formatTable([head, ...body]);
}

/** Cycle figures and projection of the rows that have them; empty without any. */
export function cardText(row: BenchRow): string {
  if (row.cyclesPerSignature === null || row.projected === null) return '';
  const { projected, driverCost } = row;
  const rows = [
    ['cycles a signature', formatNumber(row.cyclesPerSignature)],
    ['multiplications a signature', formatNumber(row.multiplicationsPerSignature!)],
    ['multiplier in use', formatShare(row.multiplierUtilisation!)],
  ];
  const source = `clock ${projected.clockMHz} MHz, ${projected.clockSource}; ${projected.engines} engine(s)`;
  const costs = (driverCost ?? []).map(
    ({ batch, inFlight, share, microsecondsPerBatch }) =>
      `  batches of ${batch}, ${inFlight} in flight: ${formatShare(share)} (${formatNumber(microsecondsPerBatch)} us each)\n`,
  );
  return [
    'The design, counted by the card itself (cycles, no wall clock):\n',
    formatTable(rows).replaceAll(/^/gm, '  ').trimEnd(),
    '\n\nProjected from these cycles, not measured:\n',
    `  ${formatNumber(projected.perSecond)} signatures/s (${source})\n`,
    ...(row.simulatedCyclesPerSecond === null
      ? []
      : [
          '\nThe simulation (wall clock):\n',
          `  ${formatMillions(row.simulatedCyclesPerSecond)} cycles/s\n`,
        ]),
    ...(costs.length > 0
      ? ['  time without work in the engine (driver, FFI, waking up, DMA):\n']
      : []),
    ...costs.map((line) => `  ${line}`),
  ].join('');
}

/** Everything `hpb bench sigverify` prints. */
export function benchText(rows: readonly BenchRow[]): string {
  const [first] = rows;
  if (!first) return '';
  const { workload, machine, operation } = first;
  const what = `${formatNumber(workload.signatures)} signatures, ${formatNumber(workload.corrupted)} of them corrupted`;
  return [
    `secp256k1 ${operation}: ${what}, ${workload.rounds} rounds, all answers as expected\n`,
    `${machine.processors} x ${machine.processor}, Node.js ${machine.node}\n\n`,
    'Signatures a second on this machine (wall clock, median of the rounds):\n',
    wallTable(rows).replaceAll(/^/gm, '  ').trimEnd(),
    '\n',
    ...rows.map((row) => (row.cyclesPerSignature === null ? '' : `\n${cardText(row)}`)),
  ].join('');
}
