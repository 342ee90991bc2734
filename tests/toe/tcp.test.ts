// SPDX-License-Identifier: Apache-2.0
// toe_tcp by scripted segments, exact in sequence numbers and milliseconds.

import { expect, test } from 'vitest';
import { Peer } from './helpers/peer.ts';
import { TcpBench } from './helpers/tcp-bench.ts';

test('passive open: SYN, SYN-ACK, ACK', async () => {
  const bench = await TcpBench.open();
  const peer = new Peer(bench);
  bench.listening.add(80);
  peer.syn();
  expect(peer.heard()).toMatchObject([
    { flags: 'SA', seq: 0, ack: 1, mss: 1460, wsValid: 1, ws: 5, sackOk: 1, window: 65_535, len: 0 },
  ]);
  peer.say({ ack: 1 });
  expect(bench.takeEvents()).toMatchObject([{ what: ['accepted'] }]);
  expect(peer.heard()).toEqual([]);
});

test('data in order is stored, told, and acknowledged with the second segment', async () => {
  const bench = await TcpBench.open();
  const peer = new Peer(bench);
  peer.accepted();
  peer.say({ seq: 1, len: 1460, flags: 'PA' });
  expect(peer.heard()).toEqual([]);
  peer.say({ seq: 1461, len: 1460, flags: 'PA' });
  expect(peer.heard()).toMatchObject([{ flags: 'A', seq: 1, ack: 2921 }]);
  expect(bench.takeEvents()).toMatchObject([{ what: ['received'] }, { what: ['received'] }]);
});
