// SPDX-License-Identifier: Apache-2.0

/** Where a card can be. */
export type SiteKind = 'tap' | 'passt';

/** A place for a card on this host, and the way there. */
export interface Site {
  /** For `--link` and `--ip`. */
  readonly link: string;
  readonly ip: string;
  /** The card's address. */
  readonly card: string;
  /** Where the kernel finds the card's services: at this address, their ports moved by `shift`. */
  readonly host: string;
  readonly shift: number;
  remove(): Promise<void>;
}
