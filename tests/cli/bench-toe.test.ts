// SPDX-License-Identifier: Apache-2.0

import { expect, test } from 'vitest';
import type { ToeRow } from '../../src/cli/bench/toe/command.ts';
import { measureEnds } from '../../src/cli/bench/toe/measure.ts';
import { openAccelerator } from '../../src/driver/index.ts';
import { hpb } from './helpers/hpb.ts';

const SMALL = ['--connections', '6', '--messages', '20', '--bytes', '100000'];

test('--json has the figures of both, cycles of the card alone', async () => {
  const { stdout, stderr, exitCode } = await hpb(['bench', 'toe', ...SMALL, '--json']);
  expect([exitCode, stderr]).toEqual([0, '']);
  const rows = JSON.parse(String(stdout)) as ToeRow[];
  expect(rows.map(({ transport }) => transport)).toEqual(['node:net', 'card']);
  for (const { wall, shares, workload } of rows) {
    expect(Math.min(...Object.values(wall))).toBeGreaterThan(0);
    expect(workload).toEqual({ connections: 6, messages: 20, bytes: 100_000 });
    for (const { loop } of Object.values(shares)) {
      expect(loop).toBeGreaterThan(0);
      expect(loop).toBeLessThanOrEqual(1);
    }
  }
  expect(rows[0]!.cycles).toBeNull();
  expect(rows[0]!.shares.bytes.card).toBeNull();
  // Simulated while the bytes were on their way, not all the time before
  expect(rows[1]!.shares.bytes.card).toBeGreaterThan(0.05);
  expect(rows[1]!.shares.bytes.card).toBeLessThan(1.2);
  const { perConnection, perMessage, perByte } = rows[1]!.cycles!;
  // Two cards; a segment costs each a dozen cycles and more, a beat is 8 bytes.
  expect(perConnection).toBeGreaterThan(100);
  expect(perMessage).toBeGreaterThan(50);
  expect(perByte).toBeGreaterThan(1 / 8);
});

test('for people, wall clock and cycles are apart', async () => {
  const { stdout } = await hpb(['bench', 'toe', ...SMALL]);
  expect(stdout).toMatch(/wall clock; both ends in one process\):\n +connections\/s +messages\/s/);
  expect(stdout).toMatch(/share of the wall clock.*:\n +connections +messages +bytes\n/);
  expect(stdout).toMatch(/card: either card +[\d.]+ %/);
  expect(stdout).toMatch(/Cycles both cards were simulated for.*:\n +a connection +a message/);
});

test('bytes that come back changed fail the run', async () => {
  const accelerator = await openAccelerator({ kind: 'software', threads: 1 });
  const { transport } = accelerator;
  const liar = Object.create(transport, {
    host: { value: transport.host },
    listen: {
      value: (options: { port: number }, onSocket: (socket: unknown) => void) =>
        transport.listen(options, (socket) => {
          socket.pipe = ((into: typeof socket) => {
            socket.on('data', (chunk: Buffer) => into.write(chunk.map((byte) => byte ^ 1)));
            return into;
          }) as typeof socket.pipe;
          onSocket(socket);
        }),
    },
  });
  const workload = { connections: 1, messages: 3, bytes: 10 };
  const run = measureEnds({ client: transport, server: liar }, workload, AbortSignal.any([]));
  await expect(run).rejects.toMatchObject({ exitCode: 1, message: /came back changed/ });
  await accelerator.close();
});
