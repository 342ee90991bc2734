import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  EngineField,
  EngineRegister,
  OpCode,
  SigverifyRegister,
  StatusCode,
} from '../../src/driver/generated/registers.ts';
import { delay } from '../../src/testbench/index.ts';
import { type Descriptor, type Host, MEMORY_BASE, openHost } from './bench/host.ts';

let host: Host;
beforeEach(async () => {
  host = await openHost();
  host.bus.timing = { pause: 0.2, latency: [0, 30] };
});
afterEach(() => host.sim.close());

/** One change each that makes a good descriptor bad. */
const faults: [string, Partial<Descriptor>][] = [
  ['op 0', { op: 0 }],
  ['op 3', { op: 3 }],
  ['an op above 8 bits', { op: 0x101 }],
  ['op 65535', { op: 0xffff }],
  ['a reserved flag', { flags: 2 }],
  ['the highest reserved flag', { flags: 0x8000 }],
  ['no records', { count: 0 }],
  ['65,536 records', { count: 0x1_0000 }],
  ['4 billion records', { count: 0xffff_ffff }],
  ['a bit set where zero belongs', { zero: 1 }],
  ['the highest bit set where zero belongs', { zero: 0x8000_0000 }],
  ['an input address that is not aligned', { input: MEMORY_BASE + 0x10004n }],
  ['an input address off by one', { input: MEMORY_BASE + 0x10001n }],
  ['a result address that is not aligned', { result: MEMORY_BASE + 0x20002n }],
  ['an input address at the end of the address space', { input: 0xffff_ffff_ffff_fff8n }],
  ['a result address in the last 16 MiB', { result: 0xffff_ffff_ff00_0000n }],
];

test.each(faults)('answers %s with BAD_DESCRIPTOR and touches nothing', (_name, fault) => {
  host.sim.run(function* () {
    yield* host.start();
    const good = host.makeBatch(7, OpCode.VERIFY, 2);
    const before = host.memory.bytes.slice(0x10000);
    const completion = yield* host.submit({ ...good, ...fault });
    expect(completion).toMatchObject({ id: 7, status: StatusCode.BAD_DESCRIPTOR, valid: 0 });
    expect(Buffer.compare(host.memory.bytes.subarray(0x10000), before)).toBe(0);
    expect(yield* host.readEngine(EngineRegister.BAD_DESCRIPTORS)).toBe(1);
    expect(yield* host.readEngine(SigverifyRegister.JOBS)).toBe(0);
    // And goes on
    host.checkResults(good, yield* host.submit(good));
  });
});

test('answers good descriptors between bad ones', () => {
  host.sim.run(function* () {
    yield* host.start();
    const good = new Map<number, ReturnType<Host['makeBatch']>>();
    let bad = 0;
    for (let round = 0; round < 40; round++) {
      const wanted = host.random.int(1, host.sqSize);
      for (let i = 0; i < wanted; i++) {
        const batch = host.makeBatch(host.submitted, OpCode.RECOVER, host.random.int(1, 3));
        if (host.random.chance(0.5)) {
          host.put({ ...batch, ...host.random.pick(faults)[1] });
          bad++;
        } else {
          host.put(batch);
          good.set(batch.id, batch);
        }
      }
      yield* host.ringDoorbell();
      for (let i = 0; i < wanted; i++) {
        const completion = yield* host.nextCompletion();
        const batch = good.get(completion.id);
        if (batch) host.checkResults(batch, completion);
        else expect(completion.status).toBe(StatusCode.BAD_DESCRIPTOR);
      }
    }
    expect(yield* host.readEngine(EngineRegister.BAD_DESCRIPTORS)).toBe(bad);
  });
});

test('answers the most records that one batch can have', () => {
  host.bus.timing = { pause: 0, latency: [0, 0] };
  host.sim.run(
    function* () {
      yield* host.start();
      // No memory holds that much input here: every record is refused, and each is counted
      const batch = host.makeBatch(1, OpCode.RECOVER, 1);
      host.put({ ...batch, input: 0x7000_0000_0000n, count: 0xffff });
      yield* host.ringDoorbell();
      const completion = yield* host.nextCompletion(5_000_000);
      expect(completion).toMatchObject({ id: 1, status: StatusCode.INPUT_BUS_ERROR, valid: 0 });
      expect(yield* host.readEngine(EngineRegister.BUS_ERRORS)).toBe(0xffff);
    },
    { max: 10_000_000 },
  );
});

test('ignores doorbells out of range and says so', () => {
  host.sim.run(function* () {
    yield* host.start();
    const bad = 1 << EngineField.STATUS_BAD_DOORBELL.shift;
    expect((yield* host.readEngine(EngineRegister.STATUS)) & bad).toBe(0);
    yield* host.writeEngine(EngineRegister.SQ_TAIL, host.sqSize + 1);
    expect(yield* host.readEngine(EngineRegister.SQ_TAIL)).toBe(0);
    expect((yield* host.readEngine(EngineRegister.STATUS)) & bad).toBe(bad);
    for (const value of [0xffff, 0x1_0001, 0x8000]) {
      yield* host.writeEngine(EngineRegister.SQ_TAIL, value);
      expect(yield* host.readEngine(EngineRegister.SQ_TAIL)).toBe(0);
    }
    for (const value of [1, 0xffff, 0x1_0000]) {
      yield* host.writeEngine(EngineRegister.CQ_HEAD, value);
      expect(yield* host.readEngine(EngineRegister.CQ_HEAD)).toBe(0);
    }
    // The engine still works
    const batch = host.makeBatch(3, OpCode.VERIFY, 4);
    host.checkResults(batch, yield* host.submit(batch));
  });
});

test('takes a full submission ring at once', () => {
  host.sim.run(function* () {
    yield* host.start();
    for (let round = 0; round < 5; round++) {
      const batches = new Map<number, ReturnType<Host['makeBatch']>>();
      for (let i = 0; i < host.sqSize; i++) {
        const batch = host.makeBatch(host.submitted, OpCode.VERIFY, 1);
        batches.set(batch.id, batch);
        host.put(batch);
      }
      yield* host.ringDoorbell();
      for (let i = 0; i < host.sqSize; i++) {
        const completion = yield* host.nextCompletion();
        const batch = batches.get(completion.id);
        if (!batch) throw new Error(`no batch ${completion.id}`);
        host.checkResults(batch, completion);
        batches.delete(completion.id);
      }
    }
  });
});

test('holds completions back while their ring is full, and loses none', async () => {
  host.sim.close();
  host = await openHost({ sqLog2: 4, cqLog2: 2 });
  host.sim.run(function* () {
    yield* host.start();
    const batches = Array.from({ length: 16 }, (_, id) => host.makeBatch(id, OpCode.VERIFY, 1));
    for (const batch of batches) host.put(batch);
    yield* host.ringDoorbell();
    yield* delay(5000);
    expect(yield* host.readEngine(EngineRegister.CQ_TAIL)).toBe(4);
    expect(host.ports.idle).toBe(0);
    const seen = new Set<number>();
    for (let i = 0; i < 16; i++) {
      const completion = yield* host.nextCompletion();
      const batch = batches[completion.id];
      if (!batch) throw new Error(`no batch ${completion.id}`);
      host.checkResults(batch, completion);
      seen.add(completion.id);
      if (i % 4 === 3) yield* delay(500);
    }
    expect(seen.size).toBe(16);
  });
});

test('counts through 65,536 submissions', async () => {
  host.sim.close();
  host = await openHost({ sqLog2: 6, cqLog2: 6 });
  host.sim.run(
    function* () {
      yield* host.start();
      const good = host.makeBatch(0, OpCode.VERIFY, 1);
      // Bad descriptors are quick to answer
      for (let count = 0; count < 66_000; ) {
        for (let i = 0; i < 64; i++) host.put({ ...good, id: count + i, op: 0 });
        yield* host.ringDoorbell();
        for (let i = 0; i < 64; i++) {
          const isThere = host.takeCompletion();
          if (!isThere) {
            i--;
            yield* delay(20);
            continue;
          }
          expect(isThere.status).toBe(StatusCode.BAD_DESCRIPTOR);
        }
        yield* host.writeEngine(EngineRegister.CQ_HEAD, host.taken & 0xffff);
        count += 64;
      }
      host.checkResults(good, yield* host.submit(good));
    },
    { max: 20_000_000 },
  );
});
