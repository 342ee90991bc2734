// SPDX-License-Identifier: Apache-2.0
/** What a model of a bus needs of the simulation that it is attached to. */
import { BitField } from '../bit-field.ts';
import type { ModuleDescription, PortDescription } from '../description.ts';
import { TestbenchError } from '../errors.ts';
import type { Random } from '../random.ts';
import type { Agent } from '../tasks.ts';

/** A simulation, as far as bus models use it. */
export interface BusSimulation {
  readonly description: ModuleDescription;
  readonly cycle: number;
  readonly random: Random;
  bytes(port: string): Uint8Array;
  /** Lets the model of a bus act in each cycle of its clock. */
  attach(agent: Agent, options: { readonly clock?: string }): unknown;
}

/** What all bus models can be told. */
export interface BusOptions {
  /** Ports whose names do not follow the standard, by standard name: `{ awaddr: 'waddr' }`. */
  readonly signals?: Readonly<Record<string, string>>;
  /** The module's reset; unless given, the first it has of rst and reset, aresetn and rst_n (low). */
  readonly reset?: { readonly port: string; readonly active: 0 | 1 };
  /** The clock's port, in a module with several; the first unless given. */
  readonly clock?: string;
}

/** Whether the module is in reset, asked in each cycle. */
export type ResetLine = () => boolean;

const RESETS = [
  { port: 'rst', active: 1 },
  { port: 'reset', active: 1 },
  { port: 'aresetn', active: 0 },
  { port: 'rst_n', active: 0 },
] as const;

/** Finds the reset. @throws {TestbenchError} `TESTBENCH_ARGUMENT` when the one named does not exist. */
export function findReset(sim: BusSimulation, { reset }: BusOptions): ResetLine {
  const has = (port: string) => sim.description.ports.some(({ name }) => name === port);
  if (reset && !has(reset.port)) {
    throw new TestbenchError(
      'TESTBENCH_ARGUMENT',
      `expected a reset port ${reset.port}, ${sim.description.name} has none`,
    );
  }
  const found = reset ?? RESETS.find(({ port }) => has(port));
  if (found === undefined) return () => false;
  const bits = new BitField(sim.bytes(found.port), 0, 1, true);
  return () => bits.get() === found.active;
}

/** A port by name; by its name in the other case, too: `S_AXI_AWADDR` is `s_axi_awaddr`. */
export function findPort(sim: BusSimulation, name: string): PortDescription | undefined {
  const { ports } = sim.description;
  const wanted = name.toLowerCase();
  return (
    ports.find((port) => port.name === name) ??
    ports.find((port) => port.name.toLowerCase() === wanted)
  );
}

/** Lets a model act in every cycle of its clock from now on. */
export function attach(sim: BusSimulation, agent: Agent, { clock }: BusOptions): void {
  sim.attach(agent, clock === undefined ? {} : { clock });
}
