// SPDX-License-Identifier: Apache-2.0
// What a campaign found: checks with a verdict, figures, and both for people.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatNumber, formatSeconds, formatTable } from '../../../src/cli/format.ts';
import type { LoadReport } from '../../../src/cli/load/report.ts';
import { packageRoot } from '../../../src/driver/paths.ts';

/** Something that has to hold. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** What was found; where it is bad, expected and got. */
  readonly detail: string;
}

/** What a scenario hands back. */
export interface Findings {
  readonly checks: readonly Check[];
  /** Everything measured, for programs. */
  readonly figures: Readonly<Record<string, unknown>>;
  /** The same for people: tables, each with a title. */
  readonly tables: readonly {
    readonly title: string;
    readonly rows: readonly (readonly string[])[];
  }[];
}

/** A campaign as it is written down. */
export interface Outcome extends Findings {
  readonly scenario: string;
  readonly options: object;
  readonly began: string;
  readonly seconds: number;
  /** Not stopped by Ctrl-C. */
  readonly complete: boolean;
}

/** Whether all that a node accepted of a load became final. */
export function loadCheck(load: LoadReport): Check {
  const { offered, accepted, final, failure, dropped } = load;
  const counts =
    `${formatNumber(final.count)} of ${formatNumber(accepted)} accepted, ` +
    `${formatNumber(offered.count)} offered`;
  return {
    name: 'the load is final',
    ok: final.count === accepted && dropped === 0,
    detail: failure === undefined ? counts : `${counts}; last refusal: ${failure}`,
  };
}

/** Whether everything held. */
export function isGood({ checks }: Findings): boolean {
  return checks.every(({ ok }) => ok);
}

/** For people. */
export function outcomeText(outcome: Outcome): string {
  const { scenario, checks, tables, seconds, complete } = outcome;
  const width = Math.max(0, ...checks.map(({ name }) => name.length));
  const lines = checks.map(
    ({ name, ok, detail }) => `${ok ? 'good' : 'BAD '}  ${name.padEnd(width)}  ${detail}\n`,
  );
  const verdict = isGood(outcome) ? 'good' : 'BAD';
  const end = complete ? '' : ', stopped before its end';
  return [
    ...tables.map(({ title, rows }) => `${title}\n${formatTable(rows)}\n`),
    ...lines,
    `${scenario}: ${verdict}, ${formatSeconds(seconds)}${end}\n`,
  ].join('');
}

/** Writes it as JSON. @returns where. */
export function writeOutcome(outcome: Outcome, path?: string): string {
  const folder = join(packageRoot(), 'build', 'soak');
  const file = path ?? join(folder, `${outcome.scenario}.json`);
  if (path === undefined) mkdirSync(folder, { recursive: true });
  const { tables: _, ...kept } = outcome;
  writeFileSync(file, `${JSON.stringify({ good: isGood(outcome), ...kept }, undefined, 2)}\n`);
  return file;
}
