// SPDX-License-Identifier: Apache-2.0
// The word for a link passt: who the card is goes in, forwarded ports come out.

import { expect, test } from 'vitest';
import { openAccelerator } from '../../../src/driver/index.ts';
import { parseNetwork } from '../../../src/driver/transport/card/network-options.ts';
import {
  defaultGateway,
  forwardsOf,
  introducedLink,
} from '../../../src/driver/transport/card/passt-link.ts';

const CARD = 'mac=02:00:00:00:00:05,address=10.77.0.2,prefix=24,gateway=10.77.0.1';
const network = parseNetwork({
  ip: '10.77.0.2/24',
  mac: '02:00:00:00:00:05',
  gateway: '10.77.0.1',
});

test.for([
  ['passt', `passt,${CARD}`],
  ['passt,forward=8080:80', `passt,${CARD},forward=8080:80`],
  ['passt:/run/a,b=c.socket', `passt,${CARD},socket=/run/a,b=c.socket`],
  ['tap:passt', 'tap:passt'],
  ['hub:/tmp/passt,x', 'hub:/tmp/passt,x'],
  ['passtx', 'passtx'],
])('%s is introduced as %s', ([link, word]) => {
  expect(introducedLink(link!, network)).toBe(word);
});

test('without a router a passt that runs is not told who the card is: nobody would answer', () => {
  const alone = parseNetwork({ ip: '10.77.0.2/24' });
  expect(introducedLink('passt:/run/passt.socket', alone)).toBe('passt:/run/passt.socket');
});

test.for([
  ['passt', '10.77.0.2/24', '10.77.0.1'],
  ['passt,forward=1', '10.77.0.1/24', '10.77.0.2'],
  ['passt', '172.16.9.202/29', '172.16.9.201'],
  ['passt', '223.255.255.254/8', '223.0.0.1'],
  ['passt', '10.0.0.5/31', undefined],
  ['passt:/run/passt.socket', '10.77.0.2/24', undefined],
  ['passt,socket=/run/passt.socket', '10.77.0.2/24', undefined],
  ['tap:hpb0', '10.77.0.2/24', undefined],
] as const)('%s at %s has the router %s', ([link, ip, gateway]) => {
  const own = parseNetwork({ ip });
  expect(defaultGateway(link, own)).toBe(gateway);
  if (gateway !== undefined) expect(() => parseNetwork({ ip, gateway })).not.toThrow();
});

test('forwarded ports by address, port and port of the card', () => {
  expect(forwardsOf('passt,forward=8080:80,prefix=24,forward=0.0.0.0/22')).toEqual([
    { host: '127.0.0.1', port: 8080, cardPort: 80 },
    { host: '0.0.0.0', port: 22, cardPort: 22 },
  ]);
  expect(forwardsOf('passt')).toEqual([]);
  expect(forwardsOf('hub:x,forward=1:2')).toEqual([]);
});

test('error: a forward that is none stops the card from opening', async () => {
  const opening = openAccelerator({
    kind: 'verilator',
    link: 'passt,forward=99999',
    ip: '10.77.0.2/24',
  });
  await expect(opening).rejects.toMatchObject({ code: 'ACCEL_UNAVAILABLE' });
  await expect(opening).rejects.toThrow('forward: expected a number from 1 to 65535, got "99999"');
});
