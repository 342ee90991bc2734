// SPDX-License-Identifier: Apache-2.0
// toe_engine with its memory, cycle by cycle: frames at the MAC, words of the host, ticks. What comes out
// goes to whoever listens, in the cycle in which it comes.

import { type AnyPorts, type Simulation, simulate } from '../../../src/testbench/index.ts';
import { COMMAND, CONFIG, type Config, EVENT } from '../../../tests/toe/helpers/words.ts';
import { FastMemory } from './memory.ts';
import { Violation } from './violation.ts';

/** Sizes of the engine: few of everything, so that everything runs out. */
export const LOG2 = { SESSIONS_LOG2: 6, BUFFERS_LOG2: 8, NODES_LOG2: 9 } as const;
export const SESSIONS = 2 ** LOG2.SESSIONS_LOG2;
export const BUFFERS = 2 ** LOG2.BUFFERS_LOG2;
export const NODES = 2 ** LOG2.NODES_LOG2;

/** Bytes that a session may hold to send. */
export const TX_LIMIT = 65_536;
const BASE = 0x4000_0000n;
const LATENCY = 20;
/** Preamble, checksum and gap of a frame, in bytes. */
const OVERHEAD = 24;
/** Cycles of the longest frame out, and some more. */
const LONGEST_FRAME = 65_536;
/** A clear table of ports takes 65,536. */
const READY_CYCLES = 80_000;
/** `busy` may be low for so long before something is under way again. */
const QUIET_CYCLES = 40;
const NO_DEADLINE = 0xffff_ffff;

export type EngineEvent = ReturnType<typeof EVENT.decode>;

/** What the engine gives. */
export interface Listener {
  onFrame(frame: Uint8Array): void;
  onEvent(event: EngineEvent): void;
  /** The oldest command was carried out. */
  onCommandTaken(): void;
  /** Whether there was room for the write. */
  onWrite(granted: boolean): void;
  onRead(bytes: Uint8Array): void;
}

/** A frame for the engine. */
export interface Arrival {
  readonly frame: Uint8Array;
  /** The MAC found it bad. */
  readonly isBad: boolean;
  /** Cycles without a frame before it, beside the gap that each frame has. */
  readonly pause: number;
}

interface Write {
  readonly session: number;
  readonly bytes: Uint8Array;
  /** A beat of it could not be had. */
  readonly isBroken: boolean;
}

export interface Addresses {
  readonly mac: number;
  readonly ip: number;
  readonly prefixLen: number;
  readonly gateway: number;
}

export class Engine {
  readonly sim: Simulation<AnyPorts>;
  listener: Listener | undefined;
  /** Milliseconds so far. */
  now = 0;
  readonly #ports: AnyPorts;
  readonly #memory: FastMemory;
  readonly #arrivals: Arrival[] = [];
  #arrival: Arrival | undefined;
  #at = 0;
  #gap = 0;
  readonly #commands: bigint[] = [];
  readonly #reads: { readonly session: number; readonly len: number }[] = [];
  readonly #writes: Write[] = [];
  /** Payloads of writes that were asked for. */
  readonly #payloads: Write[] = [];
  #payloadAt = 0;
  #isAsked = false;
  readonly #taken = { cmd: true, read: true, write: true, data: true };
  readonly #sent = new Uint8Array(LONGEST_FRAME);
  readonly #sentWords = new Uint32Array(this.#sent.buffer);
  #sentBytes = 0;
  readonly #read = new Uint8Array(LONGEST_FRAME + 8);
  readonly #readWords = new Uint32Array(this.#read.buffer);
  #readBytes = 0;
  /** Cycles in which the MAC takes nothing. */
  stall = 0;
  readonly #limbs;

  private constructor(sim: Simulation<AnyPorts>, addresses: Addresses, config: Config) {
    this.sim = sim;
    this.#ports = sim.ports;
    Object.assign(sim.ports, {
      mac: BigInt(addresses.mac),
      ip: addresses.ip,
      prefix_len: addresses.prefixLen,
      gateway: addresses.gateway,
      lookup_key: sim.random.bigint(128),
      isn_key: sim.random.bigint(128),
      cfg: CONFIG.encode(config),
      memory_base: BASE,
      tx_limit: TX_LIMIT,
      m_event_ready: 1,
      m_read_axis_tready: 1,
      m_mac_axis_tready: 1,
    });
    this.#limbs = {
      in: sim.limbs('s_mac_axis_tdata'),
      out: sim.limbs('m_mac_axis_tdata'),
      read: sim.limbs('m_read_axis_tdata'),
      write: sim.limbs('s_write_axis_tdata'),
    };
    this.#memory = new FastMemory(sim, BASE, BUFFERS * 2048, LATENCY);
    sim.reset();
    sim.until('ready', { max: READY_CYCLES });
    sim.ports.enable = 1;
  }

  static async open(seed: number, addresses: Addresses, config: Config): Promise<Engine> {
    const sim = await simulate('hdl/toe/toe_engine.sv', { parameters: LOG2, seed });
    return new Engine(sim as Simulation<AnyPorts>, addresses, config);
  }

  close(): void {
    this.sim.close();
  }

  listen(port: number, isOpen = true): void {
    const ports = this.#ports;
    Object.assign(ports, { s_port: port, s_port_open: Number(isOpen), s_port_valid: 1 });
    this.cycle();
    ports.s_port_valid = 0;
  }

  deliver(frame: Uint8Array, isBad = false, pause = 0): void {
    this.#arrivals.push({ frame, isBad, pause });
  }

  command(values: Parameters<typeof COMMAND.encode>[0]): void {
    this.#commands.push(COMMAND.encode(values));
  }

  /** Adds bytes to a session; the answer comes by `onWrite`, in order. */
  write(session: number, bytes: Uint8Array, isBroken = false): void {
    this.#writes.push({ session, bytes, isBroken });
  }

  /** Asks for the next bytes of a session; they come by `onRead`, in order. */
  read(session: number, len: number): void {
    this.#reads.push({ session, len });
  }

  /** Words of the host that wait to be taken. */
  get hostWaits(): number {
    return this.#commands.length + this.#reads.length + this.#writes.length;
  }

  /** All frames are in, all words of the host are taken. */
  get isFed(): boolean {
    return (
      this.#arrival === undefined &&
      this.#arrivals.length === 0 &&
      this.hostWaits === 0 &&
      this.#payloads.length === 0
    );
  }

  /** The state that has to be whole in the end. */
  get pools() {
    const { in_use, half_open, free_buffers, free_nodes, due_ms } = this.#ports;
    const deadlines = due_ms === NO_DEADLINE ? 'none' : due_ms;
    return { in_use, half_open, free_buffers, free_nodes, deadlines };
  }

  get dueMs(): number {
    return this.#ports.due_ms;
  }

  get inUse(): number {
    return this.#ports.in_use;
  }

  get isBusy(): boolean {
    return this.#ports.busy === 1;
  }

  /** Milliseconds of an engine that rests, fewer than to its next deadline. @returns how many. */
  skip(ms: number): number {
    this.#ports.tick_ms = 1;
    this.sim.cycles(ms);
    this.#ports.tick_ms = 0;
    this.now += ms;
    return ms;
  }

  /** One cycle. */
  cycle(): void {
    if (this.#drive()) {
      this.sim.settle();
      this.#sample();
      this.sim.edge();
    } else {
      // Outputs are what they became with the last edge: what the MAC gives has no answer in its cycle
      this.#sample();
      this.sim.cycles(1);
    }
  }

  cycles(count: number): void {
    for (let i = 0; i < count; i++) this.cycle();
  }

  /** A millisecond passes. */
  tick(): void {
    this.#ports.tick_ms = 1;
    this.cycle();
    this.#ports.tick_ms = 0;
    this.now++;
  }

  /**
   * Until all is said and nothing is under way any more.
   *
   * @throws {Violation} after `most` cycles.
   */
  rest(most = 200_000): void {
    let quiet = 0;
    for (let i = 0; quiet < QUIET_CYCLES; i++) {
      if (i > most) throw new Violation(`busy for ${most} cycles: it hangs`);
      this.cycle();
      quiet = this.#ports.busy || !this.isFed || this.#ports.m_mac_axis_tvalid ? 0 : quiet + 1;
    }
  }

  /** @returns whether inputs have changed that outputs of the same cycle may follow. */
  #drive(): boolean {
    const ports = this.#ports;
    const taken = this.#taken;
    let isChanged = this.#memory.drive();
    this.#driveFrame();
    const isStalled = this.stall > 0;
    if (isStalled) this.stall--;
    if (isStalled === (ports.m_mac_axis_tready === 1)) {
      ports.m_mac_axis_tready = isStalled ? 0 : 1;
      isChanged = true;
    }
    if (taken.cmd && (ports.s_cmd_valid || this.#commands.length > 0)) {
      const command = this.#commands.shift();
      ports.s_cmd_valid = command === undefined ? 0 : 1;
      if (command !== undefined) ports.s_cmd_tdata = command;
      taken.cmd = command === undefined;
      isChanged = true;
    }
    if (taken.read && (ports.s_read_valid || this.#reads.length > 0)) {
      const read = this.#reads.shift();
      ports.s_read_valid = read ? 1 : 0;
      if (read) Object.assign(ports, { s_read_session: read.session, s_read_len: read.len });
      taken.read = read === undefined;
      isChanged = true;
    }
    // A write waits until the one before it is answered
    if (taken.write && (ports.s_write_valid || (!this.#isAsked && this.#writes.length > 0))) {
      this.#driveWrite();
      isChanged = true;
    }
    if (taken.data && (ports.s_write_axis_tvalid || this.#payloads.length > 0)) {
      this.#driveData();
      isChanged = true;
    }
    return isChanged;
  }

  #driveWrite(): void {
    const ports = this.#ports;
    const write = this.#isAsked ? undefined : this.#writes.shift();
    ports.s_write_valid = write ? 1 : 0;
    if (!write) return;
    ports.s_write_session = write.session;
    ports.s_write_len = write.bytes.length;
    this.#payloads.push(write);
    this.#taken.write = false;
    this.#isAsked = true;
  }

  #driveData(): void {
    const ports = this.#ports;
    const payload = this.#payloads[0];
    if (!payload) {
      ports.s_write_axis_tvalid = 0;
      return;
    }
    const { bytes, isBroken } = payload;
    const at = this.#payloadAt;
    this.#limbs.write[0] = word(bytes, at);
    this.#limbs.write[1] = word(bytes, at + 4);
    this.#payloadAt += 8;
    const isLast = this.#payloadAt >= bytes.length;
    ports.s_write_axis_tvalid = 1;
    ports.s_write_axis_tlast = isLast ? 1 : 0;
    ports.s_write_axis_tuser = isBroken && isLast ? 1 : 0;
    this.#taken.data = false;
    if (!isLast) return;
    this.#payloads.shift();
    this.#payloadAt = 0;
  }

  // The MAC cannot be held back
  #driveFrame(): void {
    const ports = this.#ports;
    ports.s_mac_axis_tvalid = 0;
    if (this.#gap > 0) {
      this.#gap--;
      return;
    }
    if (!this.#arrival) {
      this.#arrival = this.#arrivals.shift();
      if (!this.#arrival) return;
      this.#at = 0;
      this.#gap = this.#arrival.pause;
      if (this.#gap > 0) return;
    }
    const { frame, isBad } = this.#arrival;
    const at = this.#at;
    const left = frame.length - at;
    this.#limbs.in[0] = word(frame, at);
    this.#limbs.in[1] = word(frame, at + 4);
    const isLast = left <= 8;
    ports.s_mac_axis_tkeep = isLast ? 0xff >> (8 - left) : 0xff;
    ports.s_mac_axis_tvalid = 1;
    ports.s_mac_axis_tlast = isLast ? 1 : 0;
    ports.s_mac_axis_tuser = isLast && isBad ? 1 : 0;
    this.#at += 8;
    if (!isLast) return;
    this.#arrival = undefined;
    this.#gap = (OVERHEAD - (8 - left)) >> 3;
  }

  #sample(): void {
    const ports = this.#ports;
    const taken = this.#taken;
    const listener = this.listener;
    this.#memory.sample();
    if (ports.fault !== 0) throw new Violation(`fault ${ports.fault} (drop, free, bus)`);
    if (ports.s_cmd_valid && ports.s_cmd_ready) taken.cmd = true;
    if (ports.s_read_valid && ports.s_read_ready) taken.read = true;
    if (ports.s_write_valid && ports.s_write_ready) taken.write = true;
    if (ports.s_write_axis_tvalid && ports.s_write_axis_tready) taken.data = true;
    if (ports.m_mac_axis_tvalid && ports.m_mac_axis_tready) this.#sampleFrame();
    if (ports.m_read_axis_tvalid) this.#sampleRead();
    if (ports.m_write_valid) {
      this.#isAsked = false;
      listener?.onWrite(ports.m_write_granted === 1);
    }
    // An event that shows in the same cycle was before the command
    if (ports.m_event_valid) listener?.onEvent(EVENT.decode(ports.m_event_tdata as bigint));
    if (ports.m_cmd_taken) listener?.onCommandTaken();
  }

  #sampleFrame(): void {
    const ports = this.#ports;
    const at = this.#sentBytes >> 2;
    this.#sentWords[at] = this.#limbs.out[0]!;
    this.#sentWords[at + 1] = this.#limbs.out[1]!;
    this.#sentBytes += bytesKept(ports.m_mac_axis_tkeep, ports.m_mac_axis_tlast === 1);
    if (this.#sentBytes > LONGEST_FRAME - 8) throw new Violation('a frame without an end');
    if (!ports.m_mac_axis_tlast) return;
    const frame = this.#sent.slice(0, this.#sentBytes);
    this.#sentBytes = 0;
    this.listener?.onFrame(frame);
  }

  #sampleRead(): void {
    const ports = this.#ports;
    const at = this.#readBytes >> 2;
    this.#readWords[at] = this.#limbs.read[0]!;
    this.#readWords[at + 1] = this.#limbs.read[1]!;
    this.#readBytes += bytesKept(ports.m_read_axis_tkeep, ports.m_read_axis_tlast === 1);
    if (this.#readBytes > LONGEST_FRAME) throw new Violation('a read without an end');
    if (!ports.m_read_axis_tlast) return;
    if (ports.m_read_axis_tuser) throw new Violation('a read that is not whole');
    const bytes = this.#read.slice(0, this.#readBytes);
    this.#readBytes = 0;
    this.listener?.onRead(bytes);
  }
}

/** Four bytes as they stand on the bus; behind the end anything. */
function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0x5a) |
    ((bytes[at + 1] ?? 0x5a) << 8) |
    ((bytes[at + 2] ?? 0x5a) << 16) |
    ((bytes[at + 3] ?? 0x5a) << 24)
  );
}

/** Bytes of a beat. */
function bytesKept(keep: number, isLast: boolean): number {
  if (keep === 0xff) return 8;
  const bytes = 32 - Math.clz32(keep);
  if (!isLast || keep !== (1 << bytes) - 1) {
    throw new Violation(
      `tkeep ${keep.toString(2)}: expected no gaps, and whole beats but the last`,
    );
  }
  return bytes;
}
