// SPDX-License-Identifier: Apache-2.0
// Signature checks: batches, and what happens when the accelerator is late.

export type { Lane, OpenEngine, SignatureCounters, Signatures, Signed } from './contract.ts';
export { SignaturePipeline } from './pipeline.ts';
