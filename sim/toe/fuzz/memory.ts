// SPDX-License-Identifier: Apache-2.0
// Card memory behind the engine's AXI4 ports: in order, each answer after a latency. Random ones are for
// the tests of toe_queues; this one has to be fast.

import type { AnyPorts, Simulation } from '../../../src/testbench/index.ts';
import { type AxiNames, axiNames, MEMORY_PORTS } from '../../../tests/toe/bench/axi-names.ts';
import { Violation } from './violation.ts';

const PAGE = 4096;

interface Burst {
  /** Next byte. */
  at: number;
  /** Beats to go. */
  left: number;
  /** Cycle of the answer; of a write from its last beat on. */
  due: number;
}

export class FastMemory {
  readonly #ports: readonly FastPort[];

  constructor(sim: Simulation<AnyPorts>, base: bigint, size: number, latency: number) {
    const bytes = new Uint8Array(size).fill(0xa5);
    this.#ports = MEMORY_PORTS.map((prefix) => new FastPort(sim, prefix, { bytes, base, latency }));
  }

  /** @returns whether inputs have changed. */
  drive(): boolean {
    let isChanged = false;
    for (const port of this.#ports) isChanged = port.drive() || isChanged;
    return isChanged;
  }

  sample(): void {
    for (const port of this.#ports) port.sample();
  }
}

interface Behind {
  readonly bytes: Uint8Array;
  /** Address of the first. */
  readonly base: bigint;
  /** Cycles to an answer. */
  readonly latency: number;
}

class FastPort {
  readonly #ports: AnyPorts;
  readonly #name: AxiNames;
  readonly #words: Uint32Array;
  readonly #behind: Behind;
  readonly #rdata: Uint32Array;
  readonly #wdata: Uint32Array;
  readonly #reads: Burst[] = [];
  readonly #writes: Burst[] = [];
  readonly #answers: Burst[] = [];
  #cycle = 0;
  #readTaken = false;
  #answerTaken = false;

  constructor(sim: Simulation<AnyPorts>, prefix: string, behind: Behind) {
    this.#ports = sim.ports;
    this.#name = axiNames(prefix);
    this.#words = new Uint32Array(behind.bytes.buffer);
    this.#behind = behind;
    const { arready, awready, wready, rdata, wdata } = this.#name;
    this.#rdata = sim.limbs(rdata);
    this.#wdata = sim.limbs(wdata);
    for (const ready of [arready, awready, wready]) sim.ports[ready] = 1;
  }

  drive(): boolean {
    const [ports, name] = [this.#ports, this.#name];
    this.#cycle++;
    let isChanged = false;
    if (this.#readTaken || !ports[name.rvalid]) isChanged = this.#offerRead();
    if (this.#answerTaken || !ports[name.bvalid]) isChanged = this.#offerAnswer() || isChanged;
    return isChanged;
  }

  sample(): void {
    const [ports, name] = [this.#ports, this.#name];
    this.#readTaken = ports[name.rvalid] === 1 && ports[name.rready] === 1;
    this.#answerTaken = ports[name.bvalid] === 1 && ports[name.bready] === 1;
    if (ports[name.arvalid]) {
      const left = ports[name.arlen] + 1;
      const at = this.#place(ports[name.araddr], left);
      this.#reads.push({ at, left, due: this.#cycle + this.#behind.latency });
    }
    if (ports[name.awvalid]) {
      const left = ports[name.awlen] + 1;
      this.#writes.push({ at: this.#place(ports[name.awaddr], left), left, due: 0 });
    }
    if (ports[name.wvalid]) this.#write(ports[name.wstrb], ports[name.wlast] === 1);
  }

  #offerRead(): boolean {
    const [ports, name] = [this.#ports, this.#name];
    const read = this.#reads[0];
    if (!read || read.due > this.#cycle) {
      ports[name.rvalid] = 0;
      return this.#readTaken;
    }
    this.#rdata[0] = this.#words[read.at >> 2]!;
    this.#rdata[1] = this.#words[(read.at >> 2) + 1]!;
    ports[name.rvalid] = 1;
    ports[name.rlast] = read.left === 1 ? 1 : 0;
    read.at += 8;
    if (--read.left === 0) this.#reads.shift();
    return true;
  }

  #offerAnswer(): boolean {
    const [ports, name] = [this.#ports, this.#name];
    const answer = this.#answers[0];
    if (!answer || answer.due > this.#cycle) {
      ports[name.bvalid] = 0;
      return this.#answerTaken;
    }
    ports[name.bvalid] = 1;
    this.#answers.shift();
    return true;
  }

  #write(strobes: number, isLast: boolean): void {
    const [write] = this.#writes;
    if (!write) throw new Violation('memory: write data before its address');
    const { bytes, latency } = this.#behind;
    if (strobes === 0xff) {
      this.#words[write.at >> 2] = this.#wdata[0]!;
      this.#words[(write.at >> 2) + 1] = this.#wdata[1]!;
    } else {
      for (let i = 0; i < 8; i++) {
        if ((strobes >> i) & 1) bytes[write.at + i] = this.#wdata[i >> 2]! >>> ((i & 3) * 8);
      }
    }
    write.at += 8;
    if (isLast !== (--write.left === 0)) throw new Violation(`memory: wlast, ${write.left} to go`);
    if (!isLast) return;
    this.#writes.shift();
    write.due = this.#cycle + latency;
    this.#answers.push(write);
  }

  #place(address: bigint, beats: number): number {
    const at = Number(address - this.#behind.base);
    const end = at + beats * 8;
    if (at < 0 || end > this.#behind.bytes.length || at % 8 !== 0) {
      throw new Violation(`memory: ${beats} beats at ${address.toString(16)}, not in the buffers`);
    }
    if (Math.floor(at / PAGE) !== Math.floor((end - 1) / PAGE)) {
      throw new Violation(`memory: ${beats} beats at ${address.toString(16)} cross 4 KiB`);
    }
    return at;
  }
}
