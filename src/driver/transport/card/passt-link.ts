// SPDX-License-Identifier: Apache-2.0
// The link passt, told who the card is: it sends to a hardware address that it knows, and forwards to
// the one address that it was given.

import { formatAddress, formatMac, type Network } from './network-options.ts';

/** A port of this host that leads to one of the card. */
export interface Forward {
  /** Address of this host, dotted. */
  readonly host: string;
  readonly port: number;
  readonly cardPort: number;
}

const isPasst = (link: string) => /^passt([:,]|$)/.test(link);
const isStarted = (link: string) => isPasst(link) && !/^passt:|,socket=/.test(link);

/**
 * The router of a card that was given none, where its link needs one: passt is the router at every address
 * but the card's, and connections of this host come from there. `undefined` on other links.
 */
export function defaultGateway(
  link: string,
  { ip, prefix }: Pick<Network, 'ip' | 'prefix'>,
): string | undefined {
  if (!isStarted(link) || prefix > 30) return undefined;
  const first = ip - (ip % 2 ** (32 - prefix)) + 1;
  return formatAddress(first === ip ? first + 1 : first);
}

/** The word for the link, with what passt has to know of the card; other links as they are. */
export function introducedLink(link: string, network: Network): string {
  if (!isPasst(link) || network.gateway === 0) return link;
  const card = [
    `mac=${formatMac(network.mac)}`,
    `address=${formatAddress(network.ip)}`,
    `prefix=${network.prefix}`,
    `gateway=${formatAddress(network.gateway)}`,
  ].join(',');
  if (link === 'passt') return `passt,${card}`;
  const rest = link.slice('passt'.length + 1);
  return link.startsWith('passt:') ? `passt,${card},socket=${rest}` : `passt,${card},${rest}`;
}

/** The ports that a link forwards, of a link that was opened. */
export function forwardsOf(link: string): Forward[] {
  if (!isStarted(link)) return [];
  const found = link.matchAll(/,forward=(?:([\d.]+)\/)?(\d+)(?::(\d+))?/g);
  return [...found].map(([, host = '127.0.0.1', port, cardPort = port]) => ({
    host,
    port: Number(port),
    cardPort: Number(cardPort),
  }));
}
