// SPDX-License-Identifier: Apache-2.0
// The tables of sim/report.html. Wall clock, cycles and projection never share one.

import type { BenchRow } from '../src/cli/bench/rows.ts';
import { formatMillions, formatNumber, formatShare } from '../src/cli/format.ts';
import type { Report } from './report.ts';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>]/g, (character) => ENTITIES[character]!);
}

const cell = (content: string | number, tag = 'td') => `<${tag}>${content}</${tag}>`;
const line = (cells: readonly (string | number)[]) =>
  `<tr>${cells.map((content) => cell(content)).join('')}</tr>`;

function table(head: readonly string[], body: readonly string[]): string {
  const header = head.map((name) => cell(name, 'th')).join('');
  return `<table><thead><tr>${header}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}

const TITLES: Readonly<Record<string, string>> = {
  software: 'software (@noble/secp256k1)',
  native: 'native (libsecp256k1)',
  verilator: 'the card, simulated',
};

const times = (ratio: number | null) => (ratio === null ? '' : `${formatNumber(ratio)} &times;`);

function verdict({ comparisons }: Report): string {
  const cases = comparisons.reduce((sum, c) => sum + c.signatures + c.malformed, 0);
  const wrong = comparisons.reduce((sum, { differences }) => sum + differences.length, 0);
  const kind = wrong === 0 ? 'good' : 'bad';
  return `<p class="verdict ${kind}">${formatNumber(cases)} cases, ${formatNumber(wrong)} wrong answers of the card</p>`;
}

function facts({ created, seed, benches }: Report): string {
  const machine = benches[0]?.[0]?.machine;
  const rows = [
    ['made', `${created.slice(0, 16).replace('T', ' ')} UTC`],
    ['machine', `${machine?.processors} &times; ${escapeHtml(machine?.processor ?? '')}`],
    ['software', `hpb-accel ${machine?.version}, Node.js ${machine?.node}`],
    ['seed', escapeHtml(seed)],
  ];
  return rows.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join('');
}

function answersIntro({ comparedWith }: Report): string {
  return `Each case was put to the card and to ${comparedWith.join(' and ')}; reason and key must be the
same everywhere, and as published where the answer is known. A third of the fresh signatures is
corrupted: digest, r, s, key or recovery id.`;
}

function answers({ comparisons }: Report): string {
  const body = comparisons.map(({ name, signatures, malformed, accepted, differences }) =>
    line([
      escapeHtml(name),
      formatNumber(signatures + malformed),
      formatNumber(accepted),
      formatNumber(signatures + malformed - accepted),
      `<b class="${differences.length > 0 ? 'bad' : ''}">${formatNumber(differences.length)}</b>`,
    ]),
  );
  return table(['', 'cases', 'accepted', 'refused', 'wrong'], body);
}

function differences({ comparisons }: Report): string {
  const all = comparisons.flatMap((comparison) => comparison.differences);
  return all.length === 0 ? '' : `<pre class="bad">${escapeHtml(all.join('\n'))}</pre>`;
}

function wall({ benches }: Report): string {
  const body = benches.flatMap((rows) => {
    const most = Math.max(...rows.map((row) => row.wallPerSecondPerThread));
    const operation = rows[0]?.operation ?? '';
    return [
      `<tr class="group"><td colspan="7">${operation}</td></tr>`,
      ...rows.map((row) => {
        const width = ((100 * row.wallPerSecondPerThread) / most).toFixed(1);
        const bar = `<td class="bar"><i style="width:${width}%;background:var(--${row.backend})"></i></td>`;
        const numbers = [
          formatNumber(row.wallPerSecondPerThread),
          times(row.ratioToSoftwarePerThread),
          formatNumber(row.wallPerSecond),
          row.threads,
          times(row.ratioToSoftware),
        ];
        return `<tr><td>${TITLES[row.backend]}</td>${bar}${numbers.map((n) => cell(n)).join('')}</tr>`;
      }),
    ];
  });
  const head = [
    'signatures a second',
    '',
    'one thread',
    'to software',
    'machine',
    'threads',
    'to software',
  ];
  return table(head, body);
}

/** Rows of the card, verify and recover. */
function cardRows({ benches }: Report): BenchRow[] {
  return benches.flatMap((rows) => rows.filter((row) => row.cyclesPerSignature !== null));
}

function design(report: Report): string {
  const body = cardRows(report).map((row) =>
    line([
      row.operation,
      `<b>${formatNumber(row.cyclesPerSignature!)}</b>`,
      formatNumber(row.multiplicationsPerSignature!),
      formatShare(row.multiplierUtilisation!),
    ]),
  );
  return table(
    ['', 'cycles a signature', 'multiplications a signature', 'multiplier in use'],
    body,
  );
}

function projected(report: Report): string {
  const body = cardRows(report).map((row) => {
    const { perSecond, clockMHz, clockSource, engines } = row.projected!;
    return line([
      row.operation,
      `<b>${formatNumber(perSecond)}</b>`,
      `${clockMHz} MHz, ${escapeHtml(clockSource)}`,
      engines,
    ]);
  });
  return table(['', 'signatures a second', 'clock', 'engines'], body);
}

function clockNote(report: Report): string {
  const assumed = cardRows(report).some((row) => row.projected?.clockSource === 'assumed');
  return assumed ? 'The clock is an assumption: the card has not been placed and routed yet.' : '';
}

function simulation(report: Report): string {
  const body = cardRows(report).flatMap((row) => [
    line([
      `${row.operation}: cycles simulated a second`,
      formatMillions(row.simulatedCyclesPerSecond!),
    ]),
    ...(row.driverCost ?? []).map(({ batch, inFlight, share }) =>
      line([
        `${row.operation}: time outside the engine's work, batches of ${formatNumber(batch)}, ${inFlight} in flight`,
        formatShare(share),
      ]),
    ),
  ]);
  return table(['', ''], body);
}

/** The page's placeholders, by name. */
export function renderSections(report: Report): Record<string, string> {
  const [first] = report.benches[0] ?? [];
  return {
    verdict: verdict(report),
    facts: facts(report),
    answersIntro: answersIntro(report),
    answers: answers(report),
    differences: differences(report),
    rounds: String(first?.workload.rounds ?? 0),
    wall: wall(report),
    design: design(report),
    contexts: String(report.card.sigverify.contexts),
    projected: projected(report),
    clockNote: clockNote(report),
    simulation: simulation(report),
    seed: escapeHtml(report.seed),
  };
}
