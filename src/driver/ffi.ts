/**
 * The one door to native code: nothing else imports koffi, and nothing else sees a pointer's bytes.
 *
 * A library is opened once and all its functions are resolved at that moment, so a missing symbol
 * fails at start and a call costs 30-70 ns. Pointers are bigints; an opaque handle (`model *`) is one.
 */
import koffi from 'koffi';

/** Address in this process; 0n is the null pointer. Give it back to native code or to {@link viewMemory}. */
export type Pointer = bigint;

/** What may cross: numbers, bigints (64 bit, pointers), strings (`const char *`), byte arrays, null. */
export type NativeValue = number | bigint | boolean | string | ArrayBufferView | null | undefined;

/** The functions of a library, as the caller declares them. */
export type NativeFunctions<T> = {
  // biome-ignore lint/suspicious/noExplicitAny: parameters of function types are contravariant
  // biome-ignore lint/suspicious/noConfusingVoidType: a C function may return nothing
  [K in keyof T]: (...args: any[]) => NativeValue | void;
};

/** The same function, run on a thread of koffi's pool. */
export type AsyncFunctions<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<R> : never;
};

/** An open library; functions by the name of their prototype. */
export interface Library<T extends NativeFunctions<T>> {
  readonly path: string;
  /** Calls on this thread. */
  readonly sync: Readonly<T>;
  /**
   * Calls on a worker thread, as promises. Arrays given to a call must live and stay unchanged by
   * JavaScript until its promise settles.
   */
  readonly async: Readonly<AsyncFunctions<T>>;
}

/**
 * Opens a shared library and resolves all of its functions.
 *
 * The library stays loaded until the process ends: code that may still run, on a thread of its own or
 * behind a view, is never pulled away.
 *
 * @param path - absolute path of the shared library.
 * @param prototypes - one C prototype per function, by the function's name. Use `void *` for handles
 *   and for memory; 64-bit results come as number where exact, else as bigint.
 * @throws {Error} naming the library or the symbol that is missing.
 *
 * @example
 * interface Native { hpb_abi_version(): number; hpb_fill(bytes: Uint8Array, count: number): void }
 * const library = openLibrary<Native>(path, {
 *   hpb_abi_version: 'uint32_t hpb_abi_version(void)',
 *   hpb_fill: 'void hpb_fill(_Out_ uint8_t *bytes, uint32_t count)',
 * });
 * library.sync.hpb_abi_version();
 */
export function openLibrary<T extends NativeFunctions<T>>(
  path: string,
  prototypes: Readonly<Record<keyof T & string, string>>,
): Library<T> {
  const handle = koffi.load(path);
  const sync: Record<string, unknown> = {};
  const async: Record<string, unknown> = {};
  for (const [name, prototype] of Object.entries<string>(prototypes)) {
    const call = handle.func(prototype);
    sync[name] = call;
    async[name] = (...args: NativeValue[]) =>
      new Promise((resolve, reject) => {
        call.async(...args, (error: Error | null, result: NativeValue) => {
          if (error) reject(error);
          else resolve(result);
        });
      });
  }
  return { path, sync: sync as T, async: async as AsyncFunctions<T> };
}

/**
 * Opens a library that makes its functions itself, by Node-API (`napi_register_module_v1`): a call without
 * arguments costs some 7 ns, a third of one by a prototype. For what is called in every cycle of a simulation.
 *
 * @param path - absolute path of the shared library.
 * @throws {Error} when it is no such library.
 */
export function openAddon<T extends NativeFunctions<T>>(path: string): Readonly<T> {
  const addon = { exports: {} };
  process.dlopen(addon, path);
  return addon.exports as T;
}

/**
 * Shows native memory as bytes, without a copy: both sides see each other's writes.
 *
 * The caller owes that the memory outlives every use of the view; after `free` a view is a dangling
 * pointer. View memory once and keep the view: making one costs microseconds.
 *
 * @param pointer - start of the memory; not null.
 * @param byteLength - length in bytes.
 */
export function viewMemory(pointer: Pointer, byteLength: number): Uint8Array {
  if (pointer === 0n) throw new RangeError('viewMemory: expected an address, got the null pointer');
  return new Uint8Array(koffi.view(pointer, byteLength));
}

/** Address of a typed array's first byte; valid while the array is referenced. */
export function addressOf(bytes: ArrayBufferView): Pointer {
  return koffi.address(bytes);
}

/** Reads a NUL-terminated UTF-8 string; empty at the null pointer. */
export function readCString(pointer: Pointer): string {
  return pointer === 0n ? '' : koffi.decode.string(pointer);
}

/** Address of a global variable or function of a library, to hand on to native code. */
export function symbolAddress(path: string, name: string): Pointer {
  return koffi.load(path).symbol(name);
}

/** A descriptor being watched. */
export interface Watch {
  /** Keeps the process alive while watching (the state at the start). */
  ref(): void;
  /** Lets the process end. */
  unref(): void;
  /** Stops watching; the descriptor stays open, its owner closes it. */
  close(): void;
}

/**
 * Calls `onReadable` on the event loop whenever the descriptor can be read, again and again until
 * it no longer can: the callback must clear what made it readable.
 *
 * @param descriptor - of an eventfd, a pipe or a socket.
 */
export function watchDescriptor(descriptor: number, onReadable: () => void): Watch {
  return koffi.node.poll(descriptor, { readable: true }, onReadable);
}
