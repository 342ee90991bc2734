// SPDX-License-Identifier: Apache-2.0
// What two nodes sign to prove their keys to each other.

import { AuthChallengeLayout as C, Limit } from '../generated/protocol.ts';
import { writeId, writeKey, writeU32 } from './fields.ts';
import { sha256 } from './hex.ts';
import type { Id, PublicKey } from './types.ts';

/** What both sides know after the two hellos, seen from the one that signs. */
export interface Challenge {
  readonly chainId: Id;
  readonly signerKey: PublicKey;
  readonly peerKey: PublicKey;
  readonly signerNonce: Id;
  readonly peerNonce: Id;
}

/** The 184 bytes whose SHA-256 is signed. @throws {ProtocolError} */
export function encodeChallenge(challenge: Challenge): Uint8Array {
  const buffer = Buffer.alloc(C.BYTES);
  writeU32(buffer, C.MAGIC, Limit.MAGIC_AUTH, 'challenge');
  writeU32(buffer, C.PROTOCOL, Limit.VERSION, 'protocol');
  writeId(buffer, C.CHAIN_ID, challenge.chainId, 'chainId');
  writeKey(buffer, C.SIGNER_KEY, challenge.signerKey, 'signerKey');
  writeKey(buffer, C.PEER_KEY, challenge.peerKey, 'peerKey');
  writeId(buffer, C.SIGNER_NONCE, challenge.signerNonce, 'signerNonce');
  writeId(buffer, C.PEER_NONCE, challenge.peerNonce, 'peerNonce');
  return new Uint8Array(buffer.buffer, buffer.byteOffset, C.BYTES);
}

/** What an auth signs: 32 bytes. @throws {ProtocolError} */
export function authDigest(challenge: Challenge): Uint8Array {
  return sha256(encodeChallenge(challenge));
}
