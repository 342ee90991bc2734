// SPDX-License-Identifier: Apache-2.0
import { TestbenchError } from '../errors.ts';
import type { Agent } from '../tasks.ts';
import { type StreamRuleOptions, StreamRules } from './axis-rules.ts';
import {
  attach,
  type BusOptions,
  type BusSimulation,
  findReset,
  type ResetLine,
} from './bus-simulation.ts';
import { type Channel, findChannel } from './channel.ts';
import { type MonitorOptions, reporter } from './violation.ts';

/** A packet that went by: the bytes that tkeep says are there, first wire byte first. */
export interface ObservedPacket {
  readonly data: Uint8Array;
  readonly beats: number;
  /** tid and tdest of the last beat; 0 without the signal. */
  readonly id: number;
  readonly dest: number;
  readonly firstCycle: number;
  readonly lastCycle: number;
}

export interface StreamMonitorOptions extends BusOptions, MonitorOptions, StreamRuleOptions {
  /** Called with each packet, up to tlast; packets that interleave are not taken apart. */
  readonly onPacket?: (packet: ObservedPacket) => void;
}

const FIELDS = ['data', 'keep', 'strb', 'last', 'user', 'id', 'dest'];

/**
 * Watches an AXI4-Stream that others drive, input or output of the module.
 *
 * @throws {ProtocolError} from the cycle that breaks one of {@link AXI_STREAM_RULES}.
 */
export class AxiStreamMonitor implements Agent {
  readonly #channel: Channel;
  readonly #rules: StreamRules;
  readonly #reset: ResetLine;
  readonly #cycle: () => number;
  readonly #onPacket: ((packet: ObservedPacket) => void) | undefined;
  #bytes: number[] = [];
  #beats = 0;
  #firstCycle = 0;

  constructor(sim: BusSimulation, prefix: string, options: StreamMonitorOptions = {}) {
    const { signals = {} } = options;
    const portOf = (field: string) => signals[field] ?? `${prefix}_t${field}`;
    const channel = findChannel(sim, prefix, FIELDS, portOf, 'monitor');
    if (channel === undefined) {
      throw new TestbenchError(
        'TESTBENCH_ARGUMENT',
        `stream ${prefix}: no port ${portOf('valid')}`,
      );
    }
    this.#channel = channel;
    this.#cycle = () => sim.cycle;
    this.#rules = new StreamRules(channel, reporter(prefix, this.#cycle, options), options);
    this.#reset = findReset(sim, options);
    this.#onPacket = options.onPacket;
    attach(sim, this, options);
  }

  drive(): void {}

  sample(): void {
    if (this.#reset()) {
      this.#rules.sampleReset();
      this.#bytes = [];
      this.#beats = 0;
      return;
    }
    this.#rules.sample();
    if (this.#onPacket && this.#channel.isTransfer) this.#collect(this.#onPacket);
  }

  #collect(onPacket: (packet: ObservedPacket) => void): void {
    const channel = this.#channel;
    const keep = channel.has('keep') ? channel.big('keep') : -1n;
    for (const [i, byte] of channel.bytes('data').entries()) {
      if ((keep >> BigInt(i)) & 1n) this.#bytes.push(byte);
    }
    if (this.#beats++ === 0) this.#firstCycle = this.#cycle();
    if (channel.get('last', 1) === 0) return;
    onPacket({
      data: Uint8Array.from(this.#bytes),
      beats: this.#beats,
      id: channel.get('id'),
      dest: channel.get('dest'),
      firstCycle: this.#firstCycle,
      lastCycle: this.#cycle(),
    });
    this.#bytes = [];
    this.#beats = 0;
  }
}
