import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildModel, simulate } from '../../src/testbench/index.ts';

/** A project of its own, to change sources in. */
let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'hpb-testbench-'));
  writeFileSync(join(root, 'package.json'), '{}');
  cpSync('tests/testbench/hdl', join(root, 'hdl'), { recursive: true });
  cpSync('tests/testbench/broken', join(root, 'broken'), { recursive: true });
});
afterAll(() => rmSync(root, { recursive: true }));

function edit(file: string, from: string, to: string): void {
  const path = join(root, file);
  writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
}

test('modules and packages are found by name, and a change of any of them builds anew', async () => {
  const first = await buildModel('hdl/speaker.sv', { root });
  const again = await buildModel('hdl/speaker.sv', { root });
  expect([first.isFresh, again.isFresh]).toEqual([true, false]);
  expect(again.library).toBe(first.library);

  edit('hdl/speaker_pkg.sv', "8'd42", "8'd43");
  const changed = await buildModel('hdl/speaker.sv', { root });
  expect(changed.isFresh).toBe(true);
  const sim = await simulate('hdl/speaker.sv', { root });
  sim.settle();
  expect(sim.ports.answer).toBe(43);
});

test('a file list replaces the search, with lists inside of lists', async () => {
  writeFileSync(join(root, 'hdl/inner.f'), '// packages\nspeaker_pkg.sv\n');
  writeFileSync(join(root, 'hdl/speaker.f'), '-F inner.f\nspeaker_part.sv\nspeaker.sv\n');
  const built = await buildModel('hdl/speaker.sv', { root });
  expect(built.isFresh).toBe(true);
  writeFileSync(join(root, 'hdl/inner.f'), '// the packages\nspeaker_pkg.sv\n');
  expect((await buildModel('hdl/speaker.sv', { root })).isFresh).toBe(true);
  rmSync(join(root, 'hdl/speaker.f'));
});

test('two builds of one model at once are one', async () => {
  const options = { root, parameters: { NUMBER: 8 } };
  const built = await Promise.all([
    buildModel('hdl/speaker.sv', options),
    buildModel('hdl/speaker.sv', options),
  ]);
  expect(built.map(({ isFresh }) => isFresh).sort()).toEqual([false, true]);
});

describe('error:', () => {
  test('Verilator complains at file and line, with the line itself', async () => {
    await expect(buildModel('broken/broken.sv', { root })).rejects.toThrow(
      /cannot build broken:\nbroken\/broken\.sv:9:\d+: error.*missing_signal.*\n {4}9 \| {3}always_ff/,
    );
  });

  test('an illegal parameter stops the build with its message', async () => {
    const building = buildModel('hdl/speaker.sv', { root, parameters: { NUMBER: 3 } });
    await expect(building).rejects.toThrow(/NUMBER=.*is odd|NUMBER=3 is odd/);
  });

  test('a missing file and an unknown parameter are named', async () => {
    await expect(buildModel('hdl/nothing.sv', { root })).rejects.toThrow(/nothing\.sv/);
    const building = buildModel('hdl/speaker.sv', { root, parameters: { NO_SUCH: 1 } });
    await expect(building).rejects.toThrow(/NO_SUCH/);
  });
});

test('what the model prints and how it fails comes to the test', async () => {
  const sim = await simulate('tests/testbench/hdl/speaker.sv');
  sim.cycles(3);
  sim.ports.fail = 1;
  expect(() => sim.cycles(1)).toThrow(
    /speaker stopped in cycle 4: .*speaker\.sv:23.*told to fail/s,
  );
});

test('$finish ends the model, not the process', async () => {
  const sim = await simulate('tests/testbench/hdl/speaker.sv');
  sim.ports.finish = 1;
  sim.cycles(10);
  expect(sim.isFinished).toBe(true);
  expect(sim.cycle).toBe(1);
});

test('waves are recorded in a build of their own', async () => {
  const waves = 'build/waves/testbench-test.fst';
  const sim = await simulate('tests/testbench/hdl/echo.sv', { waves });
  sim.reset();
  sim.cycles(100);
  sim.close();
  const path = sim.wavesPath ?? '';
  // The first byte of an FST file is the header block, of 329 bytes.
  expect([...readFileSync(path).subarray(0, 9)]).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 73]);
});

test('coverage is counted in a build of its own', async () => {
  const sim = await simulate('tests/testbench/hdl/speaker.sv', { kind: 'coverage' });
  sim.cycles(10);
  const path = 'build/coverage/testbench-test.dat';
  sim.writeCoverage(path);
  expect(readFileSync(path, 'utf8')).toContain('speaker.sv');
});
