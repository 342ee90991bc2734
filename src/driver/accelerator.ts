// SPDX-License-Identifier: Apache-2.0

import type { Broadcast } from './broadcast/contract.ts';
import { NodeNetBroadcast } from './broadcast/node-net.ts';
import { CardBackend, type CardIncidents, type CardOptions } from './device/card-backend.ts';
import type { Device } from './device/device.ts';
import { SimDevice, type SimOptions } from './device/sim-device.ts';
import { AccelError } from './errors.ts';
import { NativeBackend, type NativeOptions } from './native/backend.ts';
import type { BackendName, SignatureBackend, SignatureEngine } from './signatures/contract.ts';
import { CheckedSignatures } from './signatures/engine.ts';
import { SoftwareBackend, type SoftwareOptions } from './software/backend.ts';
import type { Transport } from './transport/contract.ts';
import { NodeNetTransport } from './transport/node-net.ts';

/** An open accelerator: its services, and how to let go of it. */
export interface Accelerator {
  readonly backend: BackendName;
  /** secp256k1 verify and recover. */
  readonly signatures: SignatureEngine;
  /** TCP; its `backend` says who carries it, the card not yet. */
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

/** Which backend, and its options. */
export type AcceleratorOptions =
  | ({ readonly kind: 'software' } & SoftwareOptions)
  | ({ readonly kind: 'native' } & NativeOptions)
  | ({ readonly kind: 'verilator' } & SimOptions & CardOptions);

/**
 * Opens a backend. The choice is final: no other backend ever steps in.
 *
 * @throws {AccelError} `ACCEL_UNAVAILABLE` (not built, library missing), `ACCEL_ARGUMENT`.
 * @example
 * const accelerator = await openAccelerator({ kind: 'software' });
 * const { valid } = await accelerator.signatures.verifyBatch(records);
 * await accelerator.close();
 */
export async function openAccelerator(options: AcceleratorOptions): Promise<Accelerator> {
  switch (options.kind) {
    case 'software':
      return accelerator(new SoftwareBackend(options));
    case 'native':
      return accelerator(new NativeBackend(options));
    case 'verilator':
      return attachAccelerator(await SimDevice.open(options), options);
    default:
      throw new AccelError(
        'ACCEL_ARGUMENT',
        `kind: unknown backend ${(options as { kind: unknown }).kind}`,
      );
  }
}

/**
 * Drives an open card; closing the accelerator closes the device.
 *
 * @throws {AccelError} `ACCEL_UNAVAILABLE` (no signature engine on it), `ACCEL_ARGUMENT`; the device
 *   is closed then, too.
 */
export async function attachAccelerator(
  device: Device,
  options: CardOptions = {},
): Promise<Accelerator> {
  try {
    const backend = new CardBackend(device, options);
    return { ...accelerator(backend), device, incidents: backend.incidents };
  } catch (error) {
    await device.close();
    throw error;
  }
}

function accelerator(backend: SignatureBackend): Accelerator {
  const transport = new NodeNetTransport();
  const broadcast = new NodeNetBroadcast();
  return {
    backend: backend.name,
    signatures: new CheckedSignatures(backend),
    transport,
    broadcast,
    close: async () => {
      await Promise.all([broadcast.close(), transport.close(), backend.close()]);
    },
  };
}
