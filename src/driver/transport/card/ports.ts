// SPDX-License-Identifier: Apache-2.0

import { randomInt } from 'node:crypto';
import type { Tuple } from './rings.ts';

/** Ports that the card chooses by itself, from the first to 65535. */
const FIRST = 32_768;
const COUNT = 65_536 - FIRST;

/** A tuple as a key. */
export function tupleKey({ remoteIp, remotePort, localPort }: Tuple): string {
  return `${remoteIp}:${remotePort}:${localPort}`;
}

/** Which ports of the card's address are in use, and by whom. */
export class Ports<Listener> {
  readonly #listeners = new Map<number, Listener>();
  readonly #tuples = new Set<string>();

  listener(port: number): Listener | undefined {
    return this.#listeners.get(port);
  }

  get listeners(): Iterable<Listener> {
    return this.#listeners.values();
  }

  /** @returns whether the port was free. */
  listen(port: number, listener: Listener): boolean {
    if (this.#listeners.has(port)) return false;
    this.#listeners.set(port, listener);
    return true;
  }

  unlisten(port: number): void {
    this.#listeners.delete(port);
  }

  /** Any free port to listen at; `undefined` where none is left. */
  choose(): number | undefined {
    return this.#search((port) => !this.#listeners.has(port));
  }

  /**
   * A port to connect from, at random (RFC 6056), so that nobody can guess it; it is the caller's until
   * `release`.
   */
  connect(remoteIp: number, remotePort: number): Tuple | undefined {
    const at = (localPort: number) => ({ remoteIp, remotePort, localPort });
    const port = this.#search(
      (candidate) => !this.#listeners.has(candidate) && !this.#tuples.has(tupleKey(at(candidate))),
    );
    if (port === undefined) return undefined;
    this.#tuples.add(tupleKey(at(port)));
    return at(port);
  }

  release(tuple: Tuple): void {
    this.#tuples.delete(tupleKey(tuple));
  }

  #search(isFree: (port: number) => boolean): number | undefined {
    const start = randomInt(COUNT);
    for (let i = 0; i < COUNT; i++) {
      const port = FIRST + ((start + i) % COUNT);
      if (isFree(port)) return port;
    }
    return undefined;
  }
}
