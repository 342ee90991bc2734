// SPDX-License-Identifier: Apache-2.0
/** `TESTBENCH_CHECK`: what a test expected of a module did not come, or what it never may did. */
export class CheckError extends Error {
  override readonly name = 'CheckError';
  readonly code = 'TESTBENCH_CHECK';
}
