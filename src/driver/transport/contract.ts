// SPDX-License-Identifier: Apache-2.0

import type { EventEmitter } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/** Who carries the bytes: the operating system, or the card's TCP engine. */
export type NetworkBackendName = 'node:net' | 'card';

/** States of a TCP connection (RFC 9293 3.3.2). */
export type TcpState =
  | 'CLOSED'
  | 'SYN-SENT'
  | 'SYN-RECEIVED'
  | 'ESTABLISHED'
  | 'CLOSE-WAIT'
  | 'FIN-WAIT-1'
  | 'FIN-WAIT-2'
  | 'CLOSING'
  | 'LAST-ACK'
  | 'TIME-WAIT';

/** What a card counts of a connection, all of one moment; segments in 32 bits, bytes in 48, that wrap. */
export interface TcpCounters {
  readonly state: TcpState;
  /** Segments received, those that were dropped, too; sent, handshake included. */
  readonly segmentsIn: number;
  readonly segmentsOut: number;
  /** Bytes of payload in them, repeats included. */
  readonly payloadIn: number;
  readonly payloadOut: number;
  /** Segments sent that brought nothing new. */
  readonly retransmitted: number;
  /** Duplicate acknowledgements received (RFC 5681 2). */
  readonly duplicateAcks: number;
  /** Segments received ahead of what is missing. */
  readonly outOfOrder: number;
  /** Segments received that were not acceptable, and dropped. */
  readonly unacceptable: number;
  /** Segments received for whose bytes there was no room. */
  readonly noRoom: number;
}

/** What is known of a connection. */
export interface SocketCounters {
  /** Bytes of the stream, as the socket's own `bytesRead` and `bytesWritten`. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Undefined on node:net, and where the card does not hold the connection: not yet, or no more. */
  readonly tcp: TcpCounters | undefined;
}

/**
 * One TCP connection, as node:net has it: a Duplex with the events `connect`, `ready`, `data`, `drain`,
 * `end`, `timeout`, `error` and `close`, and its error codes (`ECONNREFUSED`, `ECONNRESET`, `EPIPE`).
 *
 * An `error` that nobody listens to ends the connection and not the process; `close` always comes.
 */
export interface TransportSocket extends Duplex {
  readonly connecting: boolean;
  /** Numeric address of the other end; undefined before the connection stands. */
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly remoteFamily?: string | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  /** Bytes received so far. */
  readonly bytesRead: number;
  /** Bytes handed over for sending so far, those that wait included. */
  readonly bytesWritten: number;
  /**
   * What was counted of this connection so far.
   *
   * @throws {AccelError} rejects with `ACCEL_DEVICE`, `ACCEL_CLOSED` where the card is gone.
   */
  counters(): Promise<SocketCounters>;
  /**
   * Writes bytes that are urgent up to the last of them (RFC 9293 3.8.5). They stay in the stream; the peer
   * is told at once that they come: its socket emits `urgent` with how many bytes of its stream, counted
   * as `bytesRead` does, are urgent; again where more become so. Only sockets of a card have it:
   * node:net knows no urgent data.
   *
   * @returns as `write`.
   * @throws {AccelError} `ACCEL_ARGUMENT` without a byte.
   */
  writeUrgent?(data: Uint8Array | string, callback?: (error?: Error | null) => void): boolean;
  address(): AddressInfo | object;
  setNoDelay(noDelay?: boolean): this;
  /**
   * Asks a silent peer whether it is there; on a card after `keepAliveIdleMs` of its options, by default
   * two hours (RFC 9293 MUST-28), whatever `initialDelay` says.
   */
  setKeepAlive(enable?: boolean, initialDelay?: number): this;
  /** `timeout` after so many milliseconds without traffic; 0 ends that. Nothing is closed by it. */
  setTimeout(milliseconds: number, callback?: () => void): this;
  /** Ends when everything written is on its way, then destroys. */
  destroySoon(): void;
  /** Ends the connection at once with a reset; nothing lingers. */
  resetAndDestroy(): this;
  /** Keeps the process alive while open (default), or not. */
  ref(): this;
  unref(): this;
}

/** What connections of a server are like. */
export interface ServerOptions {
  /** Keep sending when the peer has ended (default false). */
  readonly allowHalfOpen?: boolean;
  /** Small segments at once (default false). */
  readonly noDelay?: boolean;
  readonly keepAlive?: boolean;
}

/**
 * A port that takes connections, as node:net has it: events `listening`, `connection`, `error`, `close`.
 *
 * @example
 * const web = http.createServer(answer);
 * const server = transport.createServer({ allowHalfOpen: true }, (socket) => {
 *   web.emit('connection', socket);
 * });
 * server.listen(80);
 */
export interface TransportServer extends EventEmitter {
  readonly listening: boolean;
  /** Port 0 or none lets the system choose; without a host the transport's own. */
  listen(port?: number, host?: string, callback?: () => void): this;
  listen(options: { readonly port?: number; readonly host?: string }, callback?: () => void): this;
  address(): AddressInfo | string | null;
  /** Takes no more connections; `close` comes when those that are open have ended. */
  close(callback?: (error?: Error) => void): this;
  getConnections(callback: (error: Error | null, count: number) => void): void;
  ref(): this;
  unref(): this;
}

/** Where `createConnection` connects to; what else http's Agent passes is not looked at. */
export interface ConnectionOptions extends ServerOptions {
  /** Numeric address or name (default localhost). */
  readonly host?: string | null | undefined;
  readonly port: number | string;
  readonly localAddress?: string | undefined;
  /** Milliseconds of silence until `timeout`. */
  readonly timeout?: number | undefined;
}

/** Where to listen. */
export interface ListenOptions {
  /** Numeric address or name; default the transport's `host`. */
  readonly host?: string;
  /** 0 to 65535; 0 lets the system choose. */
  readonly port: number;
  /** Connections that may wait to be accepted (default 511). */
  readonly backlog?: number;
}

/** Where to connect. */
export interface ConnectOptions {
  /** Numeric address or name. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
  /** Own address to connect from. */
  readonly localAddress?: string;
  /** Gives up; the promise then rejects with `ACCEL_ABORTED`. */
  readonly signal?: AbortSignal;
}

/** A port that takes connections. */
export interface TransportListener {
  readonly address: string;
  readonly port: number;
  /** Takes no more connections; those that are open stay. Idempotent. */
  close(): Promise<void>;
}

/**
 * TCP. Same events, errors and order of bytes on every backend.
 *
 * A socket is paused until someone reads it, so nothing is lost before a listener is attached.
 */
export interface Transport {
  readonly backend: NetworkBackendName;
  /** Address where it listens unless told otherwise: 127.0.0.1, or the card's. */
  readonly host: string;
  /** Connections open now, of listeners and of `connect`. */
  readonly connections: number;

  /**
   * Listens; each new connection is handed to `onSocket`.
   *
   * @throws {AccelError} rejects with `ACCEL_ARGUMENT`, `ACCEL_CLOSED`; else with the system's error
   *   (`EADDRINUSE`, `EACCES`).
   */
  listen(
    options: ListenOptions,
    onSocket: (socket: TransportSocket) => void,
  ): Promise<TransportListener>;

  /**
   * Connects; resolves once the connection stands.
   *
   * @throws {AccelError} rejects with `ACCEL_ARGUMENT`, `ACCEL_ABORTED`, `ACCEL_CLOSED`; else with the
   *   system's error (`ECONNREFUSED`, `ETIMEDOUT`, `ENOTFOUND`).
   */
  connect(options: ConnectOptions): Promise<TransportSocket>;

  /** A server as node:net makes it. @throws {AccelError} `ACCEL_CLOSED`. */
  createServer(onConnection?: (socket: TransportSocket) => void): TransportServer;
  createServer(
    options: ServerOptions,
    onConnection?: (socket: TransportSocket) => void,
  ): TransportServer;

  /**
   * A socket as node:net makes it, at once and not connected yet: what http's Agent calls.
   *
   * @throws {AccelError} `ACCEL_ARGUMENT`, `ACCEL_CLOSED`; all else is the socket's `error`.
   */
  createConnection(options: ConnectionOptions, onConnect?: () => void): TransportSocket;

  /** Closes listeners and connections. Idempotent. */
  close(): Promise<void>;
}
