// SPDX-License-Identifier: Apache-2.0
// Every setting of a node: its key in a file, its variable, its flag, and what it may be.

import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import { DEFAULT_API_PORT } from '../api/limits.ts';
import { isSubnet } from '../network/addresses.ts';
import { nameSchema } from '../protocol/index.ts';

/** Port where peers connect, unless told otherwise. */
export const DEFAULT_PEER_PORT = 8470;
/** Address where peers connect, unless told otherwise. */
export const DEFAULT_PEER_HOST = '127.0.0.1';

const integer = (low: number, high: number) => {
  const error = `expected an integer from ${low} to ${high}`;
  return z.int(error).min(low, error).max(high, error);
};
const port = integer(0, 65_535);
const host = z.string().min(1).max(255);
const path = z.string().min(1).max(4096);
const megabytes = integer(1, 16_384);
const subnet = z.string().refine(isSubnet, 'expected a network, as 10.77.0.0/24');

/** Services that a card can do for a node. */
export const CARD_SERVICES = ['sigverify', 'transport'] as const;
/** One of them: checks of signatures, or the connections to peers. */
export type CardService = (typeof CARD_SERVICES)[number];
const SERVICES_EXPECTED = `expected some of ${CARD_SERVICES.join(',')}, each once`;

const settingsSchema = z.strictObject({
  genesis: path,
  data: path,
  name: z
    .string()
    .regex(/^[\x21-\x7e]{1,64}$/, 'expected 1 to 64 printable characters without spaces')
    .default('hpb-node'),
  accel: z.enum(['software', 'native', 'verilator', 'pcie']).default('native'),
  threads: integer(1, 256).optional(),
  card: z
    .strictObject({
      link: z.string().min(1).max(4096),
      ip: z.string().min(1).max(64),
      mac: z.string().max(64).optional(),
      gateway: z.string().max(64).optional(),
    })
    .optional(),
  offload: z
    .array(z.enum(CARD_SERVICES, SERVICES_EXPECTED))
    .min(1, SERVICES_EXPECTED)
    .refine((services) => new Set(services).size === services.length, SERVICES_EXPECTED)
    .optional(),
  device: z.string().min(1).max(4096).optional(),
  record: path.optional(),
  spill: z.enum(['auto', 'native', 'software', 'off']).default('auto'),
  peers: z
    .strictObject({
      host: host.default(DEFAULT_PEER_HOST),
      port: port.default(DEFAULT_PEER_PORT),
      connect: z.array(z.string().min(1).max(512)).max(64).default([]),
      outbound: integer(0, 64).default(8),
      private: z.boolean().default(false),
      exempt: z.array(subnet).max(16).default([]),
    })
    .prefault({}),
  api: z
    .strictObject({ host: host.default('127.0.0.1'), port: port.default(DEFAULT_API_PORT) })
    .prefault({}),
  producer: z
    .strictObject({ account: nameSchema, key: path, passphraseFile: path.optional() })
    .optional(),
  reporter: z
    .strictObject({ account: nameSchema, key: path, passphraseFile: path.optional() })
    .optional(),
  pool: z.strictObject({ megabytes: megabytes.default(64) }).prefault({}),
  log: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

/** The values of all settings, by key. */
export const configSchema = settingsSchema
  .refine(({ accel, card }) => card === undefined || accel === 'verilator', {
    path: ['card'],
    error: 'a link and an address are for the backend verilator',
  })
  .superRefine(({ accel, card, offload }, context) => {
    if (offload === undefined) return;
    const got = `got ${offload.join(',')}`;
    const wrong = offloadFault(accel, card !== undefined, offload);
    if (wrong) context.addIssue({ code: 'custom', path: ['offload'], message: `${wrong}, ${got}` });
  });

/** What is wrong with a list of services, if something is. */
function offloadFault(
  accel: string,
  hasLink: boolean,
  offload: readonly CardService[],
): string | undefined {
  const carries = offload.includes('transport');
  if (accel === 'software' || accel === 'native') {
    return `${accel} is no card: expected no services for it`;
  }
  if (carries && accel === 'pcie') return 'expected sigverify alone with pcie';
  if (carries && !hasLink) {
    return 'transport: expected a link and an address (--link, --ip), too';
  }
  if (!carries && hasLink) return 'expected transport among them, for there is a link';
  return undefined;
}

/** What of a node its card does: as told; else all that the card is set up for. */
export function servicesOf({ accel, card, offload }: NodeConfig): readonly CardService[] {
  if (accel === 'software' || accel === 'native') return [];
  return offload ?? (card ? CARD_SERVICES : ['sigverify']);
}

export type NodeConfig = z.output<typeof configSchema>;

/** How the text of a variable or a flag becomes a value. */
type Form = 'text' | 'number' | 'boolean' | 'list' | 'words' | 'path';

/** A setting that has a variable and a flag. */
export interface Setting {
  /** In a file, dots for nesting. */
  readonly key: string;
  readonly variable: string;
  readonly flag: string;
  readonly form: Form;
  readonly help: string;
}

function setting(key: string, flag: string, form: Form, help: string): Setting {
  const words = key.replace(/([A-Z])/g, '_$1').replaceAll('.', '_');
  return { key, variable: `HPB_${words.toUpperCase()}`, flag, form, help };
}

export const SETTINGS: readonly Setting[] = [
  setting('genesis', '--genesis <file>', 'path', 'genesis of the chain'),
  setting('data', '--data <folder>', 'path', 'where the chain is kept'),
  setting('name', '--name <text>', 'text', 'what the node calls itself in its API'),
  setting('accel', '--accel <backend>', 'text', 'software, native (default), verilator or pcie'),
  setting('threads', '--threads <count>', 'number', 'of the accelerator, where it has some'),
  setting('offload', '--offload <services>', 'words', 'what a card does: sigverify,transport'),
  setting('card.link', '--link <link>', 'text', 'peers over the card: tap:NAME, passt, hub:DIR'),
  setting('card.ip', '--ip <address/prefix>', 'text', "the card's address, as 10.77.0.2/24"),
  setting('card.mac', '--mac <address>', 'text', "the card's hardware address (random)"),
  setting('card.gateway', '--gateway <address>', 'text', "the card's router for other networks"),
  setting('device', '--device <address>', 'text', 'card of pcie: 0000:01:00.0, vfio-user:PATH'),
  setting('record', '--record <file>', 'path', 'records the run of a card, for hpb replay'),
  setting('spill', '--spill <to>', 'text', 'who helps a late card: auto, native, software, off'),
  setting(
    'peers.host',
    '--peer-host <address>',
    'text',
    'where peers connect (127.0.0.1, or the card)',
  ),
  setting('peers.port', '--peer-port <port>', 'number', `0 for any (${DEFAULT_PEER_PORT})`),
  setting('peers.connect', '--peer <address>', 'list', '[nodeKey@]host:port to stay connected to'),
  setting('peers.outbound', '--outbound <count>', 'number', 'further connections to open (8)'),
  setting('peers.private', '--private-peers', 'boolean', 'learn loopback and private addresses'),
  setting('peers.exempt', '--exempt <networks>', 'words', 'not limited, not banned: 10.77.0.0/24'),
  setting('api.host', '--api-host <address>', 'text', 'where the API listens (127.0.0.1)'),
  setting('api.port', '--api-port <port>', 'number', `0 for any (${DEFAULT_API_PORT})`),
  setting('producer.account', '--producer <account>', 'text', 'produce blocks for it'),
  setting('producer.key', '--producer-key <file>', 'path', 'key file of its signing key'),
  setting(
    'producer.passphraseFile',
    '--passphrase-file <file>',
    'path',
    'passphrase of that key (else HPB_PASSPHRASE, else asked for)',
  ),
  setting('reporter.account', '--reporter <account>', 'text', 'pays for reports of misconduct'),
  setting('reporter.key', '--reporter-key <file>', 'path', 'key file of its active key'),
  setting(
    'reporter.passphraseFile',
    '--reporter-passphrase-file <file>',
    'path',
    'passphrase of that key',
  ),
  setting('pool.megabytes', '--pool-megabytes <size>', 'number', 'transactions that wait (64)'),
  setting('log', '--log <level>', 'text', 'trace, debug, info (default), warn, error, silent'),
];

/** Paths in a file are relative to the file. */
export function fromFolder(value: unknown, form: Form, folder: string): unknown {
  if (form !== 'path' || typeof value !== 'string' || isAbsolute(value)) return value;
  return resolve(folder, value);
}

/** The value that a text means; what does not fit stays text, and is refused with its key. */
export function parseText(text: string, form: Form): unknown {
  switch (form) {
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
    case 'boolean':
      return { true: true, '1': true, false: false, '0': false }[text] ?? text;
    case 'list':
    case 'words':
      return text.split(',').map((each) => each.trim());
    default:
      return text;
  }
}
