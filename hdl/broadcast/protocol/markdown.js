// Fills the tables of docs/protocol.md; the sentences between them are written by hand.

const BEGIN = /^<!-- (table|codes|limits)(?: (\w+))? -->$/;
const END = '<!-- end -->';

/**
 * @param {import('./description.js').Description} description
 * @param {string} document the document as it is; between a line `<!-- table NAME -->` and
 *   `<!-- end -->` stands what is generated.
 */
export function fillTables(description, document) {
  /** @type {string[]} */
  const lines = [];
  const filled = new Set();
  let inside = false;
  for (const line of document.split('\n')) {
    const [, kind, name = ''] = BEGIN.exec(line) ?? [];
    if (inside && line !== END) continue;
    inside = kind !== undefined;
    lines.push(line);
    if (kind === undefined) continue;
    lines.push(...linesOf(description, kind, name));
    filled.add(name);
  }
  const names = [
    ...description.structures.map((each) => each.name),
    ...Object.keys(description.enums),
  ];
  const missing = names.filter((name) => !filled.has(name));
  if (inside || missing.length > 0) {
    throw new Error(`docs/protocol.md has no table for ${missing.join(', ') || 'its end'}`);
  }
  return lines.join('\n');
}

/** @param {import('./description.js').Description} description @param {string} kind @param {string} name */
function linesOf(description, kind, name) {
  if (kind === 'limits') return limitTable(description);
  if (kind === 'codes') return codeTable(description, name);
  const structure = description.structures.find((each) => each.name === name);
  if (!structure) throw new Error(`docs/protocol.md names ${name}, which protocol.json has not`);
  const size = structure.more
    ? `${structure.bytes} bytes and what follows`
    : `${structure.bytes} bytes`;
  return [
    `**${structure.name}**, ${size}. ${structure.text}`,
    '',
    '| offset | bytes | type | field | |',
    '|---|---|---|---|---|',
    ...structure.fields.map(({ offset, bytes, type, name: field, text, values }) => {
      const see = values ? ` See [${values}](#codes-${values}).` : '';
      return `| ${offset} | ${bytes} | ${type} | ${field ?? ''} | ${text ?? ''}${see} |`;
    }),
  ];
}

/** @param {import('./description.js').Description} description */
function limitTable({ limits }) {
  const value = (/** @type {{ name: string, value: number }} */ each) =>
    each.name.startsWith('MAGIC_') ? `0x${each.value.toString(16)}` : `${each.value}`;
  return [
    '| name | value | |',
    '|---|---|---|',
    ...limits.map((each) => `| ${each.name} | ${value(each)} | ${each.text} |`),
  ];
}

/** @param {import('./description.js').Description} description @param {string} name */
function codeTable({ enums }, name) {
  const list = enums[name];
  if (!list) throw new Error(`docs/protocol.md names ${name}, which protocol.json has not`);
  const sized = list.values.some(({ bytes }) => bytes);
  return [
    `<a id="codes-${name}"></a>${list.text}`,
    '',
    sized ? '| value | name | payload bytes | |' : '| value | name | |',
    sized ? '|---|---|---|---|' : '|---|---|---|',
    ...list.values.map(({ value, name, bytes: [low, high] = [], text }) => {
      const range = low === high ? `${low}` : `${low} to ${high}`;
      return `| ${value} | ${name} | ${sized ? `${range} | ` : ''}${text} |`;
    }),
  ];
}
