// SPDX-License-Identifier: Apache-2.0
/**
 * Vitest setup file: closes each test's simulations; a test that failed says in which state they were and how
 * to repeat it, and repeats itself with waves; one that takes too long is stopped with the state of its tasks.
 *
 * Simulations made outside of tests (at a file's top, in beforeAll) stay open until the file ends.
 */
import { afterAll, afterEach, beforeEach } from 'vitest';
import { formatProfiles, type Profile } from './profile.ts';
import { projectRoot } from './project.ts';
import { runSeed } from './random.ts';
import { writeRecipes } from './recipes.ts';
import {
  beginTest,
  cyclesByKey,
  openSimulations,
  setDeadline,
  snapshots,
  takeBuildTime,
  takeProfiles,
} from './registry.ts';
import { repeatCommand, rerunLimit, rerunWithWaves, WAVES_MARK } from './repeat.ts';
import { describeSnapshots } from './report.ts';
import type { Simulation } from './simulation.ts';
import { beginWaves } from './waves.ts';

/** A repetition builds the model anew, with waves. */
const HOOK_TIMEOUT_MS = 600_000;
/** Part of a test's time after which its simulations are stopped: the rest is for saying why. */
const DEADLINE_SHARE = 0.9;

let file: (Tasks & { readonly filepath: string }) | undefined;
let openBefore: readonly Simulation[] = [];
let started = 0;
/** ms of the file's tests so far, without building. */
let elapsedMs = 0;
const profiles: Profile[] = [];
let reruns = 0;

beforeEach(({ task }) => {
  beginTest();
  beginWaves();
  ({ file } = task);
  openBefore = openSimulations();
  takeBuildTime();
  started = performance.now();
  const limit = task.timeout > 0 ? task.timeout * DEADLINE_SHARE * 1e6 : 0;
  setDeadline(limit === 0 ? 0 : Number(process.hrtime.bigint()) + limit);
});

afterEach(async ({ task }) => {
  elapsedMs += performance.now() - started - takeBuildTime();
  setDeadline(0);
  const errors = task.result?.errors ?? [];
  if (task.result?.state === 'fail' || errors.length > 0) {
    const report = await reportFailure(task);
    // With the error, so that every reporter shows it, JUnit's too.
    const [error] = errors;
    if (error) error.message = `${error.message}\n\n${report}`;
    else process.stderr.write(`\n${report}\n`);
  }
  for (const simulation of openSimulations()) {
    if (!openBefore.includes(simulation)) simulation.close();
  }
  profiles.push(...takeProfiles());
}, HOOK_TIMEOUT_MS);

afterAll(async () => {
  // Closed when the file ends, by nobody else.
  for (const simulation of openSimulations()) simulation.close();
  profiles.push(...takeProfiles());
  if (profiles.some(({ cycles }) => cycles > 0)) {
    process.stderr.write(`testbench: ${formatProfiles(profiles, elapsedMs)}\n`);
  }
  if (file) await writeRecipes(projectRoot(), file.filepath, isWhole(file));
});

interface Tasks {
  readonly tasks: ReadonlyArray<{ readonly mode: string } & (object | Tasks)>;
}

/** Whether all tests of a file or group ran: none was left out by its name. */
function isWhole({ tasks }: Tasks): boolean {
  return tasks.every((task) => task.mode === 'run' && (!('tasks' in task) || isWhole(task)));
}

interface Task {
  readonly name: string;
  readonly file: { readonly filepath: string };
  readonly suite?: { readonly name: string; readonly suite?: unknown } | undefined;
}

async function reportFailure(task: Task): Promise<string> {
  const shots = snapshots();
  const seeds = new Set(shots.map(({ seed }) => seed));
  const [only] = seeds;
  const test = {
    file: task.file.filepath,
    name: fullName(task),
    seed: seeds.size === 1 && only !== undefined ? only : runSeed(),
  };
  const lines = shots.length > 0 ? [describeSnapshots(shots)] : [];
  lines.push(`To repeat it: ${repeatCommand(test)}`);
  const recorded = shots.flatMap(({ wavesPath }) => wavesPath ?? []);
  for (const simulation of openSimulations()) if (simulation.wavesPath) simulation.flush();
  for (const path of recorded) process.stderr.write(`\n${WAVES_MARK}${path}\n`);
  lines.push(...recorded.map((path) => `waves: ${path}`));
  if (shots.length > 0 && recorded.length === 0 && reruns < rerunLimit()) {
    reruns++;
    lines.push(...(await rerunWithWaves(test, cyclesByKey(openBefore))));
  }
  return lines.join('\n');
}

/** The test's name after those of its groups, as `vitest -t` looks at it. */
function fullName(task: Task): string {
  const names = [task.name];
  for (let suite = task.suite; suite; suite = suite.suite as Task['suite']) {
    if (suite.name) names.unshift(suite.name);
  }
  return names.join(' ');
}
