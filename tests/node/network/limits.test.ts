// SPDX-License-Identifier: Apache-2.0
// Addresses, budgets, bans, admission and the peer book, each alone.

import { describe, expect, test } from 'vitest';
import {
  addressesIn,
  canonicalAddress,
  decodeAddress,
  encodeAddress,
  isLoopback,
  isPublic,
  parseEndpoint,
  subnetOf,
} from '../../../src/node/network/addresses.ts';
import { Admission, DEFAULT_ADMISSION } from '../../../src/node/network/admission.ts';
import { addressKey, Bans } from '../../../src/node/network/bans.ts';
import { PeerBook } from '../../../src/node/network/peer-book.ts';
import { TokenBucket } from '../../../src/node/network/token-bucket.ts';
import { testRandom } from '../../../src/testbench/random.ts';

const KEY = `02${'ab'.repeat(32)}`;

describe('addresses', () => {
  test('text and bytes, there and back', () => {
    const random = testRandom('addresses');
    for (let i = 0; i < 500; i++) {
      const bytes = random.bytes(16);
      for (let at = 0; at < 16; at += 2) if (random.chance(0.5)) bytes.fill(0, at, at + 2);
      expect(encodeAddress(decodeAddress(bytes, 0))).toEqual(bytes);
      const v4 = random.bytes(4).join('.');
      expect(decodeAddress(encodeAddress(v4), 0)).toBe(v4);
    }
  });

  test('one address has one spelling', () => {
    for (const [text, expected] of [
      ['::ffff:192.0.2.7', '192.0.2.7'],
      ['2001:0DB8:0:0:0:0:0:1', '2001:db8::1'],
      ['fe80::1%eth0', 'fe80::1'],
      ['192.0.2.7', '192.0.2.7'],
    ] as const) {
      expect(canonicalAddress(text)).toBe(expected);
    }
  });

  test('neighbourhoods are /24 and /48', () => {
    expect(subnetOf('192.0.2.7')).toBe('192.0.2.0/24');
    expect(subnetOf('2001:db8:1:2::5')).toBe('2001:db8:1::/48');
    expect(subnetOf('2001:db8:1:ffff::')).toBe(subnetOf('2001:db8:1::1'));
    expect(addressKey('2001:db8:1:2:3::')).toBe(addressKey('2001:db8:1:2:ffff::9'));
    expect(addressKey('192.0.2.7')).not.toBe(addressKey('192.0.2.8'));
  });

  test('which lead anywhere', () => {
    for (const address of ['8.8.8.8', '2600::1']) expect(isPublic(address)).toBe(true);
    for (const address of [
      '10.1.2.3',
      '127.0.0.1',
      '192.168.0.1',
      '::1',
      'fd00::1',
      'x',
      '0.0.0.0',
    ]) {
      expect(isPublic(address), address).toBe(false);
    }
    expect([isLoopback('127.9.9.9'), isLoopback('::1'), isLoopback('10.0.0.1')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('host:port', () => {
    expect(parseEndpoint('node.example:7070')).toEqual({ host: 'node.example', port: 7070 });
    expect(parseEndpoint('[::1]:1')).toEqual({ host: '::1', port: 1 });
    expect(parseEndpoint('[2001:0DB8:0::1]:1').host).toBe('2001:db8::1');
    for (const bad of ['', 'a', 'a:', ':1', '::1:5', 'a:0', 'a:99999', 'a b:1']) {
      expect(() => parseEndpoint(bad)).toThrow(/expected host:port/);
    }
  });
});

test('a bucket fills at its rate, up to its burst', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 5 }, 0);
  const take = (now: number) => bucket.take(1, now);
  expect([1, 2, 3, 4, 5, 6].map(() => take(0))).toEqual([true, true, true, true, true, false]);
  expect([take(100), take(100), take(50), take(200)]).toEqual([true, false, false, true]);
  expect([bucket.isFull(400), bucket.isFull(10_000)]).toEqual([false, true]);
  // What costs more than the burst takes a full bucket, and is not impossible.
  expect([bucket.take(50, 20_000), bucket.take(50, 20_100)]).toEqual([true, false]);
});

describe('bans', () => {
  test('points add up, are forgiven in time, and end in a ban that ends', () => {
    const bans = new Bans({ banMilliseconds: 1_000 });
    expect(bans.add('id:a', 60, 0)).toBe(false);
    expect(bans.score('id:a', 60_000)).toBe(30);
    expect(bans.add('id:a', 60, 60_000)).toBe(false);
    expect(bans.add('id:a', 10, 60_000)).toBe(true);
    expect([bans.isBanned('id:a', 60_999), bans.isBanned('id:a', 61_000)]).toEqual([true, false]);
    expect(bans.isBanned('id:b', 60_000)).toBe(false);
  });

  test('negative points forgive nothing', () => {
    const bans = new Bans();
    bans.add('id:a', 50, 0);
    bans.add('id:a', -50, 0);
    expect(bans.score('id:a', 0)).toBe(50);
  });

  test('memory is bounded, and the guiltiest stay', () => {
    const bans = new Bans({ capacity: 100 });
    bans.add('id:worst', 1_000, 0);
    for (let i = 0; i < 5_000; i++) bans.add(`id:${i}`, 1 + (i % 50), 0);
    expect(bans.size).toBeLessThanOrEqual(100);
    expect(bans.isBanned('id:worst', 0)).toBe(true);
  });

  test('kept and taken back; none lasts longer than a fresh one', () => {
    const bans = new Bans({ banMilliseconds: 1_000 });
    bans.add('id:a', 100, 0);
    const again = new Bans({ banMilliseconds: 1_000 });
    again.restore(
      [...bans.list(500), { key: 'id:b', until: 1e15 }, { key: 'id:c', until: 1 }],
      500,
    );
    expect(again.list(500)).toEqual([
      { key: 'id:a', until: 1_000 },
      { key: 'id:b', until: 1_500 },
    ]);
  });
});

describe('admission', () => {
  test('counts what came in, and forgets what left', () => {
    const admission = new Admission({ ...DEFAULT_ADMISSION, connections: 3, perSubnet: 2 }, 0);
    const leave = ['192.0.2.1', '192.0.2.2'].map((address) => admission.enter(address));
    expect(admission.refuse('192.0.2.3', 0, 0)).toBe('subnet');
    expect(admission.refuse('192.0.3.1', 0, 0)).toBeUndefined();
    leave[0]!();
    leave[0]!();
    expect(admission.connections).toBe(1);
    expect(admission.refuse('192.0.2.3', 0, 0)).toBeUndefined();
    for (const address of ['198.51.100.1', '203.0.113.1']) admission.enter(address);
    expect(admission.refuse('192.0.3.1', 0, 0)).toBe('full');
  });

  test('a subnet that hurries waits, and no other because of it', () => {
    const admission = new Admission(DEFAULT_ADMISSION, 0);
    const first = Array.from({ length: 20 }, (_, i) => admission.refuse(`192.0.2.${i}`, 0, 0));
    expect(first.filter((refusal) => refusal === 'rate').length).toBe(4);
    expect(admission.refuse('192.0.3.1', 0, 0)).toBeUndefined();
    expect(admission.refuse('192.0.2.1', 0, 1_000)).toBeUndefined();
  });

  test("a network of one's own knows no limit per subnet, its neighbours do", () => {
    const limits = { ...DEFAULT_ADMISSION, perSubnet: 2 };
    const admission = new Admission(limits, 0, addressesIn(['10.77.0.0/24', 'fd00::/8']));
    for (let i = 1; i < 60; i++) admission.enter(`10.77.0.${i}`);
    for (const address of ['10.77.0.60', 'fd00::1']) {
      expect(admission.refuse(address, 0, 0)).toBeUndefined();
    }
    for (const address of ['10.77.1.1', '10.77.1.2']) admission.enter(address);
    expect(admission.refuse('10.77.1.3', 0, 0)).toBe('subnet');
  });

  test('memory is bounded while subnets keep coming', () => {
    const rate = { perSecond: 1e9, burst: 1e9 };
    const admission = new Admission({ ...DEFAULT_ADMISSION, rate }, 0);
    for (let i = 0; i < 10_000; i++) {
      expect(admission.refuse(`${10 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.1`, 0, 0)).toBe(
        undefined,
      );
    }
  });
});

describe('peer book', () => {
  const address = (i: number) => `20.${i >> 8}.${i & 255}.1`;

  test('is bounded, in total and for each neighbourhood; who answered stays', () => {
    const book = new PeerBook({ capacity: 50, perSubnet: 3 });
    const known = { host: '8.8.8.8', port: 1 };
    book.learn({ ...known, nodeKey: KEY });
    book.succeeded(known, KEY, 5);
    for (let i = 1; i < 20; i++) book.learn({ host: `20.0.0.${i}`, port: 1, nodeKey: KEY });
    expect(book.size).toBe(4);
    for (let i = 0; i < 500; i++) book.learn({ host: address(i), port: 2, nodeKey: KEY });
    expect(book.size).toBe(50);
    expect(book.sample(64)).toEqual([{ ...known, nodeKey: KEY }]);
  });

  test('addresses that mean another machine elsewhere are neither learnt nor told', () => {
    const book = new PeerBook();
    for (const host of ['127.0.0.1', '10.0.0.1', '::1', '::ffff:192.168.0.1']) {
      expect(book.learn({ host, port: 1, nodeKey: KEY })).toBe(false);
    }
    book.addFixed({ host: '10.0.0.1', port: 1 });
    book.succeeded({ host: '10.0.0.1', port: 1 }, KEY, 1);
    expect(book.sample(10)).toEqual([]);
  });

  test('waits longer after each failure, forgets who never answers, never the operator’s', () => {
    const book = new PeerBook();
    const told = { host: '8.8.8.8', port: 1 };
    const fixed = { host: 'node.example', port: 1 };
    book.learn({ ...told, nodeKey: KEY });
    book.addFixed(fixed);
    let now = 0;
    const waits: number[] = [];
    for (let i = 0; i < 12; i++) {
      book.failed(told, now);
      book.failed(fixed, now);
      const entry = book
        .candidates(Number.MAX_SAFE_INTEGER)
        .find(({ host }) => host === fixed.host);
      waits.push(entry!.notBefore - now);
      now = entry!.notBefore;
    }
    waits.forEach((wait, i) => {
      const full = Math.min(300_000, 1_000 * 2 ** i);
      expect(wait).toBeGreaterThanOrEqual(full / 2);
      expect(wait).toBeLessThanOrEqual(full + 1);
    });
    expect(book.candidates(Number.MAX_SAFE_INTEGER)).toMatchObject([fixed]);
    book.forget(fixed);
    expect(book.size).toBe(1);
  });
});
