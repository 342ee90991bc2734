// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import {
  AXI_LITE_RULES,
  type AxiLiteAccess,
  AxiLiteManager,
  AxiLiteMonitor,
  AxiLiteSubordinate,
  BusMemory,
  type Simulation,
  simulate,
  type Task,
} from '../../src/testbench/index.ts';
import { firstViolation } from './helpers/violations.ts';

const FILE = 'tests/testbench/hdl/axil_faulty.sv';
const BASE = 0x400n;

interface Bench {
  readonly sim: Simulation;
  readonly manager: AxiLiteManager;
  readonly memory: BusMemory;
  readonly seen: AxiLiteAccess[];
}

/** A manager and a subordinate with the module between them, watched on both sides. */
function connect(sim: Simulation, pause = 0.4): Bench {
  const seen: AxiLiteAccess[] = [];
  new AxiLiteMonitor(sim, 's_axil', { maxWait: 200, onAccess: (access) => seen.push(access) });
  new AxiLiteMonitor(sim, 'm_axil', { maxWait: 200 });
  const memory = new BusMemory({ base: BASE, size: 256 });
  const manager = new AxiLiteManager(sim, 's_axil', { pause });
  new AxiLiteSubordinate(sim, 'm_axil', { space: memory, pause });
  sim.reset(3);
  return { sim, manager, memory, seen };
}

/** Random reads and writes, some at once, against an array. */
function exercise(bench: Bench, rounds = 60): void {
  const { manager, sim } = bench;
  const { random } = sim;
  const expected = new Uint8Array(256);
  function* one(word: number): Task {
    const addr = BASE + BigInt(word * 4);
    const strobes = random.int(0, 15);
    const data = random.uint32();
    yield* manager.tryWrite(addr, data, strobes);
    for (let i = 0; i < 4; i++) if ((strobes >> i) & 1) expected[word * 4 + i] = data >>> (8 * i);
    const view = new DataView(expected.buffer);
    expect(yield* manager.read(addr)).toBe(view.getUint32(word * 4, true));
  }
  sim.run(
    function* () {
      for (let round = 0; round < rounds; round++) {
        const first = random.int(0, 31);
        const forks = [sim.fork(one(first)), sim.fork(one(first + 32))];
        while (forks.some((fork) => fork.isRunning)) yield;
      }
    },
    { max: 20_000 },
  );
  expect(bench.memory.bytes).toEqual(expected);
}

for (const pause of [0, 0.6]) {
  test(`reads and writes go through, with pauses of ${pause}`, async () => {
    const bench = connect(await simulate(FILE), pause);
    exercise(bench);
    expect(bench.seen).toHaveLength(240);
    expect(bench.seen.filter(({ kind }) => kind === 'read')).toHaveLength(120);
  });
}

const BROKEN = [
  [1, 'VALID_HELD', 'm_axil_awvalid'],
  [2, 'PAYLOAD_STABLE', 'm_axil_wdata'],
  [3, 'RESET_VALID_LOW', 'm_axil_arvalid'],
  [4, 'READY_WITHIN', 's_axil_wready'],
  [5, 'B_AFTER_WRITE', 's_axil_bvalid'],
  [6, 'R_AFTER_READ', 's_axil_rvalid'],
  [7, 'NO_EXOKAY', 's_axil_rresp'],
  [8, 'ANSWER_WITHIN', 's_axil_rvalid'],
] as const;

test.for(BROKEN)('bug %i breaks %s on %s', async ([bug, rule, signal]) => {
  const sim = await simulate(FILE);
  sim.ports.bug = bug;
  const violation = firstViolation(() => exercise(connect(sim)));
  expect(violation).toMatchObject({ rule, signal, cycle: sim.cycle });
});

test('every rule has a module that breaks it', () => {
  expect(new Set(BROKEN.map(([, rule]) => rule))).toEqual(new Set(Object.keys(AXI_LITE_RULES)));
});

test('bug 9, strobes ignored, breaks no rule and is seen in the data', async () => {
  const sim = await simulate(FILE);
  sim.ports.bug = 9;
  expect(() => exercise(connect(sim))).toThrow(/to be|to deeply equal/);
});

test('refused accesses are told, and expected ones throw', async () => {
  const { manager, memory, sim } = connect(await simulate(FILE));
  memory.refusals = [{ from: BASE + 8n, to: BASE + 12n, on: 'write' }];
  sim.run(function* () {
    expect(yield* manager.tryWrite(BASE + 8n, 1)).toMatchObject({ response: 'SLVERR' });
    expect(yield* manager.tryRead(BASE + 8n)).toMatchObject({ response: 'OKAY', data: 0n });
    expect(yield* manager.tryRead(0)).toMatchObject({ response: 'DECERR' });
  });
  expect(() => sim.run(manager.write(BASE + 8n, 1))).toThrow(
    's_axil: write of 0x408: expected OKAY, got SLVERR',
  );
  const again = connect(await simulate(FILE));
  expect(() => again.sim.run(again.manager.read(0x7000))).toThrow(
    's_axil: read of 0x7000: expected OKAY, got DECERR',
  );
});

test('reset ends an access that is under way', async () => {
  const { manager, sim } = connect(await simulate(FILE), 0.9);
  const access = sim.start(manager.read(BASE));
  sim.ports.rst = 1;
  await expect(access).rejects.toThrow(/reset ended the access of 0x400/);
});

test('error: a module without the ports, or with them the other way round', async () => {
  const sim = await simulate(FILE);
  expect(() => new AxiLiteManager(sim, 'axil')).toThrow(/expected ports axil_\{aw,w,b\}valid/);
  expect(() => new AxiLiteManager(sim, 'm_axil')).toThrow(
    /m_axil_awvalid: expected an input of the module, got an output/,
  );
  const reset = { port: 'nreset', active: 0 } as const;
  expect(() => new AxiLiteMonitor(sim, 's_axil', { reset })).toThrow(/no.*|has none/);
});
