// SPDX-License-Identifier: Apache-2.0
// The examples of docs/protocol.md: fixed values and keys, so that they stay what they are.

import {
  assembleBlock,
  authDigest,
  type BlockHeader,
  bodyFields,
  GoodbyeCode,
  type Message,
  type Operation,
  publicKeyOf,
  sha256,
  sha256Id,
  signDigest,
  signHeader,
  signTransaction,
  signVote,
  type Transaction,
  type Vote,
} from '../../../../src/node/protocol/index.ts';

const text = (value: string) => new Uint8Array(Buffer.from(value));
const secret = (label: string) => sha256(text(`example key of ${label}`));
const id = (label: string) => sha256Id(text(`example ${label}`));
const keyOf = (label: string) => publicKeyOf(secret(label));

const chainId = id('chain');

const transaction = (operation: Operation): Transaction => ({
  chainId,
  refHeight: 1000,
  refPrefix: 0x12345678,
  expiry: 1_800_000_000,
  nonce: 1,
  account: 'alice',
  fee: 2560n,
  operations: [operation],
});

const single = (label: string) => ({
  threshold: 1,
  keys: [{ key: keyOf(label), weight: 1 }],
  accounts: [],
});

const vote = (target: string): Vote => ({
  chainId,
  source: { height: 1001, id: id('block 1001') },
  target: { height: 1002, id: id(target) },
  producer: 'producer1',
});

const header = (stateRoot: string): BlockHeader => ({
  chainId,
  height: 1003,
  slot: 1010,
  parent: id('block 1002'),
  producer: 'producer2',
  stateRoot: id(stateRoot),
  ...bodyFields({ votes: [], transactions: [] }),
});

const OPERATIONS: readonly Operation[] = [
  { type: 'transfer', from: 'alice', to: 'bob.shop', amount: 150_000_000n, memo: text('coffee') },
  {
    type: 'createAccount',
    creator: 'alice',
    name: 'carol',
    balance: 1_000_000n,
    owner: single('carol'),
    active: {
      threshold: 2,
      keys: [{ key: keyOf('carol'), weight: 1 }],
      accounts: [
        { account: 'alice', role: 'active', weight: 1 },
        { account: 'bob.shop', role: 'active', weight: 1 },
      ],
    },
  },
  {
    type: 'updateAuthority',
    account: 'alice',
    role: 'election',
    authority: single('election'),
    operations: ['stake', 'voteProducers'],
  },
  { type: 'stake', account: 'alice', amount: 500_000_000n },
  { type: 'unstake', account: 'alice', amount: 500_000_000n },
  { type: 'registerProducer', account: 'alice', signingKey: keyOf('signing') },
  { type: 'voteProducers', account: 'alice', producers: ['producer1', 'producer2'] },
  {
    type: 'reportDoubleProduction',
    reporter: 'alice',
    first: signHeader(header('one state'), secret('producer2')),
    second: signHeader(header('another state'), secret('producer2')),
  },
  {
    type: 'reportDoubleVote',
    reporter: 'alice',
    first: signVote(vote('block 1002'), secret('producer1')),
    second: signVote(vote('another block 1002'), secret('producer1')),
  },
];

/** One of each operation, by type. */
export const transactions = OPERATIONS.map((operation) =>
  signTransaction(transaction(operation), [secret('alice')]),
);

export const signedHeader = signHeader(header('one state'), secret('producer2'));
export const signedVote = signVote(vote('block 1002'), secret('producer1'));

const body = { votes: [signedVote], transactions: [transactions[0]!] };
export const block = assembleBlock(
  signHeader({ ...header('state'), ...bodyFields(body) }, secret('producer2')),
  body,
);

/** What the auth among the messages signs. */
export const challenge = {
  chainId,
  signerKey: keyOf('node'),
  peerKey: keyOf('peer'),
  signerNonce: id('nonce'),
  peerNonce: id('nonce of the peer'),
};

export const messages: readonly Message[] = [
  {
    kind: 'hello',
    protocol: 1,
    port: 7400,
    chainId,
    nodeKey: keyOf('node'),
    nonce: id('nonce'),
    agent: 'hpb-accel/0.1.0',
  },
  { kind: 'auth', signature: signDigest(authDigest(challenge), secret('node')) },
  { kind: 'ping', nonce: 42n },
  { kind: 'pong', nonce: 42n },
  { kind: 'transactions', transactions: [transactions[0]!.bytes] },
  { kind: 'votes', votes: [encodeVoteOf()] },
  { kind: 'block', block: block.bytes },
  { kind: 'announce', header: signedHeader },
  { kind: 'getBlocks', request: 7, from: 1003, count: 100, maxBytes: 4_194_304 },
  { kind: 'getBlock', request: 8, id: block.signedHeader.id },
  { kind: 'blocks', request: 8, blocks: [block.bytes] },
  { kind: 'getPeers', request: 9, count: 16 },
  {
    kind: 'peers',
    request: 9,
    peers: [
      { address: '192.0.2.1', port: 7400, nodeKey: keyOf('node') },
      { address: '2001:db8::1', port: 7400, nodeKey: keyOf('peer') },
    ],
  },
  {
    kind: 'status',
    head: { height: 1003, id: block.signedHeader.id },
    final: { height: 1001, id: id('block 1001') },
  },
  { kind: 'goodbye', reason: GoodbyeCode.SHUTDOWN, detail: 'back in a minute' },
];

function encodeVoteOf(): Uint8Array {
  return block.bytes.slice(296, 296 + 216);
}
