// SPDX-License-Identifier: Apache-2.0
// The classic services: what each does with a connection.

import { Readable } from 'node:stream';
import type { TransportSocket } from '../../driver/index.ts';

/** Does its service for one connection. */
export type Service = (socket: TransportSocket) => void;

/** RFC 862: everything comes back. */
export const echo: Service = (socket) => {
  socket.pipe(socket);
};

/** RFC 863: everything is thrown away. */
export const discard: Service = (socket) => {
  socket.resume();
};

const FIRST = 0x20;
const PRINTABLE = 95;
const COLUMNS = 72;

/** RFC 864's lines: 72 printable characters each, beginning one further each time; 95 of them repeat. */
const PATTERN = Buffer.from(
  Array.from({ length: PRINTABLE }, (_, line) => {
    const text = Array.from({ length: COLUMNS }, (_, column) =>
      String.fromCharCode(FIRST + ((line + column) % PRINTABLE)),
    );
    return `${text.join('')}\r\n`;
  }).join(''),
  'latin1',
);

/** RFC 864: characters until the peer has enough; what it sends is thrown away. */
export const chargen: Service = (socket) => {
  socket.resume();
  const lines = new Readable({
    read() {
      this.push(PATTERN);
    },
  });
  socket.once('end', () => lines.destroy());
  socket.once('close', () => lines.destroy());
  lines.pipe(socket);
};
