// SPDX-License-Identifier: Apache-2.0
// What is refused, and with which code: one case a rule, from values and from bytes.

import { describe, expect, test } from 'vitest';
import {
  assembleBlock,
  bodyFields,
  checkName,
  decodeBlock,
  decodeFrameHead,
  decodeMessage,
  decodeTransaction,
  encodeMessage,
  encodeTransaction,
  FRAME_BYTES,
  formatAddress,
  HeaderLayout,
  isName,
  Limit,
  MESSAGE_KINDS,
  type Operation,
  ProtocolError,
  type ProtocolErrorCode,
  parseAddress,
  payloadBounds,
  publicKeyOf,
  SIGNED_HEADER_BYTES,
  sha256,
  signHeader,
  signTransaction,
  signVote,
  type Transaction,
  TransactionLayout,
  transactionFromJson,
  transactionToJson,
} from '../../../src/node/protocol/index.ts';
import { block, messages, signedHeader, signedVote, transactions } from './helpers/examples.ts';

function codeOf(action: () => unknown): ProtocolErrorCode | 'accepted' {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError);
    return (error as ProtocolError).code;
  }
  return 'accepted';
}

const transfer = transactions[0]!;
const byType = (type: Operation['type']) =>
  transactions.find(({ transaction }) => transaction.operations[0]!.type === type)!;

/** Code for the bytes of a transaction with some bytes replaced. */
function patched(bytes: Uint8Array, at: number, patch: readonly number[]) {
  const copy = Uint8Array.from(bytes);
  copy.set(patch, at);
  return codeOf(() => decodeTransaction(copy));
}

describe('names', () => {
  test.each(['abc', 'a.b', 'a1b', 'alice', 'a-b', 'bob.shop', 'a--b', 'x1.y2.z3', 'a'.repeat(32)])(
    '%s is one',
    (name) => {
      expect(isName(name)).toBe(true);
      expect(checkName(name)).toBe(name);
    },
  );

  test.each([
    ['nothing', ''],
    ['two characters', 'ab'],
    ['33 characters', 'a'.repeat(33)],
    ['a digit first', '1abc'],
    ['a hyphen first', '-abc'],
    ['a hyphen last', 'abc-'],
    ['a label with a hyphen last', 'ab-.cd'],
    ['a label with a digit first', 'abc.1de'],
    ['an empty label', 'abc..de'],
    ['a dot first', '.abc'],
    ['a dot last', 'abc.'],
    ['a capital', 'Alice'],
    ['a space', 'a lice'],
    ['an underscore', 'a_lice'],
    ['a zero byte', 'ali\0ce'],
    ['another letter', 'älice'],
  ])('%s is not', (_, name) => {
    expect(isName(name)).toBe(false);
    expect(codeOf(() => checkName(name))).toBe('PROTOCOL_NAME');
  });

  test('neither is anything but a string', () => {
    for (const name of [undefined, null, 5, {}, ['abc']]) expect(isName(name)).toBe(false);
  });
});

describe('a transaction', () => {
  const { bytes } = transfer;
  const head = TransactionLayout;

  test.each<[string, number, number[], ProtocolErrorCode]>([
    ['another version', head.VERSION, [2], 'PROTOCOL_VERSION'],
    ['no operations', head.OPERATIONS, [0], 'PROTOCOL_COUNT'],
    ['17 operations', head.OPERATIONS, [17], 'PROTOCOL_COUNT'],
    ['an operation more than there is', head.OPERATIONS, [2], 'PROTOCOL_TYPE'],
    ['no signatures', head.SIGNATURES, [0], 'PROTOCOL_COUNT'],
    ['17 signatures', head.SIGNATURES, [17], 'PROTOCOL_COUNT'],
    ['a signature more than there is', head.SIGNATURES, [2], 'PROTOCOL_TRUNCATED'],
    ['a reserved byte', head.SIGNATURES + 1, [1], 'PROTOCOL_RESERVED'],
    ['a body of 0 bytes', head.BODY_BYTES, [0, 0], 'PROTOCOL_LENGTH'],
    ['a body of 191 bytes', head.BODY_BYTES, [191], 'PROTOCOL_LENGTH'],
    ['a body 8 bytes shorter', head.BODY_BYTES, [184], 'PROTOCOL_LENGTH'],
    ['a body of 4 GiB', head.BODY_BYTES, [0xf8, 0xff, 0xff, 0xff], 'PROTOCOL_LENGTH'],
    ['an account of zeros', head.ACCOUNT, [0, 0, 0, 0, 0], 'PROTOCOL_NAME'],
    ['a letter after the end of a name', head.ACCOUNT + 20, [0x61], 'PROTOCOL_NAME'],
    ['an unknown operation', 96, [200], 'PROTOCOL_TYPE'],
    ['operation 0', 96, [0], 'PROTOCOL_TYPE'],
    ['a reserved byte in an operation', 97, [1], 'PROTOCOL_RESERVED'],
    ['another length of an operation', 98, [88], 'PROTOCOL_LENGTH'],
    ['a memo of 65 bytes', 96 + 80, [65], 'PROTOCOL_COUNT'],
    ['a memo of 5 bytes with a sixth', 96 + 80, [5], 'PROTOCOL_RESERVED'],
    ['a recovery id of 4', 192 + 64, [4], 'PROTOCOL_SIGNATURE'],
    ['a reserved byte in a signature', 192 + 71, [1], 'PROTOCOL_RESERVED'],
    ['a high s', 192 + 32, [0x80], 'PROTOCOL_SIGNATURE'],
  ])('with %s is refused', (_, at, patch, code) => {
    expect(patched(bytes, at, patch)).toBe(code);
  });

  test('s may be n/2 and not one more', () => {
    const half = [
      ...Buffer.from('7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0', 'hex'),
    ];
    expect(patched(bytes, 192 + 32, half)).toBe('accepted');
    half[31]! += 1;
    expect(patched(bytes, 192 + 32, half)).toBe('PROTOCOL_SIGNATURE');
  });

  const change = (fields: Partial<Transaction>) =>
    codeOf(() => encodeTransaction({ ...transfer.transaction, ...fields }, transfer.signatures));
  const operation = (fields: object, type: Operation['type'] = 'transfer') => {
    const [before] = byType(type).transaction.operations;
    return change({ operations: [{ ...before, ...fields } as Operation] });
  };

  test.each<[string, Partial<Transaction>, ProtocolErrorCode]>([
    ['no operations', { operations: [] }, 'PROTOCOL_COUNT'],
    ['a negative fee', { fee: -1n }, 'PROTOCOL_RANGE'],
    ['a fee of 2^64', { fee: 2n ** 64n }, 'PROTOCOL_RANGE'],
    ['a nonce of 2^32', { nonce: 2 ** 32 }, 'PROTOCOL_RANGE'],
    ['half an expiry', { expiry: 0.5 }, 'PROTOCOL_RANGE'],
    ['a short chain id', { chainId: 'ab' }, 'PROTOCOL_TEXT'],
    ['a chain id in capitals', { chainId: 'AB'.repeat(32) }, 'PROTOCOL_TEXT'],
    ['a bad account', { account: 'no' }, 'PROTOCOL_NAME'],
  ])('of a value with %s is refused', (_, fields, code) => {
    expect(change(fields)).toBe(code);
  });

  const single = { threshold: 1, keys: [{ key: `02${'11'.repeat(32)}`, weight: 1 }], accounts: [] };
  const key = (byte: string, weight = 1) => ({ key: `02${byte.repeat(32)}`, weight });
  const account = (name: string, role: string) => ({ account: name, role, weight: 1 });
  const authority = (fields: object) => ({ owner: { ...single, ...fields } });

  test.each<[string, Operation['type'], object, ProtocolErrorCode]>([
    ['a long memo', 'transfer', { memo: new Uint8Array(65) }, 'PROTOCOL_COUNT'],
    ['an unknown type', 'transfer', { type: 'steal' }, 'PROTOCOL_TYPE'],
    ['an inherited type', 'transfer', { type: 'toString' }, 'PROTOCOL_TYPE'],
    ['threshold 0', 'createAccount', authority({ threshold: 0 }), 'PROTOCOL_RANGE'],
    [
      'a threshold out of reach',
      'createAccount',
      authority({ threshold: 2 }),
      'PROTOCOL_AUTHORITY',
    ],
    ['nobody', 'createAccount', authority({ keys: [] }), 'PROTOCOL_AUTHORITY'],
    ['weight 0', 'createAccount', authority({ keys: [key('11', 0)] }), 'PROTOCOL_RANGE'],
    ['weight 65536', 'createAccount', authority({ keys: [key('11', 65536)] }), 'PROTOCOL_RANGE'],
    ['a key twice', 'createAccount', authority({ keys: [key('11'), key('11')] }), 'PROTOCOL_ORDER'],
    [
      'keys in disorder',
      'createAccount',
      authority({ keys: [key('22'), key('11')] }),
      'PROTOCOL_ORDER',
    ],
    [
      'an account and role twice',
      'createAccount',
      authority({ accounts: [account('bob', 'active'), account('bob', 'active')] }),
      'PROTOCOL_ORDER',
    ],
    [
      'roles in disorder',
      'createAccount',
      authority({ accounts: [account('bob', 'owner'), account('bob', 'active')] }),
      'PROTOCOL_ORDER',
    ],
    [
      '33 keys',
      'createAccount',
      authority({ keys: Array.from({ length: 33 }, (_, i) => key((16 + i).toString(16))) }),
      'PROTOCOL_COUNT',
    ],
    ['a bad key', 'registerProducer', { signingKey: `04${'11'.repeat(32)}` }, 'PROTOCOL_KEY'],
    [
      'no owner',
      'updateAuthority',
      { role: 'owner', authority: undefined, operations: [] },
      'PROTOCOL_AUTHORITY',
    ],
    ['an owner bound to operations', 'updateAuthority', { role: 'owner' }, 'PROTOCOL_AUTHORITY'],
    ['a role bound to nothing', 'updateAuthority', { operations: [] }, 'PROTOCOL_AUTHORITY'],
    [
      'operations in disorder',
      'updateAuthority',
      { operations: ['stake', 'transfer'] },
      'PROTOCOL_ORDER',
    ],
    ['an operation twice', 'updateAuthority', { operations: ['stake', 'stake'] }, 'PROTOCOL_ORDER'],
    ['an unknown operation', 'updateAuthority', { operations: ['steal'] }, 'PROTOCOL_TYPE'],
    ['a producer twice', 'voteProducers', { producers: ['bob', 'bob'] }, 'PROTOCOL_ORDER'],
    [
      '31 producers',
      'voteProducers',
      { producers: Array.from({ length: 31 }, (_, i) => `p${10 + i}`) },
      'PROTOCOL_COUNT',
    ],
  ])('with %s in %s is refused', (_, type, fields, code) => {
    expect(operation(fields, type)).toBe(code);
  });

  test('accounts of one name with ascending roles are in order', () => {
    const accounts = [account('bob', 'active'), account('bob', 'owner')];
    expect(operation(authority({ accounts }), 'createAccount')).toBe('accepted');
  });

  test('a bit of no operation in an authority is refused', () => {
    const at = 96 + 76;
    for (const patch of [[1], [0, 4], [0, 0, 0, 0x80]]) {
      expect(patched(byType('updateAuthority').bytes, at, patch)).toBe('PROTOCOL_TYPE');
    }
  });

  test('64 KiB is the most', () => {
    const big = byType('createAccount').transaction.operations[0]!;
    if (big.type !== 'createAccount') throw new Error('expected createAccount');
    const keys = Array.from({ length: 32 }, (_, i) => key((16 + i).toString(16)));
    const accounts = Array.from({ length: 32 }, (_, i) => account(`bob${10 + i}`, 'active'));
    const wide = { threshold: 1, keys, accounts };
    const most = { ...big, owner: wide, active: wide };
    expect(change({ operations: Array(8).fill(most) })).toBe('accepted');
    expect(change({ operations: Array(10).fill(most) })).toBe('PROTOCOL_LENGTH');
  });

  test('one transaction after another is read by its offset', () => {
    const two = Uint8Array.of(...transfer.bytes, ...byType('stake').bytes);
    expect(decodeTransaction(two, 0)).toEqual(transfer);
    expect(decodeTransaction(two, transfer.bytes.length)).toEqual(byType('stake'));
    expect(codeOf(() => decodeTransaction(two))).toBe('PROTOCOL_LENGTH');
    expect(codeOf(() => decodeTransaction(two, two.length))).toBe('PROTOCOL_TRUNCATED');
  });
});

describe('JSON', () => {
  const json = (fields: object) => ({ ...transactionToJson(transfer.transaction), ...fields });

  test.each<[string, object, RegExp]>([
    ['a number for an amount', { fee: 5 }, /^transaction\.fee: /],
    ['a negative amount', { fee: '-5' }, /^transaction\.fee: .*decimal/],
    ['an amount of 2^64', { fee: `${2n ** 64n}` }, /^transaction\.fee: .*2\^64/],
    ['leading zeros', { fee: '05' }, /^transaction\.fee: /],
    ['an unknown key', { extra: 1 }, /extra/],
    ['a bad name', { account: 'A' }, /^transaction\.account: /],
    ['an unknown operation', { operations: [{ type: 'steal' }] }, /^transaction\.operations\.0/],
    ['no operations', { operations: [] }, /^transaction\.operations: /],
  ])('with %s is refused by the name of its key', (_, fields, message) => {
    expect(() => transactionFromJson(json(fields))).toThrow(message);
    expect(codeOf(() => transactionFromJson(json(fields)))).toBe('PROTOCOL_JSON');
  });

  test('a key that is not on the curve is refused', () => {
    const [operation] = transactionToJson(byType('registerProducer').transaction).operations;
    const operations = [{ ...operation, signingKey: `02${'00'.repeat(31)}05` }];
    expect(() => transactionFromJson(json({ operations }))).toThrow(/signingKey: .*key/);
  });

  test('a memo may be left out', () => {
    const operations = [{ type: 'transfer', from: 'alice', to: 'bob', amount: '1' }];
    expect(transactionFromJson(json({ operations })).operations[0]).toMatchObject({
      memo: new Uint8Array(0),
    });
  });
});

describe('a block', () => {
  const secret = sha256(new Uint8Array(1));
  const body = { votes: block.votes, transactions: block.transactions };
  const signed = (fields: object) =>
    signHeader({ ...block.signedHeader.header, ...bodyFields(body), ...fields }, secret);

  test.each<[string, object, ProtocolErrorCode]>([
    ['another root of transactions', { transactionsRoot: 'ab'.repeat(32) }, 'PROTOCOL_ROOT'],
    ['another root of votes', { votesRoot: 'ab'.repeat(32) }, 'PROTOCOL_ROOT'],
    ['another count', { transactionCount: 2 }, 'PROTOCOL_LENGTH'],
    ['another length', { bodyBytes: 8 }, 'PROTOCOL_LENGTH'],
  ])('whose header says %s is neither written nor read', (_, fields, code) => {
    const header = signed(fields);
    expect(codeOf(() => assembleBlock(header, body))).toBe(code);
  });

  test.each<[string, number, number[], ProtocolErrorCode]>([
    ['another magic number', HeaderLayout.MAGIC, [0], 'PROTOCOL_MAGIC'],
    ['height 0', HeaderLayout.HEIGHT, [0, 0, 0, 0], 'PROTOCOL_RANGE'],
    ['a slot of 2^53', HeaderLayout.SLOT + 6, [0x20], 'PROTOCOL_RANGE'],
    ['a reserved byte', HeaderLayout.BODY_BYTES + 4, [1], 'PROTOCOL_RESERVED'],
    ['another root', HeaderLayout.TRANSACTIONS_ROOT, [0, 0], 'PROTOCOL_ROOT'],
    ['a vote less', HeaderLayout.VOTE_COUNT, [0], 'PROTOCOL_VERSION'],
    ['4 billion votes', HeaderLayout.VOTE_COUNT, [255, 255, 255, 255], 'PROTOCOL_TRUNCATED'],
    ['a transaction less', HeaderLayout.TRANSACTION_COUNT, [0], 'PROTOCOL_LENGTH'],
    [
      '4 billion transactions',
      HeaderLayout.TRANSACTION_COUNT,
      [255, 255, 255, 255],
      'PROTOCOL_LENGTH',
    ],
    ['a body of 4 GiB', HeaderLayout.BODY_BYTES, [255, 255, 255, 255], 'PROTOCOL_LENGTH'],
    ['another vote', SIGNED_HEADER_BYTES + 50, [1], 'PROTOCOL_ROOT'],
  ])('with %s is refused', (_, at, patch, code) => {
    const copy = Uint8Array.from(block.bytes);
    copy.set(patch, at);
    expect(codeOf(() => decodeBlock(copy))).toBe(code);
  });

  test('nothing of it may come from the bytes after it', () => {
    const longer = Uint8Array.of(...block.bytes, ...block.bytes);
    expect(decodeBlock(longer, 0)).toEqual(block);
    expect(decodeBlock(longer, block.bytes.length)).toEqual(block);
    longer.set([2], HeaderLayout.TRANSACTION_COUNT);
    expect(codeOf(() => decodeBlock(longer, 0))).toBe('PROTOCOL_LENGTH');
  });

  test('a vote for its own source or below is none', () => {
    const { vote } = signedVote;
    for (const target of [vote.source, { ...vote.target, height: 0 }]) {
      expect(codeOf(() => signVote({ ...vote, target }, secret))).toBe('PROTOCOL_RANGE');
    }
  });
});

describe('a message', () => {
  const frames = messages.map((message) => ({ kind: message.kind, frame: encodeMessage(message) }));
  const decode = (frame: Uint8Array) =>
    decodeMessage(decodeFrameHead(frame), frame.subarray(FRAME_BYTES));

  test.each<[string, number, number[], ProtocolErrorCode]>([
    ['another magic number', 0, [0], 'PROTOCOL_MAGIC'],
    ['another version', 4, [2], 'PROTOCOL_VERSION'],
    ['kind 0', 5, [0], 'PROTOCOL_TYPE'],
    ['an unknown kind', 5, [99], 'PROTOCOL_TYPE'],
    ['a reserved byte', 6, [1], 'PROTOCOL_RESERVED'],
    ['4 GiB', 8, [0xf8, 0xff, 0xff, 0xff], 'PROTOCOL_LENGTH'],
    ['another checksum', 12, [0, 0], 'PROTOCOL_CHECKSUM'],
    ['another payload', 40, [0], 'PROTOCOL_CHECKSUM'],
  ])('with %s is refused', (_, at, patch, code) => {
    const frame = Uint8Array.from(frames[0]!.frame);
    frame.set(patch, at);
    expect(codeOf(() => decode(frame))).toBe(code);
  });

  test.each(frames)(
    '$kind: a length out of its bounds is refused by its head alone',
    ({ frame, kind }) => {
      const [low, high] = payloadBounds(kind);
      const lengths = [low - 8, low + 4, high + 8, 0xffff_fff8].filter((length) => length >= 0);
      for (const length of lengths) {
        const copy = Buffer.from(frame);
        copy.writeUInt32LE(length, 8);
        expect(codeOf(() => decodeFrameHead(copy))).toBe('PROTOCOL_LENGTH');
      }
    },
  );

  test('every kind has bounds, multiples of 8, none above a block and a batch head', () => {
    for (const kind of MESSAGE_KINDS) {
      const [low, high] = payloadBounds(kind);
      expect(low % 8).toBe(0);
      expect(high % 8).toBe(0);
      expect(low).toBeLessThanOrEqual(high);
      expect(high).toBeLessThanOrEqual(Limit.MAX_BLOCK_BYTES + 8);
    }
  });

  test.each<[string, () => unknown, ProtocolErrorCode]>([
    [
      'no transactions',
      () => encodeMessage({ kind: 'transactions', transactions: [] }),
      'PROTOCOL_COUNT',
    ],
    [
      'a final block above the head',
      () =>
        encodeMessage({
          kind: 'status',
          head: { height: 1, id: block.signedHeader.id },
          final: { height: 2, id: block.signedHeader.id },
        }),
      'PROTOCOL_RANGE',
    ],
    [
      'a line feed',
      () => encodeMessage({ kind: 'goodbye', reason: 1, detail: 'a\nb' }),
      'PROTOCOL_TEXT',
    ],
    [
      '57 characters',
      () => encodeMessage({ kind: 'goodbye', reason: 1, detail: 'a'.repeat(57) }),
      'PROTOCOL_TEXT',
    ],
    [
      'no block',
      () => encodeMessage({ kind: 'getBlocks', request: 1, from: 1, count: 0, maxBytes: 1 }),
      'PROTOCOL_RANGE',
    ],
    [
      'half a vote',
      () => encodeMessage({ kind: 'votes', votes: [new Uint8Array(100)] }),
      'PROTOCOL_RANGE',
    ],
  ])('with %s is not written', (_, action, code) => {
    expect(codeOf(action)).toBe(code);
  });

  test('addresses', () => {
    for (const address of ['192.0.2.1', '0.0.0.0', '::', '::1', '2001:db8::1', 'fe80::1:0:0:2']) {
      expect(formatAddress(parseAddress(address))).toBe(address);
    }
    expect(formatAddress(parseAddress('::ffff:192.0.2.1'))).toBe('192.0.2.1');
    expect(formatAddress(parseAddress('64:ff9b::192.0.2.1'))).toBe('64:ff9b::c000:201');
    expect(formatAddress(parseAddress('2001:0DB8:0:0:0:0:0:1'))).toBe('2001:db8::1');
    for (const address of ['', 'localhost', '1.2.3', '1.2.3.256', 'fe80::1%eth0', ':::', '[::1]']) {
      expect(codeOf(() => parseAddress(address))).toBe('PROTOCOL_TEXT');
    }
  });
});

test('a secret key out of range is refused without being shown', () => {
  for (const secret of [
    new Uint8Array(32),
    new Uint8Array(32).fill(255),
    new Uint8Array(31).fill(1),
  ]) {
    for (const action of [
      () => publicKeyOf(secret),
      () => signTransaction(transfer.transaction, [secret]),
      () => signHeader(signedHeader.header, secret),
    ]) {
      expect(codeOf(action)).toBe('PROTOCOL_KEY');
      expect(action).not.toThrow(/ff|255|0101/);
    }
  }
});
