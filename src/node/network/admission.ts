// SPDX-License-Identifier: Apache-2.0

import type { Milliseconds } from '../protocol/types.ts';
import { isLoopback, subnetOf } from './addresses.ts';
import { type Rate, TokenBucket } from './token-bucket.ts';

/** How many connections, and how fast. */
export interface AdmissionLimits {
  /** Connections in total, those that have not proven anything included. */
  readonly connections: number;
  /** Of one /24 or /48. */
  readonly perSubnet: number;
  /** Connections in their handshake. */
  readonly pending: number;
  /** New connections of one /24 or /48. */
  readonly subnetRate: Rate;
  /** New connections in total: each may cost a signature. */
  readonly rate: Rate;
  /** Loopback has no limit per subnet: whoever connects from there is on this machine. */
  readonly exemptLoopback: boolean;
}

export const DEFAULT_ADMISSION: AdmissionLimits = {
  connections: 96,
  perSubnet: 8,
  pending: 32,
  subnetRate: { perSecond: 1, burst: 16 },
  rate: { perSecond: 20, burst: 64 },
  exemptLoopback: true,
};

/** Why a connection was not taken. */
export type Refusal = 'full' | 'subnet' | 'rate' | 'pending' | 'banned';

/** Subnets whose rate is remembered at a time. */
const MAX_BUCKETS = 4096;

/** Counts connections; says which may come in. */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #perSubnet = new Map<string, number>();
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #all: TokenBucket;
  readonly #isExempt: (address: string) => boolean;
  #connections = 0;

  /** @param isExempt - whom limits per subnet are not for; default loopback, if the limits say so. */
  constructor(
    limits: AdmissionLimits,
    now: Milliseconds,
    isExempt = (address: string) => limits.exemptLoopback && isLoopback(address),
  ) {
    this.#limits = limits;
    this.#isExempt = isExempt;
    this.#all = new TokenBucket(limits.rate, now);
  }

  get connections(): number {
    return this.#connections;
  }

  /** Whether a stranger may come in; `pending` connections are in their handshake. */
  refuse(address: string, pending: number, now: Milliseconds): Refusal | undefined {
    const limits = this.#limits;
    const subnet = this.#subnet(address);
    if (subnet !== undefined) {
      if (!this.#bucket(subnet, now).take(1, now)) return 'rate';
      if ((this.#perSubnet.get(subnet) ?? 0) >= limits.perSubnet) return 'subnet';
    }
    if (this.#connections >= limits.connections) return 'full';
    if (pending >= limits.pending) return 'pending';
    return this.#all.take(1, now) ? undefined : 'rate';
  }

  /** Counts a connection, of either direction; returns what takes it off again. */
  enter(address: string): () => void {
    const subnet = this.#subnet(address);
    this.#connections += 1;
    if (subnet !== undefined) this.#perSubnet.set(subnet, (this.#perSubnet.get(subnet) ?? 0) + 1);
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      this.#connections -= 1;
      if (subnet === undefined) return;
      const left = (this.#perSubnet.get(subnet) ?? 1) - 1;
      if (left > 0) this.#perSubnet.set(subnet, left);
      else this.#perSubnet.delete(subnet);
    };
  }

  #subnet(address: string): string | undefined {
    return this.#isExempt(address) ? undefined : subnetOf(address);
  }

  #bucket(subnet: string, now: Milliseconds): TokenBucket {
    const known = this.#buckets.get(subnet);
    if (known) return known;
    if (this.#buckets.size >= MAX_BUCKETS) {
      for (const [key, bucket] of this.#buckets) if (bucket.isFull(now)) this.#buckets.delete(key);
      // So many subnets at once: the longest known is forgotten.
      for (const key of this.#buckets.keys()) {
        if (this.#buckets.size < MAX_BUCKETS) break;
        this.#buckets.delete(key);
      }
    }
    const bucket = new TokenBucket(this.#limits.subnetRate, now);
    this.#buckets.set(subnet, bucket);
    return bucket;
  }
}
