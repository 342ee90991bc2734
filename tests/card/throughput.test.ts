import { afterEach, expect, test } from 'vitest';
import { OpCode, SigverifyRegister } from '../../src/driver/generated/registers.ts';
import { waitFor } from '../../src/testbench/index.ts';
import { type Host, openHost } from './bench/host.ts';
import type { Op } from './bench/stand-in.ts';

let host: Host;
afterEach(() => host.sim.close());

/** Cycles per record that the card takes on an engine that takes none, from doorbell to last completion. */
async function cyclesPerRecord(
  op: Op,
  batches: number,
  records: number,
  latency: number,
): Promise<number> {
  host = await openHost({ engine: 'instant', sqLog2: 9, cqLog2: 9 });
  host.bus.timing = { pause: 0, latency: [latency, latency] };
  return host.sim.run(function* () {
    yield* host.start();
    const batch = host.makeBatch(1, op, records);
    for (let i = 0; i < batches; i++) host.put({ ...batch, id: i });
    const begin = host.sim.cycle;
    yield* host.ringDoorbell();
    let taken = 0;
    yield* waitFor(
      () => {
        while (host.takeCompletion()) taken++;
        return taken === batches;
      },
      { max: 500_000, what: 'the last completion' },
    );
    expect(yield* host.readEngine(SigverifyRegister.VALID)).toBe(batches * records);
    return (host.sim.cycle - begin) / (batches * records);
  });
}

test('moves a VERIFY record in 22 cycles', async () => {
  expect(await cyclesPerRecord(OpCode.VERIFY, 40, 64, 20)).toBeLessThan(22.2);
});

test('moves a RECOVER record in 14 cycles', async () => {
  expect(await cyclesPerRecord(OpCode.RECOVER, 40, 64, 20)).toBeLessThan(14.2);
});

test('moves batches of one record in 24 cycles each', async () => {
  expect(await cyclesPerRecord(OpCode.VERIFY, 512, 1, 20)).toBeLessThan(24.5);
});

test('hides a memory latency of 100 cycles, and a batch needs no pause after the other', async () => {
  expect(await cyclesPerRecord(OpCode.VERIFY, 256, 8, 100)).toBeLessThan(22.6);
});

test('keeps a core fed at a memory latency of 1,000 cycles', async () => {
  expect(await cyclesPerRecord(OpCode.VERIFY, 40, 64, 1000)).toBeLessThan(150);
});
