// SPDX-License-Identifier: Apache-2.0
// What the operations answer, for the description at /openapi.json and for clients that check.

import { z } from 'zod';

const count = z.int().min(0);
const amount = z.string().regex(/^\d+$/).describe('base units, decimal');
const id = z.string().regex(/^[0-9a-f]{64}$/);
const time = z.int().describe('milliseconds since 1970');
const blockRef = z.object({ height: count, id });
const backend = z.enum(['software', 'native', 'verilator', 'pcie']);

const confirmations = z.object({ count, needed: count, final: z.boolean() });

const inclusion = { id, block: blockRef, index: count, confirmations: count, needed: count };

const status = z.discriminatedUnion('state', [
  z.object({ id, state: z.literal('seen') }),
  z.object({ ...inclusion, state: z.enum(['included', 'confirmed', 'final']) }),
  z.object({ id, state: z.literal('dropped'), reason: z.string() }),
]);

const blockSummary = z.object({
  chainId: id,
  height: count,
  slot: count,
  parent: id,
  producer: z.string(),
  transactionsRoot: id,
  votesRoot: id,
  stateRoot: id,
  transactionCount: count,
  voteCount: count,
  bodyBytes: count,
  id,
  time,
  bytes: count,
  confirmations: confirmations.optional(),
});

const transaction = z.object({
  id,
  bytes: count.optional(),
  status: status.optional(),
  transaction: z.record(z.string(), z.unknown()).optional(),
  signatures: z.array(z.string()).optional(),
});

const authority = z.object({
  threshold: count,
  keys: z.array(z.object({ key: z.string(), weight: count })),
  accounts: z.array(z.object({ account: z.string(), role: z.string(), weight: count })),
});

const amountAt = z.object({ amount, time });

const cardTransport = z.object({
  address: z.string(),
  mac: z.string(),
  sessions: count,
  framesIn: count,
  bytesIn: count,
  framesOut: count,
  bytesOut: count,
  framesDropped: count,
  segmentsIn: count,
  segmentsOut: count,
  retransmitted: count,
  lostInterrupts: count,
});

const accelerator = z.object({
  backend,
  services: z.object({ signatures: backend, transport: backend, broadcast: backend }),
  signatures: z.object({
    checked: count,
    refused: count,
    batches: count,
    queued: count,
    busySeconds: z.number(),
  }),
  spill: z.object({
    enabled: z.boolean(),
    to: backend.optional(),
    active: z.boolean(),
    signatures: count,
    episodes: count,
    confirmed: count,
    contradicted: count,
  }),
  card: z
    .object({
      title: z.string(),
      cycles: count,
      signatures: count,
      busyCycles: count,
      engines: count,
      timeouts: count,
      resets: count,
      lostInterrupts: count,
      awakeSeconds: z.number().optional(),
      transport: cardTransport.optional(),
    })
    .optional(),
});

const state = z.object({
  time,
  slot: count,
  head: blockRef.extend({ slot: count, producer: z.string() }),
  justified: blockRef,
  final: blockRef,
  sync: z.object({ state: z.enum(['synced', 'syncing']), target: count.optional() }),
  pool: z.object({ transactions: count, bytes: count, capacityBytes: count }),
  totals: z.object({
    transactionsSeen: count,
    transactionsIncluded: count,
    transactionsFinal: count,
    transactionsRefused: count,
    blocksProduced: count,
    blocksReverted: count,
  }),
});

const identity = z.object({
  version: z.string(),
  name: z.string(),
  nodeKey: z.string(),
  chainId: id,
  chainName: z.string(),
  genesisTime: time,
  consensus: z.enum(['dpos', 'poa']),
  slotMilliseconds: count,
  producers: count,
  confirmations: count,
  minimumBalance: amount,
  fees: z.object({ perTransaction: amount, perByte: amount, createAccount: amount }),
  maxTransactionLifeSeconds: count,
  producer: z.string().optional(),
});

const health = z.object({
  ok: z.boolean(),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })),
});

/** By the name of the operation. */
export const ANSWERS = {
  status: z.object({
    ...identity.shape,
    ...state.shape,
    health,
    peers: count,
    accelerator,
  }),
  block: blockSummary.extend({
    signature: z.string().optional(),
    votes: z
      .array(z.object({ producer: z.string(), source: blockRef, target: blockRef }))
      .optional(),
    transactions: z.array(z.union([id, transaction])).optional(),
  }),
  blocks: z.object({ blocks: z.array(blockSummary) }),
  transaction,
  transactionStatus: status,
  submit: z.object({
    accepted: count,
    verdicts: z.array(
      z.discriminatedUnion('accepted', [
        z.object({ index: count, accepted: z.literal(true), id, known: z.boolean() }),
        z.object({
          index: count,
          accepted: z.literal(false),
          id: id.optional(),
          code: z.string(),
          message: z.string(),
        }),
      ]),
    ),
  }),
  account: z.object({
    name: z.string(),
    balance: amount,
    stake: amount,
    locked: amount,
    spendable: amount,
    unstaking: z.array(amountAt),
    vesting: z.array(amountAt),
    authorities: z.array(
      z.object({ role: z.string(), authority, operations: z.array(z.string()) }),
    ),
    votes: z.array(z.string()),
  }),
  accountHistory: z.object({
    entries: z.array(
      z.object({
        position: z.string(),
        block: blockRef,
        index: count,
        ...transaction.shape,
      }),
    ),
  }),
  producers: z.object({
    count,
    producers: z.array(
      z.object({
        account: z.string(),
        signingKey: z.string(),
        weight: amount,
        rank: count,
        state: z.enum(['active', 'standby', 'dropped', 'convicted']),
        produced: count,
        missed: count,
        lastBlock: blockRef.optional(),
      }),
    ),
  }),
  schedule: z.object({
    slots: z.array(z.object({ slot: count, time, producer: z.string() })),
  }),
  peers: z.object({
    count,
    peers: z.array(
      z.object({
        nodeKey: z.string(),
        address: z.string(),
        direction: z.enum(['in', 'out']),
        version: z.string(),
        height: count,
        connectedSince: time,
        roundTripMilliseconds: z.number().optional(),
        bytesIn: count,
        bytesOut: count,
        queued: count,
        score: z.number(),
      }),
    ),
  }),
  accelerator,
  figures: z.object({
    samples: z.array(
      z.object({
        time,
        height: count,
        finalHeight: count,
        included: count,
        final: count,
        pool: count,
        peers: count,
        signatures: count,
        queued: count,
        spilled: count,
        cycles: count,
      }),
    ),
  }),
} as const;

/** What an operation answers. */
export type Answer<Name extends keyof typeof ANSWERS> = z.infer<(typeof ANSWERS)[Name]>;
