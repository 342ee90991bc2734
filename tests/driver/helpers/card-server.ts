// SPDX-License-Identifier: Apache-2.0
// The emulated card in a process of its own, at a socket of its own.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nativeLibrary } from '../../../src/driver/paths.ts';
import { CARD_DOUBLE } from './card-double.ts';

/** A running server. */
export interface CardServer {
  readonly process: ChildProcess;
  /** As `--device` takes it. */
  readonly device: string;
  readonly socket: string;
  /** Ends it, whatever state it is in. */
  close(): Promise<void>;
}

/** Starts one, around the test double of the engine. */
export async function startCardServer(library = CARD_DOUBLE, at?: string): Promise<CardServer> {
  const folder = mkdtempSync(join(tmpdir(), 'hpb-card-'));
  const socket = at ?? join(folder, 'socket');
  const child = spawn(nativeLibrary('hpb_card_server'), [library, socket], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  const first = await Promise.race([once(child.stdout!, 'data'), ended]);
  if (String(first[0]) !== 'ready\n') throw new Error(`the card server does not start: ${first}`);
  return {
    process: child,
    socket,
    device: `vfio-user:${socket}`,
    close: async () => {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
