// SPDX-License-Identifier: Apache-2.0
// What a development network keeps on disk: its genesis, and a folder for each node.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CardService } from '../../node/config/index.ts';
import { devGenesis, genesisToJson, parseGenesis } from '../../node/genesis/index.ts';
import { createKeyFile } from '../../node/keys/index.ts';
import { type AccelName, isCard } from '../backends.ts';
import { CliError, EXIT } from '../exit.ts';
import { addressSeenFrom, CARD_NETWORK, CARD_PREFIX, cardHost, type Place } from './cards.ts';

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
  /** What cards do; signatures alone unless given. */
  readonly offload?: readonly CardService[];
  /** Directory of the hub of the cards; with `transport` among the services. */
  readonly hub?: string;
}

/** A node of the network. */
export interface DevnetNode {
  readonly name: string;
  readonly accel: AccelName;
  readonly config: string;
  readonly log: string;
  /** Where its peers connect. */
  readonly place: Place;
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
  const { folder, accels, apiPorts, log, offload = ['sigverify'], hub } = plan;
  const places = placesOf(plan);
  const isOnHub = places.some(({ card }) => card);
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
    const place = places[i]!;
    const { card, port } = place;
    const others = places.filter((other) => other !== place);
    const config = {
      genesis: '../genesis.json',
      data: 'data',
      name,
      accel,
      ...(isCard(accel) && { offload }),
      ...(card && { card: { link: `hub:${hub}`, ip: `${card.ip}/${CARD_PREFIX}`, mac: card.mac } }),
      peers: {
        port,
        connect: others.map((other) => addressSeenFrom(place, other)),
        // An address on the hub means nothing to who is not there: all know all, and tell of none.
        ...(isOnHub ? { exempt: [CARD_NETWORK] } : { private: true }),
      },
      api: { port: apiPorts[i] },
      producer: { ...key, key: 'signing.key' },
      reporter: { ...key, key: 'account.key' },
      log,
    };
    const path = join(own, 'node.json');
    writeFileSync(path, `${JSON.stringify(config, undefined, 2)}\n`);
    nodes.push({ name, accel, config: path, log: join(own, 'node.log'), place });
  }
  return nodes;
}

/** Cards that carry connections are on the hub, all other nodes at this machine. */
function placesOf({ accels, peerPorts, offload }: DevnetPlan): Place[] {
  const carries = offload?.includes('transport') ?? false;
  return accels.map((accel, i) => ({
    port: peerPorts[i]!,
    ...(carries && isCard(accel) && { card: cardHost(i) }),
  }));
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
