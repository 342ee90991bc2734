// SPDX-License-Identifier: Apache-2.0
// Frames in a file that Wireshark opens: classic pcap, nanoseconds of the engine's clock.

import { closeSync, openSync, writeSync } from 'node:fs';
import type { Passed } from './run.ts';

const MAGIC_NS = 0xa1b2_3c4d;
const ETHERNET = 1;
/** 156.25 MHz. */
const NS_PER_CYCLE = 6.4;

export class Pcap {
  readonly #file: number;

  /** @throws what the file system has against it. */
  constructor(path: string) {
    this.#file = openSync(path, 'w');
    const header = new DataView(new ArrayBuffer(24));
    header.setUint32(0, MAGIC_NS, true);
    header.setUint16(4, 2, true);
    header.setUint16(6, 4, true);
    header.setUint32(16, 2 ** 18, true);
    header.setUint32(20, ETHERNET, true);
    writeSync(this.#file, new Uint8Array(header.buffer));
  }

  /** In the order and at the time in which it was given to the MAC, or came from it. */
  add({ frame, cycle }: Passed): void {
    const ns = cycle * NS_PER_CYCLE;
    const record = new Uint8Array(16 + frame.length);
    const header = new DataView(record.buffer);
    header.setUint32(0, Math.floor(ns / 1e9), true);
    header.setUint32(4, Math.floor(ns % 1e9), true);
    header.setUint32(8, frame.length, true);
    header.setUint32(12, frame.length, true);
    record.set(frame, 16);
    writeSync(this.#file, record);
  }

  close(): void {
    closeSync(this.#file);
  }
}
