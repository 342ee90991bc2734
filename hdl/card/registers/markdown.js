// The register map as a document.
import { hexOf, wrap } from './text.js';

/** @param {import('./map.js').RegisterMap} map @param {string} hash */
export function toMarkdown(map, hash) {
  const lines = [
    `# ${map.title}`,
    '',
    'Generated from `hdl/card/registers.json`; do not edit. `make check` compares.',
    '',
    `Version ${map.version.major}.${map.version.minor}, register-map hash \`${hash}\` (the first eight bytes, lowest first).`,
    '',
    ...map.intro.flatMap((text) => [...wrap(text, 100), '']),
    '## Blocks',
    '',
    '| offset | block | layout | |',
    '|---|---|---|---|',
    ...map.blocks.map(
      (each) => `| 0x${hexOf(each.offset, 4)} | ${each.name} | ${each.layout} | ${each.text} |`,
    ),
  ];
  const values = (/** @type {{ values?: string | undefined }} */ field) =>
    field.values ? ` See [${field.values}](#${field.values.toLowerCase()}).` : '';

  for (const [layout, { includes, registers }] of Object.entries(map.layouts)) {
    lines.push('', `## Layout \`${layout}\``, '');
    if (includes) lines.push(`All of layout \`${includes}\`, and:`, '');
    lines.push('| offset | register | access | reset | |', '|---|---|---|---|---|');
    for (const each of registers) {
      const reset = each.reset === undefined ? '' : `0x${hexOf(each.reset, 8)}`;
      lines.push(
        `| 0x${hexOf(each.offset, 3)} | ${each.name} | ${each.access} | ${reset} | ${each.text} |`,
      );
      for (const field of each.fields) {
        const [high, low] = field.bits;
        const bits = high === low ? `[${high}]` : `[${high}:${low}]`;
        lines.push(`| | ${bits} ${field.name} | | | ${field.text}${values(field)} |`);
      }
    }
  }
  lines.push('', 'Access: ro read only, rw read and write, wo write only, w1c write 1 to clear.');
  lines.push('', '# Structures in host memory');
  for (const each of map.structures) {
    lines.push('', `## ${each.name} (${each.bytes} bytes)`, '', ...wrap(each.text, 100), '');
    lines.push('| offset | bytes | field | |', '|---|---|---|---|');
    for (const field of each.fields) {
      lines.push(
        `| ${field.offset} | ${field.bytes} | ${field.name} | ${field.text}${values(field)} |`,
      );
    }
  }
  lines.push('', '# Codes');
  for (const [key, { text, values: list }] of Object.entries(map.enums)) {
    lines.push('', `## ${key}`, '', text, '', '| value | name | |', '|---|---|---|');
    lines.push(...list.map((each) => `| ${each.value} | ${each.name} | ${each.text} |`));
  }
  return `${lines.join('\n')}\n`;
}
