/** segment_t of hdl/toe/toe_pkg.sv as an object, and as the bytes of its port, lowest byte first. */

/** Options of a segment; an absent one is zero. */
export interface SegmentOptions {
  readonly mssValid: number;
  readonly mss: number;
  readonly wsValid: number;
  readonly ws: number;
  readonly sackOk: number;
  readonly tsValid: number;
  readonly tsVal: number;
  readonly tsEcr: number;
  readonly sackValid: number;
  readonly sackLeft: number;
  readonly sackRight: number;
}

export interface Segment extends SegmentOptions {
  readonly remoteIp: number;
  readonly remotePort: number;
  readonly localPort: number;
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  readonly window: number;
  readonly urgent: number;
  /** Bytes of payload. */
  readonly len: number;
}

/** Widths in bits, highest field first. */
const FIELDS: readonly (readonly [keyof Segment, number])[] = [
  ['remoteIp', 32],
  ['remotePort', 16],
  ['localPort', 16],
  ['seq', 32],
  ['ack', 32],
  ['flags', 8],
  ['window', 16],
  ['urgent', 16],
  ['mssValid', 1],
  ['mss', 16],
  ['wsValid', 1],
  ['ws', 4],
  ['sackOk', 1],
  ['tsValid', 1],
  ['tsVal', 32],
  ['tsEcr', 32],
  ['sackValid', 1],
  ['sackLeft', 32],
  ['sackRight', 32],
  ['len', 16],
];

export const SEGMENT_BYTES = Math.ceil(FIELDS.reduce((sum, [, width]) => sum + width, 0) / 8);

export const NO_OPTIONS: SegmentOptions = {
  mssValid: 0,
  mss: 0,
  wsValid: 0,
  ws: 0,
  sackOk: 0,
  tsValid: 0,
  tsVal: 0,
  tsEcr: 0,
  sackValid: 0,
  sackLeft: 0,
  sackRight: 0,
};

export function packSegment(segment: Segment): Uint8Array {
  let word = 0n;
  for (const [name, width] of FIELDS) word = (word << BigInt(width)) | BigInt(segment[name]);
  const bytes = new Uint8Array(SEGMENT_BYTES);
  for (let i = 0; i < SEGMENT_BYTES; i++) {
    bytes[i] = Number(word & 255n);
    word >>= 8n;
  }
  return bytes;
}

export function unpackSegment(bytes: Uint8Array): Segment {
  let word = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
  const segment: Partial<Record<keyof Segment, number>> = {};
  for (const [name, width] of FIELDS.toReversed()) {
    segment[name] = Number(BigInt.asUintN(width, word));
    word >>= BigInt(width);
  }
  return segment as Segment;
}
