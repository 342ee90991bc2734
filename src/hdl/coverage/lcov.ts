// SPDX-License-Identifier: Apache-2.0

import type { ModuleCoverage } from './summary.ts';

/**
 * Coverage as lcov's tracefile: lines as DA; branches and toggles as BRDA, branches as block 0 of their
 * line, the bits of a signal as block 1 of the line that declares it.
 */
export function toLcov(modules: readonly ModuleCoverage[]): string {
  return modules.map(moduleText).join('');
}

function moduleText({ name, file, lines, points, line, branch, toggle }: ModuleCoverage): string {
  const numbers = new Map<string, number>();
  const branches = points
    .filter(({ kind }) => kind === 'branch' || kind === 'toggle')
    .map((point) => {
      const block = point.kind === 'branch' ? 0 : 1;
      const key = `${point.line} ${block}`;
      const number = numbers.get(key) ?? 0;
      numbers.set(key, number + 1);
      // A toggle that is not both ways has not been taken.
      return `BRDA:${point.line},${block},${number},${point.isCovered ? point.hits : 0}`;
    });
  return `${[
    `TN:${name}`,
    `SF:${file}`,
    ...branches,
    `BRF:${branch.total + toggle.total}`,
    `BRH:${branch.hit + toggle.hit}`,
    ...[...lines].sort(([a], [b]) => a - b).map(([number, hits]) => `DA:${number},${hits}`),
    `LF:${line.total}`,
    `LH:${line.hit}`,
    'end_of_record',
  ].join('\n')}\n`;
}
