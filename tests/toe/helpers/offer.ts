// SPDX-License-Identifier: Apache-2.0

import { SETTLED, type Task } from '../../../src/testbench/index.ts';

/** What offers need of a model's ports. */
type Ports = Record<string, unknown>;

/** Offers what stands at a ready/valid port, until it is taken. */
export function* offer(ports: Ports, name: string): Task<void> {
  ports[`${name}_valid`] = 1;
  for (;;) {
    yield SETTLED;
    const taken = ports[`${name}_ready`] === 1;
    yield;
    if (taken) break;
  }
  ports[`${name}_valid`] = 0;
}
