import { describe, expect, test } from 'vitest';
import { Random } from '../../src/testbench/index.ts';

test('the same seed and name give the same numbers, others others', () => {
  const draw = (seed: number, name: string) => [...new Random(seed, name).bytes(16)];
  expect(draw(1, 'a')).toEqual(draw(1, 'a'));
  expect(draw(1, 'a')).not.toEqual(draw(1, 'b'));
  expect(draw(1, 'a')).not.toEqual(draw(2, 'a'));
  expect([...new Random(1).fork('a').bytes(16)]).toEqual(draw(1, 'a'));
});

describe('numbers are within bounds and reach them', () => {
  const random = new Random(3);
  test('int', () => {
    const seen = new Set(Array.from({ length: 1000 }, () => random.int(-2, 2)));
    expect([...seen].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
  });
  test('bigint and runs', () => {
    for (const bits of [1, 31, 32, 33, 255, 256]) {
      for (let i = 0; i < 200; i++) {
        expect(random.bigint(bits) >> BigInt(bits)).toBe(0n);
        expect(random.runs(bits) >> BigInt(bits)).toBe(0n);
      }
    }
  });
  test('runs has few changes between 0 and 1', () => {
    let changes = 0;
    for (let i = 0; i < 100; i++) {
      const text = random.runs(256).toString(2).padStart(256, '0');
      changes += text.match(/01|10/g)?.length ?? 0;
    }
    expect(changes / 100).toBeLessThan(20);
  });
});
