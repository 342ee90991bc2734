// SPDX-License-Identifier: Apache-2.0

import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  ConfigError,
  openNodeKey,
  readConfig,
  SETTINGS,
  servicesOf,
} from '../../../src/node/config/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NEEDED = { genesis: '/g.json', data: '/d' };

function file(value: unknown): string {
  const path = join(folder, 'node.json');
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
}

/** The message for some configuration. */
function refusal(
  value: unknown,
  environment: Record<string, string> = {},
  flags: Record<string, unknown> = {},
): string {
  const path = value === undefined ? {} : { file: file(value) };
  try {
    readConfig({ ...path, environment, flags });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message.replaceAll(folder, '');
  }
  throw new Error('expected a refusal');
}

test('default: what is not said has a value that keeps to this machine', () => {
  const config = readConfig({ environment: {}, flags: NEEDED });
  expect(config).toMatchObject({
    accel: 'native',
    spill: 'auto',
    api: { host: '127.0.0.1', port: 8480 },
    peers: { host: '127.0.0.1', port: 8470, connect: [], private: false },
    log: 'info',
  });
  expect(config.producer).toBeUndefined();
});

test('error: a link without the card, or without an address', () => {
  const card = { link: 'tap:hpb0', ip: '10.77.0.2/24' };
  expect(refusal({ ...NEEDED, card })).toMatch(/card.*: a link and an address are for.*verilator/);
  expect(refusal({ ...NEEDED, accel: 'verilator', card: { link: 'passt' } })).toMatch(/card\.ip/);
  const file_ = file({ ...NEEDED, accel: 'verilator', card });
  expect(readConfig({ file: file_, environment: {}, flags: {} }).card).toEqual(card);
});

test('offload: what a card does; by default all that it is set up for', () => {
  const card = { link: 'hub:/h', ip: '10.77.0.2/24' };
  const of = (value: object) =>
    servicesOf(readConfig({ file: file({ ...NEEDED, ...value }), environment: {}, flags: {} }));
  expect(of({})).toEqual([]);
  expect(of({ accel: 'verilator' })).toEqual(['sigverify']);
  expect(of({ accel: 'verilator', card })).toEqual(['sigverify', 'transport']);
  expect(of({ accel: 'verilator', card, offload: ['transport'] })).toEqual(['transport']);
  expect(of({ accel: 'pcie', offload: ['sigverify'] })).toEqual(['sigverify']);
  const flags = { ...NEEDED, accel: 'verilator', 'card.link': 'passt', 'card.ip': '10.77.0.2/24' };
  const { offload } = readConfig({ environment: { HPB_OFFLOAD: 'transport, sigverify' }, flags });
  expect(offload).toEqual(['transport', 'sigverify']);
});

test('error: services that nobody can do, or that do not go with the rest', () => {
  const card = { link: 'hub:/h', ip: '10.77.0.2/24' };
  const offload = ['transport'];
  expect(refusal({ ...NEEDED, accel: 'native' }, {}, { offload: 'transport' })).toBe(
    'offload (--offload): native is no card: expected no services for it, got transport',
  );
  expect(refusal({ ...NEEDED, accel: 'verilator', offload })).toMatch(
    /--link, --ip.*got transport/,
  );
  expect(refusal({ ...NEEDED, accel: 'pcie', offload })).toMatch(/sigverify alone with pcie, got/);
  expect(refusal({ ...NEEDED, accel: 'verilator', card, offload: ['sigverify'] })).toMatch(
    /expected transport among them, for there is a link, got sigverify/,
  );
  for (const wrong of ['toe', '', 'transport,transport']) {
    expect(refusal({ ...NEEDED, accel: 'verilator', card }, { HPB_OFFLOAD: wrong })).toMatch(
      /^offload.*HPB_OFFLOAD.*: expected some of sigverify,transport, each once/,
    );
  }
});

test('error: an exempt network that is none', () => {
  const peers = (exempt: string) => ({ ...NEEDED, peers: { exempt: [exempt] } });
  for (const wrong of ['10.77.0.0', '10.77.0.0/33', '10.77.0.0/0', '10.77/16', '::1/129', 'x/8']) {
    expect(refusal(peers(wrong))).toMatch(
      /^peers\.exempt.*expected a network, as 10\.77\.0\.0\/24/,
    );
  }
  const config = readConfig({ file: file(peers('fd00::/8')), environment: {}, flags: {} });
  expect(config.peers.exempt).toEqual(['fd00::/8']);
});

test('behavior: flags override the environment, which overrides the file', () => {
  const path = file({ ...NEEDED, api: { port: 1, host: '::1' }, name: 'filed', log: 'warn' });
  const config = readConfig({
    file: path,
    environment: { HPB_API_PORT: '2', HPB_NAME: 'named' },
    flags: { 'api.port': 3 },
  });
  expect(config).toMatchObject({ api: { port: 3, host: '::1' }, name: 'named', log: 'warn' });
});

test('behavior: paths in a file are relative to it, others to where one is', () => {
  const path = file({ genesis: 'g.json', data: '/d' });
  expect(readConfig({ file: path, environment: {}, flags: {} }).genesis).toBe(
    join(folder, 'g.json'),
  );
  const flags = { ...NEEDED, genesis: 'g.json' };
  expect(readConfig({ environment: {}, flags }).genesis).toBe('g.json');
});

test('behavior: lists and truths come as text from the environment', () => {
  const environment = { HPB_PEERS_CONNECT: 'a:1, b:2', HPB_PEERS_PRIVATE: 'true' };
  const { peers } = readConfig({ environment, flags: NEEDED });
  expect(peers).toMatchObject({ connect: ['a:1', 'b:2'], private: true });
});

test('error: the message names the key and where its value came from', () => {
  expect(refusal({ ...NEEDED, api: { port: 'x' } })).toMatch(/^api\.port \(\/node\.json\): /);
  expect(refusal(NEEDED, { HPB_API_PORT: '70000' })).toBe(
    'api.port (HPB_API_PORT): expected an integer from 0 to 65535',
  );
  expect(refusal(NEEDED, { HPB_API_PORT: 'many' })).toMatch(/^api\.port \(HPB_API_PORT\): /);
  expect(refusal(NEEDED, {}, { accel: 'gpu' })).toMatch(/^accel \(--accel\): /);
  expect(refusal({ data: '/d' })).toMatch(/^genesis \(--genesis or HPB_GENESIS\): /);
  expect(refusal({ ...NEEDED, api: { prot: 1 } })).toMatch(/^api\.prot/);
  expect(refusal({ ...NEEDED, producer: { account: 'alice' } })).toMatch(/^producer\.key/);
  expect(refusal({ ...NEEDED, api: 7 }, { HPB_API_PORT: '1' })).toMatch(/^api: expected an object/);
});

test('error: a file that is none', () => {
  expect(refusal('{')).toMatch(/node\.json: /);
  expect(refusal('[]')).toMatch(/expected an object/);
  const path = join(folder, 'absent.json');
  expect(() => readConfig({ file: path, environment: {}, flags: {} })).toThrow(/ENOENT/);
});

test('every setting has a variable and a flag of its own', () => {
  expect(new Set(SETTINGS.map(({ variable }) => variable)).size).toBe(SETTINGS.length);
  expect(new Set(SETTINGS.map(({ flag }) => flag)).size).toBe(SETTINGS.length);
  const variables = SETTINGS.map(({ variable }) => variable);
  expect(variables).toContain('HPB_PRODUCER_PASSPHRASE_FILE');
});

test('node key: made once with mode 0600, and refused when others can read it', async () => {
  const path = join(folder, 'data', 'node.key');
  const made = await openNodeKey(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(await openNodeKey(path)).toEqual(made);
  chmodSync(path, 0o644);
  await expect(openNodeKey(path)).rejects.toThrow(/expected mode 0600, got 0644/);
  chmodSync(path, 0o600);
  writeFileSync(path, 'nonsense');
  await expect(openNodeKey(path)).rejects.toThrow(/expected a secret key/);
});
