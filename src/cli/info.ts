// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, platform, release } from 'node:os';
import { join } from 'node:path';
import type { Capabilities } from '../driver/index.ts';
import { packageRoot } from '../driver/paths.ts';
import {
  ACCEL_NAMES,
  ACCEL_TITLES,
  type AccelName,
  openBackend,
  unavailability,
} from './backends.ts';
import { EXIT, type ExitCode } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** What `hpb info --json` prints. */
export interface Info {
  readonly version: string;
  readonly node: string;
  readonly system: string;
  readonly processor: string;
  readonly processors: number;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly backends: readonly BackendInfo[];
}

/** A backend, and why it does not work where it does not. */
export interface BackendInfo {
  readonly backend: AccelName;
  readonly title: string;
  readonly available: boolean;
  readonly reason?: string;
  readonly capabilities?: Capabilities;
}

/** Version of this package. */
export function packageVersion(): string {
  return readVersion(join(packageRoot(), 'package.json')) ?? 'unknown';
}

/** Processor of this machine. */
export function processorName(): string {
  return cpus()[0]?.model.trim() ?? 'unknown processor';
}

const DEPENDENCIES = ['@noble/secp256k1', 'koffi'];

function readVersion(manifest: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
  } catch {
    return undefined;
  }
}

/** Versions of what the backends stand on, as far as they are found. */
function dependencyVersions(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of DEPENDENCIES) {
    // Installed beside this package, or inside it.
    for (const folder of [join(packageRoot(), 'node_modules'), join(packageRoot(), '..')]) {
      const version = readVersion(join(folder, name, 'package.json'));
      if (version) found[name] ??= version;
    }
  }
  return found;
}

async function inspect(backend: AccelName): Promise<BackendInfo> {
  const title = ACCEL_TITLES[backend];
  try {
    const accelerator = await openBackend(backend, { threads: 1 });
    const capabilities = accelerator.device?.capabilities;
    await accelerator.close();
    return { backend, title, available: true, ...(capabilities && { capabilities }) };
  } catch (error) {
    return { backend, title, available: false, reason: unavailability(backend, error) };
  }
}

/** Looks at this machine: opens each backend and closes it again. */
export async function gatherInfo(): Promise<Info> {
  const backends: BackendInfo[] = [];
  for (const name of ACCEL_NAMES) backends.push(await inspect(name));
  return {
    version: packageVersion(),
    node: process.versions.node,
    system: `${platform()} ${release()} ${arch()}`,
    processor: processorName(),
    processors: availableParallelism(),
    dependencies: dependencyVersions(),
    backends,
  };
}

/** Prints versions, backends and the card. */
export async function infoCommand(json: boolean, terminal: Terminal): Promise<ExitCode> {
  const info = await gatherInfo();
  const text = json ? `${JSON.stringify(info, null, 2)}\n` : infoText(info);
  await terminal.stdout.write(text);
  return EXIT.OK;
}

function infoText(info: Info): string {
  const versions = [
    ['hpb-accel', info.version],
    ['Node.js', info.node],
    ...Object.entries(info.dependencies),
    ['system', info.system],
    ['processor', `${info.processors} x ${info.processor}`],
  ];
  const lines = info.backends.map(({ backend, title, available, reason }) =>
    available
      ? `  ${backend.padEnd(10)} works: ${title}`
      : `  ${backend.padEnd(10)} does not work here: ${reason}`,
  );
  const card = info.backends.find(({ capabilities }) => capabilities)?.capabilities;
  return `${leftTable(versions)}\nBackends\n${lines.join('\n')}\n${card ? `\n${cardText(card)}` : ''}`;
}

function cardText(card: Capabilities): string {
  const { version, sigverify, engines } = card;
  const absent = Object.entries(engines).flatMap(([name, there]) => (there ? [] : [name]));
  const rows = [
    ['register map', `version ${version.major}.${version.minor}, hash ${card.mapHash}`],
    ['signature engines', `${sigverify.engines}, each with one multiplier`],
    ['signatures at a time', `${sigverify.contexts} per engine`],
    ['multiplier', `a product every ${sigverify.multiplierInterval} cycle(s)`],
    ['window of G', `${sigverify.generatorWindow} bits`],
    ['batches at a time', `${sigverify.batches}`],
    ['largest ring', `${2 ** sigverify.ringLog2Max} entries`],
    ['not on this card', absent.length > 0 ? absent.join(', ') : 'nothing'],
  ];
  return `Card (verilator)\n${leftTable(rows)}`;
}

function leftTable(rows: readonly (readonly string[])[]): string {
  const width = Math.max(...rows.map(([name]) => name!.length));
  return rows.map(([name, value]) => `  ${name!.padEnd(width)}  ${value}\n`).join('');
}
