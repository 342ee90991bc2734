// SPDX-License-Identifier: Apache-2.0
/**
 * Verilog modules as typed TypeScript objects: build, drive, and check them from Vitest.
 *
 * See README.md beside this file for a page of how-to.
 */

/**
 * The ports of modules by file name, extended by generated typings (build/types/modules.d.ts).
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging
export interface Modules {}

/**
 * The marked internal signals of modules by file name, extended by the same typings.
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging
export interface Signals {}

export { type BuildOptions, type BuiltModel, buildModel, type ParameterValue } from './build.ts';
export * from './bus/index.ts';
export * from './checks/index.ts';
export type { ClockOptions, ResetOptions } from './clocks.ts';
export type {
  Bounds,
  ModuleDescription,
  ParameterDescription,
  PortDescription,
  SignalDescription,
} from './description.ts';
export { TestbenchError, type TestbenchErrorCode } from './errors.ts';
export { generateTypings, type TypingsOptions } from './generate-typings.ts';
export { bursts, type Pause } from './pauses.ts';
export type { Recorded, Stimulus } from './play.ts';
export { type ArrayElement, PortArray } from './port-array.ts';
export type { AnyPorts } from './port-memory.ts';
export type { Profile } from './profile.ts';
export { Random, runSeed, testRandom } from './random.ts';
export { type PortsOf, type SignalsOf, type SimulateOptions, simulate } from './simulate.ts';
export { type Limit, Simulation, type TaskOptions } from './simulation.ts';
export { type SweepOptions, sweep } from './sweep.ts';
export {
  type Agent,
  delay,
  Fork,
  join,
  SETTLED,
  type Task,
  timeout,
  waitFor,
  type Yielded,
} from './tasks.ts';
export { elapsed, first, Trigger, Wait } from './trigger.ts';
export type { WavesOptions } from './waves.ts';
