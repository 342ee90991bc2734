// SPDX-License-Identifier: Apache-2.0

import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type AccelError, abortError } from '../errors.ts';
import { closedError, requireBacklog, requireHost, requirePort } from './arguments.ts';
import type {
  ConnectionOptions,
  ConnectOptions,
  ListenOptions,
  ServerOptions,
  SocketCounters,
  Transport,
  TransportListener,
  TransportSocket,
} from './contract.ts';

/** A socket of the system, and what its counters say: the stream's bytes only. */
type NodeNetSocket = Socket & Pick<TransportSocket, 'counters'>;

async function countersOf({ bytesRead, bytesWritten }: Socket): Promise<SocketCounters> {
  return { bytesRead, bytesWritten, tcp: undefined };
}

/** TCP of the operating system. */
export class NodeNetTransport implements Transport {
  readonly backend = 'node:net';
  readonly host = '127.0.0.1';
  readonly #servers = new Set<Server>();
  readonly #sockets = new Set<Socket>();
  readonly #connecting = new Map<Socket, (error: AccelError) => void>();
  #closed = false;

  get connections(): number {
    let connecting = 0;
    for (const { connecting: still } of this.#sockets) connecting += Number(still);
    return this.#sockets.size - connecting;
  }

  async listen(
    { host = this.host, port, backlog = 511 }: ListenOptions,
    onSocket: (socket: TransportSocket) => void,
  ): Promise<TransportListener> {
    this.#requireOpen();
    requireHost(host);
    requirePort(port, 0);
    requireBacklog(backlog);
    const server = createServer({ noDelay: true, pauseOnConnect: false }, (socket) => {
      onSocket(this.#adopt(socket));
    });
    this.#servers.add(server);
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host, port, backlog }, () => {
          server.off('error', reject);
          resolve();
        });
      });
    } catch (error) {
      this.#servers.delete(server);
      throw error;
    }
    if (this.#closed) {
      await closeServer(server);
      throw closedError();
    }
    // Out of file descriptors: the connection that could not be accepted is gone, the port stays.
    server.on('error', () => {});
    const bound = server.address() as AddressInfo;
    return {
      address: bound.address,
      port: bound.port,
      close: () => {
        this.#servers.delete(server);
        return closeServer(server);
      },
    };
  }

  createServer(
    options?: ServerOptions | ((socket: TransportSocket) => void),
    onConnection?: (socket: TransportSocket) => void,
  ): Server {
    this.#requireOpen();
    const isOptions = typeof options === 'object' && options !== null;
    const { allowHalfOpen, noDelay, keepAlive } = isOptions ? options : {};
    const server = createServer({
      ...(allowHalfOpen !== undefined && { allowHalfOpen }),
      ...(noDelay !== undefined && { noDelay }),
      ...(keepAlive !== undefined && { keepAlive }),
    });
    server.on('connection', (socket) => this.#adopt(socket));
    const listener = typeof options === 'function' ? options : onConnection;
    if (listener) server.on('connection', (socket) => listener(socket as NodeNetSocket));
    server.on('listening', () => this.#servers.add(server));
    server.on('close', () => this.#servers.delete(server));
    return server;
  }

  createConnection(options: ConnectionOptions, onConnect?: () => void): NodeNetSocket {
    this.#requireOpen();
    const { host, localAddress, timeout, allowHalfOpen, noDelay, keepAlive } = options;
    const port = Number(options.port);
    requireHost(host ?? 'localhost');
    requirePort(port, 1);
    const socket = connect({
      port,
      host: host ?? 'localhost',
      ...(localAddress !== undefined && { localAddress }),
      ...(timeout !== undefined && { timeout }),
      ...(allowHalfOpen !== undefined && { allowHalfOpen }),
      ...(noDelay !== undefined && { noDelay }),
      ...(keepAlive !== undefined && { keepAlive }),
    });
    if (onConnect) socket.once('connect', onConnect);
    return this.#adopt(socket);
  }

  connect({ host, port, localAddress, signal }: ConnectOptions): Promise<TransportSocket> {
    return new Promise((resolve, reject) => {
      this.#requireOpen();
      requireHost(host);
      requirePort(port, 1);
      if (signal?.aborted) throw abortError(signal);
      const socket = connect({
        host,
        port,
        noDelay: true,
        ...(localAddress === undefined ? {} : { localAddress }),
      });
      const settle = () => {
        this.#connecting.delete(socket);
        socket.off('error', onError);
        signal?.removeEventListener('abort', onAbort);
      };
      const onError = (error: Error) => {
        settle();
        socket.destroy();
        reject(error);
      };
      const onAbort = () => onError(abortError(signal!));
      this.#connecting.set(socket, onError);
      socket.once('error', onError);
      signal?.addEventListener('abort', onAbort, { once: true });
      socket.once('connect', () => {
        settle();
        resolve(this.#adopt(socket));
      });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const fail of [...this.#connecting.values()]) fail(closedError());
    const servers = [...this.#servers];
    this.#servers.clear();
    const closing = servers.map(closeServer);
    for (const socket of this.#sockets) {
      socket.destroy(socket.connecting ? closedError() : undefined);
    }
    await Promise.all(closing);
  }

  #adopt(socket: Socket): NodeNetSocket {
    socket.on('error', () => {});
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return Object.assign(socket, { counters: () => countersOf(socket) });
  }

  #requireOpen(): void {
    if (this.#closed) throw closedError();
  }
}

/** Resolves when the port is free; open connections of it do not delay that. */
function closeServer(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve();
  // The port is released at once; the callback would wait for the connections.
  server.close();
  return new Promise((resolve) => setImmediate(resolve));
}
