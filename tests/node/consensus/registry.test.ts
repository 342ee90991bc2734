// SPDX-License-Identifier: Apache-2.0
// What every consensus must do, and that another one is a file and a line.

import { describe, expect, test } from 'vitest';
import type { Consensus, ConsensusParameters } from '../../../src/node/consensus/contract.ts';
import { parametersOf } from '../../../src/node/consensus/parameters.ts';
import { CONSENSUS, consensusOf } from '../../../src/node/consensus/registry.ts';
import { devGenesis } from '../../../src/node/genesis/index.ts';
import { Random, runSeed } from '../../../src/testbench/random.ts';
import { genesisLink, grow, type Link, votesOf } from './helpers/chain.ts';
import { parametersFor, producers } from './helpers/kit.ts';
import { leaderConsensus } from './helpers/leader.ts';

const registry = { ...CONSENSUS, leader: leaderConsensus };

function randomChain(consensus: Consensus, name: string): Link[] {
  const random = new Random(runSeed(), name);
  const pool = producers(7);
  const chain = [genesisLink(consensus)];
  for (let more = 0; more < 60; more++) {
    const tip = chain.at(-1)!;
    const voters = consensus.votersOf(tip.state).flatMap(({ members }) => members);
    const names = [...new Set(voters.map(({ account }) => account))];
    const votes =
      tip.ref.height === 0
        ? []
        : votesOf(
            names.filter(() => random.chance(0.9)),
            tip,
          );
    const candidates = pool.map((producer) => ({
      ...producer,
      weight: random.bigint(40),
      dropped: false,
    }));
    chain.push(grow(consensus, tip, { votes, candidates, gap: random.int(1, 3) }));
  }
  return chain;
}

describe.each(Object.keys(registry))('%s', (kind) => {
  const parameters: ConsensusParameters = parametersFor(4, { kind });
  const consensus = consensusOf(parameters, registry);

  test('has slots from genesis on', () => {
    expect(consensus.kind).toBe(kind);
    for (const slot of [0, 1, 77]) {
      expect(consensus.slotAt(consensus.slotStart(slot))).toBe(slot);
      expect(consensus.slotAt(consensus.slotStart(slot) + 2999)).toBe(slot);
    }
    expect(consensus.slotAt(-1)).toBe(-1);
  });

  test('decodes what it encodes, and goes on alike from there', () => {
    for (const link of randomChain(consensus, kind)) {
      const bytes = consensus.encodeState(link.state);
      const decoded = consensus.decodeState(bytes);
      expect(decoded).toEqual(link.state);
      expect(Buffer.from(consensus.encodeState(decoded)).equals(bytes)).toBe(true);
    }
  });

  test('finalises, and gives the key of each vote that a block may carry', () => {
    const chain = randomChain(consensus, `${kind} keys`);
    expect(chain.at(-1)!.state.finality.final.height).toBeGreaterThan(5);
    for (const { parent, block } of chain) {
      for (const { vote } of block.votes) {
        const key = consensus.voterKey(parent!.state, vote);
        expect(key).toBe(producers(7).find(({ account }) => account === vote.producer)!.signingKey);
      }
    }
  });

  test('takes no malformed state', () => {
    const random = new Random(runSeed(), `${kind} bytes`);
    const bytes = consensus.encodeState(randomChain(consensus, kind).at(-1)!.state);
    for (let length = 0; length < bytes.length; length += 7) {
      expect(() => consensus.decodeState(bytes.subarray(0, length))).toThrow(/state: /);
    }
    expect(() => consensus.decodeState(new Uint8Array([...bytes, 0]))).toThrow(/after the end/);
    for (let round = 0; round < 300; round++) {
      const broken = bytes.slice();
      broken[random.int(broken.length)]! ^= 1 << random.int(8);
      try {
        consensus.encodeState(consensus.decodeState(broken));
      } catch (error) {
        expect((error as { code?: string }).code).toBe('CONSENSUS_STATE');
      }
    }
  });
});

test('an unknown kind is an error that names those there are', () => {
  const parameters = parametersFor(4, { kind: 'toString' });
  expect(() => consensusOf(parameters)).toThrow('expected one of dpos, poa, got "toString"');
});

test.each([
  [{ confirmations: 2 }, 'confirmations: expected 3, got 2'],
  [{ producers: 0 }, 'producers: expected 1 to 255, got 0'],
  [{ roundSlots: 3 }, 'roundSlots: expected 4 to 1000000, got 3'],
  [{ initial: [] }, 'initial (length): expected 1 to 4, got 0'],
  [{ initial: producers(5) }, 'initial (length): expected 1 to 4, got 5'],
])('parameters %j are refused', (changes, message) => {
  expect(() => consensusOf(parametersFor(4, changes))).toThrow(message);
});

test('a genesis gives the parameters', () => {
  const { genesis } = devGenesis({ producers: 4 });
  const parameters = parametersOf(genesis);
  const consensus = consensusOf(parameters);
  expect(consensus.slotStart(0)).toBe(genesis.time);
  const { finality } = consensus.genesisState();
  expect(finality.final).toEqual({ height: 0, id: genesis.chainId });
  expect(consensus.votersOf(consensus.genesisState())).toEqual([
    { members: genesis.producers, needed: 3 },
  ]);
});
