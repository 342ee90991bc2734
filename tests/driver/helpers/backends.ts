// SPDX-License-Identifier: Apache-2.0

import { type Accelerator, openAccelerator } from '../../../src/driver/index.ts';
import { CARD_DOUBLE } from './card-double.ts';
import { startCardServer } from './card-server.ts';

export { CARD_DOUBLE };

/** Every backend that one conformance suite must fit. */
export const BACKENDS: readonly {
  readonly name: string;
  readonly label?: string;
  open(): Promise<Accelerator>;
}[] = [
  { name: 'software', open: () => openAccelerator({ kind: 'software', threads: 2 }) },
  { name: 'native', open: () => openAccelerator({ kind: 'native', threads: 2 }) },
  { name: 'verilator', open: () => openAccelerator({ kind: 'verilator' }) },
  {
    name: 'verilator',
    label: 'verilator with the double of the engine',
    open: () => openAccelerator({ kind: 'verilator', library: CARD_DOUBLE }),
  },
  { name: 'pcie', label: 'pcie, a card in another process', open: openServed },
];

async function openServed(): Promise<Accelerator> {
  const server = await startCardServer();
  try {
    const accelerator = await openAccelerator({ kind: 'pcie', device: server.device });
    const close = async () => {
      await accelerator.close();
      await server.close();
    };
    return { ...accelerator, close };
  } catch (error) {
    await server.close();
    throw error;
  }
}
