/** A built module, loaded: the C functions of cpp/model.cpp and instances of the model. */
import { openLibrary, type Pointer, readCString, viewMemory } from '../driver/ffi.ts';
import type { BuiltModel } from './build.ts';
import type { ModuleDescription } from './description.ts';
import {
  type AnyPorts,
  generatePortsClass,
  type PortPlace,
  type PortsClass,
  storageBytes,
} from './port-memory.ts';

interface ModelFunctions {
  hpb_tb_open(seed: number): Pointer | null;
  hpb_tb_close(handle: Pointer): void;
  hpb_tb_layout(handle: Pointer, ports: number, addresses: BigUint64Array): void;
  hpb_tb_settle(handle: Pointer): void;
  hpb_tb_edge(handle: Pointer): void;
  hpb_tb_cycles(handle: Pointer, count: number): void;
  hpb_tb_until(handle: Pointer, port: number, value: number | bigint, max: number): number;
  hpb_tb_text(handle: Pointer): Pointer;
  hpb_tb_waves(handle: Pointer, path: string, from: number, to: number): number;
  hpb_tb_flush(handle: Pointer): void;
  hpb_tb_coverage(handle: Pointer, path: string): number;
}

/** Bytes of the Status structure of cpp/model.cpp. */
const STATUS_BYTES = 24;

/** One instance of a model, and its memory. */
export interface ModelInstance {
  readonly handle: Pointer;
  readonly ports: AnyPorts;
  /** Where each port lies in `memory`. */
  readonly places: ReadonlyMap<string, PortPlace>;
  readonly memory: Uint8Array;
  /** Cycles so far, simulated time. */
  readonly clocks: Float64Array;
  /** Index 4: something to attend to; 5: failed. */
  readonly flags: Uint32Array;
}

export class ModelLibrary {
  readonly description: ModuleDescription;
  readonly call: Readonly<ModelFunctions>;
  /** The ports' class, made with the first instance: all instances have the same layout. */
  #portsClass: PortsClass | undefined;

  constructor(path: string, description: ModuleDescription) {
    this.description = description;
    this.call = openLibrary<ModelFunctions>(path, {
      hpb_tb_open: 'void *hpb_tb_open(uint32_t seed)',
      hpb_tb_close: 'void hpb_tb_close(void *handle)',
      hpb_tb_layout: 'void hpb_tb_layout(void *handle, uint32_t ports, void *addresses)',
      hpb_tb_settle: 'void hpb_tb_settle(void *handle)',
      hpb_tb_edge: 'void hpb_tb_edge(void *handle)',
      hpb_tb_cycles: 'void hpb_tb_cycles(void *handle, uint32_t count)',
      hpb_tb_until:
        'uint32_t hpb_tb_until(void *handle, uint32_t port, uint64_t value, uint32_t max)',
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
    const { ports } = this.description;
    const addresses = new BigUint64Array(ports.length + 1);
    this.call.hpb_tb_layout(handle, ports.length, addresses);
    const [status = 0n, ...rest] = addresses;
    // One window over all ports, aligned for 64-bit words.
    let [base = 0n, end = 0n] = [rest[0], rest[0]];
    for (const [i, address] of rest.entries()) {
      const last = address + BigInt(storageBytes(ports[i]?.width ?? 1));
      if (address < base) base = address;
      if (last > end) end = last;
    }
    base &= ~7n;
    const memory = viewMemory(base, (Number(end - base) + 7) & ~7);
    const places = ports.map((port, i) => ({ ...port, offset: Number((rest[i] ?? base) - base) }));
    const statusBytes = viewMemory(status, STATUS_BYTES);
    this.#portsClass ??= generatePortsClass(this.description, places);
    return {
      handle,
      ports: new this.#portsClass(memory.buffer as ArrayBuffer),
      places: new Map(places.map((place) => [place.name, place])),
      memory,
      clocks: new Float64Array(statusBytes.buffer as ArrayBuffer, 0, 2),
      flags: new Uint32Array(statusBytes.buffer as ArrayBuffer),
    };
  }

  /** What the instance printed since the last call. */
  text(handle: Pointer): string {
    return readCString(this.call.hpb_tb_text(handle));
  }
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
