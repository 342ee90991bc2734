// SPDX-License-Identifier: Apache-2.0

/**
 * What went wrong with a key file, for programs.
 *
 * - `KEY_EXISTS`: a file is there already; none is ever overwritten.
 * - `KEY_NOT_FOUND`: there is none.
 * - `KEY_PERMISSIONS`: others than its owner may read it, or it is not ours.
 * - `KEY_FORMAT`: not a key file, or one with parameters out of bounds.
 * - `KEY_PASSPHRASE`: the passphrase is not this file's, or the file was changed.
 * - `KEY_IO`: the system refused to read or write.
 */
export type KeyFileErrorCode =
  | 'KEY_EXISTS'
  | 'KEY_NOT_FOUND'
  | 'KEY_PERMISSIONS'
  | 'KEY_FORMAT'
  | 'KEY_PASSPHRASE'
  | 'KEY_IO';

/** The only error of this folder; no message and no cause holds a secret or a passphrase. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
  readonly code: KeyFileErrorCode;

  constructor(code: KeyFileErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
