// SPDX-License-Identifier: Apache-2.0
// The safety record on disk.

import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fdatasync,
  fsync,
  openSync,
  writeFileSync,
} from 'node:fs';
import { readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { ConsensusError } from './errors.ts';
import { emptyRecord, type SafetyRecord } from './safety.ts';

/** Where a producer keeps its safety record. */
export interface SafetyStore {
  /**
   * The record as last saved; an empty one when there is none.
   *
   * @throws {ConsensusError} `CONSENSUS_SAFETY`: unreadable, damaged, or of another chain or producer.
   */
  load(): Promise<SafetyRecord>;
  /** Settles once the record is on disk: only then may what it says be sent. */
  save(record: SafetyRecord): Promise<void>;
}

const flush = promisify(fsync);
const flushData = promisify(fdatasync);

const MAX_BYTES = 4 * 1024 * 1024;
/** A file that would grow beyond this is begun anew. */
const MOST_BYTES = 1024 * 1024;
const id = z.string().regex(/^[0-9a-f]{64}$/);
const block = z.strictObject({ height: z.int().nonnegative(), id });
const signedVote = z.strictObject({
  vote: z.strictObject({ chainId: id, source: block, target: block, producer: z.string().max(32) }),
  id,
  signature: z
    .string()
    .regex(/^[0-9a-f]{144}$/)
    .transform((hex) => new Uint8Array(Buffer.from(hex, 'hex'))),
});
const recordSchema = z.strictObject({
  version: z.literal(1),
  chainId: id,
  producer: z.string().max(32),
  header: z.strictObject({ slot: z.int().nonnegative(), block }).optional(),
  vote: z.strictObject({ source: block, target: block }).optional(),
  proof: z.array(signedVote).max(1024),
});

const jsonRecord = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'expected JSON' });
      return z.NEVER;
    }
  })
  .pipe(recordSchema);

/**
 * Records in a file, mode 0600: a line of JSON and one of its SHA-256 each; the last one counts. `save` appends and
 * flushes, one wait for the disk. What ends in the middle was never flushed, so nothing was sent for it: the
 * record before counts. The first record of a process, the first after an error, and one for which the file is too long
 * begin it anew: written beside it, flushed, renamed, the directory flushed.
 *
 * A file that others can read or that is damaged is refused, never taken for an empty one: an empty
 * record permits everything.
 */
export function fileSafetyStore(options: {
  readonly path: string;
  readonly chainId: string;
  readonly producer: string;
}): SafetyStore {
  const { path, chainId, producer } = options;
  let saving: Promise<void> = Promise.resolve();
  /** Of a file that this process began and that is whole. */
  let length: number | undefined;
  const write = async (record: SafetyRecord) => {
    const text = textOf(record);
    const before = length;
    length = undefined;
    if (before !== undefined && before + text.length <= MOST_BYTES) {
      await appendRecord(path, text);
      length = before + text.length;
    } else {
      await beginFile(path, text);
      length = text.length;
    }
  };
  return {
    async load() {
      const text = await readRecord(path);
      if (text === undefined) return emptyRecord(chainId, producer);
      const record = parseRecord(path, text);
      if (record.chainId !== chainId || record.producer !== producer) {
        const message = `expected the record of ${producer} on chain ${chainId}, got that of ${record.producer} on ${record.chainId}`;
        throw new ConsensusError('CONSENSUS_SAFETY', `${path}: ${message}`);
      }
      return record;
    },
    save(record) {
      const next = saving.then(() => write(record));
      saving = next.catch(() => undefined);
      return next;
    },
  };
}

async function readRecord(path: string): Promise<string | undefined> {
  try {
    const { mode, size } = await stat(path);
    if ((mode & 0o077) !== 0) {
      const message = `${path}: expected mode 0600, got 0${(mode & 0o777).toString(8)}`;
      throw new ConsensusError('CONSENSUS_SAFETY', message);
    }
    if (size > MAX_BYTES) {
      const message = `${path}: expected at most ${MAX_BYTES} bytes, got ${size}`;
      throw new ConsensusError('CONSENSUS_SAFETY', message);
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if (error instanceof ConsensusError) throw error;
    throw new ConsensusError('CONSENSUS_SAFETY', `${path}: cannot be read`, { cause: error });
  }
}

function parseRecord(path: string, text: string): SafetyRecord {
  const lines = text.split('\n');
  // Behind the last newline there is nothing, or what was cut.
  const whole = lines.length - 1 - ((lines.length - 1) % 2);
  const [body = '', sum = ''] = lines.slice(Math.max(0, whole - 2), whole);
  if (digest(body) !== sum) {
    throw new ConsensusError('CONSENSUS_SAFETY', `${path}: damaged, its digest does not match`);
  }
  const parsed = jsonRecord.safeParse(body);
  if (!parsed.success) {
    const message = parsed.error.issues[0]?.message ?? 'not a record';
    throw new ConsensusError('CONSENSUS_SAFETY', `${path}: ${message}`, { cause: parsed.error });
  }
  const { version: _, header, vote, ...rest } = parsed.data;
  return { ...rest, ...(header && { header }), ...(vote && { vote }) };
}

function textOf(record: SafetyRecord): Buffer {
  const proof = record.proof.map(({ vote, id, signature }) => ({
    vote,
    id,
    signature: Buffer.from(signature).toString('hex'),
  }));
  const body = JSON.stringify({ version: 1, ...record, proof });
  return Buffer.from(`${body}\n${digest(body)}\n`);
}

// A block waits for these: only what waits for the disk takes a turn of the event loop.

async function appendRecord(path: string, text: Buffer): Promise<void> {
  const file = openSync(path, constants.O_WRONLY | constants.O_APPEND);
  try {
    writeFileSync(file, text);
    await flushData(file);
  } finally {
    closeSync(file);
  }
}

async function beginFile(path: string, text: Buffer): Promise<void> {
  const temporary = `${path}.new`;
  const file = openSync(temporary, 'w', 0o600);
  try {
    fchmodSync(file, 0o600);
    writeFileSync(file, text);
    await flush(file);
  } finally {
    closeSync(file);
  }
  await rename(temporary, path);
  const directory = openSync(dirname(path), 'r');
  try {
    await flush(directory);
  } finally {
    closeSync(directory);
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
