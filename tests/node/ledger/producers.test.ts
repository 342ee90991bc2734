import { describe, expect, test } from 'vitest';
import { devSecret } from '../../../src/node/genesis/index.ts';
import { publicKeyOf, signHeader, signVote } from '../../../src/node/protocol/index.ts';
import type { BlockHeader, Operation } from '../../../src/node/protocol/types.ts';
import type { Chain } from './helpers/chain.ts';
import { BALANCE, keyOf } from './helpers/genesis.ts';
import { closeChains, newChain } from './helpers/open.ts';

closeChains();

const vote = (account: string, ...producers: string[]): Operation => ({
  type: 'voteProducers',
  account,
  producers,
});
const stake = (account: string, amount: bigint): Operation => ({ type: 'stake', account, amount });
const unstake = (account: string, amount: bigint): Operation => ({
  type: 'unstake',
  account,
  amount,
});
const register = (account: string, signingKey = keyOf(`${account}/signing`)): Operation => ({
  type: 'registerProducer',
  account,
  signingKey,
});

function weights(chain: Chain): Record<string, bigint> {
  return Object.fromEntries(
    chain.ledger.producers().map(({ account, weight }) => [account, weight]),
  );
}

function act(chain: Chain, account: string, ...operations: Operation[]) {
  return chain.extend([chain.candidate(account, operations)]);
}

describe('votes', () => {
  test('weigh what their voter stakes, now and later', async () => {
    const chain = await newChain();
    await act(chain, 'user1', register('user1'));
    await act(chain, 'user2', stake('user2', 500n), vote('user2', 'producer1', 'user1'));
    expect(weights(chain)).toMatchObject({ user1: 500n, producer1: BALANCE + 500n });
    await act(chain, 'user2', stake('user2', 200n));
    await act(chain, 'user2', unstake('user2', 300n));
    expect(weights(chain)).toMatchObject({ user1: 400n, producer1: BALANCE + 400n });
    await act(chain, 'user2', vote('user2', 'producer2'));
    expect(weights(chain)).toMatchObject({
      user1: 0n,
      producer1: BALANCE,
      producer2: BALANCE + 400n,
    });
    await act(chain, 'user2', vote('user2'));
    expect(weights(chain)).toMatchObject({ producer2: BALANCE });
    expect(chain.ledger.account('user2')!.votes).toEqual([]);
    for (let i = 0; i < 3; i++) await chain.ledger.revert();
    expect(weights(chain)).toMatchObject({ user1: 700n });
  });

  test('are for producers', async () => {
    const chain = await newChain();
    const refused = chain.candidate('user1', vote('user1', 'producer1', 'user2'));
    expect(await chain.refusal(refused)).toBe('LEDGER_CANDIDATE');
  });
});

test('who was dropped stands again, with its votes, once it registers', async () => {
  const chain = await newChain();
  const status = () =>
    chain.ledger.producers().find(({ account }) => account === 'producer2')!.status;
  chain.consensus.drops.set(1, 'producer2');
  await act(chain, 'user1', stake('user1', 1n));
  expect(status()).toBe('dropped');
  await act(chain, 'user1', stake('user1', 1n));
  expect(chain.ledger.consensusState.elected).toEqual(['producer0', 'producer1']);
  await act(chain, 'user1', vote('user1', 'producer2'));
  await act(chain, 'producer2', register('producer2'));
  expect(status()).toBe('standing');
  expect(chain.ledger.consensusState.elected[0]).toBe('producer2');
  await chain.ledger.revert();
  expect(status()).toBe('dropped');
});

test('a key changes once in a while only', async () => {
  const chain = await newChain();
  await act(chain, 'producer1', register('producer1', keyOf('second')));
  const third = chain.candidate('producer1', register('producer1', keyOf('third')));
  expect(await chain.refusal(third)).toBe('LEDGER_LIMIT');
  await act(chain, 'producer1', register('producer1', keyOf('second')));
  await chain.extend([], { slot: 20 });
  await act(chain, 'producer1', register('producer1', keyOf('third')));
});

describe('evidence', () => {
  const secretOf = (name: string) => devSecret('evidence', name);
  /** Its next block is of the height that the headers are of. */
  async function newEvidenceChain(): Promise<Chain> {
    const chain = await newChain({ signingKey: (name) => publicKeyOf(secretOf(name)) });
    while (chain.ledger.head.height < 6) await chain.extend([]);
    return chain;
  }

  function header(chain: Chain, fields: Partial<BlockHeader> = {}): BlockHeader {
    const root = '00'.repeat(32);
    return {
      chainId: chain.genesis.chainId,
      height: 7,
      slot: 9,
      parent: '11'.repeat(32),
      producer: 'producer1',
      transactionsRoot: root,
      votesRoot: root,
      stateRoot: root,
      transactionCount: 0,
      voteCount: 0,
      bodyBytes: 0,
      ...fields,
    };
  }

  function headers(chain: Chain, second: Partial<BlockHeader>, signer = 'producer1'): Operation {
    return {
      type: 'reportDoubleProduction',
      reporter: 'user1',
      first: signHeader(header(chain), secretOf('producer1')),
      second: signHeader(header(chain, second), secretOf(signer)),
    };
  }

  type Link = readonly [source: number, target: number, producer?: string, fork?: string];

  function votes(chain: Chain, first: Link, second: Link): Operation {
    const sign = ([source, target, producer = 'producer1', fork = '1']: Link) =>
      signVote(
        {
          chainId: chain.genesis.chainId,
          source: { height: source, id: '0'.repeat(64) },
          target: { height: target, id: fork.repeat(64) },
          producer,
        },
        secretOf(producer),
      );
    return {
      type: 'reportDoubleVote',
      reporter: 'user1',
      first: sign(first),
      second: sign(second),
    };
  }

  const status = (chain: Chain, name = 'producer1') =>
    chain.ledger.producers().find(({ account }) => account === name)!;

  test('two headers for one slot vote a producer out; its voters must vote anew', async () => {
    const chain = await newEvidenceChain();
    await act(chain, 'user2', stake('user2', 500n), vote('user2', 'producer1'));
    const proof = headers(chain, { parent: '22'.repeat(32) });
    await act(chain, 'user1', proof);
    expect(status(chain)).toMatchObject({ status: 'convicted', weight: 0n });
    expect(chain.ledger.consensusState.elected).toEqual(['producer0', 'producer2']);
    expect(chain.ledger.account('user2')!.votes).toEqual([]);
    expect(await chain.refusal(chain.candidate('user1', proof))).toBe('LEDGER_CANDIDATE');
    expect(await chain.refusal(chain.candidate('user2', vote('user2', 'producer1')))).toBe(
      'LEDGER_CANDIDATE',
    );
    await act(chain, 'user2', stake('user2', 100n));
    await chain.reopen();
    await act(chain, 'producer1', register('producer1', publicKeyOf(secretOf('producer1'))));
    await act(chain, 'user2', unstake('user2', 50n));
    expect(status(chain)).toMatchObject({ status: 'standing', weight: 0n });
    await act(chain, 'user2', vote('user2', 'producer1'));
    expect(status(chain).weight).toBe(550n);
    // The old evidence was spent: nothing up to its new registration counts.
    expect(await chain.refusal(chain.candidate('user1', proof))).toBe('LEDGER_EVIDENCE');
    while (chain.ledger.head.height > 7) await chain.ledger.revert();
    expect(status(chain)).toMatchObject({ status: 'standing', weight: BALANCE + 500n });
  });

  test('evidence older than a new registration is spent', async () => {
    const chain = await newEvidenceChain();
    while (chain.ledger.head.height < 8) await chain.extend([]);
    const proof = headers(chain, { parent: '22'.repeat(32) });
    await act(chain, 'user1', proof);
    await act(chain, 'producer1', register('producer1', publicKeyOf(secretOf('producer1'))));
    expect(await chain.refusal(chain.candidate('user1', proof))).toBe('LEDGER_EVIDENCE');
  });

  test('of heights to come nothing counts yet: it would outlive a new registration', async () => {
    const chain = await newEvidenceChain();
    const proofs = [
      votes(chain, [1, 8], [1, 8, 'producer1', '2']),
      votes(chain, [1, 8], [2, 5]),
      headers(chain, { parent: '22'.repeat(32), height: 8 }),
    ];
    const refusals = async () => {
      const codes = [];
      for (const proof of proofs) codes.push(await chain.refusal(chain.candidate('user1', proof)));
      return codes;
    };
    expect(await refusals()).toEqual(Array(3).fill('LEDGER_EVIDENCE'));
    await chain.extend([]);
    expect(await refusals()).toEqual(Array(3).fill(undefined));
  });

  test('headers that prove nothing', async () => {
    const chain = await newEvidenceChain();
    const refusal = (second: Partial<BlockHeader>, signer?: string) =>
      chain.refusal(chain.candidate('user1', headers(chain, second, signer)));
    expect(await refusal({})).toBe('LEDGER_EVIDENCE');
    expect(await refusal({ slot: 10 })).toBe('LEDGER_EVIDENCE');
    expect(await refusal({ producer: 'producer2' })).toBe('LEDGER_EVIDENCE');
    expect(await refusal({ parent: '22'.repeat(32) }, 'producer2')).toBe('LEDGER_EVIDENCE');
    expect(await refusal({ parent: '22'.repeat(32), chainId: '33'.repeat(32) })).toBe(
      'LEDGER_EVIDENCE',
    );
    expect(await refusal({ parent: '22'.repeat(32) })).toBeUndefined();
  });

  test('a former key still counts', async () => {
    const chain = await newEvidenceChain();
    await act(chain, 'producer1', register('producer1', keyOf('fresh')));
    await act(chain, 'user1', headers(chain, { parent: '22'.repeat(32) }));
    expect(status(chain).status).toBe('convicted');
  });

  test('votes that contradict each other, and some that do not', async () => {
    const chain = await newEvidenceChain();
    const refusal = (first: Link, second: Link) =>
      chain.refusal(chain.candidate('user1', votes(chain, first, second)));
    expect(await refusal([1, 5], [1, 5, 'producer1', '2'])).toBeUndefined();
    expect(await refusal([1, 5], [2, 5])).toBeUndefined();
    expect(await refusal([1, 6], [2, 5])).toBeUndefined();
    expect(await refusal([2, 5], [1, 6])).toBeUndefined();
    expect(await refusal([1, 5], [1, 6])).toBe('LEDGER_EVIDENCE');
    expect(await refusal([1, 5], [5, 6])).toBe('LEDGER_EVIDENCE');
    expect(await refusal([1, 5], [2, 6])).toBe('LEDGER_EVIDENCE');
    expect(await refusal([1, 5], [1, 5])).toBe('LEDGER_EVIDENCE');
    expect(await refusal([1, 5], [1, 5, 'producer2', '2'])).toBe('LEDGER_EVIDENCE');
  });
});
