/** What the tests of stream cells share: pauses to cross, random frames, and the check that all came through. */
import { expect } from 'vitest';
import {
  type AxiStreamSink,
  type AxiStreamSource,
  bursts,
  type Frame,
  type Pause,
  type Random,
  type ReceivedFrame,
  type Simulation,
} from '../../src/testbench/index.ts';

/** A way to pause, by name; each stream gets one of its own. */
export interface Pausing {
  readonly name: string;
  readonly of: (random: Random) => Pause;
}

const PAUSINGS: readonly Pausing[] = [
  { name: 'never', of: () => 0 },
  { name: 'now and then', of: () => 0.3 },
  { name: 'mostly', of: () => 0.85 },
  { name: 'in bursts', of: (random) => bursts(random, { busy: 24, idle: 24 }) },
];

/** Every way for the source to pause, crossed with every way for the sink. */
export const CROSSED = PAUSINGS.flatMap((source) => PAUSINGS.map((sink) => ({ source, sink })));

/** The widths of a stream in bits. */
export interface Shape {
  readonly dataWidth: number;
  readonly userWidth?: number;
}

/** Random frames of 1 to `maxBeats` whole beats, with a tuser for each beat. */
export function randomFrames(
  random: Random,
  { dataWidth, userWidth = 1 }: Shape,
  { count, maxBeats = 9 }: { count: number; maxBeats?: number },
): Required<Pick<Frame, 'data' | 'user'>>[] {
  const beatBytes = Math.ceil(dataWidth / 8);
  const topMask = 0xff >> (beatBytes * 8 - dataWidth);
  return Array.from({ length: count }, () => {
    const beats = random.int(1, maxBeats);
    const data = random.bytes(beats * beatBytes);
    for (let last = beatBytes - 1; last < data.length; last += beatBytes) {
      data[last] = (data[last] ?? 0) & topMask;
    }
    const user = Array.from({ length: beats }, () => Number(random.bigint(userWidth)));
    return { data, user };
  });
}

/** Data and tuser of frames, for comparing what came with what went. */
export function contents(frames: readonly Frame[]): { data: string; user: unknown }[] {
  return frames.map(({ data, user }) => ({ data: Buffer.from(data).toString('hex'), user }));
}

/**
 * Runs until as many frames have come out as went in, then some cycles more, and expects that nothing
 * else came.
 */
export function receiveExactly(
  sim: Simulation,
  sink: AxiStreamSink,
  count: number,
): ReceivedFrame[] {
  const received = sim.run(sink.receiveMany(count), { max: 200 * count + 20_000 });
  sink.pause = 0;
  sim.cycles(64);
  expect(sink.take(), 'frames beyond those sent').toEqual([]);
  return received;
}

/** Sends random frames through a cell with one stream each way, and expects them to come out the same. */
export function expectSameFrames(
  sim: Simulation,
  shape: Shape,
  pausing: { source: Pausing; sink: Pausing },
  count = 200,
): { source: AxiStreamSource; sink: AxiStreamSink } {
  const source = sim.source('s_axis', {
    pause: pausing.source.of(sim.random.fork('source pauses')),
  });
  const sink = sim.sink('m_axis', { pause: pausing.sink.of(sim.random.fork('sink pauses')) });
  sim.reset();
  const frames = randomFrames(sim.random, shape, { count });
  for (const frame of frames) source.enqueue(frame);
  expect(contents(receiveExactly(sim, sink, count))).toEqual(contents(frames));
  return { source, sink };
}
