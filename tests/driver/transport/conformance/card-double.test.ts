// SPDX-License-Identifier: Apache-2.0
// The card's driver on doubles of the card: what is tested is the driver, not the card's TCP.

import { openDoubles } from '../helpers/double-world.ts';
import { transportApplications } from './applications.ts';
import { transportConformance } from './suite.ts';

transportConformance({ name: 'card, doubles', backend: 'card', open: () => openDoubles() });
transportApplications('card, doubles', () => openDoubles());
transportConformance({
  name: 'card, doubles that are late, small and short of memory',
  backend: 'card',
  open: () =>
    openDoubles(
      { late: 9, receiveLimit: 3_000, pool: 20_000, ringLog2Max: 3 },
      { slots: 1, slotBytes: 4_096, sendLimit: 10_000 },
    ),
});
