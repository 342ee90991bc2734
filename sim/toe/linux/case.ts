// SPDX-License-Identifier: Apache-2.0
// What a case is, and what it finds.

import type { Bench } from './bench.ts';
import type { PassedHere } from './peer.ts';
import type { SiteKind } from './site.ts';
import type { Passed } from './stream.ts';

/** Sizes of the cases. */
export interface Sizes {
  readonly bytes: number;
  readonly sessions: number;
  readonly aborts: number;
  /** Seconds for which a window stays closed. */
  readonly closed: number;
  /** Seconds of a flood, and of an iperf3 test. */
  readonly seconds: number;
  readonly seed: number;
}

/** What a case found. */
export interface Finding {
  readonly ok: boolean;
  /** Figures; where it is bad, expected and got. */
  readonly detail: string;
  readonly figures?: Readonly<Record<string, number>>;
}

/** One case. */
export interface Case {
  readonly name: string;
  readonly about: string;
  /** Impairment of its link. */
  readonly impair?: (sizes: Sizes) => string;
  /** Where its card is; on a TAP interface unless it says otherwise. */
  readonly site?: SiteKind;
  /** Programs it needs; their packages in Debian have the same names. */
  readonly programs?: readonly string[];
  run(bench: Bench, sizes: Sizes): Promise<Finding>;
}

/** Expected something else. */
export const bad = (detail: string): Finding => ({ ok: false, detail });

/** Compares both ends of what passed. */
export function compare(
  here: Passed,
  there: Passed | undefined,
  bytes: number,
  seconds: number,
): Finding {
  if (here.bytes !== bytes || there?.bytes !== bytes) {
    return bad(
      `bytes: expected ${bytes}, got ${here.bytes} here, ${there?.bytes ?? 0} on the other end`,
    );
  }
  if (here.sha256 !== there.sha256) return bad(`SHA-256: ${here.sha256} here, ${there.sha256}`);
  const rate = bytes / seconds / 1e6;
  return {
    ok: true,
    detail: `${bytes} bytes, the same SHA-256, ${rate.toFixed(2)} MB/s`,
    figures: { bytes, seconds },
  };
}

/** The same, the other end being a service of the card. */
export function compareWithCard(
  { services }: Bench,
  here: PassedHere,
  bytes: number,
  seconds: number,
): Finding {
  return compare(here, services.passed.get(here.localPort), bytes, seconds);
}

/** What a promise became, and after how many seconds. */
export async function timed<T>(work: Promise<T>): Promise<readonly [T, number]> {
  const began = performance.now();
  const value = await work;
  return [value, (performance.now() - began) / 1000];
}
