// SPDX-License-Identifier: Apache-2.0
// What may be signed, what contradicts, and the record on disk.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  contradictsHeader,
  contradictsVote,
  EvidenceLog,
} from '../../../src/node/consensus/evidence.ts';
import { emptyRecord, recordHeader, recordVote } from '../../../src/node/consensus/safety.ts';
import { lockSafetyRecord } from '../../../src/node/consensus/safety-lock.ts';
import { fileSafetyStore } from '../../../src/node/consensus/safety-store.ts';
import type { BlockHeader, SignedHeader } from '../../../src/node/protocol/types.ts';
import { Random, runSeed } from '../../../src/testbench/random.ts';
import { CHAIN, idOf, voteFor } from './helpers/kit.ts';

const ref = (height: number, name = 'main') => ({ height, id: idOf(`${name} ${height}`) });
const vote = (source: number, target: number, name = 'main', producer = 'p00') =>
  voteFor(producer, ref(source), ref(target, name));

function header(slot: number, name: string, producer = 'p00'): SignedHeader {
  const fields = { chainId: CHAIN, height: slot, slot, producer } as BlockHeader;
  return { header: fields, id: idOf(name), signature: new Uint8Array(72) };
}

describe('contradictions', () => {
  test('two votes for one height, or one around another', () => {
    expect(contradictsVote(vote(1, 5), vote(1, 5))).toBeUndefined();
    expect(contradictsVote(vote(1, 5), vote(2, 5))).toBe('doubleVote');
    expect(contradictsVote(vote(1, 5), vote(1, 5, 'other'))).toBe('doubleVote');
    expect(contradictsVote(vote(1, 5), vote(2, 4))).toBe('surround');
    expect(contradictsVote(vote(2, 4), vote(1, 5))).toBe('surround');
    expect(contradictsVote(vote(1, 4), vote(1, 5))).toBeUndefined();
    expect(contradictsVote(vote(1, 4), vote(4, 5))).toBeUndefined();
    expect(contradictsVote(vote(1, 5), vote(2, 4, 'main', 'p01'))).toBeUndefined();
  });

  test('two blocks for one slot', () => {
    expect(contradictsHeader(header(3, 'x'), header(3, 'y'))).toBe(true);
    expect(contradictsHeader(header(3, 'x'), header(3, 'x'))).toBe(false);
    expect(contradictsHeader(header(3, 'x'), header(4, 'y'))).toBe(false);
    expect(contradictsHeader(header(3, 'x'), header(3, 'y', 'p01'))).toBe(false);
  });

  test('are found among what was seen before', () => {
    const log = new EvidenceLog();
    expect(log.header(header(3, 'x'))).toBeUndefined();
    expect(log.header(header(3, 'x'))).toBeUndefined();
    expect(log.header(header(3, 'y'))).toMatchObject({ type: 'doubleProduction', producer: 'p00' });
    expect(log.vote(vote(1, 5))).toBeUndefined();
    expect(log.vote(vote(5, 6))).toBeUndefined();
    expect(log.vote(vote(0, 9))).toMatchObject({ type: 'surround', first: vote(1, 5) });
    expect(log.vote(vote(5, 6, 'other'))).toMatchObject({ type: 'doubleVote' });
  });
});

describe('the record', () => {
  test('permits nothing that contradicts what it permitted before', () => {
    const random = new Random(runSeed(), 'record');
    for (let round = 0; round < 200; round++) {
      let record = emptyRecord(CHAIN, 'p00');
      const signed: ReturnType<typeof vote>[] = [];
      for (let more = 0; more < 60; more++) {
        const next = vote(random.int(20), random.int(30), random.pick(['main', 'other']));
        const after = recordVote(record, next.vote, []);
        if (after === undefined) continue;
        record = after;
        for (const before of signed) expect(contradictsVote(before, next)).toBeUndefined();
        signed.push(next);
      }
      expect(signed.length).toBeGreaterThan(0);
    }
  });

  test('permits one header for a slot, and none for an earlier one', () => {
    const record = recordHeader(emptyRecord(CHAIN, 'p00'), { slot: 5, block: ref(3) })!;
    expect(recordHeader(record, { slot: 5, block: ref(3) })).toBe(record);
    expect(recordHeader(record, { slot: 5, block: ref(3, 'other') })).toBeUndefined();
    expect(recordHeader(record, { slot: 4, block: ref(9) })).toBeUndefined();
    expect(recordHeader(record, { slot: 6, block: ref(4) })).toBeDefined();
  });

  test('is of one producer on one chain', () => {
    const record = emptyRecord(CHAIN, 'p01');
    expect(recordVote(record, vote(1, 2).vote, [])).toBeUndefined();
    expect(recordVote(emptyRecord(idOf('other'), 'p00'), vote(1, 2).vote, [])).toBeUndefined();
  });
});

describe('the file', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hpb-safety-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const open = (name: string, producer = 'p00') =>
    fileSafetyStore({ path: join(folder, name), chainId: CHAIN, producer });
  const record = {
    ...recordVote(emptyRecord(CHAIN, 'p00'), vote(1, 2).vote, [vote(0, 1)])!,
    header: { slot: 9, block: ref(7) },
  };

  test('is empty at first, then what was saved last; only its owner reads it', async () => {
    const store = open('record');
    expect(await store.load()).toEqual(emptyRecord(CHAIN, 'p00'));
    await Promise.all([store.save(emptyRecord(CHAIN, 'p00')), store.save(record)]);
    expect(await open('record').load()).toEqual(record);
    expect((await stat(join(folder, 'record'))).mode & 0o777).toBe(0o600);
    expect((await readdir(folder)).filter((name) => name.startsWith('record'))).toEqual(['record']);
  });

  test('with another producer or chain is refused', async () => {
    await open('mine').save(record);
    await expect(open('mine', 'p01').load()).rejects.toThrow(/expected the record of p01/);
  });

  test('that is damaged, cut or open to others is refused, not taken for empty', async () => {
    const path = join(folder, 'broken');
    await open('broken').save(record);
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('"slot":9', '"slot":8'));
    await expect(open('broken').load()).rejects.toMatchObject({ code: 'CONSENSUS_SAFETY' });
    await writeFile(path, text.slice(0, 40));
    await expect(open('broken').load()).rejects.toThrow(/damaged/);
    await writeFile(path, '');
    await expect(open('broken').load()).rejects.toThrow(/damaged/);
    await writeFile(path, text);
    await chmod(path, 0o644);
    await expect(open('broken').load()).rejects.toThrow(/expected mode 0600, got 0644/);
  });

  test('that was cut while it was written is the one before; what follows begins the file anew', async () => {
    const path = join(folder, 'cut');
    const before = { ...record, header: { slot: 8, block: ref(6) } };
    const store = open('cut');
    await store.save(before);
    const first = (await readFile(path, 'utf8')).length;
    await store.save(record);
    const text = await readFile(path, 'utf8');
    expect(await open('cut').load()).toEqual(record);
    for (let length = first; length < text.length; length += 1 + (length % 7)) {
      await writeFile(path, text.slice(0, length));
      expect(await open('cut').load()).toEqual(before);
    }
    // Also where the file has its length and its end is zeros.
    await writeFile(path, text.slice(0, first + 100).padEnd(text.length, '\0'));
    const after = open('cut');
    expect(await after.load()).toEqual(before);
    await after.save(record);
    expect(await readFile(path, 'utf8')).toBe(text.slice(first));
  });

  test('begins its file anew when that is long', async () => {
    const path = join(folder, 'long');
    const store = open('long');
    const proof = Array.from({ length: 200 }, (_, i) => vote(i, i + 1));
    const lengths: number[] = [];
    let last = { ...record, proof };
    for (let slot = 10; slot < 50; slot++) {
      last = { ...last, header: { slot, block: ref(slot) } };
      await store.save(last);
      lengths.push((await stat(path)).size);
    }
    expect(await open('long').load()).toEqual(last);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(1024 * 1024);
    expect(Math.max(...lengths)).toBeGreaterThan(900_000);
    const shorter = lengths.filter((length, i) => i > 0 && length < lengths[i - 1]!);
    expect(shorter.length).toBeGreaterThan(0);
    expect(new Set(shorter)).toEqual(new Set([lengths[0]]));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('that could not be appended is not followed by others: the file begins anew', async () => {
    const path = join(folder, 'gone');
    const store = open('gone');
    await store.save(record);
    await rm(path);
    await expect(store.save(record)).rejects.toThrow(/ENOENT/);
    await store.save(record);
    expect(await open('gone').load()).toEqual(record);
  });

  test.runIf(process.platform === 'linux')('is for one process, until that one ends', async () => {
    const path = join(folder, 'locked');
    const module = pathToFileURL(
      join(import.meta.dirname, '../../../build/js/src/node/consensus/safety-lock.js'),
    );
    const script = `import(${JSON.stringify(module.href)}).then(async ({ lockSafetyRecord }) => {
      await lockSafetyRecord(${JSON.stringify(path)});
      setInterval(() => {}, 1000);
      process.stdout.write('locked');
    })`;
    const other = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(other.stdout, 'data');
    await expect(lockSafetyRecord(path)).rejects.toMatchObject({ code: 'CONSENSUS_SAFETY' });
    other.kill('SIGKILL');
    await once(other, 'close');
    const release = await lockSafetyRecord(path);
    await expect(lockSafetyRecord(path)).rejects.toThrow(/another process signs/);
    await release();
    await (await lockSafetyRecord(path))();
  });

  test('that cannot be written is an error: nothing is sent then', async () => {
    const store = fileSafetyStore({
      path: join(folder, 'no/such'),
      chainId: CHAIN,
      producer: 'p00',
    });
    await expect(store.save(record)).rejects.toThrow(/ENOENT/);
  });
});
