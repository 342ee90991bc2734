import { afterEach, expect, test } from 'vitest';
import { type Simulation, simulate } from '../../src/testbench/index.ts';

const FILE = 'tests/testbench/hdl/echo.sv';

let sim: Simulation;
afterEach(() => sim?.close());

test('values of every width come back, signed ones signed', async () => {
  sim = await simulate(FILE);
  const dut = sim.ports;
  for (let round = 0; round < 200; round++) {
    const random = sim.random;
    const values = {
      1: random.int(0, 1),
      8: random.int(0, 255),
      s8: random.int(-128, 127),
      16: random.int(0, 65535),
      32: random.uint32(),
      s32: random.uint32() | 0,
      48: random.runs(48),
      64: random.runs(64),
      256: random.runs(256),
      100: random.runs(100),
      packed: random.int(0, 2 ** 20 - 1),
      data: random.uint32(),
    };
    for (const [name, value] of Object.entries(values)) dut[`i${name}`] = value;
    sim.cycles(1);
    for (const [name, value] of Object.entries(values)) {
      expect(dut[`o${name}`], `o${name}`).toBe(value);
    }
  }
});

test('a parameter changes a port from number to bigint', async () => {
  sim = await simulate(FILE, { parameters: { DATA_W: 65 } });
  sim.ports.idata = 2n ** 65n - 1n;
  sim.cycles(1);
  expect(sim.ports.odata).toBe(2n ** 65n - 1n);
});

test('bytes and limbs are the port itself', async () => {
  sim = await simulate(FILE);
  const random = sim.random.bytes(32);
  sim.bytes('i256').set(random);
  sim.limbs('i64').set([0x11223344, 0x55667788]);
  sim.cycles(1);
  expect(sim.bytes('o256')).toEqual(random);
  expect(sim.ports.o64).toBe(0x5566778811223344n);
  expect(sim.bytes('o100')).toHaveLength(13);
});

test('settle shows combinational outputs before the edge', async () => {
  sim = await simulate(FILE);
  sim.ports.i8 = 255;
  const before = sim.cycle;
  sim.settle();
  expect(sim.ports.sum).toBe(256);
  expect(sim.cycle).toBe(before);
});

test('until stops at the cycle in which a port has the value', async () => {
  sim = await simulate(FILE);
  sim.reset();
  expect(sim.until('count', { value: 100 })).toBe(100);
  expect(sim.until(() => sim.ports.count === 150)).toBe(50);
  expect(sim.until('count', { value: 150 })).toBe(0);
  expect(() => sim.until('count', { value: 0, max: 20 })).toThrow(/count = 0 did not come in 20/);
  expect(sim.ports.count).toBe(170);
});

test('instances of one module are independent', async () => {
  sim = await simulate(FILE);
  const other = await simulate(FILE);
  sim.reset();
  other.reset();
  sim.cycles(5);
  other.cycles(3);
  expect([sim.ports.count, other.ports.count]).toEqual([5, 3]);
  other.close();
  sim.cycles(1);
  expect(sim.ports.count).toBe(6);
});

test('the same seed gives the same start, another seed another', async () => {
  const starts: bigint[] = [];
  for (const seed of [7, 7, 8]) {
    sim = await simulate(FILE, { seed });
    starts.push(sim.ports.o256);
    sim.close();
  }
  expect(starts[0]).toBe(starts[1]);
  expect(starts[0]).not.toBe(starts[2]);
});

test('error: values out of range, outputs, unknown ports and closed models are refused', async () => {
  sim = await simulate(FILE);
  const dut = sim.ports;
  expect(() => (dut.i8 = 256)).toThrow('port i8: expected 8 unsigned bits, got 256');
  expect(() => (dut.i8 = -1)).toThrow(/unsigned/);
  expect(() => (dut.is8 = 128)).toThrow(/signed/);
  expect(() => (dut.i256 = 2n ** 256n)).toThrow(/256/);
  expect(() => (dut.o8 = 1)).toThrow(/output/);
  expect(() => sim.bytes('nothing')).toThrow(/has no port nothing; it has clk, rst/);
  sim.close();
  expect(() => sim.cycles(1)).toThrow(/closed/);
});
