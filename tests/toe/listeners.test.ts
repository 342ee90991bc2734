// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { simulate } from '../../src/testbench/index.ts';

test('ports are closed after reset, then as they were set last', async () => {
  const sim = await simulate('hdl/toe/toe_listeners.sv');
  const dut = sim.ports;
  sim.reset();
  expect(sim.until('ready', { max: 70_000 })).toBeGreaterThan(65_000);
  const open = new Set<number>();
  const ask = (port: number) => {
    dut.port = port;
    dut.ask = 1;
    sim.cycles(1);
    dut.ask = 0;
    return dut.is_open === 1;
  };
  for (const port of [0, 80, 65_535]) expect(ask(port)).toBe(false);
  for (let i = 0; i < 2_000; i++) {
    const port = sim.random.chance(0.5) ? sim.random.int(0, 20) : sim.random.int(0, 65_535);
    if (sim.random.chance(0.5)) {
      const opens = sim.random.chance(0.5);
      Object.assign(dut, { s_port: port, s_open: Number(opens), s_valid: 1 });
      sim.cycles(1);
      dut.s_valid = 0;
      if (opens) open.add(port);
      else open.delete(port);
    } else {
      expect(ask(port)).toBe(open.has(port));
    }
  }
});
