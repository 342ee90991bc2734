import { join } from 'node:path';
import { type BuildOptions, buildModel } from './build.ts';
import { TestbenchError } from './errors.ts';
import type { Modules } from './index.ts';
import { loadModel } from './model-library.ts';
import type { AnyPorts } from './port-memory.ts';
import { projectRoot } from './project.ts';
import { runSeed } from './random.ts';
import { usualKind } from './record.ts';
import { noteSimulation } from './registry.ts';
import { Simulation } from './simulation.ts';

export interface SimulateOptions extends BuildOptions {
  /** A fixed seed. Unless given, the run's: `SEED`, else a fresh one that a failing test prints. */
  readonly seed?: number;
  /** Records FST waves: true, or a file name. Unless given, `WAVES=1` in the environment decides. */
  readonly waves?: boolean | string;
  /** The synchronous reset's port, active high; `rst` unless given. */
  readonly reset?: string;
}

/** The ports of a module, as far as its typings have been generated. */
export type PortsOf<F extends string> = F extends keyof Modules ? Modules[F] : AnyPorts;

/**
 * Builds a Verilog module, if needed, and starts a simulation of it.
 *
 * @param file - the module's file relative to the project; its name is the module's name.
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
export async function simulate<F extends string>(
  file: F,
  options: SimulateOptions = {},
): Promise<Simulation<PortsOf<F>>> {
  const root = options.root ?? projectRoot();
  const waves = options.waves ?? Boolean(Number(process.env.WAVES ?? 0));
  const kind = options.kind ?? (waves === false ? usualKind() : 'waves');
  const model = await buildModel(file, { ...options, root, kind });
  const seed = options.seed ?? runSeed();
  const name = model.description.name;
  const simulation = new Simulation<PortsOf<F>>({
    library: loadModel(model),
    seed,
    reset: options.reset ?? 'rst',
    wavesPath: wavesPath(root, name, waves),
    wavesWindow: wavesWindow(name),
    kind,
  });
  noteSimulation(simulation);
  return simulation;
}

let recorded = 0;
/** Simulations of each module so far. */
const started = new Map<string, number>();

/**
 * `WAVES_FROM` and `WAVES_TO` bound what is recorded, in cycles: a number, or a JSON object of lists of
 * numbers, by module and in the order of its simulations.
 *
 * @throws {TestbenchError} `TESTBENCH_ARGUMENT` for anything else.
 */
function wavesWindow(module: string): [from: number, to: number] {
  const number = started.get(module) ?? 0;
  started.set(module, number + 1);
  const bound = (name: string, otherwise: number): number => {
    const text = process.env[name];
    if (!text) return otherwise;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      value = undefined;
    }
    if (typeof value === 'object' && value !== null) {
      const list = (value as Record<string, unknown>)[module];
      value = Array.isArray(list) ? (list[number] ?? 0) : 0;
    }
    if (typeof value === 'number' && value >= 0) return value;
    throw new TestbenchError('TESTBENCH_ARGUMENT', `${name}: expected cycles, got ${text}`);
  };
  return [bound('WAVES_FROM', 0), bound('WAVES_TO', Number.POSITIVE_INFINITY)];
}

function wavesPath(root: string, name: string, waves: boolean | string): string | undefined {
  if (waves === false) return undefined;
  if (typeof waves === 'string') return join(root, waves);
  // One file per simulation: a test may run several, and test files run beside each other.
  return join(root, 'build/waves', `${name}-${process.pid}-${recorded++}.fst`);
}
