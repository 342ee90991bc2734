// SPDX-License-Identifier: Apache-2.0
/** What a module promises beyond the AXI standard, so that a monitor can hold it to that. */
import type { Burst, BurstType } from './axi-burst.ts';

export interface AxiLimits {
  /** Most beats of a burst. */
  readonly maxBeats?: number;
  /** The only burst types. */
  readonly types?: readonly BurstType[];
  /** Whether all beats have the bus's width and begin at a multiple of it. */
  readonly fullBeats?: boolean;
  /** Whether all bytes of a beat's lanes are written. */
  readonly fullStrobes?: boolean;
  /** Most bursts of a kind, reads or writes, open at once. */
  readonly outstanding?: number;
  /** Most beats of write data before their address. */
  readonly earlyBeats?: number;
}

export const LIMIT_RULES = {
  LIMIT_BEATS: 'a burst has no more beats than the test allows',
  LIMIT_TYPE: 'a burst is of a type that the test allows',
  LIMIT_FULL_BEATS: 'beats have the width of the bus and are aligned, where the test asks for it',
  LIMIT_STROBES: 'all bytes are written, where the test asks for it',
  LIMIT_OUTSTANDING: 'no more bursts are open than the test allows',
  LIMIT_EARLY_DATA: 'write data comes no more beats before its address than the test allows',
} as const;

/** The first limit that a burst breaks, if any. */
export function limitFault(
  { addr, beats, size, type }: Burst,
  { maxBeats, types, fullBeats }: AxiLimits,
  busBytes: number,
): { rule: string; field: string; text: string } | undefined {
  if (maxBeats !== undefined && beats > maxBeats) {
    return { rule: 'LIMIT_BEATS', field: 'len', text: `says ${beats} beats, at most ${maxBeats}` };
  }
  if (types !== undefined && !types.some((each) => each === type)) {
    const text = `is ${type}, not ${types.join(' or ')}`;
    return { rule: 'LIMIT_TYPE', field: 'burst', text };
  }
  if (fullBeats && (size !== busBytes || addr % BigInt(busBytes) !== 0n)) {
    const field = size === busBytes ? 'addr' : 'size';
    const text = `has a beat of ${size} bytes at 0x${addr.toString(16)}, not ${busBytes} aligned`;
    return { rule: 'LIMIT_FULL_BEATS', field, text };
  }
  return undefined;
}
