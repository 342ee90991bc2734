// SPDX-License-Identifier: Apache-2.0

/** Something the engine must not do; the message says what was expected and what came. */
export class Violation extends Error {
  override readonly name = 'Violation';
}
