// SPDX-License-Identifier: Apache-2.0
// What the card itself counted.

import {
  type Accelerator,
  CardTransport,
  type Device,
  readToeCounters,
  SimDevice,
} from '../../driver/index.ts';

/** Counters of the card, its link and its driver, those that are 0 left out. */
export interface CardCounts {
  /** Registers of the TCP engine, by their names in docs/registers.md. */
  readonly engine: Readonly<Record<string, number>>;
  readonly link: Readonly<Record<string, number>>;
  readonly driver: Readonly<Record<string, number>>;
}

const present = (counts: object): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));

async function engineCounts(device: Device): Promise<Record<string, number>> {
  try {
    return present(await readToeCounters(device));
  } catch {
    return {}; // a card that is gone counts no more
  }
}

/** Reads them; `undefined` where no card carries the connections. */
export async function readCardCounts(accelerator: Accelerator): Promise<CardCounts | undefined> {
  const { device, transport } = accelerator;
  if (!device || !(transport instanceof CardTransport)) return undefined;
  return {
    engine: await engineCounts(device),
    link: device instanceof SimDevice ? present(device.linkCounters()) : {},
    driver: present(transport.incidents),
  };
}
