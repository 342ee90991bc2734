// SPDX-License-Identifier: Apache-2.0

import { HdlError } from './errors.ts';
import type { Target } from './target.ts';

/**
 * The yosys command that reads a target and all below it, packages first; nothing is elaborated yet. To be
 * run in the target's root.
 */
export function readCommand({ sources }: Target): string {
  const includes = sources.folders.map((folder) => quotePath(`-I${folder}`));
  return ['read_verilog -sv -defer', ...includes, ...sources.files.map(quotePath)].join(' ');
}

/** A path as a word of yosys' command language. */
export function quotePath(path: string): string {
  if (/^[\w./+-]+$/.test(path)) return path;
  if (!/["\\\n]/.test(path)) return `"${path}"`;
  throw new HdlError('HDL_ARGUMENT', `expected a path without quotes, got ${JSON.stringify(path)}`);
}
