// SPDX-License-Identifier: Apache-2.0
// Kinds of parameters. A path and a query hold text only, so numbers may come as digits.

import { z } from 'zod';

/** Named parameters; nothing else may be sent along. */
export type Parameters = z.ZodObject<Readonly<Record<string, z.ZodType>>, z.core.$strict>;

/** 64 lower-case hexadecimal digits. */
export const id = z
  .string()
  .regex(/^[0-9a-f]{64}$/, { error: 'expected 64 hexadecimal digits, lower case' });

/** An account's name; whether there is one is for the node to say. */
export const name = z
  .string()
  .regex(/^[a-z0-9.-]{3,32}$/, { error: 'expected 3 to 32 letters, digits, hyphens and dots' });

/** Bytes, at least one. */
export const hexadecimal = z
  .string()
  .regex(/^([0-9a-f]{2})+$/, { error: 'expected hexadecimal digits, lower case, two a byte' });

const digits = (value: unknown) =>
  typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;

/** Where a page of a history ended: `height:index`. */
export const position = z
  .string()
  .regex(/^\d{1,15}:\d{1,9}$/, { error: 'expected a position of an earlier answer, like 12:3' });

/** An integer, also as digits. */
export function integer(low: number, high: number) {
  return z.preprocess(digits, z.int().min(low).max(high));
}

/** A block: a height, an id, or one of the words. */
export function wordOr(words: readonly [string, ...string[]]) {
  const error = `expected a height, an id or ${words.join(' or ')}`;
  const word = z.string().regex(new RegExp(`^([0-9a-f]{64}|${words.join('|')})$`), { error });
  return z.preprocess(digits, z.union([z.int().min(0), word], { error }));
}
