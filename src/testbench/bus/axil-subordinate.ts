// SPDX-License-Identifier: Apache-2.0
import type { Agent } from '../tasks.ts';
import type { AddressSpace } from './address-space.ts';
import { type AxiPauses, codeOf, findAxi, pauseOf } from './axi-channels.ts';
import {
  attach,
  type BusOptions,
  type BusSimulation,
  findReset,
  type ResetLine,
} from './bus-simulation.ts';
import type { Channel, ChannelEnd } from './channel.ts';
import { ChannelSink } from './channel-sink.ts';
import { ChannelSource } from './channel-source.ts';

export interface AxiLiteSubordinateOptions extends BusOptions {
  readonly space: AddressSpace;
  /** When which channel pauses; never unless given. */
  readonly pause?: AxiPauses;
  /** Most accesses of a kind taken and not answered; 4 unless given. */
  readonly depth?: number;
}

interface Answer {
  readonly code: number;
  readonly data: Uint8Array;
}

/** Answers a module's AXI4-Lite manager out of an address space, in order. */
export class AxiLiteSubordinate implements Agent {
  readonly #ends: ChannelEnd[] = [];
  readonly #reset: ResetLine;
  readonly #space: AddressSpace;
  readonly #addresses: bigint[] = [];
  readonly #data: { data: Uint8Array; strobes: Uint8Array }[] = [];

  constructor(sim: BusSimulation, prefix: string, options: AxiLiteSubordinateOptions) {
    this.#space = options.space;
    this.#reset = findReset(sim, options);
    const { depth = 4, pause } = options;
    const random = (channel: string) => sim.random.fork(`${prefix}.${channel}`);
    const { read, write } = findAxi(sim, prefix, 'subordinate', options);
    if (read) {
      const { ar, r } = read;
      const answers = new ChannelSource<Answer>(r, random('r'), pauseOf(pause, 'r'), {
        present: ({ code, data }) => {
          r.payload.get('data')?.bits.write(data, 0);
          r.set('resp', code);
        },
      });
      const requests = new ChannelSink(ar, random('ar'), pauseOf(pause, 'ar'), {
        mayTake: () => answers.pending < depth,
        take: () => answers.push(this.#read(ar, r)),
      });
      this.#ends.push(requests, answers);
    }
    if (write) {
      const { aw, w, b } = write;
      const answers = new ChannelSource<Answer>(b, random('b'), pauseOf(pause, 'b'), {
        present: ({ code }) => b.set('resp', code),
      });
      const settle = () => {
        const answer = this.#write(w.bytes('data').length);
        if (answer) answers.push(answer);
      };
      const addresses = new ChannelSink(aw, random('aw'), pauseOf(pause, 'aw'), {
        mayTake: () => this.#addresses.length + answers.pending < depth,
        take: () => {
          this.#addresses.push(aw.big('addr'));
          settle();
        },
      });
      const data = new ChannelSink(w, random('w'), pauseOf(pause, 'w'), {
        mayTake: () => this.#data.length + answers.pending < depth,
        take: () => {
          this.#data.push({ data: w.bytes('data'), strobes: strobesOf(w) });
          settle();
        },
      });
      this.#ends.push(addresses, data, answers);
    }
    attach(sim, this, options);
  }

  drive(): void {
    if (!this.#reset()) {
      for (const end of this.#ends) end.drive();
      return;
    }
    for (const end of this.#ends) end.rest();
    this.#addresses.length = 0;
    this.#data.length = 0;
  }

  sample(): void {
    if (this.#reset()) return;
    for (const end of this.#ends) end.sample();
  }

  #read(ar: Channel, r: Channel): Answer {
    const data = new Uint8Array(r.width('data') / 8);
    const response = this.#space.read(alignDown(ar.big('addr'), data.length), data);
    return { code: codeOf(response), data };
  }

  /** The answer to the oldest write, when its address and its data are there. */
  #write(busBytes: number): Answer | undefined {
    if (this.#addresses.length === 0 || this.#data.length === 0) return undefined;
    const addr = alignDown(this.#addresses.shift() ?? 0n, busBytes);
    const { data, strobes } = this.#data.shift() ?? { data: EMPTY, strobes: EMPTY };
    return { code: codeOf(this.#space.write(addr, data, strobes)), data: EMPTY };
  }
}

const EMPTY = new Uint8Array(0);

/** WSTRB as one byte a lane, 1 where it is written; all where the module has no WSTRB. */
export function strobesOf(w: Channel): Uint8Array {
  const lanes = w.width('data') / 8;
  const strobes = new Uint8Array(lanes).fill(1);
  if (!w.has('strb')) return strobes;
  const bits = w.bytes('strb');
  for (let i = 0; i < lanes; i++) strobes[i] = ((bits[i >> 3] ?? 0) >> (i & 7)) & 1;
  return strobes;
}

function alignDown(addr: bigint, bytes: number): bigint {
  return addr & ~BigInt(bytes - 1);
}
