// SPDX-License-Identifier: Apache-2.0
// `hpb status`: a node in a dozen lines.

import type { Answer } from '../../node/api/answers.ts';
import { ApiClient } from '../api-client.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { formatCount, formatNumber, formatSeconds } from '../format.ts';
import type { Terminal } from '../terminal.ts';
import { fieldTable } from './fields.ts';

/** Options of `hpb status`. */
export interface StatusOptions {
  readonly url: string;
  readonly json: boolean;
}

export const STATUS_HELP = `
Exit code: 0 the node is well, 1 it is not (it says why), 64 wrong usage, 69 no node answers.

Examples:
  hpb status
  hpb status --url http://127.0.0.1:8481 --json | jq .final.height
`;

/** Says how a node is. */
export async function statusCommand(
  { url, json }: StatusOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const client = new ApiClient(url);
  try {
    const status = await client.get('status', '/status');
    await terminal.stdout.write(json ? `${JSON.stringify(status)}\n` : statusText(status));
    return status.health.ok ? EXIT.OK : EXIT.FAILED;
  } finally {
    client.close();
  }
}

function statusText(status: Answer<'status'>): string {
  const { head, final, justified, sync, pool, totals, accelerator, health } = status;
  const { signatures, spill, services } = accelerator;
  const broken = health.checks.filter(({ ok }) => !ok);
  const behind = formatCount(head.height - final.height, 'block');
  const consensus = `${status.consensus}, ${formatCount(status.producers, 'producer')}`;
  return fieldTable([
    ['node', `${status.name}, hpb-accel ${status.version}`],
    ['health', broken.map(({ name, detail }) => `${name}: ${detail}`).join('; ') || 'well'],
    ['chain', `${status.chainName} (${consensus}, ${status.confirmations} confirmations needed)`],
    ['chain id', status.chainId],
    ['head', headText(status)],
    ['justified', formatNumber(justified.height)],
    ['final', `${formatNumber(final.height)}, ${behind} behind`],
    ['sync', sync.state === 'synced' ? 'synced' : `syncing to ${formatNumber(sync.target ?? 0)}`],
    ['producer', status.producer ?? 'none: follows the chain'],
    ['peers', formatNumber(status.peers)],
    ['pool', `${formatCount(pool.transactions, 'transaction')}, ${formatNumber(pool.bytes)} bytes`],
    ['final so far', formatCount(totals.transactionsFinal, 'transaction')],
    [
      'accelerator',
      `signatures ${services.signatures}, transport ${services.transport}, broadcast ${services.broadcast}`,
    ],
    [
      'signatures',
      `${formatNumber(signatures.checked)} checked, ${formatNumber(signatures.queued)} waiting`,
    ],
    ['spill', spillText(spill)],
    ...cardFields(accelerator.card?.transport),
  ]);
}

type CardTransport = NonNullable<Answer<'status'>['accelerator']['card']>['transport'];

function cardFields(transport: CardTransport): [string, string][] {
  if (!transport) return [];
  const { address, sessions, bytesIn, bytesOut, retransmitted } = transport;
  const bytes = `${formatNumber(bytesIn)} bytes in, ${formatNumber(bytesOut)} out`;
  const again = `${formatCount(retransmitted, 'segment')} sent again`;
  return [['card', `${address}, ${formatCount(sessions, 'session')}, ${bytes}, ${again}`]];
}

function headText({ head, time, genesisTime, slotMilliseconds }: Answer<'status'>): string {
  const age = (time - genesisTime - head.slot * slotMilliseconds) / 1000;
  const when = age < 0 ? `in ${formatSeconds(-age)}` : `${formatSeconds(age)} ago`;
  // Before the first block there is only the genesis, whose time may be still to come.
  return head.height === 0
    ? `no block yet, slot 0 ${when}`
    : `${formatNumber(head.height)} by ${head.producer}, ${when}`;
}

function spillText(spill: Answer<'status'>['accelerator']['spill']): string {
  if (!spill.enabled) return 'off';
  const now = spill.active ? ', spilling now' : '';
  const episodes = formatCount(spill.episodes, 'episode');
  return `${formatNumber(spill.signatures)} to ${spill.to ?? 'nobody'} in ${episodes}${now}`;
}
