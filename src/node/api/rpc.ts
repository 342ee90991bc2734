// SPDX-License-Identifier: Apache-2.0
// JSON-RPC 2.0 (jsonrpc.org/specification): requests in, answers out; who carries them does not matter.

import { ApiError, type ApiErrorCode, describeIssue, shown } from './errors.ts';
import type { Json } from './json.ts';
import type { Parameters } from './parameters.ts';

/** Error codes: the specification's, and this server's own from -32000 down. */
export const RPC_ERROR = {
  PARSE: -32700,
  REQUEST: -32600,
  METHOD: -32601,
  PARAMETERS: -32602,
  INTERNAL: -32603,
  NOT_FOUND: -32000,
  TOO_LARGE: -32001,
  TOO_MANY: -32002,
} as const;

const CODE_OF: Readonly<Record<ApiErrorCode, number>> = {
  not_found: RPC_ERROR.NOT_FOUND,
  invalid: RPC_ERROR.PARAMETERS,
  too_large: RPC_ERROR.TOO_LARGE,
  too_many_requests: RPC_ERROR.TOO_MANY,
  unsupported: RPC_ERROR.REQUEST,
  internal: RPC_ERROR.INTERNAL,
};

/** A method that can be called. */
export interface RpcMethod {
  readonly parameters: Parameters;
  readonly call: (values: never) => Json | Promise<Json>;
}

export interface RpcOptions {
  readonly methods: ReadonlyMap<string, RpcMethod>;
  readonly batchCalls: number;
  /** Told of what went wrong inside; the caller learns only that it did. */
  readonly onInternalError: (error: unknown, method: string) => void;
}

type RpcId = string | number | null;

interface RpcAnswer {
  readonly jsonrpc: '2.0';
  readonly id: RpcId;
  readonly result?: Json;
  readonly error?: { readonly code: number; readonly message: string };
}

function failure(id: RpcId, code: number, message: string): RpcAnswer {
  return { jsonrpc: '2.0', id, error: { code, message } };
}

/**
 * Answers one message: a call, a notification, or a batch of them.
 *
 * @returns the answer as JSON; undefined when nothing is to be said (notifications only).
 */
export async function answerRpc(text: string, options: RpcOptions): Promise<string | undefined> {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch (error) {
    const reason = (error as Error).message;
    return JSON.stringify(failure(null, RPC_ERROR.PARSE, `expected JSON: ${reason}`));
  }
  if (!Array.isArray(message)) {
    const answer = await answerCall(message, options);
    return answer && JSON.stringify(answer);
  }
  const { batchCalls } = options;
  if (message.length === 0 || message.length > batchCalls) {
    const text = `batch: expected 1 to ${batchCalls} calls, got ${message.length}`;
    return JSON.stringify(failure(null, RPC_ERROR.REQUEST, text));
  }
  const answers: RpcAnswer[] = [];
  for (const call of message) {
    const answer = await answerCall(call, options);
    if (answer) answers.push(answer);
  }
  return answers.length === 0 ? undefined : JSON.stringify(answers);
}

interface Call {
  readonly id: RpcId;
  readonly notification: boolean;
  readonly method: string;
  readonly params: unknown;
}

function isId(value: unknown): value is RpcId {
  return value === null || typeof value === 'string' || typeof value === 'number';
}

/** The call of a message, or the answer that it is none. */
function readCall(message: unknown): Call | RpcAnswer {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    return failure(null, RPC_ERROR.REQUEST, `request: expected an object, got ${shown(message)}`);
  }
  const { jsonrpc, id, method, params } = message as Record<string, unknown>;
  const known = isId(id) ? id : null;
  const wrong = (what: string, expected: string, got: unknown) =>
    failure(known, RPC_ERROR.REQUEST, `${what}: expected ${expected}, got ${shown(got)}`);
  if (jsonrpc !== '2.0') return wrong('jsonrpc', '"2.0"', jsonrpc);
  if (id !== undefined && !isId(id)) return wrong('id', 'a string, a number or null', id);
  if (typeof method !== 'string') return wrong('method', 'a string', method);
  if (params !== undefined && (typeof params !== 'object' || params === null)) {
    return wrong('params', 'an object or an array', params);
  }
  return { id: known, notification: id === undefined, method, params };
}

async function answerCall(message: unknown, options: RpcOptions): Promise<RpcAnswer | undefined> {
  const call = readCall(message);
  if (!('method' in call)) return call;
  const answer = await perform(call, options);
  return call.notification ? undefined : answer;
}

async function perform({ id, method, params }: Call, options: RpcOptions): Promise<RpcAnswer> {
  const known = options.methods.get(method);
  if (!known) {
    const names = [...options.methods.keys()].join(', ');
    const text = `method: expected one of ${names}; got ${shown(method)}`;
    return failure(id, RPC_ERROR.METHOD, text);
  }
  const named = Array.isArray(params) ? byName(params, known.parameters) : (params ?? {});
  if (named === undefined) {
    const names = Object.keys(known.parameters.shape);
    const text = `params: expected at most ${names.length} (${names.join(', ')}), got ${(params as unknown[]).length}`;
    return failure(id, RPC_ERROR.PARAMETERS, text);
  }
  const values = known.parameters.safeParse(named);
  if (!values.success) {
    return failure(id, RPC_ERROR.PARAMETERS, describeIssue(values.error, named));
  }
  try {
    return { jsonrpc: '2.0', id, result: await known.call(values.data as never) };
  } catch (error) {
    if (error instanceof ApiError) return failure(id, CODE_OF[error.code], error.message);
    options.onInternalError(error, method);
    return failure(id, RPC_ERROR.INTERNAL, 'the node failed to answer; its log says why');
  }
}

/** Positional parameters, in the order of the description. */
function byName(values: readonly unknown[], parameters: Parameters) {
  const names = Object.keys(parameters.shape);
  if (values.length > names.length) return undefined;
  return Object.fromEntries(values.map((value, i) => [names[i]!, value]));
}
