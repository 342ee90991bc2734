// SPDX-License-Identifier: Apache-2.0

import type { Duplex } from 'node:stream';

/** Who carries the bytes. A card's own engine will add its name here. */
export type NetworkBackendName = 'node:net';

/**
 * One TCP connection, as node:net has it: a Duplex with the events `data`, `drain`, `end`, `error`
 * and `close`, and its error codes (`ECONNRESET`, `EPIPE`).
 *
 * An `error` that nobody listens to ends the connection and not the process; `close` always comes.
 */
export interface TransportSocket extends Duplex {
  /** Numeric address of the other end; undefined once closed. */
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  /** Bytes received so far. */
  readonly bytesRead: number;
  /** Bytes handed over for sending so far, those that wait included. */
  readonly bytesWritten: number;
  setNoDelay(noDelay?: boolean): this;
  /** Ends the connection at once with a reset; nothing lingers. */
  resetAndDestroy(): this;
}

/** Where to listen. */
export interface ListenOptions {
  /** Numeric address or name; default 127.0.0.1. */
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

  /** Closes listeners and connections. Idempotent. */
  close(): Promise<void>;
}
