/**
 * Host memory behind the card's AXI4 master: random latency, pauses, any order between ids, errors.
 *
 * Data of a write becomes visible when its answer is given, as late as the bus allows: a card that does
 * not wait for the answer is found out.
 */
import { type AnyPorts, type Random, SETTLED, type Task } from '../../../src/testbench/index.ts';

export interface MemoryTiming {
  /** Chance that a channel pauses in a cycle, 0 to below 1. */
  readonly pause: number;
  /** Least and most cycles from a request to its answer. */
  readonly latency: readonly [number, number];
}

/** A range of addresses that the bus refuses. */
export interface Refusal {
  readonly from: bigint;
  readonly to: bigint;
  readonly on: 'read' | 'write';
}

interface Read {
  addr: bigint;
  left: number;
  readonly due: number;
}

interface Write {
  readonly addr: bigint;
  readonly id: number;
  readonly beats: bigint[];
  readonly length: number;
  due: number;
}

const OKAY = 0;
const SLVERR = 2;
const DECERR = 3;

export class AxiMemory {
  readonly base: bigint;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  timing: MemoryTiming = { pause: 0, latency: [4, 4] };
  refusals: Refusal[] = [];
  /** While true no request is accepted and none answered. */
  isHanging = false;
  /** Beats read and written so far. */
  beatsRead = 0;
  beatsWritten = 0;
  readonly #ports: AnyPorts;
  readonly #random: Random;
  readonly #reads = new Map<number, Read[]>();
  readonly #writes: Write[] = [];
  readonly #earlyBeats: { data: bigint; last: boolean }[] = [];
  readonly #answers = new Map<number, Write[]>();
  #cycle = 0;

  /** @param ports - of a module with `m_axi_*`. @param base - address of the first byte. */
  constructor(ports: AnyPorts, random: Random, base: bigint, size: number) {
    this.base = base;
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
    this.#ports = ports;
    this.#random = random;
  }

  /** Requests taken and not answered. */
  get outstanding(): number {
    let count = this.#writes.length;
    for (const queue of this.#reads.values()) count += queue.length;
    for (const queue of this.#answers.values()) count += queue.length;
    return count;
  }

  /** Forgets all requests, as a bus under reset does. */
  reset(): void {
    this.#reads.clear();
    this.#writes.length = 0;
    this.#earlyBeats.length = 0;
    this.#answers.clear();
    this.#ports.m_axi_rvalid = 0;
    this.#ports.m_axi_bvalid = 0;
  }

  /** Serves the bus, as a task that never ends. */
  *serve(): Task<never> {
    const ports = this.#ports;
    for (;;) {
      ports.m_axi_arready = this.#ready();
      ports.m_axi_awready = this.#ready();
      ports.m_axi_wready = this.#ready();
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

  #ready(): number {
    return !this.isHanging && !this.#random.chance(this.timing.pause) ? 1 : 0;
  }

  #due(): number {
    const [low, high] = this.timing.latency;
    return this.#cycle + this.#random.int(low, high);
  }

  #accept(): void {
    const ports = this.#ports;
    if (ports.m_axi_arvalid && ports.m_axi_arready) {
      push(this.#reads, ports.m_axi_arid, {
        addr: ports.m_axi_araddr,
        left: ports.m_axi_arlen + 1,
        due: this.#due(),
      });
    }
    if (ports.m_axi_awvalid && ports.m_axi_awready) {
      this.#writes.push({
        addr: ports.m_axi_awaddr,
        id: ports.m_axi_awid,
        beats: [],
        length: ports.m_axi_awlen + 1,
        due: 0,
      });
    }
    if (ports.m_axi_wvalid && ports.m_axi_wready) {
      this.#earlyBeats.push({ data: ports.m_axi_wdata, last: ports.m_axi_wlast === 1 });
    }
    // Write data follows the order of the addresses, and may come before them
    for (let write = this.#writes[0]; write && this.#earlyBeats.length > 0; ) {
      const beat = this.#earlyBeats.shift();
      if (!beat) break;
      write.beats.push(beat.data);
      if (beat.last !== (write.beats.length === write.length)) {
        throw new Error(`wlast on beat ${write.beats.length} of ${write.length}`);
      }
      if (beat.last) {
        this.#writes.shift();
        write.due = this.#due();
        push(this.#answers, write.id, write);
        write = this.#writes[0];
      }
    }
  }

  #offerRead(): void {
    const [id, read] = this.#choose(this.#reads) ?? [];
    if (id === undefined || read === undefined) return;
    const ports = this.#ports;
    const response = this.#response('read', read.addr);
    ports.m_axi_rvalid = 1;
    ports.m_axi_rid = id;
    ports.m_axi_rresp = response;
    ports.m_axi_rdata =
      response === OKAY
        ? this.view.getBigUint64(Number(read.addr - this.base), true)
        : this.#random.bigint(64);
    ports.m_axi_rlast = read.left === 1 ? 1 : 0;
    this.beatsRead++;
    read.addr += 8n;
    read.left--;
    if (read.left === 0) this.#reads.get(id)?.shift();
  }

  #offerAnswer(): void {
    const [id, write] = this.#choose(this.#answers) ?? [];
    if (id === undefined || write === undefined) return;
    const addresses = write.beats.map((_, i) => write.addr + BigInt(i * 8));
    const responses = addresses.map((addr) => this.#response('write', addr));
    const worst = Math.max(...responses);
    for (const [i, addr] of addresses.entries()) {
      if (responses[i] !== OKAY) continue;
      this.view.setBigUint64(Number(addr - this.base), write.beats[i] ?? 0n, true);
      this.beatsWritten++;
    }
    this.#ports.m_axi_bvalid = 1;
    this.#ports.m_axi_bid = id;
    this.#ports.m_axi_bresp = worst;
    this.#answers.get(id)?.shift();
  }

  /** The oldest request of a random id that has one due, unless the channel pauses. */
  #choose<T extends { due: number }>(queues: Map<number, T[]>): [number, T] | undefined {
    if (this.isHanging || this.#random.chance(this.timing.pause)) return undefined;
    const ready: [number, T][] = [];
    for (const [id, queue] of queues) {
      const head = queue[0];
      if (head && head.due <= this.#cycle) ready.push([id, head]);
    }
    return ready.length > 0 ? this.#random.pick(ready) : undefined;
  }

  #response(on: 'read' | 'write', addr: bigint): number {
    if (addr < this.base || addr + 8n > this.base + BigInt(this.bytes.length)) return DECERR;
    const refused = this.refusals.some(
      (each) => each.on === on && addr >= each.from && addr < each.to,
    );
    return refused ? SLVERR : OKAY;
  }
}

function push<T>(queues: Map<number, T[]>, id: number, item: T): void {
  const queue = queues.get(id);
  if (queue) queue.push(item);
  else queues.set(id, [item]);
}
