// SPDX-License-Identifier: Apache-2.0
// Writes the figures of the last `make sim` into README.md: `node src/scripts/run.js sim/readme-figures.ts`.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchRow } from '../src/cli/bench/rows.ts';
import { formatMillions, formatNumber, formatShare } from '../src/cli/format.ts';
import { packageRoot } from '../src/driver/paths.ts';
import type { Report } from './report.ts';

const BEGIN = '<!-- figures: begin -->';
const END = '<!-- figures: end -->';

/** Simulated card to software, both on one thread: what the project wants at least. */
const AIM = 5;

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;

/** Figures of verify beside those of recover. */
function pairs(report: Report, backend: string): BenchRow[] {
  return report.benches.map((rows) => rows.find((r) => r.backend === backend)!);
}

function wallTable(report: Report): string {
  const names = { software: 'software', native: 'native', verilator: 'the card, simulated' };
  const body = Object.entries(names).map(([backend, title]) => {
    const cells = pairs(report, backend).flatMap((r) => [
      formatNumber(r.wallPerSecondPerThread),
      `${formatNumber(r.ratioToSoftwarePerThread!)} x`,
    ]);
    return row([title, ...cells]);
  });
  return [
    row([
      'signatures/s, one thread, **wall clock**',
      'verify',
      'to software',
      'recover',
      'to software',
    ]),
    row(['---', '---:', '---:', '---:', '---:']),
    ...body,
  ].join('');
}

function designTable(report: Report): string {
  const card = pairs(report, 'verilator');
  const line = (title: string, value: (r: BenchRow) => string) => row([title, ...card.map(value)]);
  const { clockMHz, clockSource, engines } = card[0]!.projected!;
  return [
    row(['the design, **cycles**', 'verify', 'recover']),
    row(['---', '---:', '---:']),
    line('cycles a signature, one multiplier', (r) => formatNumber(r.cyclesPerSignature!)),
    line('multiplications a signature', (r) => formatNumber(r.multiplicationsPerSignature!)),
    line('multiplier in use', (r) => formatShare(r.multiplierUtilisation!)),
    line(`signatures/s **projected**: ${clockMHz} MHz (${clockSource}), ${engines} engine`, (r) =>
      formatNumber(r.projected!.perSecond),
    ),
    '\n',
    `The simulation ran at ${formatMillions(card[0]!.simulatedCyclesPerSecond!)} cycles/s. `,
    `Driver, FFI, waking up and DMA took\n${driverShares(card[0]!)}\n`,
    aim(card[0]!.ratioToSoftwarePerThread!),
  ].join('');
}

/** One batch at a time, and two in flight. */
function driverShares({ driverCost }: BenchRow): string {
  const costs = driverCost ?? [];
  const flights = [...new Set(costs.map(({ inFlight }) => inFlight))];
  const batches = [...new Set(costs.map(({ batch }) => batch))].join(', ');
  const shares = flights.map((flight) => {
    const of = costs.filter(({ inFlight }) => inFlight === flight);
    return `${of.map(({ share }) => formatShare(share)).join(', ')} with ${flight} in flight`;
  });
  return `${shares.join('; ')}, at batches of ${batches}.`;
}

/** The aim of the simulation, and how far it is. */
function aim(ratio: number): string {
  const reached =
    ratio >= AIM ? 'reached' : `not reached: ${formatNumber(ratio)} times in this run`;
  return `The aim, ${AIM} times the software backend on one thread, is ${reached}.\n`;
}

const root = packageRoot();
const report = JSON.parse(readFileSync(join(root, 'sim', 'report.json'), 'utf8')) as Report;
const path = join(root, 'README.md');
const readme = readFileSync(path, 'utf8');
const from = readme.indexOf(BEGIN);
const to = readme.indexOf(END);
if (from < 0 || to < from) throw new Error(`README.md: expected ${BEGIN} and ${END}`);
const figures = `${BEGIN}\n${wallTable(report)}\n${designTable(report)}`;
writeFileSync(path, `${readme.slice(0, from)}${figures}${readme.slice(to)}`);
