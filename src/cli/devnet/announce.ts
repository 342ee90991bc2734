// SPDX-License-Identifier: Apache-2.0
// What `hpb devnet` says once its nodes run.

import { formatCount, formatTable } from '../format.ts';
import type { Terminal } from '../terminal.ts';
import { CARD_NETWORK, GATEWAY } from './cards.ts';
import type { Child } from './child.ts';
import type { Gateway } from './gateway.ts';

/** A network that runs. */
export interface Announced {
  readonly folder: string;
  /** Directory of the hub that joins the cards, where they carry connections. */
  readonly hub: string | undefined;
  /** Between the hub and this machine, where there are nodes on both. */
  readonly gateway: Gateway | undefined;
  readonly children: readonly Child[];
}

/** Says where the nodes are, who does what for them, and how they reach one another. */
export async function announce(
  { folder, hub, gateway, children }: Announced,
  json: boolean,
  { stdout }: Terminal,
): Promise<void> {
  const nodes = await Promise.all(
    children.map(async ({ node, pid, ready }) => {
      const { place } = node;
      const { api, peers, nodeKey, services } = await ready;
      const at = `${place.card?.ip ?? '127.0.0.1'}:${peers}`;
      return {
        name: node.name,
        accel: node.accel,
        pid,
        api,
        peers,
        at,
        services,
        nodeKey,
        log: node.log,
      };
    }),
  );
  if (json) {
    const cards = hub !== undefined && {
      hub,
      ...(gateway && { gateway: GATEWAY.ip }),
    };
    await stdout.write(`${JSON.stringify({ folder, ...cards, nodes })}\n`);
    return;
  }
  const rows = nodes.map(({ name, api, at, services, pid }) => [
    `${name}  ${api}`,
    `signatures ${services.signatures}`,
    `peers ${at} ${services.transport === 'software' ? "this machine's TCP" : `TCP of ${services.transport}`}`,
    `pid ${pid}`,
  ]);
  const about = `${formatCount(nodes.length, 'node')} in ${folder}; Ctrl-C stops them.\n`;
  await stdout.write(
    `${formatTable(rows)}${hub === undefined ? '' : cardsText(hub, gateway)}${about}`,
  );
}

/** How the cards are joined to one another and to this machine. */
function cardsText(hub: string, gateway: Gateway | undefined): string {
  const among = `Cards are hosts of ${CARD_NETWORK} on the hub ${hub}`;
  if (!gateway) return `${among}.\n`;
  const ways = `the gateway, a card of its own at ${GATEWAY.ip}, relays between them and 127.0.0.1`;
  return `${among}; ${ways}, port by port.\n`;
}
