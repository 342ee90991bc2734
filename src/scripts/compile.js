// Compiles src/ and sim/, with what sim/ takes from tests/toe/helpers, to build/js when a source is newer
// than the last compilation.
//
// Node 20 cannot run TypeScript and Node 22 can, so the checkout compiles by itself: `npx hpb`,
// src/scripts/run.js, Vitest and `make build` all come through here. A look at the file times takes a
// few milliseconds, a compilation about half a second. An installed package carries build/js and
// no sources: nothing to do there.
//
// A type error elsewhere does not stop a developer: the code is emitted and the errors are shown.
// `--strict` (make build, npm pack) fails on them.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const outDir = join(root, 'build/js');
const stamp = join(outDir, '.compiled');
const lock = join(outDir, '.lock');
/** Age in ms after which a lock belongs to a process that was killed. */
const LOCK_STALE_MS = 60_000;

/** Newest change below `dir`, folders included: a deleted file counts too. */
function newest(dir) {
  let time = statSync(dir).mtimeMs;
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) time = Math.max(time, newest(path));
    else if (entry.name.endsWith('.ts')) time = Math.max(time, statSync(path).mtimeMs);
  }
  return time;
}

function sourceTime() {
  const times = ['src', 'sim', 'tests/toe/helpers']
    .map((d) => join(root, d))
    .filter((d) => existsSync(d))
    .map(newest);
  times.push(statSync(join(root, 'tsconfig.json')).mtimeMs);
  times.push(statSync(join(root, 'tsconfig.build.json')).mtimeMs);
  return Math.max(...times);
}

/** Runs `body` while no other process compiles into the same folder. */
function locked(body) {
  mkdirSync(outDir, { recursive: true });
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > LOCK_STALE_MS) rmSync(lock, { recursive: true, force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
  }
  try {
    return body();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function isStale(time) {
  return (statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0) + 1 < time;
}

/**
 * Brings build/js up to date.
 *
 * @param {{ strict?: boolean }} [options] - strict: a type error throws.
 */
export function compile({ strict = false } = {}) {
  if (!existsSync(join(root, 'tsconfig.build.json'))) return;
  if (!strict && !isStale(sourceTime())) return;
  locked(() => {
    const time = sourceTime();
    if (!strict && !isStale(time)) return;
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    if (!existsSync(tsc)) {
      throw new Error('node_modules is missing or old: run `make setup` (or `npm ci`) first');
    }
    const args = [tsc, '-p', join(root, 'tsconfig.build.json'), '--pretty', 'false'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: root,
      encoding: 'utf8',
    });
    const text = `${stdout}${stderr}`.trim();
    if (status !== 0) {
      if (strict || !/ TS\d+:/.test(text)) throw new Error(`TypeScript does not compile:\n${text}`);
      process.stderr.write(`${text}\n(compiled with type errors; see \`make lint\`)\n`);
    }
    // The time of the sources, not of now: one saved during the compilation must count as newer.
    writeFileSync(stamp, '');
    utimesSync(stamp, time / 1000, time / 1000);
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    compile({ strict: process.argv.includes('--strict') });
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
