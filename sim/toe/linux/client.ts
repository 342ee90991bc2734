// SPDX-License-Identifier: Apache-2.0
// What asks the services of services.ts, on any transport; sockets are connected, half-open ones allowed.

import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { questionFor } from './services.ts';
import { type Passed, receive, send } from './stream.ts';

/** Sends so many bytes to a sink. */
export async function sendToSink(socket: Duplex, bytes: number, seed: number): Promise<Passed> {
  const passed = await send(socket, bytes, seed);
  socket.end();
  await receive(socket);
  return passed;
}

/**
 * Has a source send so many bytes.
 *
 * @param pause - milliseconds between the question and the first read.
 */
export async function receiveFromSource(
  socket: Duplex,
  bytes: number,
  seed: number,
  pause = 0,
): Promise<Passed> {
  socket.write(questionFor(bytes, seed));
  if (pause > 0) await delay(pause);
  const passed = await receive(socket);
  socket.end();
  return passed;
}
