/** Runs a pipeline whose inputs and outputs have cycles of their own. */
import type { Simulation } from '../../../src/testbench/index.ts';

/** What to write before and to look at after which clock edge. */
export class Timeline {
  readonly #inputs = new Map<number, (() => void)[]>();
  readonly #outputs = new Map<number, (() => void)[]>();
  readonly #idle: () => void;
  #end = 0;

  /** @param idle - runs before every edge, ahead of the inputs: noise on what nobody looks at. */
  constructor(idle: () => void = () => {}) {
    this.#idle = idle;
  }

  /** Writes inputs of the given cycle, counted from 0. */
  input(cycle: number, action: () => void): void {
    this.#add(this.#inputs, cycle, action);
  }

  /** Looks at registered outputs of the given cycle: they show what the edge before it has loaded. */
  output(cycle: number, action: () => void): void {
    this.#add(this.#outputs, cycle, action);
  }

  run(sim: Pick<Simulation, 'cycles'>): void {
    for (let cycle = 0; cycle <= this.#end; cycle++) {
      for (const action of this.#outputs.get(cycle) ?? []) action();
      this.#idle();
      for (const action of this.#inputs.get(cycle) ?? []) action();
      sim.cycles(1);
    }
  }

  #add(actions: Map<number, (() => void)[]>, cycle: number, action: () => void): void {
    this.#end = Math.max(this.#end, cycle);
    const there = actions.get(cycle);
    if (there) there.push(action);
    else actions.set(cycle, [action]);
  }
}
