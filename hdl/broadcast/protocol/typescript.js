// The description as TypeScript constants.
import { pascal, wrap } from '../../card/registers/text.js';

/** @param {import('./description.js').Description} description */
export function toTypeScript({ limits, enums, structures }) {
  const lines = [
    '// SPDX-License-Identifier: Apache-2.0',
    '// Offsets, limits and codes of everything that travels between nodes.',
    '// Generated from hdl/broadcast/protocol/protocol.json by generate.js beside it; do not edit.',
  ];
  const comment = (/** @type {string} */ text, indent = '') => {
    const parts = wrap(text, 92 - indent.length);
    if (parts.length === 1) lines.push(`${indent}/** ${parts[0]} */`);
    else lines.push(`${indent}/**`, ...parts.map((part) => `${indent} * ${part}`), `${indent} */`);
  };
  /** @param {string} id @param {string} text @param {{ name: string, value: number, text: string }[]} members */
  const object = (id, text, members) => {
    lines.push('');
    comment(text);
    lines.push(`export const ${id} = {`);
    for (const each of members) {
      comment(each.text, '  ');
      lines.push(`  ${each.name}: ${literal(each)},`);
    }
    lines.push('} as const;');
  };

  object('Limit', 'Limits, lengths and magic numbers.', limits);
  for (const [key, { text, values }] of Object.entries(enums)) {
    const id = `${pascal(key)}Code`;
    object(id, text, values);
    lines.push('', `/** Value of {@link ${id}}. */`);
    lines.push(`export type ${id} = (typeof ${id})[keyof typeof ${id}];`);
  }
  for (const [key, { values }] of Object.entries(enums)) {
    const sized = values.filter(({ bytes }) => bytes);
    if (sized.length === 0) continue;
    lines.push('', `/** Fewest and most payload bytes of each {@link ${pascal(key)}Code}. */`);
    lines.push(`export const ${pascal(key)}Bytes = {`);
    lines.push(...sized.map(({ name, bytes }) => `  ${name}: [${bytes?.join(', ')}],`));
    lines.push('} as const;');
  }
  for (const each of structures) {
    const fields = each.fields.flatMap(({ name, offset, text }) =>
      name === undefined ? [] : [{ name, value: offset, text: text ?? '' }],
    );
    object(`${pascal(each.name)}Layout`, `${each.text} Byte offsets.`, [
      { name: 'BYTES', value: each.bytes, text: each.more ? 'Bytes of the fixed part.' : 'Bytes.' },
      ...fields,
    ]);
  }
  return `${lines.join('\n')}\n`;
}

/** @param {{ name: string, value: number }} constant */
function literal({ name, value }) {
  return name.startsWith('MAGIC_') ? `0x${value.toString(16)}` : `${value}`;
}
