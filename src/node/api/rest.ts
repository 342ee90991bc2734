// SPDX-License-Identifier: Apache-2.0
// The operations as REST routes below /v1, described for OpenAPI.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ANSWERS } from './answers.ts';
import { ApiError, describeIssue } from './errors.ts';
import { type Json, toJson } from './json.ts';
import type { Operation, OperationContext } from './operations.ts';
import type { Parameters } from './parameters.ts';
import { splitTransactions, submitTransactions } from './submit.ts';

const BYTES = 'application/octet-stream';

/** The parameters as JSON Schema: those in the path, and the others. */
function describeParameters({ path, parameters }: Operation) {
  const inPath = Object.keys(parameters.shape).filter((key) => path.includes(`:${key}`));
  const of = (shape: Parameters['shape']) =>
    z.toJSONSchema(z.object(shape), { io: 'output', target: 'draft-7' });
  const entries = Object.entries(parameters.shape);
  const pick = (there: boolean) =>
    Object.fromEntries(entries.filter(([key]) => inPath.includes(key) === there));
  return { inPath, path: of(pick(true)), rest: of(optional(pick(false))) };
}

/** What has a default need not be sent. */
function optional(shape: Record<string, z.ZodType>): Record<string, z.ZodType> {
  return Object.fromEntries(
    Object.entries(shape).map(([key, type]) =>
      type instanceof z.ZodDefault ? [key, (type.unwrap() as z.ZodType).optional()] : [key, type],
    ),
  );
}

const errorAnswer = {
  description: 'What was expected and what came instead',
  type: 'object',
  properties: {
    error: {
      type: 'object',
      properties: { code: { type: 'string' }, message: { type: 'string' } },
      required: ['code', 'message'],
    },
  },
  required: ['error'],
};

function routeSchema(operation: Operation) {
  const { inPath, path, rest } = describeParameters(operation);
  const hasRest = Object.keys(operation.parameters.shape).length > inPath.length;
  const answer = ANSWERS[operation.name as keyof typeof ANSWERS];
  return {
    operationId: operation.name,
    summary: operation.summary,
    ...(inPath.length > 0 && { params: path }),
    ...(hasRest && operation.method === 'GET' && { querystring: rest }),
    ...(operation.method === 'POST' && {
      consumes: ['application/json', BYTES],
      body: rest,
    }),
    response: {
      200: {
        description: operation.summary,
        ...(answer && z.toJSONSchema(answer, { target: 'draft-7' })),
      },
      '4xx': errorAnswer,
    },
  };
}

function valuesOf(request: FastifyRequest, operation: Operation): never {
  const { body } = request;
  if (operation.method === 'POST' && (typeof body !== 'object' || body === null)) {
    throw new ApiError('unsupported', `body: expected application/json or ${BYTES}, got nothing`);
  }
  const input = {
    ...(operation.method === 'POST' ? (body as object) : (request.query as object)),
    ...(request.params as object),
  };
  const values = operation.parameters.safeParse(input);
  if (values.success) return values.data as never;
  throw new ApiError('invalid', describeIssue(values.error, input));
}

/** Transactions one after the other, as they are: nothing to decode on the way. */
async function submitBytes(
  bytes: Uint8Array,
  query: unknown,
  { node, limits }: OperationContext,
): Promise<Json> {
  const wanted = (query as Record<string, unknown>).verdicts ?? 'all';
  if (wanted !== 'all' && wanted !== 'refused') {
    throw new ApiError('invalid', `verdicts: expected all or refused, got ${String(wanted)}`);
  }
  const transactions = splitTransactions(bytes, limits.submitTransactions);
  return toJson(await submitTransactions(node, transactions, wanted === 'refused'));
}

/** Adds a route per operation. */
export function addRestRoutes(
  app: FastifyInstance,
  operations: readonly Operation[],
  context: OperationContext,
): void {
  app.addContentTypeParser(BYTES, { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
  for (const operation of operations) {
    const { method, path } = operation;
    app.route({
      method,
      url: `/v1${path}`,
      schema: routeSchema(operation),
      ...(method === 'POST' && { bodyLimit: context.limits.submitBytes }),
      handler: async (request) => {
        const { body } = request;
        if (method === 'POST' && body instanceof Uint8Array) {
          return submitBytes(body, request.query, context);
        }
        return operation.run(context, valuesOf(request, operation));
      },
    });
  }
}
