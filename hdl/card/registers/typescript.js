// The register map as TypeScript constants.
import { hexOf, pascal, wrap } from './text.js';

/** @param {import('./map.js').RegisterMap} map @param {string} hash */
export function toTypeScript(map, hash) {
  const lines = [
    '// Register offsets, ring layouts and codes of the card.',
    '// Generated from hdl/card/registers.json by hdl/card/registers/generate.js; do not edit.',
  ];
  const comment = (/** @type {string} */ text, indent = '') => {
    const parts = wrap(text, 92 - indent.length);
    if (parts.length === 1) lines.push(`${indent}/** ${parts[0]} */`);
    else lines.push(`${indent}/**`, ...parts.map((part) => `${indent} * ${part}`), `${indent} */`);
  };
  /** @param {string} id @param {string} text @param {{ name: string, value: string, text: string }[]} members */
  const object = (id, text, members) => {
    lines.push('');
    comment(text);
    lines.push(`export const ${id} = {`);
    for (const each of members) {
      comment(each.text, '  ');
      lines.push(`  ${each.name}: ${each.value},`);
    }
    lines.push('} as const;');
  };

  lines.push('');
  comment('Register-map hash as the card shows it: MAP_HASH_HI above MAP_HASH_LO.');
  lines.push(`export const MAP_HASH = 0x${Buffer.from(hash, 'hex').reverse().toString('hex')}n;`);
  object(
    'Block',
    'Offset of each register block in the card window.',
    map.blocks.map((each) => ({ ...each, value: `0x${hexOf(each.offset, 4)}` })),
  );
  for (const [layout, { includes, registers }] of Object.entries(map.layouts)) {
    const besides = includes ? `, besides those of the ${includes} layout` : '';
    object(
      `${pascal(layout)}Register`,
      `Offset of each register in a block of the ${layout} layout${besides}.`,
      registers.map((each) => ({ ...each, value: `0x${hexOf(each.offset, 3)}` })),
    );
    const fields = registers.flatMap((each) =>
      each.fields.map((field) => ({
        name: `${each.name}_${field.name}`,
        value: `{ shift: ${field.bits[1]}, bits: ${field.bits[0] - field.bits[1] + 1} }`,
        text: field.text,
      })),
    );
    object(`${pascal(layout)}Field`, `Register fields of the ${layout} layout${besides}.`, fields);
  }
  for (const each of map.structures) {
    object(`${pascal(each.name)}Layout`, `${each.text} Byte offsets.`, [
      { name: 'BYTES', value: `${each.bytes}`, text: 'Length in bytes.' },
      ...each.fields.map((field) => ({ ...field, value: `${field.offset}` })),
    ]);
  }
  for (const [key, { text, values }] of Object.entries(map.enums)) {
    const id = `${pascal(key)}Code`;
    object(
      id,
      text,
      values.map((each) => ({ ...each, value: `${each.value}` })),
    );
    lines.push('', `/** Value of {@link ${id}}. */`);
    lines.push(`export type ${id} = (typeof ${id})[keyof typeof ${id}];`);
  }
  return `${lines.join('\n')}\n`;
}
