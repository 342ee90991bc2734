// SPDX-License-Identifier: Apache-2.0
/** A built module, loaded: the C functions of cpp/model.cpp and instances of the model. */
import { openAddon, openLibrary, type Pointer, readCString, viewMemory } from '../driver/ffi.ts';
import type { BuiltModel } from './build.ts';
import type { ModuleDescription } from './description.ts';
import {
  type AnyPorts,
  generateValuesClass,
  type PortPlace,
  type ValuesClass,
} from './port-memory.ts';
import { placeBytes, type ValuePlace } from './storage.ts';

/** What is called in every cycle. */
interface Strokes {
  /** Lets inputs take effect. */
  readonly settle: () => void;
  /** The next edge, after that. */
  readonly edge: () => void;
  /** Both of one slot. */
  readonly slot: () => void;
  /** Both, up to and with the next edge of the first clock. */
  readonly step: () => void;
}

/**
 * The same of the first few simulations of a library, by the number of their seat, as cheap as a call can be; and
 * what calling costs.
 */
interface SeatedFunctions extends Record<`${keyof Strokes}_${number}`, () => void> {
  nothing(): void;
}

interface ModelFunctions {
  hpb_tb_open(seed: number): Pointer | null;
  hpb_tb_close(handle: Pointer): void;
  hpb_tb_clock(handle: Pointer, number: number, port: number, period: bigint, rise: bigint): void;
  hpb_tb_layout(handle: Pointer, values: number, addresses: BigUint64Array): void;
  hpb_tb_nothing(handle: number): void;
  hpb_tb_settle(handle: number): void;
  hpb_tb_edge(handle: number): void;
  hpb_tb_slot(handle: number): void;
  hpb_tb_step(handle: number): void;
  hpb_tb_seat(handle: Pointer): number;
  hpb_tb_cycles(handle: Pointer, count: number): void;
  hpb_tb_watch(handle: Pointer, watches: Uint8Array, count: number, max: number): number;
  hpb_tb_play(
    handle: Pointer,
    inputs: Uint8Array,
    inputCount: number,
    outputs: Uint8Array,
    outputCount: number,
    cycles: number,
  ): number;
  hpb_tb_time(handle: Pointer): number;
  hpb_tb_text(handle: Pointer): Pointer;
  hpb_tb_waves(handle: Pointer, path: string, from: number, to: number): number;
  hpb_tb_flush(handle: Pointer): void;
  hpb_tb_coverage(handle: Pointer, path: string): number;
}

/** Most clocks of a model. */
export const MAX_CLOCKS = 16;

/** 64-bit words of the Status structure of cpp/model.cpp. */
export const StatusWord = {
  CYCLE: 0,
  EDGES: 4,
  DEADLINE: 4 + MAX_CLOCKS,
  SAMPLED: 5 + MAX_CLOCKS,
  SAMPLED_NS: 6 + MAX_CLOCKS,
  LONG_CALLS: 7 + MAX_CLOCKS,
  LONG_NS: 8 + MAX_CLOCKS,
  COUNT: 9 + MAX_CLOCKS,
} as const;

/** 32-bit words of the same. */
export const StatusFlag = { CALLS: 2, ATTENTION: 4, FAILED: 5, NEXT: 6, LATE: 7 } as const;

/** One instance of a model, and its memory. */
export interface ModelInstance extends Strokes {
  readonly handle: Pointer;
  readonly ports: AnyPorts;
  /** Marked internal signals by their path. */
  readonly signals: AnyPorts;
  /** Where each port lies in `memory`. */
  readonly places: ReadonlyMap<string, PortPlace>;
  /** Where each signal lies. */
  readonly signalPlaces: ReadonlyMap<string, ValuePlace>;
  readonly memory: Uint8Array;
  /** The status, by {@link StatusWord}. */
  readonly words: Float64Array;
  /** The status, by {@link StatusFlag}. */
  readonly flags: Uint32Array;
  /** The values of a copy of `memory`. */
  show(copy: Uint8Array): { readonly ports: AnyPorts; readonly signals: AnyPorts };
}

export class ModelLibrary {
  readonly description: ModuleDescription;
  readonly call: Readonly<ModelFunctions>;
  readonly seated: Readonly<SeatedFunctions>;
  /** Classes, made with the first instance: all instances have the same layout. */
  #classes: { readonly ports: ValuesClass; readonly signals: ValuesClass } | undefined;
  constructor(path: string, description: ModuleDescription) {
    this.description = description;
    this.seated = openAddon<SeatedFunctions>(path);
    this.call = openLibrary<ModelFunctions>(path, {
      hpb_tb_open: 'void *hpb_tb_open(uint32_t seed)',
      hpb_tb_close: 'void hpb_tb_close(void *handle)',
      hpb_tb_clock:
        'void hpb_tb_clock(void *handle, uint32_t number, uint32_t port, uint64_t period, uint64_t rise)',
      hpb_tb_layout: 'void hpb_tb_layout(void *handle, uint32_t values, void *addresses)',
      hpb_tb_nothing: 'void hpb_tb_nothing(double handle)',
      hpb_tb_settle: 'void hpb_tb_settle(double handle)',
      hpb_tb_edge: 'void hpb_tb_edge(double handle)',
      hpb_tb_slot: 'void hpb_tb_slot(double handle)',
      hpb_tb_step: 'void hpb_tb_step(double handle)',
      hpb_tb_seat: 'uint32_t hpb_tb_seat(void *handle)',
      hpb_tb_cycles: 'void hpb_tb_cycles(void *handle, uint32_t count)',
      hpb_tb_watch:
        'uint32_t hpb_tb_watch(void *handle, void *watches, uint32_t count, uint32_t max)',
      hpb_tb_play:
        'uint32_t hpb_tb_play(void *handle, void *in, uint32_t inputs, void *out, uint32_t outputs, uint32_t count)',
      hpb_tb_time: 'double hpb_tb_time(void *handle)',
      hpb_tb_text: 'void *hpb_tb_text(void *handle)',
      hpb_tb_waves: 'uint32_t hpb_tb_waves(void *handle, const char *path, double from, double to)',
      hpb_tb_flush: 'void hpb_tb_flush(void *handle)',
      hpb_tb_coverage: 'uint32_t hpb_tb_coverage(void *handle, const char *path)',
    }).sync;
  }

  /** Makes an instance; its registers start with values drawn from the seed. */
  open(seed: number): ModelInstance {
    const handle = this.call.hpb_tb_open(seed);
    if (handle === null) throw new Error('out of memory for the model');
    const { name, ports, signals } = this.description;
    const values = [...ports, ...signals];
    const addresses = new BigUint64Array(values.length + 1);
    this.call.hpb_tb_layout(handle, values.length, addresses);
    const [status = 0n, ...rest] = addresses;
    // One window over all values, aligned for 64-bit words.
    let [base = 0n, end = 0n] = [rest[0], rest[0]];
    for (const [i, address] of rest.entries()) {
      const value = values[i];
      const last = address + BigInt(value ? placeBytes(value) : 0);
      if (address < base) base = address;
      if (last > end) end = last;
    }
    base &= ~7n;
    const memory = viewMemory(base, (Number(end - base) + 7) & ~7);
    const place = (index: number) => ({ index, offset: Number((rest[index] ?? base) - base) });
    const portPlaces = ports.map(
      (port, i): PortPlace => ({ ...port, ...place(i), isWritable: port.direction !== 'output' }),
    );
    const signalPlaces = signals.map(
      (signal, i): ValuePlace => ({ ...signal, ...place(ports.length + i) }),
    );
    this.#classes ??= {
      ports: generateValuesClass(name, portPlaces),
      signals: generateValuesClass(`${name}_signals`, signalPlaces),
    };
    const statusBytes = viewMemory(status, StatusWord.COUNT * 8).buffer as ArrayBuffer;
    const classes = this.#classes;
    const show = ({ buffer }: Uint8Array) => ({
      ports: new classes.ports(buffer as ArrayBuffer),
      signals: new classes.signals(buffer as ArrayBuffer),
    });
    return {
      handle,
      ...this.#strokes(handle),
      ...show(memory),
      show,
      places: byName(portPlaces),
      signalPlaces: byName(signalPlaces),
      memory,
      words: new Float64Array(statusBytes),
      flags: new Uint32Array(statusBytes),
    };
  }

  /** Functions of its own for an instance, while there are any. */
  #strokes(handle: Pointer): Strokes {
    const { call, seated } = this;
    const seat = call.hpb_tb_seat(handle);
    const number = Number(handle);
    return {
      settle: callerOf(seated[`settle_${seat}`] ?? (() => call.hpb_tb_settle(number))),
      edge: callerOf(seated[`edge_${seat}`] ?? (() => call.hpb_tb_edge(number))),
      slot: callerOf(seated[`slot_${seat}`] ?? (() => call.hpb_tb_slot(number))),
      step: callerOf(seated[`step_${seat}`] ?? (() => call.hpb_tb_step(number))),
    };
  }

  /** What the instance printed since the last call. */
  text(handle: Pointer): string {
    return readCString(this.call.hpb_tb_text(handle));
  }
}

let callers = 0;

/**
 * A function with code of its own that calls a native one. Where V8 has seen one target only, a call costs a third of
 * what it does where it has to find out; functions of the same text would be one to it.
 */
function callerOf(native: () => void): () => void {
  return new Function('native', `return function call${callers++}() { native(); };`)(native);
}

function byName<T extends { readonly name: string }>(places: readonly T[]): Map<string, T> {
  return new Map(places.map((place) => [place.name, place]));
}

const loaded = new Map<string, ModelLibrary>();

/** Loads a built model; the same library only once. */
export function loadModel({ library, description }: BuiltModel): ModelLibrary {
  let model = loaded.get(library);
  if (!model) {
    model = new ModelLibrary(library, description);
    loaded.set(library, model);
  }
  return model;
}
