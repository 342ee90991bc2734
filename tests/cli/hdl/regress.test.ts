// SPDX-License-Identifier: Apache-2.0
// `hpb hdl regress` as a process: local, taken up again, and with two workers on a real queue.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../../src/driver/paths.ts';
import { isInstalled, makeProject } from '../../hdl/helpers.ts';
import { hpb } from '../helpers/hpb.ts';

/** Fails with the seeds that end in 3; no simulation, so that a run takes a second. */
const LOTTERY = `import { expect, test } from 'vitest';
const simulate = (file: string) => file;
test('draws', () => expect(simulate('hdl/l/lottery.sv')).toBeTruthy());
test('wins', () => expect(Number(process.env.SEED) % 10).not.toBe(3));
`;
const project = makeProject({
  'hdl/l/lottery.sv': 'module lottery (output q);\n  assign q = 1;\nendmodule\n',
  'tests/l/lottery.test.ts': LOTTERY,
});
beforeAll(() => {
  mkdirSync(join(project.root, 'node_modules'));
  for (const name of ['vitest', 'vite']) {
    symlinkSync(
      join(packageRoot(), 'node_modules', name),
      join(project.root, 'node_modules', name),
    );
  }
});
afterAll(() => project.remove());

const regress = async (...args: string[]) => {
  const { stdout, stderr, exitCode } = await hpb(['hdl', 'regress', ...args], {
    cwd: project.root,
  });
  return { stdout: String(stdout), stderr: String(stderr), exitCode };
};
const file = 'tests/l/lottery.test.ts';

describe('on this machine', () => {
  test('the failing seed is found, with the command that repeats it', async () => {
    const { stdout, exitCode } = await regress('lottery', '--seeds', '3', '--json');
    const { runs, stored, failures, files } = JSON.parse(stdout);
    expect({ runs, stored }).toEqual({ runs: 3, stored: 0 });
    expect(files).toMatchObject([{ file, runs: 3, tests: 2, failedSeeds: [3] }]);
    expect(failures).toMatchObject([
      { file, seed: 3, test: 'wins', repeat: `make test UNIT=${file} TEST='wins' SEED=3` },
    ]);
    expect(exitCode).toBe(1);
  });

  test('a second time only what is missing is run, a torn line again', async () => {
    const first = JSON.parse((await regress('lottery', '--seeds', '3', '--json')).stdout);
    expect(first.stored).toBe(3);
    appendFileSync(first.log, '{"file":"tests/l/lott');
    const more = JSON.parse((await regress('lottery', '--seeds', '4', '--json')).stdout);
    expect({ runs: more.runs, stored: more.stored }).toEqual({ runs: 4, stored: 3 });
  });

  test('changed sources begin a campaign of their own', async () => {
    project.write(file, LOTTERY.replace('toBe(3)', 'toBe(4)'));
    const { stdout } = await regress('lottery', '--first-seed', '3', '--seeds', '2', '--json');
    const { stored, files } = JSON.parse(stdout);
    expect(stored).toBe(0);
    expect(files[0].failedSeeds).toEqual([4]);
    project.write(file, LOTTERY);
  });

  test('a test file that does not load is a failure', async () => {
    project.write('tests/l/torn.test.ts', "import './nowhere.ts';\nconst simulate = 1;\n");
    const { stdout, exitCode } = await regress('--test', 'tests/l/torn.test.ts', '--seeds', '1');
    expect(stdout).toMatch(/make test UNIT=tests\/l\/torn\.test\.ts SEED=1\n.*nowhere/);
    expect(exitCode).toBe(1);
    project.write('tests/l/torn.test.ts', '');
  });

  test('error: arguments that make no sense', async () => {
    expect((await regress('--worker')).stderr).toContain('--worker: expected --queue, got none');
    expect((await regress('--test', '../x.test.ts')).stderr).toContain('got "../x.test.ts"');
    const url = await regress('lottery', '--queue', 'http://localhost');
    expect(url.stderr).toContain('expected redis://host:port, got "http://localhost"');
    expect(url.exitCode).toBe(2);
  });

  test('error: a queue that does not answer; its password is not shown', async () => {
    const { stderr, exitCode } = await regress(
      'lottery',
      '--queue',
      'redis://me:secret@127.0.0.1:1',
    );
    expect(stderr).toMatch(/no queue at redis:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/);
    expect(stderr).not.toContain('secret');
    expect(exitCode).toBe(69);
  });
});

const server = ['redis-server', 'valkey-server'].find(isInstalled);
if (server === undefined) {
  process.stderr.write(
    'regress over a queue: skipped, no redis-server (src/scripts/setup queue)\n',
  );
}

describe.runIf(server)('over a queue with two workers', () => {
  let redis: ChildProcess;
  let url: string;
  const workers: ChildProcess[] = [];
  beforeAll(async () => {
    const port = await freePort();
    url = `redis://127.0.0.1:${port}`;
    const args = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
    ];
    redis = spawn(server!, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise<void>((ready, failed) => {
      redis.stdout!.on('data', (text) => /Ready to accept/i.test(String(text)) && ready());
      redis.on('exit', (code) => failed(new Error(`${server} ended with ${code}`)));
    });
  });
  afterAll(() => {
    for (const worker of workers) worker.kill('SIGKILL');
    redis?.kill('SIGKILL');
  });

  const startWorker = () => {
    const hpbFile = join(packageRoot(), 'src/cli/hpb.js');
    const args = [hpbFile, 'hdl', 'regress', '--worker', '--queue', url, '--jobs', '1'];
    const worker = spawn(process.execPath, args, { cwd: project.root, stdio: 'ignore' });
    workers.push(worker);
    return worker;
  };

  test('both work, the outcome is that of one machine', async () => {
    startWorker();
    startWorker();
    const args = ['lottery', '--seeds', '14', '--fresh', '--queue', url, '--json'];
    const { stdout, exitCode } = await regress(...args);
    const { runs, workers: count, files } = JSON.parse(stdout);
    expect(runs).toBe(14);
    expect(files[0].failedSeeds).toEqual([3, 13]);
    expect(count).toBe(2);
    expect(exitCode).toBe(1);
  });

  test('a campaign that was interrupted finds what workers did meanwhile', async () => {
    const args = ['lottery', '--first-seed', '100', '--seeds', '12', '--queue', url, '--json'];
    const first = hpb(['hdl', 'regress', ...args], { cwd: project.root });
    await once(first.stderr!, 'data');
    first.kill('SIGINT');
    expect((await first).exitCode).toBe(130);
    const { stdout } = await regress(...args);
    const { runs, files } = JSON.parse(stdout);
    expect(runs).toBe(12);
    expect(files[0].failedSeeds).toEqual([103]);
  });

  test('a worker that is killed loses nothing', async () => {
    const args = ['lottery', '--first-seed', '200', '--seeds', '6', '--queue', url, '--json'];
    const running = regress(...args);
    await new Promise((done) => setTimeout(done, 3_000));
    workers[0]!.kill('SIGKILL');
    const { runs, files } = JSON.parse((await running).stdout);
    expect(runs).toBe(6);
    expect(files[0].failedSeeds).toEqual([203]);
  });

  test('what somebody else put into the queue is refused', async () => {
    const { Queue } = await import('bullmq');
    const { Redis } = await import('ioredis');
    const { campaignKey } = await import('../../../src/hdl/regress.ts');
    const connection = new Redis(url, { maxRetriesPerRequest: null });
    const queue = new Queue(`hpb-regress-${campaignKey(project.root)}`, { connection });
    const job = await queue.add('run', { file: '../../etc/passwd', seed: 1, timeoutMs: 1000 });
    for (let i = 0; i < 100 && !(await job.isFailed()); i++) {
      await new Promise((done) => setTimeout(done, 100));
    }
    const failed = await queue.getJob(job.id!);
    expect(failed?.failedReason).toContain('expected a test file of this project');
    await queue.close();
    connection.disconnect();
  });
});

function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => done(port));
    });
  });
}
