/** The host's side of the card in a test: rings, batches, and what they must answer. */
import {
  Block,
  CardRegister,
  CompletionLayout,
  DescriptorLayout,
  EngineField,
  EngineRegister,
  OpCode,
  RecoverInputLayout,
  StatusCode,
  VerifyResultLayout,
} from '../../../src/driver/generated/registers.ts';
import {
  type AnyPorts,
  type AxiLimits,
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
import { expectedResult, type Op, recordBytes } from './stand-in.ts';

/** Where host memory begins: above 4 GiB, so that both address halves count. */
export const MEMORY_BASE = 0x12_3000_0000n;
const MEMORY_BYTES = 4 << 20;
const SQ_OFFSET = 0x1000;
const CQ_OFFSET = 0x5000;
/** What the card promises of its bursts, beyond AXI4. */
const LIMITS = {
  maxBeats: 32,
  types: ['INCR'],
  fullBeats: true,
  fullStrobes: true,
  earlyBeats: 32,
} as const satisfies AxiLimits;
/** Records and results live from here on. */
export const DATA_OFFSET = 0x10000;

const GUARD = 0xa5;

export const SIGVERIFY = Block.SIGVERIFY;

/** A descriptor's fields; what is not given is right for `op` and `count`. */
export interface Descriptor {
  readonly id: number;
  readonly op: number;
  readonly flags?: number;
  readonly input: bigint;
  readonly result: bigint;
  readonly count: number;
  readonly zero?: number;
}

/** A batch laid out in memory. */
export interface Batch extends Descriptor {
  readonly op: Op;
  readonly flags: number;
  readonly inputs: Uint8Array;
}

export interface Completion {
  readonly id: number;
  readonly valid: number;
  readonly status: number;
  readonly index: number;
  readonly cycles: number;
}

export interface HostOptions {
  /** Ring sizes as powers of two. */
  readonly sqLog2?: number;
  readonly cqLog2?: number;
  readonly parameters?: Readonly<Record<string, number>>;
  /** The stand-in for the signature engine: `random` unless given; `instant` takes no time. */
  readonly engine?: 'random' | 'instant';
}

export class Host {
  readonly sim: Simulation;
  readonly ports: AnyPorts;
  readonly random: Random;
  readonly memory: BusMemory;
  /** The bus in front of the memory. */
  readonly bus: AxiSubordinate;
  readonly registers: AxiLiteManager;
  readonly sqLog2: number;
  readonly cqLog2: number;
  /** Descriptors written and completions taken, since the engine's reset. */
  submitted = 0;
  taken = 0;
  #nextData = DATA_OFFSET;

  constructor(sim: Simulation, { sqLog2 = 4, cqLog2 = 4 }: HostOptions) {
    this.sim = sim;
    this.ports = sim.ports;
    this.random = sim.random.fork('host');
    this.memory = new BusMemory({ base: MEMORY_BASE, size: MEMORY_BYTES });
    // The gated clock lets its first edge pass a cycle after reset has asked for it
    new AxiMonitor(sim, 'm_axi', { limits: LIMITS, resetEdges: 2 });
    new AxiLiteMonitor(sim, 's_axil', { resetEdges: 2 });
    this.bus = new AxiSubordinate(sim, 'm_axi', { space: this.memory });
    this.registers = new AxiLiteManager(sim, 's_axil');
    this.sqLog2 = sqLog2;
    this.cqLog2 = cqLog2;
  }

  get sqSize(): number {
    return 1 << this.sqLog2;
  }

  get cqSize(): number {
    return 1 << this.cqLog2;
  }

  /** Sets up the rings and enables the engine. */
  *start(): Task {
    this.submitted = 0;
    this.taken = 0;
    this.memory.bytes.fill(0, SQ_OFFSET, DATA_OFFSET);
    const sq = MEMORY_BASE + BigInt(SQ_OFFSET);
    const cq = MEMORY_BASE + BigInt(CQ_OFFSET);
    yield* this.writeEngine(EngineRegister.SQ_BASE_LO, Number(sq & 0xffff_ffffn));
    yield* this.writeEngine(EngineRegister.SQ_BASE_HI, Number(sq >> 32n));
    yield* this.writeEngine(EngineRegister.SQ_LOG2, this.sqLog2);
    yield* this.writeEngine(EngineRegister.CQ_BASE_LO, Number(cq & 0xffff_ffffn));
    yield* this.writeEngine(EngineRegister.CQ_BASE_HI, Number(cq >> 32n));
    yield* this.writeEngine(EngineRegister.CQ_LOG2, this.cqLog2);
    yield* this.registers.write(CardRegister.IRQ_MASK, 0xffff_ffff);
    yield* this.writeEngine(EngineRegister.CONTROL, 1);
  }

  *writeEngine(register: number, value: number): Task {
    yield* this.registers.write(SIGVERIFY + register, value);
  }

  *readEngine(register: number): Task<number> {
    return yield* this.registers.read(SIGVERIFY + register);
  }

  /** Resets the engine and waits until it says it is done. */
  *resetEngine(): Task {
    const reset = 1 << EngineField.CONTROL_RESET.shift;
    yield* this.writeEngine(EngineRegister.CONTROL, reset);
    for (let tries = 0; tries < 1000; tries++) {
      if (((yield* this.readEngine(EngineRegister.CONTROL)) & reset) === 0) return;
    }
    throw new Error('the engine did not come out of reset');
  }

  /** Room in memory for `bytes`, at a random multiple of 8, not overlapping the last megabytes given. */
  place(bytes: number): number {
    const gap = this.random.int(1, 64) * 8;
    if (this.#nextData + gap + bytes + 8 > MEMORY_BYTES) this.#nextData = DATA_OFFSET;
    const at = this.#nextData + gap;
    this.#nextData = at + bytes;
    return at;
  }

  /** Lays out a batch of random records and guards around its results. */
  makeBatch(id: number, op: Op, count: number, flags = this.random.int(0, 1)): Batch {
    const { input, result } = recordBytes(op);
    const inputs = this.random.bytes(input * count);
    if (op === OpCode.RECOVER) {
      for (let i = 0; i < count; i++) {
        const at = i * input + RecoverInputLayout.RECOVERY_ID;
        // Mostly well formed; otherwise random bytes where an id and zeros belong
        if (this.random.chance(0.9)) {
          inputs.fill(0, at, (i + 1) * input);
          inputs[at] = this.random.int(0, this.random.chance(0.9) ? 3 : 255);
        }
      }
    }
    const from = this.place(inputs.length);
    this.memory.bytes.set(inputs, from);
    const to = this.place(result * count + 16) + 8;
    this.memory.bytes.fill(GUARD, to - 8, to + result * count + 8);
    const address = (offset: number) => MEMORY_BASE + BigInt(offset);
    return { id, op, flags, count, inputs, input: address(from), result: address(to) };
  }

  /** Writes a descriptor into the ring; the doorbell comes later. */
  put({ id, op, flags = 0, input, result, count, zero = 0 }: Descriptor): number {
    const index = this.submitted++;
    const at = SQ_OFFSET + (index % this.sqSize) * DescriptorLayout.BYTES;
    const { view } = this.memory;
    view.setUint32(at + DescriptorLayout.ID, id, true);
    view.setUint16(at + DescriptorLayout.OP, op, true);
    view.setUint16(at + DescriptorLayout.FLAGS, flags, true);
    view.setBigUint64(at + DescriptorLayout.INPUT, input, true);
    view.setBigUint64(at + DescriptorLayout.RESULT, result, true);
    view.setUint32(at + DescriptorLayout.COUNT, count, true);
    view.setUint32(at + DescriptorLayout.ZERO, zero, true);
    return index;
  }

  *ringDoorbell(): Task {
    yield* this.writeEngine(EngineRegister.SQ_TAIL, this.submitted & 0xffff);
  }

  /** Takes the next completion, if there is one, without telling the card. */
  takeCompletion(): Completion | undefined {
    const at = CQ_OFFSET + (this.taken % this.cqSize) * CompletionLayout.BYTES;
    const { view } = this.memory;
    const index = view.getUint16(at + CompletionLayout.INDEX, true);
    const phase = (this.taken >> this.cqLog2) & 1 ? 0 : 1;
    if (index >> 15 !== phase) return undefined;
    this.taken++;
    return {
      id: view.getUint32(at + CompletionLayout.ID, true),
      valid: view.getUint32(at + CompletionLayout.VALID, true),
      cycles: view.getUint32(at + CompletionLayout.CYCLES, true),
      status: view.getUint16(at + CompletionLayout.STATUS, true),
      index: index & 0x7fff,
    };
  }

  /** Waits for the next completion and gives its entry back. */
  *nextCompletion(max = 200_000): Task<Completion> {
    let completion: Completion | undefined;
    const isThere = () => {
      completion = this.takeCompletion();
      return completion !== undefined;
    };
    yield* waitFor(isThere, { max, what: 'a completion' });
    yield* this.writeEngine(EngineRegister.CQ_HEAD, this.taken & 0xffff);
    return completion as Completion;
  }

  /** Submits one descriptor and waits for its completion. */
  *submit(descriptor: Descriptor): Task<Completion> {
    this.put(descriptor);
    yield* this.ringDoorbell();
    return yield* this.nextCompletion();
  }

  /** Compares a batch's results in memory with the model. @throws at the first difference. */
  checkResults(batch: Batch, completion: Completion): void {
    const { input, result } = recordBytes(batch.op);
    const at = Number(batch.result - MEMORY_BASE);
    let valid = 0;
    for (let i = 0; i < batch.count; i++) {
      const record = batch.inputs.subarray(i * input, (i + 1) * input);
      const expected = expectedResult(batch.op, batch.flags, record, i);
      const got = this.memory.bytes.subarray(at + i * result, at + (i + 1) * result);
      if (!equal(got, expected)) {
        throw new Error(
          `batch ${batch.id} record ${i}: expected ${hex(expected)}, got ${hex(got)}`,
        );
      }
      valid += expected[VerifyResultLayout.VALID] ?? 0;
    }
    const end = at + batch.count * result;
    for (const guard of [at - 8, end]) {
      if (!this.memory.bytes.subarray(guard, guard + 8).every((byte) => byte === GUARD)) {
        throw new Error(`batch ${batch.id}: the card wrote beside its results`);
      }
    }
    const { status } = completion;
    if (status !== StatusCode.OK) throw new Error(`batch ${batch.id}: status ${status}`);
    if (completion.valid !== valid) {
      throw new Error(
        `batch ${batch.id}: expected ${valid} valid, completion says ${completion.valid}`,
      );
    }
  }
}

/** The card on the stand-in engine, out of reset, with memory and checks running. */
export async function openHost(options: HostOptions = {}): Promise<Host> {
  const folder = options.engine === 'instant' ? 'tests/card/hdl/instant' : 'tests/card/hdl';
  const sim = await simulate(`${folder}/card_top.sv`, {
    // As the emulator is built
    parameters: { CLOCK_GATING: 1, ...options.parameters },
  });
  const host = new Host(sim as unknown as Simulation, options);
  sim.reset(4);
  sim.cycles(4);
  return host;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
