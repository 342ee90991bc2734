// SPDX-License-Identifier: Apache-2.0
// A double of a card with a TCP engine: its registers and rings in TypeScript, no protocol behind them.
//
// It keeps the contract of the rings and checks that the driver keeps it, too. Its network hands bytes from one
// double to another; there are no segments, so nothing here says that the card's TCP is right.

import type {
  Capabilities,
  Device,
  DeviceCounters,
  DmaMemory,
  Wake,
} from '../../../src/driver/device/device.ts';
import {
  Block,
  CardField,
  CardRegister,
  ToeCompletionLayout as Completion,
  ToeDescriptorLayout as Descriptor,
  EngineRegister,
  ToeEventCode as Event,
  ToeOpCode as Op,
  StatusCode,
  ToeField,
  ToeRegister,
  ToeStateCode,
} from '../../../src/driver/generated/registers.ts';
import { AccelError } from '../../../src/driver/index.ts';
import type { Random } from '../helpers/random.ts';
import { End, type ToeNetwork } from './toe-network.ts';

/** What can go wrong with it; `count` times. */
export type ToeFault =
  /** WRITEs that find no room. */
  | 'refuseWrite'
  /** Answers, then events, that say what cannot be. */
  | 'wrongNumber'
  | 'wrongId'
  | 'unknownStatus'
  | 'unknownSession'
  | 'farReceived'
  | 'farAcknowledged'
  | 'farUrgent'
  | 'beginsTwice'
  /** Positions of the beginning that lie behind the first bytes. */
  | 'torn'
  /** Silence that an ICMP error explained. */
  | 'unreachable'
  /** Counters that are not there yet; a session in a state that is none. */
  | 'slowCounters'
  | 'noState'
  /** READs or WRITEs that the bus refuses. */
  | 'busError'
  | 'dropCompletion'
  | 'loseInterrupt'
  /** Descriptors are not looked at, until count 0. */
  | 'hang'
  /** Registers read all ones, until count 0. */
  | 'dead';

export interface ToeDoubleOptions {
  readonly ip: string;
  /** Sessions (default 64). */
  readonly sessions?: number;
  /** Bytes of a session that wait for the host (default 65536). */
  readonly receiveLimit?: number;
  /** Bytes to send of all sessions together (default 1 MiB). */
  readonly pool?: number;
  /** Most turns that a descriptor waits (default 2). */
  readonly late?: number;
  /** Largest rings, as a power of two (default 6). */
  readonly ringLog2Max?: number;
}

interface Request {
  readonly id: number;
  readonly number: number;
  readonly op: number;
  readonly session: number;
  readonly address: bigint;
  readonly remoteIp: number;
  readonly remotePort: number;
  readonly localPort: number;
  readonly length: number;
  wait: number;
}

interface Entry {
  id: number;
  number: number;
  status: number;
  session: number;
  remoteIp: number;
  remotePort: number;
  localPort: number;
  received: number;
  acknowledged: number;
  urgent: number;
  events: number;
}

const TURN = 100;
const DONE = 2 ** CardField.IRQ_CAUSE_TOE_DONE.shift;
const ERROR = 2 ** CardField.IRQ_CAUSE_TOE_ERROR.shift;
const engine = (register: number) => Block.TOE + register;
const numberOf = (ip: string) => ip.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);

export class ToeDouble implements Device {
  readonly kind = 'verilator';
  readonly timeUnit = 'cycles';
  readonly capabilities: Capabilities;
  readonly ip: number;
  readonly receiveLimit: number;
  /** What the driver did that the contract forbids. */
  readonly violations: string[] = [];
  readonly listening = new Set<number>();
  /** Sessions by number; those of the host, and those that are on their way to it. */
  readonly ends = new Map<number, End>();
  readonly #network: ToeNetwork;
  readonly #random: Random;
  readonly #options: Required<ToeDoubleOptions>;
  readonly #registers = new Map<number, number>();
  readonly #memory: DmaMemory[] = [];
  readonly #faults = new Map<ToeFault, number>();
  /** Lowest first, so that a number is used again as soon as it can be. */
  readonly #free: number[];
  readonly #reads: Request[] = [];
  readonly #others: Request[] = [];
  readonly #out: Entry[] = [];
  #nextAddress = 0x10_0000n;
  #time = 1;
  #fetched = 0;
  /** Whose counters were looked at last. */
  #looked = -1;
  #written = 0;
  #cause = 0;
  #scheduled = false;
  #missed = false;
  #waiter: ((wake: Wake) => void) | undefined;
  #until: number | undefined;
  #closed = false;

  constructor(network: ToeNetwork, random: Random, options: ToeDoubleOptions) {
    const defaults = { sessions: 64, receiveLimit: 65_536, pool: 1 << 20, late: 2, ringLog2Max: 6 };
    this.#options = { ...defaults, ...options };
    this.#network = network;
    this.#random = random;
    this.ip = numberOf(options.ip);
    this.receiveLimit = this.#options.receiveLimit;
    this.#free = Array.from({ length: this.#options.sessions }, (_, i) => i);
    this.capabilities = {
      version: { major: 1, minor: 0 },
      mapHash: '0'.repeat(16),
      engines: { sigverify: false, toe: true, broadcast: false },
      sigverify: {
        engines: 0,
        contexts: 0,
        multiplierInterval: 1,
        generatorWindow: 0,
        batches: 0,
        ringLog2Max: 0,
      },
    };
    network.join(this);
  }

  inject(fault: ToeFault, count = 1): void {
    this.#faults.set(fault, count);
    this.#schedule();
  }

  #strikes(fault: ToeFault): boolean {
    const left = this.#faults.get(fault) ?? 0;
    if (left === 0) return false;
    if (fault !== 'hang' && fault !== 'dead') this.#faults.set(fault, left - 1);
    return true;
  }

  /** Sets an error bit of STATUS, and tells. */
  error(bit: number): void {
    const status = this.#registers.get(engine(ToeRegister.STATUS)) ?? 0;
    this.#registers.set(engine(ToeRegister.STATUS), status | bit);
    this.#raise(ERROR);
  }

  /** Nothing is left of any session, and the driver kept the contract. */
  get state(): { sessions: number; violations: string[]; queued: number } {
    return { sessions: this.ends.size, violations: this.violations, queued: this.#queued() };
  }

  // ---- Registers ----

  async read32(offset: number): Promise<number> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#requireOpen();
    if (this.#strikes('dead')) return 0xffff_ffff;
    switch (offset) {
      case Block.CARD + CardRegister.IRQ_CAUSE:
        return this.#cause;
      case engine(ToeRegister.STATUS):
        return (this.#registers.get(offset) ?? 0) | 2;
      case engine(EngineRegister.KIND):
        return 2 | (this.#options.ringLog2Max << 16);
      case engine(ToeRegister.PARAMETERS):
        return Math.log2(this.#options.sessions);
      case engine(EngineRegister.CQ_TAIL):
        return this.#written & 0xffff;
      case engine(ToeRegister.SESSION_STATUS):
        return this.#sessionStatus();
      case engine(ToeRegister.SESSION_BYTES_IN_LO):
        return this.ends.get(this.#selected())?.bytesIn ?? 0;
      case engine(ToeRegister.SESSION_BYTES_OUT_LO):
        return this.ends.get(this.#selected())?.bytesOut ?? 0;
      default:
        return this.#registers.get(offset) ?? 0;
    }
  }

  #selected(): number {
    return this.#registers.get(engine(ToeRegister.SESSION_SELECT)) ?? 0;
  }

  /** Busy at the first look, as a card is now and then. */
  #sessionStatus(): number {
    const session = this.#selected();
    const busy = this.#strikes('slowCounters') || this.#looked !== session;
    this.#looked = session;
    if (busy) return 2 ** ToeField.SESSION_STATUS_BUSY.shift;
    if (session >= this.#options.sessions) return 0;
    const end = this.ends.get(session);
    let state: number = end && !end.over ? ToeStateCode.ESTABLISHED : ToeStateCode.CLOSED;
    if (this.#strikes('noState')) state = 15;
    const valid = 2 ** ToeField.SESSION_STATUS_VALID.shift;
    return valid + state * 2 ** ToeField.SESSION_STATUS_STATE.shift;
  }

  write32(offset: number, value: number): void {
    this.#requireOpen();
    if (offset === engine(ToeRegister.SESSION_SELECT)) this.#looked = -1;
    if (offset === Block.CARD + CardRegister.IRQ_CAUSE) this.#cause &= ~value;
    else if (offset === engine(EngineRegister.CONTROL)) this.#registers.set(offset, value & 1);
    else this.#registers.set(offset, value);
    this.#schedule();
  }

  /** What the driver wrote. */
  register(offset: number): number | undefined {
    return this.#registers.get(offset);
  }

  alloc(bytes: number): DmaMemory {
    this.#requireOpen();
    const memory = { bytes: new Uint8Array(bytes), address: this.#nextAddress };
    this.#nextAddress += BigInt(Math.ceil(bytes / 4096) + 1) * 4096n;
    this.#memory.push(memory);
    return memory;
  }

  #at(address: bigint, length: number): Uint8Array {
    for (const { bytes, address: start } of this.#memory) {
      const offset = Number(address - start);
      if (offset >= 0 && offset + length <= bytes.length) {
        return bytes.subarray(offset, offset + length);
      }
    }
    throw new Error(`no memory at ${address.toString(16)}, ${length} bytes`);
  }

  #ring(base: number, count: number, log2: number, bytes: number): DataView {
    const low = BigInt(this.#registers.get(engine(base)) ?? 0);
    const high = BigInt(this.#registers.get(engine(base + 4)) ?? 0);
    const entry = BigInt((count % 2 ** log2) * bytes);
    const memory = this.#at((high << 32n) + low + entry, bytes);
    return new DataView(memory.buffer, memory.byteOffset, bytes);
  }

  // ---- Time and interrupts ----

  now(): number {
    this.#requireOpen();
    return this.#time;
  }

  waitIrq(until?: number, keepAlive = true): Promise<Wake> {
    if (this.#closed) return Promise.resolve('closed');
    if (this.#waiter) throw new Error('somebody waits already');
    return new Promise((resolve) => {
      this.#waiter = resolve;
      this.rearm(until, keepAlive);
      if (this.#missed) this.#wake('interrupt');
    });
  }

  rearm(until?: number, _keepAlive?: boolean): void {
    if (!this.#waiter) return;
    this.#until = until;
    this.#schedule();
  }

  #raise(cause: number): void {
    const before = this.#cause & (this.#registers.get(Block.CARD + CardRegister.IRQ_MASK) ?? 0);
    this.#cause |= cause;
    const line = this.#cause & (this.#registers.get(Block.CARD + CardRegister.IRQ_MASK) ?? 0);
    if (before !== 0 || line === 0 || this.#strikes('loseInterrupt')) return;
    if (this.#waiter) this.#wake('interrupt');
    else this.#missed = true;
  }

  #wake(wake: Wake): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    this.#until = undefined;
    this.#missed = false;
    waiter?.(wake);
  }

  // ---- Turns ----

  /** Something may be to do. */
  #schedule(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#closed) this.#turn();
    });
  }

  /** Called by the network, too. */
  poke(): void {
    this.#schedule();
  }

  #turn(): void {
    this.#time += TURN;
    let busy = false;
    if (!this.#strikes('hang')) {
      busy = this.#fetch() || busy;
      busy = this.#work(this.#reads) || busy;
      busy = this.#work(this.#others) || busy;
      busy = this.#network.move(this) || busy;
    }
    busy = this.#complete() || busy;
    if (this.#until !== undefined && this.#waiter) {
      // Nothing to do: time passes until somebody wants something.
      if (!busy) this.#time = Math.max(this.#time, this.#until);
      if (this.#time >= this.#until) this.#wake('timeout');
      else busy = true;
    }
    if (busy) this.#schedule();
  }

  #fetch(): boolean {
    const enabled = (this.#registers.get(engine(EngineRegister.CONTROL)) ?? 0) & 1;
    const tail = this.#registers.get(engine(EngineRegister.SQ_TAIL)) ?? 0;
    const log2 = this.#registers.get(engine(EngineRegister.SQ_LOG2)) ?? 0;
    if (!enabled) return false;
    const ahead = (tail - this.#fetched) & 0xffff;
    if (ahead > 2 ** log2) this.violations.push(`doorbell ${ahead} ahead`);
    for (let i = 0; i < ahead; i++) {
      const number = this.#fetched++;
      const view = this.#ring(EngineRegister.SQ_BASE_LO, number, log2, Descriptor.BYTES);
      const request = {
        id: view.getUint32(Descriptor.ID, true),
        number: number & 0x7fff,
        op: view.getUint16(Descriptor.OP, true),
        session: view.getUint16(Descriptor.SESSION, true),
        address: view.getBigUint64(Descriptor.ADDRESS, true),
        remoteIp: view.getUint32(Descriptor.REMOTE_IP, true),
        remotePort: view.getUint16(Descriptor.REMOTE_PORT, true),
        localPort: view.getUint16(Descriptor.LOCAL_PORT, true),
        length: view.getUint32(Descriptor.LENGTH, true),
        wait: this.#random.below(this.#options.late + 1),
      };
      this.#checkTurn(request);
      (request.op === Op.READ ? this.#reads : this.#others).push(request);
    }
    return ahead > 0;
  }

  /** What the host owes: ABORT and FREE only when nothing of the session is under way. */
  #checkTurn({ op, session }: Request): void {
    if (op !== Op.FREE && op !== Op.ABORT) return;
    const bytes = [...this.#reads, ...this.#others].filter(
      (other) => other.session === session && (other.op === Op.READ || other.op === Op.WRITE),
    );
    if (bytes.length > 0) this.violations.push(`op ${op} of ${session} before its bytes`);
  }

  #work(queue: Request[]): boolean {
    let any = false;
    while (queue.length > 0) {
      any = true;
      if (queue[0]!.wait-- > 0) break;
      const request = queue.shift()!;
      const status = this.#do(request);
      this.#push({
        ...request,
        status,
        received: request.length,
        acknowledged: 0,
        urgent: 0,
        events: 0,
        remoteIp: 0,
        remotePort: 0,
        localPort: 0,
      });
    }
    return any;
  }

  #do(request: Request): number {
    const { op, localPort, session } = request;
    if (op === Op.LISTEN) this.listening.add(localPort);
    else if (op === Op.UNLISTEN) this.listening.delete(localPort);
    else if (op === Op.OPEN) this.#network.open(this, request);
    else {
      const end = this.ends.get(session);
      if (!end?.owned) {
        this.violations.push(`op ${op} of session ${session}, which is not the host's`);
        return StatusCode.BAD_DESCRIPTOR;
      }
      return this.#doSession(end, request);
    }
    return StatusCode.OK;
  }

  #doSession(end: End, { op, address, length }: Request): number {
    switch (op) {
      case Op.READ: {
        if (length > end.toldUnread) this.violations.push(`READ of ${length} beyond RECEIVED`);
        if (address % 8n !== 0n) this.violations.push(`READ to ${address}`);
        const bytes = end.read(length);
        if (this.#strikes('busError')) return StatusCode.RESULT_BUS_ERROR;
        this.#at(address, Math.ceil(length / 8) * 8).fill(0xee);
        this.#at(address, length).set(bytes);
        this.#network.poke();
        return StatusCode.OK;
      }
      case Op.WRITE: {
        if (this.#strikes('busError')) return StatusCode.INPUT_BUS_ERROR;
        const isFull = this.#queued() + length > this.#options.pool;
        if (isFull || this.#strikes('refuseWrite')) return StatusCode.REFUSED;
        if (end.closing) this.violations.push('WRITE behind CLOSE');
        end.write(Buffer.from(this.#at(address, length)));
        this.#network.poke();
        return StatusCode.OK;
      }
      case Op.CLOSE:
        end.closing = true;
        this.#network.poke();
        return StatusCode.OK;
      case Op.ABORT:
        this.#network.reset(end);
        this.release(end);
        return StatusCode.OK;
      case Op.FREE:
        if (!end.over) this.violations.push(`FREE of session ${end.number} before its end`);
        this.release(end);
        return StatusCode.OK;
      case Op.URGENT:
        if (length > 0xffff) this.violations.push(`URGENT of ${length} bytes`);
        end.announceUrgent(length);
        return StatusCode.OK;
      case Op.OPTIONS:
        return StatusCode.OK;
      default:
        this.violations.push(`op ${op}`);
        return StatusCode.BAD_DESCRIPTOR;
    }
  }

  #queued(): number {
    let bytes = 0;
    for (const end of this.ends.values()) bytes += end.unsent;
    return bytes;
  }

  // ---- Sessions ----

  /** A session of this card; `undefined` when all are in use. */
  take(remoteIp: number, remotePort: number, localPort: number): End | undefined {
    const number = this.#free.shift();
    if (number === undefined) return undefined;
    // Positions that wrap soon.
    const first = () => 2 ** 32 - 1 - this.#random.below(100_000);
    const end = new End(this, number, remoteIp, remotePort, localPort, first(), first());
    this.ends.set(number, end);
    return end;
  }

  release(end: End): void {
    if (!this.ends.delete(end.number)) return;
    this.#free.push(end.number);
    this.#free.sort((a, b) => a - b);
  }

  tell(end: End, events: number, urgent = 0): void {
    const entry: Entry = {
      id: 0,
      number: 0,
      status: StatusCode.EVENT,
      session: end.number,
      remoteIp: end.remoteIp,
      remotePort: end.remotePort,
      localPort: end.localPort,
      received: end.receivedAt,
      acknowledged: end.acknowledgedAt,
      urgent,
      events,
    };
    if (events & (Event.ACCEPTED | Event.OPENED) && this.#strikes('torn')) {
      entry.events |= Event.RECEIVED;
    }
    if (events & Event.TIMED_OUT && this.#strikes('unreachable')) entry.events |= Event.UNREACHABLE;
    if (events & Event.RECEIVED) {
      if (this.#strikes('unknownSession')) entry.session ^= 0x1f;
      if (this.#strikes('farReceived')) entry.received = (entry.received + 2 ** 25) % 2 ** 32;
      if (this.#strikes('beginsTwice')) entry.events |= Event.ACCEPTED;
    }
    if (events & Event.URGENT && this.#strikes('farUrgent')) {
      entry.urgent = (entry.urgent + 2 ** 24) % 2 ** 32;
    }
    if (events & Event.SENT && this.#strikes('farAcknowledged')) {
      entry.acknowledged = (entry.acknowledged + 70_000) % 2 ** 32;
    }
    this.#push(entry);
  }

  #push(entry: Entry): void {
    this.#out.push(entry);
    this.#schedule();
  }

  /** Writes completions as far as the ring has room. */
  #complete(): boolean {
    const log2 = this.#registers.get(engine(EngineRegister.CQ_LOG2)) ?? 0;
    const head = this.#registers.get(engine(EngineRegister.CQ_HEAD)) ?? 0;
    const before = this.#written;
    while (this.#out.length > 0 && ((this.#written - head) & 0xffff) < 2 ** log2) {
      const entry = this.#out.shift()!;
      const count = this.#written++;
      if (this.#strikes('dropCompletion')) continue;
      this.#store(entry, count, log2);
    }
    if (this.#written !== before) this.#raise(DONE);
    return this.#written !== before;
  }

  #store(entry: Entry, count: number, log2: number): void {
    const view = this.#ring(EngineRegister.CQ_BASE_LO, count, log2, Completion.BYTES);
    let { number, id, status } = entry;
    if (status !== StatusCode.EVENT) {
      if (this.#strikes('wrongNumber')) number = (number + 1) & 0x7fff;
      if (this.#strikes('wrongId')) id ^= 0x40;
      if (this.#strikes('unknownStatus')) status = 77;
    }
    view.setUint32(Completion.ID, id, true);
    view.setUint16(Completion.STATUS, status, true);
    view.setUint16(Completion.SESSION, entry.session, true);
    view.setUint32(Completion.REMOTE_IP, entry.remoteIp, true);
    view.setUint16(Completion.REMOTE_PORT, entry.remotePort, true);
    view.setUint16(Completion.LOCAL_PORT, entry.localPort, true);
    view.setUint32(Completion.RECEIVED, entry.received, true);
    view.setUint32(Completion.ACKNOWLEDGED, entry.acknowledged, true);
    view.setUint32(Completion.URGENT, entry.urgent, true);
    view.setUint16(Completion.EVENTS, entry.events, true);
    const phase = Math.floor(count / 2 ** log2) % 2 === 0 ? 0x8000 : 0;
    view.setUint16(Completion.INDEX, phase | number, true);
  }

  counters(): Promise<DeviceCounters> {
    return Promise.reject(new Error('the double counts nothing'));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#network.leave(this);
    this.#wake('closed');
  }

  #requireOpen(): void {
    if (this.#closed) throw new AccelError('ACCEL_CLOSED', 'the device was closed');
  }
}
