// SPDX-License-Identifier: Apache-2.0

import { Block, CompletionLayout, DescriptorLayout } from '../generated/registers.ts';
import type { RingLayout } from './ring-pair.ts';

/** One batch for the signature engine. */
export interface BatchDescriptor {
  readonly id: number;
  readonly op: number;
  readonly flags: number;
  /** Bus addresses, multiples of 8. */
  readonly input: bigint;
  readonly result: bigint;
  readonly count: number;
}

/** The card's word on one batch. */
export interface BatchCompletion {
  readonly id: number;
  /** Number of valid results. */
  readonly valid: number;
  readonly status: number;
}

/** Entries of the signature engine's rings: descriptors of 32 bytes, completions of 16. */
export const SIGNATURE_RINGS: RingLayout<BatchDescriptor, BatchCompletion> = {
  block: Block.SIGVERIFY,
  descriptorBytes: DescriptorLayout.BYTES,
  completionBytes: CompletionLayout.BYTES,
  index: CompletionLayout.INDEX,
  write(view, at, { id, op, flags, input, result, count }) {
    view.setUint32(at + DescriptorLayout.ID, id, true);
    view.setUint16(at + DescriptorLayout.OP, op, true);
    view.setUint16(at + DescriptorLayout.FLAGS, flags, true);
    view.setBigUint64(at + DescriptorLayout.INPUT, input, true);
    view.setBigUint64(at + DescriptorLayout.RESULT, result, true);
    view.setUint32(at + DescriptorLayout.COUNT, count, true);
    view.setUint32(at + DescriptorLayout.ZERO, 0, true);
  },
  read: (view, at) => ({
    id: view.getUint32(at + CompletionLayout.ID, true),
    valid: view.getUint32(at + CompletionLayout.VALID, true),
    status: view.getUint16(at + CompletionLayout.STATUS, true),
  }),
};
