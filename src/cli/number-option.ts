// SPDX-License-Identifier: Apache-2.0

import { InvalidArgumentError } from 'commander';

/** A number of an option, within bounds. */
export function number(low: number, high: number, whole = true) {
  return (text: string): number => {
    const value = Number(text);
    const form = whole ? /^\d+$/ : /^\d+(\.\d+)?$/;
    if (form.test(text) && value >= low && value <= high) return value;
    const kind = whole ? 'an integer' : 'a number';
    throw new InvalidArgumentError(`Expected ${kind} from ${low} to ${high}, got ${text}.`);
  };
}
