// SPDX-License-Identifier: Apache-2.0
// What travels between nodes and lies in the chain: values, bytes, JSON, signatures.

export * from '../generated/protocol.ts';
export { formatAddress, parseAddress } from './address.ts';
export { checkAuthority } from './authority.ts';
export * from './block.ts';
export { ProtocolError, type ProtocolErrorCode } from './errors.ts';
export {
  checkPayload,
  decodeFrameHead,
  FRAME_BYTES,
  type FrameHead,
  MESSAGE_CODES,
  MESSAGE_KINDS,
  type MessageKind,
  payloadBounds,
} from './frame.ts';
export { authDigest, type Challenge, encodeChallenge } from './handshake.ts';
export {
  decodeHeader,
  decodeSignedHeader,
  encodeHeader,
  encodeSignedHeader,
  HEADER_BYTES,
  headerId,
  SIGNED_HEADER_BYTES,
} from './header.ts';
export { fromHex, isId, sha256, sha256Id, toHex } from './hex.ts';
export * from './json.ts';
export { EMPTY_ROOT, MerkleTree, merkleRoot } from './merkle.ts';
export { decodeMessage, encodeMessage } from './message-codec.ts';
export type * from './messages.ts';
export * from './names.ts';
export { OPERATION_CODES, OPERATION_TYPES } from './operation-types.ts';
export * from './signing.ts';
export * from './transaction.ts';
export type * from './types.ts';
export {
  decodeSignedVote,
  decodeVote,
  encodeSignedVote,
  encodeVote,
  SIGNED_VOTE_BYTES,
  VOTE_BYTES,
  voteId,
} from './vote.ts';
