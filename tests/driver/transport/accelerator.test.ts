// SPDX-License-Identifier: Apache-2.0
// Options that put a card's TCP to work, or are refused before anything is opened.

import { expect, test } from 'vitest';
import { type AcceleratorOptions, openAccelerator } from '../../../src/driver/index.ts';

const card = { kind: 'verilator', library: '/nowhere/libhpbcard.so' } as const;

test.each<[Partial<AcceleratorOptions> & object, RegExp]>([
  [{ link: 'tap:x' }, /link and ip: expected both or neither, got tap:x and undefined/],
  [{ ip: '10.0.0.1/24' }, /link and ip: expected both or neither/],
  [{ mac: '02:00:00:00:00:01' }, /mac: expected an ip, too/],
  [{ gateway: '10.0.0.1' }, /gateway: expected an ip, too/],
  [{ link: 'tap:x', ip: '10.0.0.1' }, /ip: expected .*got "10.0.0.1"/],
  [{ link: 'tap:x', ip: '10.0.0.1/24', mac: 'x' }, /mac: expected six bytes/],
  [{ link: 'tap:x', ip: '10.0.0.1/24', gateway: '10.0.1.1' }, /gateway: expected another/],
  [{ impair: 'loss=1' }, /impair: expected a link, too/],
  [{ pcap: 'a.pcap' }, /pcap: expected a link, too/],
])('error: %j', async (options, message) => {
  await expect(
    openAccelerator({ ...card, ...options } as AcceleratorOptions),
  ).rejects.toMatchObject({ code: 'ACCEL_ARGUMENT', message: expect.stringMatching(message) });
});

test('a card that is not built says so', async () => {
  await expect(
    openAccelerator({ ...card, link: 'tap:x', ip: '10.0.0.1/24' }),
  ).rejects.toMatchObject({ code: 'ACCEL_UNAVAILABLE' });
});
