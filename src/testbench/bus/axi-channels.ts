// SPDX-License-Identifier: Apache-2.0
/** The five channels of AXI4 and AXI4-Lite (ARM IHI 0022), found by their standard port names. */
import { TestbenchError } from '../errors.ts';
import type { Pause } from '../pauses.ts';
import type { BusOptions, BusSimulation } from './bus-simulation.ts';
import { type Channel, findChannel } from './channel.ts';

export const AXI_RESPONSES = ['OKAY', 'EXOKAY', 'SLVERR', 'DECERR'] as const;
/** xRESP by name; its code is the index in {@link AXI_RESPONSES}. */
export type AxiResponse = (typeof AXI_RESPONSES)[number];

export type AxiChannelName = 'aw' | 'w' | 'b' | 'ar' | 'r';

/** When which channel pauses: one for all, or by channel. */
export type AxiPauses = Pause | Partial<Record<AxiChannelName, Pause>>;

/** A bus that only reads, or only writes, lacks the other half. */
export interface AxiChannels {
  readonly write: { readonly aw: Channel; readonly w: Channel; readonly b: Channel } | undefined;
  readonly read: { readonly ar: Channel; readonly r: Channel } | undefined;
}

// biome-ignore format: one line, in the order of the standard
const ADDRESS = ['id', 'addr', 'len', 'size', 'burst', 'lock', 'cache', 'prot', 'qos', 'region', 'user'];
const FIELDS: Record<AxiChannelName, readonly string[]> = {
  aw: ADDRESS,
  w: ['data', 'strb', 'last', 'user'],
  b: ['id', 'resp', 'user'],
  ar: ADDRESS,
  r: ['id', 'data', 'resp', 'last', 'user'],
};

/**
 * Finds the channels of a bus: `<prefix>_awvalid` and so on.
 *
 * @throws {TestbenchError} `TESTBENCH_ARGUMENT` when there is no address channel, a half lacks a channel, a
 *   port's direction does not suit the role, or the data width is no power of two of bytes.
 */
export function findAxi(
  sim: BusSimulation,
  prefix: string,
  role: 'manager' | 'subordinate' | 'monitor',
  { signals = {} }: BusOptions,
): AxiChannels {
  const find = (name: AxiChannelName): Channel | undefined => {
    const managerDrives = name === 'aw' || name === 'w' || name === 'ar';
    const isSource = managerDrives === (role === 'manager');
    const channelRole = role === 'monitor' ? role : isSource ? 'source' : 'sink';
    const portOf = (field: string) => signals[`${name}${field}`] ?? `${prefix}_${name}${field}`;
    return findChannel(sim, `${prefix}_${name}`, FIELDS[name], portOf, channelRole);
  };
  const [aw, w, b, ar, r] = [find('aw'), find('w'), find('b'), find('ar'), find('r')];
  if ((aw && !(w && b)) || (ar && !r) || !(aw || ar)) {
    throw new TestbenchError(
      'TESTBENCH_ARGUMENT',
      `bus ${prefix}: expected ports ${prefix}_{aw,w,b}valid or ${prefix}_{ar,r}valid, ` +
        `${sim.description.name} lacks ${aw ? 'w or b' : ar ? 'r' : 'both address channels'}`,
    );
  }
  for (const channel of [w, r]) {
    const width = channel?.width('data') ?? 8;
    if (width < 8 || (width & (width - 1)) !== 0) {
      throw new TestbenchError(
        'TESTBENCH_ARGUMENT',
        `${channel?.port('data')}: expected 8, 16, 32 .. 1024 bits, got ${width}`,
      );
    }
  }
  return {
    write: aw && w && b ? { aw, w, b } : undefined,
    read: ar && r ? { ar, r } : undefined,
  };
}

/** One half of a bus. @throws {TestbenchError} `TESTBENCH_ARGUMENT` when the module does not have it. */
export function required<T>(half: T | undefined, bus: string, what: string): T {
  if (half !== undefined) return half;
  throw new TestbenchError('TESTBENCH_ARGUMENT', `bus ${bus}: it has no channels to ${what}`);
}

export function pauseOf(pauses: AxiPauses | undefined, channel: AxiChannelName): Pause {
  return typeof pauses === 'object' ? (pauses[channel] ?? 0) : (pauses ?? 0);
}

/** The response of a code of two bits. */
export function responseOf(code: number): AxiResponse {
  return AXI_RESPONSES[code & 3] ?? 'OKAY';
}

export function codeOf(response: AxiResponse): number {
  return AXI_RESPONSES.indexOf(response);
}

/** An address for a message. */
export function hexAddress(addr: number | bigint): string {
  return `0x${addr.toString(16)}`;
}
