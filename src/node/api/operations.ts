// SPDX-License-Identifier: Apache-2.0
// What can be asked, once: JSON-RPC methods, REST routes and their description come from this table.

import { z } from 'zod';
import { ApiError } from './errors.ts';
import type { FigureHistory } from './figures.ts';
import { blockJson, type Json, toJson, transactionJson } from './json.ts';
import type { ApiLimits } from './limits.ts';
import type { NodeView } from './node-view.ts';
import { hexadecimal, id, integer, name, type Parameters, position, wordOr } from './parameters.ts';
import { bytesOfHex, submitTransactions } from './submit.ts';

/** What an operation works with. */
export interface OperationContext {
  readonly node: NodeView;
  readonly limits: ApiLimits;
  readonly figures: FigureHistory;
}

/** One question. */
export interface Operation {
  /** JSON-RPC method. */
  readonly name: string;
  readonly summary: string;
  /** Path below /v1 with its parameters as `:name`; the others are in the query or the body. */
  readonly path: string;
  readonly method: 'GET' | 'POST';
  readonly parameters: Parameters;
  /** @param values - what `parameters` made of the request. */
  readonly run: (context: OperationContext, values: never) => Json | Promise<Json>;
}

type RawOperation<P extends Parameters> = Omit<Operation, 'parameters' | 'run' | 'method'> & {
  readonly method?: 'POST';
  readonly parameters: P;
  readonly run: (context: OperationContext, values: z.output<P>) => Json | Promise<Json>;
};

function operation<P extends Parameters>(raw: RawOperation<P>): Operation {
  return { method: 'GET', ...raw };
}

const nothing = z.strictObject({});

/** A block by what a caller may name it by. */
async function findBlock({ node }: OperationContext, at: string | number) {
  const { head, final } = node.state();
  const key = at === 'head' ? head.id : at === 'final' ? final.id : at;
  const block = await node.block(key);
  if (block) return block;
  const expected =
    typeof key === 'number' ? `a height from 1 to ${head.height}` : 'a block on the chain';
  throw new ApiError('not_found', `block: expected ${expected}, got ${at}`);
}

/** All operations; page sizes are those of the limits. */
export function makeOperations(limits: ApiLimits): readonly Operation[] {
  const page = integer(1, limits.pageSize).default(Math.min(20, limits.pageSize));
  return [
    operation({
      name: 'status',
      summary: 'The node, the chain, its head and its finality, in one answer',
      path: '/status',
      parameters: nothing,
      run: ({ node }) =>
        toJson({
          ...node.identity,
          ...node.state(),
          health: node.health(),
          peers: node.peers().length,
          accelerator: node.accelerator(),
        }),
    }),
    operation({
      name: 'block',
      summary: 'A block, by height, by id, or `head` or `final`',
      path: '/blocks/:at',
      parameters: z.strictObject({
        at: wordOr(['head', 'final']),
        transactions: z.enum(['none', 'ids', 'full']).default('ids'),
      }),
      run: async (context, { at, transactions }) => {
        const block = await findBlock(context, at);
        const { node } = context;
        const { header, id: blockId } = block.signedHeader;
        const confirmations = node.confirmations({ height: header.height, id: blockId });
        return blockJson(block, node.identity, confirmations, transactions);
      },
    }),
    operation({
      name: 'blocks',
      summary: 'Blocks without their transactions, latest first, below a height',
      path: '/blocks',
      parameters: z.strictObject({
        before: integer(0, Number.MAX_SAFE_INTEGER).optional(),
        limit: page,
      }),
      run: async ({ node }, { before, limit }) => {
        const top = Math.min(before ?? Number.MAX_SAFE_INTEGER, node.state().head.height + 1);
        const blocks: Json[] = [];
        for (let height = top - 1; height > 0 && blocks.length < limit; height--) {
          const block = await node.block(height);
          if (!block) break;
          const confirmations = node.confirmations({ height, id: block.signedHeader.id });
          blocks.push(blockJson(block, node.identity, confirmations, 'none'));
        }
        return { blocks };
      },
    }),
    operation({
      name: 'transaction',
      summary: 'A transaction and how far it has come',
      path: '/transactions/:id',
      parameters: z.strictObject({ id }),
      run: async ({ node }, { id: wanted }) => {
        const transaction = await node.transaction(wanted);
        const status = node.status(wanted);
        if (transaction) return transactionJson(transaction, status);
        if (status) return toJson({ id: wanted, status });
        throw unknownTransaction(wanted);
      },
    }),
    operation({
      name: 'transactionStatus',
      summary:
        'How far a transaction has come: seen, included, confirmed k of K, final, or dropped',
      path: '/transactions/:id/status',
      parameters: z.strictObject({ id }),
      run: ({ node }, { id: wanted }) => {
        const status = node.status(wanted);
        if (!status) throw unknownTransaction(wanted);
        return toJson(status);
      },
    }),
    operation({
      name: 'submit',
      summary: 'Hands in signed transactions; as JSON, each in hexadecimal',
      path: '/transactions',
      method: 'POST',
      parameters: z.strictObject({
        transactions: z.array(hexadecimal).min(1).max(limits.submitTransactions),
        verdicts: z.enum(['all', 'refused']).default('all'),
      }),
      run: async ({ node }, { transactions, verdicts }) => {
        const bytes = bytesOfHex(transactions, limits);
        return toJson(await submitTransactions(node, bytes, verdicts === 'refused'));
      },
    }),
    operation({
      name: 'account',
      summary: 'Balance, stake, authorities and votes of an account',
      path: '/accounts/:name',
      parameters: z.strictObject({ name }),
      run: ({ node }, { name: wanted }) => {
        const account = node.account(wanted);
        if (!account) throw unknownAccount(wanted);
        return toJson(account);
      },
    }),
    operation({
      name: 'accountHistory',
      summary: 'Transactions that touched an account, latest first',
      path: '/accounts/:name/history',
      parameters: z.strictObject({
        name,
        before: position.optional(),
        limit: page,
      }),
      run: async ({ node }, { name: wanted, before, limit }) => {
        if (!node.account(wanted)) throw unknownAccount(wanted);
        const [height, index] = before?.split(':').map(Number) ?? [];
        const from = height === undefined ? {} : { before: { height, index: index! } };
        const found = await node.history(wanted, { limit, ...from });
        const entries = found.map(({ block, index: place, transaction }) => ({
          position: `${block.height}:${place}`,
          block,
          index: place,
          ...(transactionJson(transaction) as object),
        }));
        return toJson({ entries });
      },
    }),
    operation({
      name: 'producers',
      summary: 'All who stand for election, by rank',
      path: '/producers',
      parameters: z.strictObject({ offset: integer(0, 1e6).default(0), limit: page }),
      run: ({ node }, { offset, limit }) => {
        const all = node.producers();
        return toJson({ count: all.length, producers: all.slice(offset, offset + limit) });
      },
    }),
    operation({
      name: 'schedule',
      summary: 'Who produces in the next slots',
      path: '/schedule',
      parameters: z.strictObject({ limit: page }),
      run: ({ node }, { limit }) => toJson({ slots: node.schedule(limit) }),
    }),
    operation({
      name: 'peers',
      summary: 'Nodes that this one is connected to',
      path: '/peers',
      parameters: z.strictObject({ offset: integer(0, 1e6).default(0), limit: page }),
      run: ({ node }, { offset, limit }) => {
        const all = node.peers();
        return toJson({ count: all.length, peers: all.slice(offset, offset + limit) });
      },
    }),
    operation({
      name: 'accelerator',
      summary: 'Counters of the accelerator, spill included',
      path: '/accelerator',
      parameters: nothing,
      run: ({ node }) => toJson(node.accelerator()),
    }),
    operation({
      name: 'figures',
      summary: 'Samples of the last minutes, for charts: one a second',
      path: '/figures',
      parameters: z.strictObject({ since: integer(0, Number.MAX_SAFE_INTEGER).default(0) }),
      run: ({ figures }, { since }) => toJson({ samples: figures.since(since) }),
    }),
  ];
}

function unknownTransaction(wanted: string): ApiError {
  return new ApiError(
    'not_found',
    `transaction: expected one in the pool or on the chain, got ${wanted}`,
  );
}

function unknownAccount(wanted: string): ApiError {
  return new ApiError('not_found', `account: expected one on the chain, got ${wanted}`);
}
