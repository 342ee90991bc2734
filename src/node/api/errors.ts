// SPDX-License-Identifier: Apache-2.0

import type { z } from 'zod';

/** What a request can fail with; stable. */
export type ApiErrorCode =
  | 'not_found'
  | 'invalid'
  | 'too_large'
  | 'too_many_requests'
  | 'unsupported'
  | 'internal';

/** HTTP status of each. */
export const HTTP_STATUS: Readonly<Record<ApiErrorCode, number>> = {
  not_found: 404,
  invalid: 400,
  too_large: 413,
  too_many_requests: 429,
  unsupported: 415,
  internal: 500,
};

/** A request that cannot be answered, said to whoever asked. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ApiErrorCode;

  constructor(code: ApiErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The error of an answer, in every form of the API. */
export interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string };
}

const SHOWN = 80;

/** A value as a message shows it: short, whatever was sent. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? typeof value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${isNumber(issue.expected) ? 'an integer' : issue.expected}`;
    case 'too_big':
      return `expected at most ${issue.maximum}${unit(issue.origin)}`;
    case 'too_small':
      return `expected at least ${issue.minimum}${unit(issue.origin)}`;
    case 'invalid_value':
      return `expected one of ${issue.values.map(String).join(', ')}`;
    case 'unrecognized_keys':
      return `expected nothing called ${issue.keys.map((key) => shown(key)).join(', ')}`;
    default:
      return issue.message;
  }
}

/** All numbers of this API are integers. */
const isNumber = (type: string) => type === 'int' || type === 'number';

function unit(origin: string): string {
  if (origin === 'array') return ' entries';
  return origin === 'string' ? ' characters' : '';
}

/** `limit: expected at most 100, got 500`: the first thing that is wrong. */
export function describeIssue(error: z.ZodError, input: unknown): string {
  const issue = error.issues[0]!;
  const name = issue.path.map(String).join('.') || 'parameters';
  if (issue.code === 'unrecognized_keys') return `${name}: ${expectation(issue)}`;
  return `${name}: ${expectation(issue)}, got ${shown(valueAt(input, issue.path))}`;
}
