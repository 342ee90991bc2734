// SPDX-License-Identifier: Apache-2.0

import { existsSync } from 'node:fs';
import { AccelError, requireArgument } from '../errors.ts';
import { openLibrary, type Pointer } from '../ffi.ts';
import { nativeLibrary } from '../paths.ts';
import { RECOVER_RECORD_BYTES } from '../signatures/records.ts';

interface SignerFunctions {
  hpbnative_signer_open(
    secrets: Uint8Array,
    count: number,
    flags: number,
    out: BigUint64Array,
  ): number;
  hpbnative_sign_batch(
    signer: Pointer,
    records: Uint8Array,
    keys: Uint32Array,
    count: number,
  ): number;
  hpbnative_signer_close(signer: Pointer): void;
}

const PROTOTYPES: Record<keyof SignerFunctions, string> = {
  hpbnative_signer_open:
    'int hpbnative_signer_open(void *secrets, uint32_t count, uint32_t flags, void *out)',
  hpbnative_sign_batch:
    'int hpbnative_sign_batch(void *signer, void *records, void *keys, uint32_t count)',
  hpbnative_signer_close: 'void hpbnative_signer_close(void *signer)',
};

const STATUS_OK = 0;
const FLAG_REUSE_NONCES = 1;
const SECRET_BYTES = 32;

export interface SignerOptions {
  /** 32 bytes a key, big-endian, each from 1 to n - 1; copied. */
  readonly secrets: Uint8Array;
  /**
   * Takes nonces from a fixed table instead of deriving them (RFC 6979): a hundred times faster, and
   * whoever sees two signatures knows the key. Only to make load, with keys that everybody knows.
   */
  readonly reuseNonces?: boolean;
}

/** Signs digests in batches by libsecp256k1, on the calling thread; s is low (BIP 62). */
export class NativeSigner {
  readonly #call: Readonly<SignerFunctions>;
  #signer: Pointer;

  /** @throws {AccelError} `ACCEL_UNAVAILABLE`, `ACCEL_ARGUMENT`; never says a key. */
  constructor({ secrets, reuseNonces = false }: SignerOptions) {
    const count = secrets.length / SECRET_BYTES;
    requireArgument(
      Number.isInteger(count) && count >= 1 && count <= 65_536,
      `secrets: expected 1 to 65536 times ${SECRET_BYTES} bytes, got ${secrets.length} bytes`,
    );
    this.#call = openSignerLibrary();
    const out = new BigUint64Array(1);
    const flags = reuseNonces ? FLAG_REUSE_NONCES : 0;
    const status = this.#call.hpbnative_signer_open(secrets, count, flags, out);
    requireArgument(status === STATUS_OK, `secrets: one is not a scalar from 1 to n - 1`);
    this.#signer = out[0]!;
  }

  /**
   * Signs the digests of recover records.
   *
   * @param records - n x 104 bytes: digest 32, which is read; r, s, recovery id and zeros are written.
   * @param keys - for each record, the place of its key in `secrets`.
   * @throws {AccelError} `ACCEL_ARGUMENT`, `ACCEL_CLOSED`.
   */
  sign(records: Uint8Array, keys: Uint32Array): void {
    if (this.#signer === 0n) throw new AccelError('ACCEL_CLOSED', 'the signer was closed');
    requireArgument(
      records.length === keys.length * RECOVER_RECORD_BYTES,
      `records: expected ${keys.length} of ${RECOVER_RECORD_BYTES} bytes, got ${records.length} bytes`,
    );
    const status = this.#call.hpbnative_sign_batch(this.#signer, records, keys, keys.length);
    requireArgument(status === STATUS_OK, 'keys: expected places in the list of secrets');
  }

  /** Wipes the keys. Idempotent. */
  close(): void {
    this.#call.hpbnative_signer_close(this.#signer);
    this.#signer = 0n;
  }
}

function openSignerLibrary(): Readonly<SignerFunctions> {
  const path = nativeLibrary('libhpbnative.so');
  if (!existsSync(path)) {
    throw new AccelError('ACCEL_UNAVAILABLE', `${path} is missing: run \`make build\``);
  }
  try {
    return openLibrary<SignerFunctions>(path, PROTOTYPES).sync;
  } catch (cause) {
    const message = `${path} does not load: ${cause}; run \`make build\``;
    throw new AccelError('ACCEL_UNAVAILABLE', message, { cause });
  }
}
