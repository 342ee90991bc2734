// SPDX-License-Identifier: Apache-2.0
// What an iperf3 client of TCP streams wants of its server, on any transport.
//
// The protocol is a control connection with states of a byte each and JSON behind 4-byte lengths,
// big-endian; data connections begin with the same cookie as the control connection.

import type { Transport, TransportListener, TransportSocket } from '../../../src/driver/index.ts';
import { firstOf } from './stream.ts';

const COOKIE_BYTES = 37;
const State = {
  TEST_START: 1,
  TEST_RUNNING: 2,
  TEST_END: 4,
  PARAM_EXCHANGE: 9,
  CREATE_STREAMS: 10,
  EXCHANGE_RESULTS: 13,
  DISPLAY_RESULTS: 14,
  IPERF_DONE: 16,
} as const;
const MAX_JSON = 64 * 1024;
const PIECE = Buffer.alloc(128 * 1024, 0x69);

interface Test {
  readonly reverse: boolean;
  readonly streams: number;
  readonly sockets: TransportSocket[];
  readonly bytes: number[];
  readonly control: TransportSocket;
  running: boolean;
}

/** Reads exactly so many bytes; the socket stays paused between two calls. */
async function take(socket: TransportSocket, bytes: number): Promise<Buffer> {
  for (;;) {
    const piece = socket.read(bytes) as Buffer | null;
    if (piece && piece.length === bytes) return piece;
    if (socket.readableEnded || socket.destroyed) throw new Error('closed');
    await firstOf(socket, 'readable', 'end', 'close');
  }
}

async function takeJson(socket: TransportSocket): Promise<Record<string, unknown>> {
  const length = (await take(socket, 4)).readUInt32BE(0);
  if (length > MAX_JSON) throw new Error(`JSON: expected at most ${MAX_JSON} bytes, got ${length}`);
  return JSON.parse((await take(socket, length)).toString('utf8'));
}

function giveJson(socket: TransportSocket, value: unknown): void {
  const text = Buffer.from(JSON.stringify(value));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  socket.write(Buffer.concat([length, text]));
}

/** Serves tests, one at a time, until closed. */
export async function iperfServer(
  transport: Transport,
  host: string,
  port = 5201,
): Promise<TransportListener> {
  const tests = new Map<string, Test>();

  const stream = async (socket: TransportSocket, test: Test) => {
    const own = test.sockets.push(socket) - 1;
    test.bytes[own] = 0;
    if (test.sockets.length === test.streams) {
      test.control.write(Buffer.from([State.TEST_START, State.TEST_RUNNING]));
      test.running = true;
      if (test.reverse)
        for (const [i, each] of test.sockets.entries()) pump(each, test, i).catch(() => {});
    }
    if (test.reverse) socket.resume();
    else {
      socket.on('data', (piece: Buffer) => {
        test.bytes[own]! += piece.length;
      });
    }
  };

  const pump = async (socket: TransportSocket, test: Test, own: number) => {
    while (test.running && !socket.destroyed) {
      test.bytes[own]! += PIECE.length;
      if (socket.write(PIECE)) continue;
      await firstOf(socket, 'drain', 'close');
    }
  };

  const control = async (socket: TransportSocket, cookie: string) => {
    socket.write(Buffer.from([State.PARAM_EXCHANGE]));
    const asked = await takeJson(socket);
    const test: Test = {
      reverse: asked.reverse === true,
      streams: Math.max(1, Math.min(128, Number(asked.parallel ?? 1))),
      sockets: [],
      bytes: [],
      control: socket,
      running: false,
    };
    tests.set(cookie, test);
    try {
      socket.write(Buffer.from([State.CREATE_STREAMS]));
      const state = (await take(socket, 1))[0];
      if (state !== State.TEST_END) throw new Error(`state: expected TEST_END, got ${state}`);
      test.running = false;
      // A client in the middle of a block would wait for its rest
      if (test.reverse) for (const each of test.sockets) each.end();
      socket.write(Buffer.from([State.EXCHANGE_RESULTS]));
      await takeJson(socket);
      giveJson(socket, {
        cpu_util_total: 0,
        cpu_util_user: 0,
        cpu_util_system: 0,
        sender_has_retransmits: -1,
        streams: test.bytes.map((bytes, i) => ({
          id: i === 0 ? 1 : i + 2,
          bytes,
          retransmits: -1,
          jitter: 0,
          errors: 0,
          packets: 0,
        })),
      });
      socket.write(Buffer.from([State.DISPLAY_RESULTS]));
      await take(socket, 1); // IPERF_DONE
    } finally {
      tests.delete(cookie);
      for (const each of test.sockets) each.destroy();
      socket.end();
      socket.resume(); // what is not read to its end stays open
    }
  };

  return transport.listen({ host, port }, (socket) => {
    socket.on('error', () => {});
    take(socket, COOKIE_BYTES)
      .then((bytes) => {
        const cookie = bytes.toString('latin1');
        const test = tests.get(cookie);
        return test ? stream(socket, test) : control(socket, cookie);
      })
      .catch(() => socket.destroy());
  });
}
