// SPDX-License-Identifier: Apache-2.0

/** Names and values, one a line, values in one column. */
export function fieldTable(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
}
