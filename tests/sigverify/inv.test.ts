/** sigv_inv and its division steps against bigint. */
import { expect, test } from 'vitest';
import { simulate, testRandom } from '../../src/testbench/index.ts';
import { anyValue, EDGES, invert, mod, N, P } from './helpers/scalars.ts';

const open = () => simulate('hdl/sigverify/sigv_inv.sv', { compilerFlags: ['-O3'] });
type Inverter = Awaited<ReturnType<typeof open>>;

/** One inversion, with idle cycles before a beat where `pause` says so. */
function inverseOf(sim: Inverter, value: bigint, modulus: bigint, user = 0, pause = () => 0) {
  const dut = sim.ports;
  const prime = modulus === P ? 1 : 0;
  const start = sim.cycle;
  for (let beat = 0; beat < 8; beat++) {
    const idle = pause();
    if (idle > 0) sim.cycles(idle);
    dut.s_valid = 1;
    // Modulus and user count with the first beat only
    dut.s_prime = beat === 0 ? prime : 1 - prime;
    dut.s_user = beat === 0 ? user : 255 - user;
    dut.s_word = Number(BigInt.asUintN(32, value >> BigInt(32 * beat)));
    sim.settle();
    expect(dut.s_ready).toBe(1);
    sim.cycles(1);
    dut.s_valid = 0;
  }
  expect(dut.s_ready).toBe(0);
  let inverse = 0n;
  for (let word = 0; word < 8; word++) {
    sim.until('m_valid', { max: 1000 });
    if (dut.m_index !== word || dut.m_prime !== prime || dut.m_user !== user) {
      throw new Error(`word ${word}: index ${dut.m_index}, user ${dut.m_user}, not ${user}`);
    }
    inverse |= BigInt(dut.m_word as number) << BigInt(32 * word);
    const isLast = word === 7;
    const cycle = sim.cycle;
    if (!isLast) sim.cycles(1);
    else return { inverse, cycles: cycle - start };
  }
  throw new Error('no last word');
}

test('inverses of edges, powers of two and their neighbours, modulo n and p', async () => {
  const sim = await open();
  sim.reset();
  for (const modulus of [N, P]) {
    const values = [...EDGES];
    for (let bit = 0n; bit < 256n; bit++) {
      values.push(2n ** bit, 2n ** bit - 1n, modulus - 2n ** bit, invert(2n ** bit, modulus));
    }
    for (const value of values.map((edge) => mod(edge, modulus))) {
      const { inverse } = inverseOf(sim, value, modulus);
      if (inverse !== invert(value, modulus)) throw new Error(`inverse of ${value.toString(16)}`);
    }
  }
});

test('8,000 random inverses, moduli mixed, users kept apart, at most 840 cycles each', async () => {
  const sim = await open();
  sim.reset();
  const random = testRandom('inverses');
  let longest = 0;
  let total = 0;
  for (let i = 0; i < 8_000; i++) {
    const modulus = random.chance(0.5) ? N : P;
    const value = mod(anyValue(random), modulus);
    const { inverse, cycles } = inverseOf(sim, value, modulus, random.int(256));
    if (inverse !== invert(value, modulus)) throw new Error(`inverse of ${value.toString(16)}`);
    longest = Math.max(longest, cycles);
    total += cycles;
  }
  expect(longest).toBeLessThanOrEqual(840);
  expect(total / 8_000).toBeLessThan(640);
});

test('pauses between the beats change nothing', async () => {
  const sim = await open();
  sim.reset();
  const random = testRandom('pauses');
  for (let i = 0; i < 200; i++) {
    const modulus = random.chance(0.5) ? N : P;
    const value = mod(anyValue(random), modulus);
    const pause = () => (random.chance(0.5) ? random.int(60) : 0);
    expect(inverseOf(sim, value, modulus, 1, pause).inverse).toBe(invert(value, modulus));
  }
});

test('a reset in the middle leaves a unit that works', async () => {
  const sim = await open();
  sim.reset();
  const random = testRandom('reset');
  for (let i = 0; i < 200; i++) {
    Object.assign(sim.ports, { s_valid: 1, s_word: random.uint32() });
    sim.cycles(random.int(1, 700));
    sim.ports.s_valid = 0;
    sim.reset(1);
    const value = mod(anyValue(random), N);
    expect(inverseOf(sim, value, N).inverse).toBe(invert(value, N));
  }
});

test('division steps: the matrix maps f and g to what the steps by the book give', async () => {
  const sim = await simulate('hdl/sigverify/sigv_inv_divsteps.sv');
  const dut = sim.ports;
  sim.reset();
  const random = testRandom('division steps');
  for (let i = 0; i < 500; i++) {
    let [f, g] = [random.runs(256) | 1n, random.runs(256)];
    let delta = 1n; // twice delta, beginning at 1/2
    for (let batch = 0; batch < 20; batch++) {
      const [f0, g0] = [f, g];
      for (let step = 0; step < 30; step++) {
        if (delta > 0n && (g & 1n) === 1n) [delta, f, g] = [2n - delta, g, (g - f) >> 1n];
        else [delta, g] = [2n + delta, (g + (g & 1n) * f) >> 1n];
      }
      Object.assign(dut, { start: 1, first: batch === 0 ? 1 : 0 });
      dut.f = Number(BigInt.asUintN(30, f0));
      dut.g = Number(BigInt.asUintN(30, g0));
      sim.cycles(1);
      dut.start = 0;
      expect(sim.until('done', { max: 31 })).toBeGreaterThanOrEqual(15);
      const [u, v, q, r] = [dut.u, dut.v, dut.q, dut.r].map((entry) => BigInt(entry as number));
      if (u! * f0 + v! * g0 !== f << 30n || q! * f0 + r! * g0 !== g << 30n) {
        throw new Error(`f = ${f0.toString(16)}, g = ${g0.toString(16)}`);
      }
    }
  }
});
