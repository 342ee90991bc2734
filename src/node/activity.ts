// SPDX-License-Identifier: Apache-2.0

import type { ChainEvent } from './chain/index.ts';
import type { AccountName, BlockRef } from './protocol/types.ts';

/** What a producer did since this node started. */
export interface ProducerActivity {
  produced: number;
  missed: number;
  lastBlock?: BlockRef;
}

const NOTHING: ProducerActivity = { produced: 0, missed: 0 };

/** Counts who made blocks and who let slots pass. */
export class Activity {
  readonly #producers = new Map<AccountName, ProducerActivity>();

  of(account: AccountName): Readonly<ProducerActivity> {
    return this.#producers.get(account) ?? NOTHING;
  }

  handle(event: ChainEvent): void {
    if (event.type === 'reverted') {
      const { header } = event.block.signedHeader;
      this.#for(header.producer).produced -= 1;
    }
    if (event.type !== 'block') return;
    const { header, id } = event.block.signedHeader;
    const own = this.#for(header.producer);
    own.produced += 1;
    own.lastBlock = { height: header.height, id };
    for (const each of event.consensus) {
      if (each.type === 'missed') this.#for(each.account).missed += each.slots;
    }
  }

  #for(account: AccountName): ProducerActivity {
    let own = this.#producers.get(account);
    if (own === undefined) {
      own = { ...NOTHING };
      this.#producers.set(account, own);
    }
    return own;
  }
}
