// SPDX-License-Identifier: Apache-2.0
// Where a repeated run first differs from the recorded one. Times are not compared.

import {
  CompletionLayout,
  DescriptorLayout,
  RecoverResultLayout,
  StatusCode,
  VerifyResultLayout,
} from '../../generated/registers.ts';
import { reasonName } from '../../signatures/reasons.ts';
import { transfersOf } from '../recording/transfers.ts';

/** The first difference, and its place. */
export interface Difference {
  /** Number of the access in the recording, from 1. */
  readonly access: number;
  /** Engine or register, in words. */
  readonly place: string;
  /** Number of the descriptor in its ring, modulo 32768, where it is about one. */
  readonly descriptor?: number;
  /** Id of the descriptor. */
  readonly id?: number;
  /** Number of the record in its descriptor, where it is about one. */
  readonly record?: number;
  readonly field: string;
  /** As recorded. */
  readonly expected: string;
  /** Now. */
  readonly got: string;
}

/** A descriptor's answer: its completion entry, 16 bytes, and its result records. */
export interface Answer {
  readonly completion: Uint8Array;
  readonly result: Uint8Array;
}

/** What is compared of a descriptor. */
export interface Place {
  readonly access: number;
  readonly place: string;
  readonly number: number;
  readonly block: number;
  readonly descriptor: Uint8Array;
}

/**
 * Compares the answers to one descriptor: id and status, then the records, then the count of valid ones.
 *
 * @returns the first difference, or `undefined`.
 */
export function compareAnswers(at: Place, expected: Answer, got: Answer): Difference | undefined {
  const [old, now] = [viewOf(expected.completion), viewOf(got.completion)];
  const id = (view: DataView) => view.getUint32(CompletionLayout.ID, true);
  const status = (view: DataView) => view.getUint16(CompletionLayout.STATUS, true);
  const valid = (view: DataView) => view.getUint32(CompletionLayout.VALID, true);
  if (id(old) !== id(now)) return completionDifference(at, 'ID', `${id(old)}`, `${id(now)}`);
  if (status(old) !== status(now)) {
    return completionDifference(at, 'STATUS', statusName(status(old)), statusName(status(now)));
  }
  const record = compareResults(at, expected.result, got.result);
  if (record) return record;
  if (valid(old) === valid(now)) return undefined;
  return completionDifference(at, 'VALID', `${valid(old)}`, `${valid(now)}`);
}

/** A difference of a descriptor's completion. */
export function completionDifference(
  at: Place,
  field: string,
  expected: string,
  got: string,
): Difference {
  const { access, place, number, descriptor } = at;
  const id = viewOf(descriptor).getUint32(DescriptorLayout.ID, true);
  return { access, place, descriptor: number, id, field, expected, got };
}

const LAYOUT = VerifyResultLayout;
/** Fields of result records; what both operations share, then the key of RECOVER. */
const FIELDS = [
  { name: 'VALID', from: LAYOUT.VALID, to: LAYOUT.REASON },
  { name: 'REASON', from: LAYOUT.REASON, to: LAYOUT.ZERO },
  { name: 'ZERO', from: LAYOUT.ZERO, to: LAYOUT.RECORD },
  { name: 'RECORD', from: LAYOUT.RECORD, to: LAYOUT.BYTES },
  { name: 'X', from: RecoverResultLayout.X, to: RecoverResultLayout.Y },
  { name: 'Y', from: RecoverResultLayout.Y, to: RecoverResultLayout.BYTES },
];

function compareResults(at: Place, old: Uint8Array, now: Uint8Array): Difference | undefined {
  if (old.length !== now.length) {
    return completionDifference(at, 'results', `${old.length} bytes`, `${now.length} bytes`);
  }
  const index = old.findIndex((byte, i) => byte !== now[i]);
  if (index < 0) return undefined;
  const size = transfersOf(at.block, at.descriptor)?.resultRecordBytes ?? old.length;
  const record = Math.floor(index / size);
  const inside = index % size;
  const field = FIELDS.find(({ from, to }) => inside >= from && inside < to)!;
  const show = (result: Uint8Array) =>
    fieldText(field.name, result.subarray(record * size + field.from, record * size + field.to));
  const { place, ...rest } = completionDifference(at, field.name, show(old), show(now));
  return { ...rest, place, record };
}

function fieldText(name: string, bytes: Uint8Array): string {
  if (name === 'REASON') return reasonName(bytes[0]!) ?? `reason ${bytes[0]}`;
  if (name === 'RECORD') return String(viewOf(bytes).getUint32(0, true));
  return name === 'VALID' ? String(bytes[0]) : Buffer.from(bytes).toString('hex');
}

/** Name of a completion's status. */
export function statusName(status: number): string {
  const found = Object.entries(StatusCode).find(([, code]) => code === status);
  return found ? found[0] : `status ${status}`;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
