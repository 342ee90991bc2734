// SPDX-License-Identifier: Apache-2.0
// Card memory behind the engine's AXI4 port: in order, each answer after a latency. Disorder is for the
// tests of toe_queues; this one has to be fast.

import type { AnyPorts, Simulation } from '../../../src/testbench/index.ts';
import { Violation } from './violation.ts';

const PAGE = 4096;

interface Burst {
  readonly id: number;
  /** Next byte. */
  at: number;
  /** Beats to go. */
  left: number;
  /** Cycle of the answer; of a write from its last beat on. */
  due: number;
}

export class FastMemory {
  readonly #ports: AnyPorts;
  readonly #words: Uint32Array;
  readonly #bytes: Uint8Array;
  readonly #base: bigint;
  readonly #latency: number;
  readonly #rdata: Uint32Array;
  readonly #wdata: Uint32Array;
  readonly #reads: Burst[] = [];
  readonly #writes: Burst[] = [];
  readonly #answers: Burst[] = [];
  #cycle = 0;
  #readTaken = false;
  #answerTaken = false;

  constructor(sim: Simulation<AnyPorts>, base: bigint, size: number, latency: number) {
    this.#ports = sim.ports;
    this.#bytes = new Uint8Array(size).fill(0xa5);
    this.#words = new Uint32Array(this.#bytes.buffer);
    this.#base = base;
    this.#latency = latency;
    this.#rdata = sim.limbs('m_axi_rdata');
    this.#wdata = sim.limbs('m_axi_wdata');
    Object.assign(sim.ports, { m_axi_arready: 1, m_axi_awready: 1, m_axi_wready: 1 });
  }

  /** @returns whether inputs have changed. */
  drive(): boolean {
    const ports = this.#ports;
    this.#cycle++;
    let isChanged = false;
    if (this.#readTaken || !ports.m_axi_rvalid) isChanged = this.#offerRead();
    if (this.#answerTaken || !ports.m_axi_bvalid) isChanged = this.#offerAnswer() || isChanged;
    return isChanged;
  }

  sample(): void {
    const ports = this.#ports;
    this.#readTaken = ports.m_axi_rvalid === 1 && ports.m_axi_rready === 1;
    this.#answerTaken = ports.m_axi_bvalid === 1 && ports.m_axi_bready === 1;
    if (ports.m_axi_arvalid) {
      const left = ports.m_axi_arlen + 1;
      const at = this.#place(ports.m_axi_araddr, left);
      this.#reads.push({ id: ports.m_axi_arid, at, left, due: this.#cycle + this.#latency });
    }
    if (ports.m_axi_awvalid) {
      const left = ports.m_axi_awlen + 1;
      const at = this.#place(ports.m_axi_awaddr, left);
      this.#writes.push({ id: ports.m_axi_awid, at, left, due: 0 });
    }
    if (ports.m_axi_wvalid) this.#write(ports.m_axi_wstrb, ports.m_axi_wlast === 1);
  }

  #offerRead(): boolean {
    const ports = this.#ports;
    const read = this.#reads[0];
    if (!read || read.due > this.#cycle) {
      ports.m_axi_rvalid = 0;
      return this.#readTaken;
    }
    this.#rdata[0] = this.#words[read.at >> 2]!;
    this.#rdata[1] = this.#words[(read.at >> 2) + 1]!;
    ports.m_axi_rvalid = 1;
    ports.m_axi_rid = read.id;
    ports.m_axi_rlast = read.left === 1 ? 1 : 0;
    read.at += 8;
    if (--read.left === 0) this.#reads.shift();
    return true;
  }

  #offerAnswer(): boolean {
    const ports = this.#ports;
    const answer = this.#answers[0];
    if (!answer || answer.due > this.#cycle) {
      ports.m_axi_bvalid = 0;
      return this.#answerTaken;
    }
    ports.m_axi_bvalid = 1;
    ports.m_axi_bid = answer.id;
    this.#answers.shift();
    return true;
  }

  #write(strobes: number, isLast: boolean): void {
    const [write] = this.#writes;
    if (!write) throw new Violation('memory: write data before its address');
    if (strobes === 0xff) {
      this.#words[write.at >> 2] = this.#wdata[0]!;
      this.#words[(write.at >> 2) + 1] = this.#wdata[1]!;
    } else {
      for (let i = 0; i < 8; i++) {
        if ((strobes >> i) & 1) this.#bytes[write.at + i] = this.#wdata[i >> 2]! >>> ((i & 3) * 8);
      }
    }
    write.at += 8;
    if (isLast !== (--write.left === 0)) throw new Violation(`memory: wlast, ${write.left} to go`);
    if (!isLast) return;
    this.#writes.shift();
    write.due = this.#cycle + this.#latency;
    this.#answers.push(write);
  }

  #place(address: bigint, beats: number): number {
    const at = Number(address - this.#base);
    const end = at + beats * 8;
    if (at < 0 || end > this.#bytes.length || at % 8 !== 0) {
      throw new Violation(`memory: ${beats} beats at ${address.toString(16)}, not in the buffers`);
    }
    if (Math.floor(at / PAGE) !== Math.floor((end - 1) / PAGE)) {
      throw new Violation(`memory: ${beats} beats at ${address.toString(16)} cross 4 KiB`);
    }
    return at;
  }
}
