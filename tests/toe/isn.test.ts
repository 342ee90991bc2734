/** toe_isn against RFC 6528 with SipHash-2-4 in bigint. */
import { expect, test } from 'vitest';
import { SETTLED, simulate, type Task, waitFor } from '../../src/testbench/index.ts';
import { littleEndian, siphash } from './siphash.ts';

const FILE = 'hdl/toe/toe_isn.sv';

interface Connection {
  readonly localIp: number;
  readonly remoteIp: number;
  readonly localPort: number;
  readonly remotePort: number;
}

/** F() of RFC 6528: addresses and ports as they stand in headers. */
function offset(key: Uint8Array, { localIp, remoteIp, localPort, remotePort }: Connection): number {
  const message = new DataView(new ArrayBuffer(12));
  message.setUint32(0, localIp);
  message.setUint32(4, remoteIp);
  message.setUint16(8, localPort);
  message.setUint16(10, remotePort);
  return Number(siphash(2, 4, key, new Uint8Array(message.buffer)) & 0xffff_ffffn);
}

function tupleOf({ remoteIp, remotePort, localPort }: Connection): bigint {
  return (BigInt(remoteIp) << 32n) | (BigInt(remotePort) << 16n) | BigInt(localPort);
}

test('an address pair and ports give their number; the clock adds 250 a millisecond, one a number', async () => {
  const sim = await simulate(FILE);
  const { ports, random } = sim;
  const key = random.bytes(16);
  ports.key = littleEndian(key);
  sim.reset();

  let clock = 0;
  let given = 0;
  let isRunning = true;
  function* ticks(): Task {
    while (isRunning) {
      ports.tick_ms = random.chance(0.02) ? 1 : 0;
      yield SETTLED;
      clock = (clock + ports.tick_ms * 250) >>> 0;
      if (ports.tick_ms) given = 0;
      yield;
    }
  }
  sim.fork(ticks());
  sim.run(function* () {
    for (let i = 0; i < 300; i++) {
      const connection = {
        localIp: random.uint32(),
        remoteIp: random.uint32(),
        localPort: random.int(65536),
        remotePort: random.int(65536),
      };
      ports.local_ip = connection.localIp;
      ports.s_tuple = tupleOf(connection);
      ports.s_valid = 1;
      for (yield SETTLED; ports.s_ready === 0; yield SETTLED) yield;
      const asked = sim.cycle;
      yield;
      ports.s_valid = random.int(2); // the next request may stand already, and waits
      let before = [clock, given] as const;
      yield* waitFor(
        () => {
          if (ports.m_valid === 1) return true;
          before = [clock, given];
          return false;
        },
        { max: 40, what: 'a number' },
      );
      expect(sim.cycle - asked).toBe(18);
      const isn = ports.m_isn;
      const [clockBefore, givenBefore] = before;
      expect(isn).toBe((offset(key, connection) + clockBefore + givenBefore) >>> 0);
      if (clock === clockBefore) given = Math.min(given + 1, 249);
      for (let n = random.int(6); n > 0; n--) {
        yield;
        expect(ports.m_valid).toBe(1);
        expect(ports.m_isn).toBe(isn);
      }
      ports.s_valid = 0;
      ports.m_ready = 1;
      yield;
      ports.m_ready = 0;
      expect(ports.m_valid).toBe(0);
    }
    isRunning = false;
    yield;
  });
});

test('the clock wraps at 2^32', async () => {
  const sim = await simulate(FILE);
  const { ports } = sim;
  const key = sim.random.bytes(16);
  const connection = {
    localIp: 0x0a4d0002,
    remoteIp: 0x0a4d0001,
    localPort: 80,
    remotePort: 40000,
  };
  ports.key = littleEndian(key);
  ports.local_ip = connection.localIp;
  ports.s_tuple = tupleOf(connection);
  sim.reset();
  const ticks = Math.ceil(2 ** 32 / 250) + 3;
  ports.tick_ms = 1;
  sim.cycles(ticks);
  ports.tick_ms = 0;
  ports.s_valid = 1;
  sim.until('m_valid');
  expect(ports.m_isn).toBe((offset(key, connection) + ticks * 250) >>> 0);
});

test('a pair that opens many times in a millisecond has other numbers each time, below the next', async () => {
  const sim = await simulate(FILE);
  const { ports } = sim;
  sim.reset();
  const numbers: number[] = [];
  const ask = () => {
    ports.s_valid = 1;
    sim.until('m_valid');
    ports.s_valid = 0;
    ports.m_ready = 1;
    sim.cycles(1);
    ports.m_ready = 0;
    return ports.m_isn;
  };
  for (let i = 0; i < 252; i++) numbers.push(ask());
  const first = numbers[0] as number;
  const expected = Array.from({ length: 252 }, (_, i) => (first + Math.min(i, 249)) >>> 0);
  expect(numbers).toEqual(expected);
  ports.tick_ms = 1;
  sim.cycles(1);
  ports.tick_ms = 0;
  expect(ask()).toBe((first + 250) >>> 0);
});

test('reset starts the clock anew', async () => {
  const sim = await simulate(FILE);
  const { ports } = sim;
  sim.reset();
  ports.s_valid = 1;
  sim.until('m_valid');
  const first = ports.m_isn;
  ports.tick_ms = 1;
  sim.cycles(10);
  ports.tick_ms = 0;
  sim.reset();
  expect(ports.m_valid).toBe(0);
  sim.until('m_valid');
  expect(ports.m_isn).toBe(first);
});
