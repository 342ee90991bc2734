// SPDX-License-Identifier: Apache-2.0

import {
  type Accelerator,
  CardTransport,
  type Device,
  readToeCounters,
  SimDevice,
} from '../driver/index.ts';
import type { AcceleratorView, CardTransportView } from './api/node-view.ts';
import type { Signatures } from './signatures/index.ts';

/** The card's registers are read this often at most, and not while it idles: it sleeps then. */
const REFRESH_MS = 2_000;
/** What is shown of the TCP engine's registers. */
const SEGMENTS = ['RX_SEGMENTS', 'TX_SEGMENTS', 'RETRANSMIT'] as const;

/** What was read last of the card's registers. */
interface Readings {
  readonly cycles: number;
  readonly busyCycles: number;
  readonly results: number;
  readonly segments: Readonly<Record<string, number>>;
}

/** The accelerator in numbers, for the API. */
export class AcceleratorFigures {
  readonly #accelerator: Accelerator;
  readonly #signatures: Signatures;
  #card: Readings = { cycles: 0, busyCycles: 0, results: 0, segments: {} };
  #readAt = 0;
  /** What had been done when they were read. */
  #done = '';

  constructor(accelerator: Accelerator, signatures: Signatures) {
    this.#accelerator = accelerator;
    this.#signatures = signatures;
  }

  view(): AcceleratorView {
    const { backend, transport, broadcast, signatures } = this.#accelerator;
    const { counters, queued, spilling, spill } = this.#signatures;
    const card = this.#cardView();
    return {
      backend,
      services: {
        signatures: signatures.backend,
        transport: transport.backend === 'node:net' ? 'software' : backend,
        broadcast: broadcast.backend === 'node:net' ? 'software' : backend,
      },
      signatures: {
        checked: counters.checked,
        refused: counters.refused,
        batches: counters.batches,
        queued,
        busySeconds: counters.busySeconds,
      },
      spill: {
        ...spill,
        active: spilling,
        signatures: counters.spilled,
        episodes: counters.episodes,
        confirmed: counters.confirmed,
        contradicted: counters.contradicted,
      },
      ...(card && { card }),
    };
  }

  #cardView(): AcceleratorView['card'] {
    const { device, incidents } = this.#accelerator;
    if (!device) return undefined;
    const transport = this.#transportView(device);
    this.#refresh(device, transport);
    return {
      title: device.kind === 'verilator' ? 'emulated card' : 'card',
      cycles: this.#card.cycles,
      signatures: this.#card.results,
      busyCycles: this.#card.busyCycles,
      engines: device.capabilities.sigverify.engines,
      timeouts: incidents?.timeouts ?? 0,
      resets: incidents?.resets ?? 0,
      lostInterrupts: incidents?.lostInterrupts ?? 0,
      ...(device instanceof SimDevice && { awakeSeconds: device.simCounters().awakeNs / 1e9 }),
      ...(transport && { transport }),
    };
  }

  #transportView(device: Device): CardTransportView | undefined {
    const { transport } = this.#accelerator;
    if (!(transport instanceof CardTransport)) return undefined;
    const { address, mac, sessions, incidents } = transport;
    const link = device instanceof SimDevice ? device.linkCounters() : undefined;
    const { RX_SEGMENTS = 0, TX_SEGMENTS = 0, RETRANSMIT = 0 } = this.#card.segments;
    return {
      address,
      mac,
      sessions,
      framesIn: link?.framesIn ?? 0,
      bytesIn: link?.bytesIn ?? 0,
      framesOut: link?.framesOut ?? 0,
      bytesOut: link?.bytesOut ?? 0,
      framesDropped: link?.dropped ?? 0,
      segmentsIn: RX_SEGMENTS,
      segmentsOut: TX_SEGMENTS,
      retransmitted: RETRANSMIT,
      lostInterrupts: incidents.lostInterrupts,
    };
  }

  #refresh(device: Device, transport: CardTransportView | undefined): void {
    const { batches } = this.#signatures.counters;
    const done = `${batches} ${transport?.framesIn} ${transport?.framesOut}`;
    if (done === this.#done || performance.now() - this.#readAt < REFRESH_MS) return;
    this.#done = done;
    this.#readAt = performance.now();
    readings(device, transport !== undefined).then(
      (card) => {
        this.#card = card;
      },
      () => {}, // it is being closed, or said so elsewhere
    );
  }
}

async function readings(device: Device, hasTransport: boolean): Promise<Readings> {
  const { cycles, busyCycles, results } = await device.counters();
  const segments = hasTransport ? await readToeCounters(device, SEGMENTS) : {};
  return { cycles: Number(cycles), busyCycles: Number(busyCycles), results, segments };
}
