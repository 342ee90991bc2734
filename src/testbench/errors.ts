// SPDX-License-Identifier: Apache-2.0
/** Errors of the testbench; `code` is stable, messages may change. */
export type TestbenchErrorCode =
  /** A tool (verilator, make, g++) is missing or failed; the message carries file and line. */
  | 'TESTBENCH_BUILD'
  /** A wrong call: no such port, a value out of range, a closed simulation. */
  | 'TESTBENCH_ARGUMENT'
  /** The model called `$error`, `$stop` or `$fatal`, or did not settle. */
  | 'TESTBENCH_MODEL'
  /** A condition did not come true within its cycles. */
  | 'TESTBENCH_TIMEOUT'
  /** The module broke the AXI4-Stream handshake. */
  | 'TESTBENCH_PROTOCOL';

export class TestbenchError extends Error {
  override readonly name = 'TestbenchError';
  readonly code: TestbenchErrorCode;

  constructor(code: TestbenchErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
