/** toe_rx_options: any bytes of options, read as RFC 9293 3.2 says. */
import { describe, expect, test } from 'vitest';
import { type Simulation, simulate } from '../../src/testbench/index.ts';
import { randomOptions } from './helpers/random-frames.ts';
import { readOptions } from './helpers/receiver.ts';
import { NO_OPTIONS, type SegmentOptions, unpackSegment } from './helpers/segment-word.ts';

type Ports = Awaited<ReturnType<typeof simulate<'hdl/toe/toe_rx_options.sv'>>>['ports'];

/** options_t as an object: a segment with nothing else in it. */
function optionsOf(word: bigint): SegmentOptions {
  const bytes = new Uint8Array(43);
  let rest = word << 16n; // above the segment's length
  for (let i = 0; i < bytes.length; i++, rest >>= 8n) bytes[i] = Number(rest & 255n);
  const segment = unpackSegment(bytes);
  const names = Object.keys(NO_OPTIONS) as (keyof SegmentOptions)[];
  return Object.fromEntries(
    names.map((name) => [name, segment[name]]),
  ) as unknown as SegmentOptions;
}

/**
 * Gives options as a segment's beats, with `gap` cycles between them.
 *
 * @returns what was read, and in how many cycles behind the first beat.
 */
function read(sim: Simulation<Ports>, options: Uint8Array, gap = 0) {
  const dut = sim.ports;
  const beats = Math.ceil((options.length + 4) / 8);
  const bytes = sim.random.bytes(beats * 8 + 8); // one beat of payload behind
  bytes.set(options, 4);
  const view = new DataView(bytes.buffer);
  const start = sim.cycle;
  for (let beat = 0; beat <= beats; beat++) {
    dut.s_start = beat === 0 ? 1 : 0;
    dut.s_valid = 1;
    dut.s_words = options.length / 4;
    dut.s_data = view.getBigUint64(beat * 8, true);
    sim.cycles(1);
    Object.assign(dut, { s_start: 0, s_valid: 0 });
    if (beat < beats) sim.cycles(gap);
  }
  while (sim.cycle < start + 3) sim.cycles(1);
  sim.until('done', { max: 20 });
  return { options: optionsOf(dut.options as bigint), cycles: sim.cycle - start };
}

async function reader(): Promise<Simulation<Ports>> {
  const sim = await simulate('hdl/toe/toe_rx_options.sv');
  sim.reset();
  return sim;
}

/** Padded to whole words with NOPs. */
const words = (...bytes: number[]) =>
  Uint8Array.from([...bytes, ...Array((4 - (bytes.length % 4)) % 4).fill(1)]);

test('10,000 random options, with and without gaps between the beats', async () => {
  const sim = await reader();
  const random = sim.random.fork('options');
  for (let i = 0; i < 10_000; i++) {
    const raw = random.chance(0.7)
      ? randomOptions(random)
      : random.bytes(4 * random.int(1, 10)).map((byte) => (byte < 128 ? byte % 11 : byte));
    if (raw.length === 0) continue;
    const gap = random.pick([0, 0, 1, 5]);
    expect(read(sim, raw, gap).options, Buffer.from(raw).toString('hex')).toEqual(readOptions(raw));
  }
});

test('every option at every place', async () => {
  const sim = await reader();
  const all = [
    [2, 4, 0x12, 0x34],
    [3, 3, 9],
    [4, 2],
    [8, 10, 1, 2, 3, 4, 5, 6, 7, 8],
  ];
  for (const option of all) {
    for (let place = 0; place + option.length <= 40; place++) {
      const raw = words(...Array(place).fill(1), ...option);
      expect(read(sim, raw).options).toEqual(readOptions(raw));
      expect(readOptions(raw)).not.toEqual(NO_OPTIONS);
    }
  }
});

describe('what is broken ends the reading', () => {
  const MSS = [2, 4, 5, 0xb4];
  const WS = [3, 3, 7];
  const { mss, mssValid } = readOptions(Uint8Array.from(MSS));
  test.for([
    { name: 'a length of 0', bytes: [...MSS, 99, 0, ...WS] },
    { name: 'a length of 1', bytes: [...MSS, 99, 1, ...WS] },
    { name: 'a length beyond the header', bytes: [...MSS, 8, 10, 1, 2, 3, 4, 5, 6] },
    { name: 'a kind without a length', bytes: [...MSS, 1, 1, 1, 3] },
    { name: 'the end', bytes: [...MSS, 0, ...WS] },
    { name: 'a length of 255', bytes: [...MSS, 250, 255, ...WS] },
  ])('$name', async ({ bytes }) => {
    const sim = await reader();
    expect(read(sim, words(...bytes)).options).toEqual({ ...NO_OPTIONS, mss, mssValid });
  });
});

test('every length of an unknown option, with known ones all behind it', async () => {
  const sim = await reader();
  for (let length = 0; length < 256; length++) {
    for (let place = 0; place < 4; place++) {
      const behind = Array.from({ length: 12 }, (_, i) => [3, 3, i]).flat();
      const raw = words(...Array(place).fill(1), 77, length, ...behind).subarray(0, 40);
      expect(read(sim, raw).options, `${length}`).toEqual(readOptions(raw));
    }
  }
});

test('a window scale above 14 is 14 (RFC 7323 2.3)', async () => {
  const sim = await reader();
  for (let shift = 0; shift < 256; shift++) {
    const { ws } = read(sim, words(3, 3, shift)).options;
    expect(ws).toBe(Math.min(shift, 14));
  }
});

test('of options that come twice the later one counts', async () => {
  const sim = await reader();
  const raw = words(3, 3, 1, 3, 3, 2, 2, 4, 0, 1, 2, 4, 0, 2, 3, 3, 5);
  expect(read(sim, raw).options).toMatchObject({ ws: 5, mss: 2 });
});

test('ten words are read in twelve cycles, one in three', async () => {
  const sim = await reader();
  for (let count = 1; count <= 10; count++) {
    const { cycles } = read(sim, sim.random.bytes(4 * count));
    expect(cycles).toBeLessThanOrEqual(Math.max(count + 2, Math.ceil((count + 1) / 2) + 1));
  }
});
