// SPDX-License-Identifier: Apache-2.0
// What zod found, as a key and a message with expected and got.

import type { z } from 'zod';

/** One thing that is wrong. */
export interface Issue {
  /** Dots for nesting; empty for the whole. */
  readonly key: string;
  readonly message: string;
}

/** The first thing that is wrong with `input`. */
export function firstIssue({ issues }: z.ZodError, input: unknown): Issue {
  const [first] = issues;
  if (first === undefined) return { key: '', message: 'malformed' };
  const { path, message, unknown } = innermost(first);
  if (unknown !== undefined) return { key: [...path, unknown].join('.'), message };
  const got = valueAt(input, path);
  const text = got === undefined ? 'nothing' : JSON.stringify(got);
  const shown = text.length > 80 ? `${text.slice(0, 79)}…` : text;
  const expected = message.replace(/^Invalid (input|option): /, '').replace(/, received .*$/, '');
  return { key: path.join('.'), message: `${expected}; got ${shown}` };
}

interface Found {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** A key that should not be there. */
  readonly unknown?: string;
}

/** Of a choice of forms, what is wrong with the one that came furthest. */
function innermost(issue: z.core.$ZodIssue): Found {
  if (issue.code === 'unrecognized_keys') {
    return { path: issue.path, message: 'unknown key', unknown: issue.keys[0]! };
  }
  if (issue.code !== 'invalid_union') return issue;
  const inner = issue.errors.flatMap(([first]) => (first ? [innermost(first)] : []));
  const deepest = inner.find(({ path, unknown }) => path.length > 0 || unknown !== undefined);
  if (deepest === undefined) return issue;
  return { ...deepest, path: [...issue.path, ...deepest.path] };
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | null | undefined)?.[key],
    input,
  );
}
