// SPDX-License-Identifier: Apache-2.0
// The backends by the names of the command line.

import {
  AccelError,
  type Accelerator,
  type CardOptions,
  type Device,
  openAccelerator,
  PCIE_TIMES,
  PcieDevice,
  SimDevice,
} from '../driver/index.ts';
import { CliError, EXIT } from './exit.ts';

/** Backends that `--accel` names. */
export const ACCEL_NAMES = ['software', 'native', 'verilator', 'pcie'] as const;

/** One of them. */
export type AccelName = (typeof ACCEL_NAMES)[number];

/** Those that need not be told where they are. */
export type LocalName = Exclude<AccelName, 'pcie'>;
export const LOCAL_NAMES: readonly LocalName[] = ['software', 'native', 'verilator'];

/** What each of them is, in a few words. */
export const ACCEL_TITLES: Readonly<Record<AccelName, string>> = {
  software: '@noble/secp256k1 in worker threads',
  native: 'libsecp256k1 in a native thread pool',
  verilator: 'the card, simulated cycle by cycle',
  pcie: 'a card behind PCI Express, or a process that presents one',
};

/** Link and addresses of a card that carries the connections, too. */
export interface CardNetwork {
  readonly link: string;
  readonly ip: string;
  readonly mac?: string | undefined;
  readonly gateway?: string | undefined;
}

/** How a backend is opened. */
export interface BackendOptions {
  /** For those that have some. */
  readonly threads?: number | undefined;
  /** Of a card: file to record the run to. */
  readonly record?: string | undefined;
  /** Of the emulated card: path of another build. */
  readonly library?: string | undefined;
  /** Of pcie: PCI address, or `vfio-user:PATH`. */
  readonly device?: string | undefined;
  /** Of the emulated card, where it carries the connections, too. */
  readonly network?: CardNetwork | undefined;
  /** Of the emulated card: who checks signatures in its stead. */
  readonly signaturesBy?: 'native' | undefined;
}

/** Opens a backend. @throws {CliError} `USAGE` for an option that it does not have. */
export async function openBackend(
  name: AccelName,
  options: BackendOptions = {},
): Promise<Accelerator> {
  const { threads, record, library, device, network, signaturesBy } = options;
  requireOwn(name, options);
  if (name === 'pcie') {
    return openAccelerator({
      kind: name,
      device: device ?? '',
      ...(record !== undefined && { record }),
    });
  }
  if (name === 'verilator') {
    return openAccelerator({
      kind: name,
      ...(record !== undefined && { record }),
      ...(library !== undefined && { library }),
      ...(network && given(network)),
      ...(signaturesBy !== undefined && { signaturesBy }),
    });
  }
  return openAccelerator(threads === undefined ? { kind: name } : { kind: name, threads });
}

/** Without what is not there. */
function given({ link, ip, mac, gateway }: CardNetwork) {
  return {
    link,
    ip,
    ...(mac !== undefined && { mac }),
    ...(gateway !== undefined && { gateway }),
  };
}

/** How the driver uses the card of a backend. */
export function cardOptions(name: AccelName): CardOptions {
  return name === 'pcie' ? PCIE_TIMES : {};
}

/** True for backends that are a card. */
export function isCard(name: AccelName): boolean {
  return name === 'verilator' || name === 'pcie';
}

/** Which backends an option is for. */
const OWNERS = {
  record: ['verilator', 'pcie'],
  library: ['verilator'],
  device: ['pcie'],
  network: ['verilator'],
  signaturesBy: ['verilator'],
} as const satisfies Partial<Record<keyof BackendOptions, readonly AccelName[]>>;

function requireOwn(name: AccelName, options: BackendOptions): void {
  for (const [option, owners] of Object.entries(OWNERS)) {
    const given = options[option as keyof typeof OWNERS] !== undefined;
    if (!given || (owners as readonly AccelName[]).includes(name)) continue;
    throw new CliError(EXIT.USAGE, `--${option}: ${name} has no such option`);
  }
  if (name === 'pcie' && options.device === undefined) {
    throw new AccelError('ACCEL_UNAVAILABLE', 'name the card with --device');
  }
}

/** How to get a backend that does not work here. */
const REMEDIES: Readonly<Record<AccelName, string>> = {
  software: 'Run `make build`.',
  native: 'Run `make build`; it needs libsecp256k1 (Debian: apt-get install libsecp256k1-dev).',
  verilator: 'Run `make build`; it needs Verilator and g++, and takes a minute or two.',
  pcie: 'docs/porting.md says how to set up a card.',
};

/** Why a backend does not open, and what to do about it. */
export function unavailability(name: AccelName, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  // The driver says it where it knows better; what is wrong with a link is not that of the build.
  const isSaid = /make build|^(link|pcap|impairment)\b/.test(message);
  return isSaid ? message : `${message}. ${REMEDIES[name]}`;
}

/** Opens a backend or ends the command. @throws {CliError} `UNAVAILABLE`, `USAGE`. */
export function requireBackend(name: AccelName, options?: BackendOptions): Promise<Accelerator> {
  return required(name, openBackend(name, options));
}

/** Opens the card of a backend that has one, or ends the command. @throws as `requireBackend`. */
export function requireDevice(name: AccelName, options: BackendOptions): Promise<Device> {
  return required(name, openDevice(name, options));
}

async function openDevice(name: AccelName, options: BackendOptions): Promise<Device> {
  const { library, device = '' } = options;
  requireOwn(name, options);
  if (name === 'pcie') return PcieDevice.open({ device });
  return SimDevice.open(library === undefined ? {} : { library });
}

async function required<T>(name: AccelName, opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    if (!(error instanceof AccelError)) throw error;
    if (error.code === 'ACCEL_ARGUMENT') {
      throw new CliError(EXIT.USAGE, error.message, { cause: error });
    }
    const message = `${name} does not work here: ${unavailability(name, error)}`;
    throw new CliError(EXIT.UNAVAILABLE, message, { cause: error });
  }
}
