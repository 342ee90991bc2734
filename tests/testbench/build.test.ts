import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { buildModel, simulate } from '../../src/testbench/index.ts';

/** A project of its own, to change sources in. */
let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'hpb-testbench-'));
  writeFileSync(join(root, 'package.json'), '{}');
  cpSync('tests/testbench/hdl', join(root, 'hdl'), { recursive: true });
  cpSync('tests/testbench/broken', join(root, 'broken'), { recursive: true });
  // Verilator's runtime takes a while to compile, and is the same.
  mkdirSync('build/sim/runtime', { recursive: true });
  mkdirSync(join(root, 'build/sim'), { recursive: true });
  symlinkSync(resolve('build/sim/runtime'), join(root, 'build/sim/runtime'));
});
afterAll(() => rmSync(root, { recursive: true }));

/** In one step: a build that is under way reads the old text or the new one. */
function edit(file: string, from: string | RegExp, to: string): void {
  const path = join(root, file);
  writeFileSync(`${path}.new`, readFileSync(path, 'utf8').replace(from, to));
  renameSync(`${path}.new`, path);
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

/** Names of the objects kept beside a model: their texts are in them. */
const objectsOf = ({ library }: { library: string }) =>
  readdirSync(join(dirname(library), 'objects')).sort();

test('what a change does not reach is not compiled again', async () => {
  const first = await buildModel('hdl/echo.sv', { root });
  const objects = objectsOf(first);
  expect(objects).toEqual([expect.stringMatching(/^model-/), expect.stringMatching(/^wrapper-/)]);
  // Lines stay where they are: Verilator's C++ has the module's.
  edit('hdl/echo.sv', 'o1 <= i1;', 'o1 <= i1;  // a cycle later');
  const again = await buildModel('hdl/echo.sv', { root });
  expect([again.isFresh, again.library]).toEqual([true, first.library]);
  expect(objectsOf(again)).toEqual(objects);

  edit('hdl/echo.sv', 'o8 <= i8;', 'o8 <= ~i8;');
  const changed = await buildModel('hdl/echo.sv', { root });
  expect(changed.library).not.toBe(first.library);
  const added = objectsOf(changed).filter((name) => !objects.includes(name));
  expect(added).toEqual([expect.stringMatching(/^model-/)]);
  const sim = await simulate('hdl/echo.sv', { root });
  sim.ports.i8 = 1;
  sim.cycles(1);
  expect(sim.ports.o8).toBe(0xfe);
});

/** Whether a build of the module is under way whose sources have been read. */
function isVerilated(): boolean {
  const folder = join(root, 'build/sim/speaker');
  return (existsSync(folder) ? readdirSync(folder) : [])
    .map((name) => join(folder, name))
    .some((dir) => existsSync(join(dir, 'lock')) && existsSync(join(dir, 'cpp/Vdut.cpp')));
}

test('a file saved while it is built counts as changed', async () => {
  const options = { root, parameters: { NUMBER: 10 } };
  const building = buildModel('hdl/speaker.sv', options);
  await vi.waitUntil(isVerilated, { timeout: 60_000, interval: 5 });
  edit('hdl/speaker_pkg.sv', /8'd\d+/, "8'd44");
  expect((await building).isFresh).toBe(true);
  expect((await buildModel('hdl/speaker.sv', options)).isFresh).toBe(true);
  const sim = await simulate('hdl/speaker.sv', options);
  sim.settle();
  expect(sim.ports.answer).toBe(44);
});

test('a build that is given up leaves nothing behind that hinders the next', async () => {
  const options = { root, parameters: { NUMBER: 12 } };
  const giveUp = new AbortController();
  const building = buildModel('hdl/speaker.sv', options, giveUp);
  const outcome = building.catch((error) => error);
  await new Promise((resolve) => setTimeout(resolve, 100));
  giveUp.abort(new Error('given up'));
  expect(await outcome).toEqual(new Error('given up'));
  expect((await buildModel('hdl/speaker.sv', options)).isFresh).toBe(true);
});

/** Builds a module by the library as it is compiled, in a process of its own. @returns whether it was built. */
async function buildCompiled(library: string, file: string, root: string): Promise<boolean> {
  const module = pathToFileURL(resolve(library, 'build/js/src/testbench/build.js')).href;
  const script = `import { buildModel } from '${module}';
    console.log((await buildModel('${file}', { root: '${root}' })).isFresh);`;
  const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', script]);
  expect(stdout).toMatch(/^(true|false)$/);
  return stdout === 'true';
}

test('the library as it is compiled finds what its sources have built', async () => {
  const file = 'tests/testbench/hdl/echo.sv';
  await buildModel(file);
  expect(await buildCompiled('.', file, resolve('.'))).toBe(false);
});

test('a change of what decides how a model is evaluated builds anew', async () => {
  const copy = join(root, 'library');
  for (const folder of ['build/js/src/testbench', 'build/js/src/driver', 'src/testbench']) {
    cpSync(folder, join(copy, folder), { recursive: true });
  }
  cpSync('package.json', join(copy, 'package.json'));
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  const build = () => buildCompiled(copy, 'hdl/speaker_part.sv', root);
  expect([await build(), await build()]).toEqual([true, false]);
  appendFileSync(join(copy, 'src/testbench/evaluation.ts'), '// changed');
  expect(await build()).toBe(true);
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
