// SPDX-License-Identifier: Apache-2.0

/** Exit codes of `hpb`; above 2 those of sysexits.h, and 128 + signal. */
export const EXIT = {
  /** Everything asked was done. */
  OK: 0,
  /** It was not: the backend failed or answered wrongly. */
  FAILED: 1,
  /** The input could not be read. */
  INPUT: 2,
  /** The command line was wrong. */
  USAGE: 64,
  /** The backend does not work here. */
  UNAVAILABLE: 69,
  /** The output could not be written. */
  OUTPUT: 74,
  /** Ctrl-C. */
  INTERRUPTED: 130,
  /** Whoever read the output went away. */
  PIPE: 141,
} as const;

/** One of `EXIT`. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends the command with a message for people and a code for programs. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
