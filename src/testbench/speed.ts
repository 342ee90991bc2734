/**
 * Measures what the testbench costs on a small module: `node src/scripts/run.js src/testbench/speed.ts`.
 *
 * Figures are for one thread of this machine, in million cycles per second, the best of three.
 */
import { simulate } from './index.ts';

const ROUNDS = 3;

const sim = await simulate('tests/testbench/hdl/echo.sv', { seed: 1 });
const dut = sim.ports;
sim.reset();

let sum = 0;
measure('5 writes, 1 call, 2 reads a cycle', 2_000_000, (cycles) => {
  for (let i = 0; i < cycles; i++) {
    dut.i1 = i & 1;
    dut.i8 = i & 255;
    dut.i16 = i & 65535;
    dut.i32 = i;
    dut.is32 = i;
    sim.cycles(1);
    sum += dut.o32 + dut.count;
  }
});
measure('1 call a cycle', 3_000_000, (cycles) => {
  for (let i = 0; i < cycles; i++) sim.cycles(1);
});
measure('cycles(n)', 20_000_000, (cycles) => sim.cycles(cycles));
measure('until a port has a value', 20_000_000, (cycles) => {
  sim.until('count', { value: (dut.count + cycles) % 2 ** 32, max: cycles });
});
measure('1 task, a yield and a write a cycle', 500_000, (cycles) => {
  sim.run(
    function* () {
      for (let i = 0; i < cycles; i++) {
        dut.i32 = i;
        yield;
      }
    },
    { max: cycles + 1 },
  );
});
sim.close();

const stream = await simulate('tests/testbench/hdl/bad_stream.sv', { seed: 1 });
const source = stream.source('s_axis', { pause: 0.2 });
const sink = stream.sink('m_axis', { pause: 0.2 });
stream.reset();
measure('a stream through, both ends pausing', 200_000, (cycles) => {
  for (let i = 0; i < cycles / 100; i++) source.enqueue(stream.random.bytes(100));
  stream.cycles(cycles);
  sink.take();
});
stream.close();
if (!Number.isFinite(sum)) throw new Error('unreachable: keeps the reads alive');

function measure(name: string, cycles: number, body: (cycles: number) => void): void {
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    body(cycles);
    best = Math.max(best, cycles / (performance.now() - start) / 1000);
  }
  process.stdout.write(`${name.padEnd(40)} ${best.toFixed(2).padStart(6)} Mcycle/s\n`);
}
