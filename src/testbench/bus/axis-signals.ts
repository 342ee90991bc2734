// SPDX-License-Identifier: Apache-2.0
/** Finds the signals of one AXI4-Stream among a module's ports. */
import { BitField } from '../bit-field.ts';
import { TestbenchError } from '../errors.ts';
import type { Pause } from '../pauses.ts';
import type { PortPlace } from '../port-memory.ts';
import { Channel, type Signal } from './channel.ts';

/** A frame: one packet of a stream, up to tlast. */
export interface Frame {
  /**
   * The frame's bytes, first wire byte first. A data width that is no multiple of 8 takes whole bytes
   * for each beat, unused bits zero.
   */
  readonly data: Uint8Array;
  /** tuser: one value for all beats, or one for each. */
  readonly user?: number | bigint | readonly (number | bigint)[];
  readonly id?: number;
  readonly dest?: number;
}

/** Which stream of a module. */
export interface StreamOptions {
  /** Lane of ports that several streams share as vectors; 0 unless given. */
  readonly lane?: number;
  /** Number of streams that share the ports; 1 unless given. */
  readonly lanes?: number;
  /** Port names that do not follow `<prefix>_t<signal>` or `<prefix>_<signal>`. */
  readonly signals?: Partial<Record<StreamSignal, string>>;
  /** When it pauses; never unless given. */
  readonly pause?: Pause;
}

export type StreamSignal =
  | 'valid'
  | 'ready'
  | 'data'
  | 'keep'
  | 'strb'
  | 'last'
  | 'user'
  | 'id'
  | 'dest';

/** All but the handshake: what must hold still while the stream is stalled. */
const PAYLOAD = ['data', 'keep', 'strb', 'last', 'user', 'id', 'dest'] as const;

/** The model that a stream belongs to. */
export interface StreamModel {
  readonly places: ReadonlyMap<string, PortPlace>;
  readonly memory: Uint8Array;
  /** Name of the reset port. */
  readonly reset: string;
  /** The current cycle. */
  readonly cycle: () => number;
}

export interface StreamSignals {
  readonly name: string;
  /** The stream as its rules see it. */
  readonly channel: Channel;
  /** The module's reset: a stream rests while it is high. */
  readonly reset: BitField | undefined;
  readonly valid: BitField;
  readonly ready: BitField | undefined;
  readonly data: BitField | undefined;
  readonly keep: BitField | undefined;
  readonly strb: BitField | undefined;
  readonly last: BitField | undefined;
  readonly user: BitField | undefined;
  readonly id: BitField | undefined;
  readonly dest: BitField | undefined;
}

/**
 * Finds a stream's signals: `<prefix>_tvalid`, `_tready`, `_tdata` and so on, or without the t.
 *
 * @throws {TestbenchError} `TESTBENCH_ARGUMENT` when there is no valid signal, or the lanes do not divide
 *   a port's width.
 */
export function findStream(
  { places, memory, reset: resetName }: StreamModel,
  prefix: string,
  { lane = 0, lanes = 1, signals = {} }: StreamOptions,
): StreamSignals {
  const reset = places.get(resetName);
  const find = (signal: StreamSignal): Signal | undefined => {
    const names = [signals[signal], `${prefix}_t${signal}`, `${prefix}_${signal}`];
    const place = names.map((name) => name && places.get(name)).find((found) => found);
    if (!place) return undefined;
    const width = place.width / lanes;
    if (!Number.isInteger(width) || lane < 0 || lane >= lanes) {
      throw new TestbenchError(
        'TESTBENCH_ARGUMENT',
        `stream ${prefix}: ${place.name} of ${place.width} bits has no lane ${lane} of ${lanes}`,
      );
    }
    const bits = new BitField(memory, place.offset * 8 + lane * width, width, lanes === 1);
    return { port: lanes === 1 ? place.name : `${place.name}[${lane}]`, bits };
  };
  const valid = find('valid');
  if (!valid) {
    throw new TestbenchError('TESTBENCH_ARGUMENT', `stream ${prefix}: no port ${prefix}_tvalid`);
  }
  const name = lanes === 1 ? prefix : `${prefix}[${lane}]`;
  const ready = find('ready');
  const payload = new Map<StreamSignal, Signal>();
  for (const signal of PAYLOAD) {
    const found = find(signal);
    if (found) payload.set(signal, found);
  }
  return {
    name,
    channel: new Channel(name, valid, ready, payload),
    reset: reset && new BitField(memory, reset.offset * 8, 1, true),
    valid: valid.bits,
    ready: ready?.bits,
    data: payload.get('data')?.bits,
    keep: payload.get('keep')?.bits,
    strb: payload.get('strb')?.bits,
    last: payload.get('last')?.bits,
    user: payload.get('user')?.bits,
    id: payload.get('id')?.bits,
    dest: payload.get('dest')?.bits,
  };
}

/** A tuser of up to 32 bits is a number, a wider one a bigint. */
export function readUser(field: BitField): number | bigint {
  return field.width <= 32 ? field.get() : field.getBig();
}
