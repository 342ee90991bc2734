// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { CheckError, Scoreboard } from '../../src/testbench/index.ts';

interface Packet {
  readonly id: number;
  readonly data: Uint8Array;
}

const packet = (id: number, ...data: number[]): Packet => ({ id, data: Uint8Array.from(data) });

/** A board whose cycle is what the test says. */
function makeBoard(options: { inOrder?: boolean; tolerate?: number } = {}) {
  const clock = { cycle: 0 };
  const board = new Scoreboard<Packet>({
    name: 'router',
    cycle: () => clock.cycle,
    ...(options.inOrder ? {} : { key: ({ id }: Packet) => id }),
    ...(options.tolerate ? { tolerate: options.tolerate } : {}),
  });
  return { board, clock };
}

test('what comes as expected is counted', () => {
  const { board } = makeBoard();
  for (const id of [1, 2, 1]) board.expect(packet(id, 7, id));
  // 2 overtakes 1, as different keys may
  for (const id of [2, 1, 1]) board.observe(packet(id, 7, id));
  board.finish();
  expect(board.matched).toBe(3);
  expect(board.pending).toBe(0);
});

test('error: another value is told with both sides and the cycle', () => {
  const { board, clock } = makeBoard();
  clock.cycle = 5;
  board.expect(packet(1, 0xab));
  clock.cycle = 9;
  expect(() => board.observe(packet(1, 0xac))).toThrow(
    'router, cycle 9: item 1: expected { id: 1, data: [ab] } (cycle 5), got { id: 1, data: [ac] }',
  );
});

test('error: in order, one that overtakes is told to', () => {
  const { board } = makeBoard({ inOrder: true });
  board.expect(packet(1, 1));
  board.expect(packet(2, 2));
  expect(() => board.observe(packet(2, 2))).toThrow(/it was expected 1 later: lost, or overtaken/);
});

test('error: one that comes twice, and one that nobody expected', () => {
  const { board, clock } = makeBoard();
  clock.cycle = 3;
  board.expect(packet(1, 1));
  board.observe(packet(1, 1));
  expect(() => board.observe(packet(1, 1))).toThrow(
    /expected nothing, got .*\n {2}it came before, expected since cycle 3: repeated/,
  );
  expect(() => board.observe(packet(4, 1))).toThrow(
    /expected nothing, got \{ id: 4, data: \[01\] \}$/,
  );
});

test('error: what is missing at the end is listed, oldest first', () => {
  const { board, clock } = makeBoard({ tolerate: 3 });
  for (const [cycle, id] of [
    [2, 1],
    [4, 2],
    [6, 1],
  ] as const) {
    clock.cycle = cycle;
    board.expect(packet(id, cycle));
  }
  board.observe(packet(2, 99));
  expect(board.differences).toHaveLength(1);
  expect(() => board.finish()).toThrow(CheckError);
  expect(() => board.finish()).toThrow(
    [
      'router: 0 came as expected, 2 are missing, 1 are different',
      '  expected { id: 2, data: [04] } (cycle 4), got { id: 2, data: [63] } (cycle 6)',
      '  missing { id: 1, data: [02] } (cycle 2)',
      '  missing { id: 1, data: [06] } (cycle 6)',
    ].join('\n'),
  );
});
