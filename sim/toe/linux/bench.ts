// SPDX-License-Identifier: Apache-2.0
// A card on a link to this host, its services, and the kernel's TCP on the other side.

import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  type Accelerator,
  type CardTransportOptions,
  openAccelerator,
  SimDevice,
} from '../../../src/driver/index.ts';
import { compiledUrl } from '../../../src/driver/paths.ts';
import { makePasst } from './passt.ts';
import { Peer } from './peer.ts';
import { type Pools, readPools } from './pools.ts';
import { Services } from './services.ts';
import type { Site, SiteKind } from './site.ts';
import { makeTap } from './tap.ts';

/** How a card is opened. */
export interface BenchOptions {
  /** Where it is; default `tap`. */
  readonly site?: SiteKind;
  /** As `hpb serve --impair`. */
  readonly impair?: string;
  /** Of the card's TCP; without them the values of RFC 9293 and its own. */
  readonly transport?: Pick<CardTransportOptions, 'mslMs' | 'synRetries'>;
  /** File that takes all frames. */
  readonly pcap?: string;
}

/** Seconds for all that a case left to go: TIME-WAIT, and SYN-ACKs that nobody answers (255 s). */
const SETTLE_SECONDS = 300;

export class Bench {
  readonly site: Site;
  readonly accelerator: Accelerator;
  readonly device: SimDevice;
  readonly services: Services;
  readonly peer: Peer;
  readonly #before: Pools;

  private constructor(
    site: Site,
    accelerator: Accelerator,
    device: SimDevice,
    services: Services,
    before: Pools,
  ) {
    this.site = site;
    this.accelerator = accelerator;
    this.device = device;
    this.services = services;
    this.#before = before;
    const script = compiledUrl(new URL('./peer-process.ts', import.meta.url));
    this.peer = new Peer(fileURLToPath(script), site);
  }

  /** @throws where there is no such link, or the card is not built. */
  static async open(options: BenchOptions = {}): Promise<Bench> {
    const { impair, pcap, transport = {} } = options;
    const site = await (options.site === 'passt' ? makePasst() : makeTap());
    try {
      const accelerator = await openAccelerator({
        kind: 'verilator',
        link: site.link,
        ip: site.ip,
        transport,
        ...(impair !== undefined && { impair }),
        ...(pcap !== undefined && { pcap }),
      });
      const { device } = accelerator;
      if (!(device instanceof SimDevice)) throw new Error('expected an emulated card');
      const services = await Services.open(accelerator.transport, site.card);
      return new Bench(site, accelerator, device, services, await readPools(device));
    } catch (error) {
      await site.remove();
      throw error;
    }
  }

  /**
   * Waits until no session is left.
   *
   * @returns what is missing then, in words; nothing where all is whole.
   */
  async leftovers(signal: AbortSignal): Promise<string | undefined> {
    const end = performance.now() + 1000 * SETTLE_SECONDS;
    for (;;) {
      const pools = await readPools(this.device);
      const wrong = Object.entries(this.#before).filter(
        ([name, value]) => pools[name as keyof Pools] !== value,
      );
      if (wrong.length === 0) return undefined;
      if (performance.now() > end || signal.aborted) {
        return wrong
          .map(([name, value]) => `${name}: expected ${value}, got ${pools[name as keyof Pools]}`)
          .join('; ');
      }
      await delay(200, undefined, { signal }).catch(() => {});
    }
  }

  async close(): Promise<void> {
    this.peer.close();
    await this.services.close();
    await this.accelerator.close();
    await this.site.remove();
  }
}
