// SPDX-License-Identifier: Apache-2.0

import { type Accelerator, openAccelerator } from '../../../src/driver/index.ts';

/** Every backend that one conformance suite must fit. */
export const BACKENDS: readonly { readonly name: string; open(): Promise<Accelerator> }[] = [
  { name: 'software', open: () => openAccelerator({ kind: 'software', threads: 2 }) },
  { name: 'native', open: () => openAccelerator({ kind: 'native', threads: 2 }) },
];
