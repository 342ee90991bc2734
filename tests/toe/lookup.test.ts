/** toe_lookup against a Map, a queue of numbers and two arrays of buckets. */
import { describe, expect, test } from 'vitest';
import {
  type Random,
  SETTLED,
  type Simulation,
  simulate,
  type Task,
} from '../../src/testbench/index.ts';
import { littleEndian, siphash } from './siphash.ts';

const FILE = 'hdl/toe/toe_lookup.sv';
const LATENCY = 15;
const APART = 5;

type Operation = 'find' | 'insert' | 'remove';

interface Command {
  readonly operation: Operation;
  readonly tuple: bigint;
  readonly session: number;
}

interface Answer {
  readonly found: boolean;
  /** Where there is one. */
  readonly session?: number;
  readonly full: boolean;
  readonly overflow: boolean;
}

/** What the unit promises, the slow way. */
class Model {
  readonly sessions = new Map<bigint, number>();
  readonly #free: number[];
  readonly #places = new Map<bigint, string>();
  readonly #used = new Map<string, number>();
  readonly #key: Uint8Array;
  readonly #buckets: number;
  readonly #overflow: number;

  constructor(key: Uint8Array, sessionsLog2: number, overflow: number) {
    this.#key = key;
    this.#buckets = 2 ** (sessionsLog2 - 2);
    this.#overflow = overflow;
    this.#free = Array.from({ length: 2 ** sessionsLog2 }, (_, i) => i);
  }

  /** Number of entries that stand where any may. */
  get overflown(): number {
    return this.#used.get('overflow') ?? 0;
  }

  /** The two buckets of a tuple. */
  buckets(tuple: bigint): [string, string] {
    const bytes = Uint8Array.from({ length: 8 }, (_, i) =>
      Number((tuple >> BigInt(8 * i)) & 0xffn),
    );
    const hash = siphash(1, 3, this.#key, bytes);
    const low = Number(hash & 0xffff_ffffn) % this.#buckets;
    const high = Number(hash >> 32n) % this.#buckets;
    return [`a${low}`, `b${high}`];
  }

  do({ operation, tuple, session }: Command): Answer {
    const known = this.sessions.get(tuple);
    const none = { full: false, overflow: false };
    if (operation === 'remove') {
      if (known === undefined || known !== session) return { found: false, ...none };
      this.sessions.delete(tuple);
      this.#free.push(known);
      this.#count(this.#places.get(tuple)!, -1);
      return { found: true, session: known, ...none };
    }
    if (known !== undefined) return { found: true, session: known, ...none };
    if (operation === 'find') return { found: false, ...none };
    if (this.#free.length === 0) return { found: false, full: true, overflow: false };
    const place = this.#choose(tuple);
    if (place === undefined) return { found: false, full: false, overflow: true };
    const taken = this.#free.shift()!;
    this.sessions.set(tuple, taken);
    this.#places.set(tuple, place);
    this.#count(place, 1);
    return { found: false, session: taken, ...none };
  }

  #choose(tuple: bigint): string | undefined {
    const [a, b] = this.buckets(tuple);
    const inA = this.#used.get(a) ?? 0;
    const inB = this.#used.get(b) ?? 0;
    if (inA < 4 || inB < 4) return inB < inA ? b : a;
    return this.overflown < this.#overflow ? 'overflow' : undefined;
  }

  #count(place: string, by: number): void {
    this.#used.set(place, (this.#used.get(place) ?? 0) + by);
  }
}

/** Sends commands, with pauses, and compares answers and their cycles with the model's. */
function drive(
  sim: Simulation,
  model: Model,
  commands: Iterable<Command>,
  { pause, random }: { pause: number; random: Random },
) {
  const { ports } = sim;
  const expected: { command: Command; answer: Answer; cycle: number }[] = [];
  const stats = { full: 0, overflow: 0, mostOverflown: 0, longestWait: 0, commands: 0 };
  function* send(): Task {
    for (const command of commands) {
      ports.s_insert = command.operation === 'insert' ? 1 : 0;
      ports.s_remove = command.operation === 'remove' ? 1 : 0;
      ports.s_tuple = command.tuple;
      ports.s_session = command.session;
      ports.s_valid = 1;
      const start = sim.cycle;
      for (yield SETTLED; ports.s_ready === 0; yield SETTLED) yield;
      stats.longestWait = Math.max(stats.longestWait, sim.cycle - start);
      stats.commands++;
      const answer = model.do(command);
      if (answer.full) stats.full++;
      if (answer.overflow) stats.overflow++;
      stats.mostOverflown = Math.max(stats.mostOverflown, model.overflown);
      expected.push({ command, answer, cycle: sim.cycle + LATENCY });
      yield;
      ports.s_valid = 0;
      if (random.chance(pause)) for (let n = random.int(1, 12); n > 0; n--) yield;
    }
  }
  const sending = sim.fork(send());
  sim.run(
    function* () {
      while (sending.isRunning || expected.length > 0) {
        if (ports.m_valid === 1) {
          const next = expected.shift();
          if (next === undefined) throw new Error(`an answer to nothing in cycle ${sim.cycle}`);
          const { command, answer, cycle } = next;
          const got = {
            found: ports.m_found === 1,
            ...(answer.session === undefined ? {} : { session: ports.m_session }),
            full: ports.m_full === 1,
            overflow: ports.m_overflow === 1,
          };
          expect({ command, answer: got, cycle: sim.cycle }).toEqual({ command, answer, cycle });
        }
        yield;
      }
    },
    { max: 10_000_000 },
  );
  expect(ports.in_use).toBe(model.sessions.size);
  return stats;
}

async function open(sessionsLog2: number, overflow: number) {
  const sim = await simulate(FILE, {
    parameters: { SESSIONS_LOG2: sessionsLog2, OVERFLOW: overflow },
  });
  const key = sim.random.bytes(16);
  sim.ports.key = littleEndian(key);
  sim.reset();
  expect(sim.ports.ready).toBe(0);
  expect(sim.until('ready', { max: 2 ** sessionsLog2 })).toBe(2 ** sessionsLog2);
  return { sim, model: new Model(key, sessionsLog2, overflow) };
}

/** Commands on few tuples, so that each is met in every state; wrong sessions among removals. */
function* mixed(model: Model, random: Random, tuples: readonly bigint[], count: number) {
  for (let i = 0; i < count; i++) {
    const tuple = random.pick(tuples);
    // What the model knows when the command is sent
    const session = model.sessions.get(tuple) ?? 0;
    // Mostly filling, then mostly emptying
    const fill = Math.floor(i / 300) % 2 === 0 ? 0.6 : 0.2;
    const operation: Operation = random.chance(0.3)
      ? 'find'
      : random.chance(fill)
        ? 'insert'
        : 'remove';
    yield { operation, tuple, session: random.chance(0.1) ? session ^ 1 : session };
  }
}

describe.for([
  { log2: 4, overflow: 1, pause: 0 },
  { log2: 4, overflow: 1, pause: 0.5 },
  { log2: 5, overflow: 3, pause: 0.1 },
])('2^$log2 sessions, $overflow overflow places, pauses $pause', ({ log2, overflow, pause }) => {
  test('random commands on few tuples are answered as by the model, in order, on time', async () => {
    const { sim, model } = await open(log2, overflow);
    const random = sim.random.fork('commands');
    const tuples = Array.from({ length: 2.5 * 2 ** log2 }, () => random.bigint(64));
    const commands = mixed(model, random, tuples, 3000);
    const { full, longestWait } = drive(sim, model, commands, { pause, random });
    expect(full).toBeGreaterThan(0);
    expect(longestWait).toBe(APART - 1);
  });
});

test('a find right behind an insertion or a removal of the same tuple sees it', async () => {
  const { sim, model } = await open(4, 1);
  const random = sim.random.fork('commands');
  const tuple = random.bigint(64);
  function* commands(): Generator<Command> {
    for (let i = 0; i < 40; i++) {
      const session = () => model.sessions.get(tuple) ?? 0;
      yield { operation: 'insert', tuple, session: 0 };
      yield { operation: 'find', tuple, session: 0 };
      yield { operation: 'insert', tuple, session: 0 };
      yield { operation: 'remove', tuple, session: session() };
      yield { operation: 'find', tuple, session: 0 };
      yield { operation: 'remove', tuple, session: 0 };
    }
  }
  const start = sim.cycle;
  const { commands: count } = drive(sim, model, commands(), { pause: 0, random });
  expect(sim.cycle - start).toBeLessThanOrEqual(APART * count + LATENCY + 3);
});

test('tuples that share both buckets fill them, then the overflow places, then are refused', async () => {
  const { sim, model } = await open(5, 3);
  const random = sim.random.fork('commands');
  const first = random.bigint(64);
  const wanted = model.buckets(first).join();
  const tuples = [first];
  while (tuples.length < 26) {
    const tuple = random.bigint(64);
    if (model.buckets(tuple).join() === wanted) tuples.push(tuple);
  }
  const inserts = tuples
    .slice(0, 13)
    .map((tuple) => ({ operation: 'insert' as const, tuple, session: 0 }));
  const { overflow, mostOverflown } = drive(sim, model, inserts, { pause: 0, random });
  expect({ overflow, mostOverflown }).toEqual({ overflow: 2, mostOverflown: 3 });
  const churn = mixed(model, random, tuples, 2000);
  expect(drive(sim, model, churn, { pause: 0, random }).overflow).toBeGreaterThan(0);
});

test('entries go to the emptier bucket, the first one in doubt: crowded buckets overflow as in the model', async () => {
  const { sim, model } = await open(5, 3);
  const random = sim.random.fork('commands');
  const tuples: bigint[] = [];
  while (tuples.length < 40) {
    const tuple = random.bigint(64);
    const [a, b] = model.buckets(tuple);
    if ((a === 'a0' || a === 'a1') && (b === 'b0' || b === 'b1')) tuples.push(tuple);
  }
  const churn = mixed(model, random, tuples, 4000);
  const { overflow, full } = drive(sim, model, churn, { pause: 0, random });
  expect(overflow).toBeGreaterThan(100);
  expect(full).toBe(0);
});

test('16,384 sessions: all are given, each once; then churn; then all come back', async () => {
  const { sim, model } = await open(14, 16);
  const random = sim.random.fork('commands');
  const total = 2 ** 14;
  const tuples: bigint[] = [];
  // Sequential ports of few hosts, as a client would have
  for (let i = 0; i < total; i++) {
    tuples.push((BigInt(0x0a4d0000 + (i >> 10)) << 32n) | (BigInt(1024 + (i & 1023)) << 16n) | 80n);
  }
  const run = (commands: Command[]) => drive(sim, model, commands, { pause: 0, random });
  const filling = run(tuples.map((tuple) => ({ operation: 'insert', tuple, session: 0 })));
  expect(filling.overflow).toBeLessThanOrEqual(2);
  expect(new Set(model.sessions.values()).size).toBe(total - filling.overflow);

  const more = random.bigint(64);
  if (filling.overflow === 0) {
    expect(run([{ operation: 'insert', tuple: more, session: 0 }]).full).toBe(1);
  }
  function* churn(): Generator<Command> {
    for (let i = 0; i < 4000; i++) {
      const at = random.int(tuples.length);
      const tuple = tuples[at]!;
      yield { operation: 'remove', tuple, session: model.sessions.get(tuple) ?? 0 };
      tuples[at] = random.bigint(64);
      yield { operation: 'insert', tuple: tuples[at]!, session: 0 };
      yield { operation: 'find', tuple: random.pick(tuples), session: 0 };
    }
  }
  drive(sim, model, churn(), { pause: 0, random });
  const left = [...model.sessions].map(([tuple, session]) => ({ tuple, session }));
  run(left.map(({ tuple, session }) => ({ operation: 'remove', tuple, session })));
  expect(sim.ports.in_use).toBe(0);
});

test('reset in the middle clears the tables', async () => {
  const { sim, model } = await open(4, 1);
  const random = sim.random.fork('commands');
  const tuples = Array.from({ length: 16 }, () => random.bigint(64));
  const inserts = tuples.map((tuple) => ({ operation: 'insert' as const, tuple, session: 0 }));
  drive(sim, model, inserts, { pause: 0, random });
  // A command under way is forgotten
  Object.assign(sim.ports, { s_valid: 1, s_insert: 1, s_remove: 0, s_tuple: random.bigint(64) });
  sim.cycles(6);
  sim.ports.s_valid = 0;
  sim.reset();
  sim.until('ready', { max: 16 });
  expect(sim.ports.in_use).toBe(0);
  const key = new Uint8Array(16).map((_, i) => Number((sim.ports.key >> BigInt(8 * i)) & 0xffn));
  const empty = new Model(key, 4, 1);
  const finds = tuples.map((tuple) => ({ operation: 'find' as const, tuple, session: 0 }));
  drive(sim, empty, [...finds, ...inserts], { pause: 0, random });
});

test('error: sizes that make no sense stop the build', async () => {
  await expect(simulate(FILE, { parameters: { SESSIONS_LOG2: 3 } })).rejects.toThrow(
    /SESSIONS_LOG2=3 is not from 4 to 16/,
  );
  await expect(simulate(FILE, { parameters: { OVERFLOW: 0 } })).rejects.toThrow(
    /OVERFLOW=0 is not from 1 to 64/,
  );
});
