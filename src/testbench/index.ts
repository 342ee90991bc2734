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

export { type BuildOptions, type BuiltModel, buildModel, type ParameterValue } from './build.ts';
export * from './bus/index.ts';
export * from './checks/index.ts';
export type { ModuleDescription, ParameterDescription, PortDescription } from './description.ts';
export { TestbenchError, type TestbenchErrorCode } from './errors.ts';
export { generateTypings, type TypingsOptions } from './generate-typings.ts';
export { bursts, type Pause } from './pauses.ts';
export type { AnyPorts } from './port-memory.ts';
export { Random, runSeed, testRandom } from './random.ts';
export { type PortsOf, type SimulateOptions, simulate } from './simulate.ts';
export { Simulation } from './simulation.ts';
export { type Agent, delay, Fork, join, SETTLED, type Task, timeout, waitFor } from './tasks.ts';
