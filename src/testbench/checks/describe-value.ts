// SPDX-License-Identifier: Apache-2.0

/** Most characters of a value in a message. */
const LIMIT = 300;

/** A value on one line: bytes and bigints in hexadecimal, long ones cut. */
export function describeValue(value: unknown): string {
  const text = describe(value);
  return text.length > LIMIT ? `${text.slice(0, LIMIT)}.. (${text.length} characters)` : text;
}

function describe(value: unknown): string {
  if (typeof value === 'bigint') {
    return value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
  }
  if (value instanceof Uint8Array) return `[${Buffer.from(value).toString('hex')}]`;
  if (Array.isArray(value)) return `[${value.map(describe).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? String(value);
  const fields = Object.entries(value).map(([name, each]) => `${name}: ${describe(each)}`);
  return `{ ${fields.join(', ')} }`;
}
