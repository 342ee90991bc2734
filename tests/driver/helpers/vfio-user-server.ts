// SPDX-License-Identifier: Apache-2.0
// A vfio-user server that presents no card, or keeps to the protocol only as far as a test wants.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Commands by number. */
export const COMMAND = {
  version: 1,
  dmaMap: 2,
  getInfo: 4,
  getRegionInfo: 5,
  getIrqInfo: 7,
  setIrqs: 8,
  regionRead: 9,
  regionWrite: 10,
  reset: 13,
} as const;

/** One message from the driver. */
export interface Request {
  readonly id: number;
  readonly command: number;
  readonly payload: Buffer;
  /** Sends bytes as they are. */
  raw(bytes: Buffer): void;
  /** Sends a reply. */
  reply(payload?: Buffer, options?: { error?: number; id?: number; command?: number }): void;
  /** Ends the connection. */
  end(): void;
}

/** What to do with a message, instead of what is right; false: what is right. */
export type Misbehaviour = (request: Request) => boolean;

const REPLY = 1;
const ERROR = 32;
const NO_REPLY = 16;
const CONFIG = 7;

/** 32-bit words, little-endian. */
export function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => {
    bytes.writeUInt32LE(value, 4 * i);
  });
  return bytes;
}

export function message(id: number, command: number, flags: number, payload: Buffer, error = 0) {
  const head = words(0, 16 + payload.length, flags, error);
  head.writeUInt16LE(id, 0);
  head.writeUInt16LE(command, 2);
  return Buffer.concat([head, payload]);
}

/** Configuration space of a function with MSI-X. */
export function goodConfig(): Buffer {
  const config = Buffer.alloc(256);
  config.writeUInt32LE(0x10ff_1af4, 0);
  config.writeUInt16LE(0x10, 6);
  config[0x34] = 0x40;
  config[0x40] = 0x11;
  return config;
}

/** Starts one; `config` and `registers` are what it presents. */
export async function startServer(
  misbehave: Misbehaviour,
  config = goodConfig(),
  registers: (offset: number) => number = () => 0,
  regionBytes: readonly number[] = [0x10000, 0, 0, 0, 0, 0, 0, 256, 0],
) {
  const folder = mkdtempSync(join(tmpdir(), 'hpb-vfio-'));
  const path = join(folder, 'socket');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let data = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      data = Buffer.concat([data, chunk]);
      while (data.length >= 16 && data.length >= data.readUInt32LE(4)) {
        const size = data.readUInt32LE(4);
        serve(socket, data.subarray(0, size));
        data = data.subarray(size);
      }
    });
  });

  function serve(socket: Socket, bytes: Buffer): void {
    const id = bytes.readUInt16LE(0);
    const command = bytes.readUInt16LE(2);
    const payload = bytes.subarray(16);
    const request: Request = {
      id,
      command,
      payload,
      raw: (data) => socket.write(data),
      reply: (answer = Buffer.alloc(0), { error = 0, ...other } = {}) => {
        const flags = REPLY | (error === 0 ? 0 : ERROR);
        socket.write(message(other.id ?? id, other.command ?? command, flags, answer, error));
      },
      end: () => socket.end(),
    };
    if (misbehave(request) || (bytes.readUInt32LE(8) & NO_REPLY) !== 0) return;
    request.reply(right(command, payload));
  }

  function right(command: number, payload: Buffer): Buffer {
    switch (command) {
      case COMMAND.version:
        return payload.subarray(0, 4);
      case COMMAND.getInfo:
        return words(16, 3, 9, 5);
      case COMMAND.getRegionInfo: {
        const index = payload.readUInt32LE(8);
        return words(32, 3, index, 0, regionBytes[index]!, 0, 0, 0);
      }
      case COMMAND.getIrqInfo:
        return words(16, 1, 2, 1);
      case COMMAND.regionRead: {
        const offset = payload.readUInt32LE(0);
        const count = payload.readUInt32LE(12);
        const data =
          payload.readUInt32LE(8) === CONFIG
            ? config.subarray(offset, offset + count)
            : words(registers(offset));
        return Buffer.concat([payload.subarray(0, 16), data]);
      }
      default:
        return Buffer.alloc(0);
    }
  }

  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    device: `vfio-user:${path}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
