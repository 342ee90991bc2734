// SPDX-License-Identifier: Apache-2.0
// A peer that sends what the test wants, through the handshake or before it.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { MessageCode } from '../../../../src/node/generated/protocol.ts';
import { HANDSHAKE_BOUNDS, sessionBounds } from '../../../../src/node/network/frame.ts';
import { type Frame, FrameReader } from '../../../../src/node/network/frame-reader.ts';
import { Handshake, NodeIdentity } from '../../../../src/node/network/handshake.ts';
import { decodeGoodbye } from '../../../../src/node/network/messages.ts';
import type { Id } from '../../../../src/node/protocol/types.ts';
import { until } from './clock.ts';
import { CHAIN, HOST, MAX_BLOCK_BYTES, secretKey } from './nodes.ts';

export interface RawOptions {
  readonly port: number;
  readonly from?: string;
  readonly secretKey?: Uint8Array;
  readonly chainId?: Id;
}

/** A socket of a stranger. */
export class RawPeer {
  readonly socket: Socket;
  readonly identity: NodeIdentity;
  readonly frames: Frame[] = [];
  received = Buffer.alloc(0);
  closed = false;
  readonly #reader = new FrameReader(
    new Map([...HANDSHAKE_BOUNDS, ...sessionBounds(MAX_BLOCK_BYTES)]),
  );

  private constructor(socket: Socket, options: RawOptions) {
    this.socket = socket;
    this.identity = new NodeIdentity({
      secretKey: options.secretKey ?? secretKey(),
      chainId: options.chainId ?? CHAIN,
      agent: 'raw',
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
    });
    socket.on('data', (chunk) => {
      if (this.received.length < 1_000_000) this.received = Buffer.concat([this.received, chunk]);
      this.#reader.push(chunk);
      for (let frame = this.#reader.next(); frame; frame = this.#reader.next()) {
        this.frames.push(frame);
      }
    });
  }

  /** Connects, no more; the node may have closed already. */
  static async open(options: RawOptions): Promise<RawPeer> {
    const { port, from } = options;
    const socket = connect({ host: HOST, port, ...(from ? { localAddress: from } : {}) });
    const peer = new RawPeer(socket, options);
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => {});
    return peer;
  }

  /** Connects and becomes a peer. */
  static async join(options: RawOptions): Promise<RawPeer> {
    const peer = await RawPeer.open(options);
    const handshake = new Handshake({ identity: peer.identity, port: 0, initiator: true });
    for (const frame of handshake.start()) peer.socket.write(frame);
    for (let step: { peer?: unknown } = {}; !step.peer; ) {
      const next = await peer.next();
      const done = handshake.receive(next);
      for (const frame of done.send) peer.socket.write(frame);
      step = done;
    }
    return peer;
  }

  get key(): string {
    return this.identity.nodeKey;
  }

  /** The next frame, taken off. */
  async next(): Promise<Frame> {
    await until(() => this.frames.length > 0 || this.closed);
    const frame = this.frames.shift();
    if (!frame) throw new Error('the connection closed');
    return frame;
  }

  /** The next frame of a kind; others are dropped. */
  async nextOf(kind: MessageCode): Promise<Uint8Array> {
    for (;;) {
      const frame = await this.next();
      if (frame.kind === kind) return frame.payload;
    }
  }

  /** How the node ended the connection: the reason of its goodbye, or nothing. */
  async ending(step?: () => void): Promise<string | undefined> {
    await until(() => this.closed, step);
    const goodbye = this.frames.find(({ kind }) => kind === 15);
    return goodbye && decodeGoodbye(goodbye.payload).reason;
  }

  /** Writes, and waits until the system took it or the connection closed. */
  async write(bytes: Uint8Array): Promise<void> {
    if (!this.socket.destroyed) {
      await new Promise<void>((resolve) => this.socket.write(bytes, () => resolve()));
    }
    // Lets the event of a connection that has closed come through.
    if (this.socket.destroyed) await new Promise((resolve) => setImmediate(resolve));
  }
}
