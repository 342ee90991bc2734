// The register map as a C header.
import { hexOf, upper, wrap } from './text.js';

const CTYPES = new Map([
  [1, 'uint8_t'],
  [2, 'uint16_t'],
  [4, 'uint32_t'],
  [8, 'uint64_t'],
]);

/** @param {import('./map.js').RegisterMap} map @param {string} hash */
export function toC(map, hash) {
  const lines = [
    '/* SPDX-License-Identifier: Apache-2.0 */',
    '/* Register offsets, ring layouts and codes of the card.',
    ' * Generated from hdl/card/registers.json by hdl/card/registers/generate.js; do not edit. */',
    '#ifndef HPB_CARD_REGISTERS_H',
    '#define HPB_CARD_REGISTERS_H',
    '',
    '#include <stdint.h>',
  ];
  const section = (/** @type {string} */ text) =>
    lines.push('', `/* ${wrap(text, 92).join('\n * ')} */`);
  const define = (/** @type {string} */ id, /** @type {string} */ value) =>
    lines.push(`#define HPB_${id} ${value}`);

  section('Register-map hash as MAP_HASH_HI:MAP_HASH_LO');
  define('MAP_HASH', `0x${Buffer.from(hash, 'hex').reverse().toString('hex')}ull`);
  section('Blocks');
  for (const each of map.blocks) define(`BLOCK_${each.name}`, `0x${hexOf(each.offset, 4)}u`);
  for (const [layout, { registers }] of Object.entries(map.layouts)) {
    section(`Registers of the ${layout} layout: offset in the block; masks of their fields`);
    for (const each of registers) {
      define(`${upper(layout)}_${each.name}`, `0x${hexOf(each.offset, 3)}u`);
      for (const { name, bits } of each.fields) {
        const id = `${upper(layout)}_${each.name}_${name}`;
        const mask = 2 ** (bits[0] + 1) - 2 ** bits[1];
        define(`${id}_SHIFT`, `${bits[1]}`);
        define(`${id}_MASK`, `0x${hexOf(mask, 8)}u`);
      }
    }
  }
  for (const each of map.structures) {
    section(each.text);
    define(`${each.name}_BYTES`, `${each.bytes}u`);
    lines.push(`struct hpb_${each.name.toLowerCase()} {`);
    for (const field of each.fields) {
      const type = field.offset % field.bytes === 0 ? CTYPES.get(field.bytes) : undefined;
      const id = field.name.toLowerCase();
      lines.push(type ? `  ${type} ${id};` : `  uint8_t ${id}[${field.bytes}];`);
    }
    lines.push('};');
  }
  for (const [key, { text, values }] of Object.entries(map.enums)) {
    section(text);
    for (const each of values) define(`${upper(key)}_${each.name}`, `${each.value}u`);
  }
  lines.push('', '#endif');
  return `${lines.join('\n')}\n`;
}
