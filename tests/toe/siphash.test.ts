/** toe_siphash against published values and against the algorithm in bigint. */
import { describe, expect, test } from 'vitest';
import { SETTLED, simulate, type Task } from '../../src/testbench/index.ts';
import { littleEndian, siphash } from './siphash.ts';

const FILE = 'hdl/toe/toe_siphash.sv';

const parameters = (c: number, d: number) => ({ C_ROUNDS: c, D_ROUNDS: d, USER_W: 7 });

const counting = (length: number) => Uint8Array.from({ length }, (_, i) => i);

/** A message of 8 to 15 bytes as the unit takes it. */
function words(message: Uint8Array): bigint {
  return littleEndian(message) | (BigInt(message.length) << 120n);
}

/**
 * Key 00 01 .. 0f, message 00 01 .. up to the length. SipHash-2-4: vectors_sip64 of the reference
 * implementation, where 15 bytes are the example of the paper's appendix A; all of them, and
 * SipHash-1-3, as `openssl mac -macopt size:8 -macopt c-rounds:C -macopt d-rounds:D SIPHASH` gives.
 */
const PUBLISHED = [
  { c: 2, d: 4, length: 8, bytes: '6224939a79f5f593' },
  { c: 2, d: 4, length: 12, bytes: 'fbe50e86bc8f1e75' },
  { c: 2, d: 4, length: 15, bytes: 'e545be4961ca29a1' },
  { c: 1, d: 3, length: 8, bytes: '8e9a298d11959036' },
  { c: 1, d: 3, length: 12, bytes: 'a2d9b457b184a378' },
  { c: 1, d: 3, length: 15, bytes: '5699512a6dd820d3' },
];

test.for(PUBLISHED)('SipHash-$c-$d of $length bytes is $bytes', async ({ c, d, length, bytes }) => {
  const sim = await simulate(FILE, { parameters: parameters(c, d) });
  const hash = littleEndian(Buffer.from(bytes, 'hex'));
  expect(siphash(c, d, counting(16), counting(length))).toBe(hash);
  sim.reset();
  Object.assign(sim.ports, {
    key: littleEndian(counting(16)),
    s_words: words(counting(length)),
    s_valid: 1,
  });
  sim.cycles(1);
  sim.ports.s_valid = 0;
  expect(sim.until('m_valid')).toBe(4 * c + 2 * d);
  expect(sim.ports.m_hash).toBe(hash);
  sim.cycles(1);
  expect(sim.ports.m_valid).toBe(0);
});

test('the paper prints its example as a129ca6149be45e5', () => {
  expect(siphash(2, 4, counting(16), counting(15))).toBe(0xa129ca6149be45e5n);
});

describe.for([
  { c: 1, d: 3 },
  { c: 2, d: 4 },
])('SipHash-$c-$d', ({ c, d }) => {
  test('random messages overlap, each with its own key, in order and on time', async () => {
    const sim = await simulate(FILE, { parameters: parameters(c, d) });
    const { ports, random } = sim;
    const expected: { hash: bigint; word: bigint; user: number; cycle: number }[] = [];
    let longestWait = 0;
    function* source(): Task {
      for (let i = 0; i < 400; i++) {
        const key = random.bytes(16);
        const message = random.bytes(random.int(8, 15));
        ports.key = littleEndian(key);
        ports.s_words = words(message);
        const user = random.int(128);
        ports.s_user = user;
        ports.s_valid = 1;
        const start = sim.cycle;
        for (yield SETTLED; ports.s_ready === 0; yield SETTLED) yield;
        longestWait = Math.max(longestWait, sim.cycle - start);
        expected.push({
          hash: siphash(c, d, key, message),
          word: littleEndian(message.subarray(0, 8)),
          user,
          cycle: sim.cycle + 4 * c + 2 * d + 1,
        });
        yield;
        ports.s_valid = 0;
        for (let n = random.chance(0.5) ? 0 : random.int(12); n > 0; n--) yield;
      }
    }
    sim.reset();
    const sending = sim.fork(source());
    let seen = 0;
    sim.run(function* () {
      while (sending.isRunning || expected.length > 0) {
        if (ports.m_valid === 1) {
          const next = expected.shift();
          const { m_hash: hash, m_word: word, m_user: user } = ports;
          expect({ hash, word, user, cycle: sim.cycle }).toEqual(next);
          seen++;
        }
        yield;
      }
    });
    expect(seen).toBe(400);
    expect(longestWait).toBeLessThan(4 * c + 2 * d);
    expect(longestWait).toBeGreaterThan(0);
  });

  test('messages an odd number of cycles apart keep the loop full', async () => {
    const sim = await simulate(FILE, { parameters: parameters(c, d) });
    const { ports } = sim;
    const period = 2 * c + d; // half of a message's time
    const apart = period % 2 === 1 ? period : period + 1;
    sim.reset();
    for (let cycle = 0; cycle < 20 * apart; cycle++) {
      const phase = cycle % (2 * apart);
      ports.s_valid = phase === 0 || phase === apart ? 1 : 0;
      sim.settle();
      if (ports.s_valid === 1) expect(ports.s_ready, `cycle ${cycle}`).toBe(1);
      sim.cycles(1);
    }
  });
});

test('reset forgets what is under way', async () => {
  const sim = await simulate(FILE, { parameters: parameters(1, 3) });
  sim.reset();
  sim.ports.s_valid = 1;
  sim.cycles(2);
  sim.ports.s_valid = 0;
  sim.cycles(3);
  sim.reset();
  for (let i = 0; i < 40; i++) {
    expect(sim.ports.m_valid).toBe(0);
    sim.cycles(1);
  }
});

test('error: no rounds stop the build', async () => {
  await expect(simulate(FILE, { parameters: { C_ROUNDS: 0 } })).rejects.toThrow(
    /C_ROUNDS=0 is not from 1 to 4/,
  );
  await expect(simulate(FILE, { parameters: { D_ROUNDS: 9 } })).rejects.toThrow(
    /D_ROUNDS=9 is not from 1 to 8/,
  );
});
