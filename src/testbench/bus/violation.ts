// SPDX-License-Identifier: Apache-2.0
/** A broken rule of a bus, and how it is reported. */
import { TestbenchError } from '../errors.ts';

export interface Violation {
  /** Prefix of the bus's ports. */
  readonly bus: string;
  /** Name of the rule; stable. */
  readonly rule: string;
  /** The port that shows it. */
  readonly signal: string;
  /** The cycle, as `sim.cycle` counts, whose edge saw it. */
  readonly cycle: number;
  readonly text: string;
}

/** `TESTBENCH_PROTOCOL`: a module, or a model driven on purpose, broke a rule of its bus. */
export class ProtocolError extends TestbenchError {
  readonly violation: Violation;

  constructor(violation: Violation) {
    const { bus, cycle, rule, signal, text } = violation;
    super('TESTBENCH_PROTOCOL', `${bus}, cycle ${cycle}: ${signal} ${text} (${rule})`);
    this.violation = violation;
  }
}

export interface MonitorOptions {
  /** Called with each broken rule instead of failing the test. */
  readonly onViolation?: (violation: Violation) => void;
}

/** Reports a broken rule: its name, the port, and what is wrong with it. */
export type Report = (rule: string, signal: string, text: string) => void;

/** Makes the report of one bus: throws {@link ProtocolError} unless the options say otherwise. */
export function reporter(
  bus: string,
  cycle: () => number,
  { onViolation }: MonitorOptions = {},
): Report {
  return (rule, signal, text) => {
    const violation = { bus, rule, signal, cycle: cycle(), text };
    if (onViolation === undefined) throw new ProtocolError(violation);
    onViolation(violation);
  };
}
