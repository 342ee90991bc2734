// SPDX-License-Identifier: Apache-2.0
// Any value that may travel, for fast-check.

import fc from 'fast-check';
import {
  type Authority,
  assembleBlock,
  assembleTransaction,
  type Block,
  type BlockHeader,
  bodyFields,
  GoodbyeCode,
  headerId,
  type Message,
  OPERATION_TYPES,
  type Operation,
  type SignedHeader,
  type SignedTransaction,
  type SignedVote,
  type Transaction,
  toHex,
  type Vote,
  voteId,
} from '../../../../src/node/protocol/index.ts';
import { runSeed } from '../../../../src/testbench/random.ts';

/** Options of every property: the run's seed, so that SEED= repeats it. */
export const run = (numRuns: number) => ({ seed: runSeed() | 0, numRuns });

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const letters = 'abcdefghijklmnopqrstuvwxyz';
const inner = `${letters}0123456789-`;

const label = fc
  .tuple(
    fc.constantFrom(...letters),
    fc.string({ unit: fc.constantFrom(...inner), maxLength: 9 }),
    fc.constantFrom(...letters, '0', '9'),
  )
  .map((parts) => parts.join(''));

export const names = fc
  .array(label, { minLength: 1, maxLength: 4 })
  .map((labels) => labels.join('.').slice(0, 32))
  .map((name) => (/[.-]$/.test(name) ? `${name.slice(0, -1)}a` : name).padEnd(3, 'z'));

export const ids = bytes(32).map(toHex);
export const u32 = fc.oneof(
  fc.integer({ min: 0, max: 0xffff_ffff }),
  fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1),
);
export const u64 = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constantFrom(0n, 2n ** 64n - 1n),
);
export const keys = fc.tuple(fc.constantFrom('02', '03'), ids).map((parts) => parts.join(''));
const heights = fc.integer({ min: 1, max: 0xffff_ffff });

/** Of the right form: r anything, s low. */
export const signatures = fc
  .tuple(bytes(32), bytes(32), fc.integer({ min: 0, max: 3 }))
  .map(([r, s, recovery]) => {
    s[0]! &= 0x7f;
    if (s[0] === 0x7f) s[0] = 0x7e;
    return Uint8Array.of(...r, ...s, recovery, ...new Uint8Array(7));
  });

const weights = fc.integer({ min: 1, max: 0xffff });
const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

export const authorities: fc.Arbitrary<Authority> = fc
  .record({
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    keys: fc.uniqueArray(fc.record({ key: keys, weight: weights }), {
      selector: ({ key }) => key,
      minLength: 1,
      maxLength: 4,
    }),
    accounts: fc.uniqueArray(fc.record({ account: names, role: names, weight: weights }), {
      selector: ({ account, role }) => `${account} ${role}`,
      maxLength: 3,
    }),
  })
  .map(({ share, keys, accounts }) => {
    const sum = [...keys, ...accounts].reduce((total, { weight }) => total + weight, 0);
    return {
      threshold: Math.max(1, Math.floor(share * sum)),
      keys: keys.sort((a, b) => order(a.key, b.key)),
      accounts: accounts.sort((a, b) => order(a.account, b.account) || order(a.role, b.role)),
    };
  });

export const headers: fc.Arbitrary<BlockHeader> = fc.record({
  chainId: ids,
  height: heights,
  slot: fc.maxSafeNat(),
  parent: ids,
  producer: names,
  transactionsRoot: ids,
  votesRoot: ids,
  stateRoot: ids,
  transactionCount: u32,
  voteCount: u32,
  bodyBytes: u32,
});

export const signedHeaders: fc.Arbitrary<SignedHeader> = fc
  .record({ header: headers, signature: signatures })
  .map(({ header, signature }) => ({ header, id: headerId(header), signature }));

export const votes: fc.Arbitrary<Vote> = fc
  .record({
    chainId: ids,
    heights: fc.uniqueArray(u32, { minLength: 2, maxLength: 2 }),
    source: ids,
    target: ids,
    producer: names,
  })
  .map(({ chainId, heights, source, target, producer }) => ({
    chainId,
    source: { height: Math.min(...heights), id: source },
    target: { height: Math.max(...heights), id: target },
    producer,
  }));

export const signedVotes: fc.Arbitrary<SignedVote> = fc
  .record({ vote: votes, signature: signatures })
  .map(({ vote, signature }) => ({ vote, id: voteId(vote), signature }));

export const operations: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 3, arbitrary: transferOf() },
  fc.record({
    type: fc.constant('createAccount' as const),
    creator: names,
    name: names,
    balance: u64,
    owner: authorities,
    active: authorities,
  }),
  fc.record({
    type: fc.constant('updateAuthority' as const),
    account: names,
    role: fc.constantFrom('owner', 'active'),
    authority: authorities,
    operations: fc.constant([]),
  }),
  fc.record({
    type: fc.constant('updateAuthority' as const),
    account: names,
    role: names.filter((name) => name !== 'owner' && name !== 'active'),
    authority: authorities,
    operations: fc.subarray([...OPERATION_TYPES], { minLength: 1 }),
  }),
  fc.record({
    type: fc.constant('updateAuthority' as const),
    account: names,
    role: names.filter((name) => name !== 'owner' && name !== 'active'),
    operations: fc.constant([]),
  }),
  fc.record({
    type: fc.constantFrom('stake' as const, 'unstake' as const),
    account: names,
    amount: u64,
  }) as fc.Arbitrary<Operation>,
  fc.record({ type: fc.constant('registerProducer' as const), account: names, signingKey: keys }),
  fc.record({
    type: fc.constant('voteProducers' as const),
    account: names,
    producers: fc.uniqueArray(names, { maxLength: 30 }).map((list) => list.sort(order)),
  }),
  fc.record({
    type: fc.constant('reportDoubleProduction' as const),
    reporter: names,
    first: signedHeaders,
    second: signedHeaders,
  }),
  fc.record({
    type: fc.constant('reportDoubleVote' as const),
    reporter: names,
    first: signedVotes,
    second: signedVotes,
  }),
);

function transferOf() {
  return fc.record({
    type: fc.constant('transfer' as const),
    from: names,
    to: names,
    amount: u64,
    memo: fc.uint8Array({ maxLength: 64 }),
  });
}

export const transactions: fc.Arbitrary<Transaction> = fc.record({
  chainId: ids,
  refHeight: u32,
  refPrefix: u32,
  expiry: u32,
  nonce: u32,
  account: names,
  fee: u64,
  operations: fc.array(operations, { minLength: 1, maxLength: 4 }),
});

export const signedTransactions: fc.Arbitrary<SignedTransaction> = fc
  .tuple(transactions, fc.array(signatures, { minLength: 1, maxLength: 3 }))
  .map(([transaction, list]) => assembleTransaction(transaction, list));

export const blocks: fc.Arbitrary<Block> = fc
  .record({
    header: headers,
    signature: signatures,
    votes: fc.array(signedVotes, { maxLength: 4 }),
    transactions: fc.array(signedTransactions, { maxLength: 4 }),
  })
  .map(({ header: fields, signature, ...body }) => {
    const header = { ...fields, ...bodyFields(body) };
    return assembleBlock({ header, id: headerId(header), signature }, body);
  });

const text = (length: number) =>
  fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    maxLength: length,
  });
const kind = <K extends Message['kind']>(value: K) => fc.constant(value);
const blockRefs = fc.record({ height: u32, id: ids });

export const messages: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    kind: kind('hello'),
    protocol: u32,
    port: fc.integer({ min: 0, max: 65535 }),
    chainId: ids,
    nodeKey: keys,
    nonce: ids,
    agent: text(32),
  }),
  fc.record({ kind: kind('auth'), signature: signatures }),
  fc.record({ kind: fc.constantFrom('ping', 'pong'), nonce: u64 }) as fc.Arbitrary<Message>,
  fc.record({
    kind: kind('transactions'),
    transactions: fc.array(
      signedTransactions.map((signed) => signed.bytes),
      { minLength: 1, maxLength: 4 },
    ),
  }),
  fc.record({ kind: kind('block'), block: blocks.map((block) => block.bytes) }),
  fc.record({ kind: kind('announce'), header: signedHeaders }),
  fc.record({ kind: kind('votes'), votes: fc.array(bytes(216), { minLength: 1, maxLength: 4 }) }),
  fc.record({
    kind: kind('getBlocks'),
    request: u32,
    from: heights,
    count: fc.integer({ min: 1, max: 1024 }),
    maxBytes: u32,
  }),
  fc.record({
    kind: kind('blocks'),
    request: u32,
    blocks: fc.array(
      blocks.map((block) => block.bytes),
      { maxLength: 3 },
    ),
  }),
  fc.record({ kind: kind('getBlock'), request: u32, id: ids }),
  fc.record({
    kind: kind('getPeers'),
    request: u32,
    count: fc.integer({ min: 1, max: 256 }),
  }),
  fc.record({
    kind: kind('peers'),
    request: u32,
    peers: fc.array(
      fc.record({
        address: fc.ipV4(),
        port: fc.integer({ min: 1, max: 65535 }),
        nodeKey: keys,
      }),
      { maxLength: 4 },
    ),
  }),
  fc
    .record({ kind: kind('status'), head: blockRefs, final: blockRefs })
    .filter(({ head, final }) => final.height <= head.height),
  fc.record({
    kind: kind('goodbye'),
    reason: fc.constantFrom(...Object.values(GoodbyeCode)),
    detail: text(56),
  }),
);
