// SPDX-License-Identifier: Apache-2.0

import { setTimeout as delay } from 'node:timers/promises';
import { DEFAULT_LIMITS } from '../../node/api/limits.ts';
import type { ApiClient } from '../api-client.ts';
import { CliError } from '../exit.ts';
import type { Tracker } from './tracker.ts';
import type { Reference, Transfers } from './transfers.ts';

/** Between two batches: half of it is in every latency; long enough that a batch is worth a request. */
const TICK_MS = 10;
/** Requests under way; more means that the node does not keep up with taking them in. */
const MAX_REQUESTS = 160;

export interface GeneratorOptions {
  /** Nodes that take turns. */
  readonly clients: readonly ApiClient[];
  readonly transfers: Transfers;
  readonly tracker: Tracker;
  /** Transfers a second. */
  readonly rate: number;
  readonly seconds: number;
  /** What the next batch refers to. */
  readonly reference: () => Reference;
  /** Milliseconds that only grow: the tracker's clock. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** What was done; `offered` is what the clock asked for. */
export interface Offered {
  readonly offered: number;
  readonly accepted: number;
  /** Not sent, because too many requests were unanswered. */
  readonly unsent: number;
  /** Requests that failed, and why the last one did. */
  readonly failures: number;
  readonly failure?: string;
  readonly seconds: number;
}

/**
 * Sends at a rate that depends on nothing but the clock (open loop): a node that falls behind gets
 * no rest, and latency counts from when a transfer was due.
 */
export async function generate(options: GeneratorOptions): Promise<Offered> {
  const { clients, transfers, tracker, rate, seconds, reference, now, signal } = options;
  const total = Math.round(rate * seconds);
  const most = mostOfRequest(transfers.transferBytes);
  const start = now();
  const requests = new Set<Promise<void>>();
  let offered = 0;
  let accepted = 0;
  let unsent = 0;
  let failures = 0;
  let failure: string | undefined;
  let turn = 0;

  const send = async (count: number, first: number) => {
    const { bytes, ids } = transfers.make(count, reference());
    ids.forEach((id, i) => {
      tracker.sent(id, start + ((first + i) / rate) * 1000);
    });
    const client = clients[turn++ % clients.length]!;
    try {
      const answer = await client.submit(bytes, 'refused');
      accepted += answer.accepted;
      for (const { index, ...verdict } of answer.verdicts) {
        if (verdict.accepted) continue;
        failure = `${verdict.code}: ${verdict.message}`;
        tracker.refuse(ids[index]!);
      }
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      failures++;
      failure = error.message;
      for (const id of ids) tracker.refuse(id);
    }
  };

  while (offered < total && !signal.aborted) {
    const due = Math.min(total, Math.floor(((now() - start) / 1000) * rate) + 1);
    const count = Math.min(due - offered, most);
    if (count > 0) {
      if (requests.size < MAX_REQUESTS) {
        const request = send(count, offered).finally(() => requests.delete(request));
        requests.add(request);
      } else {
        unsent += count;
      }
      offered += count;
    }
    // After a stall more is due than one request may carry.
    await delay(offered < due ? 0 : TICK_MS, undefined, { signal }).catch(() => {});
  }
  await Promise.all(requests);
  const spent = Math.max((now() - start) / 1000, 1e-3);
  return {
    offered,
    accepted,
    unsent,
    failures,
    ...(failure !== undefined && { failure }),
    seconds: signal.aborted ? spent : seconds,
  };
}

/** Transfers of so many bytes that a node takes in one request. */
function mostOfRequest(bytes: number): number {
  const { submitBytes, submitTransactions } = DEFAULT_LIMITS;
  return Math.min(submitTransactions, Math.floor(submitBytes / bytes));
}
