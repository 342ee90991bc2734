// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  delay,
  forAll,
  ReadyValidSource,
  type Simulation,
  simulate,
  type Task,
  waitFor,
} from '../../../src/testbench/index.ts'; // installed: 'hpb-accel/testbench'

const FILE = 'docs/testbench/uart/uart.sv';
const CYCLES = 16;

/** A byte on the line, as a far end sends it whose clock is not quite ours. */
interface Sent {
  readonly byte: number;
  /** Cycles of one of its bits. */
  readonly cyclesPerBit: number;
  /** Cycles of idle line before it. */
  readonly gap: number;
}

/** Puts a byte on the line, edges rounded to whole cycles. */
function* sendByte(dut: { rxd: number }, { byte, cyclesPerBit, gap }: Sent): Task {
  yield* delay(gap);
  const bits = [0, ...Array.from({ length: 8 }, (_, i) => (byte >> i) & 1), 1];
  for (const [i, bit] of bits.entries()) {
    dut.rxd = bit;
    yield* delay(Math.round((i + 1) * cyclesPerBit) - Math.round(i * cyclesPerBit));
  }
}

/** Collects the bytes that the module says it has received, until the test ends. */
function* receiveBytes(sim: Simulation, received: (number | 'broken')[]): Task {
  for (;;) {
    if (sim.ports.rx_valid) received.push(sim.ports.rx_data);
    if (sim.ports.rx_broken) received.push('broken');
    yield;
  }
}

/** Reads the line as a receiver does, bit by bit in its middle. */
function* readLine(dut: { txd: number }): Task<number> {
  yield* waitFor(() => dut.txd === 0, { max: 1000, what: 'a start bit' });
  yield* delay(CYCLES / 2);
  let byte = 0;
  for (let i = 0; i < 8; i++) {
    yield* delay(CYCLES);
    byte |= dut.txd << i;
  }
  yield* delay(CYCLES);
  expect(dut.txd).toBe(1);
  return byte;
}

async function openUart(file = FILE): Promise<Simulation> {
  const sim = await simulate(file, { parameters: { CYCLES } });
  sim.ports.rxd = 1;
  sim.reset();
  return sim as Simulation;
}

test('sends each byte, bit 0 first', async () => {
  const sim = await openUart();
  const source = new ReadyValidSource(sim, 'tx', { pause: 0.1 });
  const bytes = sim.random.bytes(50);
  for (const data of bytes) source.enqueue({ data });
  sim.run(function* () {
    for (const byte of bytes) expect(yield* readLine(sim.ports as { txd: number })).toBe(byte);
  });
});

/** Bytes with gaps from a far end whose clock is off by up to 3 %. */
const lines = fc.array(
  fc.record({
    byte: fc.integer({ min: 0, max: 255 }),
    cyclesPerBit: fc.double({ min: 0.97 * CYCLES, max: 1.03 * CYCLES, noNaN: true }),
    gap: fc.integer({ min: 2, max: 3 * CYCLES }),
  }),
  { minLength: 1, maxLength: 8 },
);

/** Sends what a case says to a UART of its own, and compares. */
async function receives(file: string, line: readonly Sent[]): Promise<void> {
  using sim = await openUart(file);
  const received: (number | 'broken')[] = [];
  sim.fork(receiveBytes(sim, received));
  sim.run(function* () {
    for (const sent of line) yield* sendByte(sim.ports as { rxd: number }, sent);
    yield* delay(2 * CYCLES);
  });
  expect(received).toEqual(line.map(({ byte }) => byte));
}

test('receives from a far end whose clock is off by 3 %', () =>
  forAll(lines, (line) => receives(FILE, line), { runs: 60 }));

test('says so when the stop bit is low, and ignores a line that is low for a moment', async () => {
  const sim = await openUart();
  const received: (number | 'broken')[] = [];
  sim.fork(receiveBytes(sim, received));
  sim.ports.rxd = 0;
  sim.cycles(CYCLES / 2 - 3);
  sim.ports.rxd = 1;
  sim.cycles(12 * CYCLES);
  expect(received).toEqual([]);
  sim.ports.rxd = 0;
  sim.cycles(10 * CYCLES - 2);
  sim.ports.rxd = 1;
  sim.cycles(12 * CYCLES);
  expect(received).toEqual(['broken']);
});

describe('a UART with a bug is noticed', () => {
  test.for([
    // Bits looked at too late, where a quick far end has gone on already
    ['late', "COUNT_W'(CYCLES / 2 - 1)", "COUNT_W'(CYCLES - 2)"],
    ['backwards', '{line, rx_shift_q[7:1]}', '{rx_shift_q[6:0], line}'],
    ['drifts', 'rx_count_q <= WHOLE', "rx_count_q <= WHOLE - 1'b1"],
  ] as const)('%s', async ([name, right, wrong]) => {
    const file = `build/examples/${name}/uart.sv`;
    const text = readFileSync(FILE, 'utf8');
    expect(text).toContain(right);
    mkdirSync(`build/examples/${name}`, { recursive: true });
    writeFileSync(file, text.replace(right, wrong));
    await expect(forAll(lines, (line) => receives(file, line), { runs: 60 })).rejects.toThrow(
      /the smallest after \d+ steps:\n {2}\[\{ byte: \d+, cyclesPerBit: /,
    );
  });
});
