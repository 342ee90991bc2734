// SPDX-License-Identifier: Apache-2.0
// Operations around producers as bytes: standing, voting, evidence.

import {
  Limit,
  RegisterProducerLayout,
  ReportDoubleProductionLayout,
  ReportDoubleVoteLayout,
  VoteProducersLayout,
} from '../generated/protocol.ts';
import {
  checkInteger,
  checkZeros,
  fail,
  KEY_BYTES,
  need,
  readKey,
  readName,
  writeKey,
  writeName,
} from './fields.ts';
import { readSignedHeader, writeSignedHeader } from './header.ts';
import type { OperationCodec } from './operation-types.ts';
import type { Operation } from './types.ts';
import { readSignedVote, writeSignedVote } from './vote.ts';

export const registerProducer: OperationCodec<Extract<Operation, { type: 'registerProducer' }>> = {
  fixed: RegisterProducerLayout.BYTES,
  bytes: () => RegisterProducerLayout.BYTES,
  read(buffer, at) {
    checkZeros(buffer, at + RegisterProducerLayout.SIGNING_KEY + KEY_BYTES, 7);
    const account = readName(buffer, at + RegisterProducerLayout.ACCOUNT, 'account');
    const signingKey = readKey(buffer, at + RegisterProducerLayout.SIGNING_KEY, 'signingKey');
    const end = at + RegisterProducerLayout.BYTES;
    return [{ type: 'registerProducer', account, signingKey }, end];
  },
  write(buffer, at, { account, signingKey }) {
    writeName(buffer, at + RegisterProducerLayout.ACCOUNT, account, 'account');
    writeKey(buffer, at + RegisterProducerLayout.SIGNING_KEY, signingKey, 'signingKey');
  },
};

export const voteProducers: OperationCodec<Extract<Operation, { type: 'voteProducers' }>> = {
  fixed: VoteProducersLayout.BYTES,
  bytes: ({ producers }) => VoteProducersLayout.BYTES + producers.length * Limit.NAME_BYTES,
  read(buffer, at) {
    const countAt = at + VoteProducersLayout.COUNT;
    const count = checkVotes(buffer[countAt]!, countAt);
    checkZeros(buffer, countAt + 1, 7);
    const start = at + VoteProducersLayout.BYTES;
    const end = start + count * Limit.NAME_BYTES;
    need(buffer, start, end - start, 'producers');
    const producers = Array.from({ length: count }, (_, i) =>
      readName(buffer, start + i * Limit.NAME_BYTES, 'producer'),
    );
    checkAscending(producers, start);
    const account = readName(buffer, at + VoteProducersLayout.ACCOUNT, 'account');
    return [{ type: 'voteProducers', account, producers }, end];
  },
  write(buffer, at, { account, producers }) {
    writeName(buffer, at + VoteProducersLayout.ACCOUNT, account, 'account');
    buffer[at + VoteProducersLayout.COUNT] = checkVotes(producers.length, at);
    checkAscending(producers, at);
    for (const [i, producer] of producers.entries()) {
      const start = at + VoteProducersLayout.BYTES + i * Limit.NAME_BYTES;
      writeName(buffer, start, producer, 'producer');
    }
  },
};

const checkVotes = (count: number, at: number) =>
  checkInteger(count, [0, Limit.MAX_PRODUCER_VOTES], 'producers', at, 'PROTOCOL_COUNT');

function checkAscending(names: readonly string[], at: number): void {
  for (let i = 1; i < names.length; i++) {
    if (names[i]! <= names[i - 1]!) {
      fail('PROTOCOL_ORDER', at, 'producers: expected ascending, none twice');
    }
  }
}

export const reportDoubleProduction: OperationCodec<
  Extract<Operation, { type: 'reportDoubleProduction' }>
> = {
  fixed: ReportDoubleProductionLayout.BYTES,
  bytes: () => ReportDoubleProductionLayout.BYTES,
  read(buffer, at) {
    const reporter = readName(buffer, at + ReportDoubleProductionLayout.REPORTER, 'reporter');
    const first = readSignedHeader(buffer, at + ReportDoubleProductionLayout.FIRST);
    const second = readSignedHeader(buffer, at + ReportDoubleProductionLayout.SECOND);
    const end = at + ReportDoubleProductionLayout.BYTES;
    return [{ type: 'reportDoubleProduction', reporter, first, second }, end];
  },
  write(buffer, at, { reporter, first, second }) {
    writeName(buffer, at + ReportDoubleProductionLayout.REPORTER, reporter, 'reporter');
    writeSignedHeader(buffer, at + ReportDoubleProductionLayout.FIRST, first);
    writeSignedHeader(buffer, at + ReportDoubleProductionLayout.SECOND, second);
  },
};

export const reportDoubleVote: OperationCodec<Extract<Operation, { type: 'reportDoubleVote' }>> = {
  fixed: ReportDoubleVoteLayout.BYTES,
  bytes: () => ReportDoubleVoteLayout.BYTES,
  read(buffer, at) {
    const reporter = readName(buffer, at + ReportDoubleVoteLayout.REPORTER, 'reporter');
    const first = readSignedVote(buffer, at + ReportDoubleVoteLayout.FIRST);
    const second = readSignedVote(buffer, at + ReportDoubleVoteLayout.SECOND);
    const end = at + ReportDoubleVoteLayout.BYTES;
    return [{ type: 'reportDoubleVote', reporter, first, second }, end];
  },
  write(buffer, at, { reporter, first, second }) {
    writeName(buffer, at + ReportDoubleVoteLayout.REPORTER, reporter, 'reporter');
    writeSignedVote(buffer, at + ReportDoubleVoteLayout.FIRST, first);
    writeSignedVote(buffer, at + ReportDoubleVoteLayout.SECOND, second);
  },
};
