// SPDX-License-Identifier: Apache-2.0
import { ProtocolError, type Violation } from '../../../src/testbench/index.ts';

/** Runs what must break a rule. @throws what else it throws, and when it breaks none. */
export function firstViolation(body: () => unknown): Violation {
  try {
    body();
  } catch (error) {
    if (error instanceof ProtocolError) return error.violation;
    throw error;
  }
  throw new Error('no rule was broken');
}
