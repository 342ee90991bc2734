import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  CardField,
  CardRegister,
  EngineField,
  EngineRegister,
  OpCode,
  SigverifyRegister,
  StatusCode,
} from '../../src/driver/generated/registers.ts';
import { delay, waitFor } from '../../src/testbench/index.ts';
import { DATA_OFFSET, type Host, MEMORY_BASE, openHost } from './bench/host.ts';

let host: Host;
beforeEach(async () => {
  host = await openHost();
  host.bus.timing = { pause: 0.2, latency: [0, 50] };
});
afterEach(() => host.sim.close());

const far = 0x7000_0000_0000n; // no memory there: the bus answers DECERR

test('answers input that the bus refuses with INPUT_BUS_ERROR', () => {
  host.sim.run(function* () {
    yield* host.start();
    for (const op of [OpCode.VERIFY, OpCode.RECOVER]) {
      const batch = host.makeBatch(1, op, 3);
      const completion = yield* host.submit({ ...batch, input: far });
      expect(completion).toMatchObject({ id: 1, status: StatusCode.INPUT_BUS_ERROR });
      host.checkResults(batch, yield* host.submit(batch));
    }
    expect(yield* host.readEngine(EngineRegister.BUS_ERRORS)).toBe(6);
  });
});

test('notices a single refused beat anywhere in a record', () => {
  host.sim.run(function* () {
    yield* host.start();
    for (let beat = 0; beat < 40; beat++) {
      const batch = host.makeBatch(beat, OpCode.VERIFY, 2);
      const from = batch.input + BigInt(beat * 8);
      host.memory.refusals = [{ from, to: from + 8n, on: 'read' }];
      const completion = yield* host.submit(batch);
      expect(completion.status).toBe(StatusCode.INPUT_BUS_ERROR);
      host.memory.refusals = [];
    }
    expect(yield* host.readEngine(EngineRegister.BUS_ERRORS)).toBe(40);
    expect(yield* host.readEngine(SigverifyRegister.RESULTS)).toBe(40);
  });
});

test('answers results that the bus refuses with RESULT_BUS_ERROR', () => {
  host.sim.run(function* () {
    yield* host.start();
    for (const op of [OpCode.VERIFY, OpCode.RECOVER]) {
      const batch = host.makeBatch(1, op, 4);
      const completion = yield* host.submit({ ...batch, result: far });
      expect(completion).toMatchObject({ id: 1, status: StatusCode.RESULT_BUS_ERROR });
      host.checkResults(batch, yield* host.submit(batch));
    }
    expect(yield* host.readEngine(EngineRegister.BUS_ERRORS)).toBe(8);
  });
});

test('answers a refused descriptor with DESCRIPTOR_BUS_ERROR and reads on', () => {
  host.sim.run(function* () {
    yield* host.start();
    const entry = MEMORY_BASE + 0x1000n;
    const batches = Array.from({ length: 4 }, (_, i) => host.makeBatch(i + 1, OpCode.VERIFY, 2));
    host.memory.refusals = [{ from: entry + 32n + 16n, to: entry + 32n + 24n, on: 'read' }];
    for (const batch of batches) host.put(batch);
    yield* host.ringDoorbell();
    for (let i = 0; i < 4; i++) {
      const completion = yield* host.nextCompletion();
      if (completion.index === 1) {
        expect(completion).toMatchObject({
          id: 0,
          status: StatusCode.DESCRIPTOR_BUS_ERROR,
          valid: 0,
        });
      } else {
        const batch = batches[completion.index];
        if (!batch) throw new Error(`no batch ${completion.index}`);
        host.checkResults(batch, completion);
      }
    }
    expect(yield* host.readEngine(EngineRegister.BUS_ERRORS)).toBe(1);
  });
});

test('says so, by interrupt and status, when the bus refuses a completion', () => {
  host.sim.run(function* () {
    yield* host.start();
    const ring = MEMORY_BASE + 0x5000n;
    host.memory.refusals = [{ from: ring, to: ring + 16n, on: 'write' }];
    host.put(host.makeBatch(1, OpCode.VERIFY, 1));
    yield* host.ringDoorbell();
    yield* waitFor(() => host.ports.irq === 1, { max: 5000, what: 'an interrupt' });
    const cause = yield* host.registers.read(CardRegister.IRQ_CAUSE);
    expect(cause).toBe(1 << CardField.IRQ_CAUSE_SIGVERIFY_ERROR.shift);
    const status = yield* host.readEngine(EngineRegister.STATUS);
    expect(status).toBe(1 << EngineField.STATUS_COMPLETION_LOST.shift);
    expect(yield* host.readEngine(EngineRegister.COMPLETIONS)).toBe(0);
    expect(host.takeCompletion()).toBe(undefined);
    host.memory.refusals = [];
    yield* host.resetEngine();
    yield* host.start();
    const batch = host.makeBatch(2, OpCode.VERIFY, 1);
    host.checkResults(batch, yield* host.submit(batch));
    expect(yield* host.readEngine(EngineRegister.STATUS)).toBe(0);
  });
});

test('survives random refusals: each batch is right or has a status', () => {
  host.sim.run(
    function* () {
      yield* host.start();
      const counts = new Map<number, number>();
      for (let round = 0; round < 150; round++) {
        const batch = host.makeBatch(round, host.random.pick([1, 2] as const), 6);
        const at = MEMORY_BASE + BigInt(DATA_OFFSET + host.random.int(0, 4 << 20));
        const near = host.random.pick([batch.input, batch.result, at]);
        const from = near + BigInt(host.random.int(0, 100) * 8);
        const on = host.random.pick(['read', 'write'] as const);
        host.memory.refusals = [{ from, to: from + 64n, on }];
        const completion = yield* host.submit(batch);
        counts.set(completion.status, (counts.get(completion.status) ?? 0) + 1);
        const { input, result } = batch;
        const inputEnd = input + BigInt(batch.inputs.length);
        const resultEnd = result + BigInt(batch.count * (batch.op === OpCode.VERIFY ? 8 : 72));
        const isHit =
          on === 'read'
            ? from < inputEnd && from + 64n > input
            : from < resultEnd && from + 64n > result;
        const expected = on === 'read' ? StatusCode.INPUT_BUS_ERROR : StatusCode.RESULT_BUS_ERROR;
        if (isHit) expect(completion.status).toBe(expected);
        else host.checkResults(batch, completion);
      }
      expect(counts.size).toBe(3);
    },
    { max: 5_000_000 },
  );
});

test('resets during work at any moment without breaking the bus, and works again', () => {
  host.sim.run(
    function* () {
      for (let round = 0; round < 60; round++) {
        yield* host.start();
        for (let i = 0; i < 6; i++) {
          host.put(host.makeBatch(i, host.random.pick([1, 2] as const), host.random.int(1, 20)));
        }
        yield* host.ringDoorbell();
        yield* delay(host.random.int(0, 600));
        if (round % 2 === 0) {
          yield* host.resetEngine();
        } else {
          yield* host.registers.write(CardRegister.CONTROL, 1);
          while ((yield* host.registers.read(CardRegister.CONTROL)) & 1) yield;
          expect(yield* host.registers.read(CardRegister.IRQ_MASK)).toBe(0);
        }
        expect(host.bus.outstanding).toBe(0);
        expect(yield* host.readEngine(EngineRegister.SQ_TAIL)).toBe(0);
        expect(yield* host.readEngine(SigverifyRegister.JOBS)).toBe(0);
        yield* waitFor(() => host.ports.idle === 1, { max: 20, what: 'idle' });
        yield* host.start();
        const batch = host.makeBatch(99, OpCode.VERIFY, 3);
        host.checkResults(batch, yield* host.submit(batch));
        yield* host.resetEngine();
      }
    },
    { max: 5_000_000 },
  );
});

test('resets an engine that does not answer any more', () => {
  host.sim.run(function* () {
    yield* host.start();
    const batch = host.makeBatch(1, OpCode.RECOVER, 8);
    host.memory.bytes.fill(
      255,
      Number(batch.input - MEMORY_BASE),
      Number(batch.input - MEMORY_BASE) + 8,
    );
    host.put(batch);
    yield* host.ringDoorbell();
    yield* delay(20_000);
    expect(host.takeCompletion()).toBe(undefined);
    expect((yield* host.readEngine(EngineRegister.STATUS)) & 1).toBe(1);
    expect(host.ports.idle).toBe(0);
    yield* host.resetEngine();
    yield* host.start();
    const next = host.makeBatch(2, OpCode.RECOVER, 8);
    host.checkResults(next, yield* host.submit(next));
  });
});

test('waits for a bus that hangs, and goes on when it comes back', () => {
  host.sim.run(function* () {
    yield* host.start();
    const batch = host.makeBatch(1, OpCode.VERIFY, 10);
    host.put(batch);
    yield* host.ringDoorbell();
    yield* delay(100);
    host.bus.isHanging = true;
    yield* delay(3000);
    expect(host.ports.idle).toBe(0);
    expect(yield* host.registers.read(CardRegister.MAGIC)).toBe(0x43425048);
    host.bus.isHanging = false;
    host.checkResults(batch, yield* host.nextCompletion());
  });
});

test('stops fetching when disabled and finishes what was fetched', () => {
  host.sim.run(function* () {
    yield* host.start();
    yield* host.writeEngine(EngineRegister.CONTROL, 0);
    const batch = host.makeBatch(1, OpCode.VERIFY, 3);
    host.put(batch);
    yield* host.ringDoorbell();
    yield* delay(500);
    expect(yield* host.readEngine(EngineRegister.SQ_HEAD)).toBe(0);
    expect(host.ports.idle).toBe(1);
    yield* host.writeEngine(EngineRegister.CONTROL, 1);
    host.checkResults(batch, yield* host.nextCompletion());
  });
});
