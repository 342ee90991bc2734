// SPDX-License-Identifier: Apache-2.0
// What a development network keeps on disk: its genesis, and a folder for each node.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { devGenesis, genesisToJson, parseGenesis } from '../../node/genesis/index.ts';
import { createKeyFile } from '../../node/keys/index.ts';
import type { AccelName } from '../backends.ts';
import { CliError, EXIT } from '../exit.ts';

/** What a new network is like. */
export interface DevnetPlan {
  readonly folder: string;
  /** Who does the signatures, one for each node. */
  readonly accels: readonly AccelName[];
  readonly users: number;
  readonly seed: string;
  readonly kind: 'dpos' | 'poa';
  readonly slotMilliseconds: number;
  readonly apiPorts: readonly number[];
  readonly peerPorts: readonly number[];
  readonly log: string;
}

/** A node of the network. */
export interface DevnetNode {
  readonly name: string;
  readonly accel: AccelName;
  readonly config: string;
  readonly log: string;
}

/** The passphrase protects nothing: these keys follow from the seed. */
const PASSPHRASE = 'development';
const QUICK_WORK = { n: 2 ** 12, r: 8, p: 1 };

/**
 * Makes the folder, or takes up the network in it; ports and backends may be others than before.
 *
 * @throws {CliError} `INPUT` when the folder holds a network of another size.
 */
export async function prepareFolder(plan: DevnetPlan): Promise<DevnetNode[]> {
  const { folder, accels, peerPorts, apiPorts, log } = plan;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'genesis.json');
  const { secretOf, signingSecretOf, genesis } = makeGenesis(plan);
  if (existsSync(file)) {
    const { producers } = parseGenesis(readFileSync(file, 'utf8'));
    if (producers.length !== accels.length) {
      const message = `${folder} holds a network of ${producers.length} nodes, not of ${accels.length}`;
      throw new CliError(EXIT.INPUT, message);
    }
  } else writeFileSync(file, `${JSON.stringify(genesisToJson(genesis), undefined, 2)}\n`);
  writePassphrase(folder);
  const nodes: DevnetNode[] = [];
  for (const [i, accel] of accels.entries()) {
    const name = `node${i + 1}`;
    const account = `producer${i + 1}`;
    const own = join(folder, name);
    mkdirSync(own, { recursive: true, mode: 0o700 });
    await writeKey(join(own, 'signing.key'), signingSecretOf(account));
    await writeKey(join(own, 'account.key'), secretOf(account));
    const key = { account, passphraseFile: '../passphrase' };
    const config = {
      genesis: '../genesis.json',
      data: 'data',
      name,
      accel,
      peers: {
        port: peerPorts[i],
        connect: peerPorts.filter((_, at) => at !== i).map((port) => `127.0.0.1:${port}`),
        private: true,
      },
      api: { port: apiPorts[i] },
      producer: { ...key, key: 'signing.key' },
      reporter: { ...key, key: 'account.key' },
      log,
    };
    const path = join(own, 'node.json');
    writeFileSync(path, `${JSON.stringify(config, undefined, 2)}\n`);
    nodes.push({ name, accel, config: path, log: join(own, 'node.log') });
  }
  return nodes;
}

function makeGenesis({ accels, users, seed, kind, slotMilliseconds }: DevnetPlan) {
  const { length: producers } = accels;
  const consensus = { slotMilliseconds };
  return devGenesis({ producers, users, seed, kind, time: Date.now(), consensus });
}

async function writeKey(path: string, secret: Uint8Array): Promise<void> {
  if (existsSync(path)) return;
  await createKeyFile({ path, passphrase: PASSPHRASE, secret, work: QUICK_WORK });
}

function writePassphrase(folder: string): void {
  const path = join(folder, 'passphrase');
  if (!existsSync(path)) writeFileSync(path, `${PASSPHRASE}\n`, { mode: 0o600 });
}
