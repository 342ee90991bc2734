// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from 'node:fs';
import { sha256 } from '@noble/hashes/sha2.js';
import type { VerifyInput } from '../../../src/driver/index.ts';
import { decodeCompact, decodeDer, decodePublicKey } from '../../../src/driver/index.ts';

/** One published case; `input` is undefined when signature or key are not well formed. */
export interface WycheproofCase {
  readonly id: number;
  readonly comment: string;
  readonly expected: boolean;
  readonly input: VerifyInput | undefined;
}

interface WycheproofFile {
  readonly testGroups: readonly {
    readonly publicKey: { readonly uncompressed: string };
    readonly tests: readonly {
      readonly tcId: number;
      readonly comment: string;
      readonly msg: string;
      readonly sig: string;
      readonly result: string;
    }[];
  }[];
}

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));

/** Reads a file of tests/vectors; `encoding` is that of its signatures. */
export function readWycheproof(name: string, encoding: 'der' | 'compact'): WycheproofCase[] {
  const url = new URL(`../../vectors/${name}`, import.meta.url);
  const file = JSON.parse(readFileSync(url, 'utf8')) as WycheproofFile;
  const decode = encoding === 'der' ? decodeDer : decodeCompact;
  return file.testGroups.flatMap((group) =>
    group.tests.map((test) => {
      const signature = decode(hex(test.sig));
      const publicKey = decodePublicKey(hex(group.publicKey.uncompressed));
      const digest = sha256(hex(test.msg));
      return {
        id: test.tcId,
        comment: test.comment,
        expected: test.result === 'valid',
        input: signature && publicKey ? { digest, signature, publicKey } : undefined,
      };
    }),
  );
}

/** DER signatures under Bitcoin's rules: high s is invalid. */
export const bitcoinCases = () => readWycheproof('ecdsa_secp256k1_sha256_bitcoin_test.json', 'der');

/** r then s; high s is valid. */
export const p1363Cases = () => readWycheproof('ecdsa_secp256k1_sha256_p1363_test.json', 'compact');
