// SPDX-License-Identifier: Apache-2.0
// A stepped card around the engine's double, and batches whose answers are known.

import { CardBackend, type CardOptions } from '../../../src/driver/device/card-backend.ts';
import {
  packVerifyBatch,
  SimDevice,
  type SimOptions,
  type VerifyResults,
} from '../../../src/driver/index.ts';
import { CheckedSignatures } from '../../../src/driver/signatures/engine.ts';
import { CARD_DOUBLE } from './backends.ts';
import { signRandom, verifyInput } from './material.ts';
import { type Random, SEED } from './random.ts';

/** An open card under test. */
export interface TestCard {
  readonly device: SimDevice;
  readonly backend: CardBackend;
  readonly signatures: CheckedSignatures;
  /** Runs the clock until the promise settles. */
  run<T>(promise: Promise<T>, limit?: number): Promise<T>;
  close(): Promise<void>;
}

/** Opens a stepped card; small timeouts, so that faults show within a test's patience. */
export async function openTestCard(
  simulation: SimOptions = {},
  options: CardOptions = {},
): Promise<TestCard> {
  const device = await SimDevice.open({
    mode: 'stepped',
    library: CARD_DOUBLE,
    seed: BigInt(SEED),
    ...simulation,
  });
  const backend = new CardBackend(device, { timeout: 20_000, pollInterval: 4_000, ...options });
  return {
    device,
    backend,
    signatures: new CheckedSignatures(backend),
    run: (promise, limit) => device.stepUntil(promise, limit),
    close: () => backend.close(),
  };
}

/** A batch, and which of its signatures are valid. */
export interface TestBatch {
  readonly records: Uint8Array;
  readonly valid: number[];
}

/** Makes batches of a few signatures used again and again, with wrong digests in between. */
export function batchMaker(random: Random): (count: number) => TestBatch {
  const signed = Array.from({ length: 6 }, () => verifyInput(signRandom(random)));
  return (count) => {
    const valid = Array.from({ length: count }, () => random.below(2));
    const inputs = valid.map((good) => {
      const input = signed[random.below(signed.length)]!;
      return good ? input : { ...input, digest: random.bytes(32) };
    });
    return { records: packVerifyBatch(inputs), valid };
  };
}

/** `ok`, `wrong`, or the code of the error: what became of a batch. */
export async function outcome(batch: TestBatch, answer: Promise<VerifyResults>): Promise<string> {
  try {
    const { valid } = await answer;
    return valid.join() === batch.valid.join() ? 'ok' : 'wrong';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}
