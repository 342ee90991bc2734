// SPDX-License-Identifier: Apache-2.0
// The node's API on one port: JSON-RPC, REST, subscriptions, health, metrics and the status page.

import type { AddressInfo } from 'node:net';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  LogController,
} from 'fastify';
import type { Registry } from 'prom-client';
import { ApiError, type ApiErrorCode, type ErrorBody, HTTP_STATUS } from './errors.ts';
import { FigureHistory } from './figures.ts';
import { type ApiLimits, DEFAULT_LIMITS } from './limits.ts';
import type { NodeView } from './node-view.ts';
import { makeOperations, type OperationContext } from './operations.ts';
import { renderStatusPage } from './page.ts';
import { addRestRoutes } from './rest.ts';
import { answerRpc, type RpcMethod, type RpcOptions } from './rpc.ts';
import { Sockets } from './sockets.ts';
import { Topics } from './topics.ts';

/** What the API needs, and where it listens. */
export interface ApiOptions {
  readonly node: NodeView;
  /** What /metrics shows. */
  readonly metrics: Registry;
  /** Address to bind to (default 127.0.0.1: this machine only). */
  readonly host?: string;
  /** 0 takes a free one (default). */
  readonly port?: number;
  readonly limits?: Partial<ApiLimits>;
  /** A pino logger; without one, nothing is logged. */
  readonly logger?: FastifyBaseLogger;
}

/** A listening API. */
export interface ApiServer {
  readonly host: string;
  readonly port: number;
  /** `http://127.0.0.1:8545`. */
  readonly url: string;
  /** Subscribers now, and transactions they follow. */
  readonly subscribers: number;
  readonly watched: number;
  /** Ends all connections. Idempotent. */
  close(): Promise<void>;
}

/** A body, headers and all must have come within this time. */
const REQUEST_TIMEOUT_MS = 15_000;

/**
 * Opens the API.
 *
 * @throws {Error} of the system when it cannot listen: `EADDRINUSE`, `EACCES`.
 * @example
 * const api = await openApi({ node, metrics, port: 8080 });
 * await fetch(`${api.url}/health`);
 * await api.close();
 */
export async function openApi(options: ApiOptions): Promise<ApiServer> {
  const { node, metrics, host = '127.0.0.1', port = 0, logger } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const app: FastifyInstance = fastify({
    bodyLimit: limits.bodyBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    ...(logger && { loggerInstance: logger }),
    logController: new LogController({ disableRequestLogging: true }),
  });
  const figures = new FigureHistory(node);
  const context: OperationContext = { node, limits, figures };
  const operations = makeOperations(limits);
  const onInternalError: RpcOptions['onInternalError'] = (error, method) => {
    app.log.error({ err: error, method }, 'the API failed to answer');
  };
  const methods = new Map<string, RpcMethod>(
    operations.map(({ name, parameters, run }) => [
      name,
      { parameters, call: (values: never) => run(context, values) },
    ]),
  );

  app.server.maxConnections = limits.connections;
  setUp(app);
  await app.register(rateLimit, {
    max: limits.requestsPerSecond,
    timeWindow: 1000,
    errorResponseBuilder: (_request, { max }) => {
      return new ApiError('too_many_requests', `expected at most ${max} requests a second`);
    },
  });
  await app.register(swagger, {
    openapi: {
      openapi: '3.0.3',
      info: {
        title: 'hpb node',
        description:
          'Amounts are base units as decimal strings, bytes and ids hexadecimal, times milliseconds ' +
          'since 1970. The same operations are JSON-RPC 2.0 methods at /rpc, where a WebSocket ' +
          'can subscribe to blocks, finality, pool and transactions, too.',
        version: node.identity.version,
      },
    },
  });
  await app.register(async (scope) => addRestRoutes(scope, operations, context));
  const rpc: RpcOptions = { methods, batchCalls: limits.batchCalls, onInternalError };
  await app.register(async (scope) => addRpcRoute(scope, rpc));
  addOtherRoutes(app, node, metrics);

  const topics = new Topics(node);
  const sockets = new Sockets({ server: app.server, methods, topics, limits, onInternalError });
  let closed: Promise<void> | undefined;
  const close = async () => {
    figures.stop();
    topics.close();
    sockets.close();
    await app.close();
  };
  try {
    await app.listen({ host, port });
  } catch (error) {
    await close();
    throw error;
  }
  figures.start();
  const bound = app.server.address() as AddressInfo;
  const shown = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  return {
    host: bound.address,
    port: bound.port,
    url: `http://${shown}:${bound.port}`,
    get subscribers() {
      return sockets.count;
    },
    get watched() {
      return topics.watched;
    },
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

/** Errors in one form; the operations check what they are sent, and their answers are plain JSON. */
function setUp(app: FastifyInstance): void {
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.setNotFoundHandler((request) => {
    const path = request.url.slice(0, 80);
    throw new ApiError(
      'not_found',
      `${request.method} ${path}: see /openapi.json for what there is`,
    );
  });
  app.setErrorHandler((error: FastifyError | ApiError, _request, reply) => {
    const { code, message } = explain(error);
    if (code === 'internal') app.log.error({ err: error }, 'the API failed to answer');
    const body: ErrorBody = { error: { code, message } };
    return reply.code(HTTP_STATUS[code]).type('application/json').send(JSON.stringify(body));
  });
}

function explain(error: FastifyError | ApiError): { code: ApiErrorCode; message: string } {
  if (error instanceof ApiError) return error;
  const { statusCode = 500, message } = error;
  const known = Object.entries(HTTP_STATUS).find(([, status]) => status === statusCode);
  if (statusCode < 500) return { code: (known?.[0] ?? 'invalid') as ApiErrorCode, message };
  return { code: 'internal', message: 'the node failed to answer; its log says why' };
}

function addRpcRoute(scope: FastifyInstance, options: RpcOptions): void {
  // As text: what is not JSON gets JSON-RPC's own answer.
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body);
  });
  scope.post('/rpc', { schema: { hide: true } }, async (request, reply) => {
    const answer = await answerRpc(String(request.body), options);
    if (answer === undefined) return reply.code(204).send();
    return reply.type('application/json').send(answer);
  });
}

function addOtherRoutes(app: FastifyInstance, node: NodeView, metrics: Registry): void {
  const hidden = { schema: { hide: true } };
  app.get('/health', { ...hidden, config: { rateLimit: false } }, async (_request, reply) => {
    const health = node.health();
    return reply.code(health.ok ? 200 : 503).send(health);
  });
  app.get('/metrics', hidden, async (_request, reply) => {
    return reply.type(metrics.contentType).send(await metrics.metrics());
  });
  app.get('/openapi.json', hidden, async () => app.swagger());
  const page = renderStatusPage();
  app.get('/', hidden, async (_request, reply) => {
    return reply
      .type('text/html; charset=utf-8')
      .headers({ 'content-security-policy': page.policy, 'x-content-type-options': 'nosniff' })
      .send(page.html);
  });
}
