// Kills a process that writes, at random moments, or takes its disk away, and opens what it left.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { serialize } from 'node:v8';
import { afterAll, expect, test } from 'vitest';
import { type Random, testRandom } from '../../../src/testbench/random.ts';
import { Chain, type Made, newDirectory, removeDirectories, transfer } from './helpers/chain.ts';
import { testGenesis } from './helpers/genesis.ts';

afterAll(removeDirectories);

const GENESIS = testGenesis({ users: 3000 });
const BLOCKS = 30;
const TRANSFERS = 200;
/** `KILLS=200` for a long run. */
const KILLS = Number(process.env.KILLS ?? 12);

/** What a process said before it was killed. */
interface Said {
  readonly opened: boolean;
  /** The least height that it must have left. */
  readonly applied: number;
  readonly final: number;
  readonly done: boolean;
}

const VICTIM = join(import.meta.dirname, 'helpers/victim.js');

async function runAndKill(path: string, file: string, delay: number): Promise<Said> {
  const child = spawn(process.execPath, [VICTIM, path, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = { opened: false, applied: 0, final: 0, done: false };
  const lines = createInterface({ input: child.stdout });
  const opened = once(lines, 'line');
  const closed = once(lines, 'close');
  lines.on('line', (line) => {
    const [what, height] = line.split(' ');
    if (what === 'open') {
      said.opened = true;
      said.applied = Number(height);
    }
    if (what === 'applied') said.applied = Number(height);
    if (what === 'reverting') said.applied = Number(height) - 1;
    if (what === 'final') said.final = Number(height);
    if (what === 'done') said.done = true;
  });
  const exit = once(child, 'exit');
  await Promise.race([opened, exit]);
  await setTimeout(delay);
  child.kill('SIGKILL');
  await exit;
  await closed;
  return said;
}

/** Blocks, a file of them for a victim, and the state roots by height. */
async function madeBlocks(random: Random) {
  const maker = await Chain.open(GENESIS);
  const blocks: Made[] = [];
  const roots = [maker.ledger.stateRoot];
  for (let i = 0; i < BLOCKS; i++) {
    const candidates = Array.from({ length: TRANSFERS }, () => {
      const from = `user${random.int(3000)}`;
      return maker.candidate(from, transfer(from, `producer${random.int(3)}`, 1n));
    });
    blocks.push(await maker.extend(candidates));
    roots.push(maker.ledger.stateRoot);
  }
  await maker.ledger.close();
  const file = join(newDirectory(), 'blocks');
  const written = blocks.map(({ block, signers }) => ({ bytes: block.bytes, signers }));
  writeFileSync(file, serialize({ genesis: GENESIS, blocks: written }));
  return { file, blocks, roots };
}

test('kill -9 at any moment leaves a whole block, and nothing final is lost', async () => {
  const random = testRandom('kill');
  const { file, blocks, roots } = await madeBlocks(random);

  let path = newDirectory();
  let final = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const said = await runAndKill(path, file, random.int(0, 300));
    expect(said.opened, 'the process opened what the last one left').toBe(true);
    final = Math.max(final, said.final);
    // Opening compares the root and the supply with all that is stored.
    const { ledger } = await Chain.open(GENESIS, path);
    const { height, id } = ledger.head;
    expect(height).toBeGreaterThanOrEqual(said.applied);
    expect(ledger.final.height).toBeGreaterThanOrEqual(final);
    expect(height).toBeGreaterThanOrEqual(ledger.final.height);
    expect(ledger.stateRoot).toBe(roots[height]);
    if (height > 0) {
      expect(id).toBe(blocks[height - 1]!.block.signedHeader.id);
      const last = blocks[height - 1]!.block.transactions[TRANSFERS - 1]!;
      expect(ledger.transaction(last.id)).toMatchObject({ index: TRANSFERS - 1 });
      const { account } = last.transaction;
      expect(ledger.history(account, { limit: 1 })[0]!.transaction.id).toBe(last.id);
    }
    if (height > ledger.final.height) {
      await ledger.revert();
      expect(ledger.stateRoot).toBe(roots[height - 1]);
    }
    await ledger.close();
    if (said.done || height === BLOCKS) {
      path = newDirectory();
      final = 0;
    }
  }
});

test('a write that the disk refuses is an error, and what was there stays', async () => {
  const { file, roots } = await madeBlocks(testRandom('full'));
  const path = newDirectory();
  // A limit on file sizes, in blocks of 512 bytes: Node ignores the signal, so writes fail as on a full disk.
  const script = 'ulimit -f 6000; exec "$0" "$@"';
  const output = execFileSync('sh', ['-c', script, process.execPath, VICTIM, path, file], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const lines = output.trim().split('\n');
  expect(lines.at(-1)).toBe('error LEDGER_STORAGE');
  const applied = Number(
    lines
      .filter((line) => line.startsWith('applied'))
      .at(-1)!
      .split(' ')[1],
  );
  // The disk may be full just when the head has been undone and is to be applied again.
  const undone =
    lines.lastIndexOf(`reverting ${applied}`) > lines.lastIndexOf(`applied ${applied}`);
  const { ledger } = await Chain.open(GENESIS, path);
  expect(undone ? [applied, applied - 1] : [applied]).toContain(ledger.head.height);
  expect(ledger.stateRoot).toBe(roots[ledger.head.height]);
  await ledger.close();
});
