// SPDX-License-Identifier: Apache-2.0
// Which registers are the same in every run of the same card, and what they are called.

import { Block, CardRegister, EngineRegister } from '../../generated/registers.ts';

const BLOCK_MASK = 0xf000;

/** What the card is: another build may differ, which is told and no difference of the run. */
const IDENTITY = new Set<number>(
  [
    CardRegister.MAGIC,
    CardRegister.VERSION,
    CardRegister.MAP_HASH_LO,
    CardRegister.MAP_HASH_HI,
    CardRegister.CAPABILITIES,
  ].map((register) => Block.CARD + register),
);
const ENGINE_IDENTITY = new Set<number>([EngineRegister.KIND, EngineRegister.PARAMETERS]);

/** What only software changes, and what it wrote is what it reads. */
const KEPT = new Set<number>(
  [CardRegister.SCRATCH, CardRegister.IRQ_MASK].map((register) => Block.CARD + register),
);
const ENGINE_KEPT = new Set<number>([
  EngineRegister.IRQ_COUNT,
  EngineRegister.IRQ_CYCLES,
  EngineRegister.SQ_LOG2,
  EngineRegister.SQ_TAIL,
  EngineRegister.CQ_LOG2,
  EngineRegister.CQ_HEAD,
]);

/** How a read of a register is held against the recorded one: everything else depends on time. */
export function comparison(offset: number): 'identity' | 'kept' | 'time' {
  const engine = isEngine(offset);
  const register = engine ? offset & ~BLOCK_MASK : offset;
  if ((engine ? ENGINE_IDENTITY : IDENTITY).has(register)) return 'identity';
  return (engine ? ENGINE_KEPT : KEPT).has(register) ? 'kept' : 'time';
}

/** True for a register in the block of an engine; all of them have the same layout. */
export function isEngine(offset: number): boolean {
  return (offset & BLOCK_MASK) !== Block.CARD;
}

/** A block's name. */
export function blockName(block: number): string {
  const found = Object.entries(Block).find(([, offset]) => offset === block);
  return found ? found[0] : `block ${block.toString(16)}`;
}

/** A register's name, with its block. */
export function registerName(offset: number): string {
  const names = isEngine(offset) ? EngineRegister : CardRegister;
  const register = offset & ~BLOCK_MASK;
  const found = Object.entries(names).find(([, value]) => value === register);
  const name = found ? found[0] : `0x${register.toString(16)}`;
  return `${blockName(offset & BLOCK_MASK)}.${name}`;
}
