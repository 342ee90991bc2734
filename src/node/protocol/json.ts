// SPDX-License-Identifier: Apache-2.0
// JSON forms: amounts as decimal strings, bytes as hexadecimal, everything else as it is named.
// What comes in is checked here for its form, and by encoding for the rest.

import { z } from 'zod';
import { Limit, SignatureLayout } from '../generated/protocol.ts';
import { ProtocolError } from './errors.ts';
import { headerId } from './header.ts';
import { fromHex, isId, toHex } from './hex.ts';
import { isName } from './names.ts';
import { OPERATION_TYPES } from './operation-types.ts';
import { isPublicKey } from './signing.ts';
import { assembleTransaction, encodeBody } from './transaction.ts';
import type {
  Block,
  Operation,
  OperationType,
  SignedHeader,
  SignedTransaction,
  SignedVote,
  Transaction,
} from './types.ts';
import { voteId } from './vote.ts';

const U64 = 2n ** 64n - 1n;

/** Base units in JSON: a decimal string. */
export const amountSchema = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,19})$/, 'expected base units, a decimal string')
  .transform((text) => BigInt(text))
  .refine((value) => value <= U64, 'expected at most 2^64 - 1');

/** A name in JSON. */
export const nameSchema = z.string().refine(isName, 'expected a name of 3 to 32 characters');

/** A compressed key in JSON; it is on the curve. */
export const publicKeySchema = z
  .string()
  .refine(isPublicKey, 'expected a compressed secp256k1 key, 66 lower-case hexadecimal digits');

/** An id in JSON. */
export const idSchema = z.string().refine(isId, 'expected 64 lower-case hexadecimal digits');

const u32 = z.int().min(0).max(0xffff_ffff);
const height = u32;
const weight = z.int().min(1).max(0xffff);

const hex = (low: number, high: number) =>
  z
    .string()
    .regex(/^([0-9a-f]{2})*$/, 'expected lower-case hexadecimal digits')
    .refine(
      ({ length }) => length >= 2 * low && length <= 2 * high,
      low === high ? `expected ${low} bytes` : `expected at most ${high} bytes`,
    )
    .transform((text) => fromHex(text));

const signatureSchema = hex(SignatureLayout.BYTES, SignatureLayout.BYTES);

/** An authority in JSON. */
export const authoritySchema = z.strictObject({
  threshold: z.int().min(1).max(0xffff_ffff),
  keys: z.array(z.strictObject({ key: publicKeySchema, weight })).max(Limit.MAX_AUTHORITY_KEYS),
  accounts: z
    .array(z.strictObject({ account: nameSchema, role: nameSchema, weight }))
    .max(Limit.MAX_AUTHORITY_ACCOUNTS),
});

const signedHeaderSchema = z
  .strictObject({
    header: z.strictObject({
      chainId: idSchema,
      height,
      slot: z.int().min(0),
      parent: idSchema,
      producer: nameSchema,
      transactionsRoot: idSchema,
      votesRoot: idSchema,
      stateRoot: idSchema,
      transactionCount: u32,
      voteCount: u32,
      bodyBytes: u32,
    }),
    id: idSchema.optional(),
    signature: signatureSchema,
  })
  .transform((signed): SignedHeader => ({ ...signed, id: headerId(signed.header) }));

const blockRef = z.strictObject({ height, id: idSchema });

const signedVoteSchema = z
  .strictObject({
    vote: z.strictObject({
      chainId: idSchema,
      source: blockRef,
      target: blockRef,
      producer: nameSchema,
    }),
    id: idSchema.optional(),
    signature: signatureSchema,
  })
  .transform((signed): SignedVote => ({ ...signed, id: voteId(signed.vote) }));

const operationType = z.enum(OPERATION_TYPES as [OperationType, ...OperationType[]]);

const operationSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('transfer'),
    from: nameSchema,
    to: nameSchema,
    amount: amountSchema,
    memo: hex(0, Limit.MAX_MEMO_BYTES).default(() => new Uint8Array(0)),
  }),
  z.strictObject({
    type: z.literal('createAccount'),
    creator: nameSchema,
    name: nameSchema,
    balance: amountSchema,
    owner: authoritySchema,
    active: authoritySchema,
  }),
  z.strictObject({
    type: z.literal('updateAuthority'),
    account: nameSchema,
    role: nameSchema,
    authority: authoritySchema.optional(),
    operations: z.array(operationType).default(() => []),
  }),
  z.strictObject({ type: z.literal('stake'), account: nameSchema, amount: amountSchema }),
  z.strictObject({ type: z.literal('unstake'), account: nameSchema, amount: amountSchema }),
  z.strictObject({
    type: z.literal('registerProducer'),
    account: nameSchema,
    signingKey: publicKeySchema,
  }),
  z.strictObject({
    type: z.literal('voteProducers'),
    account: nameSchema,
    producers: z.array(nameSchema).max(Limit.MAX_PRODUCER_VOTES),
  }),
  z.strictObject({
    type: z.literal('reportDoubleProduction'),
    reporter: nameSchema,
    first: signedHeaderSchema,
    second: signedHeaderSchema,
  }),
  z.strictObject({
    type: z.literal('reportDoubleVote'),
    reporter: nameSchema,
    first: signedVoteSchema,
    second: signedVoteSchema,
  }),
]);

const transactionFields = {
  chainId: idSchema,
  refHeight: height,
  refPrefix: u32,
  expiry: u32,
  nonce: u32,
  account: nameSchema,
  fee: amountSchema,
  operations: z.array(operationSchema).min(1).max(Limit.MAX_OPERATIONS),
};

/** A transaction in JSON; what it allows beyond its form, encoding decides. */
export const transactionSchema = z.strictObject(transactionFields);

/** A transaction with its signatures in JSON; `id` may be left out. */
export const signedTransactionSchema = z.strictObject({
  ...transactionFields,
  id: idSchema.optional(),
  signatures: z.array(signatureSchema).min(1).max(Limit.MAX_SIGNATURES),
});

/** JSON form of a value: amounts as strings, bytes as hexadecimal. */
export type Json<T> = T extends bigint | Uint8Array
  ? string
  : T extends object
    ? { readonly [K in keyof T]: Json<T[K]> }
    : T;

/** JSON form of a transaction. */
export type TransactionJson = Json<Transaction>;

/** JSON form of a signed transaction: the fields of the transaction, its id, its signatures. */
export type SignedTransactionJson = TransactionJson & {
  readonly id: string;
  readonly signatures: readonly string[];
};

/** The JSON form of any value of this folder. */
export function toJson<T>(value: T): Json<T> {
  return plain(value) as Json<T>;
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

/** JSON form of an operation. */
export function operationToJson(operation: Operation): Json<Operation> {
  return toJson(operation);
}

/** JSON form of a transaction. */
export function transactionToJson(transaction: Transaction): TransactionJson {
  return toJson(transaction);
}

/**
 * Reads the JSON form of a transaction.
 *
 * @throws {ProtocolError} `PROTOCOL_JSON` naming the key, or what encoding it would throw.
 */
export function transactionFromJson(json: unknown): Transaction {
  const transaction = parse(transactionSchema, json, 'transaction') as Transaction;
  encodeBody(transaction);
  return transaction;
}

/** JSON form of a signed transaction. */
export function signedTransactionToJson(signed: SignedTransaction): SignedTransactionJson {
  const { id, transaction, signatures } = signed;
  return { id, ...toJson(transaction), signatures: signatures.map(toHex) };
}

/**
 * Reads the JSON form of a signed transaction.
 *
 * @throws {ProtocolError} as `transactionFromJson`, and where there is an id that is another.
 */
export function signedTransactionFromJson(json: unknown): SignedTransaction {
  const fields = parse(signedTransactionSchema, json, 'transaction');
  const { id, signatures, ...transaction } = fields;
  const signed = assembleTransaction(transaction as Transaction, signatures);
  if (id !== undefined && id !== signed.id) {
    throw new ProtocolError('PROTOCOL_JSON', `transaction.id: expected ${signed.id}, got ${id}`);
  }
  return signed;
}

/** JSON form of a block, with its transactions. */
export function blockToJson({ signedHeader, votes, transactions }: Block) {
  const { header, id, signature } = signedHeader;
  return {
    id,
    ...toJson(header),
    signature: toHex(signature),
    votes: votes.map((vote) => toJson(vote)),
    transactions: transactions.map(signedTransactionToJson),
  };
}

function parse<T>(schema: z.ZodType<T>, json: unknown, what: string): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = [what, ...(issue?.path ?? [])].map(String).join('.');
  throw new ProtocolError('PROTOCOL_JSON', `${path}: ${issue?.message ?? 'malformed'}`);
}
