// SPDX-License-Identifier: Apache-2.0
// Secret keys at rest.

export { KeyFileError, type KeyFileErrorCode } from './errors.ts';
export { type CreateKeyFileOptions, createKeyFile, openKeyFile, readPublicKey } from './files.ts';
export { DEFAULT_WORK, type KeyPair, type SealedKey } from './sealed.ts';
