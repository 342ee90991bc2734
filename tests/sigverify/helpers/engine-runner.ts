/** Drives sigv_top: packs records into job frames, collects result frames by tag. */

import {
  type Operation,
  RECORD_OFFSET,
  recordBytes,
} from '../../../src/driver/signatures/records.ts';
import type {
  AxiStreamSink,
  AxiStreamSource,
  PortsOf,
  ReceivedFrame,
  Simulation,
} from '../../../src/testbench/index.ts';
import { simulate } from '../../../src/testbench/index.ts';

/** Parameters of the engine; the rest as in the RTL. */
export interface EngineParameters {
  readonly ENGINES?: number;
  readonly CONTEXTS?: number;
  readonly MUL_II?: number;
  readonly G_WINDOW?: number;
  readonly SOURCES?: number;
  /** 1 unless told otherwise, as in the emulator. */
  readonly CLOCK_GATING?: number;
}

/** One result frame. */
export interface EngineResult {
  readonly valid: number;
  readonly reason: number;
  /** x and y, 64 bytes big-endian; empty unless a recovery succeeded. */
  readonly key: Uint8Array;
}

/** How frames are offered and taken. */
export interface Flow {
  /** Probability that a source or the sink pauses, per cycle. */
  readonly pause?: number;
  /** Cycles within which each result has to come. */
  readonly patience?: number;
}

/** A job frame of a packed record. */
export function jobFrame(
  operation: Operation,
  record: Uint8Array,
  tag: number,
  allowHighS = false,
): Uint8Array {
  const isRecover = operation === 'recover';
  const fields = isRecover ? RECORD_OFFSET.recovery : recordBytes('verify');
  const frame = new Uint8Array(8 + fields);
  const view = new DataView(frame.buffer);
  frame[0] = isRecover ? 2 : 1;
  frame[1] = allowHighS ? 1 : 0;
  frame[2] = isRecover ? (record[RECORD_OFFSET.recovery] as number) : 0;
  view.setUint32(4, tag, true);
  frame.set(record.subarray(0, fields), 8);
  return frame;
}

/** Splits a result frame; its tag comes along. */
export function parseResult(frame: Uint8Array): EngineResult & { readonly tag: number } {
  if (frame.length !== 8 && frame.length !== 72) {
    throw new Error(`result frame: expected 8 or 72 bytes, got ${frame.length}`);
  }
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (view.getUint16(2, true) !== 0) throw new Error('result frame: reserved bits are set');
  return {
    valid: frame[0] as number,
    reason: frame[1] as number,
    tag: view.getUint32(4, true),
    key: frame.slice(8),
  };
}

type Ports = PortsOf<'hdl/sigverify/sigv_top.sv'>;

/** A verilated sigv_top. */
export class EngineRunner {
  readonly sim: Simulation<Ports>;
  readonly parameters: Required<EngineParameters>;
  readonly #sources: AxiStreamSource[];
  readonly #sinks: AxiStreamSink[];

  constructor(sim: Simulation<Ports>, parameters: Required<EngineParameters>) {
    this.sim = sim;
    this.parameters = parameters;
    const lanes = parameters.SOURCES;
    const numbers = Array.from({ length: lanes }, (_, lane) => lane);
    this.#sources = numbers.map((lane) => sim.source('s_job', { lane, lanes }));
    this.#sinks = numbers.map((lane) => sim.sink('m_result', { lane, lanes }));
  }

  /** Queues frames on the first source, runs, resets, and lets what is left finish unseen. */
  interrupt(frames: readonly Uint8Array[], cycles: number): void {
    for (const frame of frames) this.#sources[0]?.enqueue(frame);
    this.sim.cycles(cycles);
    this.sim.reset();
    if (this.#sources[0]) this.sim.run(this.#sources[0].drain(), { max: 4_000_000 });
    this.sim.until('idle', { max: 4_000_000 });
    for (const sink of this.#sinks) sink.take();
  }

  /**
   * Sends frames, frame i from source i mod SOURCES, and collects one result for each.
   *
   * @returns results in the order of the frames, and the cycle in which each came.
   * @throws {Error} for a tag that was not asked for or came twice, or a source that got another's.
   */
  run(frames: readonly Uint8Array[], { pause = 0, patience = 4_000_000 }: Flow = {}) {
    const lanes = this.parameters.SOURCES;
    const results: EngineResult[] = [];
    const came: number[] = [];
    for (const stream of [...this.#sources, ...this.#sinks]) stream.pause = pause;
    for (const [i, frame] of frames.entries()) this.#sources[i % lanes]?.enqueue(frame);
    for (const [lane, sink] of this.#sinks.entries()) {
      const count = frames.filter((_, i) => i % lanes === lane).length;
      for (let i = 0; i < count; i++) {
        const frame: ReceivedFrame = this.sim.run(sink.receive(), { max: patience });
        const { tag, ...result } = parseResult(frame.data);
        if (tag % lanes !== lane || tag >= frames.length || results[tag]) {
          throw new Error(`source ${lane} got a result with tag ${tag}`);
        }
        results[tag] = result;
        came[tag] = frame.lastCycle;
      }
    }
    return { results, came };
  }
}

/** Builds and resets a sigv_top. */
export async function openEngine(parameters: EngineParameters = {}): Promise<EngineRunner> {
  const defaults = {
    ENGINES: 1,
    CONTEXTS: 32,
    MUL_II: 1,
    G_WINDOW: 10,
    SOURCES: 1,
    CLOCK_GATING: 1,
  };
  const complete = { ...defaults, ...parameters };
  const sim = await simulate('hdl/sigverify/sigv_top.sv', {
    parameters: complete,
    compilerFlags: ['-O3'],
  });
  sim.reset();
  return new EngineRunner(sim, complete);
}
