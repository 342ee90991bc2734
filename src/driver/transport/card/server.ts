// SPDX-License-Identifier: Apache-2.0

import { EventEmitter } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { ServerOptions, TransportServer } from '../contract.ts';
import { listenArguments } from '../listen-arguments.ts';
import { systemError } from '../system-error.ts';
import type { CardSocket } from './socket.ts';

/** What a server needs of its transport. */
export interface ServerHome {
  readonly address: string;
  /** Throws where nothing may be opened any more. */
  requireOpen(): void;
  /**
   * Takes a port for a server, 0: any; `done` in a later turn.
   *
   * @returns the port; a code where that is not possible.
   */
  takePort(
    server: CardServer,
    port: number,
    done: () => void,
  ): number | 'EADDRINUSE' | 'EADDRNOTAVAIL';
  /** Gives a port up; `done` in a later turn, when the card takes no more connections for it. */
  giveUpPort(server: CardServer, port: number, done: () => void): void;
  onRef(): void;
}

/** A port of the card that takes connections, in the shape of node:net's Server. */
export class CardServer extends EventEmitter implements TransportServer {
  readonly options: ServerOptions;
  /** More connections than this are refused by a reset; undefined: as many as the card holds. */
  maxConnections: number | undefined;
  readonly #home: ServerHome;
  readonly #sockets = new Set<CardSocket>();
  #port: number | undefined;
  #listening = false;
  #closed = false;
  #givenUp: Promise<void> = Promise.resolve();
  #referenced = true;

  constructor(home: ServerHome, options: ServerOptions) {
    super();
    this.#home = home;
    this.options = options;
  }

  get listening(): boolean {
    return this.#listening;
  }

  get referenced(): boolean {
    return this.#referenced && this.#port !== undefined;
  }

  /** Connections that it took and that are open. */
  get connections(): number {
    return this.#sockets.size;
  }

  listen(...args: unknown[]): this {
    const { port, host, callback } = listenArguments(args);
    this.#home.requireOpen();
    if (this.#port !== undefined) {
      throw Object.assign(
        new Error('Listen method has been called more than once without closing.'),
        {
          code: 'ERR_SERVER_ALREADY_LISTEN',
        },
      );
    }
    if (callback) this.once('listening', callback);
    const { address } = this.#home;
    const isOwn = host === undefined || [address, '0.0.0.0', '::'].includes(host);
    const taken = isOwn ? this.#take(port) : 'EADDRNOTAVAIL';
    if (typeof taken === 'string') {
      const error = systemError(taken, 'listen', host ?? address, port);
      process.nextTick(() => this.emit('error', error));
      return this;
    }
    this.#port = taken;
    this.#closed = false;
    this.#home.onRef();
    return this;
  }

  #take(port: number) {
    return this.#home.takePort(this, port, () => {
      if (this.#port === undefined) return;
      this.#listening = true;
      this.emit('listening');
    });
  }

  address(): AddressInfo | null {
    if (this.#port === undefined) return null;
    return { address: this.#home.address, family: 'IPv4', port: this.#port };
  }

  /** A connection for this server, announced in a turn of its own. */
  adopt(socket: CardSocket): void {
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#checkClosed();
    });
    process.nextTick(() => {
      if (!socket.destroyed) this.emit('connection', socket);
    });
  }

  /** Whether one more connection is wanted. */
  get hasRoom(): boolean {
    return this.maxConnections === undefined || this.#sockets.size < this.maxConnections;
  }

  close(callback?: (error?: Error) => void): this {
    if (this.#port === undefined) {
      const error = Object.assign(new Error('Server is not running.'), {
        code: 'ERR_SERVER_NOT_RUNNING',
      });
      if (callback) process.nextTick(callback, error);
      return this;
    }
    if (callback) this.once('close', () => callback());
    const given = new Promise<void>((resolve) => {
      this.#home.giveUpPort(this, this.#port!, resolve);
    });
    this.#givenUp = given;
    this.#port = undefined;
    this.#listening = false;
    this.#home.onRef();
    given.then(() => {
      this.#closed = true;
      this.#checkClosed();
    });
    return this;
  }

  /** Resolves when the port takes no more connections. */
  get givenUp(): Promise<void> {
    return this.#givenUp;
  }

  /** `close` comes when the last connection has gone, as node:net has it. */
  #checkClosed(): void {
    if (!this.#closed || this.#sockets.size > 0) return;
    this.#closed = false;
    process.nextTick(() => this.emit('close'));
  }

  /** The card is gone: the port is, too. */
  fail(error: Error): void {
    if (this.#port === undefined) return;
    this.#port = undefined;
    this.#listening = false;
    this.#closed = true;
    process.nextTick(() => {
      if (this.listenerCount('error') > 0) this.emit('error', error);
      this.#checkClosed();
    });
  }

  getConnections(callback: (error: Error | null, count: number) => void): this {
    process.nextTick(callback, null, this.#sockets.size);
    return this;
  }

  ref(): this {
    this.#referenced = true;
    this.#home.onRef();
    return this;
  }

  unref(): this {
    this.#referenced = false;
    this.#home.onRef();
    return this;
  }
}
