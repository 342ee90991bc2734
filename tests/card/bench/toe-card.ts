// SPDX-License-Identifier: Apache-2.0
// The card with its TCP engine in a test: the host's rings, both memories, the MAC, and time.

import {
  Block,
  CardField,
  CardRegister,
  EngineField,
  EngineRegister,
  StatusCode,
  ToeCompletionLayout,
  ToeDescriptorLayout,
  ToeEventCode,
  ToeField,
  ToeOpCode,
  ToeRegister,
} from '../../../src/driver/generated/registers.ts';
import {
  type AnyPorts,
  AxiLiteManager,
  AxiLiteMonitor,
  AxiMonitor,
  AxiSubordinate,
  BusMemory,
  type Random,
  type Simulation,
  simulate,
  type Task,
  waitFor,
} from '../../../src/testbench/index.ts';

/** Host memory, and the card's: above 4 GiB, so that both address halves count. */
export const HOST_BASE = 0x12_3000_0000n;
export const CARD_BASE = 0x8_0000_0000n;
const HOST_BYTES = 4 << 20;
const SQ_OFFSET = 0x1000;
const CQ_OFFSET = 0x8000;
const DATA_OFFSET = 0x1_0000;
const GUARD = 0xa5;

export const SIZE = { TOE_SESSIONS_LOG2: 4, TOE_BUFFERS_LOG2: 6, TOE_NODES_LOG2: 7 };
export const BUFFERS = 2 ** SIZE.TOE_BUFFERS_LOG2;
export const NODES = 2 ** SIZE.TOE_NODES_LOG2;

export type ToeOp = keyof typeof ToeOpCode;
export type ToeEventName = keyof typeof ToeEventCode;

/** A descriptor's fields; those left out are 0. */
export interface ToeDescriptor {
  readonly id?: number;
  readonly op: ToeOp | number;
  readonly session?: number;
  readonly address?: bigint;
  readonly remoteIp?: number;
  readonly remotePort?: number;
  readonly localPort?: number;
  readonly length?: number;
  readonly value?: number;
}

export interface ToeEntry {
  readonly id: number;
  readonly status: number;
  readonly session: number;
  readonly remoteIp: number;
  readonly remotePort: number;
  readonly localPort: number;
  /** Of an answer its length. */
  readonly received: number;
  readonly acknowledged: number;
  readonly events: readonly ToeEventName[];
  readonly index: number;
}

export interface ToeCardOptions {
  /** Last byte of its hardware and IPv4 addresses. */
  readonly number?: number;
  readonly sqLog2?: number;
  readonly cqLog2?: number;
  readonly parameters?: Readonly<Record<string, number>>;
  /** Chance that the MAC takes no beat in a cycle; 0 unless given. */
  readonly macPause?: number;
  /** Registers of the TOE to set before the network is enabled. */
  readonly config?: Readonly<Partial<Record<keyof typeof ToeRegister, number>>>;
}

const low = (value: bigint) => Number(value & 0xffff_ffffn);

/** As the emulator is built. */
const load = (parameters: ToeCardOptions['parameters'] = {}) =>
  simulate('tests/card/hdl/card_top.sv', {
    parameters: { CLOCK_GATING: 1, TOE: 1, ...SIZE, ...parameters },
  });

/** On a busy machine a model takes minutes to build: ahead of the tests, `beforeAll(buildCard, BUILD_MS)`. */
export async function buildCard(): Promise<void> {
  (await load()).close();
}
export const BUILD_MS = 1_800_000;

export class ToeCard {
  readonly sim: Simulation;
  readonly ports: AnyPorts;
  readonly random: Random;
  readonly mac: number;
  readonly ip: number;
  readonly host: BusMemory;
  readonly hostBus: AxiSubordinate;
  readonly memory: BusMemory;
  /** Of what is received, of what is to be sent. */
  readonly memoryBuses: readonly AxiSubordinate[];
  readonly registers: AxiLiteManager;
  /** All entries that were taken, in order. */
  readonly entries: ToeEntry[] = [];
  submitted = 0;
  taken = 0;
  readonly #options: ToeCardOptions;
  readonly #sqLog2: number;
  readonly #cqLog2: number;
  readonly #source;
  readonly #sink;
  #nextData = DATA_OFFSET;

  constructor(sim: Simulation, options: ToeCardOptions) {
    const { number = 2, sqLog2 = 4, cqLog2 = 4, macPause = 0 } = options;
    this.sim = sim;
    this.ports = sim.ports;
    this.random = sim.random.fork('host');
    this.#options = options;
    this.#sqLog2 = sqLog2;
    this.#cqLog2 = cqLog2;
    this.mac = 0x0200_0a4d_0000 + number;
    this.ip = 0x0a4d_0000 + number;
    this.host = new BusMemory({ base: HOST_BASE, size: HOST_BYTES });
    this.memory = new BusMemory({ base: CARD_BASE, size: BUFFERS * 2048 });
    const always = { types: ['INCR'], fullBeats: true } as const;
    const limits = { ...always, maxBeats: 64, fullStrobes: true, earlyBeats: 64 };
    new AxiMonitor(sim, 'm_axi', { limits, resetEdges: 2 });
    new AxiLiteMonitor(sim, 's_axil', { resetEdges: 2 });
    this.hostBus = new AxiSubordinate(sim, 'm_axi', { space: this.host });
    this.memoryBuses = ['m_rx_mem_axi', 'm_tx_mem_axi'].map((prefix) => {
      new AxiMonitor(sim, prefix, { limits: { ...always, earlyBeats: 256 }, resetEdges: 2 });
      return new AxiSubordinate(sim, prefix, { space: this.memory });
    });
    this.registers = new AxiLiteManager(sim, 's_axil');
    this.#source = sim.source('s_mac_axis');
    this.#sink = sim.sink('m_mac_axis', { resetEdges: 2, pause: macPause });
  }

  static async open(options: ToeCardOptions = {}): Promise<ToeCard> {
    const sim = await load(options.parameters);
    const card = new ToeCard(sim as unknown as Simulation, options);
    sim.reset(4);
    sim.cycles(4);
    return card;
  }

  run<T>(task: () => Task<T>): T {
    return this.sim.run(task);
  }

  *write(register: number, value: number): Task {
    yield* this.registers.write(Block.TOE + register, value);
  }

  *read(register: number): Task<number> {
    return yield* this.registers.read(Block.TOE + register);
  }

  /** Waits for READY, sets up the rings and the network, and enables both. */
  *start(): Task {
    const ready = 1 << ToeField.STATUS_READY.shift;
    while (((yield* this.read(EngineRegister.STATUS)) & ready) === 0) yield* wait(500);
    yield* this.startRings();
    yield* this.startNetwork();
  }

  *startRings(): Task {
    this.submitted = 0;
    this.taken = 0;
    this.host.bytes.fill(0, SQ_OFFSET, DATA_OFFSET);
    const sq = HOST_BASE + BigInt(SQ_OFFSET);
    const cq = HOST_BASE + BigInt(CQ_OFFSET);
    yield* this.write(EngineRegister.SQ_BASE_LO, low(sq));
    yield* this.write(EngineRegister.SQ_BASE_HI, Number(sq >> 32n));
    yield* this.write(EngineRegister.SQ_LOG2, this.#sqLog2);
    yield* this.write(EngineRegister.CQ_BASE_LO, low(cq));
    yield* this.write(EngineRegister.CQ_BASE_HI, Number(cq >> 32n));
    yield* this.write(EngineRegister.CQ_LOG2, this.#cqLog2);
    yield* this.registers.write(CardRegister.IRQ_MASK, 0xffff_ffff);
    yield* this.write(EngineRegister.CONTROL, 1);
  }

  *startNetwork(): Task {
    const { random } = this;
    const config: Partial<Record<keyof typeof ToeRegister, number>> = {
      MAC_LO: this.mac % 2 ** 32,
      MAC_HI: Math.floor(this.mac / 2 ** 32),
      IP: this.ip,
      PREFIX_LEN: 24,
      MEMORY_BASE_LO: low(CARD_BASE),
      MEMORY_BASE_HI: Number(CARD_BASE >> 32n),
      RX_LIMIT: 16_384,
      TX_LIMIT: 65_536,
      MSL_MS: 20,
      ...this.#options.config,
    };
    for (const name of ['LOOKUP_KEY', 'ISN_KEY'] as const) {
      for (const i of [0, 1, 2, 3] as const) config[`${name}${i}`] = random.uint32();
    }
    for (const [name, value] of Object.entries(config)) {
      yield* this.write(ToeRegister[name as keyof typeof ToeRegister], value);
    }
    yield* this.write(ToeRegister.NET_CONTROL, 1);
  }

  /** Resets the engine and waits until it says it is done. */
  *resetEngine(): Task {
    const reset = 1 << EngineField.CONTROL_RESET.shift;
    yield* this.write(EngineRegister.CONTROL, reset);
    for (let tries = 0; tries < 2000; tries++) {
      if (((yield* this.read(EngineRegister.CONTROL)) & reset) === 0) return;
    }
    throw new Error('the engine did not come out of reset');
  }

  /** Room in host memory for `bytes` and guards around it, at a random multiple of 8. */
  place(bytes: number): number {
    const gap = this.random.int(1, 64) * 8;
    if (this.#nextData + gap + bytes + 24 > HOST_BYTES) this.#nextData = DATA_OFFSET;
    const at = this.#nextData + gap + 8;
    this.#nextData = at + Math.ceil(bytes / 8) * 8 + 8;
    this.host.bytes.fill(GUARD, at - 8, at + bytes + 16);
    return at;
  }

  /** @throws Error if anything but the `bytes` at `at`, in whole words, was written. */
  checkGuards(at: number, bytes: number): void {
    const end = at + Math.ceil(bytes / 8) * 8;
    for (const from of [at - 8, end]) {
      if (!this.host.bytes.subarray(from, from + 8).every((byte) => byte === GUARD))
        throw new Error(`the card wrote beside the ${bytes} bytes at ${at}`);
    }
  }

  /** Writes a descriptor into the ring; the doorbell comes later. */
  put(descriptor: ToeDescriptor): number {
    const { op } = descriptor;
    const index = this.submitted++;
    const at = SQ_OFFSET + (index % 2 ** this.#sqLog2) * ToeDescriptorLayout.BYTES;
    const { view } = this.host;
    view.setUint32(at + ToeDescriptorLayout.ID, descriptor.id ?? 0, true);
    view.setUint16(at + ToeDescriptorLayout.OP, typeof op === 'string' ? ToeOpCode[op] : op, true);
    view.setUint16(at + ToeDescriptorLayout.SESSION, descriptor.session ?? 0, true);
    view.setBigUint64(at + ToeDescriptorLayout.ADDRESS, descriptor.address ?? 0n, true);
    view.setUint32(at + ToeDescriptorLayout.REMOTE_IP, descriptor.remoteIp ?? 0, true);
    view.setUint16(at + ToeDescriptorLayout.REMOTE_PORT, descriptor.remotePort ?? 0, true);
    view.setUint16(at + ToeDescriptorLayout.LOCAL_PORT, descriptor.localPort ?? 0, true);
    view.setUint32(at + ToeDescriptorLayout.LENGTH, descriptor.length ?? 0, true);
    view.setUint32(at + ToeDescriptorLayout.VALUE, descriptor.value ?? 0, true);
    return index;
  }

  *ringDoorbell(): Task {
    yield* this.write(EngineRegister.SQ_TAIL, this.submitted & 0xffff);
  }

  /** Takes the next entry, if there is one, without telling the card. */
  takeEntry(): ToeEntry | undefined {
    const at = CQ_OFFSET + (this.taken % 2 ** this.#cqLog2) * ToeCompletionLayout.BYTES;
    const { view } = this.host;
    const u16 = (offset: number) => view.getUint16(at + offset, true);
    const u32 = (offset: number) => view.getUint32(at + offset, true);
    const index = u16(ToeCompletionLayout.INDEX);
    const phase = (this.taken >> this.#cqLog2) & 1 ? 0 : 1;
    if (index >> 15 !== phase) return undefined;
    this.taken++;
    const events = u16(ToeCompletionLayout.EVENTS);
    const isUrgent = (events & ToeEventCode.URGENT) !== 0;
    if (!isUrgent && u32(ToeCompletionLayout.URGENT) !== 0) throw new Error('urgent without cause');
    const names = Object.keys(ToeEventCode) as ToeEventName[];
    const entry: ToeEntry = {
      id: u32(ToeCompletionLayout.ID),
      status: u16(ToeCompletionLayout.STATUS),
      session: u16(ToeCompletionLayout.SESSION),
      remoteIp: u32(ToeCompletionLayout.REMOTE_IP),
      remotePort: u16(ToeCompletionLayout.REMOTE_PORT),
      localPort: u16(ToeCompletionLayout.LOCAL_PORT),
      received: u32(ToeCompletionLayout.RECEIVED),
      acknowledged: u32(ToeCompletionLayout.ACKNOWLEDGED),
      events: names.filter((name) => events & ToeEventCode[name]),
      index: index & 0x7fff,
    };
    this.entries.push(entry);
    return entry;
  }

  *giveBack(): Task {
    yield* this.write(EngineRegister.CQ_HEAD, this.taken & 0xffff);
  }

  /** Waits for the next entry and gives it back. */
  *nextEntry(max = 100_000): Task<ToeEntry> {
    let entry: ToeEntry | undefined;
    const isThere = () => {
      entry = this.takeEntry();
      return entry !== undefined;
    };
    yield* waitFor(isThere, { max, what: 'an entry' });
    yield* this.giveBack();
    return entry as ToeEntry;
  }

  /** Waits for an event that tells of `name`; answers are not expected before it. */
  *nextEvent(name: ToeEventName, max?: number): Task<ToeEntry> {
    for (;;) {
      const entry = yield* this.nextEntry(max);
      if (entry.status !== StatusCode.EVENT)
        throw new Error(`expected ${name}, got ${JSON.stringify(entry)}`);
      if (entry.events.includes(name)) return entry;
    }
  }

  /** Waits until an event has told of `name`, now or before. */
  *heard(name: ToeEventName): Task<ToeEntry> {
    for (;;) {
      const known = this.entries.find(({ events }) => events.includes(name));
      if (known) return known;
      yield* this.nextEntry();
    }
  }

  /** Waits for the next answer, past events. */
  *nextAnswer(max?: number): Task<ToeEntry> {
    for (;;) {
      const entry = yield* this.nextEntry(max);
      if (entry.status !== StatusCode.EVENT) return entry;
    }
  }

  /** Submits one descriptor and waits for its answer, past events. */
  *submit(descriptor: ToeDescriptor): Task<ToeEntry> {
    this.put(descriptor);
    yield* this.ringDoorbell();
    return yield* this.nextAnswer();
  }

  /** Lays bytes out in host memory and describes a WRITE of them. */
  writeOf(session: number, bytes: Uint8Array, id = 0): ToeDescriptor {
    const at = this.place(bytes.length);
    this.host.bytes.set(bytes, at);
    const address = HOST_BASE + BigInt(at);
    return { id, op: 'WRITE', session, address, length: bytes.length };
  }

  /** Reads bytes that events told of. */
  *readBytes(session: number, length: number): Task<Uint8Array> {
    const at = this.place(length);
    const address = HOST_BASE + BigInt(at);
    const answer = yield* this.submit({ op: 'READ', session, address, length });
    if (answer.status !== StatusCode.OK) throw new Error(`READ: status ${answer.status}`);
    this.checkGuards(at, length);
    return this.host.bytes.slice(at, at + length);
  }

  /** A millisecond passes. */
  *tick(): Task {
    this.ports.tick_ms = 1;
    yield;
    this.ports.tick_ms = 0;
  }

  /** Waits until the card has nothing to do. */
  *rest(max = 100_000): Task {
    yield; // what was given in this cycle counts
    yield;
    yield* waitFor(() => this.ports.idle === 1, { max, what: 'rest' });
  }

  deliver(frame: Uint8Array): void {
    this.#source.enqueue(frame);
  }

  /** Frames sent so far. */
  takeFrames(): Uint8Array[] {
    return this.#sink.frames.splice(0).map(({ data }) => data);
  }

  *nextFrame(max = 20_000): Task<Uint8Array> {
    yield* waitFor(() => this.#sink.frames.length > 0, { max, what: 'a frame' });
    return (this.#sink.frames.shift() as { data: Uint8Array }).data;
  }

  /** What the pools hold; all of it when nobody holds anything. */
  *pools(): Task<{ inUse: number; halfOpen: number; buffers: number; nodes: number }> {
    return {
      inUse: yield* this.read(ToeRegister.IN_USE),
      halfOpen: yield* this.read(ToeRegister.HALF_OPEN),
      buffers: yield* this.read(ToeRegister.FREE_BUFFERS),
      nodes: yield* this.read(ToeRegister.FREE_NODES),
    };
  }

  *capabilities(): Task<{ toe: number }> {
    const value = yield* this.registers.read(CardRegister.CAPABILITIES);
    return { toe: (value >>> CardField.CAPABILITIES_TOE.shift) & 1 };
  }
}

/** What the pools hold when no session is left. */
export const WHOLE = { inUse: 0, halfOpen: 0, buffers: BUFFERS, nodes: NODES };

export function* wait(cycles: number): Task {
  for (let i = 0; i < cycles; i++) yield;
}
