// SPDX-License-Identifier: Apache-2.0
// Two ends of a network for tests: who connects, and who is connected to.

import { once } from 'node:events';
import type {
  ServerOptions,
  Transport,
  TransportListener,
  TransportServer,
  TransportSocket,
} from '../../../../src/driver/index.ts';

/** Two transports that reach one another; node:net has them in one. */
export interface World {
  readonly client: Transport;
  readonly server: Transport;
  /** An address of the network where nobody is; undefined where the attempt takes minutes. */
  readonly nobody?: string;
  /** Called at the end of each test: throws where the contract with the card was broken. */
  check?(): Promise<void>;
  close(): Promise<void>;
}

export interface Pair {
  readonly client: TransportSocket;
  readonly server: TransportSocket;
  readonly listener: TransportListener;
}

/** Both ends of a fresh connection. */
export async function pair({ client, server }: World): Promise<Pair> {
  let accept!: (socket: TransportSocket) => void;
  const accepted = new Promise<TransportSocket>((resolve) => {
    accept = resolve;
  });
  const listener = await server.listen({ port: 0 }, accept);
  const socket = await client.connect({ host: server.host, port: listener.port });
  return { client: socket, server: await accepted, listener };
}

/** Reads until so many bytes have come. */
export async function read(socket: TransportSocket, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length >= bytes) break;
  }
  return Buffer.concat(chunks);
}

/** Reads to the end. */
export async function readAll(socket: TransportSocket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A listening server, and its port. */
export async function serve(
  transport: Transport,
  options: ServerOptions,
  onConnection: (socket: TransportSocket) => void,
): Promise<{ server: TransportServer; port: number }> {
  const server = transport.createServer(options, onConnection);
  server.listen(0);
  await once(server, 'listening');
  return { server, port: (server.address() as { port: number }).port };
}

/** Waits for `close`, whatever the error before it. */
export function closed(socket: TransportSocket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}

/** Lets things happen until something holds. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 60_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`not within a minute: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
