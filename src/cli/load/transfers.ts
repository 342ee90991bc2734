// SPDX-License-Identifier: Apache-2.0
// Transfers in quantity: one template per sender, of which a few fields change; signed in batches.

import { hash } from 'node:crypto';
import { NativeSigner } from '../../driver/native/signer.ts';
import {
  assembleTransaction,
  type Id,
  Limit,
  SignatureLayout,
  TransactionLayout as T,
} from '../../node/protocol/index.ts';

const RECORD_BYTES = Limit.RECOVER_RECORD_BYTES;
const DIGEST_BYTES = 32;

/** Who sends, and the key to it. */
export interface Sender {
  readonly name: string;
  readonly secret: Uint8Array;
}

export interface TransferOptions {
  readonly chainId: Id;
  /** Each sends to the next; two or more. */
  readonly senders: readonly Sender[];
  readonly fees: { readonly perTransaction: bigint; readonly perByte: bigint };
  /** Nonce of the first transfer. */
  readonly nonce: number;
}

/** What a batch refers to. */
export interface Reference {
  readonly height: number;
  readonly id: Id;
  /** Seconds since 1970. */
  readonly expiry: number;
}

export interface TransferBatch {
  /** One after the other. */
  readonly bytes: Uint8Array;
  readonly ids: readonly Id[];
}

/**
 * Makes signed transfers of one base unit.
 *
 * Their signatures use nonces again: the keys must be such that everybody knows.
 */
export class Transfers {
  readonly #templates: readonly Buffer[];
  readonly #signer: NativeSigner;
  readonly #bytes: number;
  #nonce: number;
  #sender = 0;

  constructor({ chainId, senders, fees, nonce }: TransferOptions) {
    const build = (fee: bigint) =>
      senders.map(({ name }, i) => {
        const to = senders[(i + 1) % senders.length]!.name;
        const { bytes } = assembleTransaction(
          {
            chainId,
            refHeight: 0,
            refPrefix: 0,
            expiry: 0,
            nonce: 0,
            account: name,
            fee,
            operations: [{ type: 'transfer', from: name, to, amount: 1n, memo: new Uint8Array(0) }],
          },
          [unsigned()],
        );
        const template = Buffer.from(bytes);
        template[T.SIGNATURES] = 0; // as in the digest
        return template;
      });
    this.#bytes = build(0n)[0]!.length;
    this.#templates = build(fees.perTransaction + fees.perByte * BigInt(this.#bytes));
    this.#signer = new NativeSigner({
      secrets: new Uint8Array(Buffer.concat(senders.map(({ secret }) => secret))),
      reuseNonces: true,
    });
    this.#nonce = nonce;
  }

  /** Bytes of one transfer. */
  get transferBytes(): number {
    return this.#bytes;
  }

  /** So many new transfers, by the senders in turn. */
  make(count: number, reference: Reference): TransferBatch {
    const size = this.#bytes;
    const body = size - SignatureLayout.BYTES;
    const bytes = Buffer.allocUnsafe(count * size);
    const records = Buffer.allocUnsafe(count * RECORD_BYTES);
    const keys = new Uint32Array(count);
    const ids: Id[] = [];
    const prefix = Buffer.from(reference.id.slice(0, 8), 'hex').readUInt32LE();
    for (let i = 0; i < count; i++) {
      const at = i * size;
      keys[i] = this.#sender;
      bytes.set(this.#templates[this.#sender]!, at);
      bytes.writeUInt32LE(reference.height, at + T.REF_HEIGHT);
      bytes.writeUInt32LE(prefix, at + T.REF_PREFIX);
      bytes.writeUInt32LE(reference.expiry, at + T.EXPIRY);
      bytes.writeUInt32LE(this.#nonce, at + T.NONCE);
      const id = hash('sha256', bytes.subarray(at, at + body), 'hex');
      ids.push(id);
      records.write(id, i * RECORD_BYTES, DIGEST_BYTES, 'hex');
      this.#nonce = (this.#nonce + 1) >>> 0;
      this.#sender = (this.#sender + 1) % this.#templates.length;
    }
    this.#signer.sign(records, keys);
    for (let i = 0; i < count; i++) {
      const at = i * size;
      bytes[at + T.SIGNATURES] = 1;
      const from = i * RECORD_BYTES + DIGEST_BYTES;
      records.copy(bytes, at + body, from, from + SignatureLayout.BYTES);
    }
    return { bytes, ids };
  }

  close(): void {
    this.#signer.close();
  }
}

/** Stands where a signature will be. */
function unsigned(): Uint8Array {
  const signature = new Uint8Array(SignatureLayout.BYTES);
  signature[SignatureLayout.R + 31] = 1;
  signature[SignatureLayout.S + 31] = 1;
  return signature;
}
