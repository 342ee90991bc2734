// SPDX-License-Identifier: Apache-2.0
// Sees everything, and says what must never be.

import type { Evidence } from '../../../../src/node/consensus/evidence.ts';
import { ancestorAt, type Executed, type SimLedger } from './sim-ledger.ts';

export class SimJudge {
  readonly #ledger: SimLedger;
  readonly #faulty: ReadonlySet<string>;
  #final: Executed;
  readonly violations: string[] = [];
  /** Faulty producers that were caught. */
  readonly caught = new Set<string>();

  constructor(ledger: SimLedger, faulty: ReadonlySet<string>) {
    this.#ledger = ledger;
    this.#faulty = faulty;
    this.#final = ledger.genesis;
  }

  /** Highest block that anybody honest calls final. */
  get final(): Executed {
    return this.#final;
  }

  /** Somebody honest calls a block final. */
  isFinal(who: string, id: string): void {
    const found = this.#ledger.get(id);
    if (found === undefined || found === this.#final) return;
    const swap = found.ref.height <= this.#final.ref.height;
    const [low, high] = swap ? [found, this.#final] : [this.#final, found];
    if (ancestorAt(high, low.ref.height) !== low) {
      this.violations.push(
        `${who}: final ${found.ref.height} ${found.ref.id.slice(0, 8)} conflicts with ${this.#final.ref.height} ${this.#final.ref.id.slice(0, 8)}`,
      );
    }
    this.#final = high;
  }

  evidence(evidence: Evidence | undefined): void {
    if (evidence === undefined) return;
    this.caught.add(evidence.producer);
    if (!this.#faulty.has(evidence.producer)) {
      this.violations.push(`${evidence.producer} is honest, and there is ${evidence.type} of it`);
    }
  }

  fail(message: string): void {
    this.violations.push(message);
  }
}
