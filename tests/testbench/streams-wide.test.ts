import { describe, expect, test } from 'vitest';
import { BitField } from '../../src/testbench/bit-field.ts';
import { Random, simulate } from '../../src/testbench/index.ts';

describe('a bit field anywhere in memory', () => {
  test('holds its value and leaves its neighbours alone', () => {
    const random = new Random(5);
    for (let round = 0; round < 500; round++) {
      const width = random.int(1, 80);
      const bit = random.int(0, 40);
      const before = random.bytes(24);
      const memory = before.slice();
      const field = new BitField(memory, bit, width, false);
      const value = random.runs(width);
      if (width <= 32) field.set(Number(value));
      else field.set(value);
      expect(field.getBig()).toBe(value);
      if (width <= 32) expect(field.get()).toBe(Number(value));
      const bytes = new Uint8Array(field.byteLength);
      field.read(bytes, 0);
      expect(field.equals(bytes)).toBe(true);
      const mask = ((1n << BigInt(width)) - 1n) << BigInt(bit);
      expect(toBig(memory) & ~mask).toBe(toBig(before) & ~mask);
    }
  });
});

function toBig(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

describe('lanes of shared ports, with tkeep, tuser, tid and tdest', () => {
  for (const [WIDTH, LANES] of [
    [64, 1],
    [32, 3],
    [8, 5],
    [128, 2],
  ] as const) {
    test(`${LANES} lanes of ${WIDTH} bits`, async () => {
      const sim = await simulate('tests/testbench/hdl/lanes.sv', { parameters: { WIDTH, LANES } });
      const lanes = Array.from({ length: LANES }, (_, lane) => ({
        source: sim.source('s_axis', { lane, lanes: LANES, pause: 0.3 }),
        sink: sim.sink('m_axis', { lane, lanes: LANES, pause: 0.4 }),
        frames: Array.from({ length: 20 }, () => ({
          data: sim.random.bytes(sim.random.int(1, 70)),
          user: sim.random.int(0, 7),
          id: sim.random.int(0, 3),
          dest: sim.random.int(0, 31),
        })),
      }));
      sim.reset();
      for (const { source, frames } of lanes) for (const frame of frames) source.enqueue(frame);
      for (const { sink, frames } of lanes) {
        const received = sim.run(sink.receiveMany(frames.length));
        expect(
          received.map(({ data, user, id, dest }) => ({ data, user: user[0], id, dest })),
        ).toEqual(frames);
        expect(received[0]?.beats).toBe(Math.ceil((frames[0]?.data.length ?? 0) / (WIDTH / 8)));
      }
    });
  }
});
