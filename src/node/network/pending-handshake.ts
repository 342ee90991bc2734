// SPDX-License-Identifier: Apache-2.0

import type { TransportSocket } from '../../driver/index.ts';
import { MessageCode } from '../generated/protocol.ts';
import { ProtocolError } from '../protocol/errors.ts';
import type { Milliseconds } from '../protocol/types.ts';
import { HANDSHAKE_BOUNDS } from './frame.ts';
import { FrameReader } from './frame-reader.ts';
import { Handshake, HandshakeError, type HandshakeOptions } from './handshake.ts';
import { decodeGoodbye, encodeGoodbye, type Hello } from './messages.ts';

/** A handshake that the other side ended with a goodbye. */
export class RefusedError extends HandshakeError {}

/** The peer, and the reader with what it may have sent since. */
export interface Authenticated {
  readonly hello: Hello;
  readonly reader: FrameReader;
}

/** A connection until its peer is proven: holds a few hundred bytes, and ends by itself. */
export class PendingHandshake {
  readonly startedAt: Milliseconds;
  /**
   * The peer; the socket is paused then and has no listeners left.
   *
   * Rejects with `HandshakeError`; the connection is being closed then.
   */
  readonly done: Promise<Authenticated>;
  readonly #socket: TransportSocket;
  readonly #handshake: Handshake;
  readonly #reader = new FrameReader(HANDSHAKE_BOUNDS);
  #resolve!: (peer: Authenticated) => void;
  #reject!: (error: HandshakeError) => void;
  #settled = false;
  readonly #onData = (chunk: Uint8Array) => this.#receive(chunk);
  readonly #onClose = () => this.#fail(new HandshakeError('timeout', 'the connection closed'));

  constructor(socket: TransportSocket, options: HandshakeOptions, now: Milliseconds) {
    this.startedAt = now;
    this.#socket = socket;
    this.#handshake = new Handshake(options);
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    socket.on('data', this.#onData);
    socket.once('close', this.#onClose);
    for (const frame of this.#handshake.start()) socket.write(frame);
  }

  /** Gives up. */
  abort(error: HandshakeError): void {
    this.#fail(error);
  }

  #receive(chunk: Uint8Array): void {
    try {
      this.#reader.push(chunk);
      for (let frame = this.#reader.next(); frame; frame = this.#reader.next()) {
        if (frame.kind === MessageCode.GOODBYE) {
          const { reason, detail } = decodeGoodbye(frame.payload);
          throw new RefusedError(reason, detail);
        }
        const { send, peer } = this.#handshake.receive(frame);
        for (const part of send) this.#socket.write(part);
        if (peer) {
          this.#detach();
          this.#socket.pause();
          this.#resolve({ hello: peer, reader: this.#reader });
          return;
        }
      }
    } catch (error) {
      if (error instanceof HandshakeError) this.#fail(error);
      else if (error instanceof ProtocolError) {
        const version = error.code === 'PROTOCOL_VERSION';
        this.#fail(new HandshakeError(version ? 'wrong_version' : 'bad_message', error.message));
      } else throw error;
    }
  }

  #fail(error: HandshakeError): void {
    if (this.#settled) return;
    this.#detach();
    sayGoodbye(
      this.#socket,
      error instanceof RefusedError ? undefined : encodeGoodbye(error.reason, error.message),
    );
    this.#reject(error);
  }

  #detach(): void {
    this.#settled = true;
    this.#socket.off('data', this.#onData);
    this.#socket.off('close', this.#onClose);
  }
}

/** Sends a last frame, if the system takes it at once, and closes. */
export function sayGoodbye(socket: TransportSocket, frame?: Uint8Array): void {
  if (socket.destroyed) return;
  if (!frame || socket.writableLength > 0) {
    socket.destroy();
    return;
  }
  socket.resume();
  socket.end(frame, () => socket.destroy());
}
