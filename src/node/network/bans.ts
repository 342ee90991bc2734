// SPDX-License-Identifier: Apache-2.0

import { isIPv4 } from 'node:net';
import type { Milliseconds } from '../protocol/types.ts';
import { decodeAddress, encodeAddress } from './addresses.ts';

/** When misbehaviour becomes a ban, and for how long. */
export interface BanOptions {
  /** Points (default 100). */
  readonly threshold: number;
  /** Points that are forgiven per second (default 0.5). */
  readonly forgivenPerSecond: number;
  readonly banMilliseconds: Milliseconds;
  /** Keys remembered at a time (default 4096); the least guilty make room. */
  readonly capacity: number;
}

export const DEFAULT_BANS: BanOptions = {
  threshold: 100,
  forgivenPerSecond: 0.5,
  banMilliseconds: 3_600_000,
  capacity: 4096,
};

interface Offender {
  points: number;
  at: Milliseconds;
  bannedUntil: Milliseconds;
}

/** A ban, as kept on disk. */
export interface Ban {
  readonly key: string;
  /** Since 1970. */
  readonly until: Milliseconds;
}

/** What an address is banned as: an IPv4 address alone, of IPv6 the /64 that one customer has. */
export function addressKey(address: string): string {
  if (isIPv4(address)) return `ip:${address}`;
  const prefix = Uint8Array.from(encodeAddress(address), (byte, i) => (i < 8 ? byte : 0));
  return `ip:${decodeAddress(prefix, 0)}/64`;
}

/** Points against nodes and addresses, and who is banned. */
export class Bans {
  readonly #options: BanOptions;
  readonly #offenders = new Map<string, Offender>();

  constructor(options: Partial<BanOptions> = {}) {
    this.#options = { ...DEFAULT_BANS, ...options };
  }

  /** Offenders remembered. */
  get size(): number {
    return this.#offenders.size;
  }

  /** Adds points; returns whether the key is banned now. */
  add(key: string, points: number, now: Milliseconds): boolean {
    const known = this.#offenders.get(key);
    if (!known) this.#makeRoom(now);
    const offender = known ?? { points: 0, at: now, bannedUntil: 0 };
    offender.points = this.#pointsOf(offender, now) + Math.max(0, points);
    offender.at = now;
    if (offender.points >= this.#options.threshold) {
      offender.bannedUntil = now + this.#options.banMilliseconds;
      offender.points = 0;
    }
    this.#offenders.set(key, offender);
    return now < offender.bannedUntil;
  }

  isBanned(key: string, now: Milliseconds): boolean {
    return now < (this.#offenders.get(key)?.bannedUntil ?? 0);
  }

  /** Points towards the next ban. */
  score(key: string, now: Milliseconds): number {
    const offender = this.#offenders.get(key);
    return offender ? this.#pointsOf(offender, now) : 0;
  }

  /** Bans that stand, to be kept. */
  list(now: Milliseconds): Ban[] {
    return [...this.#offenders]
      .filter(([, { bannedUntil }]) => now < bannedUntil)
      .map(([key, { bannedUntil }]) => ({ key, until: bannedUntil }));
  }

  /** Takes back what `list` gave; none lasts longer than a fresh one. */
  restore(bans: readonly Ban[], now: Milliseconds): void {
    for (const { key, until } of bans.slice(0, this.#options.capacity)) {
      const bannedUntil = Math.min(until, now + this.#options.banMilliseconds);
      if (now < bannedUntil) this.#offenders.set(key, { points: 0, at: now, bannedUntil });
    }
  }

  #pointsOf({ points, at }: Offender, now: Milliseconds): number {
    return Math.max(0, points - ((now - at) / 1000) * this.#options.forgivenPerSecond);
  }

  #makeRoom(now: Milliseconds): void {
    if (this.#offenders.size < this.#options.capacity) return;
    let least: string | undefined;
    let guilt = Number.POSITIVE_INFINITY;
    for (const [key, offender] of this.#offenders) {
      const own = Math.max(0, offender.bannedUntil - now) * 1000 + this.#pointsOf(offender, now);
      if (own === 0) this.#offenders.delete(key);
      else if (own < guilt) [least, guilt] = [key, own];
    }
    if (this.#offenders.size >= this.#options.capacity && least !== undefined) {
      this.#offenders.delete(least);
    }
  }
}
