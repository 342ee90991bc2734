// The description as a Verilog package.
import { hexOf, upper } from '../../card/registers/text.js';

/** @param {import('./description.js').Description} description */
export function toVerilog({ limits, enums, structures }) {
  const lines = [
    '// SPDX-License-Identifier: Apache-2.0',
    '// bcast_protocol_pkg: offsets, limits and codes of everything that travels between nodes.',
    '//',
    '// Integers are little-endian: the first wire byte of a stream is tdata[7:0], so a field stands in the',
    '// word offset / 8 at bit 8 * (offset % 8), and none but names, ids, keys and records cross words.',
    '// Generated from protocol.json by generate.js; do not edit.',
    '`default_nettype none',
    '',
    '/* verilator lint_off UNUSEDPARAM */  // each user takes the constants it needs',
    'package bcast_protocol_pkg;',
  ];
  const section = (/** @type {string} */ title) => lines.push('', `  // ${title}`);
  const constant = (
    /** @type {string} */ type,
    /** @type {string} */ id,
    /** @type {string} */ value,
  ) => lines.push(`  localparam ${type} ${id} = ${value};`);

  section('Limits, lengths and magic numbers');
  for (const { name, value } of limits) {
    if (name.startsWith('MAGIC_')) constant('logic [31:0]', name, `32'h${hexOf(value, 8)}`);
    else constant('int unsigned', name, `${value}`);
  }
  for (const [key, { text, values }] of Object.entries(enums)) {
    section(text);
    for (const each of values) {
      const id = `${upper(key)}_${each.name}`;
      constant('logic [7:0]', id, `8'd${each.value}`);
      if (!each.bytes) continue;
      constant('int unsigned', `${id}_MIN_BYTES`, `${each.bytes[0]}`);
      constant('int unsigned', `${id}_MAX_BYTES`, `${each.bytes[1]}`);
    }
  }
  for (const each of structures) {
    section(`${each.name}: bytes${each.more ? ' of the fixed part' : ''}, byte offsets`);
    constant('int unsigned', `${each.name}_BYTES`, `${each.bytes}`);
    for (const { name, offset } of each.fields) {
      if (name !== undefined) constant('int unsigned', `${each.name}_AT_${name}`, `${offset}`);
    }
  }
  lines.push('', 'endpackage', '/* verilator lint_on UNUSEDPARAM */', '', '`default_nettype wire');
  return `${lines.join('\n')}\n`;
}
