// SPDX-License-Identifier: Apache-2.0

import type { Broadcast } from './broadcast/contract.ts';
import { NodeNetBroadcast } from './broadcast/node-net.ts';
import { CardBackend, type CardIncidents, type CardOptions } from './device/card-backend.ts';
import type { Device } from './device/device.ts';
import { Interrupts } from './device/interrupts.ts';
import { PCIE_TIMES, PcieDevice, type PcieOptions } from './device/pcie-device.ts';
import { RecordingDevice } from './device/recording/recording-device.ts';
import { SimDevice, type SimOptions } from './device/sim-device.ts';
import { AccelError, requireArgument } from './errors.ts';
import { NativeBackend, type NativeOptions } from './native/backend.ts';
import type { BackendName, SignatureBackend, SignatureEngine } from './signatures/contract.ts';
import { CheckedSignatures } from './signatures/engine.ts';
import { SoftwareBackend, type SoftwareOptions } from './software/backend.ts';
import { formatMac, type NetworkOptions, parseNetwork } from './transport/card/network-options.ts';
import { defaultGateway, introducedLink } from './transport/card/passt-link.ts';
import { CardTransport, type CardTransportOptions } from './transport/card/transport.ts';
import type { Transport } from './transport/contract.ts';
import { NodeNetTransport } from './transport/node-net.ts';

/** An open accelerator: its services, and how to let go of it. */
export interface Accelerator {
  readonly backend: BackendName;
  /** secp256k1 verify and recover; its `backend` says who does it. */
  readonly signatures: SignatureEngine;
  /** TCP; its `backend` says who carries it: the card where it has a link and an address. */
  readonly transport: Transport;
  /** One frame to many sessions; its `backend` says who sends it, the card not yet. */
  readonly broadcast: Broadcast;
  /** The card, where there is one: capabilities and counters. */
  readonly device?: Device;
  /** The card's lost interrupts, timeouts and resets so far; kept up to date. */
  readonly incidents?: Readonly<CardIncidents>;
  /**
   * Closes connections and ports, frees threads, memory and the card; calls under way reject with
   * `ACCEL_CLOSED`. Idempotent.
   */
  close(): Promise<void>;
}

/** A card's network: with an `ip` its TCP engine carries `transport`, without it node:net does. */
export interface CardNetworkOptions extends Partial<NetworkOptions> {
  /** How the driver uses the TCP engine. */
  readonly transport?: Omit<CardTransportOptions, keyof NetworkOptions>;
}

/** Who does what the card could. */
export interface ServiceOptions {
  /** Who checks signatures in the card's stead; the card unless given. */
  readonly signaturesBy?: 'native' | 'software';
}

/** What can be asked for of any card. */
export interface RunOptions {
  /** File to record the run to, see docs/recording.md; what it holds is lost. */
  readonly record?: string;
}

/** Which backend, and its options. */
export type AcceleratorOptions =
  | ({ readonly kind: 'software' } & SoftwareOptions)
  | ({ readonly kind: 'native' } & NativeOptions)
  | ({ readonly kind: 'verilator' } & SimOptions &
      CardOptions &
      CardNetworkOptions &
      ServiceOptions &
      RunOptions)
  | ({ readonly kind: 'pcie' } & PcieOptions & CardOptions & RunOptions);

/**
 * Opens a backend. The choice is final: no other backend ever steps in.
 *
 * @throws {AccelError} `ACCEL_UNAVAILABLE` (not built, library missing, no such link),
 *   `ACCEL_ARGUMENT`.
 * @example
 * const accelerator = await openAccelerator({ kind: 'software' });
 * const { valid } = await accelerator.signatures.verifyBatch(records);
 * await accelerator.close();
 * @example
 * // Signatures and TCP on the card; a peer on the network reaches it at 10.77.0.2.
 * const card = { kind: 'verilator', link: 'tap:hpb0', ip: '10.77.0.2/24' } as const;
 * const { transport } = await openAccelerator(card);
 * transport.createServer((socket) => socket.pipe(socket)).listen(7);
 */
export async function openAccelerator(options: AcceleratorOptions): Promise<Accelerator> {
  switch (options.kind) {
    case 'software':
      return accelerator(new SoftwareBackend(options));
    case 'native':
      return accelerator(new NativeBackend(options));
    case 'verilator':
      return openEmulated(options);
    case 'pcie': {
      const device = await recorded(await PcieDevice.open(options), options);
      return attachAccelerator(device, { ...PCIE_TIMES, ...options });
    }
    default:
      throw new AccelError(
        'ACCEL_ARGUMENT',
        `kind: unknown backend ${(options as { kind: unknown }).kind}`,
      );
  }
}

async function openEmulated(
  options: SimOptions & CardOptions & CardNetworkOptions & ServiceOptions & RunOptions,
): Promise<Accelerator> {
  const { link, ip, record, signaturesBy } = options;
  const hasBoth = (link === undefined) === (ip === undefined);
  requireArgument(hasBoth, `link and ip: expected both or neither, got ${link} and ${ip}`);
  const isOne = link === undefined || record === undefined;
  requireArgument(isOne, 'record: expected no link; connections are not recorded yet');
  requireNetwork(options);
  const known = link === undefined ? options : { ...options, ...introduced(link, options) };
  const device = await SimDevice.open(known);
  const card = await attachAccelerator(await recorded(device, options), known);
  return signaturesBy === undefined ? card : withSignaturesBy(signaturesBy, card);
}

/** A card that leaves signatures to another backend; closing it closes both. */
async function withSignaturesBy(
  kind: 'native' | 'software',
  card: Accelerator,
): Promise<Accelerator> {
  try {
    const other = await openAccelerator({ kind });
    const close = async () => {
      await Promise.all([card.close(), other.close()]);
    };
    return { ...card, signatures: other.signatures, close };
  } catch (error) {
    await card.close();
    throw error;
  }
}

/** A card with a link, and a link that knows the card: its addresses are settled before both. */
function introduced(link: string, { ip, mac, gateway }: CardNetworkOptions) {
  const own = parseNetwork({ ip: ip!, ...(mac !== undefined && { mac }) });
  const router = gateway ?? defaultGateway(link, own);
  const station = {
    ip: ip!,
    mac: formatMac(own.mac),
    ...(router !== undefined && { gateway: router }),
  };
  return { ...station, toe: true, link: introducedLink(link, parseNetwork(station)) };
}

/** Before anything is opened. @throws {AccelError} `ACCEL_ARGUMENT`. */
function requireNetwork({ ip, mac, gateway }: CardNetworkOptions): void {
  if (ip !== undefined) {
    parseNetwork({
      ip,
      ...(mac !== undefined && { mac }),
      ...(gateway !== undefined && { gateway }),
    });
  }
  for (const [name, value] of Object.entries({ mac, gateway })) {
    requireArgument(ip !== undefined || value === undefined, `${name}: expected an ip, too`);
  }
}

/**
 * Drives an open card; closing the accelerator closes the device.
 *
 * @throws {AccelError} `ACCEL_UNAVAILABLE` (no such engine on it), `ACCEL_ARGUMENT`, `ACCEL_DEVICE`; the
 *   device is closed then, too.
 */
export async function attachAccelerator(
  device: Device,
  options: CardOptions & CardNetworkOptions = {},
): Promise<Accelerator> {
  try {
    requireNetwork(options);
    const interrupts = new Interrupts(device);
    const transport = await openTransport(device, options, interrupts);
    const backend = new CardBackend(device, options, interrupts);
    return { ...accelerator(backend, transport), device, incidents: backend.incidents };
  } catch (error) {
    await device.close();
    throw error;
  }
}

/** The device, or one that records it. */
async function recorded(device: Device, { record }: RunOptions): Promise<Device> {
  if (record === undefined) return device;
  try {
    return await RecordingDevice.attach(device, record);
  } catch (error) {
    await device.close();
    throw error;
  }
}

async function openTransport(
  device: Device,
  { ip, mac, gateway, transport: tuning }: CardNetworkOptions,
  interrupts: Interrupts,
): Promise<Transport> {
  if (ip === undefined) return new NodeNetTransport();
  const network = {
    ip,
    ...(mac !== undefined && { mac }),
    ...(gateway !== undefined && { gateway }),
  };
  const transport = await CardTransport.open(device, { ...tuning, ...network }, interrupts);
  if (device instanceof SimDevice) device.linkLost.then((error) => transport.fail(error));
  return transport;
}

function accelerator(
  backend: SignatureBackend,
  transport: Transport = new NodeNetTransport(),
): Accelerator {
  const broadcast = new NodeNetBroadcast();
  return {
    backend: backend.name,
    signatures: new CheckedSignatures(backend),
    transport,
    broadcast,
    close: async () => {
      // A card resets its connections before it goes.
      await Promise.all([broadcast.close(), transport.close()]);
      await backend.close();
    },
  };
}
