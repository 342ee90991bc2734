// SPDX-License-Identifier: Apache-2.0
// Who is on the network: addresses of the card and of hosts, by what they are for.

import { ip4 } from '../../../tests/toe/helpers/frames.ts';

export const CARD = {
  mac: 0x0200_0000_0001,
  ip: ip4('10.77.0.2'),
  prefixLen: 24,
  gateway: ip4('10.77.0.1'),
} as const;
export const GATEWAY_MAC = 0x0200_0000_0011;

/** An end of sessions; `mac` is that of the next hop where it is not a neighbour. */
export interface HostAddress {
  readonly ip: number;
  readonly mac: number;
  /** Answers when it is asked for its hardware address. */
  readonly answers: boolean;
}

const near = (last: number, answers = true): HostAddress => ({
  ip: ip4(`10.77.0.${last}`),
  mac: 0x0200_0000_0100 + last,
  answers,
});

/** Whose frames are tampered with. */
export const HOSTILE: readonly HostAddress[] = [
  near(16),
  near(17),
  near(18),
  near(19),
  { ip: ip4('192.0.2.7'), mac: GATEWAY_MAC, answers: true },
  near(40, false),
];

/** Whose sessions have to survive it all. */
export const BYSTANDERS: readonly HostAddress[] = [near(200), near(201)];

/** Ports of the card: two with a listener, one without. */
export const LISTENING: readonly number[] = [80, 81];
export const CLOSED_PORT = 82;

export const isNeighbour = (ip: number) => ip >>> 8 === CARD.ip >>> 8;
/** Who is asked for when something is sent to this address. */
export const hopOf = (ip: number) => (isNeighbour(ip) ? ip : CARD.gateway);
