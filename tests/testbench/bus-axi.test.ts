// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import {
  AXI_RULES,
  type AxiLimits,
  AxiManager,
  AxiMonitor,
  type AxiPauses,
  AxiSubordinate,
  type AxiTransaction,
  type BurstRequest,
  BusMemory,
  type MemoryTiming,
  SETTLED,
  type Simulation,
  simulate,
  type Task,
} from '../../src/testbench/index.ts';
import { firstViolation } from './helpers/violations.ts';

const FILE = 'tests/testbench/hdl/axi_faulty.sv';
const BASE = 0x8000_0000n;
const BYTES = 1 << 14;

interface Bench {
  readonly sim: Simulation;
  readonly manager: AxiManager;
  readonly subordinate: AxiSubordinate;
  readonly memory: BusMemory;
  readonly seen: AxiTransaction[];
}

interface BenchOptions {
  readonly pause?: AxiPauses;
  readonly timing?: MemoryTiming;
  readonly limits?: AxiLimits;
  readonly reorder?: boolean;
}

/** A manager and a subordinate with the module between them, watched on both sides. */
function connect(sim: Simulation, options: BenchOptions = {}): Bench {
  const { pause = 0.3, timing = { pause: 0.3, latency: [1, 30] }, limits = {} } = options;
  const { reorder = true } = options;
  const seen: AxiTransaction[] = [];
  const onTransaction = (transaction: AxiTransaction) => seen.push(transaction);
  new AxiMonitor(sim, 's_axi', { onTransaction, maxWait: 400 });
  new AxiMonitor(sim, 'm_axi', { maxWait: 400, limits });
  const memory = new BusMemory({ base: BASE, size: BYTES });
  const manager = new AxiManager(sim, 's_axi', { pause });
  const subordinate = new AxiSubordinate(sim, 'm_axi', { space: memory, timing, reorder });
  sim.reset(3);
  return { sim, manager, subordinate, memory, seen };
}

/** Bursts of every type and size by one task for each id, in pages of their own, against an array. */
function exercise({ sim, manager, memory }: Bench, rounds = 20): void {
  const expected = memory.bytes.slice();
  const { random } = sim;
  function* client(id: number): Task {
    const page = id * 4096;
    for (let round = 0; round < rounds; round++) {
      const at = page + random.int(0, 3000);
      const data = random.bytes(random.int(1, 300));
      yield* manager.write(BASE + BigInt(at), data, { id });
      expected.set(data, at);
      const [from, length] = [page + random.int(0, 3000), random.int(1, 300)];
      expect(yield* manager.read(BASE + BigInt(from), length, { id })).toEqual(
        expected.slice(from, from + length),
      );
      const size = random.pick([1, 2, 4]);
      // WRAP: written from the middle, the bytes before it come last
      const beats = random.pick([2, 4, 8, 16]);
      const block = page + random.int(0, 31) * beats * size;
      const turn = random.int(0, beats - 1) * size;
      const wrapped = random.bytes(beats * size);
      const type = 'WRAP';
      yield* manager.writeBurst({
        addr: BASE + BigInt(block + turn),
        data: wrapped,
        beats,
        size,
        type,
        id,
      });
      for (const [i, byte] of wrapped.entries()) {
        expected[block + ((turn + i) % wrapped.length)] = byte;
      }
      // FIXED: the last beat stays
      const fixed = random.bytes(4 * size);
      const addr = BASE + BigInt(block);
      yield* manager.writeBurst({ addr, data: fixed, beats: 4, size, type: 'FIXED', id });
      expected.set(fixed.subarray(3 * size), block);
      const again = yield* manager.readBurst({ addr, beats: 3, size, type: 'FIXED', id });
      const last = [...fixed.subarray(3 * size)];
      expect([...again.data]).toEqual([...last, ...last, ...last]);
    }
  }
  sim.run(
    function* () {
      const forks = [0, 1, 2, 3].map((id) => sim.fork(client(id)));
      while (forks.some((fork) => fork.isRunning)) yield;
    },
    { max: 100_000 },
  );
  expect(memory.bytes).toEqual(expected);
}

describe('a bus that keeps the rules', () => {
  test.for([
    [0, 0],
    [0.5, 0],
    [0, 0.5],
    [0.6, 0.6],
  ])('passes all kinds of bursts, with pauses of %f and %f', async ([pause, memoryPause]) => {
    const timing = { pause: memoryPause ?? 0, latency: [0, 40] } as const;
    const bench = connect(await simulate(FILE), { pause: pause ?? 0, timing });
    exercise(bench);
    expect(bench.seen.length).toBeGreaterThanOrEqual(400);
    expect(bench.manager.outstanding + bench.subordinate.outstanding).toBe(0);
  });

  test('answers of different ids overtake each other, those of one id never', async () => {
    for (const reorder of [true, false]) {
      const bench = connect(await simulate(FILE), {
        pause: 0,
        timing: { pause: 0, latency: [1, 60] },
        reorder,
      });
      const { manager, sim } = bench;
      const ends: number[][] = [[], [], [], []];
      function* read(id: number): Task {
        const { cycle } = yield* manager.readBurst({ addr: BASE, beats: 2, id });
        ends[id]?.push(cycle);
      }
      sim.run(function* () {
        const forks = Array.from({ length: 40 }, (_, i) => sim.fork(read(i % 4)));
        while (forks.some((fork) => fork.isRunning)) yield;
      });
      const all = Array.from({ length: 40 }, (_, i) => ends[i % 4]?.[i >> 2] ?? 0);
      const isInOrder = all.every((cycle, i) => i === 0 || cycle > (all[i - 1] ?? 0));
      expect(isInOrder).toBe(!reorder);
      for (const each of ends) expect(each).toEqual(each.toSorted((a, b) => a - b));
    }
  });

  test('tells every burst with its data', async () => {
    const { manager, memory, seen, sim } = connect(await simulate(FILE));
    memory.bytes.set([1, 2, 3, 4, 5, 6, 7, 8]);
    sim.run(function* () {
      yield* manager.readBurst({ addr: BASE + 1n, beats: 2, id: 2 });
      const data = Uint8Array.of(9, 8);
      const strobes = Uint8Array.of(1, 0);
      yield* manager.writeBurst({ addr: BASE + 2n, data, strobes, size: 2, id: 1 });
    });
    expect(seen).toMatchObject([
      {
        kind: 'read',
        id: 2,
        data: Uint8Array.of(2, 3, 4, 5, 6, 7, 8),
        responses: ['OKAY', 'OKAY'],
      },
      { kind: 'write', id: 1, data: Uint8Array.of(9, 8), strobes: Uint8Array.of(1, 0) },
    ]);
    expect([...memory.bytes.subarray(0, 4)]).toEqual([1, 2, 9, 4]);
  });

  test('a write lands only when it is answered', async () => {
    const { manager, memory, sim } = connect(await simulate(FILE), {
      pause: 0,
      timing: { pause: 0, latency: [50, 50] },
    });
    const write = sim.fork(manager.write(BASE, Uint8Array.of(7)));
    sim.cycles(40);
    expect(memory.bytes[0]).toBe(0);
    sim.cycles(30);
    expect(write.isRunning).toBe(false);
    expect(memory.bytes[0]).toBe(7);
  });

  test('refused beats have their responses, and a bus that hangs goes on', async () => {
    const { manager, memory, sim, subordinate } = connect(await simulate(FILE), { pause: 0 });
    memory.refusals = [{ from: BASE + 8n, to: BASE + 9n, on: 'read' }];
    sim.run(function* () {
      const { response, responses } = yield* manager.readBurst({ addr: BASE, beats: 4 });
      expect(response).toBe('SLVERR');
      expect(responses).toEqual(['OKAY', 'OKAY', 'SLVERR', 'OKAY']);
      const data = new Uint8Array(4);
      expect(yield* manager.writeBurst({ addr: 0, data })).toMatchObject({ response: 'DECERR' });
      subordinate.isHanging = true;
      const read = sim.fork(manager.read(BASE, 4));
      for (let i = 0; i < 300; i++) yield;
      expect(read.isRunning).toBe(true);
      subordinate.isHanging = false;
      while (read.isRunning) yield;
    });
    expect(() => sim.run(manager.read(BASE + 8n, 4))).toThrow(
      's_axi: read of 1 beats at 0x80000008: expected OKAY, got SLVERR',
    );
  });
});

test('reset ends the bursts that are under way, on both sides, and all goes on', async () => {
  const bench = connect(await simulate(FILE), { timing: { pause: 0, latency: [50, 50] } });
  const { manager, sim, subordinate } = bench;
  const data = Uint8Array.of(1, 2, 3, 4);
  const ended = Promise.all([
    expect(sim.start(manager.read(BASE, 64))).rejects.toThrow(
      /reset ended the burst at 0x80000000/,
    ),
    expect(sim.start(manager.write(BASE, data))).rejects.toThrow(/reset ended the burst/),
  ]);
  sim.fork(
    (function* () {
      for (let i = 0; i < 20; i++) yield;
      expect(subordinate.outstanding).toBe(2);
      sim.ports.rst = 1;
    })(),
  );
  await ended;
  // Answered late enough, whatever the seed
  const again = connect(await simulate(FILE), { timing: { pause: 0.3, latency: [20, 30] } });
  again.sim.fork(again.manager.write(BASE, data));
  again.sim.cycles(6);
  again.sim.ports.rst = 1;
  expect(() => again.sim.cycles(3)).toThrow(/reset ended the burst/);
  expect(again.manager.outstanding + again.subordinate.outstanding).toBe(0);
});

const BROKEN = [
  [1, 'VALID_HELD', 'm_axi_awvalid'],
  [2, 'PAYLOAD_STABLE', 'm_axi_wdata'],
  [3, 'RESET_VALID_LOW', 'm_axi_arvalid'],
  [4, 'READY_WITHIN', 's_axi_awready'],
  [5, 'BURST_TYPE', 'm_axi_arburst'],
  [6, 'BURST_SIZE', 'm_axi_arsize'],
  [7, 'BURST_4K', 'm_axi_awaddr'],
  [8, 'WRAP_LENGTH', 'm_axi_arlen'],
  [9, 'WRAP_ALIGNED', 'm_axi_araddr'],
  [10, 'FIXED_LENGTH', 'm_axi_arlen'],
  [11, 'CACHE', 'm_axi_awcache'],
  [12, 'EXCLUSIVE', 'm_axi_araddr'],
  [13, 'WLAST', 'm_axi_wlast'],
  [14, 'WSTRB_LANES', 'm_axi_wstrb'],
  [15, 'B_AFTER_WRITE', 's_axi_bid'],
  [16, 'R_AFTER_READ', 's_axi_rid'],
  [17, 'RLAST', 's_axi_rlast'],
  [18, 'EXOKAY', 's_axi_rresp'],
  [19, 'ANSWER_WITHIN', 's_axi_bvalid'],
] as const;

const LIMITED = [
  [{ maxBeats: 4 }, 'LIMIT_BEATS', 'm_axi_awlen'],
  [{ types: ['FIXED', 'WRAP'] }, 'LIMIT_TYPE', 'm_axi_awburst'],
  [{ fullBeats: true }, 'LIMIT_FULL_BEATS', 'm_axi_awsize'],
  [{ fullStrobes: true }, 'LIMIT_STROBES', 'm_axi_wstrb'],
  [{ outstanding: 2 }, 'LIMIT_OUTSTANDING', 'm_axi_awvalid'],
  [{ earlyBeats: 1 }, 'LIMIT_EARLY_DATA', 'm_axi_wvalid'],
] as const satisfies [AxiLimits, string, string][];

/** A write of more than a beat, then reads that show each bug of the read channels. */
function provoke({ sim, manager }: Bench): void {
  const request: BurstRequest = { addr: BASE + 0x10n, size: 2, beats: 4 };
  sim.run(
    function* () {
      for (let i = 0; i < 12; i++) {
        yield* manager.writeBurst({ ...request, data: sim.random.bytes(8), id: 2 });
        for (const type of ['WRAP', 'FIXED', 'INCR'] as const) {
          yield* manager.readBurst({ ...request, type, id: 2 });
        }
      }
    },
    { max: 10_000 },
  );
}

describe('a bus that breaks a rule is told with cycle and signal', () => {
  test.for(BROKEN)('bug %i breaks %s on %s', async ([bug, rule, signal]) => {
    const sim = await simulate(FILE);
    sim.ports.bug = bug;
    const violation = firstViolation(() => provoke(connect(sim)));
    expect(violation).toMatchObject({ rule, signal, cycle: sim.cycle });
    expect(violation.bus).toBe(signal.slice(0, 5));
  });

  test.for(LIMITED)('%o is held, or %s is told', async ([limits, rule, signal]) => {
    const sim = await simulate(FILE);
    // Addresses late: the first data comes before them
    const pause = rule === 'LIMIT_EARLY_DATA' ? { aw: () => sim.cycle < 60 } : 0;
    const bench = connect(sim, { pause, limits, timing: { pause: 0.5, latency: [40, 40] } });
    const { manager } = bench;
    const data = new Uint8Array(20);
    const bursts: Record<string, BurstRequest> = {
      LIMIT_FULL_BEATS: { addr: BASE, size: 2 },
      LIMIT_STROBES: { addr: BASE },
    };
    const request = { addr: BASE, data, strobes: data.map((_, i) => (i === 9 ? 0 : 1)) };
    const violation = firstViolation(() => {
      sim.run(function* () {
        const forks = [0, 1, 2].map((id) =>
          sim.fork(manager.writeBurst({ ...request, ...bursts[rule], id })),
        );
        while (forks.some((fork) => fork.isRunning)) yield;
      });
    });
    expect(violation).toMatchObject({ rule, signal, cycle: sim.cycle });
  });

  test('every rule has a module, or a burst, that breaks it', () => {
    const rules = [...BROKEN, ...LIMITED].map(([, rule]) => rule);
    expect(new Set<string>(rules)).toEqual(new Set(Object.keys(AXI_RULES)));
  });

  test.for([
    [20, 'B_AFTER_WRITE', 's_axi_w'],
    [21, 'R_AFTER_READ', 's_axi_ar'],
  ] as const)(
    'bug %i: an answer in the cycle that takes what it answers breaks %s',
    async ([bug, rule, channel]) => {
      const sim = await simulate(FILE);
      sim.ports.bug = bug;
      const bench = connect(sim, { pause: 0, timing: { pause: 0, latency: [9, 9] } });
      const violation = firstViolation(() =>
        sim.run(function* () {
          const forks = [
            sim.fork(bench.manager.write(BASE, Uint8Array.of(1))),
            sim.fork(bench.manager.read(BASE, 1)),
          ];
          for (;;) {
            yield SETTLED;
            // The monitors have looked: they were attached before
            expect(sim.ports[`${channel}valid`] && sim.ports[`${channel}ready`]).toBe(0);
            yield;
            if (!forks.some((fork) => fork.isRunning)) return;
          }
        }),
      );
      expect(violation).toMatchObject({ rule });
    },
  );

  test('on violations: all are collected instead', async () => {
    const sim = await simulate(FILE);
    sim.ports.bug = 18;
    const rules: string[] = [];
    new AxiMonitor(sim, 's_axi', { onViolation: ({ rule }) => rules.push(rule) });
    const manager = new AxiManager(sim, 's_axi');
    new AxiSubordinate(sim, 'm_axi', { space: new BusMemory({ size: 64 }) });
    sim.reset();
    const { responses } = sim.run(manager.readBurst({ addr: 0, beats: 3 }));
    expect(responses).toEqual(['EXOKAY', 'EXOKAY', 'EXOKAY']);
    expect(rules).toEqual(['EXOKAY', 'EXOKAY', 'EXOKAY']);
  });
});

test('a subordinate of its own arithmetic agrees, and each of its bugs is found', async () => {
  const file = 'tests/testbench/hdl/axi_ram.sv';
  const run = async (bug: number): Promise<void> => {
    const sim = await simulate(file);
    sim.ports.bug = bug;
    new AxiMonitor(sim, 's_axi');
    const manager = new AxiManager(sim, 's_axi', { pause: 0.3 });
    sim.reset();
    const image = new BusMemory({ size: BYTES });
    sim.run(manager.write(0, image.bytes));
    exerciseRam(sim, manager, image);
  };
  await run(0);
  for (const bug of [1, 2, 3, 4]) await expect(run(bug), `bug ${bug}`).rejects.toThrow(/expected/);
  expect(
    await run(5).then(
      () => undefined,
      (error) => error.violation,
    ),
  ).toMatchObject({
    rule: 'B_AFTER_WRITE',
    signal: 's_axi_bid',
  });
});

/** Random bursts of one manager against an image that is written through {@link wrapOrder}. */
function exerciseRam(sim: Simulation, manager: AxiManager, image: BusMemory): void {
  const { random } = sim;
  sim.run(
    function* () {
      for (let round = 0; round < 60; round++) {
        const size = random.pick([1, 2, 4]);
        const type = random.pick(['FIXED', 'INCR', 'WRAP'] as const);
        const beats = type === 'WRAP' ? random.pick([2, 4, 8, 16]) : random.int(1, 16);
        const page = random.int(0, 3) * 4096;
        const offset = random.int(0, 900);
        const addr = page + (type === 'WRAP' ? offset - (offset % size) : offset);
        const order = bytesInOrder(addr, beats, size, type);
        const data = random.bytes(order.length);
        const strobes = data.map(() => random.int(0, 1));
        const id = random.int(0, 15);
        yield* manager.writeBurst({ addr, beats, size, type, data, strobes, id });
        for (const [i, at] of order.entries()) if (strobes[i]) image.bytes[at] = data[i] ?? 0;
        const other = random.int(0, 15);
        const answer = yield* manager.readBurst({ addr, beats, size, type, id: other });
        expect([...answer.data]).toEqual(order.map((at) => image.bytes[at]));
      }
    },
    { max: 100_000 },
  );
}

/** The addresses of a burst's bytes, one by one, as the standard tells it in words. */
function bytesInOrder(addr: number, beats: number, size: number, type: string): number[] {
  const order: number[] = [];
  const block = beats * size;
  const low = Math.floor(addr / block) * block;
  let at = addr;
  for (let beat = 0; beat < beats; beat++) {
    const end = (Math.floor(at / size) + 1) * size;
    for (let byte = at; byte < end; byte++) order.push(byte);
    if (type === 'INCR') at = end;
    if (type === 'WRAP') at = end === low + block ? low : end;
  }
  return order;
}

describe('error: bursts that the standard forbids are refused', () => {
  test.for([
    [{ addr: 0xff0, beats: 5 }, /BURST_4K/],
    [{ addr: 0, beats: 3, type: 'WRAP' }, /WRAP_LENGTH/],
    [{ addr: 1, beats: 4, type: 'WRAP' }, /WRAP_ALIGNED/],
    [{ addr: 0, beats: 17, type: 'FIXED' }, /FIXED_LENGTH/],
    [{ addr: 0, size: 8 }, /BURST_SIZE/],
    [{ addr: 0, size: 3 }, /1, 2, 4 .. 128 bytes, got 1 of 3/],
    [{ addr: 0, beats: 257 }, /expected 1 to 256 beats/],
    [{ addr: 0, beats: 0 }, /expected 1 to 256 beats/],
    [{ addr: 2n ** 32n }, /s_axi_araddr: expected 32 unsigned bits/],
    [{ addr: 0, id: 4 }, /s_axi_arid: expected 2 unsigned bits, got 4/],
  ] as [BurstRequest, RegExp][])('%o', async ([request, message]) => {
    const { manager, sim } = connect(await simulate(FILE));
    expect(() => sim.run(manager.readBurst(request))).toThrow(message);
  });

  test('data that is not what the beats take', async () => {
    const { manager, sim } = connect(await simulate(FILE));
    const data = new Uint8Array(7);
    expect(() => sim.run(manager.writeBurst({ addr: BASE, beats: 2, data }))).toThrow(
      /expected 8 bytes for 2 beats, got 7/,
    );
  });

  test('unless told to send them', async () => {
    const { manager, sim } = connect(await simulate(FILE));
    const request = { addr: BASE + 0xff0n, beats: 5, unchecked: true };
    const violation = firstViolation(() => sim.run(manager.readBurst(request)));
    expect(violation).toMatchObject({ rule: 'BURST_4K', signal: 's_axi_araddr' });
  });
});
