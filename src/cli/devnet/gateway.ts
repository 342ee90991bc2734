// SPDX-License-Identifier: Apache-2.0
// What joins the hub of the cards with this machine: a card of its own, and a relay behind it.

import {
  type Accelerator,
  openAccelerator,
  SimDevice,
  type Transport,
  type TransportServer,
  type TransportSocket,
} from '../../driver/index.ts';
import { NodeNetTransport } from '../../driver/transport/node-net.ts';
import { CARD_PREFIX, GATEWAY, type Place } from './cards.ts';

/** Where a relay takes connections, and where it leads them. */
interface Way {
  readonly from: Transport;
  readonly to: Transport;
  /** Where `to` connects; the port is that at which `from` listens, too. */
  readonly host: string;
  readonly port: number;
}

/**
 * Carries connections between the nodes on the hub and those at this machine.
 *
 * A card's port is one of 127.0.0.1, too; a port of a node at this machine is one of the gateway's
 * address on the hub. On the hub's side an emulated card does the TCP, on the other this machine: no
 * rights, no interface and no program is needed for it.
 */
export class Gateway {
  /** Rejects when its card has lost the hub. */
  readonly lost: Promise<never>;
  readonly #card: Accelerator;
  readonly #machine: NodeNetTransport;

  /**
   * Opens the card, and listens for every node on the other side.
   *
   * @param hub - directory of the hub.
   * @throws {AccelError} `ACCEL_UNAVAILABLE`; the system's error when a port cannot be had.
   */
  static async open(hub: string, places: readonly Place[]): Promise<Gateway> {
    const { ip, mac } = GATEWAY;
    const address = { ip: `${ip}/${CARD_PREFIX}`, mac };
    const card = await openAccelerator({ kind: 'verilator', link: `hub:${hub}`, ...address });
    const gateway = new Gateway(card);
    try {
      await Promise.all(places.map((place) => listen(gateway.#wayTo(place))));
      return gateway;
    } catch (error) {
      await gateway.close();
      throw error;
    }
  }

  private constructor(card: Accelerator) {
    this.#card = card;
    this.#machine = new NodeNetTransport();
    const { device } = card;
    const loss = device instanceof SimDevice ? device.linkLost : new Promise<Error>(() => {});
    this.lost = loss.then((error) => Promise.reject(error));
    this.lost.catch(() => {}); // whoever awaits it is told
  }

  /** Connections that it carries now. */
  get connections(): number {
    return this.#machine.connections;
  }

  #wayTo({ card, port }: Place): Way {
    const { transport } = this.#card;
    const machine = this.#machine;
    return card
      ? { from: machine, to: transport, host: card.ip, port }
      : { from: transport, to: machine, host: machine.host, port };
  }

  /** Resets all connections, gives the ports up and powers the card down. Idempotent. */
  async close(): Promise<void> {
    await Promise.all([this.#card.close(), this.#machine.close()]);
  }
}

function listen({ from, to, host, port }: Way): Promise<TransportServer> {
  const options = { allowHalfOpen: true, noDelay: true };
  const server = from.createServer(options, (socket) => {
    relay(socket, to.createConnection({ ...options, host, port }));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: from.host }, () => {
      server.off('error', reject);
      server.on('error', () => {}); // a connection that could not be accepted; the port stays
      resolve(server);
    });
  });
}

/** What one end says the other hears: bytes, ends, resets. */
export function relay(near: TransportSocket, far: TransportSocket): void {
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    one.pipe(other);
    one.once('close', () => {
      // Whoever ended in order has passed its end on; all else is a reset.
      const inOrder = one.readableEnded && one.writableFinished;
      if (inOrder || other.destroyed) return;
      if (other.connecting) other.destroy();
      else other.resetAndDestroy();
    });
  }
}
