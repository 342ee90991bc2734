// SPDX-License-Identifier: Apache-2.0

import {
  encodePublicKey,
  KEY_BYTES,
  packRecoverBatch,
  packVerifyBatch,
  type ReasonCode,
  reasonName,
  type SignatureEngine,
} from '../../driver/index.ts';
import type { Request, VerifyOperation } from './request.ts';

/** Lines of a batch: a crossing for each costs little, and Ctrl-C loses no more than is under way. */
const BATCH_LINES = 64;
/** Bytes of ids that a batch may hold on to. */
const BATCH_ID_BYTES = 1 << 20;

/** How many lines were answered, and how. */
export interface Tally {
  lines: number;
  valid: number;
  invalid: number;
  errors: number;
}

/** What a batch gives: its lines of output, and their tally. */
export interface BatchOutput extends Tally {
  readonly text: string;
}

/** Lines that are asked about together, in order. */
export class Batch {
  readonly #operation: VerifyOperation;
  readonly #requests: Request[] = [];
  #idBytes = 0;
  /** Bytes of the input that led here. */
  inputBytes = 0;

  constructor(operation: VerifyOperation) {
    this.#operation = operation;
  }

  get isEmpty(): boolean {
    return this.#requests.length === 0;
  }

  get isFull(): boolean {
    return this.#requests.length >= BATCH_LINES || this.#idBytes >= BATCH_ID_BYTES;
  }

  add(request: Request): void {
    this.#requests.push(request);
    if (typeof request.id === 'string') this.#idBytes += 2 * request.id.length;
  }

  /** Asks the engine, once for all lines. @throws {AccelError} as the engine. */
  async answer(
    engine: SignatureEngine,
    options: { readonly allowHighS: boolean; readonly signal: AbortSignal },
  ): Promise<BatchOutput> {
    const inputs = this.#requests.flatMap((r) => (r.kind === 'record' ? [r.input] : []));
    const results =
      this.#operation === 'verify'
        ? await engine.verifyBatch(packVerifyBatch(inputs), options)
        : await engine.recoverBatch(packRecoverBatch(inputs), options);
    const keys = 'keys' in results ? (results.keys as Uint8Array) : undefined;
    const tally = { lines: this.#requests.length, valid: 0, invalid: 0, errors: 0 };
    let record = 0;
    const lines = this.#requests.map((request) => {
      const { id } = request;
      if (request.kind === 'error') {
        tally.errors++;
        const { code, message } = request.error;
        return JSON.stringify({ id, error: { code, message } });
      }
      const index = request.kind === 'record' ? record++ : undefined;
      if (index === undefined || results.valid[index] !== 1) {
        tally.invalid++;
        const reason =
          request.kind === 'answer'
            ? request.reason
            : reasonName(results.reasons[index!] as ReasonCode);
        return JSON.stringify({ id, valid: false, reason });
      }
      tally.valid++;
      if (!keys) return JSON.stringify({ id, valid: true, reason: 'OK' });
      const key = encodePublicKey(keys.subarray(index * KEY_BYTES, (index + 1) * KEY_BYTES));
      return JSON.stringify({ id, publicKey: Buffer.from(key).toString('hex') });
    });
    return { ...tally, text: lines.length > 0 ? `${lines.join('\n')}\n` : '' };
  }
}
