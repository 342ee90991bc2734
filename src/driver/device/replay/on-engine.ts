// SPDX-License-Identifier: Apache-2.0

import { AccelError } from '../../errors.ts';
import {
  CompletionLayout,
  DescriptorLayout,
  FlagCode,
  OpCode,
  RecoverResultLayout,
  StatusCode,
  VerifyResultLayout,
} from '../../generated/registers.ts';
import type { SignatureEngine } from '../../signatures/contract.ts';
import { KEY_BYTES } from '../../signatures/records.ts';
import type { Access } from '../recording/format.ts';
import type { RecordingReader } from '../recording/reader.ts';
import { transfersOf } from '../recording/transfers.ts';
import { type Answer, compareAnswers, type Difference, type Place, viewOf } from './difference.ts';
import { blockName } from './registers.ts';
import { type ReplayResult, ReplaySummary } from './summary.ts';

type Described = Extract<Access, { type: 'descriptor' }>;
type Completed = Extract<Access, { type: 'completion' }>;

/** Descriptors asked at a time. */
const IN_FLIGHT = 8;

/**
 * Asks an engine without registers what the recorded card was asked, and holds the recorded answers
 * against its own, in the order of the recording.
 *
 * @throws {AccelError} rejects with `ACCEL_ARGUMENT` (damaged file), `ACCEL_ABORTED`, and as the engine.
 */
export async function replayOnEngine(
  recording: RecordingReader,
  engine: SignatureEngine,
  options: { readonly signal?: AbortSignal } = {},
): Promise<ReplayResult> {
  const summary = new ReplaySummary();
  const open = new Map<string, Described>();
  const asked: Promise<Difference | undefined>[] = [];
  let difference: Difference | undefined;
  for (const event of recording.events()) {
    if (difference) break;
    summary.see(event);
    if (event.type === 'descriptor') open.set(`${event.block}/${event.number}`, event);
    if (event.type !== 'completion') continue;
    const key = `${event.block}/${event.number}`;
    const described = open.get(key);
    open.delete(key);
    asked.push(compare(described, event, engine, summary, options));
    // Whoever is not awaited yet must not end the process.
    asked.at(-1)!.catch(() => {});
    if (asked.length >= IN_FLIGHT) difference = await asked.shift();
  }
  while (!difference && asked.length > 0) difference = await asked.shift();
  return summary.result(recording, difference);
}

async function compare(
  described: Described | undefined,
  completed: Completed,
  engine: SignatureEngine,
  summary: ReplaySummary,
  options: { readonly signal?: AbortSignal },
): Promise<Difference | undefined> {
  const { access, block, number } = completed;
  if (!described) {
    const expected = `one for descriptor ${number}, which was not given`;
    return { access, place: blockName(block), field: 'completion', expected, got: 'none' };
  }
  const { descriptor } = described;
  const place: Place = { access, place: blockName(block), number, block, descriptor };
  const answer = await ask(described, engine, options);
  if (!answer) {
    summary.skipped++;
    return undefined;
  }
  summary.compared(block, descriptor);
  return compareAnswers(place, completed, answer);
}

/** What a card that works would have answered; `undefined` where there is nothing to ask. */
async function ask(
  { access, block, descriptor, input }: Described,
  engine: SignatureEngine,
  options: { readonly signal?: AbortSignal },
): Promise<Answer | undefined> {
  const transfers = transfersOf(block, descriptor);
  if (!transfers || input.length === 0) return undefined;
  const { count, inputRecordBytes, resultRecordBytes } = transfers;
  if (input.length !== count * inputRecordBytes) {
    const message = `access ${access} has an input of ${input.length} bytes`;
    throw new AccelError('ACCEL_ARGUMENT', `the recording cannot be repeated: ${message}`);
  }
  const view = viewOf(descriptor);
  const verify = view.getUint16(DescriptorLayout.OP, true) === OpCode.VERIFY;
  const flags = view.getUint16(DescriptorLayout.FLAGS, true);
  const batch = { ...options, allowHighS: (flags & FlagCode.ALLOW_HIGH_S) !== 0 };
  const { valid, reasons, keys } = verify
    ? { ...(await engine.verifyBatch(input, batch)), keys: undefined }
    : await engine.recoverBatch(input, batch);
  const result = new Uint8Array(count * resultRecordBytes);
  for (let i = 0; i < count; i++) {
    const at = i * resultRecordBytes;
    result[at + VerifyResultLayout.VALID] = valid[i]!;
    result[at + VerifyResultLayout.REASON] = reasons[i]!;
    viewOf(result).setUint32(at + VerifyResultLayout.RECORD, i, true);
    const key = keys?.subarray(i * KEY_BYTES, (i + 1) * KEY_BYTES);
    if (key) result.set(key, at + RecoverResultLayout.X);
  }
  const completion = new Uint8Array(CompletionLayout.BYTES);
  const entry = viewOf(completion);
  entry.setUint32(CompletionLayout.ID, view.getUint32(DescriptorLayout.ID, true), true);
  entry.setUint32(
    CompletionLayout.VALID,
    valid.reduce((sum, one) => sum + one, 0),
    true,
  );
  entry.setUint16(CompletionLayout.STATUS, StatusCode.OK, true);
  return { completion, result };
}
