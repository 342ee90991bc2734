// SPDX-License-Identifier: Apache-2.0
// One contract, one suite: what every backend must answer, and how it must fail.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Accelerator,
  packRecoverBatch,
  packVerifyBatch,
  REASON,
  reasonName,
  VERIFY_RECORD_BYTES,
} from '../../src/driver/index.ts';
import { BACKENDS } from './helpers/backends.ts';
import {
  type Case,
  recoverCases,
  recoverInput,
  signRandom,
  verifyCases,
  verifyInput,
} from './helpers/material.ts';
import { seededRandom } from './helpers/random.ts';
import { bitcoinCases, p1363Cases, type WycheproofCase } from './helpers/wycheproof.ts';

function split<Input>(cases: Case<Input>[]): [boolean, Case<Input>[]][] {
  return [false, true].map((high) => [high, cases.filter((c) => c.allowHighS === high)]);
}

describe.each(BACKENDS.map((b) => ({ label: b.name, ...b })))('$label', ({ name, open }) => {
  let accelerator: Accelerator;
  beforeAll(async () => {
    accelerator = await open();
  });
  afterAll(() => accelerator?.close());

  test('says its name', () => {
    expect(accelerator.backend).toBe(name);
    expect(accelerator.signatures.backend).toBe(name);
  });

  async function wrongAnswers(cases: WycheproofCase[], allowHighS: boolean) {
    const asked = cases.filter((c) => c.input !== undefined);
    const records = packVerifyBatch(asked.map((c) => c.input!));
    const { valid } = await accelerator.signatures.verifyBatch(records, { allowHighS });
    const answer = new Map(asked.map((c, i) => [c.id, valid[i] === 1]));
    return cases.filter((c) => (answer.get(c.id) ?? false) !== c.expected);
  }

  test('answers all 463 Wycheproof cases of Bitcoin DER signatures', async () => {
    const cases = bitcoinCases();
    expect(cases.length).toBe(463);
    expect(await wrongAnswers(cases, false)).toEqual([]);
  });

  test('answers all 252 Wycheproof cases of P1363 signatures', async () => {
    const cases = p1363Cases();
    expect(cases.length).toBe(252);
    expect(await wrongAnswers(cases, true)).toEqual([]);
  });

  test('verify: each bad input and each corner of the arithmetic has its reason', async () => {
    for (const [allowHighS, cases] of split(verifyCases(seededRandom('verify')))) {
      const records = packVerifyBatch(cases.map((c) => c.input));
      const { reasons, valid } = await accelerator.signatures.verifyBatch(records, { allowHighS });
      const got = cases.map((c, i) => `${c.name}: ${reasonName(reasons[i]!)}`);
      expect(got).toEqual(cases.map((c) => `${c.name}: ${c.reason}`));
      expect([...valid]).toEqual(cases.map((c) => Number(c.reason === 'OK')));
    }
  });

  test('recover: each bad input and each corner of the arithmetic has its reason', async () => {
    for (const [allowHighS, cases] of split(recoverCases(seededRandom('recover')))) {
      const records = packRecoverBatch(cases.map((c) => c.input));
      const results = await accelerator.signatures.recoverBatch(records, { allowHighS });
      const got = cases.map((c, i) => `${c.name}: ${reasonName(results.reasons[i]!)}`);
      expect(got).toEqual(cases.map((c) => `${c.name}: ${c.reason}`));
      cases.forEach((c, i) => {
        const key = results.keys.subarray(64 * i, 64 * i + 64);
        expect(key, c.name).toEqual(c.publicKey ?? new Uint8Array(64));
      });
    }
  });

  test('recover: padding that is not zero is malformed', async () => {
    const random = seededRandom('padding');
    const records = packRecoverBatch([
      recoverInput(signRandom(random)),
      recoverInput(signRandom(random)),
    ]);
    records[103] = 1;
    const { reasons, keys } = await accelerator.signatures.recoverBatch(records);
    expect([...reasons]).toEqual([REASON.MALFORMED, REASON.OK]);
    expect(keys.subarray(0, 64)).toEqual(new Uint8Array(64));
  });

  test('one signature at a time answers as a batch does', async () => {
    const signed = signRandom(seededRandom('single'));
    const { signatures } = accelerator;
    expect(await signatures.verify(verifyInput(signed))).toEqual({ valid: true, reason: 'OK' });
    expect(await signatures.verify({ ...verifyInput(signed), digest: new Uint8Array(32) })).toEqual(
      { valid: false, reason: 'MISMATCH' },
    );
    const { publicKey } = verifyInput(signed);
    expect(await signatures.recover(recoverInput(signed))).toEqual({
      valid: true,
      reason: 'OK',
      publicKey,
    });
    expect(await signatures.recover({ ...recoverInput(signed), recovery: 9 })).toEqual({
      valid: false,
      reason: 'RECOVERY_ID',
    });
  });

  test('a Buffer is as good as a Uint8Array, and stays as it was', async () => {
    const input = verifyInput(signRandom(seededRandom('buffer')));
    const records = Buffer.from(packVerifyBatch([input, input, input]));
    const copy = new Uint8Array(records);
    const { valid } = await accelerator.signatures.verifyBatch(records);
    expect([...valid]).toEqual([1, 1, 1]);
    expect(new Uint8Array(records)).toEqual(copy);
  });

  test('one batch after another, each sent when the last is answered', async () => {
    const input = verifyInput(signRandom(seededRandom('sequence')));
    for (let i = 0; i < 20; i++) {
      expect(await accelerator.signatures.verify(input)).toEqual({ valid: true, reason: 'OK' });
    }
  });

  test('an empty batch has an empty answer', async () => {
    const verified = await accelerator.signatures.verifyBatch(new Uint8Array());
    expect(verified).toEqual({ valid: new Uint8Array(), reasons: new Uint8Array() });
    const recovered = await accelerator.signatures.recoverBatch(new Uint8Array());
    expect(recovered.keys.length).toBe(0);
  });

  test('many batches at once keep their answers apart', async () => {
    const random = seededRandom('concurrent');
    const signed = Array.from({ length: 8 }, () => signRandom(random));
    const batches = Array.from({ length: 24 }, () =>
      Array.from({ length: 1 + random.below(12) }, () => {
        const input = verifyInput(signed[random.below(signed.length)]!);
        const valid = random.below(2) === 1;
        return { valid, input: valid ? input : { ...input, digest: random.bytes(32) } };
      }),
    );
    const answers = await Promise.all(
      batches.map((batch) =>
        accelerator.signatures.verifyBatch(packVerifyBatch(batch.map((b) => b.input))),
      ),
    );
    expect(answers.map((a) => [...a.valid])).toEqual(
      batches.map((batch) => batch.map((b) => Number(b.valid))),
    );
  });

  test('error: records that are not whole', async () => {
    const { signatures } = accelerator;
    const code = { code: 'ACCEL_ARGUMENT' };
    await expect(signatures.verifyBatch(new Uint8Array(159))).rejects.toMatchObject(code);
    await expect(signatures.recoverBatch(new Uint8Array(105))).rejects.toMatchObject(code);
    await expect(signatures.verifyBatch('no' as never)).rejects.toMatchObject(code);
    const allowHighS = 1 as never;
    const record = new Uint8Array(VERIFY_RECORD_BYTES);
    await expect(signatures.verifyBatch(record, { allowHighS })).rejects.toMatchObject(code);
  });

  test('error: a caller that gives up gets ACCEL_ABORTED, the others their answers', async () => {
    const input = verifyInput(signRandom(seededRandom('abort')));
    const records = packVerifyBatch(Array.from({ length: 40 }, () => input));
    const given = new AbortController();
    const first = accelerator.signatures.verifyBatch(records, { signal: given.signal });
    const second = accelerator.signatures.verifyBatch(records);
    given.abort(new Error('enough'));
    await expect(first).rejects.toMatchObject({
      code: 'ACCEL_ABORTED',
      cause: given.signal.reason,
    });
    expect((await second).valid.every((v) => v === 1)).toBe(true);
    const late = accelerator.signatures.verifyBatch(records, { signal: given.signal });
    await expect(late).rejects.toMatchObject({ code: 'ACCEL_ABORTED' });
  });

  test('error: closing rejects what is under way, and what comes after', async () => {
    const own = await open();
    const input = verifyInput(signRandom(seededRandom('close')));
    const records = packVerifyBatch(Array.from({ length: 100 }, () => input));
    const under = own.signatures.verifyBatch(records);
    const closed = own.close();
    await expect(under).rejects.toMatchObject({ code: 'ACCEL_CLOSED' });
    await closed;
    await own.close();
    const after = own.signatures.verifyBatch(records);
    await expect(after).rejects.toMatchObject({ code: 'ACCEL_CLOSED' });
  });
});
