// SPDX-License-Identifier: Apache-2.0
// The network of the cards of a development network: who is where, and how nodes find one another.

/** A host on the hub. */
export interface CardHost {
  /** IPv4, within `CARD_NETWORK`. */
  readonly ip: string;
  readonly mac: string;
}

/** Where a node takes connections: at its card, where that carries them, else at this machine. */
export interface Place {
  readonly port: number;
  readonly card?: CardHost;
}

/** Exists on the hub alone: no route of this machine leads there. */
export const CARD_NETWORK = '10.77.0.0/24';
/** Bits of the network. */
export const CARD_PREFIX = 24;
/** This machine, as the cards see it. */
export const GATEWAY: CardHost = { ip: '10.77.0.1', mac: '02:68:70:62:00:01' };

/** Last byte of the first card's addresses: node 1 is 10.77.0.11, and the 64th has one still. */
const FIRST = 11;
/** Addresses of the card of a node, counted from 0; the same each time, so that peers find it again. */
export function cardHost(at: number): CardHost {
  const last = FIRST + at;
  const byte = last.toString(16).padStart(2, '0');
  return { ip: `10.77.0.${last}`, mac: `02:68:70:62:00:${byte}` };
}

/** `host:port` under which one node reaches another. */
export function addressSeenFrom(from: Place, to: Place): string {
  if (to.card && from.card) return `${to.card.ip}:${to.port}`;
  // Through the gateway, in one direction or the other: the port stays the same.
  return `${from.card ? GATEWAY.ip : '127.0.0.1'}:${to.port}`;
}

/** Whether some nodes are on the hub and others are not, so that a gateway has to join them. */
export function needsGateway(places: readonly Place[]): boolean {
  return places.some(({ card }) => card) && places.some(({ card }) => !card);
}
