// SPDX-License-Identifier: Apache-2.0

import type { Accelerator, Device } from '../driver/index.ts';
import type { AcceleratorView } from './api/node-view.ts';
import type { Signatures } from './signatures/index.ts';

/** The card's registers are read this often at most, and not while it idles: it sleeps then. */
const REFRESH_MS = 2_000;

/** The accelerator in numbers, for the API. */
export class AcceleratorFigures {
  readonly #accelerator: Accelerator;
  readonly #signatures: Signatures;
  #card: { readonly cycles: number; readonly busyCycles: number; readonly results: number };
  #readAt = 0;
  #batches = -1;

  constructor(accelerator: Accelerator, signatures: Signatures) {
    this.#accelerator = accelerator;
    this.#signatures = signatures;
    this.#card = { cycles: 0, busyCycles: 0, results: 0 };
  }

  view(): AcceleratorView {
    const { backend, transport, broadcast } = this.#accelerator;
    const { counters, queued, spilling, spill } = this.#signatures;
    const card = this.#cardView();
    return {
      backend,
      services: {
        signatures: backend,
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
    this.#refresh(device);
    return {
      title: device.kind === 'verilator' ? 'emulated card' : 'card',
      cycles: this.#card.cycles,
      signatures: this.#card.results,
      busyCycles: this.#card.busyCycles,
      engines: device.capabilities.sigverify.engines,
      timeouts: incidents?.timeouts ?? 0,
      resets: incidents?.resets ?? 0,
      lostInterrupts: incidents?.lostInterrupts ?? 0,
    };
  }

  #refresh(device: Device): void {
    const { batches } = this.#signatures.counters;
    if (batches === this.#batches || performance.now() - this.#readAt < REFRESH_MS) return;
    this.#batches = batches;
    this.#readAt = performance.now();
    device.counters().then(
      ({ cycles, busyCycles, results }) => {
        this.#card = { cycles: Number(cycles), busyCycles: Number(busyCycles), results };
      },
      () => {}, // it is being closed, or said so elsewhere
    );
  }
}
