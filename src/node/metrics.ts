// SPDX-License-Identifier: Apache-2.0
// What /metrics shows. Read when asked, so that counting costs nothing.

import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { AcceleratorView, NodeView } from './api/node-view.ts';
import type { Chain } from './chain/index.ts';
import type { Network } from './network/index.ts';
import type { Signatures } from './signatures/index.ts';

/** What the metrics look at. */
export interface MetricsParts {
  readonly facade: NodeView;
  readonly network: Network;
  readonly chain: Chain;
  readonly signatures: Signatures;
}

type Read = (parts: MetricsParts) => number;
type ReadTable = (parts: MetricsParts) => Readonly<Record<string, number>>;

const GAUGES: readonly (readonly [name: string, help: string, read: Read])[] = [
  ['head_height', 'Height of the head', ({ facade }) => facade.state().head.height],
  ['justified_height', 'Last justified block', ({ facade }) => facade.state().justified.height],
  ['final_height', 'Last final block', ({ facade }) => facade.state().final.height],
  ['slot', 'Slot of the wall clock', ({ facade }) => facade.state().slot],
  ['pool_transactions', 'Waiting for a block', ({ facade }) => facade.state().pool.transactions],
  ['pool_bytes', 'Memory of the pool', ({ facade }) => facade.state().pool.bytes],
  ['peers', 'Connections to nodes', ({ facade }) => facade.peers().length],
  ['signatures_queued', 'Signatures without an answer', ({ signatures }) => signatures.queued],
  ['spilling', '1 while signatures spill', ({ signatures }) => Number(signatures.spilling)],
  ['healthy', '1 while the node is fit to serve', ({ facade }) => Number(facade.health().ok)],
];

const COUNTERS: readonly (readonly [name: string, help: string, read: Read])[] = [
  [
    'transactions_seen_total',
    'Taken into the pool',
    ({ facade }) => facade.state().totals.transactionsSeen,
  ],
  [
    'transactions_included_total',
    'In blocks of the chain',
    ({ facade }) => facade.state().totals.transactionsIncluded,
  ],
  [
    'transactions_final_total',
    'In final blocks',
    ({ facade }) => facade.state().totals.transactionsFinal,
  ],
  [
    'transactions_refused_total',
    'Not taken',
    ({ facade }) => facade.state().totals.transactionsRefused,
  ],
  [
    'blocks_produced_total',
    'Made by this node',
    ({ facade }) => facade.state().totals.blocksProduced,
  ],
  ['blocks_reverted_total', 'Undone', ({ facade }) => facade.state().totals.blocksReverted],
  ['signatures_total', 'Checked', ({ signatures }) => signatures.counters.checked],
  ['signatures_refused_total', 'Of nobody', ({ signatures }) => signatures.counters.refused],
  ['signature_batches_total', 'Given to the accelerator', (p) => p.signatures.counters.batches],
  [
    'signature_busy_seconds_total',
    'With a batch under way',
    ({ signatures }) => signatures.counters.busySeconds,
  ],
  ['signatures_spilled_total', 'Given to the stand-in', (p) => p.signatures.counters.spilled],
  ['spill_episodes_total', 'Times a spill began', ({ signatures }) => signatures.counters.episodes],
  [
    'signatures_confirmed_total',
    'Asked again in software',
    ({ signatures }) => signatures.counters.confirmed,
  ],
  [
    'signatures_contradicted_total',
    'Where software contradicted the card',
    ({ signatures }) => signatures.counters.contradicted,
  ],
  [
    'signature_failures_total',
    'Batches without an answer',
    ({ signatures }) => signatures.counters.failures,
  ],
  ['network_in_bytes_total', 'From peers', ({ network }) => network.counters.bytesIn],
  ['network_out_bytes_total', 'To peers', ({ network }) => network.counters.bytesOut],
  ['network_bans_total', 'Peers and addresses banned', ({ network }) => network.counters.bans],
  [
    'network_pauses_total',
    'Times a peer was not read because of unfinished work',
    ({ network }) => network.counters.pauses,
  ],
  ['blocks_synced_total', 'Taken over in ranges', ({ network }) => network.counters.blocksSynced],
];

const TABLES: readonly (readonly [name: string, help: string, label: string, read: ReadTable])[] = [
  ['frames_received_total', 'From peers', 'kind', ({ network }) => network.counters.received],
  ['frames_sent_total', 'To peers', 'kind', ({ network }) => network.counters.sent],
  ['frames_shed_total', 'Not looked into', 'reason', ({ network }) => network.counters.shed],
  ['frames_dropped_total', 'Queue full', 'kind', ({ network }) => network.counters.dropped],
  ['punished_points_total', 'Against peers', 'reason', ({ network }) => network.counters.punished],
];

type Card = NonNullable<AcceleratorView['card']>;
type ReadCard = (card: Card) => number | undefined;

/** Of a card, where there is one that has it. */
const CARD: readonly (readonly [name: string, help: string, read: ReadCard])[] = [
  ['card_cycles_total', 'Clock cycles of the card', ({ cycles }) => cycles],
  ['card_awake_seconds_total', 'In which its model ran', ({ awakeSeconds }) => awakeSeconds],
  ['card_signatures_total', 'Answered by the card', ({ signatures }) => signatures],
  ['card_frames_in_total', 'From its link', ({ transport }) => transport?.framesIn],
  ['card_frames_out_total', 'To its link', ({ transport }) => transport?.framesOut],
  ['card_in_bytes_total', 'In frames from its link', ({ transport }) => transport?.bytesIn],
  ['card_out_bytes_total', 'In frames to its link', ({ transport }) => transport?.bytesOut],
  ['card_frames_dropped_total', 'No room', ({ transport }) => transport?.framesDropped],
  ['card_segments_in_total', 'Of TCP', ({ transport }) => transport?.segmentsIn],
  ['card_segments_out_total', 'Of TCP', ({ transport }) => transport?.segmentsOut],
  ['card_retransmitted_total', 'Segments sent again', ({ transport }) => transport?.retransmitted],
];

/** Registers what the card of a node counts. */
function addCard({ facade }: MetricsParts, registers: Registry[]): void {
  const card = () => facade.accelerator().card;
  const initial = card();
  if (!initial) return;
  for (const [name, help, read] of CARD) {
    if (read(initial) === undefined) continue;
    new Counter({
      name: `hpb_${name}`,
      help,
      registers,
      collect() {
        const now = card();
        this.reset();
        if (now) this.inc(read(now) ?? 0);
      },
    });
  }
  if (!initial.transport) return;
  new Gauge({
    name: 'hpb_card_sessions',
    help: "In the card's TCP table",
    registers,
    collect() {
      this.set(card()?.transport?.sessions ?? 0);
    },
  });
}

/** A registry of one node. */
export function nodeMetrics(parts: MetricsParts): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const services = parts.facade.accelerator().services;
  new Gauge({
    name: 'hpb_accelerator',
    help: 'Who does which service: always 1',
    labelNames: ['service', 'backend'],
    registers,
    collect() {
      for (const [service, backend] of Object.entries(services)) this.set({ service, backend }, 1);
    },
  });
  for (const [name, help, read] of GAUGES) {
    new Gauge({
      name: `hpb_${name}`,
      help,
      registers,
      collect() {
        this.set(read(parts));
      },
    });
  }
  for (const [name, help, read] of COUNTERS) {
    new Counter({
      name: `hpb_${name}`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(Math.max(0, read(parts)));
      },
    });
  }
  addCard(parts, registers);
  for (const [name, help, label, read] of TABLES) {
    new Counter({
      name: `hpb_${name}`,
      help,
      labelNames: [label],
      registers,
      collect() {
        this.reset();
        for (const [key, value] of Object.entries(read(parts))) this.inc({ [label]: key }, value);
      },
    });
  }
  return registry;
}
