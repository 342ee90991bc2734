import { afterEach, expect, test } from 'vitest';
import { EngineRegister, OpCode } from '../../src/driver/generated/registers.ts';
import { type MemoryTiming, waitFor } from '../../src/testbench/index.ts';
import { type Batch, type Completion, type Host, openHost } from './bench/host.ts';
import type { Op } from './bench/stand-in.ts';

let host: Host;
afterEach(() => host.sim.close());

/** Keeps the rings busy with random batches and compares every result. */
function runBatches(total: number, maxRecords: number): void {
  const { random, sim } = host;
  const open = new Map<number, Batch>();
  let completed = 0;

  function finish(completion: Completion): void {
    const batch = open.get(completion.id);
    if (!batch) throw new Error(`completion for batch ${completion.id}, which is not open`);
    open.delete(completion.id);
    expect(completion.index).toBe(completion.id & 0x7fff);
    host.checkResults(batch, completion);
    completed++;
  }

  sim.run(
    function* () {
      yield* host.start();
      while (completed < total) {
        // A burst of submissions, up to a full ring and never more than the completion ring holds
        const room = Math.min(host.sqSize, host.cqSize) - open.size;
        const wanted = Math.min(room, total - host.submitted, random.int(1, host.sqSize));
        for (let i = 0; i < wanted; i++) {
          const op: Op = random.chance(0.6) ? OpCode.VERIFY : OpCode.RECOVER;
          const batch = host.makeBatch(host.submitted, op, random.int(1, maxRecords));
          open.set(batch.id, batch);
          host.put(batch);
        }
        if (wanted > 0) yield* host.ringDoorbell();
        if (random.chance(0.3)) host.registers.pause = random.int(0, 8) / 10;
        const atLeast = random.int(1, open.size);
        for (let i = 0; i < atLeast; i++) finish(yield* host.nextCompletion());
      }
      expect(yield* host.readEngine(EngineRegister.COMPLETIONS)).toBe(total);
      yield* waitFor(() => host.ports.idle === 1, { max: 100, what: 'idle' });
    },
    { max: 50_000_000 },
  );
  expect(open.size).toBe(0);
}

const timings: Record<string, MemoryTiming> = {
  'a quick memory': { pause: 0, latency: [0, 0] },
  'a slow memory': { pause: 0.1, latency: [50, 400] },
  'a stuttering memory': { pause: 0.8, latency: [0, 40] },
};

for (const [name, timing] of Object.entries(timings)) {
  test(`answers random batches as the model does, on ${name}`, async () => {
    host = await openHost({ sqLog2: 3, cqLog2: 3 });
    host.bus.timing = timing;
    runBatches(400, 12);
  });
}

test('answers two thousand batches of one or two records, around the rings many times', async () => {
  host = await openHost({ sqLog2: 2, cqLog2: 4 });
  host.bus.timing = { pause: 0.2, latency: [0, 60] };
  runBatches(2000, 2);
});

test('answers the same with a clock that never stops', async () => {
  host = await openHost({ parameters: { CLOCK_GATING: 0 } });
  host.bus.timing = { pause: 0.2, latency: [0, 100] };
  runBatches(200, 6);
});

test('answers when long pauses let it fall asleep', async () => {
  host = await openHost();
  host.bus.timing = { pause: 0.1, latency: [0, 900] };
  runBatches(200, 3);
});

test('answers with two batches in flight and a small engine', async () => {
  host = await openHost({ parameters: { BATCHES: 2, CONTEXTS: 4 } });
  host.bus.timing = { pause: 0.3, latency: [0, 60] };
  runBatches(200, 6);
});
