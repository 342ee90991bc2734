// SPDX-License-Identifier: Apache-2.0
/** A channel: payload that VALID offers and READY takes, the part that all these buses are made of. */
import { BitField } from '../bit-field.ts';
import { TestbenchError } from '../errors.ts';
import type { Pause } from '../pauses.ts';
import { type BusSimulation, findPort } from './bus-simulation.ts';

/** One port of a channel. */
export interface Signal {
  readonly port: string;
  readonly bits: BitField;
}

/** Who a model is on a channel: it offers, it takes, or it only looks. */
export type Role = 'source' | 'sink' | 'monitor';

/** One end of a channel, as the model of a bus drives it. */
export interface ChannelEnd {
  /** When it pauses; may be changed at any time. */
  pause: Pause;
  /** After the edge: write inputs. */
  drive(): void;
  /** Inputs have taken effect, the edge is ahead. */
  sample(): void;
  /** In reset, instead of {@link drive}. */
  rest(): void;
}

export class Channel {
  readonly name: string;
  readonly valid: Signal;
  /** Absent where the taker is always ready. */
  readonly ready: Signal | undefined;
  /** What must hold still while the channel is stalled, by field. */
  readonly payload: ReadonlyMap<string, Signal>;

  constructor(
    name: string,
    valid: Signal,
    ready: Signal | undefined,
    payload: ReadonlyMap<string, Signal>,
  ) {
    this.name = name;
    this.valid = valid;
    this.ready = ready;
    this.payload = payload;
  }

  get isValid(): boolean {
    return this.valid.bits.get() === 1;
  }

  get isReady(): boolean {
    return this.ready === undefined || this.ready.bits.get() === 1;
  }

  /** Whether the edge ahead transfers the payload. */
  get isTransfer(): boolean {
    return this.isValid && this.isReady;
  }

  has(field: string): boolean {
    return this.payload.has(field);
  }

  /** A field of up to 32 bits; `absent` where the module does not have it. */
  get(field: string, absent = 0): number {
    return this.payload.get(field)?.bits.get() ?? absent;
  }

  /** A field of any width; 0 where the module does not have it. */
  big(field: string): bigint {
    return this.payload.get(field)?.bits.getBig() ?? 0n;
  }

  /** A field's bytes, lowest first; none where the module does not have it. */
  bytes(field: string): Uint8Array {
    const bits = this.payload.get(field)?.bits;
    const bytes = new Uint8Array(bits?.byteLength ?? 0);
    bits?.read(bytes, 0);
    return bytes;
  }

  /** Width of a field in bits; 0 where the module does not have it. */
  width(field: string): number {
    return this.payload.get(field)?.bits.width ?? 0;
  }

  /**
   * Writes a field; where the module does not have it, nothing.
   *
   * @throws {TestbenchError} `TESTBENCH_ARGUMENT` when the value does not fit.
   */
  set(field: string, value: number | bigint): void {
    const signal = this.payload.get(field);
    if (signal === undefined) return;
    const { width } = signal.bits;
    if (!(value >= 0) || BigInt.asUintN(width, BigInt(value)) !== BigInt(value)) {
      throw new TestbenchError(
        'TESTBENCH_ARGUMENT',
        `port ${signal.port}: expected ${width} unsigned bits, got ${value}`,
      );
    }
    signal.bits.set(value);
  }

  /** Name of a field's port, for messages. */
  port(field: string): string {
    return this.payload.get(field)?.port ?? this.valid.port;
  }
}

/**
 * Finds a channel's ports.
 *
 * @param portOf - the standard port name of `valid`, `ready` and each field.
 * @returns undefined when there is no valid port.
 * @throws {TestbenchError} `TESTBENCH_ARGUMENT` when a port's direction does not suit the role.
 */
export function findChannel(
  sim: BusSimulation,
  name: string,
  fields: readonly string[],
  portOf: (field: string) => string,
  role: Role,
): Channel | undefined {
  const find = (field: string): Signal | undefined => {
    const port = findPort(sim, portOf(field));
    if (port === undefined) return undefined;
    const isDriven = role === (field === 'ready' ? 'sink' : 'source');
    if (role !== 'monitor' && (port.direction === 'input') !== isDriven) {
      throw new TestbenchError(
        'TESTBENCH_ARGUMENT',
        `${port.name}: expected an ${isDriven ? 'input' : 'output'} of the module, ` +
          `got an ${port.direction}`,
      );
    }
    return { port: port.name, bits: new BitField(sim.bytes(port.name), 0, port.width, true) };
  };
  const valid = find('valid');
  if (valid === undefined) return undefined;
  const payload = new Map<string, Signal>();
  for (const field of fields) {
    const signal = find(field);
    if (signal) payload.set(field, signal);
  }
  return new Channel(name, valid, find('ready'), payload);
}
