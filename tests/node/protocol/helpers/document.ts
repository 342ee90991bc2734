// SPDX-License-Identifier: Apache-2.0
// The examples of docs/protocol.md, read from the document.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../../src/driver/paths.ts';

/** Where the document is. */
export const DOCUMENT = join(packageRoot(), 'docs/protocol.md');

/** One example: what its bytes mean, and its bytes. */
export interface Example {
  /** transaction, header, vote, block or message. */
  readonly what: string;
  /** Type of the operation or kind of the message. */
  readonly name: string;
  readonly json: unknown;
  readonly bytes: Uint8Array;
}

const EXAMPLE =
  /<!-- example (\w+)(?: (\w+))? -->\n(?:.*\n)*?```json\n([^`]*)```\n\n```text\n([^`]*)```\n<!-- end -->/g;

/** All examples, in order. */
export function readExamples(): Example[] {
  const text = readFileSync(DOCUMENT, 'utf8');
  return [...text.matchAll(EXAMPLE)].map(([, what = '', name = '', json = '', dump = '']) => ({
    what,
    name,
    json: JSON.parse(json),
    bytes: bytesOf(dump),
  }));
}

/** Lines of an offset, hexadecimal digits and, after two spaces, a remark. */
function bytesOf(dump: string): Uint8Array {
  const lines = dump.trimEnd().split('\n');
  const parts: Buffer[] = [];
  let length = 0;
  for (const line of lines) {
    const [, offset, digits] = /^ *(\d+) {2}([0-9a-f]+)(?: {2}.*)?$/.exec(line) ?? [];
    if (Number(offset) !== length) throw new Error(`expected offset ${length}: ${line}`);
    const part = Buffer.from(digits!, 'hex');
    parts.push(part);
    length += part.length;
  }
  return new Uint8Array(Buffer.concat(parts));
}
