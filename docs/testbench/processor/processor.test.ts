// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  AxiLiteMonitor,
  AxiLiteSubordinate,
  BusMemory,
  CoverGroup,
  forAll,
  Scoreboard,
  simulate,
  type Task,
} from '../../../src/testbench/index.ts'; // installed: 'hpb-accel/testbench'
import { type Effect, Machine } from './model.ts';
import { assemble, MEMORY_BYTES, NAMES, type Program, programs } from './programs.ts';

const FILE = 'docs/testbench/processor/rv32.sv';
/** A program that overwrites its own code may never end. */
const MAX_INSTRUCTIONS = 200;

const cover = new CoverGroup<{ name: string; stop: number }>('rv32')
  .point('in a program', ({ name }) => name, NAMES)
  .point('stopped by', ({ stop }) => stop, [1, 2, 3, 4]);

/** Runs a program on the model and on the processor, and compares every instruction. */
async function run(file: string, program: Program): Promise<void> {
  const image = assemble(program);
  const machine = new Machine(image.slice());
  const effects: Effect[] = [];
  while (effects.length < MAX_INSTRUCTIONS) {
    const effect = machine.step();
    if (effect === undefined) break;
    effects.push(effect);
  }

  using sim = await simulate(file);
  const dut = sim.ports;
  const memory = new BusMemory({ size: MEMORY_BYTES });
  memory.bytes.set(image);
  new AxiLiteMonitor(sim, 'm_axil', { maxWait: 200 });
  new AxiLiteSubordinate(sim, 'm_axil', { space: memory, pause: 0.3 });
  const board = new Scoreboard<Effect>({ name: 'rv32', cycle: () => sim.cycle });
  for (const effect of effects) board.expect(effect);
  sim.reset();
  sim.run(
    function* (): Task {
      while (dut.stopped === 0 && board.pending > 0) {
        yield;
        if (dut.done_valid) {
          board.observe({ pc: dut.done_pc, rd: dut.done_rd, value: dut.done_value });
        }
      }
      // The instruction that stops it comes after the last effect
      if (machine.stop !== 0) while (dut.stopped === 0) yield;
    },
    { max: 20_000 },
  );
  board.finish();
  expect(dut.stopped).toBe(machine.stop);
  if (machine.stop !== 0) {
    expect(memory.bytes).toEqual(new Uint8Array(machine.memory.buffer));
  }
  for (const { name } of program.body) cover.sample({ name, stop: machine.stop });
}

describe('every program does what the model says', () => {
  test('random ones', () => forAll(programs, (program) => run(FILE, program), { runs: 150 }));

  test('a loop that adds up 1 to 10', async () => {
    using sim = await simulate(FILE);
    const memory = new BusMemory({ size: MEMORY_BYTES });
    const code = [
      0x00a00093, // addi x1, x0, 10
      0x00000113, // addi x2, x0, 0
      0x00110133, // add x2, x2, x1
      0xfff08093, // addi x1, x1, -1
      0xfe009ce3, // bne x1, x0, -8
      0x40202023, // sw x2, 0x400(x0)
      0x00000073, // ecall
    ];
    for (const [i, word] of code.entries()) memory.view.setUint32(4 * i, word, true);
    new AxiLiteSubordinate(sim, 'm_axil', { space: memory });
    sim.reset();
    sim.until('stopped', { max: 1000 });
    expect(memory.view.getUint32(0x400, true)).toBe(55);
  });

  test('and they have had every instruction, and every reason to stop', () => cover.expectFull());
});

describe('a processor with a bug is noticed, and the smallest program shown', () => {
  test.for([
    ['shifts_in_zeros', '$signed(rs1) >>> shift', 'rs1 >> shift', /name: "srai?"/],
    ['x0_is_a_register', "ir_q[24:20] == 0 ? 32'd0 : ", '', /rs2: 0/],
    ['below_is_less', "{31'd0, is_below}", "{31'd0, is_less}", /name: "sltui?"/],
    ['branches_backwards', 'compare ^ funct3[0]', 'compare', /name: "b(ne|ge|geu)"/],
  ] as const)('%s', async ([name, right, wrong, shown]) => {
    const file = `build/examples/${name}/rv32.sv`;
    const text = readFileSync(FILE, 'utf8');
    expect(text).toContain(right);
    mkdirSync(`build/examples/${name}`, { recursive: true });
    writeFileSync(file, text.replace(right, wrong));
    const failure = forAll(programs, (program) => run(file, program), { maxShrinks: 3000 });
    await expect(failure).rejects.toThrow(shown);
  });
});
