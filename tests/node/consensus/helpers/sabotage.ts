// SPDX-License-Identifier: Apache-2.0
// The rules with one of them taken away: the simulations must notice.

import type { Rules } from '../../../../src/node/consensus/finality-types.ts';
import { CASPER } from '../../../../src/node/consensus/rules.ts';

export const SABOTAGE: Readonly<Record<string, Rules>> = {
  'a vote may surround another': {
    ...CASPER,
    permits: (last, next) => next.target.height > last.target.height,
  },
  'two votes for one height': {
    ...CASPER,
    permits: (last, next) =>
      next.target.height >= last.target.height && next.source.height >= last.source.height,
  },
  'K one lower': { ...CASPER, quorum: (members) => Math.max(CASPER.quorum(members) - 1, 1) },
  'only the set in force votes': { ...CASPER, voters: (_rear, forward) => [forward] },
};
