// SPDX-License-Identifier: Apache-2.0
// What `hpb serve` prints for people.

import type { Forward } from '../../driver/index.ts';
import { formatNumber, formatSeconds, formatTable } from '../format.ts';
import type { CardCounts } from './card-counts.ts';
import type { SessionCounts } from './sessions.ts';
import type { Counts } from './tally.ts';

/** Where the services are. */
export interface Ready {
  readonly accel: string;
  readonly transport: string;
  readonly address: string;
  readonly mac?: string;
  readonly link?: string;
  readonly services: readonly { readonly name: string; readonly port: number }[];
  /** Ports of this machine that lead to the card's. */
  readonly forwards?: readonly Forward[];
}

/** What they did. */
export interface Summary {
  readonly seconds: number;
  readonly services: readonly (Counts & { readonly name: string; readonly port: number })[];
  /** Connections open at the end, the busiest first; not all of them. */
  readonly sessions: readonly SessionCounts[];
  readonly card?: CardCounts;
}

/** The line that says it is ready, and one for each service. */
export function readyText(ready: Ready): string {
  const { transport, address, mac, link, services, forwards = [] } = ready;
  const who = mac === undefined ? `TCP by ${transport}` : `TCP by the card, ${mac} on ${link}`;
  const lines = services.map(({ name, port }) => {
    const ways = forwards.filter(({ cardPort }) => cardPort === port);
    const here = ways.map((way) => `, from here ${way.host}:${way.port}`).join('');
    return `  ${name.padEnd(8)} ${address}:${port}${here}\n`;
  });
  return `ready: ${who}\n${lines.join('')}`;
}

/** The summary as tables. */
export function summaryText({ seconds, services, sessions, card }: Summary): string {
  const head = ['', 'connections', 'still open', 'bytes in', 'bytes out', 'errors'];
  const rows = services.map(({ name, connections, open, bytesIn, bytesOut, errors }) => [
    name,
    ...[connections, open, bytesIn, bytesOut].map(formatNumber),
    Object.entries(errors)
      .map(([code, count]) => `${count} ${code}`)
      .join(', ') || '0',
  ]);
  const parts = [`served for ${formatSeconds(seconds)}\n`, formatTable([head, ...rows])];
  if (sessions.length > 0) parts.push('\nstill open, the busiest\n', sessionsTable(sessions));
  for (const [title, counts] of Object.entries(card ?? {})) {
    const entries = Object.entries(counts as Record<string, number>);
    if (entries.length === 0) continue;
    const table = formatTable(entries.map(([name, count]) => [name, formatNumber(count)]));
    parts.push(`\ncard, ${title}\n`, table.replaceAll(/^(?=.)/gm, '  '));
  }
  return parts.join('');
}

function sessionsTable(sessions: readonly SessionCounts[]): string {
  const hasTcp = sessions.some(({ tcp }) => tcp !== undefined);
  const head = ['', 'peer', 'bytes in', 'bytes out'];
  const tcpHead = ['state', 'segments in', 'segments out', 'sent again', 'dropped'];
  const rows = sessions.map(({ service, peer, bytesIn, bytesOut, tcp }) => {
    const row = [service, peer, formatNumber(bytesIn), formatNumber(bytesOut)];
    if (!hasTcp) return row;
    if (!tcp) return [...row, ...tcpHead.map(() => '')];
    const { state, segmentsIn, segmentsOut, retransmitted, unacceptable, noRoom } = tcp;
    const counts = [segmentsIn, segmentsOut, retransmitted, unacceptable + noRoom];
    return [...row, state, ...counts.map(formatNumber)];
  });
  return formatTable([hasTcp ? [...head, ...tcpHead] : head, ...rows]);
}
