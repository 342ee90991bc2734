// SPDX-License-Identifier: Apache-2.0
// The chain of a node: blocks and votes in, blocks and votes out.

export { readHeaderOf } from './block-reader.ts';
export { Chain, type ChainOptions } from './chain.ts';
export type { ChainLog, ChainNetwork, NodeLedger } from './core.ts';
export { ChainError, type ChainErrorCode } from './errors.ts';
export type { ChainEvent, FinalBlock } from './events.ts';
export type { ProducerIdentity } from './voting.ts';
