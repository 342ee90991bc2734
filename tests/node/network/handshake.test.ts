// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from 'vitest';
import { HANDSHAKE_BOUNDS } from '../../../src/node/network/frame.ts';
import { type Frame, FrameReader } from '../../../src/node/network/frame-reader.ts';
import {
  challengeDigest,
  Handshake,
  type HandshakeOptions,
  NodeIdentity,
} from '../../../src/node/network/handshake.ts';
import { encodeHello, type Hello } from '../../../src/node/network/messages.ts';
import { toHex } from '../../../src/node/protocol/hex.ts';
import { testRandom } from '../../../src/testbench/random.ts';

const CHAIN = 'c1'.repeat(32);
const random = testRandom('handshake');
const identity = (chainId = CHAIN) =>
  new NodeIdentity({ secretKey: random.bytes(32), chainId, agent: 'test' });

function frames(bytes: readonly Uint8Array[]): Frame[] {
  const reader = new FrameReader(HANDSHAKE_BOUNDS);
  reader.push(Buffer.concat(bytes));
  const all: Frame[] = [];
  for (let frame = reader.next(); frame; frame = reader.next()) all.push(frame);
  return all;
}

function side(initiator: boolean, own = identity(), more: Partial<HandshakeOptions> = {}) {
  return new Handshake({ identity: own, port: initiator ? 0 : 7070, initiator, ...more });
}

/** Feeds one side what the other sent; what it sends, and its peer once proven. */
function feed(handshake: Handshake, bytes: readonly Uint8Array[]) {
  const sent: Uint8Array[] = [];
  let peer: Hello | undefined;
  for (const frame of frames(bytes)) {
    const step = handshake.receive(frame);
    sent.push(...step.send);
    peer = step.peer ?? peer;
  }
  return { sent, peer };
}

const reason = (name: string) => expect.objectContaining({ reason: name });

describe('handshake', () => {
  test('three flights, and both know the key of the other', () => {
    const [a, b] = [identity(), identity()];
    const [first, second] = [side(true, a), side(false, b)];
    const one = first.start();
    const two = feed(second, one);
    expect([one.length, two.sent.length, two.peer]).toEqual([1, 2, undefined]);
    const three = feed(first, two.sent);
    expect(three.sent.length).toBe(1);
    expect(three.peer).toMatchObject({ nodeKey: b.nodeKey, port: 7070, agent: 'test' });
    expect(feed(second, three.sent).peer?.nodeKey).toBe(a.nodeKey);
  });

  test('the responder does not believe before the third flight, the initiator not before the second', () => {
    const [first, second] = [side(true), side(false)];
    const two = feed(second, first.start());
    expect(two.peer).toBeUndefined();
    expect(feed(first, two.sent.slice(0, 1)).peer).toBeUndefined();
  });

  test('an old third flight does not fit a new connection', () => {
    const [a, b] = [identity(), identity()];
    const [first, second] = [side(true, a), side(false, b)];
    const one = first.start();
    const three = feed(first, feed(second, one).sent).sent;
    const again = side(false, b);
    feed(again, one);
    expect(() => feed(again, three)).toThrow(reason('bad_proof'));
  });

  test('an old second flight does not fit a new connection', () => {
    const [a, b] = [identity(), identity()];
    const two = feed(side(false, b), side(true, a).start()).sent;
    const again = side(true, a);
    again.start();
    expect(() => feed(again, two)).toThrow(reason('bad_proof'));
  });

  test('a proof made for one node does not serve another: nobody can hand it on', () => {
    // a connects to m, who passes a's words on to b as if they were for b.
    const [a, b, m] = [identity(), identity(), identity()];
    const [first, middle, second] = [side(true, a), side(false, m), side(false, b)];
    const one = first.start();
    const three = feed(first, feed(middle, one).sent).sent;
    feed(second, one);
    expect(() => feed(second, three)).toThrow(reason('bad_proof'));
  });

  test('what a responder signs is of no use to who asked for it under another name', () => {
    // m asks b for a proof towards a, in a's name and with a's nonce, and shows it to a.
    const [a, b, m] = [identity(), identity(), identity()];
    const first = side(true, a);
    const helloOfA = first.start();
    const proofOfB = feed(side(false, b), helloOfA).sent[1]!;
    const helloOfM = encodeHello(m.hello(1));
    expect(() => feed(first, [helloOfM, proofOfB])).toThrow(reason('bad_proof'));
  });

  test('every field of a hello but port and agent is signed', () => {
    const [own, peer] = [identity().hello(1), identity().hello(2)];
    const digest = (a: Hello, b: Hello) => toHex(challengeDigest(a, b));
    const other = 'ee'.repeat(32);
    const digests = [
      digest(own, peer),
      digest(peer, own),
      digest({ ...own, protocol: 2 }, peer),
      digest({ ...own, chainId: other }, peer),
      digest({ ...own, nonce: other }, peer),
      digest({ ...own, nodeKey: `03${other}` }, peer),
      digest(own, { ...peer, nonce: other }),
      digest(own, { ...peer, nodeKey: `03${other}` }),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });

  test('nonces are fresh each time', () => {
    const own = identity();
    expect(new Set(Array.from({ length: 50 }, () => own.hello(0).nonce)).size).toBe(50);
  });

  test('error: any changed bit of a proof', () => {
    const b = identity();
    for (let i = 0; i < 6; i++) {
      const first = side(true);
      const [hello, proof] = feed(side(false, b), first.start()).sent as [Uint8Array, Uint8Array];
      const payload = Uint8Array.from(frames([proof])[0]!.payload);
      payload[random.int(64)]! ^= 1 << random.int(8);
      feed(first, [hello]);
      const frame = { kind: 2, payload } as const;
      expect(() => first.receive(frame)).toThrow();
    }
  });

  test('error: messages out of order', () => {
    const first = side(true);
    const two = feed(side(false), first.start()).sent;
    expect(() => feed(side(true), [two[1]!])).toThrow(reason('bad_message'));
    feed(first, [two[0]!]);
    expect(() => feed(first, [two[0]!])).toThrow(reason('bad_message'));
  });

  test('error: another chain, another version, itself, another than expected, nobody wanted', () => {
    const own = identity();
    const hello = (change: Partial<Hello>) => [encodeHello({ ...identity().hello(0), ...change })];
    const second = (more: Partial<HandshakeOptions> = {}) => side(false, own, more);
    expect(() => feed(second(), hello({ chainId: 'ab'.repeat(32) }))).toThrow(
      reason('wrong_chain'),
    );
    expect(() => feed(second(), hello({ protocol: 2 }))).toThrow(reason('wrong_version'));
    expect(() => feed(second(), hello({ nodeKey: own.nodeKey }))).toThrow(reason('self'));
    const expectedKey = identity().nodeKey;
    expect(() => feed(second({ expectedKey }), hello({}))).toThrow(reason('bad_proof'));
    const accept = () => {
      throw new Error('no');
    };
    expect(() => feed(second({ accept }), hello({}))).toThrow('no');
  });

  test('error: a key that is on no curve', () => {
    const first = side(true);
    const two = feed(side(false), first.start()).sent;
    const nobody = encodeHello({ ...identity().hello(0), nodeKey: `02${'ff'.repeat(32)}` });
    expect(() => feed(first, [nobody, two[1]!])).toThrow(reason('bad_proof'));
  });
});
