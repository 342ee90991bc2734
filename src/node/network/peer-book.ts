// SPDX-License-Identifier: Apache-2.0

import { randomInt } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { isIP } from 'node:net';
import { z } from 'zod';
import type { Milliseconds, PublicKey } from '../protocol/types.ts';
import {
  canonicalAddress,
  type Endpoint,
  formatEndpoint,
  isPublic,
  subnetOf,
} from './addresses.ts';
import type { Ban } from './bans.ts';
import type { PeerAddress } from './messages.ts';

/** What is known of an address. */
export interface BookEntry extends Endpoint {
  /** The key it had, or is said to have. */
  nodeKey?: PublicKey | undefined;
  /** Written by the operator: never forgotten, always wanted. */
  readonly fixed: boolean;
  /** Last handshake that succeeded; 0 never. */
  lastSuccess: Milliseconds;
  /** Attempts that failed since then. */
  failures: number;
  /** Not to be dialled before. */
  notBefore: Milliseconds;
}

const bookSchema = z.strictObject({
  version: z.literal(1),
  peers: z
    .array(
      z.strictObject({
        host: z.string().refine((host) => isIP(host) !== 0, 'expected a numeric address'),
        port: z.int().min(1).max(65535),
        nodeKey: z
          .string()
          .regex(/^0[23][0-9a-f]{64}$/)
          .optional(),
        lastSuccess: z.number().min(0),
        failures: z.int().min(0),
      }),
    )
    .max(4096),
  bans: z.array(z.strictObject({ key: z.string().max(80), until: z.number() })).max(4096),
});

/** Options of a book. */
export interface PeerBookOptions {
  /** JSON file; in memory only if not given. */
  readonly path?: string | undefined;
  /** Addresses at a time (default 1024). */
  readonly capacity?: number;
  /** Addresses of one /24 or /48 (default 32): no neighbourhood can fill the book. */
  readonly perSubnet?: number;
  /** Take and give loopback and private addresses, too (default false): for networks that live there. */
  readonly allowPrivate?: boolean;
}

const BACKOFF_FIRST = 1_000;
const BACKOFF_MAX = 300_000;
/** An address that never answered is forgotten after so many attempts. */
const MAX_FAILURES = 12;

/** Addresses of other nodes: found, tried, remembered. */
export class PeerBook {
  readonly #entries = new Map<string, BookEntry>();
  readonly #path: string | undefined;
  readonly #capacity: number;
  readonly #perSubnet: number;
  readonly #allowPrivate: boolean;
  #dirty = false;

  constructor(options: PeerBookOptions = {}) {
    this.#path = options.path;
    this.#capacity = options.capacity ?? 1024;
    this.#perSubnet = options.perSubnet ?? 32;
    this.#allowPrivate = options.allowPrivate ?? false;
  }

  get size(): number {
    return this.#entries.size;
  }

  /**
   * Reads the file, if there is one.
   *
   * @returns the bans kept in it; or why it could not be used: the book then begins empty.
   */
  load(): { bans: readonly Ban[]; problem?: string } {
    if (this.#path === undefined) return { bans: [] };
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { bans: [] };
      return { bans: [], problem: String(error) };
    }
    try {
      const { peers, bans } = bookSchema.parse(JSON.parse(text));
      for (const { nodeKey, lastSuccess, failures, ...endpoint } of peers) {
        const entry = this.#insert(endpoint, false);
        if (entry) Object.assign(entry, { nodeKey, lastSuccess, failures });
      }
      return { bans };
    } catch (error) {
      const detail = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
      return { bans: [], problem: `${this.#path}: ${detail}` };
    }
  }

  /** Writes the file if something changed: a whole new one, put in the place of the old. */
  save(bans: readonly Ban[]): void {
    if (this.#path === undefined || !this.#dirty) return;
    const peers = [...this.#entries.values()]
      .filter(({ host }) => isIP(host) !== 0)
      .map(({ host, port, nodeKey, lastSuccess, failures }) => ({
        host,
        port,
        ...(nodeKey === undefined ? {} : { nodeKey }),
        lastSuccess,
        failures,
      }));
    const temporary = `${this.#path}.${process.pid}.tmp`;
    const file = openSync(temporary, 'w', 0o600);
    try {
      writeSync(file, `${JSON.stringify({ version: 1, peers, bans }, undefined, 2)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, this.#path);
    this.#dirty = false;
  }

  /** Something must be saved: bans changed. */
  touch(): void {
    this.#dirty = true;
  }

  /** An address of the operator. */
  addFixed(endpoint: Endpoint, nodeKey?: PublicKey): void {
    const entry = this.#insert(endpoint, true);
    if (entry && nodeKey !== undefined) entry.nodeKey = nodeKey;
  }

  /** An address that a peer told; returns whether it was new and taken. */
  learn({ host, port, nodeKey }: PeerAddress): boolean {
    const address = canonicalAddress(host);
    if (!this.#allowPrivate && !isPublic(address)) return false;
    const endpoint = { host: address, port };
    if (this.#entries.has(formatEndpoint(endpoint))) return false;
    const entry = this.#insert(endpoint, false);
    if (entry) entry.nodeKey = nodeKey;
    return entry !== undefined;
  }

  /** A handshake with this address succeeded. */
  succeeded(endpoint: Endpoint, nodeKey: PublicKey, now: Milliseconds): void {
    const entry = this.#insert(endpoint, false);
    if (!entry) return;
    Object.assign(entry, { nodeKey, lastSuccess: now, failures: 0, notBefore: 0 });
    this.#dirty = true;
  }

  /** An attempt failed, or the connection ended: wait longer each time. */
  failed(endpoint: Endpoint, now: Milliseconds, atLeast: Milliseconds = 0): void {
    const key = formatEndpoint(endpoint);
    const entry = this.#entries.get(key);
    if (!entry) return;
    const wait = Math.min(BACKOFF_MAX, BACKOFF_FIRST * 2 ** Math.min(16, entry.failures));
    entry.failures += 1;
    // Half of it by chance: nodes that fell together do not come back in step.
    entry.notBefore = now + Math.max(atLeast, wait / 2 + randomInt(Math.ceil(wait / 2) + 1));
    if (!entry.fixed && entry.lastSuccess === 0 && entry.failures >= MAX_FAILURES) {
      this.#entries.delete(key);
    }
    this.#dirty = true;
  }

  /** Removes an address; the operator's stay. */
  forget(endpoint: Endpoint): void {
    const key = formatEndpoint(endpoint);
    if (this.#entries.get(key)?.fixed === false) this.#entries.delete(key);
  }

  /** Addresses that may be dialled now: the operator's first, then in random order. */
  candidates(now: Milliseconds): BookEntry[] {
    const ready = [...this.#entries.values()].filter(({ notBefore }) => notBefore <= now);
    const others = shuffle(ready.filter(({ fixed }) => !fixed));
    return [...ready.filter(({ fixed }) => fixed), ...others];
  }

  /** Addresses to tell a peer: they have answered once, with this key, or are `here`. */
  sample(count: number, here: readonly PeerAddress[] = []): PeerAddress[] {
    const known = new Map<string, PeerAddress>();
    const add = ({ host, port, nodeKey }: PeerAddress) => {
      if (this.#allowPrivate || isPublic(host)) {
        known.set(formatEndpoint({ host, port }), { host, port, nodeKey });
      }
    };
    for (const address of here) add({ ...address, host: canonicalAddress(address.host) });
    for (const { host, port, nodeKey, lastSuccess } of this.#entries.values()) {
      if (nodeKey === undefined || lastSuccess === 0 || isIP(host) === 0) continue;
      add({ host, port, nodeKey });
    }
    return shuffle([...known.values()]).slice(0, count);
  }

  #insert(endpoint: Endpoint, fixed: boolean): BookEntry | undefined {
    const host = isIP(endpoint.host) === 0 ? endpoint.host : canonicalAddress(endpoint.host);
    const key = formatEndpoint({ host, port: endpoint.port });
    const known = this.#entries.get(key);
    if (known && (known.fixed || !fixed)) return known;
    if (!fixed && !this.#hasRoom(host)) return undefined;
    const blank = { lastSuccess: 0, failures: 0, notBefore: 0, ...known };
    const entry = { ...blank, host, port: endpoint.port, fixed };
    this.#entries.set(key, entry);
    this.#dirty = true;
    return entry;
  }

  #hasRoom(host: string): boolean {
    const subnet = subnetOf(host);
    let neighbours = 0;
    let worst: BookEntry | undefined;
    for (const entry of this.#entries.values()) {
      if (isIP(entry.host) !== 0 && subnetOf(entry.host) === subnet) neighbours += 1;
      if (!entry.fixed && (!worst || isWorse(entry, worst))) worst = entry;
    }
    if (neighbours >= this.#perSubnet) return false;
    if (this.#entries.size < this.#capacity) return true;
    // Full: one that never answered makes room; those that did are worth more than rumours.
    if (!worst || worst.lastSuccess > 0) return false;
    this.#entries.delete(formatEndpoint(worst));
    return true;
  }
}

function isWorse(a: BookEntry, b: BookEntry): boolean {
  if (a.lastSuccess !== b.lastSuccess) return a.lastSuccess < b.lastSuccess;
  return a.failures > b.failures;
}

function shuffle<T>(items: T[]): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
  return items;
}
