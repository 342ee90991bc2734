// The register map as a Verilog package.
import { hexOf, upper } from './text.js';

/** @param {import('./map.js').RegisterMap} map @param {string} hash */
export function toVerilog(map, hash) {
  const lines = [
    '// SPDX-License-Identifier: Apache-2.0',
    '// card_pkg: register offsets, ring layouts and codes of the card.',
    '//',
    '// Generated from registers.json by registers/generate.js; do not edit.',
    '`default_nettype none',
    '',
    '/* verilator lint_off UNUSEDPARAM */  // each user takes the constants it needs',
    'package card_pkg;',
  ];
  const section = (/** @type {string} */ title) => lines.push('', `  // ${title}`);
  const constant = (
    /** @type {string} */ type,
    /** @type {string} */ id,
    /** @type {string} */ value,
  ) => lines.push(`  localparam ${type} ${id} = ${value};`);

  section('Register-map hash: the first eight bytes of SHA-256');
  constant('logic [31:0]', 'MAP_HASH_LO', `32'h${littleEndian(hash.slice(0, 8))}`);
  constant('logic [31:0]', 'MAP_HASH_HI', `32'h${littleEndian(hash.slice(8))}`);

  section('Blocks: address bits 15 to 12');
  for (const block of map.blocks) {
    constant('logic [3:0]', `BLOCK_${block.name}`, `4'h${(block.offset >> 12).toString(16)}`);
  }
  for (const [layout, { registers }] of Object.entries(map.layouts)) {
    section(`Registers of the ${layout} layout: offset in the block, reset value, field positions`);
    for (const each of registers) {
      const id = `${upper(layout)}_${each.name}`;
      constant('logic [11:0]', id, `12'h${hexOf(each.offset, 3)}`);
      if (each.reset) constant('logic [31:0]', `${id}_RESET_VALUE`, `32'h${hexOf(each.reset, 8)}`);
      for (const { name, bits } of each.fields) {
        constant('int unsigned', `${id}_${name}_LSB`, `${bits[1]}`);
      }
    }
  }
  section('Structures in host memory, in bytes');
  for (const each of map.structures)
    constant('int unsigned', `${each.name}_BYTES`, `${each.bytes}`);
  for (const [key, { text, values }] of Object.entries(map.enums)) {
    section(text);
    const width = values.some(({ value }) => value > 0xff) ? 16 : 8;
    for (const each of values) {
      constant(`logic [${width - 1}:0]`, `${upper(key)}_${each.name}`, `${width}'d${each.value}`);
    }
  }
  lines.push('', 'endpackage', '/* verilator lint_on UNUSEDPARAM */', '', '`default_nettype wire');
  return `${lines.join('\n')}\n`;
}

/** @param {string} bytes hex digits of four bytes, the first one lowest in the register */
function littleEndian(bytes) {
  return Buffer.from(bytes, 'hex').reverse().toString('hex');
}
