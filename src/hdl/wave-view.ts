// SPDX-License-Identifier: Apache-2.0
// A first look at waves: the top's signals grouped by interface, for GTKWave and for Surfer.

import type { FstSignal } from './fst.ts';

/** Signals under one heading. */
export interface WaveGroup {
  readonly name: string;
  readonly signals: readonly FstSignal[];
  /** What belongs to nobody's interface is folded away at first. */
  readonly isClosed: boolean;
}

/** Signals of handshakes come first in each group, in this order. */
const ORDER = [
  'valid',
  'ready',
  'last',
  'addr',
  'data',
  'keep',
  'strb',
  'id',
  'dest',
  'user',
  'resp',
];
const CLOCKS = /^(?:.*_)?(?:clk|clock|rst|reset|aclk|aresetn|rst_?n|reset_?n)$/i;
/** `<prefix>_tvalid`, `_valid`; `<prefix>_<channel>valid` of AXI. */
const VALID = /^(.+?)_t?valid$/;
const AXI_VALID = /^(.+?)_?(aw|w|b|ar|r)valid$/;

/**
 * Groups the signals of the top module: clocks and resets, each interface (whatever has a valid), other
 * ports, and what is inside.
 *
 * @param signals - of a file that Verilator wrote: the ports are in TOP, all in TOP.<module>.
 */
export function groupSignals(signals: readonly FstSignal[]): WaveGroup[] {
  const ports = new Set(
    signals.filter(({ path }) => path.length === 2).map(({ path }) => path[1]!),
  );
  const [scope] = signals.filter(({ path }) => path.length > 2).map(({ path }) => path[1]);
  const own = signals.filter(
    ({ path, isParameter }) => path.length === 3 && path[1] === scope && !isParameter,
  );
  const prefixes = findPrefixes([...ports]);
  const groupOf = (name: string): string => {
    if (!ports.has(name)) return 'inside';
    if (CLOCKS.test(name)) return 'clock';
    return prefixes.find((prefix) => name.startsWith(`${prefix}_`)) ?? 'ports';
  };
  const names = ['clock', ...[...prefixes].sort(), 'ports', 'inside'];
  return names
    .map((name) => ({
      name,
      signals: own.filter(({ path }) => groupOf(path[2]!) === name).sort(byRole),
      isClosed: name === 'inside',
    }))
    .filter((group) => group.signals.length > 0);
}

/** Prefixes of interfaces, longest first. */
function findPrefixes(names: readonly string[]): string[] {
  const found = new Set<string>();
  for (const name of names) {
    const axi = AXI_VALID.exec(name)?.[1];
    // An AXI channel has a ready of its own; s_axis_tvalid is none.
    const prefix = axi !== undefined && !name.endsWith('_tvalid') ? axi : VALID.exec(name)?.[1];
    if (prefix !== undefined) found.add(prefix);
  }
  return [...found].sort((a, b) => b.length - a.length);
}

function byRole(a: FstSignal, b: FstSignal): number {
  return roleOf(a) - roleOf(b);
}

/** Channels of AXI stay together; within one, the handshake comes first. */
function roleOf({ path }: FstSignal): number {
  const name = path.at(-1)!;
  const channel = ['aw', 'w', 'b', 'ar', 'r'].findIndex((each) =>
    new RegExp(`_${each}(?:${ORDER.join('|')}|len|size|burst)$`).test(name),
  );
  const role = ORDER.findIndex((each) => name.endsWith(each));
  return (channel + 1) * 100 + (role < 0 ? ORDER.length : role);
}

/**
 * A save file of GTKWave.
 *
 * @param waves - absolute path of the FST file.
 * @param start - time that is shown first.
 */
export function toGtkwave(waves: string, groups: readonly WaveGroup[], start = 0): string {
  const lines = [
    `[dumpfile] "${waves}"`,
    `[timestart] ${start}`,
    '[size] 1600 900',
    '[sst_width] 220',
    '[signals_width] 240',
    '[treeopen] TOP.',
  ];
  for (const { name, signals, isClosed } of groups) {
    // Flags: a group's begin and end, open or closed; binary for a bit, hexadecimal for more.
    lines.push(isClosed ? '@c00200' : '@800200', `-${name}`);
    for (const signal of signals) lines.push(signal.width === 1 ? '@28' : '@22', nameOf(signal));
    lines.push(isClosed ? '@1401200' : '@1000200', `-${name}`);
  }
  return `${lines.join('\n')}\n`;
}

/** A command file of Surfer: `surfer waves.fst --command-file view.sucl`. */
export function toSurfer(groups: readonly WaveGroup[]): string {
  const lines = groups
    .filter(({ isClosed }) => !isClosed)
    .flatMap(({ name, signals }) => [
      `divider_add ${name}`,
      ...signals.map(({ path }) => `variable_add ${path.join('.')}`),
    ]);
  return `${[...lines, 'zoom_fit'].join('\n')}\n`;
}

function nameOf({ path, range }: FstSignal): string {
  return `${path.join('.')}${range}`;
}
