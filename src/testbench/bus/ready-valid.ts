// SPDX-License-Identifier: Apache-2.0
/** Plain ready/valid channels: `<prefix>_valid`, `<prefix>_ready` and any payload beside them. */
import { TestbenchError } from '../errors.ts';
import type { Pause } from '../pauses.ts';
import type { Agent, Task } from '../tasks.ts';
import {
  attach,
  type BusOptions,
  type BusSimulation,
  findReset,
  type ResetLine,
} from './bus-simulation.ts';
import { type Channel, findChannel, type Role } from './channel.ts';
import { ChannelSink } from './channel-sink.ts';
import { ChannelSource } from './channel-source.ts';
import { HANDSHAKE_RULES, type HandshakeOptions, HandshakeRules } from './handshake-rules.ts';
import { type MonitorOptions, type Report, reporter } from './violation.ts';

/** One transfer's payload by field: up to 32 bits a number, wider a bigint. */
export type Payload = Readonly<Record<string, number | bigint>>;

/** A payload as it was taken, and the cycle. */
export interface Transfer {
  readonly payload: Payload;
  readonly cycle: number;
}

export interface ReadyValidOptions extends BusOptions {
  /** Payload fields; unless given, all other ports that begin with the prefix. */
  readonly fields?: readonly string[];
  /** When it pauses; never unless given. */
  readonly pause?: Pause;
}

export const READY_VALID_RULES = HANDSHAKE_RULES;

/**
 * Offers payloads to a module.
 *
 * @example
 * const jobs = new ReadyValidSource(sim, 'job', { pause: 0.3 }); // job_valid, job_ready, job_op, job_data
 * sim.run(jobs.send({ op: 2, data: 0x1234n }));
 */
export class ReadyValidSource implements Agent {
  readonly #source: ChannelSource<{ payload: Payload; isTaken: boolean }>;
  readonly #reset: ResetLine;

  constructor(sim: BusSimulation, prefix: string, options: ReadyValidOptions = {}) {
    const channel = findReadyValid(sim, prefix, options, 'source');
    this.#reset = findReset(sim, options);
    const random = sim.random.fork(`${prefix}.source`);
    this.#source = new ChannelSource(channel, random, options.pause ?? 0, {
      present: ({ payload }) => {
        for (const field of channel.payload.keys()) channel.set(field, payload[field] ?? 0);
      },
      accepted: (item) => {
        item.isTaken = true;
      },
    });
    attach(sim, this, options);
  }

  /** When it pauses; may be changed at any time. */
  set pause(pause: Pause) {
    this.#source.pause = pause;
  }

  /** Payloads not yet taken. */
  get pending(): number {
    return this.#source.pending;
  }

  /**
   * Queues a payload and returns at once; fields left out are 0.
   *
   * @throws {TestbenchError} `TESTBENCH_ARGUMENT` for a field that the channel does not have.
   */
  enqueue(payload: Payload): void {
    this.#enqueue(payload);
  }

  /** Queues a payload and waits until it is taken. */
  *send(payload: Payload): Task {
    const item = this.#enqueue(payload);
    while (!item.isTaken) yield;
  }

  drive(): void {
    if (this.#reset()) this.#source.rest();
    else this.#source.drive();
  }

  sample(): void {
    if (!this.#reset()) this.#source.sample();
  }

  #enqueue(payload: Payload): { payload: Payload; isTaken: boolean } {
    const { channel } = this.#source;
    for (const field of Object.keys(payload)) {
      if (!channel.has(field)) {
        const names = [...channel.payload.keys()].join(', ');
        throw new TestbenchError(
          'TESTBENCH_ARGUMENT',
          `channel ${channel.name}: expected fields of ${names}, got ${field}`,
        );
      }
    }
    const item = { payload, isTaken: false };
    this.#source.push(item);
    return item;
  }
}

/** Takes payloads from a module, and checks the handshake. */
export class ReadyValidSink implements Agent {
  /** Transfers taken and not yet fetched, oldest first. */
  readonly transfers: Transfer[] = [];
  readonly #sink: ChannelSink;
  readonly #rules: HandshakeRules;
  readonly #reset: ResetLine;

  constructor(
    sim: BusSimulation,
    prefix: string,
    options: ReadyValidOptions & MonitorOptions & HandshakeOptions = {},
  ) {
    const channel = findReadyValid(sim, prefix, options, 'sink');
    this.#reset = findReset(sim, options);
    this.#rules = new HandshakeRules(
      channel,
      reporter(prefix, () => sim.cycle, options),
    );
    const random = sim.random.fork(`${prefix}.sink`);
    this.#sink = new ChannelSink(channel, random, options.pause ?? 0, {
      take: () => this.transfers.push({ payload: readPayload(channel), cycle: sim.cycle }),
    });
    attach(sim, this, options);
  }

  /** When it pauses; may be changed at any time. */
  set pause(pause: Pause) {
    this.#sink.pause = pause;
  }

  /** Waits for the next transfer. */
  *receive(): Task<Transfer> {
    for (;;) {
      const transfer = this.transfers.shift();
      if (transfer) return transfer;
      yield;
    }
  }

  drive(): void {
    if (this.#reset()) this.#sink.rest();
    else this.#sink.drive();
  }

  sample(): void {
    if (this.#reset()) {
      this.#rules.sampleReset();
      return;
    }
    this.#rules.sample();
    this.#sink.sample();
  }
}

export interface ReadyValidMonitorOptions
  extends ReadyValidOptions,
    MonitorOptions,
    HandshakeOptions {
  /** Called with each transfer. */
  readonly onTransfer?: (transfer: Transfer) => void;
}

/** Watches a channel that others drive. @throws {ProtocolError} from the cycle that breaks a rule. */
export class ReadyValidMonitor implements Agent {
  readonly #channel: Channel;
  readonly #rules: HandshakeRules;
  readonly #reset: ResetLine;
  readonly #onTransfer: ((transfer: Transfer) => void) | undefined;
  readonly #cycle: () => number;

  constructor(sim: BusSimulation, prefix: string, options: ReadyValidMonitorOptions = {}) {
    this.#channel = findReadyValid(sim, prefix, options, 'monitor');
    this.#reset = findReset(sim, options);
    this.#cycle = () => sim.cycle;
    const report: Report = reporter(prefix, this.#cycle, options);
    this.#rules = new HandshakeRules(this.#channel, report, options);
    this.#onTransfer = options.onTransfer;
    attach(sim, this, options);
  }

  drive(): void {}

  sample(): void {
    if (this.#reset()) {
      this.#rules.sampleReset();
      return;
    }
    this.#rules.sample();
    if (this.#onTransfer && this.#channel.isTransfer) {
      this.#onTransfer({ payload: readPayload(this.#channel), cycle: this.#cycle() });
    }
  }
}

function readPayload(channel: Channel): Payload {
  const payload: Record<string, number | bigint> = {};
  for (const [field, { bits }] of channel.payload) {
    payload[field] = bits.width <= 32 ? bits.get() : bits.getBig();
  }
  return payload;
}

function findReadyValid(
  sim: BusSimulation,
  prefix: string,
  { fields, signals = {} }: ReadyValidOptions,
  role: Role,
): Channel {
  const all = sim.description.ports
    .map(({ name }) => name)
    .filter((name) => name.startsWith(`${prefix}_`))
    .map((name) => name.slice(prefix.length + 1))
    .filter((field) => field !== 'valid' && field !== 'ready');
  const portOf = (field: string) => signals[field] ?? `${prefix}_${field}`;
  const channel = findChannel(sim, prefix, fields ?? all, portOf, role);
  if (channel === undefined) {
    throw new TestbenchError('TESTBENCH_ARGUMENT', `channel ${prefix}: no port ${portOf('valid')}`);
  }
  for (const field of fields ?? []) {
    if (channel.has(field)) continue;
    throw new TestbenchError('TESTBENCH_ARGUMENT', `channel ${prefix}: no port ${portOf(field)}`);
  }
  return channel;
}
