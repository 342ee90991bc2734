/** axis_upsizer and axis_downsizer, and one behind the other's rules: bytes in, the same bytes out. */
import { describe, expect, test } from 'vitest';
import { type Simulation, simulate } from '../../src/testbench/index.ts';
import { CROSSED, receiveExactly } from './streams.ts';

const UPSIZER = 'hdl/common/axis_upsizer.sv';
const DOWNSIZER = 'hdl/common/axis_downsizer.sv';

const PAIRS = [
  { file: UPSIZER, inWidth: 8, outWidth: 64 },
  { file: UPSIZER, inWidth: 64, outWidth: 512 },
  { file: UPSIZER, inWidth: 16, outWidth: 48 },
  { file: UPSIZER, inWidth: 32, outWidth: 32 },
  { file: DOWNSIZER, inWidth: 64, outWidth: 8 },
  { file: DOWNSIZER, inWidth: 512, outWidth: 64 },
  { file: DOWNSIZER, inWidth: 48, outWidth: 16 },
  { file: DOWNSIZER, inWidth: 32, outWidth: 32 },
];

const build = (file: string, inWidth: number, outWidth: number): Promise<Simulation> =>
  simulate(file, { parameters: { IN_W: inWidth, OUT_W: outWidth } });

const hex = (frames: readonly { data: Uint8Array }[]) =>
  frames.map(({ data }) => Buffer.from(data).toString('hex'));

describe.for(PAIRS)('$file from $inWidth to $outWidth bits', ({ file, inWidth, outWidth }) => {
  const wideBytes = Math.max(inWidth, outWidth) / 8;

  test.for(CROSSED)('source pauses $source.name, sink $sink.name', async (pausing) => {
    const sim = await build(file, inWidth, outWidth);
    const pause = pausing.source.of(sim.random.fork('source pauses'));
    const source = sim.source('s_axis', { pause });
    const sink = sim.sink('m_axis', { pause: pausing.sink.of(sim.random.fork('sink pauses')) });
    sim.reset();
    const frames = Array.from({ length: 150 }, () => ({
      data: sim.random.bytes(sim.random.int(1, 3 * wideBytes + 1)),
    }));
    for (const frame of frames) source.enqueue(frame);
    const received = receiveExactly(sim, sink, frames.length);
    expect(hex(received)).toEqual(hex(frames));
    // No beat more than the bytes need
    const beats = frames.map(({ data }) => Math.ceil((data.length * 8) / outWidth));
    expect(received.map((frame) => frame.beats)).toEqual(beats);
  });

  test('each length of frame, one after the other, without a gap on the narrow side', async () => {
    const sim = await build(file, inWidth, outWidth);
    const source = sim.source('s_axis');
    const sink = sim.sink('m_axis');
    sim.reset();
    const frames = Array.from({ length: 2 * wideBytes }, (_, i) => ({
      data: sim.random.bytes(i + 1),
    }));
    for (const frame of frames) source.enqueue(frame);
    const received = receiveExactly(sim, sink, frames.length);
    expect(hex(received)).toEqual(hex(frames));
    const narrow = Math.min(inWidth, outWidth);
    const beats = frames.reduce((sum, { data }) => sum + Math.ceil((data.length * 8) / narrow), 0);
    const first = received[0]?.firstCycle ?? 0;
    const last = received[received.length - 1]?.lastCycle ?? 0;
    expect(last - first).toBeLessThan(beats);
  });

  test('a reset drops what is inside', async () => {
    const sim = await build(file, inWidth, outWidth);
    const sink = sim.sink('m_axis', { pause: 1 });
    sim.reset();
    sim.ports.s_axis_tvalid = 1;
    sim.ports.s_axis_tkeep =
      inWidth / 8 <= 32 ? 2 ** (inWidth / 8) - 1 : (1n << BigInt(inWidth / 8)) - 1n;
    sim.cycles(1);
    sim.ports.s_axis_tvalid = 0;
    sim.reset();
    const source = sim.source('s_axis');
    const frame = { data: sim.random.bytes(2 * wideBytes) };
    source.enqueue(frame);
    sink.pause = 0;
    expect(hex(receiveExactly(sim, sink, 1))).toEqual(hex([frame]));
  });
});

test.for([
  { file: UPSIZER, IN_W: 12, OUT_W: 24, message: 'IN_W=12 is not a multiple of 8' },
  { file: UPSIZER, IN_W: 32, OUT_W: 48, message: 'OUT_W=48 is no multiple of IN_W' },
  { file: UPSIZER, IN_W: 64, OUT_W: 32, message: 'OUT_W=32 is no multiple of IN_W' },
  { file: DOWNSIZER, IN_W: 24, OUT_W: 12, message: 'OUT_W=12 is not a multiple of 8' },
  { file: DOWNSIZER, IN_W: 48, OUT_W: 32, message: 'IN_W=48 is no multiple of OUT_W' },
  { file: DOWNSIZER, IN_W: 32, OUT_W: 64, message: 'IN_W=32 is no multiple of OUT_W' },
])(
  'error: $file from $IN_W to $OUT_W bits stops the build',
  async ({ file, IN_W, OUT_W, message }) => {
    await expect(simulate(file, { parameters: { IN_W, OUT_W } })).rejects.toThrow(message);
  },
);
