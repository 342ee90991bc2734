// SPDX-License-Identifier: Apache-2.0

import type { BackendName, RecoverResults } from '../../driver/index.ts';
import { AccelError } from '../../driver/index.ts';
import type { PublicKey } from '../protocol/types.ts';
import type { OpenEngine, Signed } from './contract.ts';

/** An engine on the processor, opened by the first question. */
export class StandIn {
  readonly #open: () => Promise<OpenEngine>;
  #engine: Promise<OpenEngine> | undefined;
  #closed = false;
  /** Who it is, once open. */
  backend: BackendName | undefined;
  /** Questions without an answer. */
  underWay = 0;

  constructor(open: () => Promise<OpenEngine>) {
    this.#open = open;
  }

  /** @throws {AccelError} when it cannot be opened or fails. */
  async ask(
    items: readonly Signed[],
    pack: (items: readonly Signed[]) => Uint8Array,
    read: (answer: RecoverResults, count: number) => (PublicKey | undefined)[],
  ): Promise<(PublicKey | undefined)[]> {
    if (this.#closed) throw new AccelError('ACCEL_CLOSED', 'the signature checks have ended');
    this.underWay += 1;
    try {
      this.#engine ??= this.#begin();
      const { signatures } = await this.#engine;
      return read(await signatures.recoverBatch(pack(items)), items.length);
    } finally {
      this.underWay -= 1;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const engine = await this.#engine?.catch(() => undefined);
    await engine?.close();
  }

  async #begin(): Promise<OpenEngine> {
    try {
      const engine = await this.#open();
      this.backend = engine.backend;
      return engine;
    } catch (error) {
      this.#engine = undefined; // the next question tries again
      throw error;
    }
  }
}
