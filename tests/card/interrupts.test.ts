import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  CardField,
  CardRegister,
  EngineRegister,
  OpCode,
} from '../../src/driver/generated/registers.ts';
import { delay, type Task, waitFor } from '../../src/testbench/index.ts';
import { type Host, openHost } from './bench/host.ts';

let host: Host;
beforeEach(async () => {
  host = await openHost();
});
afterEach(() => host.sim.close());

const DONE = 1 << CardField.IRQ_CAUSE_SIGVERIFY_DONE.shift;

/** Submits some one-record batches without looking at the completions. */
function* submitSome(count: number): Task {
  for (let i = 0; i < count; i++) host.put(host.makeBatch(i, OpCode.VERIFY, 1));
  yield* host.ringDoorbell();
}

function* waitTaken(count: number): Task {
  for (let i = 0; i < count; i++) yield* host.nextCompletion();
}

test('raises the line when a completion is in memory, until the cause is cleared', () => {
  host.sim.run(function* () {
    yield* host.start();
    yield* submitSome(1);
    yield* waitFor(() => host.ports.irq === 1, { max: 2000, what: 'an interrupt' });
    expect(host.takeCompletion()).toBeDefined();
    yield* delay(50);
    expect(host.ports.irq).toBe(1);
    expect(yield* host.registers.read(CardRegister.IRQ_CAUSE)).toBe(DONE);
    yield* host.registers.write(CardRegister.IRQ_CAUSE, DONE);
    expect(host.ports.irq).toBe(0);
    expect(yield* host.registers.read(CardRegister.IRQ_CAUSE)).toBe(0);
  });
});

test('keeps a masked cause and shows it when the mask opens', () => {
  host.sim.run(function* () {
    yield* host.start();
    yield* host.registers.write(CardRegister.IRQ_MASK, 0);
    yield* submitSome(1);
    yield* waitTaken(1);
    yield* delay(20);
    expect(host.ports.irq).toBe(0);
    expect(yield* host.registers.read(CardRegister.IRQ_CAUSE)).toBe(DONE);
    yield* host.registers.write(CardRegister.IRQ_MASK, DONE);
    expect(host.ports.irq).toBe(1);
  });
});

test('lets software raise and clear each cause', () => {
  host.sim.run(function* () {
    yield* host.registers.write(CardRegister.IRQ_MASK, 0xffff_ffff);
    for (const { shift } of [
      CardField.IRQ_CAUSE_SIGVERIFY_DONE,
      CardField.IRQ_CAUSE_TOE_DONE,
      CardField.IRQ_CAUSE_BROADCAST_DONE,
      CardField.IRQ_CAUSE_SIGVERIFY_ERROR,
      CardField.IRQ_CAUSE_TOE_ERROR,
      CardField.IRQ_CAUSE_BROADCAST_ERROR,
    ]) {
      yield* host.registers.write(CardRegister.IRQ_SET, 1 << shift);
      expect(host.ports.irq).toBe(1);
      expect(yield* host.registers.read(CardRegister.IRQ_CAUSE)).toBe(1 << shift);
      yield* host.registers.write(CardRegister.IRQ_CAUSE, 1 << shift);
      expect(host.ports.irq).toBe(0);
    }
    yield* host.registers.write(CardRegister.IRQ_SET, 0xffff_f8f8);
    expect(yield* host.registers.read(CardRegister.IRQ_CAUSE)).toBe(0);
  });
});

test('waits for the count of completions before it interrupts', () => {
  host.sim.run(function* () {
    yield* host.start();
    yield* host.writeEngine(EngineRegister.IRQ_COUNT, 4);
    yield* host.writeEngine(EngineRegister.IRQ_CYCLES, 0xff_ffff);
    yield* submitSome(3);
    yield* waitTaken(3);
    yield* delay(200);
    expect(host.ports.irq).toBe(0);
    // A completion without an interrupt yet: the clock must go on
    expect(host.ports.idle).toBe(0);
    yield* submitSome(1);
    yield* waitTaken(1);
    yield* delay(3);
    expect(host.ports.irq).toBe(1);
    yield* waitFor(() => host.ports.idle === 1, { max: 20, what: 'idle' });
  });
});

test('interrupts when the first completion has waited long enough', () => {
  host.sim.run(function* () {
    yield* host.start();
    yield* host.writeEngine(EngineRegister.IRQ_COUNT, 100);
    yield* host.writeEngine(EngineRegister.IRQ_CYCLES, 500);
    yield* submitSome(2);
    yield* waitFor(() => host.takeCompletion() !== undefined, { max: 2000 });
    const waited = yield* waitFor(() => host.ports.irq === 1, { max: 2000 });
    expect(waited).toBeGreaterThan(480);
    expect(waited).toBeLessThan(510);
  });
});

test('never loses a completion to clearing the cause at the same moment', () => {
  host.sim.run(
    function* () {
      yield* host.start();
      let taken = 0;
      for (let round = 0; round < 300; round++) {
        yield* submitSome(2);
        // Clear first, then read the ring; sleep only while the line is low
        while (taken < (round + 1) * 2) {
          yield* waitFor(() => host.ports.irq === 1, { max: 5000, what: 'an interrupt' });
          yield* host.registers.write(CardRegister.IRQ_CAUSE, DONE);
          while (host.takeCompletion()) taken++;
          yield* host.writeEngine(EngineRegister.CQ_HEAD, host.taken & 0xffff);
          yield* delay(host.random.int(0, 5));
        }
      }
    },
    { max: 5_000_000 },
  );
});
