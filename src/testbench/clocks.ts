// SPDX-License-Identifier: Apache-2.0
/** A module's clocks and resets: which ports, how fast, which level. */
import type { ModuleDescription } from './description.ts';
import { TestbenchError } from './errors.ts';
import { MAX_CLOCKS } from './model-library.ts';

/** One clock. */
export interface ClockOptions {
  /** In ns, an even number of ps: 10 is 100 MHz. */
  readonly period: number;
  /** How much later than half a period the first rising edge comes, in ns; 0 unless given. */
  readonly phase?: number;
}

/** One reset. */
export interface ResetOptions {
  readonly port: string;
  /** Level at which it resets; unless given, low for names like rst_n and aresetn, else high. */
  readonly active?: 'high' | 'low';
}

/** A clock as the model runs it. */
export interface Clock {
  readonly name: string;
  /** Number of the port. */
  readonly port: number;
  /** ps. */
  readonly period: bigint;
  /** Time of the first rising edge in ps. */
  readonly rise: bigint;
}

export interface Reset {
  readonly port: string;
  readonly active: 0 | 1;
}

/** Period of a clock that nothing is said about, in ns. */
const DEFAULT_PERIOD = 10;
/** A second: slower clocks are a mistake in the unit. */
const MAX_PERIOD = 1e9;

/** Names by which clocks and resets are found when none is given. */
const CLOCK_NAMES = ['clk', 'clk_i', 'i_clk', 'clock', 'aclk'];
const RESET_NAMES = [
  ...['rst', 'rst_n', 'rst_i', 'rst_ni', 'i_rst', 'i_rst_n', 'reset', 'reset_n', 'resetn'],
  ...['arst', 'arst_n', 'areset', 'areset_n', 'aresetn'],
];
const ACTIVE_LOW = /(_n|_ni|(rst|reset)n)$/i;

/**
 * Finds a module's clocks; none for a combinational module.
 *
 * @param clocks - periods in ns, or more, by port; the first one is the one that cycles count.
 * @param clock - name of the only clock, when `clocks` is not given.
 * @throws {TestbenchError} `TESTBENCH_ARGUMENT`: no such port, or a time out of bounds.
 */
export function findClocks(
  description: ModuleDescription,
  clocks: Readonly<Record<string, number | ClockOptions>> | undefined,
  clock: string | undefined,
): Clock[] {
  const chosen = Object.entries(clocks ?? defaultClock(description, clock));
  if (chosen.length > MAX_CLOCKS) {
    refuse(`expected at most ${MAX_CLOCKS} clocks, got ${chosen.length}`);
  }
  return chosen.map(([name, options]) => {
    const { period, phase = 0 } = typeof options === 'number' ? { period: options } : options;
    const port = description.ports.findIndex((candidate) => candidate.name === name);
    const found = description.ports[port];
    if (found?.direction !== 'input' || found.width !== 1 || found.unpacked.length > 0) {
      const got = found ? `${found.direction} of ${found.width} bits` : 'no such port';
      refuse(`clock ${name} of ${description.name}: expected an input of 1 bit, got ${got}`);
    }
    const periodPs = toPs(name, 'period', period, 0.002);
    if (periodPs % 2n !== 0n) {
      refuse(`clock ${name}: expected a period of an even number of ps, got ${periodPs}`);
    }
    return { name, port, period: periodPs, rise: periodPs / 2n + toPs(name, 'phase', phase, 0) };
  });
}

function defaultClock({ ports }: ModuleDescription, clock: string | undefined) {
  const names = clock === undefined ? CLOCK_NAMES : [clock];
  const isThere = (name: string) =>
    ports.some((port) => port.name === name && port.direction === 'input');
  const found = names.find(isThere);
  return found === undefined ? {} : { [found]: DEFAULT_PERIOD };
}

function toPs(clock: string, what: string, ns: number, least: number): bigint {
  const ps = Math.round(ns * 1000);
  if (!(ns >= least && ns <= MAX_PERIOD) || Math.abs(ps - ns * 1000) > 1e-6) {
    refuse(
      `clock ${clock}: expected a ${what} from ${least} to ${MAX_PERIOD} ns in whole ps, got ${ns} ns`,
    );
  }
  return BigInt(ps);
}

/**
 * Finds a module's resets: those given, or the one with a usual name; possibly none.
 *
 * @throws {TestbenchError} `TESTBENCH_ARGUMENT`: a reset that is given is not there.
 */
export function findResets(
  { name: module, ports }: ModuleDescription,
  reset: string | ResetOptions | ReadonlyArray<string | ResetOptions> | undefined,
): Reset[] {
  const found = RESET_NAMES.find((name) => ports.some((port) => port.name === name));
  const chosen = reset === undefined ? (found ? [found] : []) : [reset].flat();
  return (chosen as ReadonlyArray<string | ResetOptions>).map((options) => {
    const { port, active } = typeof options === 'string' ? { port: options } : options;
    const isThere = ports.some(
      ({ name, direction, width }) => name === port && direction === 'input' && width === 1,
    );
    if (!isThere) refuse(`${module} has no input ${port} of 1 bit to be its reset`);
    const isLow = active === undefined ? ACTIVE_LOW.test(port) : active === 'low';
    return { port, active: isLow ? 0 : 1 };
  });
}

function refuse(message: string): never {
  throw new TestbenchError('TESTBENCH_ARGUMENT', message);
}
