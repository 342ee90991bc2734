// SPDX-License-Identifier: Apache-2.0
// The connections that were busiest when serving ended, and what the card counted of each.

import type { SocketCounters, TransportSocket } from '../../driver/index.ts';

/** One connection; counters that nobody has are left out. */
export interface SessionCounts {
  readonly service: string;
  /** `10.77.0.1:40000` */
  readonly peer: string;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly tcp?: NonNullable<SocketCounters['tcp']>;
}

/** How many are told of. */
const MOST = 5;

const bytesOf = (socket: TransportSocket) => socket.bytesRead + socket.bytesWritten;

/**
 * The open connections with the most bytes, the busiest first; what the card counts of them where it
 * still can say.
 */
export async function readBusiest(
  services: readonly { readonly name: string; readonly sockets: Iterable<TransportSocket> }[],
): Promise<SessionCounts[]> {
  const all = services.flatMap(({ name, sockets }) =>
    Array.from(sockets, (socket) => ({ name, socket })),
  );
  all.sort((a, b) => bytesOf(b.socket) - bytesOf(a.socket));
  return Promise.all(
    all.slice(0, MOST).map(async ({ name, socket }) => {
      const { remoteAddress, remotePort } = socket;
      const { bytesRead, bytesWritten, tcp } = await socket.counters().catch(() => ({
        bytesRead: socket.bytesRead,
        bytesWritten: socket.bytesWritten,
        tcp: undefined, // a card that is gone counts no more
      }));
      return {
        service: name,
        peer: `${remoteAddress}:${remotePort}`,
        bytesIn: bytesRead,
        bytesOut: bytesWritten,
        ...(tcp && { tcp }),
      };
    }),
  );
}
