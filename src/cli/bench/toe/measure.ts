// SPDX-License-Identifier: Apache-2.0
// What two ends of a network do in a second: connections, messages, bytes.

import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import type { Transport, TransportSocket } from '../../../driver/index.ts';
import { CliError, EXIT } from '../../exit.ts';

/** How much is done of each. */
export interface ToeWorkload {
  readonly connections: number;
  readonly messages: number;
  readonly bytes: number;
}

/** Connections under way at the same time, and those that exchange messages. */
const AT_ONCE = 16;
/** Bytes of a message, and of one write of the stream. */
const MESSAGE_BYTES = 64;
const WRITE_BYTES = 65_536;

/** A kind of work, done once. */
export interface Done {
  readonly count: number;
  readonly seconds: number;
  /** Cycles that the cards on both ends were simulated for; absent without any. */
  readonly cycles?: number;
  /** Share of the time in which the card of either end was simulated, on average; absent without any. */
  readonly awake?: number;
  /** Share of the time in which Node's event loop had something to do: driver and streams of both ends. */
  readonly loop: number;
}

/** What the cards of both ends have done so far. */
export interface CardWork {
  readonly cycles: number;
  /** Wall clock in which either was simulated, in ns, on average. */
  readonly awakeNs: number;
}

/** The ends that are measured. */
export interface Ends {
  readonly client: Transport;
  readonly server: Transport;
  readonly cards?: () => CardWork;
}

export type ToeTurn = Readonly<Record<'connections' | 'messages' | 'bytes', Done>>;

/**
 * Does the work once, each part by itself, and checks that everything came.
 *
 * @throws {CliError} `FAILED` where bytes are missing or wrong; the reason of `signal`.
 */
export async function measureEnds(
  ends: Ends,
  { connections, messages, bytes }: ToeWorkload,
  signal: AbortSignal,
): Promise<ToeTurn> {
  const timed = async (count: number, work: () => Promise<void>): Promise<Done> => {
    signal.throwIfAborted();
    const before = ends.cards?.();
    const loop = performance.eventLoopUtilization();
    const start = performance.now();
    await work();
    const seconds = (performance.now() - start) / 1000;
    const after = ends.cards?.();
    return {
      count,
      seconds,
      ...(before &&
        after && {
          cycles: after.cycles - before.cycles,
          awake: (after.awakeNs - before.awakeNs) / 1e9 / seconds,
        }),
      loop: performance.eventLoopUtilization(loop).utilization,
    };
  };
  return {
    connections: await timed(connections, () => openAndClose(ends, connections, signal)),
    messages: await timed(messages, () => exchange(ends, messages, signal)),
    bytes: await timed(bytes, () => stream(ends, bytes)),
  };
}

/** A server, and what its port is, for as long as the work takes. */
async function serving(
  { server }: Ends,
  onSocket: (socket: TransportSocket) => void,
  work: (port: number) => Promise<void>,
): Promise<void> {
  const listener = await server.listen({ port: 0 }, onSocket);
  try {
    await work(listener.port);
  } finally {
    await listener.close();
  }
}

/** Connects, and lets the server close: a whole connection each. */
async function openAndClose(ends: Ends, count: number, signal: AbortSignal): Promise<void> {
  const { host } = ends.server;
  await serving(
    ends,
    (socket) => socket.end(),
    async (port) => {
      let begun = 0;
      const runner = async () => {
        while (begun++ < count) {
          signal.throwIfAborted();
          const socket = await ends.client.connect({ host, port });
          socket.resume();
          if (!socket.closed) await once(socket, 'close');
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, runner));
    },
  );
}

/** A message and its echo, one after the other on each of several connections. */
async function exchange(ends: Ends, count: number, signal: AbortSignal): Promise<void> {
  const { host } = ends.server;
  await serving(
    ends,
    (socket) => socket.pipe(socket),
    async (port) => {
      let begun = 0;
      const runner = async () => {
        const socket = await ends.client.connect({ host, port });
        const take = taker(socket);
        while (begun < count) {
          begun++;
          signal.throwIfAborted();
          const message = Buffer.alloc(MESSAGE_BYTES, begun & 0xff);
          socket.write(message);
          const echo = await take(MESSAGE_BYTES);
          if (!echo.equals(message)) throw wrong('a message came back changed');
        }
        socket.destroy();
      };
      await Promise.all(Array.from({ length: AT_ONCE }, runner));
    },
  );
}

/** Takes so many bytes at a time. */
function taker(socket: TransportSocket): (bytes: number) => Promise<Buffer> {
  let wake = () => {};
  for (const event of ['readable', 'close']) socket.on(event, () => wake());
  return async (bytes) => {
    for (;;) {
      const chunk = socket.read(bytes) as Buffer | null;
      if (chunk) return chunk;
      if (socket.readableEnded || socket.destroyed) throw wrong('a connection ended early');
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
}

/** Bytes one way on one connection. */
async function stream(ends: Ends, bytes: number): Promise<void> {
  const { host } = ends.server;
  let received = 0;
  let sound = true;
  let finish!: () => void;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  await serving(
    ends,
    (socket) => {
      socket.on('data', (chunk: Buffer) => {
        sound &&= chunk[0] === (received & 0xff);
        received += chunk.length;
      });
      socket.once('close', finish);
    },
    async (port) => {
      const socket = await ends.client.connect({ host, port });
      const block = Buffer.from(Array.from({ length: WRITE_BYTES }, (_, i) => i & 0xff));
      for (let left = bytes; left > 0; left -= WRITE_BYTES) {
        if (!socket.write(block.subarray(0, left))) await once(socket, 'drain');
      }
      socket.end();
      socket.resume();
      await finished;
    },
  );
  if (received !== bytes || !sound) throw wrong(`expected ${bytes} bytes, got ${received}`);
}

function wrong(what: string): CliError {
  return new CliError(EXIT.FAILED, `hpb bench toe: ${what}`);
}
