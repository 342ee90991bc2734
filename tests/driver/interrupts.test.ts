// SPDX-License-Identifier: Apache-2.0
// One waiter for the interrupts of a card, several engines' drivers behind it.

import { afterEach, expect, test, vi } from 'vitest';
import { CardBackend } from '../../src/driver/device/card-backend.ts';
import { type InterruptClient, Interrupts } from '../../src/driver/device/interrupts.ts';
import { Block, CardRegister } from '../../src/driver/generated/registers.ts';
import { type AccelError, SimDevice } from '../../src/driver/index.ts';
import { CheckedSignatures } from '../../src/driver/signatures/engine.ts';
import { CARD_DOUBLE } from './helpers/backends.ts';
import { batchMaker } from './helpers/card.ts';
import { seededRandom } from './helpers/random.ts';

const SET = Block.CARD + CardRegister.IRQ_SET;
const CAUSE = Block.CARD + CardRegister.IRQ_CAUSE;
const makeBatch = batchMaker(seededRandom('interrupts'));
let device: SimDevice;

afterEach(() => device.close());

async function open(): Promise<SimDevice> {
  device = await SimDevice.open({ mode: 'stepped', library: CARD_DOUBLE });
  return device;
}

/** A client that notes what it is told. */
class Client implements InterruptClient {
  readonly keepsAlive = true;
  readonly told: { cause: number; found: number; interrupted: boolean }[] = [];
  due: number | undefined = Number.POSITIVE_INFINITY;
  ready = 0;
  failure: AccelError | undefined;
  onAttend: () => Promise<void> = async () => {};
  readonly causes: number;

  constructor(causes: number) {
    this.causes = causes;
  }

  drain(): number {
    return this.ready-- > 0 ? 1 : 0;
  }

  async attend(cause: number, found: number, interrupted: boolean): Promise<void> {
    this.told.push({ cause, found, interrupted });
    await this.onAttend();
  }

  fail(error: AccelError): void {
    this.failure = error;
    this.due = undefined;
  }
}

async function turn(): Promise<void> {
  for (let i = 0; i < 20; i++) {
    device.step(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('every client hears of a cause, once, and the causes are cleared', async () => {
  const interrupts = new Interrupts(await open());
  const clients = [new Client(1), new Client(2)] as const;
  for (const client of clients) interrupts.add(client);
  interrupts.listen();
  clients[1].ready = 1;
  device.write32(SET, 2);
  await turn();
  expect(clients[0].told).toEqual([{ cause: 2, found: 0, interrupted: true }]);
  expect(clients[1].told).toEqual([{ cause: 2, found: 1, interrupted: true }]);
  expect(await device.read32(CAUSE)).toBe(0);
  device.write32(SET, 3);
  await turn();
  expect(clients[0].told).toHaveLength(2);
});

test('an alarm that a client needs sooner ends a wait that is under way', async () => {
  const interrupts = new Interrupts(await open());
  const [idle, busy] = [new Client(2), new Client(1)];
  busy.due = undefined;
  interrupts.add(idle);
  interrupts.add(busy);
  interrupts.listen();
  await turn();
  expect(idle.told).toEqual([]);
  busy.due = device.now() + 500;
  busy.onAttend = async () => {
    busy.due = undefined;
  };
  interrupts.listen();
  await turn();
  expect(busy.told).toEqual([{ cause: 0, found: 0, interrupted: false }]);
});

test('an interrupt while a client pauses is attended to afterwards', async () => {
  const interrupts = new Interrupts(await open());
  const [slow, other] = [new Client(1), new Client(2)];
  slow.onAttend = async () => {
    slow.onAttend = async () => {};
    // Both clients were read already when the second cause comes.
    device.write32(SET, 2);
    await interrupts.pause(device.now() + 1_000);
  };
  interrupts.add(other);
  interrupts.add(slow);
  interrupts.listen();
  device.write32(SET, 1);
  await turn();
  expect(other.told.map(({ cause }) => cause)).toEqual([1, 2]);
});

test('a dead card fails all clients, a closed one too', async () => {
  for (const code of ['ACCEL_DEVICE', 'ACCEL_CLOSED']) {
    const interrupts = new Interrupts(await open());
    const clients = [new Client(1), new Client(2)];
    for (const client of clients) interrupts.add(client);
    interrupts.listen();
    if (code === 'ACCEL_CLOSED') {
      await device.close();
      await interrupts.settled();
    } else {
      device.inject('dead', 1);
      clients[0]!.due = device.now() + 200;
      interrupts.listen();
      await turn();
    }
    expect(clients.map(({ failure }) => failure?.code)).toEqual([code, code]);
    await device.close();
  }
});

test('a batch costs as many register accesses beside another engine as alone', async () => {
  const accesses: number[] = [];
  for (const others of [0, 1]) {
    await open();
    const interrupts = new Interrupts(device);
    if (others > 0) interrupts.add(new Client(2));
    const backend = new CardBackend(device, {}, interrupts);
    const signatures = new CheckedSignatures(backend);
    const [reads, writes] = [vi.spyOn(device, 'read32'), vi.spyOn(device, 'write32')];
    for (let i = 0; i < 4; i++) {
      await device.stepUntil(signatures.verifyBatch(makeBatch(5).records));
    }
    await turn();
    accesses.push(reads.mock.calls.length + writes.mock.calls.length);
    await backend.close();
  }
  // Each: the doorbell, the entry given back, the cause read, cleared and read again.
  expect(accesses).toEqual([20, 20]);
});
