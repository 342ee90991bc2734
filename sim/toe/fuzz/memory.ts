// SPDX-License-Identifier: Apache-2.0
// Card memory behind the engine's AXI4 ports: in order, each answer after a latency. Random ones are for
// the tests of toe_queues; this one has to be fast.

import type { AnyPorts, Simulation } from '../../../src/testbench/index.ts';
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
  readonly #received: FastPort;
  readonly #sent: FastPort;

  constructor(sim: Simulation<AnyPorts>, base: bigint, size: number, latency: number) {
    const bytes = new Uint8Array(size).fill(0xa5);
    this.#received = new FastPort(sim, 'm_rx_axi', { bytes, base, latency });
    this.#sent = new FastPort(sim, 'm_tx_axi', { bytes, base, latency });
  }

  /** @returns whether inputs have changed. */
  drive(): boolean {
    const isChanged = this.#received.drive();
    return this.#sent.drive() || isChanged;
  }

  sample(): void {
    this.#received.sample();
    this.#sent.sample();
  }
}

interface Behind {
  readonly bytes: Uint8Array;
  /** Address of the first. */
  readonly base: bigint;
  /** Cycles to an answer. */
  readonly latency: number;
}

/** The names of a port's signals. */
function signals(prefix: string) {
  const name = (signal: string) => `${prefix}_${signal}`;
  return {
    arvalid: name('arvalid'),
    araddr: name('araddr'),
    arlen: name('arlen'),
    rvalid: name('rvalid'),
    rready: name('rready'),
    rlast: name('rlast'),
    awvalid: name('awvalid'),
    awaddr: name('awaddr'),
    awlen: name('awlen'),
    wvalid: name('wvalid'),
    wstrb: name('wstrb'),
    wlast: name('wlast'),
    bvalid: name('bvalid'),
    bready: name('bready'),
  };
}

class FastPort {
  readonly #ports: AnyPorts;
  readonly #name: ReturnType<typeof signals>;
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
    this.#name = signals(prefix);
    this.#words = new Uint32Array(behind.bytes.buffer);
    this.#behind = behind;
    this.#rdata = sim.limbs(`${prefix}_rdata`);
    this.#wdata = sim.limbs(`${prefix}_wdata`);
    for (const ready of ['arready', 'awready', 'wready']) sim.ports[`${prefix}_${ready}`] = 1;
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
