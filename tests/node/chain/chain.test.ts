// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { LedgerError } from '../../../src/node/ledger/index.ts';
import {
  assembleBlock,
  type Block,
  bodyFields,
  decodeBlock,
  encodeSignedVote,
  signHeader,
  signVote,
} from '../../../src/node/protocol/index.ts';
import { SLOT, TestNet } from './helpers/net.ts';

/** All that run are of one mind. */
function expectAgreement(net: TestNet): void {
  const [first, ...others] = net.states;
  for (const each of others) {
    expect(each.head).toEqual(first!.head);
    expect(each.stateRoot).toBe(first!.stateRoot);
  }
}

/** So many blocks of the next slot, by its producer; the clock is there then. */
async function twinsOf(net: TestNet, count: number): Promise<Block[]> {
  const { chainId } = net.dev.genesis;
  const { ledger, view, consensus } = net.get(0).chain.core.parts;
  net.slot += 1;
  net.now += SLOT;
  const { slot } = net;
  const producer = consensus.producerOf(slot, ledger.consensusState).account;
  const votes = view.votesFor(ledger.head.id);
  const twins: Block[] = [];
  for (let i = 0; i < count; i++) {
    const proposal = await ledger.propose([net.candidate()], { slot, producer, votes });
    const body = { votes, transactions: proposal.included };
    const header = { chainId, ...proposal.header, ...bodyFields(body) };
    const secret = net.dev.signingSecretOf(producer);
    const { stateRoot } = proposal;
    twins.push(assembleBlock(signHeader({ ...header, stateRoot }, secret), body));
  }
  return twins;
}

test('four producers make blocks, confirm them at once, and agree on every state', async () => {
  const net = await TestNet.open(4);
  const [transfer, other] = [net.candidate(), net.candidate('user2', 'user3')];
  for (const each of net.chains) each!.pool.add(transfer);
  net.get(2).pool.add(other);
  await net.run(8);
  expectAgreement(net);
  const { ledger } = net.get(0).chain.core.parts;
  expect(ledger.head).toMatchObject({ height: 8, slot: 8 });
  expect(ledger.final.height).toBe(7);
  expect(ledger.locate(transfer.transaction.id)?.block.height).toBe(1);
  expect(ledger.locate(other.transaction.id)).toBeDefined();
  const kinds = net.get(1).events.map(({ type }) => type);
  expect(kinds.filter((kind) => kind === 'block')).toHaveLength(8);
  expect(kinds).toContain('confirmed');
  expect(kinds).toContain('final');
  for (const each of net.chains) {
    expect(each!.punished).toEqual([]);
    expect(each!.evidence).toEqual([]);
  }
});

test('a block is made ahead of its slot, goes on in it, and begins anew on another head', async () => {
  const net = await TestNet.open(4);
  const each = () => net.chains.map((one) => one!);
  await net.run(1);
  const candidates = Array.from({ length: 12 }, () => net.candidate());
  for (const [i, candidate] of candidates.entries()) {
    for (const { pool } of each()) pool.add(candidate);
    // Sometimes for a slot that does not come: nothing of it may stay.
    for (const { chain } of each()) await chain.production.prepare(net.slot + 1 + (i % 3));
    if (i % 4 === 3) await net.run(1);
  }
  expectAgreement(net);
  const { ledger } = net.get(0).chain.core.parts;
  const heights = candidates.map(({ transaction }) => ledger.locate(transaction.id)?.block.height);
  expect(heights).toEqual(heights.map((_, i) => 2 + Math.floor(i / 4)));
  for (const { events } of each()) {
    expect(events.filter(({ type }) => type === 'reverted')).toEqual([]);
  }
});

test('confirmations of a block rise to K and it is final; of a block elsewhere there are none', async () => {
  const net = await TestNet.open(4);
  await net.run(3);
  const { chain } = net.get(0);
  const { ledger } = chain.core.parts;
  const at = (height: number) => chain.confirmations({ height, id: ledger.blockId(height)! });
  expect(at(3)).toMatchObject({ needed: 3, final: false });
  expect(at(3)!.count).toBeGreaterThanOrEqual(3);
  expect(at(1)).toMatchObject({ needed: 3, final: true });
  expect(chain.confirmations({ height: 1, id: 'ab'.repeat(32) })).toBeUndefined();
});

test('a producer that is away leaves gaps; three of four go on to finality', async () => {
  const net = await TestNet.open(4);
  await net.run(2);
  await net.stop(3);
  await net.run(9);
  expectAgreement(net);
  const { head, final } = net.states[0]!;
  expect(head.slot).toBeGreaterThan(head.height);
  expect(final.height).toBeGreaterThanOrEqual(head.height - 2);
});

test('a node that comes back takes up where it was and catches up', async () => {
  const net = await TestNet.open(4);
  await net.run(5);
  const before = net.states[3]!;
  await net.stop(3);
  await net.run(6);
  const { chain } = await net.start(3);
  expect(chain.core.parts.ledger.head).toEqual(before.head);
  expect(chain.core.parts.view.head.id).toBe(before.head.id);
  await net.sync(3, 0);
  await net.run(6);
  expectAgreement(net);
  expect(net.states[3]!.final.height).toBeGreaterThanOrEqual(net.states[3]!.head.height - 2);
  expect(net.chains.flatMap((each) => each!.evidence)).toEqual([]);
});

test('all nodes stop, all come back: the unfinal head is theirs again, and nobody contradicts itself', async () => {
  const net = await TestNet.open(4);
  await net.run(5);
  const before = net.states;
  for (let i = 0; i < 4; i++) await net.stop(i);
  for (let i = 0; i < 4; i++) await net.start(i);
  expect(net.states).toEqual(before);
  await net.run(5);
  expectAgreement(net);
  expect(net.states[0]!.final.height).toBeGreaterThanOrEqual(net.states[0]!.head.height - 2);
  expect(net.chains.flatMap((each) => each!.evidence)).toEqual([]);
});

test('split in halves nothing becomes final; joined again one half undoes its blocks', async () => {
  const net = await TestNet.open(4);
  await net.run(4);
  const final = net.states[0]!.final.height;
  net.partition([0, 1], [2, 3]);
  const candidate = net.candidate();
  for (const i of [0, 1]) net.get(i).pool.add(candidate);
  await net.run(8);
  for (const { final: now } of net.states) expect(now.height).toBeLessThanOrEqual(final + 2);
  expect(net.states[0]!.head.id).not.toBe(net.states[2]!.head.id);
  net.partition();
  await net.run(10);
  expectAgreement(net);
  expect(net.states[0]!.final.height).toBeGreaterThan(final + 4);
  const reverted = net.chains.flatMap((each) =>
    each!.events.flatMap((event) => (event.type === 'reverted' ? [event] : [])),
  );
  expect(reverted.length).toBeGreaterThan(0);
  for (const { block, candidates } of reverted) {
    expect(candidates.map(({ transaction }) => transaction.id)).toEqual(
      block.transactions.map(({ id }) => id),
    );
  }
});

test('three against one: the three go on, the one follows when it is back', async () => {
  const net = await TestNet.open(4);
  await net.run(3);
  net.partition([0, 1, 2], [3]);
  await net.run(9);
  const alone = net.states[3]!.final.height;
  expect(net.states[0]!.final.height).toBeGreaterThan(alone + 3);
  net.partition();
  await net.sync(3, 0);
  await net.run(4);
  expectAgreement(net);
});

test('a block with the signature of another is refused and costs its sender points; its id stays good', async () => {
  const net = await TestNet.open(4, { followers: 1 });
  await net.run(3);
  net.partition([0, 1, 2, 3], [4]);
  await net.run(1);
  const follower = net.get(4);
  const good = net.get(0).chain.blockAt(4)!;
  const { signedHeader, votes, transactions } = decodeBlock(good);
  const forged = assembleBlock(signHeader(signedHeader.header, net.dev.secretOf('user1')), {
    votes,
    transactions,
  });
  expect(forged.signedHeader.id).toBe(signedHeader.id);
  await follower.chain.imports.onBlock('mallory', forged.bytes);
  expect(follower.punished).toEqual([{ peer: 'mallory', reason: 'CHAIN_SIGNATURE', points: 50 }]);
  await follower.chain.imports.onBlock('0', good);
  expect(net.states[4]!.head.height).toBe(4);
});

test('a block whose transactions are signed by the wrong key is undone from the view alone', async () => {
  const net = await TestNet.open(1, { followers: 1 });
  net.partition([0], [1]);
  net.get(0).pool.add(net.candidate());
  await net.run(1);
  const good = net.get(0).chain.blockAt(1)!;
  const block = decodeBlock(good);
  const [transaction] = block.transactions;
  const bytes = Uint8Array.from(transaction!.bytes);
  const other = net.candidate('user2').transaction;
  bytes.set(other.signatures[0]!, bytes.length - 72);
  const forged = Uint8Array.from(good);
  forged.set(bytes, good.length - bytes.length);
  const follower = net.get(1);
  await follower.chain.imports.onBlock('mallory', forged);
  expect(follower.punished).toMatchObject([{ peer: 'mallory', points: 50 }]);
  expect(net.states[1]!.head.height).toBe(0);
  await follower.chain.imports.onBlock('0', good);
  expect(net.states[1]!.head.height).toBe(1);
  expectAgreement(net);
});

test('a block that leads to another state is refused for good', async () => {
  const net = await TestNet.open(1, { followers: 1 });
  net.partition([0], [1]);
  await net.run(1);
  const { signedHeader, votes, transactions } = decodeBlock(net.get(0).chain.blockAt(1)!);
  const header = { ...signedHeader.header, stateRoot: 'ee'.repeat(32) };
  const body = { votes, transactions };
  const wrong = assembleBlock(
    signHeader({ ...header, ...bodyFields(body) }, net.dev.signingSecretOf('producer1')),
    body,
  );
  const follower = net.get(1);
  await follower.chain.imports.onBlock('mallory', wrong.bytes);
  expect(follower.punished).toMatchObject([{ peer: 'mallory', reason: 'invalid block' }]);
  await follower.chain.imports.onBlock('mallory', wrong.bytes);
  expect(follower.punished.at(-1)).toMatchObject({ reason: 'CHAIN_INVALID' });
  expect(net.states[1]!.head.height).toBe(0);
  expect(follower.chain.core.fault).toBeUndefined();
});

test('two blocks of one producer for one slot, two votes for one height: evidence', async () => {
  const net = await TestNet.open(4, { followers: 1 });
  await net.run(4);
  const follower = net.get(4);
  const { chainId } = net.dev.genesis;
  const head = decodeBlock(net.get(0).chain.blockAt(4)!);
  const { producer } = head.signedHeader.header;
  const body = { votes: [], transactions: [] };
  const twin = assembleBlock(
    signHeader(
      { ...head.signedHeader.header, ...bodyFields(body), stateRoot: 'ee'.repeat(32) },
      net.dev.signingSecretOf(producer),
    ),
    body,
  );
  await follower.chain.imports.onBlock('0', twin.bytes);
  expect(follower.evidence).toMatchObject([{ type: 'doubleProduction', producer }]);
  const { justified } = follower.chain.core.parts.view;
  for (const id of ['aa', 'bb']) {
    const vote = {
      chainId,
      source: justified,
      target: { height: 9, id: id.repeat(32) },
      producer: 'producer2',
    };
    const signed = signVote(vote, net.dev.signingSecretOf('producer2'));
    await follower.chain.voting.onVotes('1', [encodeSignedVote(signed)]);
  }
  expect(follower.evidence.at(-1)).toMatchObject({ type: 'doubleVote', producer: 'producer2' });
});

test('a forged vote costs points and counts for nothing', async () => {
  const net = await TestNet.open(4, { followers: 1 });
  await net.run(2);
  const follower = net.get(4);
  const { ledger, view } = follower.chain.core.parts;
  const vote = {
    chainId: net.dev.genesis.chainId,
    source: view.justified,
    target: { height: 2, id: ledger.head.id },
    producer: 'producer1',
  };
  const forged = signVote({ ...vote, source: ledger.final }, net.dev.secretOf('user1'));
  await follower.chain.voting.onVotes('mallory', [encodeSignedVote(forged)]);
  expect(follower.punished).toEqual([{ peer: 'mallory', reason: 'forged vote', points: 20 }]);
  await follower.chain.voting.onVotes('mallory', [new Uint8Array(216)]);
  expect(follower.punished.at(-1)).toMatchObject({ reason: 'malformed vote' });
});

test('of many blocks of one producer for one slot four are taken; another that the others follow comes in a range', async () => {
  const net = await TestNet.open(4, { followers: 1 });
  await net.run(4);
  net.partition([0, 1, 2, 3], [4]);
  const twins = await twinsOf(net, 8);
  const follower = net.get(4);
  for (const { bytes } of twins) await follower.chain.imports.onBlock('mallory', bytes);
  const known = twins.map(({ signedHeader }) =>
    follower.chain.core.parts.view.has(signedHeader.id),
  );
  expect(known).toEqual([true, true, true, true, false, false, false, false]);
  const last = twins[7]!;
  const header = last.bytes.slice(0, 296);
  expect(await follower.chain.imports.onAnnounce('mallory', header)).toBe(false);
  expect(follower.punished).toEqual([]);
  for (const i of [0, 1, 2, 3]) await net.get(i).chain.imports.onBlock('mallory', last.bytes);
  await net.settle();
  net.partition();
  await net.run(5);
  expectAgreement(net);
  expect(net.get(4).chain.core.parts.ledger.blockId(5)).toBe(last.signedHeader.id);
  expect(net.states[4]!.final.height).toBeGreaterThanOrEqual(7);
});

test('of many blocks of one producer that come at the same time four are taken, too', async () => {
  const net = await TestNet.open(4, { followers: 1 });
  await net.run(1);
  net.partition([0, 1, 2, 3], [4]);
  const twins = await twinsOf(net, 8);
  const { chain, punished } = net.get(4);
  await Promise.all(twins.map(({ bytes }) => chain.imports.onBlock('mallory', bytes)));
  const { view } = chain.core.parts;
  expect(twins.filter(({ signedHeader }) => view.has(signedHeader.id))).toHaveLength(4);
  expect(punished).toEqual([]);
});

describe('votes for unknown blocks with another key than expected', () => {
  /** So many of them, which a peer sends one by one. */
  async function send(net: TestNet, peer: string, count: number): Promise<void> {
    const { chain } = net.get(4);
    for (let i = 0; i < count; i++) {
      const target = { height: 10 + i, id: `${i}`.padStart(64, '0') };
      const { chainId } = net.dev.genesis;
      const vote = { chainId, source: chain.core.parts.view.justified, target };
      const secret = net.dev.secretOf('user1');
      const signed = signVote({ ...vote, producer: 'producer2' }, secret);
      await chain.voting.onVotes(peer, [encodeSignedVote(signed)]);
    }
  }

  test('cost points where they come often, and each peer its own', async () => {
    const net = await TestNet.open(4, { followers: 1 });
    await net.run(1);
    const { punished } = net.get(4);
    await send(net, 'honest', 100);
    await send(net, 'mallory', 130);
    await send(net, 'honest', 28);
    const points = { peer: 'mallory', reason: 'strange votes', points: 5 };
    expect(punished).toEqual([points, points]);
    await send(net, 'honest', 1);
    expect(punished).toHaveLength(3);
  });

  test('are counted for so many peers, no more', async () => {
    const net = await TestNet.open(4, { followers: 1 });
    await net.run(1);
    await send(net, 'mallory', 128);
    for (let i = 1; i < 1024; i++) await send(net, `${i}`, 1);
    await send(net, 'mallory', 1);
    expect(net.get(4).punished).toHaveLength(1);
    await send(net, 'one more', 1);
    await send(net, 'mallory', 1);
    expect(net.get(4).punished).toHaveLength(1);
  });

  test('cost nothing where this node is far behind: it does not know the keys of today', async () => {
    const net = await TestNet.open(4, { followers: 1 });
    await net.run(1);
    const { chain, punished } = net.get(4);
    const { consensus, ledger } = chain.core.parts;
    net.now = consensus.slotStart(ledger.head.slot + 16) + 1;
    await send(net, 'honest', 140);
    expect(punished).toEqual([]);
    net.now -= 1;
    await send(net, 'mallory', 129);
    expect(punished).toHaveLength(1);
  });
});

test('a producer that votes for a hundred blocks that nobody knows is not helped by others', async () => {
  const net = await TestNet.open(4, { followers: 1 });
  await net.run(2);
  const { chain } = net.get(0);
  const { justified } = chain.core.parts.view;
  const sentOn: Uint8Array[] = [];
  net.listen(4, (votes) => sentOn.push(...votes));
  const secret = net.dev.signingSecretOf('producer2');
  for (let i = 0; i < 100; i++) {
    const target = { height: 10 + i, id: `${i}`.padStart(64, '0') };
    const vote = {
      chainId: net.dev.genesis.chainId,
      source: justified,
      target,
      producer: 'producer2',
    };
    await chain.voting.onVotes('mallory', [encodeSignedVote(signVote(vote, secret))]);
  }
  await net.settle();
  expect(sentOn.length).toBeLessThanOrEqual(8 * 4);
  await net.run(4);
  expectAgreement(net);
  expect(net.states[0]!.final.height).toBe(5);
});

test('a card that lies about keys is contradicted by software, and nobody is blamed', async () => {
  const net = await TestNet.open(4);
  const { signatures } = net.get(3);
  signatures.doubtful = true;
  signatures.lie = (key) => `02${key.slice(2).split('').reverse().join('')}`;
  for (const each of net.chains) each!.pool.add(net.candidate());
  await net.run(6);
  expectAgreement(net);
  expect(net.get(3).punished).toEqual([]);
  expect(signatures.counters.contradicted).toBeGreaterThan(0);
  expect(net.states[3]!.final.height).toBe(5);
});

test('blocks of the future wait for their slot, those of the far future are refused; forged ones at once', async () => {
  const net = await TestNet.open(4, { followers: 1 });
  net.partition([0, 1, 2, 3], [4]);
  await net.run(6);
  const follower = net.get(4);
  const { imports } = follower.chain;
  const block = net.get(0).chain.blockAt(1)!;
  const { signedHeader, votes, transactions } = decodeBlock(block);
  const forgery = (slot: number) =>
    assembleBlock(signHeader({ ...signedHeader.header, slot }, net.dev.secretOf('user1')), {
      votes,
      transactions,
    }).bytes;
  const { now } = net;
  // Rightly signed, and five slots early: by whose fault, nobody can say.
  net.now = now - 10_000;
  await imports.onBlock('0', block);
  expect(follower.punished).toEqual([]);
  expect(await imports.onAnnounce('0', block.slice(0, 296))).toBe(false);
  // What nobody signed is not waited for, near or far, nor fetched.
  net.now = now - 6_000;
  const forged = { peer: 'mallory', reason: 'CHAIN_SIGNATURE', points: 50 };
  for (const slot of [5, 1_000_000_001]) {
    await imports.onBlock('mallory', forgery(slot));
    expect(follower.punished.splice(0)).toEqual([forged]);
    expect(await imports.onAnnounce('mallory', forgery(slot).slice(0, 296))).toBe(false);
    expect(follower.punished.splice(0)).toEqual([forged]);
  }
  const taken = imports.onBlock('0', block);
  await setImmediate();
  expect(net.states[4]!.head.height).toBe(0);
  net.now = now - 5_500;
  await taken;
  expect(net.states[4]!.head.height).toBe(1);
  net.now = now;
  await net.sync(4, 0);
  expect(net.states[4]!.head.height).toBe(6);
});

test('a block without its parent waits for it, and asks to catch up', async () => {
  const net = await TestNet.open(4, { followers: 1 });
  net.partition([0, 1, 2, 3], [4]);
  await net.run(3);
  const follower = net.get(4);
  const blocks = [1, 2, 3].map((height) => net.get(0).chain.blockAt(height)!);
  await follower.chain.imports.onBlock('0', blocks[2]!);
  await follower.chain.imports.onBlock('0', blocks[1]!);
  expect(follower.caughtUp).toBe(2);
  expect(net.states[4]!.head.height).toBe(0);
  await follower.chain.imports.onBlock('0', blocks[0]!);
  expect(net.states[4]!.head.height).toBe(3);
});

test('a range whose last blocks were waiting already is taken over, and blames nobody', async () => {
  const net = await TestNet.open(4, { followers: 1 });
  net.partition([0, 1, 2, 3], [4]);
  await net.run(9);
  const follower = net.get(4);
  for (const height of [6, 7, 8, 9]) {
    await follower.chain.imports.onBlock('0', net.get(0).chain.blockAt(height)!);
  }
  const range = [1, 2, 3, 4, 5, 6, 7].map((height) => net.get(0).chain.blockAt(height)!);
  expect(await follower.chain.imports.import('0', 1, range)).toBe(8);
  expect(net.states[4]!.head.height).toBe(9);
  expect(follower.punished).toEqual([]);
});

test('a peer whose chain contradicts finality is told so, not followed', async () => {
  const [net, other] = [await TestNet.open(1), await TestNet.open(1)];
  await net.run(4);
  await other.run(1);
  other.get(0).pool.add(other.candidate());
  await other.run(7);
  const blocks = [2, 3, 4, 5].map((height) => other.get(0).chain.blockAt(height)!);
  const { imports } = net.get(0).chain;
  net.now = other.now;
  await expect(imports.import('other', 2, blocks)).rejects.toMatchObject({ code: 'CHAIN_FINAL' });
  expect(net.states[0]!.head.height).toBe(4);
});

test('what is signed is on disk before it is sent; a record that cannot be written stops the signing', async () => {
  const net = await TestNet.open(1, { followers: 1 });
  await net.run(3);
  const path = join(net.folder, '0');
  const record = JSON.parse(readFileSync(join(path, 'safety.json'), 'utf8').split('\n').at(-3)!);
  expect(record.header).toMatchObject({ slot: 3 });
  expect(record.vote.target.height).toBe(3);
  const { voting } = net.get(0).chain;
  const save = voting.remember.bind(voting);
  voting.remember = async () => false;
  await net.run(2);
  expect(net.states[0]!.head.height).toBe(3);
  voting.remember = save;
  await net.run(2);
  expect(net.states[0]!.head.height).toBe(5);
});

test('a block is told while it is written, with what is in it, and is there when that is told', async () => {
  const net = await TestNet.open(4);
  const transfer = net.candidate();
  for (const each of net.chains) each!.pool.add(transfer);
  const { id } = transfer.transaction;
  const { events, chain } = net.get(1);
  const { ledger } = chain.core.parts;
  const seen: unknown[] = [];
  const push = events.push.bind(events);
  events.push = (...all) => {
    for (const event of all) {
      if (event.type !== 'executed' && event.type !== 'block') continue;
      const { coming } = chain.core;
      const ref = { height: 1, id: event.block.signedHeader.id };
      if (event.block.signedHeader.header.height !== 1) continue;
      seen.push([
        event.type,
        ledger.head.height,
        coming?.locate(id) ?? ledger.locate(id),
        chain.confirmations(ref)?.needed,
      ]);
      expect(coming?.ref).toEqual(event.type === 'executed' ? ref : undefined);
      expect(chain.confirmations({ height: 1, id: 'ff'.repeat(32) })).toBeUndefined();
    }
    return push(...all);
  };
  await net.run(2);
  const place = { block: { height: 1, id: ledger.blockId(1) }, index: 0 };
  expect(seen).toEqual([
    ['executed', 0, place, 3],
    ['block', 1, place, 3],
  ]);
});

test('a full disk is no fault of a block: the node stands still, says so, and goes on when there is room', async () => {
  const net = await TestNet.open(4);
  await net.run(2);
  const { core } = net.get(3).chain;
  const { ledger } = core.parts;
  const apply = ledger.apply;
  ledger.apply = async (_block, _signers, onExecuted) => {
    onExecuted?.();
    throw new LedgerError('LEDGER_STORAGE', 'no space left');
  };
  const from = net.get(3).events.length;
  await net.run(3);
  const kinds = net
    .get(3)
    .events.slice(from)
    .map(({ type }) => type);
  const tried = kinds.filter((kind) => kind === 'executed' || kind === 'withdrawn');
  expect(tried.length).toBeGreaterThanOrEqual(6);
  expect(tried).toEqual(tried.map((_, i) => (i % 2 === 0 ? 'executed' : 'withdrawn')));
  expect(core.coming).toBeUndefined();
  expect(net.states[3]!.head.height).toBe(2);
  expect(core.fault).toMatchObject({ code: 'LEDGER_STORAGE' });
  expect(net.get(3).punished).toEqual([]);
  ledger.apply = apply;
  await net.run(4);
  expectAgreement(net);
  expect(core.fault).toBeUndefined();
  expect(net.states[3]!.final.height).toBeGreaterThanOrEqual(net.states[3]!.head.height - 2);
});

test('DPOS crosses rounds: elections take effect on every chain alike', async () => {
  const net = await TestNet.open(3, { kind: 'dpos' });
  await net.run(40);
  expectAgreement(net);
  const { final, head } = net.states[0]!;
  expect(final.height).toBeGreaterThanOrEqual(head.height - 2);
});
