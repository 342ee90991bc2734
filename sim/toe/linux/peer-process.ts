// SPDX-License-Identifier: Apache-2.0
// The other end: the TCP of the operating system, in a process of its own, told what to do by messages.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { NodeNetTransport } from '../../../src/driver/transport/node-net.ts';
import { Random } from '../../../src/testbench/random.ts';
import { receiveFromSource, sendToSink } from './client.ts';
import type { Answer, Question } from './peer.ts';
import { PORT, questionFor, Services } from './services.ts';
import { firstOf } from './stream.ts';

/** Sessions that are opened at the same time. */
const PARALLEL = 64;
const MESSAGE = 64;

const open = async (host: string, port: number): Promise<Socket> => {
  const socket = connect({ host, port, noDelay: true, allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
};

/** Runs `work` for 0 to `count` - 1, so many at a time. */
async function inParallel(count: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, count) }, lane));
}

/** Sends 64 bytes and reads them back. @throws where others come back, or none. */
async function echo(socket: Socket, random: Random): Promise<void> {
  const message = Buffer.from(random.bytes(MESSAGE));
  socket.write(message);
  let back = Buffer.alloc(0);
  while (back.length < MESSAGE) {
    const piece = socket.read() as Buffer | null;
    if (piece) back = Buffer.concat([back, piece]);
    else if (socket.destroyed || socket.readableEnded) throw new Error('closed before the echo');
    else await firstOf(socket, 'readable', 'end', 'close');
  }
  if (!back.equals(message)) throw new Error('another echo');
}

/** Echoes all the time; how often, and how long it took at most. */
async function echoUntil(socket: Socket, random: Random, stop: AbortSignal) {
  let rounds = 0;
  let worstMs = 0;
  while (!stop.aborted) {
    const began = performance.now();
    await echo(socket, random);
    worstMs = Math.max(worstMs, performance.now() - began);
    rounds++;
    await delay(20);
  }
  await close(socket);
  return { rounds, worstMs };
}

async function close(socket: Socket): Promise<void> {
  socket.end();
  socket.resume();
  if (!socket.closed) await once(socket, 'close');
}

const handlers: { [Op in Question['op']]: (question: Extract<Question, { op: Op }>) => unknown } = {
  async send({ host, shift, bytes, seed }) {
    const socket = await open(host, PORT.sink + shift);
    const { localPort } = socket;
    return { localPort, ...(await sendToSink(socket, bytes, seed)) };
  },

  async receive({ host, shift, bytes, seed, pause }) {
    const socket = await open(host, PORT.source + shift);
    const { localPort } = socket;
    return { localPort, ...(await receiveFromSource(socket, bytes, seed, pause)) };
  },

  async sessions({ host, shift, count, seed }) {
    const random = new Random(seed, 'sessions');
    const sockets: Socket[] = [];
    const failed: string[] = [];
    const began = performance.now();
    const attempt = async (what: string, work: Promise<void>) => {
      await work.catch((error: Error) => failed.push(`${what}: ${error.message}`));
    };
    await inParallel(count, (i) =>
      attempt(
        `open ${i}`,
        open(host, PORT.echo + shift).then((socket) => {
          socket.on('error', () => {});
          sockets.push(socket);
        }),
      ),
    );
    const opened = performance.now();
    await inParallel(sockets.length, (i) => attempt(`echo ${i}`, echo(sockets[i]!, random)));
    const echoed = performance.now();
    await inParallel(sockets.length, (i) => attempt(`close ${i}`, close(sockets[i]!)));
    const closed = performance.now();
    return {
      opened: sockets.length,
      failed: failed.length,
      failure: failed[0],
      seconds: {
        open: (opened - began) / 1000,
        echo: (echoed - opened) / 1000,
        close: (closed - echoed) / 1000,
      },
    };
  },

  async aborts({ host, shift, count, seed }) {
    const random = new Random(seed, 'aborts');
    let connected = 0;
    await inParallel(count, async () => {
      const [port, bytes, after] = [
        random.pick([PORT.echo, PORT.sink, PORT.source]),
        random.chance(0.3) ? 0 : random.int(1, 100_000),
        random.chance(0.3) ? 0 : random.int(0, 60),
      ];
      const byReset = random.chance(0.6);
      const socket = connect({ host, port: port + shift, noDelay: true });
      socket.on('error', () => {});
      socket.once('connect', () => {
        connected++;
        if (port === PORT.source) socket.write(questionFor(bytes * 10, seed));
        else if (bytes > 0) socket.write(Buffer.alloc(bytes));
      });
      await delay(after);
      if (byReset) socket.resetAndDestroy();
      else socket.destroy();
      if (!socket.closed) await once(socket, 'close');
    });
    return { connected };
  },

  /** One session that echoes all the time, from `hold` to `release`. */
  async hold({ host, shift, seed }) {
    const random = new Random(seed, 'hold');
    const socket = await open(host, PORT.echo + shift);
    const stop = new AbortController();
    held = { stop, done: echoUntil(socket, random, stop.signal) };
    return {};
  },

  async release() {
    held!.stop.abort();
    return held!.done;
  },

  async serve() {
    const anywhere = { echo: 0, sink: 0, source: 0 };
    services = await Services.open(new NodeNetTransport(), '127.0.0.1', anywhere);
    return services.ports;
  },

  passed() {
    const passed = [...services!.passed.values()];
    services!.passed.clear();
    return passed;
  },
};

let services: Services | undefined;

let held: { readonly stop: AbortController; readonly done: Promise<unknown> } | undefined;

process.on('message', async (question: Question) => {
  const handler = handlers[question.op] as (question: Question) => unknown;
  let answer: Answer;
  try {
    answer = { value: await handler(question) };
  } catch (error) {
    answer = { error: (error as Error).message };
  }
  process.send!(answer);
});
process.on('disconnect', () => process.exit());
