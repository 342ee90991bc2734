// SPDX-License-Identifier: Apache-2.0
// TCP of the operating system, as software and native have it, and a card without a link.

import { type AcceleratorOptions, openAccelerator } from '../../../../src/driver/index.ts';
import { CARD_DOUBLE } from '../../helpers/backends.ts';
import type { World } from '../helpers/world.ts';
import { transportApplications } from './applications.ts';
import { transportConformance } from './suite.ts';

const kinds: readonly [string, AcceleratorOptions][] = [
  ['software', { kind: 'software', threads: 1 }],
  ['native', { kind: 'native', threads: 1 }],
  ['verilator without a link', { kind: 'verilator', library: CARD_DOUBLE }],
];

for (const [name, options] of kinds) {
  const open = async (): Promise<World> => {
    const accelerator = await openAccelerator(options);
    const { transport } = accelerator;
    return { client: transport, server: transport, close: () => accelerator.close() };
  };
  transportConformance({ name, backend: 'node:net', open });
  if (name === 'software') transportApplications(name, open);
}
