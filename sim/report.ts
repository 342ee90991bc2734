// SPDX-License-Identifier: Apache-2.0
// sim/report.json and sim/report.html: one file each, nothing to fetch.

import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { BenchRow } from '../src/cli/bench/rows.ts';
import type { Capabilities } from '../src/driver/index.ts';
import { packageRoot } from '../src/driver/paths.ts';
import { BATCH_SIZES, type BatchCurve } from './batch-sizes.ts';
import type { Comparison } from './compare.ts';
import { renderSections } from './sections.ts';

/** Everything a run found out. */
export interface Report {
  /** ISO 8601. */
  readonly created: string;
  readonly seed: string;
  /** Backends whose answers the card's were compared with. */
  readonly comparedWith: readonly string[];
  readonly comparisons: readonly Comparison[];
  /** Verify, then recover. */
  readonly benches: readonly (readonly BenchRow[])[];
  readonly curves: readonly BatchCurve[];
  readonly card: Capabilities;
}

/** The page's own parts, beside this file's source. */
function readPage(name: string): string {
  return readFileSync(join(packageRoot(), 'sim', 'page', name), 'utf8');
}

function uplotFolder(): string {
  return join(dirname(createRequire(import.meta.url).resolve('uplot/package.json')), 'dist');
}

/** JSON that can stand inside a script element. */
function embed(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/** The page, with everything it needs inside. */
export function renderPage(report: Report): string {
  const uplot = (name: string) => readFileSync(join(uplotFolder(), name), 'utf8');
  const data = embed({ curves: report.curves, batchSizes: BATCH_SIZES });
  const parts: Record<string, string> = {
    styles: `<style>${uplot('uPlot.min.css')}</style>\n<style>\n${readPage('style.css')}</style>`,
    scripts: [
      `<script>${uplot('uPlot.iife.min.js')}</script>`,
      `<script type="application/json" id="data">${data}</script>`,
      `<script>\n${readPage('charts.js')}</script>`,
    ].join('\n'),
    ...renderSections(report),
  };
  return readPage('page.html').replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => {
    const part = parts[name];
    if (part === undefined) throw new Error(`page.html: nothing is called ${name}`);
    return part;
  });
}

/** Writes both files. */
export function writeReport(report: Report): { readonly html: string; readonly json: string } {
  const folder = join(packageRoot(), 'sim');
  const html = join(folder, 'report.html');
  const json = join(folder, 'report.json');
  writeFileSync(json, `${JSON.stringify({ ...report, batchSizes: BATCH_SIZES }, null, 2)}\n`);
  writeFileSync(html, renderPage(report));
  return { html, json };
}
