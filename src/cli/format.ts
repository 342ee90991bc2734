// SPDX-License-Identifier: Apache-2.0
// Numbers and tables for people.

/** 12345.6 as `12,346`; small numbers keep three significant digits. */
export function formatNumber(value: number): string {
  if (Math.abs(value) >= 100 || Number.isInteger(value)) {
    return Math.round(value).toLocaleString('en-US');
  }
  return String(Number(value.toPrecision(3)));
}

/** 0.9345 as `93.5 %`. */
export function formatShare(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}

/** 7300000 as `7.30 M`. */
export function formatMillions(value: number): string {
  return `${(value / 1e6).toFixed(2)} M`;
}

/** Seconds as `850 ms`, `12.3 s`, `4 min 10 s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 0.9995) return `${Math.round(1000 * seconds)} ms`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** `1 line`, `2 lines`. */
export function formatCount(count: number, thing: string): string {
  return `${formatNumber(count)} ${thing}${count === 1 ? '' : 's'}`;
}

/**
 * Rows as aligned text, two spaces apart; the first column to the left, the others to the right.
 *
 * @returns lines, each ended.
 */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length);
    });
  }
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd();
  return `${rows.map(line).join('\n')}\n`;
}
