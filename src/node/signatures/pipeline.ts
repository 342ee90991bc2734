// SPDX-License-Identifier: Apache-2.0

import { AccelError, type BackendName, type SignatureEngine } from '../../driver/index.ts';
import { Limit, publicKeyAt, writeRecoverRecord } from '../protocol/index.ts';
import type { Id, PublicKey } from '../protocol/types.ts';
import type { Lane, OpenEngine, SignatureCounters, Signatures, Signed } from './contract.ts';
import { answered, type Job, Lanes, type Part } from './lanes.ts';
import { StandIn } from './stand-in.ts';

/** pino's methods, as far as used. */
export interface PipelineLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** Options of a pipeline. */
export interface PipelineOptions {
  readonly accelerator: { readonly signatures: SignatureEngine };
  /** Opens an engine that is no card, once it is needed. */
  readonly openStandIn: () => Promise<OpenEngine>;
  /** Let it take over what the card is late with (default true). */
  readonly spill?: boolean;
  /** How long signatures may wait before they are spilled; default 250. */
  readonly patienceMilliseconds?: number;
  readonly log?: PipelineLog;
  /** Milliseconds that only grow. */
  readonly now?: () => number;
}

/** Signatures of a batch, and batches under way: what keeps a backend busy without a long queue in it. */
const BATCHES: Readonly<
  Record<BackendName, { readonly records: number; readonly flights: number }>
> = {
  native: { records: 256, flights: 4 },
  software: { records: 32, flights: 4 },
  verilator: { records: 64, flights: 3 },
  pcie: { records: 1024, flights: 8 },
};

/** A spill is over when nothing was spilled for so long. */
const CALM_MS = 5_000;
/** Weight of the last batch in the measured rate. */
const SMOOTHING = 0.2;

interface Flight {
  readonly parts: readonly Part[];
  readonly count: number;
  readonly sent: number;
  /** Somebody else has answered, or is about to. */
  given: boolean;
}

/**
 * Signature checks through the accelerator, in batches that grow with the load.
 *
 * A card that is late, fails or hangs loses signatures to a stand-in on the processor, unless told not
 * to spill: counted, and logged once an episode. Answers are the same, whoever gives them.
 */
export class SignaturePipeline implements Signatures {
  readonly doubtful: boolean;
  readonly counters: SignatureCounters = {
    checked: 0,
    refused: 0,
    batches: 0,
    busySeconds: 0,
    spilled: 0,
    episodes: 0,
    confirmed: 0,
    contradicted: 0,
    failures: 0,
  };
  readonly #options: PipelineOptions;
  readonly #patience: number;
  readonly #spills: boolean;
  readonly #now: () => number;
  readonly #standIn: StandIn;
  readonly #lanes = new Lanes();
  readonly #flights = new Set<Flight>();
  readonly #sizes;
  #inFlight = 0;
  #planned = false;
  #busySince = 0;
  /** Signatures a second, as measured; undefined at first. */
  #rate: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #episode: { readonly since: number; last: number; readonly spilled: number } | undefined;
  #closed = false;

  constructor(options: PipelineOptions) {
    const { backend } = options.accelerator.signatures;
    this.#options = options;
    this.#patience = options.patienceMilliseconds ?? 250;
    this.#now = options.now ?? (() => performance.now());
    this.#standIn = new StandIn(options.openStandIn);
    this.#sizes = BATCHES[backend];
    this.doubtful = backend === 'verilator' || backend === 'pcie';
    this.#spills = this.doubtful && (options.spill ?? true);
  }

  get queued(): number {
    return this.#lanes.size + this.#inFlight;
  }

  get spilling(): boolean {
    return this.#episode !== undefined;
  }

  get spill(): Signatures['spill'] {
    const to = this.#standIn.backend;
    return { enabled: this.#spills, ...(to !== undefined && { to }) };
  }

  get backlogSeconds(): number {
    return this.#rate === undefined ? 0 : this.queued / this.#rate;
  }

  async recover(
    items: readonly Signed[],
    lane: Lane,
    wanted?: (id: Id) => boolean,
  ): Promise<(PublicKey | undefined)[]> {
    if (this.#closed) throw new AccelError('ACCEL_CLOSED', 'the signature checks have ended');
    if (items.length === 0) return [];
    return new Promise((resolve, reject) => {
      const keys = new Array<PublicKey | undefined>(items.length).fill(undefined);
      const job = { items, keys, open: items.length, wanted, resolve, reject };
      this.#lanes.push(job, lane, this.#now());
      this.#plan();
    });
  }

  async confirm(items: readonly Signed[]): Promise<(PublicKey | undefined)[]> {
    const keys: (PublicKey | undefined)[] = [];
    const size = BATCHES.native.records;
    for (let at = 0; at < items.length; at += size) {
      keys.push(...(await this.#standIn.ask(items.slice(at, at + size), packed, keysOf)));
    }
    this.counters.confirmed += items.length;
    return keys;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#standIn.close();
  }

  /** Questions of one turn of the event loop share a batch. */
  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    setImmediate(() => {
      this.#planned = false;
      this.#pump();
    });
  }

  #pump(): void {
    const { records, flights } = this.#sizes;
    while (this.#lanes.size > 0 && this.#flights.size < flights) {
      if (this.#spills && this.#isLate(this.#inFlight)) break;
      const parts = this.#lanes.take(records, this.#now());
      if (parts.length > 0) this.#send(parts);
    }
    if (this.#spills) this.#watch();
  }

  /** Would a signature behind so many others wait longer than it may? */
  #isLate(ahead: number): boolean {
    return this.#rate !== undefined && (ahead / this.#rate) * 1000 > this.#patience;
  }

  #send(parts: readonly Part[]): void {
    const count = sizeOf(parts);
    const flight: Flight = { parts, count, sent: this.#now(), given: false };
    if (this.#flights.size === 0) this.#busySince = flight.sent;
    this.#flights.add(flight);
    this.#inFlight += count;
    this.counters.batches += 1;
    this.#options.accelerator.signatures.recoverBatch(packed(itemsOf(parts))).then(
      (answer) => {
        this.#land(flight);
        if (!flight.given) this.#answer(parts, keysOf(answer, count), this.doubtful);
        this.#pump();
      },
      (error: unknown) => {
        this.#land(flight);
        if (!this.#closed) this.#failed(flight, error);
        else if (!flight.given) fail(parts, error);
        this.#pump();
      },
    );
  }

  /** Learns how fast the accelerator is. */
  #land(flight: Flight): void {
    const now = this.#now();
    this.#flights.delete(flight);
    this.#inFlight -= flight.count;
    const seconds = Math.max(now - Math.max(flight.sent, this.#busySince), 0.05) / 1000;
    this.counters.busySeconds += (now - this.#busySince) / 1000;
    this.#busySince = now;
    const rate = flight.count / seconds;
    // Small batches say how long one takes, not how many there can be.
    if (this.#rate === undefined || rate > this.#rate || 2 * flight.count >= this.#sizes.records) {
      this.#rate = this.#rate === undefined ? rate : this.#rate + SMOOTHING * (rate - this.#rate);
    }
  }

  #failed(flight: Flight, error: unknown): void {
    this.counters.failures += 1;
    this.#options.log?.warn(
      { error: String(error), signatures: flight.count, spill: this.#spills },
      'the accelerator failed to answer a batch',
    );
    if (flight.given) return;
    if (this.#spills) this.#divert(flight.parts);
    else fail(flight.parts, error);
  }

  /** Spills what is late: what waits too long, and what the card should have answered long ago. */
  #watch(): void {
    const now = this.#now();
    const { oldest } = this.#lanes;
    const waits = oldest !== undefined && now - oldest >= this.#patience;
    const behind = this.#lanes.size > 0 && this.#isLate(this.#inFlight);
    const { records, flights } = BATCHES.native;
    if (waits || behind) {
      while (this.#lanes.size > 0 && this.#standIn.underWay < flights) {
        const parts = this.#lanes.take(records, now);
        if (parts.length > 0) this.#divert(parts);
      }
    }
    let next = Infinity;
    for (const flight of this.#flights) {
      if (flight.given) continue;
      const due = flight.sent + 4 * this.#patience;
      if (due <= now) {
        flight.given = true;
        this.#divert(flight.parts);
      } else next = Math.min(next, due);
    }
    if (this.#episode && now - this.#episode.last > CALM_MS) this.#endEpisode();
    if (this.#episode) next = Math.min(next, now + CALM_MS);
    if (this.#lanes.size > 0) next = Math.min(next, now + this.#patience / 4);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (next === Infinity || this.#closed) return;
    this.#timer = setTimeout(() => this.#pump(), Math.max(1, next - now)).unref();
  }

  #divert(parts: readonly Part[]): void {
    const now = this.#now();
    const count = sizeOf(parts);
    if (!this.#episode) {
      this.counters.episodes += 1;
      this.#episode = { since: now, last: now, spilled: this.counters.spilled };
      const { backend } = this.#options.accelerator.signatures;
      this.#options.log?.warn(
        { backend, waiting: this.queued, perSecond: Math.round(this.#rate ?? 0) },
        'the card is late: signatures spill to the processor',
      );
    }
    this.#episode.last = now;
    this.counters.spilled += count;
    this.#standIn.ask(itemsOf(parts), packed, keysOf).then(
      (keys) => {
        this.#answer(parts, keys, false);
        this.#pump();
      },
      (error: unknown) => fail(parts, error),
    );
  }

  #endEpisode(): void {
    const { since, last, spilled } = this.#episode!;
    this.#episode = undefined;
    const signatures = this.counters.spilled - spilled;
    this.#options.log?.info(
      { signatures, seconds: (last - since) / 1000 },
      'the card keeps up again',
    );
  }

  /** Hands answers over; a card's refusals only once software agrees. */
  #answer(parts: readonly Part[], keys: (PublicKey | undefined)[], doubtful: boolean): void {
    if (doubtful && keys.includes(undefined)) {
      this.#verify(parts, keys);
      return;
    }
    this.counters.checked += keys.length;
    let at = 0;
    for (const { job, from, count } of parts) {
      for (let i = 0; i < count; i++, at++) {
        const key = keys[at];
        job.keys[from + i] = key;
        if (key === undefined) this.counters.refused += 1;
      }
      answered(job, count);
    }
  }

  #verify(parts: readonly Part[], keys: (PublicKey | undefined)[]): void {
    const items = itemsOf(parts);
    const refused = keys.flatMap((key, i) => (key === undefined ? [i] : []));
    this.confirm(refused.map((i) => items[i]!)).then(
      (answers) => {
        const all = [...keys];
        for (const [i, at] of refused.entries()) {
          if (answers[i] !== undefined) this.contradicted(1);
          all[at] = answers[i];
        }
        this.#answer(parts, all, false);
      },
      (error: unknown) => fail(parts, error),
    );
  }

  contradicted(count: number): void {
    this.counters.contradicted += count;
    const { backend } = this.#options.accelerator.signatures;
    this.#options.log?.warn({ backend, signatures: count }, 'software contradicts the card');
  }
}

function sizeOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { count }) => sum + count, 0);
}

function itemsOf(parts: readonly Part[]): Signed[] {
  return parts.flatMap(({ job, from, count }) => job.items.slice(from, from + count));
}

function packed(items: readonly Signed[]): Uint8Array {
  const records = new Uint8Array(items.length * Limit.RECOVER_RECORD_BYTES);
  for (const [i, item] of items.entries()) writeRecoverRecord(records, i, item);
  return records;
}

function keysOf(
  { valid, keys }: { readonly valid: Uint8Array; readonly keys: Uint8Array },
  count: number,
): (PublicKey | undefined)[] {
  return Array.from({ length: count }, (_, i) =>
    valid[i] === 1 ? publicKeyAt(keys, i) : undefined,
  );
}

function fail(parts: readonly Part[], error: unknown): void {
  for (const job of new Set<Job>(parts.map((part) => part.job))) job.reject(error);
}
