/**
 * Card memory behind an AXI4 port: random latency and pauses, any order between ids, as AXI4 allows.
 *
 * A write is seen at a random moment between its last beat and its answer, a read looks at a random moment
 * between its request and each beat: who does not wait for answers is found out.
 */
import { type AnyPorts, type Random, SETTLED, type Task } from '../../../src/testbench/index.ts';

export interface MemoryTiming {
  /** Chance that a channel pauses in a cycle, 0 to below 1. */
  readonly pause: number;
  /** Least and most cycles from a request to its answer. */
  readonly latency: readonly [number, number];
}

interface Read {
  readonly id: number;
  addr: number;
  left: number;
  readonly due: number;
  /** The bytes, where it looked when it was asked. */
  readonly early: Uint8Array | undefined;
  given: number;
}

interface Write {
  readonly addr: number;
  readonly id: number;
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
  /** Beats that moved so far. */
  beatsRead = 0;
  beatsWritten = 0;
  readonly #ports: AnyPorts;
  readonly #random: Random;
  readonly #reads: Read[][] = [[], []];
  readonly #writes: Write[] = [];
  readonly #answers: Write[][] = [[], []];
  readonly #beats: { data: bigint; strb: number; last: boolean }[] = [];
  #cycle = 0;

  /** @param ports - of a module with `m_axi_*`. @param base - address of the first byte. */
  constructor(ports: AnyPorts, random: Random, base: bigint, size: number) {
    this.#ports = ports;
    this.#random = random;
    this.base = base;
    this.bytes = random.bytes(size);
  }

  /** Serves the bus, as a task that never ends. */
  *serve(): Task<never> {
    const ports = this.#ports;
    for (;;) {
      ports.m_axi_arready = this.#pauses() ? 0 : 1;
      ports.m_axi_awready = this.#pauses() ? 0 : 1;
      ports.m_axi_wready = this.#pauses() ? 0 : 1;
      if (!ports.m_axi_rvalid) this.#offerRead();
      if (!ports.m_axi_bvalid) this.#offerAnswer();
      yield SETTLED;
      const readTaken = ports.m_axi_rvalid && ports.m_axi_rready;
      const answerTaken = ports.m_axi_bvalid && ports.m_axi_bready;
      this.#accept();
      yield;
      this.#cycle++;
      if (readTaken) ports.m_axi_rvalid = 0;
      if (answerTaken) ports.m_axi_bvalid = 0;
    }
  }

  #pauses(): boolean {
    return this.timing.pause > 0 && this.#random.chance(this.timing.pause);
  }

  #due(): number {
    const [low, high] = this.timing.latency;
    return this.#cycle + this.#random.int(low, high);
  }

  #place(name: string, addr: bigint, beats: number): number {
    const at = Number(addr - this.base);
    if (at < 0 || at + beats * 8 > this.bytes.length || at % 8 !== 0) {
      throw new Error(`${name}: ${beats} beats at ${addr.toString(16)} are not in the buffers`);
    }
    if (Math.floor(at / PAGE) !== Math.floor((at + beats * 8 - 1) / PAGE)) {
      throw new Error(`${name}: ${beats} beats at ${addr.toString(16)} cross 4 KiB`);
    }
    return at;
  }

  #accept(): void {
    const ports = this.#ports;
    if (ports.m_axi_arvalid && ports.m_axi_arready) {
      const left = ports.m_axi_arlen + 1;
      const addr = this.#place('AR', ports.m_axi_araddr, left);
      const isEarly = this.#random.chance(0.5);
      const early = isEarly ? this.bytes.slice(addr, addr + left * 8) : undefined;
      const id = ports.m_axi_arid;
      this.#reads[id]?.push({ id, addr, left, due: this.#due(), early, given: 0 });
    }
    if (ports.m_axi_awvalid && ports.m_axi_awready) {
      const length = ports.m_axi_awlen + 1;
      const addr = this.#place('AW', ports.m_axi_awaddr, length);
      this.#writes.push({ addr, id: ports.m_axi_awid, length, beats: [], due: 0, isSeen: false });
    }
    if (ports.m_axi_wvalid && ports.m_axi_wready) {
      const last = ports.m_axi_wlast === 1;
      this.#beats.push({ data: ports.m_axi_wdata, strb: ports.m_axi_wstrb, last });
    }
    // Write data follows the order of the addresses, and may come before them
    for (let write = this.#writes[0]; write && this.#beats.length > 0; ) {
      const beat = this.#beats.shift();
      if (!beat) break;
      write.beats.push(beat);
      if (beat.last !== (write.beats.length === write.length)) {
        throw new Error(`wlast on beat ${write.beats.length} of ${write.length}`);
      }
      if (!beat.last) continue;
      this.#writes.shift();
      write.due = this.#due();
      this.#answers[write.id]?.push(write);
      write = this.#writes[0];
    }
    // Some writes are seen long before their answer, in the order of their id
    for (const queue of this.#answers) {
      const write = queue.find(({ isSeen }) => !isSeen);
      if (write && this.#random.chance(0.05)) this.#see(write);
    }
  }

  #see(write: Write): void {
    write.isSeen = true;
    let at = write.addr;
    for (const { data, strb } of write.beats) {
      this.beatsWritten++;
      const low = Number(data & 0xffff_ffffn);
      const high = Number(data >> 32n);
      for (let i = 0; i < 8; i++, at++) {
        const half = i < 4 ? low : high;
        if ((strb >> i) & 1 && at < this.refusedFrom) this.bytes[at] = half >>> ((i & 3) * 8);
      }
    }
  }

  #offerRead(): void {
    const queue = this.#choose(this.#reads);
    const read = queue?.[0];
    if (!queue || !read) return;
    const ports = this.#ports;
    const from = read.early ? read.early : this.bytes;
    const at = read.early ? read.given : read.addr;
    const view = new DataView(from.buffer, from.byteOffset);
    const isRefused = read.addr >= this.refusedFrom;
    ports.m_axi_rvalid = 1;
    ports.m_axi_rid = read.id;
    ports.m_axi_rresp = isRefused ? 2 : 0;
    ports.m_axi_rdata = view.getBigUint64(at, true);
    ports.m_axi_rlast = read.left === 1 ? 1 : 0;
    this.beatsRead++;
    read.addr += 8;
    read.given += 8;
    read.left--;
    if (read.left === 0) queue.shift();
  }

  #offerAnswer(): void {
    const queue = this.#choose(this.#answers);
    const write = queue?.shift();
    if (!write) return;
    if (!write.isSeen) this.#see(write);
    this.#ports.m_axi_bvalid = 1;
    this.#ports.m_axi_bid = write.id;
    this.#ports.m_axi_bresp = write.addr >= this.refusedFrom ? 2 : 0;
  }

  /** The queue of a random id whose oldest request is due, unless the channel pauses. */
  #choose<T extends { due: number }>(queues: T[][]): T[] | undefined {
    const ready = queues.filter(([head]) => head && head.due <= this.#cycle);
    if (ready.length === 0 || this.#pauses()) return undefined;
    return ready.length === 1 ? ready[0] : this.#random.pick(ready);
  }
}
