// SPDX-License-Identifier: Apache-2.0
// TCP segments of peers as frames, with everything in them given; fast, for millions of them.

import { checksumOf, onesSum } from '../../../tests/toe/helpers/frames.ts';

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const PSH = 8;
export const ACK = 16;
export const URG = 32;

const ETHERNET = 14;
/** Without the FCS. */
const SHORTEST = 60;

/** A segment and what carries it; addresses and sequence numbers as numbers. */
export interface Fields {
  toMac: number;
  fromMac: number;
  source: number;
  destination: number;
  ttl: number;
  dscp: number;
  /** Flags and fragment offset. */
  fragment: number;
  ipOptions: Uint8Array;
  sourcePort: number;
  destinationPort: number;
  seq: number;
  ack: number;
  flags: number;
  window: number;
  urgent: number;
  /** A multiple of four bytes. */
  options: Uint8Array;
  payload: Uint8Array;
}

export function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

export function put32(bytes: Uint8Array, at: number, value: number): void {
  put16(bytes, at, value >>> 16);
  put16(bytes, at + 2, value);
}

export function putMac(bytes: Uint8Array, at: number, value: number): void {
  put16(bytes, at, Math.floor(value / 2 ** 32));
  put32(bytes, at + 2, value);
}

/** The frame, checksums right, padded to Ethernet's least. */
export function frameOf(fields: Fields): Uint8Array {
  const { ipOptions, options, payload } = fields;
  const header = 20 + ipOptions.length;
  const offset = 20 + options.length;
  const total = header + offset + payload.length;
  const frame = new Uint8Array(Math.max(SHORTEST, ETHERNET + total));
  putMac(frame, 0, fields.toMac);
  putMac(frame, 6, fields.fromMac);
  put16(frame, 12, 0x0800);
  const packet = frame.subarray(ETHERNET, ETHERNET + total);
  packet[0] = 0x40 | (header >> 2);
  packet[1] = fields.dscp << 2;
  put16(packet, 2, total);
  put16(packet, 6, fields.fragment);
  packet[8] = fields.ttl;
  packet[9] = 6;
  put32(packet, 12, fields.source);
  put32(packet, 16, fields.destination);
  packet.set(ipOptions, 20);
  put16(packet, 10, checksumOf(packet.subarray(0, header)));
  const segment = packet.subarray(header);
  put16(segment, 0, fields.sourcePort);
  put16(segment, 2, fields.destinationPort);
  put32(segment, 4, fields.seq);
  put32(segment, 8, fields.ack);
  segment[12] = (offset >> 2) << 4;
  segment[13] = fields.flags;
  put16(segment, 14, fields.window);
  put16(segment, 18, fields.urgent);
  segment.set(options, 20);
  segment.set(payload, offset);
  put16(segment, 16, checksumOf(segment, pseudo(packet, segment.length)));
  return frame;
}

/** Sum of the pseudo header (RFC 9293 3.1) of a packet. */
export function pseudo(packet: Uint8Array, length: number): number {
  return onesSum(packet.subarray(12, 20), 6 + length);
}

/** Puts a payload into a segment's frame, with its checksum. @param length - bytes of payload. */
export function replacePayload(
  frame: Uint8Array,
  length: number,
  fill: (bytes: Uint8Array) => void,
): void {
  const packet = frame.subarray(ETHERNET);
  const header = ((packet[0] ?? 0) & 15) * 4;
  const total = ((packet[2] ?? 0) << 8) | (packet[3] ?? 0);
  const segment = packet.subarray(header, total);
  fill(segment.subarray(segment.length - length));
  put16(segment, 16, 0);
  put16(segment, 16, checksumOf(segment, pseudo(packet, segment.length)));
}

export interface SynOptions {
  readonly mss?: number;
  readonly ws?: number;
  readonly sack?: boolean;
  /** Value and echo. */
  readonly ts?: readonly [number, number];
}

/** Options as stacks send them, padded in front. */
export function optionBytes({ mss, ws, sack, ts }: SynOptions): Uint8Array {
  const bytes: number[] = [];
  if (mss !== undefined) bytes.push(2, 4, mss >>> 8, mss & 255);
  if (ws !== undefined) bytes.push(1, 3, 3, ws);
  if (sack) bytes.push(1, 1, 4, 2);
  if (ts) {
    bytes.push(1, 1, 8, 10);
    for (const value of ts) {
      bytes.push(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
    }
  }
  return Uint8Array.from(bytes);
}
