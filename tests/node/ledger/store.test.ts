// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { heightKey, openStore } from '../../../src/node/ledger/store.ts';
import { newDirectory, removeDirectories } from './helpers/chain.ts';

afterAll(removeDirectories);

test('a database that grows stays mapped once: no page of it counts twice', async () => {
  const path = newDirectory();
  const store = openStore(path);
  for (let height = 1; height <= 20; height++) {
    await store.commit(() => store.blocks.put(heightKey(height), Buffer.alloc(500_000, height)));
    expect(store.blocks.get(heightKey(height))).toHaveLength(500_000);
  }
  const file = join(path, 'data.mdb');
  const maps = readFileSync('/proc/self/maps', 'utf8').split('\n');
  expect(maps.filter((line) => line.endsWith(file))).toHaveLength(1);
  await store.close();
});
