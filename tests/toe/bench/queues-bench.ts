/**
 * toe_queues in its surroundings, beside a model of what it has to hold.
 *
 * Commands go in by port, each port in order; the model is told of a command in the cycle in which the
 * module takes it, since from then on it is done before any other. All that comes out is compared with
 * the model: answers, frames, what was added. A difference throws in the cycle in which it shows.
 */
import {
  type AnyPorts,
  type AxiStreamSink,
  type AxiStreamSource,
  type Random,
  type ReceivedFrame,
  SETTLED,
  type Simulation,
  simulate,
  type Task,
} from '../../../src/testbench/index.ts';
import { CardMemory } from './card-memory.ts';

export const BUFFER = 2048;
const OPEN = 0;
const RELEASE = 1;
const STORE = 2;
const FETCH = 2;
const FREE = 3;

export const wrap = (position: number) => position >>> 0;
/** Bytes from one position to another, below 2^32. */
export const distance = (from: number, to: number) => (to - from) >>> 0;

/** What has come for a session, as it has to be. */
export class RxStream {
  readonly session: number;
  /** Where the stream begins; offsets below count from here. */
  readonly start: number;
  readonly content: Uint8Array;
  isOpen = true;
  /** Bytes read, and asked to be read. */
  read = 0;
  readAsked = 0;
  /** End of the last byte stored. */
  end = 0;
  /** Which bytes were granted. */
  readonly stored: Uint8Array;

  constructor(session: number, start: number, content: Uint8Array) {
    this.session = session;
    this.start = start;
    this.content = content;
    this.stored = new Uint8Array(content.length);
  }

  /** End of what is stored without a gap. */
  get contiguous(): number {
    const gap = this.stored.indexOf(0, this.readAsked);
    return gap < 0 ? this.stored.length : gap;
  }

  block(offset: number): number {
    return Math.floor((this.start + offset) / BUFFER);
  }

  /** Buffers it holds. */
  get buffers(): number {
    return this.end === this.read ? 0 : this.block(this.end - 1) - this.block(this.read) + 1;
  }
}

/** What is to be sent on a session, as it has to be. */
export class TxStream {
  readonly session: number;
  readonly start: number;
  isOpen = false;
  /** Bytes freed, held up to, in memory up to; in the order of the stream. */
  freed = 0;
  end = 0;
  added = 0;
  /** As far as frees were asked for, and how many writes and references wait for their end. */
  freeAsked = 0;
  pending = 0;
  readonly pieces: Uint8Array[] = [];
  #joined = new Uint8Array(0);

  constructor(session: number, start: number) {
    this.session = session;
    this.start = start;
  }

  append(bytes: Uint8Array): void {
    this.pieces.push(bytes);
    this.end += bytes.length;
  }

  bytes(from: number, to: number): Uint8Array {
    if (this.#joined.length < this.end) {
      this.#joined = new Uint8Array(Buffer.concat(this.pieces));
    }
    return this.#joined.subarray(from, to);
  }
}

interface Command {
  readonly fields: Readonly<Record<string, number>>;
  /** The module takes it now. */
  readonly taken: () => void;
}

interface Answer {
  readonly what: string;
  /** 1, 0, or undefined where it depends on what is free at the moment. */
  readonly granted: boolean | undefined;
  /** Buffers it takes at most. */
  readonly need: number;
  readonly settled: (granted: boolean) => void;
}

interface ExpectedFrame {
  readonly what: string;
  readonly bytes: Uint8Array;
  readonly isOdd: boolean;
}

/** Drives one command port. */
class Port {
  readonly name: string;
  readonly queue: Command[] = [];
  pause = 0;
  readonly #ports: AnyPorts;
  readonly #random: Random;

  constructor(ports: AnyPorts, random: Random, name: string) {
    this.#ports = ports;
    this.#random = random.fork(name);
    this.name = name;
  }

  get isIdle(): boolean {
    return this.queue.length === 0;
  }

  get taken(): boolean {
    return this.#ports[`${this.name}_valid`] === 1 && this.#ports[`${this.name}_ready`] === 1;
  }

  *drive(): Task<never> {
    const ports = this.#ports;
    for (;;) {
      const command = this.queue[0];
      if (command && !this.#random.chance(this.pause)) {
        for (const [field, value] of Object.entries(command.fields)) {
          ports[`${this.name}_${field}`] = value;
        }
        ports[`${this.name}_valid`] = 1;
        yield* settledUntil(() => this.taken);
        yield;
        ports[`${this.name}_valid`] = 0;
      } else yield;
    }
  }
}

export interface QueuesOptions {
  readonly sessionsLog2?: number;
  readonly buffersLog2?: number;
  readonly nodesLog2?: number;
  readonly rxLimit?: number;
  readonly txLimit?: number;
}

export class QueuesBench {
  readonly sim: Simulation;
  readonly ports: AnyPorts;
  readonly memory: CardMemory;
  readonly random: Random;
  readonly sessions: number;
  readonly buffers: number;
  readonly nodes: number;
  readonly rx: Port;
  readonly tx: Port;
  readonly read: Port;
  readonly write: Port;
  readonly refer: Port;
  readonly storeSource: AxiStreamSource;
  readonly writeSource: AxiStreamSource;
  readonly readSink: AxiStreamSink;
  readonly fetchSink: AxiStreamSink;
  /** Chance that the taker of added bytes pauses. */
  addedPause = 0;
  granted = 0;
  refused = 0;
  faults = 0;
  /** Frames compared so far, and their bytes. */
  frames = 0;
  frameBytes = 0;
  readonly #content: Uint8Array;
  readonly #stored: Answer[] = [];
  readonly #written: Answer[] = [];
  readonly #referred: Answer[] = [];
  readonly #reading: { stream: RxStream; left: number }[] = [];
  readonly #readFrames: ExpectedFrame[] = [];
  readonly #fetchFrames: ExpectedFrame[] = [];
  readonly #adding: { stream: TxStream; len: number }[] = [];

  constructor(sim: Simulation, options: Required<QueuesOptions>, base: bigint) {
    this.sim = sim;
    this.ports = sim.ports as AnyPorts;
    this.random = sim.random.fork('bench');
    this.#content = this.random.bytes(1 << 20);
    this.sessions = 1 << options.sessionsLog2;
    this.buffers = 1 << options.buffersLog2;
    this.nodes = 1 << options.nodesLog2;
    this.ports.base = base;
    this.ports.rx_limit = options.rxLimit;
    this.ports.tx_limit = options.txLimit;
    this.memory = new CardMemory(
      this.ports,
      sim.random.fork('memory'),
      base,
      this.buffers * BUFFER,
    );
    const port = (name: string) => new Port(this.ports, sim.random, name);
    this.rx = port('s_rx');
    this.tx = port('s_tx');
    this.read = port('s_read');
    this.write = port('s_write');
    this.refer = port('s_refer');
    this.storeSource = sim.source('s_store_axis');
    this.writeSource = sim.source('s_write_axis');
    this.readSink = sim.sink('m_read_axis');
    this.fetchSink = sim.sink('m_fetch_axis');
  }

  /** Resets the module and starts its surroundings. */
  start(): void {
    const { sim } = this;
    sim.reset();
    sim.fork(this.memory.serve());
    for (const port of [this.rx, this.tx, this.read, this.write, this.refer])
      sim.fork(port.drive());
    sim.fork(this.#watch());
  }

  /** Pauses of everything around, 0 to below 1. */
  set pause(chance: number) {
    for (const port of [this.rx, this.tx, this.read, this.write, this.refer]) port.pause = chance;
    for (const stream of [this.storeSource, this.writeSource, this.readSink, this.fetchSink]) {
      stream.pause = chance;
    }
    this.addedPause = chance;
  }

  get free(): number {
    return this.ports.free_buffers;
  }

  openRx(session: number, { start = 0, size = 1 << 18 } = {}): RxStream {
    const at = this.random.int(0, this.#content.length - size);
    const stream = new RxStream(session, start, this.#content.subarray(at, at + size));
    this.rx.queue.push(command({ op: OPEN, session, pos: start }));
    return stream;
  }

  releaseRx(stream: RxStream): void {
    stream.isOpen = false;
    this.rx.queue.push(command({ op: RELEASE, session: stream.session }));
  }

  /** Stores bytes `from` to `to` of the stream; the payload has `skip` bytes before and `rest` behind. */
  store(stream: RxStream, from: number, to: number, { skip = 0, rest = 0 } = {}): void {
    const { session } = stream;
    const { isOpen } = stream;
    const length = to - from;
    const payload = this.random.bytes(pad8(skip + length + rest || 1));
    for (let i = 0; i < length; i++) payload[skip + i] = stream.content[from + i] ?? 0;
    const fields = { op: STORE, session, pos: wrap(stream.start + from), skip, len: length };
    const taken = () => {
      const fits =
        isOpen && length > 0 && from >= stream.read && to - stream.read <= this.ports.rx_limit;
      const first = stream.end === stream.read ? stream.read : stream.end;
      const need = Math.max(0, stream.block(to - 1) - stream.block(first - 1 < 0 ? 0 : first - 1));
      this.#stored.push({
        what: `store ${session} ${from}-${to}`,
        granted: fits ? undefined : false,
        need: fits ? need + 1 : 0,
        settled: (granted) => {
          if (!granted) return;
          stream.stored.fill(1, from, to);
          stream.end = Math.max(stream.end, to);
        },
      });
    };
    this.rx.queue.push({ fields, taken });
    this.storeSource.enqueue(payload);
  }

  /** Reads the next `length` bytes, all of them stored; zeros come if not (odd), or if the bus refuses. */
  readNext(stream: RxStream, length: number, { isOdd = false, isRefused = false } = {}): void {
    const { session, readAsked: from } = stream;
    const isVoid = isOdd || isRefused;
    const bytes = isVoid ? new Uint8Array(length) : stream.content.slice(from, from + length);
    this.#readFrames.push({ what: `read ${session} ${from}+${length}`, bytes, isOdd: isVoid });
    if (!isOdd) {
      stream.readAsked += length;
      this.#reading.push({ stream, left: length });
    }
    this.read.queue.push(command({ session, len: length }));
  }

  openTx(session: number, { start = 0 } = {}): TxStream {
    const stream = new TxStream(session, start);
    const taken = () => {
      stream.isOpen = true;
    };
    this.tx.queue.push(command({ op: OPEN, session, pos: start }, taken));
    return stream;
  }

  releaseTx(stream: TxStream): void {
    this.tx.queue.push(
      command({ op: RELEASE, session: stream.session }, () => {
        stream.isOpen = false;
      }),
    );
  }

  /** Writes bytes of the host; `excess` bytes more than it says, or fewer, come with them. */
  writeBytes(stream: TxStream, bytes: Uint8Array, { excess = 0 } = {}): void {
    const { session } = stream;
    const { length } = bytes;
    const taken = () => {
      const fits = stream.isOpen && length > 0 && this.#fits(stream, length);
      this.#written.push({
        what: `write ${session} ${length}`,
        granted: fits ? undefined : false,
        need: fits ? Math.ceil(length / BUFFER) : 0,
        settled: (granted) => this.#append(stream, bytes, granted),
      });
    };
    stream.pending++;
    this.write.queue.push({ fields: { session, len: length }, taken });
    const payload = this.random.bytes(pad8(Math.max(1, length + excess)));
    payload.set(bytes.subarray(0, payload.length));
    this.writeSource.enqueue(payload);
  }

  /** Adds bytes of a buffer of somebody else; odd is a buffer that nobody has. */
  referBytes(
    stream: TxStream,
    buffer: number,
    offset: number,
    length: number,
    { isOdd = false } = {},
  ): void {
    const { session } = stream;
    const at = buffer * BUFFER + offset;
    const bytes = this.memory.bytes.slice(at, at + length);
    const taken = () => {
      const isRight = !isOdd && length > 0 && offset + length <= BUFFER;
      const fits = stream.isOpen && isRight && this.#fits(stream, length);
      this.#referred.push({
        what: `refer ${session} ${buffer}+${offset} ${length}`,
        granted: fits ? undefined : false,
        need: 0,
        settled: (granted) => this.#append(stream, bytes, granted),
      });
    };
    stream.pending++;
    this.refer.queue.push({ fields: { session, buffer, offset, len: length }, taken });
  }

  /** Fetches bytes that are held, or expects zeros. */
  fetch(stream: TxStream, from: number, length: number, { isOdd = false } = {}): void {
    const { session } = stream;
    const bytes = isOdd ? new Uint8Array(length) : stream.bytes(from, from + length).slice();
    this.#fetchFrames.push({ what: `fetch ${session} ${from}+${length}`, bytes, isOdd });
    const pos = wrap(stream.start + from);
    this.tx.queue.push(command({ op: FETCH, session, pos, len: length }));
  }

  /** Frees everything before `to`. */
  freeTo(stream: TxStream, to: number): void {
    const pos = wrap(stream.start + to);
    stream.freeAsked = Math.max(stream.freeAsked, to);
    this.tx.queue.push(
      command({ op: FREE, session: stream.session, pos }, () => {
        if (stream.isOpen && to <= stream.end) stream.freed = Math.max(stream.freed, to);
      }),
    );
  }

  /** Takes a buffer for an owner on the card, one reference; undefined when there is none. */
  *takeBuffer(): Task<number | undefined> {
    const { ports } = this;
    ports.s_take_valid = 1;
    yield* settledUntil(() => ports.s_take_ready === 1);
    const buffer = ports.m_take_granted ? ports.m_take_buffer : undefined;
    yield;
    ports.s_take_valid = 0;
    return buffer;
  }

  *dropBuffer(buffer: number): Task {
    const { ports } = this;
    ports.s_drop_buffer = buffer;
    ports.s_drop_valid = 1;
    yield* settledUntil(() => ports.s_drop_ready === 1);
    yield;
    ports.s_drop_valid = 0;
  }

  /** Whether all references asked for are answered: until then their buffer is needed. */
  get hasReferred(): boolean {
    return this.refer.isIdle && this.#referred.length === 0;
  }

  /** Whether everything asked for has been answered. */
  get isIdle(): boolean {
    const ports = [this.rx, this.tx, this.read, this.write, this.refer];
    const waiting = [
      this.#stored,
      this.#written,
      this.#referred,
      this.#readFrames,
      this.#fetchFrames,
      this.#adding,
    ];
    return ports.every(({ isIdle }) => isIdle) && waiting.every(({ length }) => length === 0);
  }

  /** Waits until everything asked for has been answered. */
  *settle(max = 200_000): Task {
    for (let i = 0; !this.isIdle; i++) {
      if (i > max) throw new Error(`not idle after ${max} cycles: ${this.#waits()}`);
      yield;
    }
  }

  /** Waits until as many buffers, and all nodes unless told, are free. */
  *settleFree(buffers = this.buffers, nodes: number | undefined = this.nodes): Task {
    yield* this.settle();
    const is = () =>
      this.free === buffers && (nodes === undefined || this.ports.free_nodes === nodes);
    for (let i = 0; !is(); i++) {
      if (i > 20_000) {
        const { free_nodes } = this.ports;
        throw new Error(
          `expected ${buffers} free buffers, ${nodes} nodes; got ${this.free}, ${free_nodes}`,
        );
      }
      yield;
    }
    for (let i = 0; i < 50; i++) yield;
    if (!is()) throw new Error(`more than all buffers are free: ${this.free}`);
  }

  #waits(): string {
    return [
      this.#stored[0]?.what,
      this.#written[0]?.what,
      this.#referred[0]?.what,
      this.#readFrames[0]?.what,
      this.#fetchFrames[0]?.what,
      this.#adding[0] && `added ${this.#adding[0].stream.session}`,
    ]
      .filter(Boolean)
      .join(', ');
  }

  #fits(stream: TxStream, length: number): boolean {
    return stream.end + length - stream.freed <= this.ports.tx_limit;
  }

  #append(stream: TxStream, bytes: Uint8Array, granted: boolean): void {
    if (!granted) {
      stream.pending--;
      return;
    }
    stream.append(bytes);
    this.#adding.push({ stream, len: bytes.length });
  }

  /** Looks at everything that comes out, in every cycle. */
  *#watch(): Task<never> {
    const { ports } = this;
    for (;;) {
      ports.m_added_ready = this.random.chance(this.addedPause) ? 0 : 1;
      yield SETTLED;
      if (ports.m_read_valid) this.#wasRead(ports.m_read_session, ports.m_read_len);
      if (ports.m_stored_valid) this.#answer(this.#stored, ports.m_stored_granted);
      if (ports.m_write_valid) this.#answer(this.#written, ports.m_write_granted);
      if (ports.m_refer_valid) this.#answer(this.#referred, ports.m_refer_granted);
      if (ports.m_added_valid && ports.m_added_ready) {
        this.#wasAdded(ports.m_added_session, ports.m_added_len);
      }
      if (ports.free_fault || ports.drop_fault) this.faults++;
      for (const port of [this.rx, this.tx, this.read, this.write, this.refer]) {
        if (port.taken) port.queue.shift()?.taken();
      }
      this.#compare(this.readSink, this.#readFrames);
      this.#compare(this.fetchSink, this.#fetchFrames);
      yield;
    }
  }

  #answer(expected: Answer[], value: number): void {
    const answer = expected.shift();
    if (!answer) throw new Error('an answer that nobody waits for');
    const granted = value === 1;
    if (granted) this.granted++;
    else this.refused++;
    const isShort = this.free < answer.need + 34 || this.ports.free_nodes < answer.need + 1;
    if (answer.granted === false ? granted : !granted && !isShort) {
      throw new Error(`${answer.what}: ${granted ? 'granted' : 'refused'}, ${this.free} free`);
    }
    answer.settled(granted);
  }

  #wasRead(session: number, length: number): void {
    const reading = this.#reading[0];
    if (!reading || reading.stream.session !== session || reading.left < length) {
      throw new Error(`read ${length} of ${session}, expected ${reading?.left}`);
    }
    reading.stream.read += length;
    reading.left -= length;
    if (reading.left === 0) this.#reading.shift();
  }

  #wasAdded(session: number, length: number): void {
    const adding = this.#adding.shift();
    if (!adding || adding.stream.session !== session || adding.len !== length) {
      throw new Error(`added ${length} to ${session}, expected ${adding?.len}`);
    }
    adding.stream.added += length;
    adding.stream.pending--;
  }

  #compare(sink: AxiStreamSink, expected: ExpectedFrame[]): void {
    for (const frame of sink.take()) {
      const wanted = expected.shift();
      if (!wanted) throw new Error(`${sink.name}: a frame that nobody asked for`);
      this.frames++;
      this.frameBytes += frame.data.length;
      compareFrame(frame, wanted);
    }
  }
}

function compareFrame(frame: ReceivedFrame, { what, bytes, isOdd }: ExpectedFrame): void {
  const { data } = frame;
  const at = data.findIndex((byte, i) => byte !== bytes[i]);
  if (data.length !== bytes.length || at >= 0) {
    throw new Error(
      `${what}: expected ${bytes.length} bytes, got ${data.length}; they differ at ${at}`,
    );
  }
  if ((frame.user.at(-1) === 1) !== isOdd)
    throw new Error(`${what}: tuser is ${frame.user.at(-1)}`);
}

/** Waits for a cycle in which a condition holds before the edge, and stays before that edge. */
function* settledUntil(condition: () => boolean): Task {
  for (;;) {
    yield SETTLED;
    if (condition()) return;
    yield;
  }
}

function command(fields: Command['fields'], taken: () => void = () => {}): Command {
  return { fields, taken };
}

function pad8(length: number): number {
  return Math.ceil(length / 8) * 8;
}

/** toe_queues with the sizes given, running. */
export async function queuesBench(options: QueuesOptions = {}): Promise<QueuesBench> {
  const sizes = {
    sessionsLog2: options.sessionsLog2 ?? 4,
    buffersLog2: options.buffersLog2 ?? 8,
    nodesLog2: options.nodesLog2 ?? 9,
    rxLimit: options.rxLimit ?? 65_535,
    txLimit: options.txLimit ?? 65_535,
  };
  const sim = await simulate('hdl/toe/toe_queues.sv', {
    parameters: {
      SESSIONS_LOG2: sizes.sessionsLog2,
      BUFFERS_LOG2: sizes.buffersLog2,
      NODES_LOG2: sizes.nodesLog2,
    },
  });
  const bench = new QueuesBench(sim as Simulation, sizes, 0x12_3456_7000n);
  bench.start();
  return bench;
}
