// SPDX-License-Identifier: Apache-2.0

import { type Accelerator, openAccelerator } from '../../../src/driver/index.ts';
import { nativeLibrary } from '../../../src/driver/paths.ts';

/** The card around a test double of its signature engine: right answers, few cycles. */
export const CARD_DOUBLE = nativeLibrary('libhpbcard-double.so');

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
];
