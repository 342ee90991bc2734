// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from 'vitest';
import { MessageCode } from '../../../src/node/generated/protocol.ts';
import { decodeFrameHeader, encodeFrame, sessionBounds } from '../../../src/node/network/frame.ts';
import { FrameReader } from '../../../src/node/network/frame-reader.ts';
import {
  decodeGetBlock,
  decodeGetBlocks,
  decodeGetPeers,
  decodeGoodbye,
  decodeHello,
  decodePeers,
  decodeStatus,
  encodeGetBlock,
  encodeGetBlocks,
  encodeGetPeers,
  encodeGoodbye,
  encodeHello,
  encodePeers,
  encodeStatus,
} from '../../../src/node/network/messages.ts';
import { testRandom } from '../../../src/testbench/random.ts';

const BOUNDS = sessionBounds(1 << 20);
const ID = '1f'.repeat(32);
const KEY = `02${'ab'.repeat(32)}`;

describe('frames', () => {
  test('have the bytes that docs/protocol.md gives them', () => {
    const frame = encodeFrame(MessageCode.PING, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    expect(Buffer.from(frame).toString('hex')).toBe(
      `485052310103000008000000${crc(frame)}0102030405060708`,
    );
    expect(Buffer.from(frame.subarray(0, 4)).toString()).toBe('HPR1');
  });

  test('come out of a stream as they went in, however it is cut', () => {
    const random = testRandom('frames');
    const kinds = [MessageCode.BLOCK, MessageCode.VOTES, MessageCode.PING] as const;
    const sent = Array.from({ length: 300 }, () => {
      const kind = random.pick(kinds);
      const words =
        kind === MessageCode.PING ? 1 : random.int(37, random.chance(0.1) ? 20_000 : 60);
      return { kind, payload: random.bytes(8 * words) };
    });
    const stream = Buffer.concat(sent.map(({ kind, payload }) => encodeFrame(kind, payload)));
    const reader = new FrameReader(BOUNDS);
    const got: { kind: number; payload: Uint8Array }[] = [];
    for (let at = 0; at < stream.length; ) {
      const step = random.int(1, random.chance(0.5) ? 40 : 100_000);
      reader.push(stream.subarray(at, at + step));
      at += step;
      // Sometimes nothing is read for a while.
      if (random.chance(0.2)) continue;
      for (let frame = reader.next(); frame; frame = reader.next()) got.push(frame);
    }
    for (let frame = reader.next(); frame; frame = reader.next()) got.push(frame);
    expect(got.length).toBe(sent.length);
    got.forEach(({ kind, payload }, i) => {
      expect(kind).toBe(sent[i]!.kind);
      expect(Buffer.from(payload).equals(sent[i]!.payload)).toBe(true);
    });
    expect([reader.partial, reader.held]).toEqual([0, 0]);
  });

  test('a payload that is on its way holds at most twice what has come', () => {
    const frame = encodeFrame(MessageCode.BLOCK, new Uint8Array(1 << 20));
    const reader = new FrameReader(BOUNDS);
    for (let at = 0; at < frame.length - 1; at += 1_000) {
      const end = Math.min(at + 1_000, frame.length - 1);
      reader.push(frame.subarray(at, end));
      expect(reader.next()).toBeUndefined();
      expect(reader.held).toBeLessThanOrEqual(Math.max(4096, 2 * end));
    }
    reader.push(frame.subarray(-1));
    expect(reader.next()?.payload.length).toBe(1 << 20);
  });

  test('the payload is memory of its own', () => {
    const chunk = Buffer.from(encodeFrame(MessageCode.PING, new Uint8Array(8)));
    const reader = new FrameReader(BOUNDS);
    reader.push(chunk);
    const { payload } = reader.next()!;
    chunk.fill(9);
    expect([...payload]).toEqual(new Array(8).fill(0));
    expect(payload.buffer.byteLength).toBe(8);
  });

  test('error: each field of the header', () => {
    const good = encodeFrame(MessageCode.PING, new Uint8Array(8)).subarray(0, 16);
    const cases: [number, number, string][] = [
      [0, 0x49, 'PROTOCOL_MAGIC'],
      [4, 2, 'PROTOCOL_VERSION'],
      [4, 0, 'PROTOCOL_VERSION'],
      [5, 0, 'PROTOCOL_TYPE'],
      [5, MessageCode.HELLO, 'PROTOCOL_TYPE'],
      [6, 1, 'PROTOCOL_RESERVED'],
      [7, 1, 'PROTOCOL_RESERVED'],
      [8, 7, 'PROTOCOL_LENGTH'],
      [8, 0, 'PROTOCOL_LENGTH'],
      [11, 255, 'PROTOCOL_LENGTH'],
    ];
    expect(decodeFrameHeader(good, BOUNDS).bytes).toBe(8);
    for (const [at, value, code] of cases) {
      const bad = Uint8Array.from(good);
      bad[at] = value;
      expect(() => decodeFrameHeader(bad, BOUNDS)).toThrow(expect.objectContaining({ code }));
    }
  });

  test('error: any one bit of a payload', () => {
    const random = testRandom('bits');
    const frame = encodeFrame(MessageCode.STATUS, random.bytes(72));
    for (let bit = 0; bit < 72 * 8; bit++) {
      const bad = Uint8Array.from(frame);
      bad[16 + (bit >> 3)]! ^= 1 << (bit & 7);
      const reader = new FrameReader(BOUNDS);
      reader.push(bad);
      expect(() => reader.next()).toThrow(expect.objectContaining({ code: 'PROTOCOL_CHECKSUM' }));
    }
  });
});

/** CRC-32 of the payload, bit by bit. */
function crc(frame: Uint8Array): string {
  let crc = 0xffff_ffff;
  for (const byte of frame.subarray(16)) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
  }
  const out = Buffer.alloc(4);
  out.writeUInt32LE(~crc >>> 0);
  return out.toString('hex');
}

describe('messages', () => {
  const payload = (frame: Uint8Array) => frame.subarray(16);

  test('decode to what was encoded', () => {
    const hello = {
      protocol: 1,
      port: 7070,
      chainId: ID,
      nodeKey: KEY,
      nonce: '2e'.repeat(32),
      agent: 'hpb/0.1',
    };
    expect(decodeHello(payload(encodeHello(hello)))).toEqual(hello);
    const status = { head: { height: 9, id: ID }, final: { height: 7, id: 'ff'.repeat(32) } };
    expect(decodeStatus(payload(encodeStatus(status)))).toEqual(status);
    const range = { from: 5, count: 1024, maxBytes: 0xffff_ffff };
    expect(decodeGetBlocks(payload(encodeGetBlocks(3, range)))).toEqual({ request: 3, ...range });
    expect(decodeGetBlock(payload(encodeGetBlock(4, ID)))).toEqual({ request: 4, id: ID });
    expect(decodeGetPeers(payload(encodeGetPeers(5, 64)))).toEqual({ request: 5, count: 64 });
    const peers = ['192.0.2.1', '2001:db8::1', '::1', '1:2:3:4:5:6:7:8', '::'].map((host, i) => ({
      host,
      port: i + 1,
      nodeKey: KEY,
    }));
    expect(decodePeers(payload(encodePeers(6, peers)))).toEqual(peers);
    const long = 'ü'.repeat(100);
    expect(decodeGoodbye(payload(encodeGoodbye('banned', long)))).toEqual({
      reason: 'banned',
      detail: '?'.repeat(56),
    });
  });

  test('error: reserved bytes, text that is none, keys that are none', () => {
    const hello = payload(
      encodeHello({ protocol: 1, port: 1, chainId: ID, nodeKey: KEY, nonce: ID, agent: 'a' }),
    );
    for (const [at, value, code] of [
      [6, 1, 'PROTOCOL_RESERVED'],
      [40, 4, 'PROTOCOL_KEY'],
      [79, 1, 'PROTOCOL_RESERVED'],
      [112, 10, 'PROTOCOL_TEXT'],
      [143, 200, 'PROTOCOL_TEXT'],
    ] as const) {
      const bad = Uint8Array.from(hello);
      bad[at] = value;
      expect(() => decodeHello(bad)).toThrow(expect.objectContaining({ code }));
    }
  });
});
