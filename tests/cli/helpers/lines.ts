// SPDX-License-Identifier: Apache-2.0

import {
  recoverInput,
  type Signed,
  signRandom,
  verifyInput,
} from '../../driver/helpers/material.ts';
import type { Random } from '../../driver/helpers/random.ts';

/** Bytes as the input wants them. */
export const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** A line about a signature that both operations take. */
export function lineOf(signed: Signed, id: string | number) {
  const { digest, signature, publicKey } = verifyInput(signed);
  const { recovery } = recoverInput(signed);
  return {
    id,
    digest: hex(digest),
    signature: hex(signature),
    publicKey: `04${hex(publicKey)}`,
    recovery,
  };
}

/** A line about a fresh valid signature. */
export const freshLine = (random: Random, id: string | number) => lineOf(signRandom(random), id);

/** The same line asked with one bit of the digest changed. */
export function spoilt<Line extends { readonly digest: string }>(line: Line): Line {
  const digest = Buffer.from(line.digest, 'hex');
  digest[7]! ^= 1;
  return { ...line, digest: hex(digest) };
}

/** DER of r then s, with minimal integers. */
export function toDer(signature: string): string {
  const integer = (digits: string) => {
    let content = digits.replace(/^(00)+(?=..)/, '');
    if (Number.parseInt(content.slice(0, 2), 16) >= 0x80) content = `00${content}`;
    return `02${(content.length / 2).toString(16).padStart(2, '0')}${content}`;
  };
  const body = integer(signature.slice(0, 64)) + integer(signature.slice(64));
  return `30${(body.length / 2).toString(16).padStart(2, '0')}${body}`;
}
