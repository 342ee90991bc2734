/**
 * Card memory behind two AXI4 ports, of what is received and of what is to be sent: random latency and pauses.
 *
 * A write is seen at a random moment between its last beat and its answer, a read looks at a random moment
 * between its request and each beat: who does not wait for answers is found out.
 */
import { type AnyPorts, type Random, SETTLED, type Task } from '../../../src/testbench/index.ts';
import { type AxiNames, axiNames, MEMORY_PORTS } from './axi-names.ts';

export interface MemoryTiming {
  /** Chance that a channel pauses in a cycle, 0 to below 1. */
  readonly pause: number;
  /** Least and most cycles from a request to its answer. */
  readonly latency: readonly [number, number];
}

interface Read {
  addr: number;
  left: number;
  readonly due: number;
  /** The bytes, where it looked when it was asked. */
  readonly early: Uint8Array | undefined;
  given: number;
}

interface Write {
  readonly addr: number;
  readonly length: number;
  readonly beats: { data: bigint; strb: number }[];
  due: number;
  isSeen: boolean;
}

const PAGE = 4096;

export class CardMemory {
  readonly base: bigint;
  readonly bytes: Uint8Array;
  timing: MemoryTiming = { pause: 0, latency: [8, 8] };
  /** Bytes from here on are refused by the bus. */
  refusedFrom = Number.POSITIVE_INFINITY;
  readonly #ports: readonly MemoryPort[];

  /** @param ports - of a module with `m_rx_axi_*` and `m_tx_axi_*`. @param base - address of the first byte. */
  constructor(ports: AnyPorts, random: Random, base: bigint, size: number) {
    this.base = base;
    this.bytes = random.bytes(size);
    this.#ports = MEMORY_PORTS.map(
      (prefix) => new MemoryPort(this, ports, prefix, random.fork(prefix)),
    );
  }

  /** Beats that moved so far, on both ports. */
  get beats(): number {
    return this.#ports.reduce((sum, { beats }) => sum + beats, 0);
  }

  /** Serves the buses, as a task that never ends. */
  *serve(): Task<never> {
    for (;;) {
      for (const port of this.#ports) port.drive();
      yield SETTLED;
      for (const port of this.#ports) port.sample();
      yield;
      for (const port of this.#ports) port.clock();
    }
  }
}

class MemoryPort {
  beats = 0;
  readonly #memory: CardMemory;
  readonly #ports: AnyPorts;
  readonly #name: AxiNames;
  readonly #random: Random;
  readonly #reads: Read[] = [];
  readonly #writes: Write[] = [];
  readonly #answers: Write[] = [];
  readonly #beats: { data: bigint; strb: number; last: boolean }[] = [];
  #cycle = 0;
  #readTaken = false;
  #answerTaken = false;

  constructor(memory: CardMemory, ports: AnyPorts, prefix: string, random: Random) {
    this.#memory = memory;
    this.#ports = ports;
    this.#name = axiNames(prefix);
    this.#random = random;
  }

  /** Inputs of the coming edge. */
  drive(): void {
    const [ports, name] = [this.#ports, this.#name];
    ports[name.arready] = this.#pauses() ? 0 : 1;
    ports[name.awready] = this.#pauses() ? 0 : 1;
    ports[name.wready] = this.#pauses() ? 0 : 1;
    if (!ports[name.rvalid]) this.#offerRead();
    if (!ports[name.bvalid]) this.#offerAnswer();
  }

  /** What the coming edge moves. */
  sample(): void {
    const [ports, name] = [this.#ports, this.#name];
    this.#readTaken = ports[name.rvalid] === 1 && ports[name.rready] === 1;
    this.#answerTaken = ports[name.bvalid] === 1 && ports[name.bready] === 1;
    this.#accept();
  }

  /** The edge. */
  clock(): void {
    this.#cycle++;
    if (this.#readTaken) this.#ports[this.#name.rvalid] = 0;
    if (this.#answerTaken) this.#ports[this.#name.bvalid] = 0;
  }

  #pauses(): boolean {
    const { pause } = this.#memory.timing;
    return pause > 0 && this.#random.chance(pause);
  }

  #due(): number {
    const [low, high] = this.#memory.timing.latency;
    return this.#cycle + this.#random.int(low, high);
  }

  #place(name: string, addr: bigint, beats: number): number {
    const at = Number(addr - this.#memory.base);
    if (at < 0 || at + beats * 8 > this.#memory.bytes.length || at % 8 !== 0) {
      throw new Error(`${name}: ${beats} beats at ${addr.toString(16)} are not in the buffers`);
    }
    if (Math.floor(at / PAGE) !== Math.floor((at + beats * 8 - 1) / PAGE)) {
      throw new Error(`${name}: ${beats} beats at ${addr.toString(16)} cross 4 KiB`);
    }
    return at;
  }

  #accept(): void {
    const [ports, name] = [this.#ports, this.#name];
    if (ports[name.arvalid] && ports[name.arready]) {
      const left = ports[name.arlen] + 1;
      const addr = this.#place(name.araddr, ports[name.araddr], left);
      const isEarly = this.#random.chance(0.5);
      const early = isEarly ? this.#memory.bytes.slice(addr, addr + left * 8) : undefined;
      this.#reads.push({ addr, left, due: this.#due(), early, given: 0 });
    }
    if (ports[name.awvalid] && ports[name.awready]) {
      const length = ports[name.awlen] + 1;
      const addr = this.#place(name.awaddr, ports[name.awaddr], length);
      this.#writes.push({ addr, length, beats: [], due: 0, isSeen: false });
    }
    if (ports[name.wvalid] && ports[name.wready]) {
      const last = ports[name.wlast] === 1;
      this.#beats.push({ data: ports[name.wdata], strb: ports[name.wstrb], last });
    }
    // Write data follows the order of the addresses, and may come before them
    for (let write = this.#writes[0]; write && this.#beats.length > 0; ) {
      const beat = this.#beats.shift();
      if (!beat) break;
      write.beats.push(beat);
      if (beat.last !== (write.beats.length === write.length)) {
        throw new Error(`${name.wlast} on beat ${write.beats.length} of ${write.length}`);
      }
      if (!beat.last) continue;
      this.#writes.shift();
      write.due = this.#due();
      this.#answers.push(write);
      write = this.#writes[0];
    }
    // Some writes are seen long before their answer, in order
    const write = this.#answers.find(({ isSeen }) => !isSeen);
    if (write && this.#random.chance(0.05)) this.#see(write);
  }

  #see(write: Write): void {
    const { bytes, refusedFrom } = this.#memory;
    write.isSeen = true;
    let at = write.addr;
    for (const { data, strb } of write.beats) {
      this.beats++;
      const low = Number(data & 0xffff_ffffn);
      const high = Number(data >> 32n);
      for (let i = 0; i < 8; i++, at++) {
        const half = i < 4 ? low : high;
        if ((strb >> i) & 1 && at < refusedFrom) bytes[at] = half >>> ((i & 3) * 8);
      }
    }
  }

  #offerRead(): void {
    const read = this.#dueIn(this.#reads);
    if (!read) return;
    const [ports, name] = [this.#ports, this.#name];
    const from = read.early ? read.early : this.#memory.bytes;
    const at = read.early ? read.given : read.addr;
    const view = new DataView(from.buffer, from.byteOffset);
    const isRefused = read.addr >= this.#memory.refusedFrom;
    ports[name.rvalid] = 1;
    ports[name.rresp] = isRefused ? 2 : 0;
    ports[name.rdata] = view.getBigUint64(at, true);
    ports[name.rlast] = read.left === 1 ? 1 : 0;
    this.beats++;
    read.addr += 8;
    read.given += 8;
    read.left--;
    if (read.left === 0) this.#reads.shift();
  }

  #offerAnswer(): void {
    const write = this.#dueIn(this.#answers);
    if (!write) return;
    this.#answers.shift();
    if (!write.isSeen) this.#see(write);
    this.#ports[this.#name.bvalid] = 1;
    this.#ports[this.#name.bresp] = write.addr >= this.#memory.refusedFrom ? 2 : 0;
  }

  /** The oldest request if it is due, unless the channel pauses. */
  #dueIn<T extends { due: number }>([head]: T[]): T | undefined {
    return head && head.due <= this.#cycle && !this.#pauses() ? head : undefined;
  }
}
