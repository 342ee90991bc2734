// SPDX-License-Identifier: Apache-2.0
// Two doubles of a card on one network, each with the real driver.

import { afterEach } from 'vitest';
import {
  CardTransport,
  type CardTransportOptions,
} from '../../../../src/driver/transport/card/transport.ts';
import { ToeDouble, type ToeDoubleOptions } from '../../double/toe-device.ts';
import { ToeNetwork } from '../../double/toe-network.ts';
import { type Random, seededRandom } from '../../helpers/random.ts';
import { until, type World } from './world.ts';

export interface DoubleWorld extends World {
  readonly client: CardTransport;
  readonly server: CardTransport;
  readonly cards: readonly [ToeDouble, ToeDouble];
  readonly network: ToeNetwork;
  /** No session is left on either card. */
  settled(): Promise<void>;
}

export async function openDoubles(
  card: Partial<ToeDoubleOptions> = {},
  options: Partial<CardTransportOptions> = {},
  random: Random = seededRandom('doubles'),
): Promise<DoubleWorld> {
  const network = new ToeNetwork(random);
  const cards = [
    new ToeDouble(network, random, { ip: '10.77.0.1', ...card }),
    new ToeDouble(network, random, { ip: '10.77.0.2', ...card }),
  ] as const;
  const [client, server] = await Promise.all(
    cards.map((double, i) =>
      CardTransport.open(double, { ip: `10.77.0.${i + 1}/24`, slots: 4, ...options }),
    ),
  );
  const violations = () => cards.flatMap((double) => double.violations);
  const world: DoubleWorld = {
    client: client!,
    server: server!,
    cards,
    network,
    nobody: '10.77.0.99',
    check: async () => {
      const found = violations();
      if (found.length > 0) throw new Error(`the driver broke the contract: ${found.join('; ')}`);
    },
    settled: () =>
      until(() => cards.every((double) => double.ends.size === 0), 'every session is given back'),
    close: async () => {
      await Promise.all([client!.close(), server!.close()]);
      await Promise.all(cards.map((double) => double.close()));
      await world.check!();
    },
  };
  return world;
}

/** `openDoubles` for the tests of a file, one world a test; closed and checked after it. */
export function doublesOfTest(): typeof openDoubles {
  let world: DoubleWorld | undefined;
  afterEach(async () => {
    await world?.close();
    world = undefined;
  });
  return async (...options) => {
    world = await openDoubles(...options);
    return world;
  };
}
