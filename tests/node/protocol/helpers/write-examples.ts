// SPDX-License-Identifier: Apache-2.0
// Writes the examples into docs/protocol.md; the test then reads them back:
//
//   UPDATE=1 npx vitest run tests/node/protocol/document.test.ts

import { readFileSync, writeFileSync } from 'node:fs';
import * as layouts from '../../../../src/node/generated/protocol.ts';
import {
  blockToJson,
  encodeMessage,
  encodeSignedHeader,
  encodeSignedVote,
  type Message,
  type Operation,
  signedTransactionToJson,
  toHex,
  toJson,
} from '../../../../src/node/protocol/index.ts';
import { DOCUMENT } from './document.ts';
import { block, messages, signedHeader, signedVote, transactions } from './examples.ts';

type Layout = Readonly<Record<string, number>>;

const pascal = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

const layoutOf = (name: string): Layout | undefined =>
  (layouts as unknown as Record<string, Layout>)[`${pascal(name)}Layout`];

/** Fields of a layout at an offset, as [offset, name]. */
function fields(layout: Layout, at: number): [number, string][] {
  return Object.entries(layout)
    .filter(([name]) => name !== 'BYTES')
    .map(([name, offset]) => [at + offset, name]);
}

/** Bytes in lines: one a field where it is known, the rest 32 bytes a line. */
function dump(bytes: Uint8Array, marks: readonly [number, string][]): string {
  const ends = [...marks.map(([offset]) => offset), bytes.length].sort((a, b) => a - b);
  const names = new Map(marks);
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const next = ends.find((end) => end > at) ?? bytes.length;
    const end = Math.min(next, at + 32);
    const name = names.get(at);
    const digits = toHex(bytes.subarray(at, end));
    lines.push(`${String(at).padStart(5)}  ${digits}${name ? `  ${name}` : ''}`);
    at = end;
  }
  return lines.join('\n');
}

const SIGNATURE = (at: number) => fields(layouts.SignatureLayout, at);

function operationMarks(operation: Operation, at: number): [number, string][] {
  const name = operation.type === 'unstake' ? 'stake' : operation.type;
  return [...fields(layouts.OperationLayout, at), ...fields(layoutOf(name)!, at)];
}

const BATCHES = ['transactions', 'votes', 'blocks', 'peers'];

function messageMarks({ kind }: Message): [number, string][] {
  const at = layouts.FrameLayout.BYTES;
  const head = fields(layouts.FrameLayout, 0);
  if (kind === 'auth') return [...head, ...SIGNATURE(at)];
  if (kind === 'block' || kind === 'announce')
    return [...head, ...fields(layouts.HeaderLayout, at)];
  if (BATCHES.includes(kind)) {
    return [...head, ...fields(layouts.BatchLayout, at), [at + 8, 'entries']];
  }
  return [...head, ...fields(layoutOf(kind === 'pong' ? 'ping' : kind)!, at)];
}

function section(json: unknown, text: string): string[] {
  return ['```json', JSON.stringify(json, undefined, 2), '```', '', '```text', text, '```'];
}

function example(what: string, name: string): string[] {
  if (what === 'transaction') {
    const signed = transactions.find(
      ({ transaction }) => transaction.operations[0]?.type === name,
    )!;
    const start = layouts.TransactionLayout.BYTES;
    const end = signed.bytes.length - layouts.SignatureLayout.BYTES;
    const marks = [
      ...fields(layouts.TransactionLayout, 0),
      ...operationMarks(signed.transaction.operations[0]!, start),
      ...SIGNATURE(end),
    ];
    return section(signedTransactionToJson(signed), dump(signed.bytes, marks));
  }
  if (what === 'header') {
    const marks = [...fields(layouts.HeaderLayout, 0), ...SIGNATURE(layouts.HeaderLayout.BYTES)];
    return section(toJson(signedHeader), dump(encodeSignedHeader(signedHeader), marks));
  }
  if (what === 'vote') {
    const marks = [...fields(layouts.VoteLayout, 0), ...SIGNATURE(layouts.VoteLayout.BYTES)];
    return section(toJson(signedVote), dump(encodeSignedVote(signedVote), marks));
  }
  if (what === 'block') {
    const vote = layouts.HeaderLayout.BYTES + layouts.SignatureLayout.BYTES;
    const transaction = vote + layouts.VoteLayout.BYTES + layouts.SignatureLayout.BYTES;
    const marks: [number, string][] = [
      [0, 'signed header'],
      [vote, 'signed vote'],
      [transaction, 'signed transaction'],
    ];
    return section(blockToJson(block), dump(block.bytes, marks));
  }
  const message = messages.find(({ kind }) => kind === name)!;
  return section(toJson(message), dump(encodeMessage(message), messageMarks(message)));
}

/** Puts the examples between their markers. */
export function writeExamples(): void {
  const document = readFileSync(DOCUMENT, 'utf8').replace(
    /(<!-- example (\w+)(?: (\w+))? -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, begin, what, name, end) => `${begin}${example(what, name).join('\n')}\n${end}`,
  );
  writeFileSync(DOCUMENT, document);
}
