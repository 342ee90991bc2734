// SPDX-License-Identifier: Apache-2.0

/**
 * What is wrong with some bytes or a value, for programs. Codes are stable.
 *
 * - `PROTOCOL_TRUNCATED`: the bytes end too early.
 * - `PROTOCOL_LENGTH`: a length that does not fit what it counts, or bytes after the end.
 * - `PROTOCOL_MAGIC`, `PROTOCOL_VERSION`, `PROTOCOL_TYPE`: not what is expected here, or unknown.
 * - `PROTOCOL_RESERVED`: a byte that must be zero is not.
 * - `PROTOCOL_NAME`, `PROTOCOL_KEY`, `PROTOCOL_SIGNATURE`, `PROTOCOL_TEXT`: malformed.
 * - `PROTOCOL_RANGE`: a number out of range.
 * - `PROTOCOL_COUNT`: too many or too few.
 * - `PROTOCOL_ORDER`: not ascending, or twice.
 * - `PROTOCOL_AUTHORITY`: an authority that nobody can satisfy, or not allowed for its role.
 * - `PROTOCOL_ROOT`: a Merkle root that is not that of the block's content.
 * - `PROTOCOL_CHECKSUM`: a frame was damaged.
 * - `PROTOCOL_JSON`: not the JSON form.
 */
export type ProtocolErrorCode =
  | 'PROTOCOL_TRUNCATED'
  | 'PROTOCOL_LENGTH'
  | 'PROTOCOL_MAGIC'
  | 'PROTOCOL_VERSION'
  | 'PROTOCOL_TYPE'
  | 'PROTOCOL_RESERVED'
  | 'PROTOCOL_NAME'
  | 'PROTOCOL_KEY'
  | 'PROTOCOL_SIGNATURE'
  | 'PROTOCOL_TEXT'
  | 'PROTOCOL_RANGE'
  | 'PROTOCOL_COUNT'
  | 'PROTOCOL_ORDER'
  | 'PROTOCOL_AUTHORITY'
  | 'PROTOCOL_ROOT'
  | 'PROTOCOL_CHECKSUM'
  | 'PROTOCOL_JSON';

/** The only error of this folder. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly code: ProtocolErrorCode;
  /** Where in the bytes, if it came from bytes; in what is encoded, if from a value. */
  readonly offset: number;

  constructor(code: ProtocolErrorCode, message: string, offset = 0, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.offset = offset;
  }
}
