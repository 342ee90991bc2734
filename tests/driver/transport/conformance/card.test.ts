// SPDX-License-Identifier: Apache-2.0
// TCP of the card, emulated: two cards on a hub.

import { openCards } from '../helpers/card-world.ts';
import { transportApplications } from './applications.ts';
import { transportConformance } from './suite.ts';

transportConformance({ name: 'card', backend: 'card', open: () => openCards() });
transportApplications('card', () => openCards());
