import { describe, expect, test } from 'vitest';
import { simulate } from '../../src/testbench/index.ts';

const FILE = 'hdl/common/rr_arbiter.sv';

/** The turn as a human would take it: the first that asks, counted from the one after the last winner. */
class Model {
  #next = 0;
  readonly #ports: number;

  constructor(ports: number) {
    this.#ports = ports;
  }

  /** Index of the winner, or -1. */
  choose(request: number): number {
    for (let i = 0; i < this.#ports; i++) {
      const port = (this.#next + i) % this.#ports;
      if ((request >> port) & 1) return port;
    }
    return -1;
  }

  advance(winner: number): void {
    if (winner >= 0) this.#next = (winner + 1) % this.#ports;
  }
}

describe.for([1, 2, 3, 5, 8, 31])('rr_arbiter of %i ports', (ports) => {
  const all = 2 ** ports - 1;

  test('grants as the model does, for random requests and advances', async () => {
    const sim = await simulate(FILE, { parameters: { PORTS: ports } });
    const dut = sim.ports;
    const model = new Model(ports);
    sim.reset();
    for (let cycle = 0; cycle < 3000; cycle++) {
      const request =
        sim.random.uint32() & (sim.random.chance(0.3) ? all : sim.random.uint32()) & all;
      dut.request = request;
      dut.advance = sim.random.chance(0.7) ? 1 : 0;
      sim.settle();
      const winner = model.choose(request);
      expect(dut.grant, `cycle ${cycle}, request ${request}`).toBe(winner < 0 ? 0 : 2 ** winner);
      if (dut.advance === 1) model.advance(winner);
      sim.cycles(1);
    }
  });

  test('all who ask all the time get equal shares', async () => {
    const sim = await simulate(FILE, { parameters: { PORTS: ports } });
    const dut = sim.ports;
    sim.reset();
    dut.request = all;
    dut.advance = 1;
    const grants = new Map<number, number>();
    for (let cycle = 0; cycle < 20 * ports; cycle++) {
      sim.settle();
      grants.set(dut.grant, (grants.get(dut.grant) ?? 0) + 1);
      sim.cycles(1);
    }
    expect([...grants.values()]).toEqual(Array.from({ length: ports }, () => 20));
  });
});

test('error: no ports stop the build', async () => {
  await expect(simulate(FILE, { parameters: { PORTS: 0 } })).rejects.toThrow(/PORTS=0 is below 1/);
});
