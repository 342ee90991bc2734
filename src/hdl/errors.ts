// SPDX-License-Identifier: Apache-2.0

/** Errors of the toolkit; `code` is stable, messages may change. */
export type HdlErrorCode =
  /** A name or file that is no module, or not one alone. */
  | 'HDL_TARGET'
  /** A value of an option, or a file that was given, is not what it should be. */
  | 'HDL_ARGUMENT'
  /** A tool is missing. */
  | 'HDL_TOOL'
  /** A tool did not do what it was asked; the message has its complaints. */
  | 'HDL_FAILED'
  /** A file could not be written. */
  | 'HDL_OUTPUT';

export class HdlError extends Error {
  override readonly name = 'HdlError';
  readonly code: HdlErrorCode;

  constructor(code: HdlErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
