// SPDX-License-Identifier: Apache-2.0
import { TestbenchError } from '../errors.ts';
import type { Pause } from '../pauses.ts';
import type { Agent, Task } from '../tasks.ts';
import {
  type AxiChannels,
  type AxiPauses,
  type AxiResponse,
  findAxi,
  hexAddress,
  pauseOf,
  required,
  responseOf,
} from './axi-channels.ts';
import {
  attach,
  type BusOptions,
  type BusSimulation,
  findReset,
  type ResetLine,
} from './bus-simulation.ts';
import type { ChannelEnd } from './channel.ts';
import { ChannelSink } from './channel-sink.ts';
import { ChannelSource } from './channel-source.ts';
import { ProtocolError } from './violation.ts';

export interface AxiLiteManagerOptions extends BusOptions {
  /** When which channel pauses; never unless given. */
  readonly pause?: AxiPauses;
}

export interface AxiLiteAnswer {
  /** What was read, all data bits; 0 for a write. */
  readonly data: bigint;
  readonly response: AxiResponse;
  /** The cycle whose edge took the answer. */
  readonly cycle: number;
}

interface Access {
  readonly addr: number | bigint;
  readonly data: bigint;
  readonly strobes: number;
  answer: AxiLiteAnswer | undefined;
  isAborted: boolean;
}

/**
 * Reads and writes registers over AXI4-Lite; address and data of a write come in any order, and several
 * accesses may be under way at once.
 *
 * @example
 * const registers = new AxiLiteManager(sim, 's_axil', { pause: 0.2 });
 * sim.run(function* () {
 *   yield* registers.write(0x10, 0xcafe);
 *   expect(yield* registers.read(0x10)).toBe(0xcafe);
 * });
 */
export class AxiLiteManager implements Agent {
  readonly bus: string;
  readonly #channels: AxiChannels;
  readonly #reset: ResetLine;
  readonly #cycle: () => number;
  readonly #ends: ChannelEnd[] = [];
  readonly #writes: Access[] = [];
  readonly #reads: Access[] = [];
  #aw: ChannelSource<Access> | undefined;
  #w: ChannelSource<Access> | undefined;
  #ar: ChannelSource<Access> | undefined;

  constructor(sim: BusSimulation, prefix: string, options: AxiLiteManagerOptions = {}) {
    this.bus = prefix;
    this.#channels = findAxi(sim, prefix, 'manager', options);
    this.#reset = findReset(sim, options);
    this.#cycle = () => sim.cycle;
    const random = (channel: string) => sim.random.fork(`${prefix}.${channel}`);
    const { write, read } = this.#channels;
    const { pause } = options;
    if (write) {
      this.#aw = new ChannelSource(write.aw, random('aw'), pauseOf(pause, 'aw'), {
        present: ({ addr }) => write.aw.set('addr', addr),
      });
      this.#w = new ChannelSource(write.w, random('w'), pauseOf(pause, 'w'), {
        present: ({ data, strobes }) => {
          write.w.set('data', data);
          write.w.set('strb', strobes);
        },
      });
      const b = new ChannelSink(write.b, random('b'), pauseOf(pause, 'b'), {
        take: () => this.#answer(this.#writes, 0n, write.b.get('resp'), write.b.valid.port),
      });
      this.#ends.push(this.#aw, this.#w);
      this.#ends.push(b);
    }
    if (read) {
      this.#ar = new ChannelSource(read.ar, random('ar'), pauseOf(pause, 'ar'), {
        present: ({ addr }) => read.ar.set('addr', addr),
      });
      const r = new ChannelSink(read.r, random('r'), pauseOf(pause, 'r'), {
        take: () =>
          this.#answer(this.#reads, read.r.big('data'), read.r.get('resp'), read.r.valid.port),
      });
      this.#ends.push(this.#ar);
      this.#ends.push(r);
    }
    attach(sim, this, options);
  }

  /** When all channels pause from now on. */
  set pause(pause: Pause) {
    for (const channel of this.#ends) channel.pause = pause;
  }

  /** Writes and expects OKAY. @throws {Error} for another response. */
  *write(addr: number | bigint, data: number | bigint): Task {
    const { response } = yield* this.tryWrite(addr, data);
    if (response !== 'OKAY') this.#refused('write', addr, response);
  }

  /** Reads up to 32 bits and expects OKAY. @throws {Error} for another response. */
  *read(addr: number | bigint): Task<number> {
    return Number(BigInt.asUintN(32, yield* this.readBig(addr)));
  }

  /** Reads all data bits and expects OKAY. @throws {Error} for another response. */
  *readBig(addr: number | bigint): Task<bigint> {
    const { data, response } = yield* this.tryRead(addr);
    if (response !== 'OKAY') this.#refused('read', addr, response);
    return data;
  }

  /** Writes, whatever the response. @param strobes - one bit a byte; all unless given. */
  *tryWrite(addr: number | bigint, data: number | bigint, strobes?: number): Task<AxiLiteAnswer> {
    const { w } = required(this.#channels.write, this.bus, 'write');
    const value = BigInt.asUintN(w.width('data'), BigInt(data));
    const access = newAccess(addr, value, strobes ?? 2 ** w.width('strb') - 1);
    this.#writes.push(access);
    this.#aw?.push(access);
    this.#w?.push(access);
    return yield* this.#wait(access);
  }

  /** Reads, whatever the response. */
  *tryRead(addr: number | bigint): Task<AxiLiteAnswer> {
    required(this.#channels.read, this.bus, 'read');
    const access = newAccess(addr, 0n, 0);
    this.#reads.push(access);
    this.#ar?.push(access);
    return yield* this.#wait(access);
  }

  drive(): void {
    if (this.#reset()) {
      for (const channel of this.#ends) channel.rest();
      for (const access of [...this.#writes.splice(0), ...this.#reads.splice(0)]) {
        access.isAborted = true;
      }
      return;
    }
    for (const end of this.#ends) end.drive();
  }

  sample(): void {
    if (this.#reset()) return;
    for (const end of this.#ends) end.sample();
  }

  *#wait(access: Access): Task<AxiLiteAnswer> {
    for (;;) {
      if (access.answer) return access.answer;
      if (access.isAborted) {
        throw new TestbenchError(
          'TESTBENCH_ARGUMENT',
          `${this.bus}: reset ended the access of ${hexAddress(access.addr)}`,
        );
      }
      yield;
    }
  }

  #answer(queue: Access[], data: bigint, code: number, signal: string): void {
    const access = queue.shift();
    const cycle = this.#cycle();
    if (access === undefined) {
      const text = 'answers what was not asked';
      throw new ProtocolError({ bus: this.bus, rule: 'UNASKED', signal, cycle, text });
    }
    access.answer = { data, response: responseOf(code), cycle };
  }

  #refused(what: string, addr: number | bigint, response: AxiResponse): never {
    throw new Error(`${this.bus}: ${what} of ${hexAddress(addr)}: expected OKAY, got ${response}`);
  }
}

function newAccess(addr: number | bigint, data: bigint, strobes: number): Access {
  return { addr, data, strobes, answer: undefined, isAborted: false };
}
