/** ram_sdp and ram_tdp against an array. */
import { describe, expect, test } from 'vitest';
import { simulate } from '../../src/testbench/index.ts';

const SDP = 'hdl/common/ram_sdp.sv';
const TDP = 'hdl/common/ram_tdp.sv';

describe.for([
  { DATA_W: 32, DEPTH: 16 },
  { DATA_W: 9, DEPTH: 37 },
])('memories of $DEPTH words of $DATA_W bits', ({ DATA_W, DEPTH }) => {
  const wordOf = (bits: bigint) => Number(bits);

  test('ram_sdp reads what was written, the old word on a collision, and holds it', async () => {
    const sim = await simulate(SDP, { parameters: { DATA_W, DEPTH } });
    const { ports, random } = sim;
    const words = new Map<number, number>();
    let expected: number | undefined;
    for (let cycle = 0; cycle < 4000; cycle++) {
      const address = random.int(DEPTH);
      ports.wr_en = random.int(2);
      ports.wr_addr = random.chance(0.3) ? address : random.int(DEPTH);
      ports.wr_data = wordOf(random.bigint(DATA_W));
      ports.rd_en = random.int(2);
      ports.rd_addr = address;
      if (ports.rd_en === 1) expected = words.get(address);
      if (ports.wr_en === 1) words.set(ports.wr_addr, ports.wr_data);
      sim.cycles(1);
      if (expected !== undefined) expect(ports.rd_data, `cycle ${cycle}`).toBe(expected);
    }
    expect(words.size).toBe(DEPTH);
  });

  test('ram_tdp reads and writes on both ports', async () => {
    const sim = await simulate(TDP, { parameters: { DATA_W, DEPTH } });
    const { ports, random } = sim;
    const words = new Map<number, number>();
    let expectedA: number | undefined;
    let expectedB: number | undefined;
    for (let cycle = 0; cycle < 4000; cycle++) {
      const a = random.int(DEPTH);
      // The caller owes different addresses while one port writes
      const b = (a + random.int(1, DEPTH - 1)) % DEPTH;
      Object.assign(ports, {
        a_en: random.int(2),
        a_we: random.int(2),
        a_addr: a,
        a_wdata: wordOf(random.bigint(DATA_W)),
        b_en: random.int(2),
        b_we: random.int(2),
        b_addr: b,
        b_wdata: wordOf(random.bigint(DATA_W)),
      });
      if (ports.a_en === 1 && ports.a_we === 0) expectedA = words.get(a);
      if (ports.b_en === 1 && ports.b_we === 0) expectedB = words.get(b);
      if (ports.a_en === 1 && ports.a_we === 1) words.set(a, ports.a_wdata);
      if (ports.b_en === 1 && ports.b_we === 1) words.set(b, ports.b_wdata);
      sim.cycles(1);
      if (expectedA !== undefined) expect(ports.a_rdata, `cycle ${cycle}`).toBe(expectedA);
      if (expectedB !== undefined) expect(ports.b_rdata, `cycle ${cycle}`).toBe(expectedB);
    }
  });

  test('ram_tdp reads one word on both ports', async () => {
    const sim = await simulate(TDP, { parameters: { DATA_W, DEPTH } });
    const { ports } = sim;
    const word = wordOf(sim.random.bigint(DATA_W));
    Object.assign(ports, { a_en: 1, a_we: 1, a_addr: DEPTH - 1, a_wdata: word });
    sim.cycles(1);
    Object.assign(ports, { a_we: 0, b_en: 1, b_addr: DEPTH - 1 });
    sim.cycles(1);
    expect([ports.a_rdata, ports.b_rdata]).toEqual([word, word]);
  });
});

test.for([SDP, TDP])('error: %s of one word or of no bits stops the build', async (file) => {
  await expect(simulate(file, { parameters: { DEPTH: 1 } })).rejects.toThrow(/DEPTH=1 is below 2/);
  await expect(simulate(file, { parameters: { DATA_W: 0 } })).rejects.toThrow(
    /DATA_W=0 is below 1/,
  );
});
