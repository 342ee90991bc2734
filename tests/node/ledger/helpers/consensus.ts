// A consensus that remembers how far it is, and drops whom it is told to.

import type { LedgerConsensus } from '../../../../src/node/ledger/index.ts';

export interface FakeState {
  readonly height: number;
  readonly slot: number;
  readonly elected: readonly string[];
}

export type FakeEvent = { readonly type: 'dropped'; readonly account: string };

export interface FakeConsensus extends LedgerConsensus<FakeState, FakeEvent> {
  /** To be dropped, by height. */
  readonly drops: Map<number, string>;
  /** Heights whose blocks are refused. */
  readonly refused: Set<number>;
}

export function fakeConsensus(): FakeConsensus {
  const drops = new Map<number, string>();
  const refused = new Set<number>();
  return {
    drops,
    refused,
    genesisState: () => ({ height: 0, slot: 0, elected: [] }),
    advance(state, { header }, view) {
      if (header.height !== state.height + 1) throw new Error('expected the next height');
      if (view.ancestor(state.height) !== header.parent) throw new Error('expected its parent');
      if (refused.has(header.height)) throw new Error('refused');
      const elected = view
        .candidates()
        .filter(({ dropped }) => !dropped)
        .sort((a, b) => (a.weight === b.weight ? 0 : a.weight > b.weight ? -1 : 1))
        .map(({ account }) => account);
      const account = drops.get(header.height);
      return {
        state: { height: header.height, slot: header.slot, elected },
        events: account === undefined ? [] : [{ type: 'dropped', account }],
      };
    },
    encodeState: (state) => Buffer.from(JSON.stringify(state)),
    decodeState: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as FakeState,
  };
}
