// SPDX-License-Identifier: Apache-2.0
// The report as one HTML page that needs nothing else: no script, no font, no request.

import { FAMILY, RESOURCES } from './families.ts';
import { isProven } from './formal.ts';
import type { Instance } from './instances.ts';
import type { Dated, ModuleReport, Share } from './report.ts';
import { shortRevision } from './revision.ts';

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --good: #17803d; --bad: #c62828; --old: #9a6700 }
@media (prefers-color-scheme: dark) { :root { --good: #4ac26b; --bad: #ff7b72; --old: #d4a72c } }
* { box-sizing: border-box }
body { font: 14px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 1320px; padding: 24px }
h1 { font-size: 22px; margin: 0 } h2 { font-size: 17px; margin: 32px 0 8px }
p { margin: 4px 0 16px; opacity: .8 }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { border-bottom: 1px solid var(--line); padding: 4px 8px; text-align: right; white-space: nowrap }
th { font-weight: 600; opacity: .75; font-size: 12px } thead th { position: sticky; top: 0; background: Canvas }
th:first-child, td:first-child { text-align: left }
td.none { opacity: .35 } .good { color: var(--good) } .bad { color: var(--bad); font-weight: 600 }
.old::after { content: ' *'; color: var(--old) }
details { border: 1px solid var(--line); border-radius: 6px; margin: 6px 0; padding: 6px 12px }
summary { cursor: pointer; font-weight: 600 } code, pre { font: 12px/1.5 ui-monospace, monospace }
pre { background: var(--soft); border-radius: 4px; margin: 6px 0; overflow-x: auto; padding: 8px }
h3 { font-size: 13px; margin: 12px 0 4px } a { color: inherit }
`;

/** Where and when the report was made. */
export interface ReportAbout {
  readonly project: string;
  readonly commit: string;
  /** ISO 8601, UTC. */
  readonly time: string;
}

/** The whole page. */
export function reportPage(modules: readonly ModuleReport[], about: ReportAbout): string {
  const units = [...new Set(modules.map(({ unit }) => unit))];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(about.project)}: hardware report</title><style>${STYLE}</style></head><body>
<h1>${escapeHtml(about.project)}: hardware report</h1>
<p>At ${escapeHtml(about.commit)}, ${escapeHtml(about.time.replace('T', ' ').slice(0, 16))} UTC.
The newest of what <code>hpb hdl</code> kept; <span class="old"></span> marks a figure of earlier sources,
&ndash; what was never measured. Resources are of default parameters. Fmax is placed and routed, the best seed.</p>
${units
  .map((unit) =>
    section(
      unit,
      modules.filter((module) => module.unit === unit),
    ),
  )
  .join('\n')}
</body></html>
`;
}

const HEAD = `<thead><tr><th>module<th>tests<th>seeds<th>line<th>branch<th>toggle<th>mutants<th>proofs
<th>xcup LUT<th>FF<th>DSP<th>BRAM<th>ecp5 LUT<th>ice40 LUT<th>Fmax<th>cycles/s</tr></thead>`;

function section(unit: string, modules: readonly ModuleReport[]): string {
  const title = unit === '' ? 'modules' : `hdl/${unit}`;
  return `<section><h2>${escapeHtml(title)}</h2>
<div class="wide"><table>${HEAD}<tbody>${modules.map(row).join('')}</tbody></table></div>
${modules.map(details).join('')}</section>`;
}

function row(module: ModuleReport): string {
  const { name, tests, coverage, mutation, proofs, resources, fmax, profile } = module;
  const of = (family: string) => resources.find(({ entry }) => entry.family === family);
  const xcup = of('xcup');
  const count = (dated: ReturnType<typeof of>, resource: (typeof RESOURCES)[number]) =>
    dated ? cell(number(dated.entry.instance.total[resource]), dated) : NONE;
  const best = [...fmax].sort((a, b) => b.entry.best - a.entry.best)[0];
  const speed = profile?.entry.cyclesPerSecond;
  return `<tr><td>${details(module) === '' ? escapeHtml(name) : `<a href="#${anchor(module)}">${escapeHtml(name)}</a>`}</td>
${tests.length === 0 ? NONE : `<td>${tests.length}</td>`}${seeds(module)}
${share(coverage?.line)}${share(coverage?.branch)}${share(coverage?.toggle)}
${mutation ? mutants(mutation) : NONE}${proofs.length > 0 ? proven(proofs) : NONE}
${count(xcup, 'LUT')}${count(xcup, 'FF')}${count(xcup, 'DSP')}${count(xcup, 'BRAM')}
${count(of('ecp5'), 'LUT')}${count(of('ice40'), 'LUT')}
${best ? cell(`${best.entry.best.toFixed(0)} MHz ${best.entry.device}`, best) : NONE}
${profile && speed ? cell(`${(speed / 1e6).toFixed(2)} M`, profile) : NONE}</tr>`;
}

const NONE = '<td class="none">&ndash;</td>';

function cell(
  text: string,
  { isCurrent }: Pick<Dated<unknown>, 'isCurrent'>,
  verdict = '',
): string {
  const classes = [verdict, isCurrent ? '' : 'old'].filter(Boolean).join(' ');
  return `<td${classes ? ` class="${classes}"` : ''}>${escapeHtml(text)}</td>`;
}

function share(value: Share | undefined): string {
  if (!value || value.total === 0) return NONE;
  return `<td>${((100 * value.hit) / value.total).toFixed(1)} %</td>`;
}

function seeds({ regress }: ModuleReport): string {
  if (regress.length === 0) return NONE;
  const runs = regress.reduce((sum, { entry }) => sum + entry.runs, 0);
  const failed = regress.reduce((sum, { entry }) => sum + entry.failedSeeds.length, 0);
  const isCurrent = regress.every((each) => each.isCurrent);
  const text = failed > 0 ? `${failed} of ${number(runs)} failed` : number(runs);
  return cell(text, { isCurrent }, failed > 0 ? 'bad' : 'good');
}

function mutants(mutation: NonNullable<ModuleReport['mutation']>): string {
  const { killed, survived } = mutation.entry;
  return cell(`${killed} of ${killed + survived}`, mutation, survived === 0 ? 'good' : '');
}

function proven(proofs: ModuleReport['proofs']): string {
  const good = proofs.filter(({ entry }) => isProven(entry)).length;
  const isCurrent = proofs.every((each) => each.isCurrent);
  return cell(
    `${good} of ${proofs.length}`,
    { isCurrent },
    good === proofs.length ? 'good' : 'bad',
  );
}

function details(module: ModuleReport): string {
  const { name, file, regress, mutation, proofs, resources, fmax, profile } = module;
  const parts = [
    ...regress
      .filter(({ entry }) => entry.failedSeeds.length > 0)
      .map(({ entry }) =>
        part(`Failing seeds, ${entry.file}`, entry.failedSeeds.slice(0, 50).join(' ')),
      ),
    ...(mutation && mutation.entry.survivors.length > 0
      ? [
          part(
            `Mutants that no test noticed, seed ${mutation.entry.seed}`,
            mutation.entry.survivors
              .map(({ line, what, source }) => `${file}:${line}: ${what}   in: ${source}`)
              .join('\n'),
          ),
        ]
      : []),
    ...(proofs.length > 0
      ? [part('Proofs', proofs.map(({ entry }) => proofLine(entry)).join('\n'))]
      : []),
    ...resources.map(({ entry }) =>
      part(
        `Resources, ${FAMILY[entry.family].title}, ${shortRevision(entry.revision)}, ${entry.tool}`,
        tree(entry.instance, 0).join('\n'),
      ),
    ),
    ...fmax.map(({ entry }) =>
      part(
        `Fmax, ${entry.device}${setText(entry.parameters)}: ${entry.best.toFixed(1)} MHz, median ${entry.median.toFixed(1)}, worst ${entry.worst.toFixed(1)} of ${entry.seeds.length} seeds, ${entry.tool}`,
        `from ${entry.path.from}\n${entry.path.steps
          .map(
            ({ ns, kind, source, signal }) =>
              `${ns.toFixed(2).padStart(6)} ns ${kind.padEnd(8)} ${source || '-'}  ${signal}`,
          )
          .join('\n')}\nto ${entry.path.to}`,
      ),
    ),
    ...(profile
      ? [
          part(
            `Simulation time by line, ${profile.entry.test}`,
            profile.entry.lines
              .slice(0, 20)
              .map(
                ({ share: part_, file: at, line, source }) =>
                  `${(100 * part_).toFixed(1).padStart(5)} %  ${at}:${line}  ${source}`,
              )
              .join('\n'),
          ),
        ]
      : []),
  ];
  if (parts.length === 0) return '';
  return `<details id="${anchor(module)}"><summary>${escapeHtml(name)}</summary><code>${escapeHtml(file)}</code>${parts.join('')}</details>`;
}

function part(title: string, text: string): string {
  return `<h3>${escapeHtml(title)}</h3><pre>${escapeHtml(text)}</pre>`;
}

function proofLine(entry: ModuleReport['proofs'][number]['entry']): string {
  const { parameters, base, induction, cover, seconds, failures } = entry;
  const verdict = `base ${base}, induction ${induction}, cover ${cover}, ${seconds.toFixed(1)} s`;
  return `${setText(parameters).trim().padEnd(34)} ${verdict}  ${failures.join(' ')}`.trimEnd();
}

function setText(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => ` ${name}=${value}`)
    .join('');
}

function tree({ name, module, total, children }: Instance, level: number): string[] {
  const label = `${'  '.repeat(level)}${name}${name === module ? '' : ` (${module})`}`.padEnd(48);
  const counts = RESOURCES.map((resource) => `${number(total[resource])} ${resource}`.padStart(14));
  return [`${label}${counts.join('')}`, ...children.flatMap((child) => tree(child, level + 1))];
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function anchor({ file }: ModuleReport): string {
  return escapeHtml(file.replace(/\W+/g, '-'));
}

/** Text inside of HTML, attributes included. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
