// SPDX-License-Identifier: Apache-2.0
// docs/api.md names every operation, parameter and limit as the code has them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../../src/driver/paths.ts';
import { DEFAULT_LIMITS as L } from '../../../src/node/api/limits.ts';
import { makeOperations } from '../../../src/node/api/operations.ts';
import { RPC_ERROR } from '../../../src/node/api/rpc.ts';
import { TOPICS } from '../../../src/node/api/topics.ts';

const text = readFileSync(join(packageRoot(), 'docs', 'api.md'), 'utf8');
const flat = text.replaceAll(/\s+/g, ' ');

test('every operation with its parameters, in their order, and its route', () => {
  const described = [...text.matchAll(/^\| `(\w+)` \|(.*)\| `(GET|POST) \/v1(.*)` \|$/gm)].map(
    ([, name, parameters, method, path]) => ({
      name,
      // What stands in brackets explains.
      parameters: [...parameters!.replaceAll(/\([^)]*\)/g, '').matchAll(/`(\w+)`/g)].map(
        ([, p]) => p,
      ),
      method,
      path,
    }),
  );
  const operations = makeOperations(L).map(({ name, parameters, method, path }) => ({
    name,
    parameters: Object.keys(parameters.shape),
    method,
    path,
  }));
  expect(described).toEqual(operations);
});

test('topics, error codes, limits', () => {
  for (const topic of [...TOPICS, 'transactions']) expect(text).toContain(`| \`${topic}\` |`);
  for (const code of Object.values(RPC_ERROR)) expect(text).toContain(String(code));
  for (const limit of [
    `${L.requestsPerSecond} requests a second`,
    `${L.socketsPerAddress} WebSockets an address and ${L.sockets} in all`,
    `${L.messagesPerSecond} messages a second and ${L.subscriptions} subscriptions`,
    `${L.watched.toLocaleString('en-US')} followed transactions`,
    `bodies of ${L.bodyBytes / 1024} KiB`,
    `${L.submitBytes / 2 ** 20} MiB and ${L.submitTransactions.toLocaleString('en-US')} transactions`,
    `batches of ${L.batchCalls} calls, pages of ${L.pageSize} entries`,
    `beyond ${L.queueBytes / 2 ** 20} MiB`,
    `no ping for ${L.heartbeatMilliseconds / 1000} s`,
  ]) {
    expect(flat).toContain(limit);
  }
});
