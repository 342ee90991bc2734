// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { type BuildOptions, buildModel } from './build.ts';
import { type ClockOptions, findClocks, findResets, type ResetOptions } from './clocks.ts';
import type { Modules, Signals } from './index.ts';
import { loadModel } from './model-library.ts';
import type { AnyPorts } from './port-memory.ts';
import { projectRoot } from './project.ts';
import { runSeed } from './random.ts';
import { noteRecipe } from './recipes.ts';
import { usualKind } from './record.ts';
import { noteBuild, noteSimulation } from './registry.ts';
import { Simulation } from './simulation.ts';
import { chooseWaves, nextKey, type WavesOptions } from './waves.ts';

export interface SimulateOptions extends BuildOptions {
  /** A fixed seed. Unless given, the run's: `SEED`, else a fresh one that a failing test prints. */
  readonly seed?: number;
  /**
   * Records FST waves: true, a file name, or file and cycles. Unless given, `WAVES=1` in the environment
   * decides.
   */
  readonly waves?: boolean | string | WavesOptions;
  /** The only clock; clk, or a name like it, unless given. Its period is 10 ns. */
  readonly clock?: string;
  /**
   * Several clocks, or one of another period: ns, or period and phase, by port. Cycles are those of the
   * first one.
   */
  readonly clocks?: Readonly<Record<string, number | ClockOptions>>;
  /** The reset or resets, synchronous or not; rst, or a name like it, unless given. */
  readonly reset?: string | ResetOptions | ReadonlyArray<string | ResetOptions>;
}

/** The ports of a module, as far as its typings have been generated. */
export type PortsOf<F extends string> = F extends keyof Modules ? Modules[F] : AnyPorts;

/**
 * The marked internal signals of a module, as far as its typings have been generated; any, when the options
 * name further ones.
 */
export type SignalsOf<F extends string, O extends SimulateOptions = SimulateOptions> = O extends {
  readonly signals: readonly string[];
}
  ? AnyPorts
  : F extends keyof Signals
    ? Signals[F]
    : F extends keyof Modules
      ? Record<never, never>
      : AnyPorts;

/**
 * Builds a Verilog module, if needed, and starts a simulation of it.
 *
 * @param file - the module's file relative to the project, or an absolute path; its name is the module's
 *   name, unless `top` says otherwise.
 * @throws {TestbenchError} `TESTBENCH_BUILD` with Verilator's complaints at file and line.
 *
 * @example
 * const sim = await simulate('hdl/common/axis_fifo.sv', { parameters: { DEPTH: 16 } });
 * sim.reset();
 * const source = sim.source('s_axis', { pause: 0.2 });
 * const sink = sim.sink('m_axis', { pause: 0.5 });
 * source.enqueue(new Uint8Array(8));
 * const frame = sim.run(sink.receive());
 */
export async function simulate<F extends string, O extends SimulateOptions = SimulateOptions>(
  file: F,
  chosen?: O,
): Promise<Simulation<PortsOf<F>, SignalsOf<F, O>>> {
  const options: SimulateOptions = chosen ?? {};
  const root = resolve(options.root ?? projectRoot());
  const waves = chooseWaves(root, options.waves);
  const kind = options.kind ?? (waves ? 'waves' : usualKind());
  const model = await noteBuild(() => buildModel(file, { ...options, root, kind }));
  noteRecipe(root, file, { ...options, kind });
  const { description } = model;
  const key = nextKey(description.name);
  const simulation = new Simulation<PortsOf<F>, SignalsOf<F, O>>({
    library: loadModel(model),
    seed: options.seed ?? runSeed(),
    clocks: findClocks(description, options.clocks, options.clock),
    resets: findResets(description, options.reset),
    waves: waves?.(key),
    kind,
    key,
  });
  noteSimulation(simulation as unknown as Simulation);
  return simulation;
}
