// SPDX-License-Identifier: Apache-2.0
/** What a test that failed says about its simulations. */
import type { PortDescription } from './description.ts';
import { PortArray } from './port-array.ts';
import type { AnyPorts } from './port-memory.ts';
import type { Snapshot } from './simulation.ts';

const COLUMNS = 100;
/** Most values of a group; a card has hundreds. */
const MAX_VALUES = 96;
/** Most elements of an array. */
const MAX_ELEMENTS = 8;

/** Describes simulations: cycle, time, seed, ports, marked signals, tasks. */
export function describeSnapshots(snapshots: readonly Snapshot[]): string {
  return snapshots.map(describeSnapshot).join('\n');
}

function describeSnapshot(snapshot: Snapshot): string {
  const { description, cycle, time, seed, ports, signals, tasks } = snapshot;
  const { name, ports: list } = description;
  const of = (wanted: (port: PortDescription) => boolean) => list.filter(wanted);
  return [
    `${name} in cycle ${cycle}, ${time / 1000} ns, seed ${seed}:`,
    ...group(
      'inputs',
      ports,
      of(({ direction }) => direction !== 'output'),
    ),
    ...group(
      'outputs',
      ports,
      of(({ direction }) => direction === 'output'),
    ),
    ...group('signals', signals, description.signals),
    ...(tasks === 'no task is running' ? [] : [`  ${tasks.replaceAll('\n', '\n  ')}`]),
  ].join('\n');
}

/** Name and value of each, as many on a line as there is room for. */
function group(title: string, values: AnyPorts, list: ReadonlyArray<{ name: string }>): string[] {
  if (list.length === 0) return [];
  const lines: string[] = [];
  let line = `  ${title.padEnd(8)}`;
  for (const { name } of list.slice(0, MAX_VALUES)) {
    const text = ` ${name}=${formatValue(values[name])}`;
    if (line.length + text.length > COLUMNS) {
      lines.push(line);
      line = ' '.repeat(10);
    }
    line += text;
  }
  lines.push(line);
  if (list.length > MAX_VALUES) lines.push(`${' '.repeat(11)}and ${list.length - MAX_VALUES} more`);
  return lines;
}

/** Small and negative numbers in decimal, others in hexadecimal. */
function formatValue(value: unknown): string {
  if (value instanceof PortArray) {
    const elements = value.toArray();
    const more = elements.length > MAX_ELEMENTS ? ', ..' : '';
    return `[${elements.slice(0, MAX_ELEMENTS).map(formatValue).join(', ')}${more}]`;
  }
  const bits = BigInt(value as number | bigint);
  return bits < 10n ? String(bits) : `0x${bits.toString(16)}`;
}
