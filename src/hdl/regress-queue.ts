// SPDX-License-Identifier: Apache-2.0
// The same campaign over many machines: runs are jobs of BullMQ in Redis or Valkey.
//
// A queue belongs to one state of the sources (campaignKey), so a worker with other sources never gets a job
// of it. A job's name is its run: adding it twice is one job, and a campaign that was stopped finds what workers
// did meanwhile. A worker that dies gives its job back after half a minute.

import { createHash } from 'node:crypto';
import { type Job, Queue, QueueEvents, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { HdlError } from './errors.ts';
import {
  type CampaignOptions,
  RUN_TIMEOUT_MS,
  runSeed,
  type SeedOutcome,
  type SeedRun,
} from './regress.ts';

const CONNECT_MS = 5_000;
/** Finished jobs are forgotten after this, in seconds. */
const KEEP_S = 7 * 24 * 3600;

/** Without user and password. */
export function describeQueue(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

/**
 * Checks a queue's address, `redis://[user:password@]host[:port][/database]` or `rediss://`.
 *
 * @throws {HdlError} `HDL_ARGUMENT`.
 */
export function checkQueueUrl(url: string): void {
  let protocol = '';
  try {
    ({ protocol } = new URL(url));
  } catch {}
  if (protocol === 'redis:' || protocol === 'rediss:') return;
  throw new HdlError('HDL_ARGUMENT', `expected redis://host:port, got ${JSON.stringify(url)}`);
}

/** @throws {HdlError} `HDL_TOOL` when nobody answers. */
async function connect(url: string): Promise<Redis> {
  checkQueueUrl(url);
  const probe = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  // Told by connect(); without a listener the event would be printed.
  let reason = '';
  probe.on('error', (error: Error) => {
    reason = error.message;
  });
  try {
    await probe.connect();
    await probe.ping();
  } catch (error) {
    const why = reason || (error as Error).message;
    throw new HdlError('HDL_TOOL', `no queue at ${describeQueue(url)}: ${why}`, { cause: error });
  } finally {
    probe.disconnect();
  }
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  // It tries again by itself; a campaign outlives a restart of the queue's server.
  connection.on('error', () => {});
  return connection;
}

const queueName = (key: string) => `hpb-regress-${key}`;

/**
 * Gives what is missing of a campaign to the queue's workers, and waits for all of it.
 *
 * @throws {HdlError} `HDL_TOOL` when the queue does not answer.
 * @throws the signal's reason; jobs that nobody has begun are taken back then.
 */
export async function queueCampaign(
  url: string,
  key: string,
  runs: readonly SeedRun[],
  { log, onOutcome, signal, timeoutMs = RUN_TIMEOUT_MS }: CampaignOptions,
): Promise<SeedOutcome[]> {
  const connection = await connect(url);
  const queue = new Queue<QueuedRun, SeedOutcome>(queueName(key), { connection });
  // Waiting for events blocks a connection.
  const waiting = connection.duplicate();
  waiting.on('error', () => {});
  const events = new QueueEvents(queueName(key), { connection: waiting });
  // BullMQ's own errors are connections that it opens again.
  queue.on('error', () => {});
  events.on('error', () => {});
  const missing = new Map<string, SeedRun>();
  try {
    await events.waitUntilReady();
    for (const run of runs) {
      const stored = log.find(run);
      if (stored) onOutcome?.(stored, true);
      else missing.set(jobId(run), run);
    }
    const done = withResolvers();
    const take = (id: string, outcome: SeedOutcome) => {
      const run = missing.get(id);
      if (!run) return;
      missing.delete(id);
      const own = checkOutcome(run, outcome);
      log.add(own);
      onOutcome?.(own, false);
      if (missing.size === 0) done.resolve();
    };
    const giveUp = (id: string, reason: string) => {
      const run = missing.get(id);
      if (run)
        take(id, { ...run, passed: 0, failures: [{ test: '', reason }], seconds: 0, by: 'queue' });
    };
    events.on('completed', ({ jobId: id, returnvalue }) => take(id, parseValue(returnvalue)));
    events.on('failed', ({ jobId: id, failedReason }) => giveUp(id, failedReason));
    const onAbort = () => done.reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      if (missing.size === 0) done.resolve();
      const jobs = [...missing].map(([id, run]) => ({
        name: 'run',
        data: { ...run, timeoutMs },
        opts: { jobId: id, removeOnComplete: { age: KEEP_S }, removeOnFail: true },
      }));
      for (let at = 0; at < jobs.length; at += 500) await queue.addBulk(jobs.slice(at, at + 500));
      // What workers finished before this campaign was taken up again gives no event any more.
      for (const id of [...missing.keys()]) {
        const job = await queue.getJob(id);
        if (job && (await job.isCompleted())) take(id, job.returnvalue);
      }
      signal?.throwIfAborted();
      await done.promise;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  } finally {
    for (const id of missing.keys()) await queue.remove(id).catch(() => {});
    await Promise.allSettled([queue.close(), events.close()]);
    for (const each of [connection, waiting]) each.disconnect();
  }
  return runs.flatMap((run) => log.find(run) ?? []);
}

interface QueuedRun extends SeedRun {
  readonly timeoutMs: number;
}

export interface WorkOptions {
  readonly signal: AbortSignal;
  /** How many runs at once. */
  readonly workers: number;
  /** Test files that may be asked for. */
  readonly files: ReadonlySet<string>;
  /** End when there was nothing to do for so long, in ms; never unless given. */
  readonly idleMs?: number;
  readonly onOutcome?: ((outcome: SeedOutcome) => void) | undefined;
}

/**
 * Works for campaigns on this state of the sources, until the signal fires or it was idle for long enough.
 *
 * @returns how many runs it did.
 * @throws {HdlError} `HDL_TOOL` when the queue does not answer.
 */
export async function workForQueue(
  url: string,
  key: string,
  root: string,
  { signal, workers, files, idleMs, onOutcome }: WorkOptions,
): Promise<number> {
  const connection = await connect(url);
  let count = 0;
  let active = 0;
  let idleSince = Date.now();
  const worker = new Worker<QueuedRun, SeedOutcome>(
    queueName(key),
    async (job: Job<QueuedRun>) => {
      active++;
      try {
        const { timeoutMs, ...run } = checkRun(job.data, files);
        const outcome = await runSeed(root, run, { signal, timeoutMs });
        count++;
        onOutcome?.(outcome);
        return outcome;
      } finally {
        active--;
        idleSince = Date.now();
      }
    },
    { connection, concurrency: workers },
  );
  worker.on('error', () => {});
  await new Promise<void>((done) => {
    const timer = setInterval(() => {
      if (idleMs !== undefined && active === 0 && Date.now() - idleSince >= idleMs) finish();
    }, 200);
    const finish = () => {
      clearInterval(timer);
      signal.removeEventListener('abort', finish);
      done();
    };
    signal.addEventListener('abort', finish, { once: true });
    if (signal.aborted) finish();
  });
  // A server that is gone never answers the farewell.
  const farewell = new Promise((done) => setTimeout(done, CONNECT_MS).unref());
  await Promise.race([worker.close(signal.aborted), farewell]);
  connection.disconnect();
  return count;
}

/** A job's data come from whoever reaches the queue: a run of a known file, or nothing. */
function checkRun(data: unknown, files: ReadonlySet<string>): QueuedRun {
  const { file, seed, timeoutMs } = (data ?? {}) as Partial<QueuedRun>;
  const isFile = typeof file === 'string' && files.has(file);
  const isSeed = Number.isInteger(seed) && seed! >= 0 && seed! < 2 ** 32;
  const isTime = Number.isInteger(timeoutMs) && timeoutMs! > 0 && timeoutMs! <= 24 * 3_600_000;
  if (isFile && isSeed && isTime) return { file, seed: seed!, timeoutMs: timeoutMs! };
  const got = JSON.stringify(data)?.slice(0, 200);
  throw new Error(`expected a test file of this project, a seed and a time in ms; got ${got}`);
}

/** A worker's answer must be about the run that was asked. */
function checkOutcome(run: SeedRun, outcome: SeedOutcome): SeedOutcome {
  const { file, seed, passed, failures, seconds, by } = outcome;
  const isOne = file === run.file && seed === run.seed && Array.isArray(failures);
  if (isOne && Number.isInteger(passed) && typeof seconds === 'number') {
    return { file, seed, passed, failures, seconds, by: String(by) };
  }
  const reason = `expected an outcome of the run, got ${JSON.stringify(outcome)?.slice(0, 200)}`;
  return { ...run, passed: 0, failures: [{ test: '', reason }], seconds: 0, by: 'queue' };
}

/** BullMQ's events carry values as JSON text. */
function parseValue(value: unknown): SeedOutcome {
  if (typeof value !== 'string') return value as SeedOutcome;
  try {
    return JSON.parse(value) as SeedOutcome;
  } catch {
    return {} as SeedOutcome;
  }
}

/** The same run has the same name; BullMQ's names have no colons. */
function jobId({ file, seed }: SeedRun): string {
  return `${createHash('sha256').update(file).digest('hex').slice(0, 16)}-${seed}`;
}

/** Promise.withResolvers, which Node 20 lacks. */
function withResolvers(): {
  promise: Promise<void>;
  resolve: () => void;
  reject: (reason: unknown) => void;
} {
  let resolve = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  // Looked at later; until then it is nobody's.
  promise.catch(() => {});
  return { promise, resolve, reject };
}
