// SPDX-License-Identifier: Apache-2.0
// Signatures: ECDSA over secp256k1 with deterministic nonces (RFC 6979) and low s.

import { createHmac, ECDH } from 'node:crypto';
import { getPublicKey, hashes, sign, utils } from '@noble/secp256k1';
import { Limit, SignatureLayout } from '../generated/protocol.ts';
import { fail } from './fields.ts';
import { encodeHeader } from './header.ts';
import { asBuffer, sha256, toHex } from './hex.ts';
import { assembleTransaction, transactionDigest } from './transaction.ts';
import type {
  BlockHeader,
  Id,
  PublicKey,
  Signature,
  SignedHeader,
  SignedTransaction,
  SignedVote,
  Transaction,
  Vote,
} from './types.ts';
import { encodeVote } from './vote.ts';

hashes.sha256 ??= sha256;
hashes.hmacSha256 ??= (key, message) =>
  new Uint8Array(createHmac('sha256', key).update(message).digest());

/** 32 bytes, a scalar from 1 to n - 1, big-endian. Never in a message or a log. */
export type SecretKey = Uint8Array;

/** A fresh secret key. */
export function newSecretKey(): SecretKey {
  return utils.randomSecretKey();
}

/** Whether some bytes are a secret key. */
export function isSecretKey(bytes: Uint8Array): bytes is SecretKey {
  return utils.isValidSecretKey(bytes);
}

/** The public key of a secret one. @throws {ProtocolError} `PROTOCOL_KEY`. */
export function publicKeyOf(secret: SecretKey): PublicKey {
  checkSecret(secret);
  return toHex(getPublicKey(secret, true));
}

/** Whether a text is a compressed key that is on the curve. */
export function isPublicKey(text: unknown): text is PublicKey {
  if (typeof text !== 'string' || !/^0[23][0-9a-f]{64}$/.test(text)) return false;
  try {
    ECDH.convertKey(text, 'secp256k1', 'hex', 'hex', 'uncompressed');
    return true;
  } catch {
    return false;
  }
}

/** Says nothing of the key itself. */
function checkSecret(secret: SecretKey): void {
  if (!isSecretKey(secret)) {
    fail('PROTOCOL_KEY', 0, 'secret key: expected 32 bytes, a scalar from 1 to n - 1');
  }
}

/** Signs a digest of 32 bytes. @throws {ProtocolError} `PROTOCOL_KEY`. */
export function signDigest(digest: Uint8Array, secret: SecretKey): Signature {
  checkSecret(secret);
  const made = sign(digest, secret, { prehash: false, format: 'recovered' });
  const signature = new Uint8Array(SignatureLayout.BYTES);
  signature.set(made.subarray(1), SignatureLayout.R);
  signature[SignatureLayout.RECOVERY] = made[0]!;
  return signature;
}

/** Signs a transaction, once with each key. @throws {ProtocolError} */
export function signTransaction(
  transaction: Transaction,
  secrets: readonly SecretKey[],
): SignedTransaction {
  const digest = transactionDigest(transaction);
  const signatures = secrets.map((secret) => signDigest(digest, secret));
  return assembleTransaction(transaction, signatures);
}

/** Signs a header. @throws {ProtocolError} */
export function signHeader(header: BlockHeader, secret: SecretKey): SignedHeader {
  const digest = sha256(encodeHeader(header));
  return { header, id: toHex(digest), signature: signDigest(digest, secret) };
}

/** Signs a vote. @throws {ProtocolError} */
export function signVote(vote: Vote, secret: SecretKey): SignedVote {
  const digest = sha256(encodeVote(vote));
  return { vote, id: toHex(digest), signature: signDigest(digest, secret) };
}

/**
 * Writes a record for `recoverBatch`: digest, then signature.
 *
 * @param target - packed records of 104 bytes.
 * @param index - which record.
 */
export function writeRecoverRecord(
  target: Uint8Array,
  index: number,
  { id, signature }: { readonly id: Id; readonly signature: Signature },
): void {
  const at = index * Limit.RECOVER_RECORD_BYTES;
  asBuffer(target).write(id, at, 32, 'hex');
  target.set(signature, at + 32);
}

/**
 * Keys as `recoverBatch` answers them, as public keys.
 *
 * @param keys - 64 bytes each: x then y, big-endian.
 */
export function publicKeyAt(keys: Uint8Array, index: number): PublicKey {
  const at = 64 * index;
  const odd = keys[at + 63]! & 1;
  return (odd ? '03' : '02') + asBuffer(keys).toString('hex', at, at + 32);
}
