// SPDX-License-Identifier: Apache-2.0
/** Bursts of AXI4: addresses and byte lanes of their beats, and the rules for them (ARM IHI 0022 A3.4). */
import type { Channel } from './channel.ts';

export const BURST_TYPES = ['FIXED', 'INCR', 'WRAP', 'reserved'] as const;
/** AxBURST by name; its code is the index in {@link BURST_TYPES}. */
export type BurstType = 'FIXED' | 'INCR' | 'WRAP';

export interface Burst {
  readonly addr: bigint;
  /** AxLEN + 1. */
  readonly beats: number;
  /** Bytes of a beat, 2^AxSIZE. */
  readonly size: number;
  readonly type: BurstType | 'reserved';
}

/** The lanes that a beat uses on the bus: from `first` to below `end`. */
export interface Lanes {
  readonly first: number;
  readonly end: number;
}

/** Bursts end at multiples of this: no burst belongs to two subordinates. */
const PAGE = 4096n;

/** Address of a beat; of an unaligned first beat the address as given. */
export function beatAddress({ addr, beats, size, type }: Burst, index: number): bigint {
  if (type === 'FIXED' || index === 0) return addr;
  const step = BigInt(size);
  const next = addr - (addr % step) + BigInt(index) * step;
  if (type !== 'WRAP') return next;
  const total = step * BigInt(beats);
  const low = addr - (addr % total);
  return low + ((next - low) % total);
}

/** Byte lanes of a beat on a bus of `busBytes`. */
export function beatLanes(burst: Burst, index: number, busBytes: number): Lanes {
  const addr = beatAddress(burst, index);
  const first = Number(addr % BigInt(busBytes));
  return { first, end: Math.min(first - (first % burst.size) + burst.size, busBytes) };
}

/** Bytes that a burst moves, without those before an unaligned address. */
export function burstBytes(burst: Burst, busBytes: number): number {
  let bytes = 0;
  for (let i = 0; i < burst.beats; i++) {
    const { first, end } = beatLanes(burst, i, busBytes);
    bytes += end - first;
  }
  return bytes;
}

/** What an address channel carries. Where the module lacks a signal: one beat, full width, INCR. */
export function readBurst(channel: Channel, busBytes: number): Burst {
  return {
    addr: channel.big('addr'),
    beats: channel.get('len') + 1,
    size: 2 ** channel.get('size', Math.log2(busBytes)),
    type: BURST_TYPES[channel.get('burst', 1)] ?? 'reserved',
  };
}

export const BURST_RULES = {
  BURST_TYPE: 'AxBURST is FIXED, INCR or WRAP',
  BURST_SIZE: 'a beat is no wider than the bus',
  BURST_4K: 'a burst does not cross a 4 KiB boundary',
  WRAP_LENGTH: 'a WRAP burst has 2, 4, 8 or 16 beats',
  WRAP_ALIGNED: 'a WRAP burst begins at a multiple of its beat size',
  FIXED_LENGTH: 'a FIXED burst has at most 16 beats',
} as const;

/** A rule that a burst breaks: its name, the field that shows it, and how. */
export interface BurstFault {
  readonly rule: keyof typeof BURST_RULES;
  readonly field: 'addr' | 'len' | 'size' | 'burst';
  readonly text: string;
}

/** The first rule that a burst breaks, if any. */
export function burstFault(burst: Burst, busBytes: number): BurstFault | undefined {
  const { addr, beats, size, type } = burst;
  const fault = (rule: BurstFault['rule'], field: BurstFault['field'], text: string) => ({
    rule,
    field,
    text,
  });
  if (type === 'reserved') return fault('BURST_TYPE', 'burst', 'is 3, which is reserved');
  if (size > busBytes) {
    return fault('BURST_SIZE', 'size', `says ${size} bytes a beat on a bus of ${busBytes}`);
  }
  if (type === 'FIXED' && beats > 16) {
    return fault('FIXED_LENGTH', 'len', `says ${beats} beats in a FIXED burst`);
  }
  if (type === 'WRAP') {
    if (![2, 4, 8, 16].includes(beats)) {
      return fault('WRAP_LENGTH', 'len', `says ${beats} beats in a WRAP burst`);
    }
    if (addr % BigInt(size) !== 0n) {
      return fault('WRAP_ALIGNED', 'addr', `0x${addr.toString(16)} is no multiple of ${size}`);
    }
  }
  const last = addr - (addr % BigInt(size)) + BigInt(beats * size - 1);
  if (type === 'INCR' && addr / PAGE !== last / PAGE) {
    const text = `0x${addr.toString(16)}: ${beats} beats of ${size} bytes cross 4 KiB`;
    return fault('BURST_4K', 'addr', text);
  }
  return undefined;
}

/** Cuts a run of bytes into INCR bursts of full beats that keep the rules. */
export function* splitBursts(
  addr: bigint,
  length: number,
  busBytes: number,
  maxBeats: number,
): Generator<{ burst: Burst; offset: number; bytes: number }> {
  for (let offset = 0; offset < length; ) {
    const from = addr + BigInt(offset);
    const skip = Number(from % BigInt(busBytes));
    const toPage = Number(PAGE - (from % PAGE));
    const bytes = Math.min(length - offset, toPage, maxBeats * busBytes - skip);
    const beats = Math.ceil((skip + bytes) / busBytes);
    yield { burst: { addr: from, beats, size: busBytes, type: 'INCR' }, offset, bytes };
    offset += bytes;
  }
}
