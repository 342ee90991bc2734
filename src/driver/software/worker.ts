// SPDX-License-Identifier: Apache-2.0
// One thread of the software backend: answers chunks until it is terminated.

import { parentPort } from 'node:worker_threads';
import { answerRecords } from './arithmetic.ts';
import type { ChunkAnswer, ChunkRequest } from './pool.ts';

parentPort?.on('message', ({ operation, records, checked }: ChunkRequest) => {
  const answer: ChunkAnswer = answerRecords(operation, records, checked);
  parentPort?.postMessage(answer);
});
