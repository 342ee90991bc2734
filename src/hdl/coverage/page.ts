// SPDX-License-Identifier: Apache-2.0
// The coverage report as one HTML page that needs nothing else.

import type { FunctionalGroup, FunctionalPoint } from './functional.ts';
import type { CoverageResult } from './measure.ts';
import type { CoveragePoint } from './points.ts';
import { METRICS, type Miss, type ModuleCoverage, percent, type Share } from './summary.ts';

/** Longer files are shown around their points only. */
const MAX_LINES = 4_000;
const CONTEXT = 3;
/** Most bits that are named at a line. */
const MAX_BITS = 6;

const STYLE = `
:root { color-scheme: light dark; --text: #1c2128; --weak: #636c76; --back: #fff; --edge: #d8dee4;
  --hit: #1a7f37; --miss: #cf222e; --part: #9a6700; --hit-back: #dafbe1; --miss-back: #ffebe9;
  --part-back: #fff3c4; }
@media (prefers-color-scheme: dark) { :root { --text: #d1d7e0; --weak: #9198a1; --back: #151b23;
  --edge: #3d444d; --hit: #57ab5a; --miss: #f47067; --part: #c69026; --hit-back: #1b3524;
  --miss-back: #4a2426; --part-back: #43371b; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back);
  max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; } th { font-weight: 600; text-align: left; }
.numbers td, .numbers th { padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--edge); }
.numbers td + td, .numbers th + th { text-align: right; font-variant-numeric: tabular-nums; }
a { color: inherit; } .weak { color: var(--weak); } .miss { color: var(--miss); }
.bar { display: inline-block; width: 5rem; height: .6rem; margin-left: .6rem; border-radius: .3rem;
  background: var(--miss-back); overflow: hidden; vertical-align: baseline; }
.bar i { display: block; height: 100%; background: var(--hit); }
details { border: 1px solid var(--edge); border-radius: .4rem; margin: .6rem 0; }
summary { cursor: pointer; padding: .45rem .8rem; } .scroll { overflow-x: auto; }
.source { font: 12.5px/1.45 ui-monospace, monospace; width: 100%; }
.source td { padding: 0 .7rem; white-space: pre; } .source td:first-child,
.source td:nth-child(2) { text-align: right; color: var(--weak); user-select: none; }
.source td:last-child { color: var(--part); font-family: system-ui, sans-serif; }
.source .hit td:nth-child(3) { background: var(--hit-back); }
.source .gap td:nth-child(3) { background: var(--miss-back); }
.source .part td:nth-child(3) { background: var(--part-back); }
`;

/**
 * Writes the page.
 *
 * @param source - the text of a module's file.
 */
export function toPage(result: CoverageResult, source: (file: string) => string): string {
  const { modules, groups, functional, misses, tests, run, simulations } = result;
  const names = modules.map(({ name }) => name);
  const title = names.length > 3 ? `${names.length} modules` : names.join(', ');
  const total = (metric: 'line' | 'branch' | 'toggle') =>
    modules.reduce<Share>(
      (sum, module) => ({
        hit: sum.hit + module[metric].hit,
        total: sum.total + module[metric].total,
      }),
      { hit: 0, total: 0 },
    );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Coverage of ${html(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Coverage of ${html(title)}</h1>
<p>Tests: ${run.passed} passed, ${run.failed} failed, in ${tests.map(html).join(', ')}. Simulations:
${simulations}. A toggle counts when its bit went up and down in one of them.</p>
${missesText(misses)}
<table class="numbers">
<tr><th>module</th><th>lines</th><th>branches</th><th>toggles</th></tr>
${modules.map(rowText).join('\n')}
<tr><th>all</th>${METRICS.map((metric) => `<td>${shareText(total(metric))}</td>`).join('')}</tr>
</table>
${groupsText(groups, functional)}
<h2>Source</h2>
<p class="weak">Left: line, and how often it ran. Red never ran; yellow ran, but a branch or bit at it is
missed, named to the right.</p>
${modules.map((module) => moduleText(module, source(module.file))).join('\n')}
</body>
</html>
`;
}

function missesText(misses: readonly Miss[]): string {
  if (misses.length === 0) return '';
  const items = misses.map(
    ({ name, metric, expected, got }) =>
      `<li>${html(name)}: ${metric} ${got.toFixed(1)} %, expected ${expected} %</li>`,
  );
  return `<ul class="miss">${items.join('')}</ul>`;
}

function rowText(module: ModuleCoverage): string {
  const cells = METRICS.map((metric) => `<td>${shareText(module[metric])}</td>`).join('');
  return `<tr><td><a href="#${html(module.name)}">${html(module.name)}</a></td>${cells}</tr>`;
}

function shareText(share: Share): string {
  if (share.total === 0) return '<span class="weak">none</span>';
  const value = percent(share);
  return (
    `${share.hit} of ${share.total}, ${value.toFixed(1)} %` +
    `<span class="bar"><i style="width:${value.toFixed(1)}%"></i></span>`
  );
}

function groupsText(groups: readonly FunctionalGroup[], functional: Share): string {
  if (groups.length === 0) return '';
  const rows = groups.flatMap(({ name, file, points }) =>
    points.map((point) => {
      const hit = point.bins.filter((bin) => bin.hits >= bin.goal).length;
      const title = `${name}: ${point.name}${point.isCross ? ' (cross)' : ''}`;
      return (
        `<tr><td>${html(title)} <span class="weak">${html(file)}</span>${openBins(point)}</td>` +
        `<td>${shareText({ hit, total: point.bins.length })}</td></tr>`
      );
    }),
  );
  return `<h2>Functional coverage</h2>
<table class="numbers">
<tr><th>point</th><th>bins at their goal</th></tr>
${rows.join('\n')}
<tr><th>all</th><td>${shareText(functional)}</td></tr>
</table>`;
}

/** The bins that want more. */
function openBins({ bins }: FunctionalPoint): string {
  const open = bins.filter(({ hits, goal }) => hits < goal);
  if (open.length === 0) return '';
  const names = open.map(({ name, hits, goal }) => `${name}: ${hits} of ${goal}`);
  return `<br><span class="miss">${html(names.join(', '))}</span>`;
}

function moduleText(module: ModuleCoverage, text: string): string {
  const { name, file, points, lines } = module;
  const open = METRICS.some((metric) => module[metric].hit < module[metric].total);
  const missed = new Map<number, CoveragePoint[]>();
  for (const point of points) {
    if (point.isCovered || point.kind === 'line') continue;
    missed.set(point.line, [...(missed.get(point.line) ?? []), point]);
  }
  const source = text.replace(/\n$/, '').split('\n');
  const isShown = shownLines(source.length, [...lines.keys(), ...missed.keys()]);
  const rows = source.flatMap((code, index) => {
    const line = index + 1;
    if (!isShown(line)) return [];
    const hits = lines.get(line);
    const notes = notesOf(missed.get(line) ?? []);
    const look = hits === 0 ? 'gap' : notes ? 'part' : hits === undefined ? '' : 'hit';
    return [
      `<tr class="${look}"><td>${line}</td><td>${hits ?? ''}</td><td>${html(code)}</td>` +
        `<td>${html(notes)}</td></tr>`,
    ];
  });
  return `<details id="${html(name)}"${open ? ' open' : ''}><summary>${html(file)}</summary>
<div class="scroll"><table class="source">
${rows.join('\n')}
</table></div></details>`;
}

function shownLines(count: number, points: readonly number[]): (line: number) => boolean {
  if (count <= MAX_LINES) return () => true;
  const near = new Set<number>();
  for (const line of points) {
    for (let i = line - CONTEXT; i <= line + CONTEXT; i++) near.add(i);
  }
  return (line) => near.has(line);
}

function notesOf(missed: readonly CoveragePoint[]): string {
  const branches = missed
    .filter(({ kind }) => kind === 'branch')
    .map(({ name }) => `${name} never`);
  const bits = missed.filter(({ kind }) => kind === 'toggle').map(({ name }) => name);
  const more = bits.length > MAX_BITS ? ` and ${bits.length - MAX_BITS} more` : '';
  const toggles =
    bits.length > 0 ? [`not up and down: ${bits.slice(0, MAX_BITS).join(' ')}${more}`] : [];
  const covers = missed.some(({ kind }) => kind === 'cover') ? ['never covered'] : [];
  return [...branches, ...toggles, ...covers].join('; ');
}

function html(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
