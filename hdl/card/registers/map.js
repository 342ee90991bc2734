// Loads ../registers.json, checks it, and computes its hash.
//
// The hash covers everything that software or hardware could depend on: names, offsets, bits, access,
// reset values, layouts and codes. Wording is left out, so that a better sentence breaks no driver.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const source = new URL('../registers.json', import.meta.url);

const name = z.string().regex(/^[A-Z][A-Z0-9_]*$/);
const hex = z
  .string()
  .regex(/^0x[0-9a-f]+$/)
  .transform((text) => Number.parseInt(text, 16));
const text = z.string().min(1);
const unsigned = z.number().int().nonnegative();

const register = z.strictObject({
  name,
  offset: hex,
  access: z.enum(['ro', 'rw', 'wo', 'w1c']),
  reset: hex.optional(),
  text,
  fields: z
    .array(
      z.strictObject({
        name,
        bits: z.tuple([unsigned, unsigned]),
        values: z.string().optional(),
        text,
      }),
    )
    .default([]),
});

// A layout that includes another has its registers, too, and may add fields to them
const layout = z.strictObject({
  includes: z.string().optional(),
  registers: z.array(register),
});

const structure = z.strictObject({
  name,
  bytes: unsigned,
  text,
  fields: z.array(
    z.strictObject({
      name,
      offset: unsigned,
      bytes: unsigned,
      values: z.string().optional(),
      text,
    }),
  ),
});

const schema = z.strictObject({
  title: text,
  version: z.strictObject({ major: unsigned, minor: unsigned }),
  intro: z.array(text),
  blocks: z.array(z.strictObject({ name, offset: hex, layout: z.string(), text })),
  layouts: z.record(z.string(), layout),
  structures: z.array(structure),
  enums: z.record(
    z.string(),
    z.strictObject({ text, values: z.array(z.strictObject({ name, value: unsigned, text })) }),
  ),
});

/** @typedef {z.infer<typeof schema>} RegisterMap */

/**
 * Reads the description and refuses one that contradicts itself.
 *
 * @returns {{ map: RegisterMap, hash: string }} the map, and its hash as 16 hex digits.
 */
export function loadMap() {
  const map = schema.parse(JSON.parse(readFileSync(source, 'utf8')));
  checkVersion(map);
  for (const block of map.blocks) {
    assert(block.layout in map.layouts, `block ${block.name}: no layout ${block.layout}`);
    assert(block.offset % 0x1000 === 0, `block ${block.name} is not 4 KiB aligned`);
  }
  for (const layout of Object.keys(map.layouts)) checkRegisters(map, layout);
  for (const each of map.structures) checkStructure(map, each);
  for (const [key, { values }] of Object.entries(map.enums)) {
    unique(`enum ${key}`, values, (each) => each.value);
    unique(`enum ${key}`, values, (each) => each.name);
  }
  return { map, hash: hashOf(map) };
}

/** @param {RegisterMap} map */
function checkVersion(map) {
  const register = map.layouts.card?.registers.find((each) => each.name === 'VERSION');
  const expected = (map.version.major << 16) | map.version.minor;
  assert(register?.reset === expected, 'VERSION does not hold the version');
}

/** @param {RegisterMap} map @param {string} layout */
function checkRegisters(map, layout) {
  const { includes, registers } = /** @type {RegisterMap['layouts'][string]} */ (
    map.layouts[layout]
  );
  assert(includes === undefined || includes in map.layouts, `${layout}: no layout ${includes}`);
  const included = (includes && map.layouts[includes]?.registers) || [];
  unique(layout, registers, (each) => each.offset);
  unique(layout, registers, (each) => each.name);
  for (const each of registers) {
    const where = `${layout}.${each.name}`;
    assert(each.offset % 4 === 0 && each.offset < 0x1000, `${where}: offset`);
    const same = included.filter(
      ({ name, offset }) => name === each.name || offset === each.offset,
    );
    assert(
      same.every(({ name, offset }) => name === each.name && offset === each.offset),
      `${where} is not the register of ${includes}`,
    );
    checkFields(map, where, [...same.flatMap(({ fields }) => fields), ...each.fields]);
  }
}

/** @param {RegisterMap} map @param {string} where @param {RegisterMap['layouts'][string]['registers'][number]['fields']} fields */
function checkFields(map, where, fields) {
  let used = 0n;
  for (const field of fields) {
    const [high, low] = field.bits;
    assert(high >= low && high < 32, `${where}.${field.name}: bits`);
    const mask = ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low);
    assert((used & mask) === 0n, `${where}.${field.name} overlaps another field`);
    used |= mask;
    assert(!field.values || field.values in map.enums, `${where}.${field.name}: no such values`);
  }
}

/** @param {RegisterMap} map @param {RegisterMap['structures'][number]} each */
function checkStructure(map, each) {
  let end = 0;
  for (const field of each.fields) {
    const where = `${each.name}.${field.name}`;
    assert(field.offset === end, `${where} starts at ${field.offset}, expected ${end}`);
    assert(!field.values || field.values in map.enums, `${where}: no such values`);
    end += field.bytes;
  }
  assert(end === each.bytes, `${each.name} has ${end} bytes, expected ${each.bytes}`);
}

/** @param {RegisterMap} map */
function hashOf(map) {
  const semantic = JSON.stringify(map, (key, value) =>
    key === 'text' || key === 'title' || key === 'intro' ? undefined : value,
  );
  return createHash('sha256').update(semantic).digest('hex').slice(0, 16);
}

/** @template T @param {string} where @param {T[]} items @param {(item: T) => unknown} key */
function unique(where, items, key) {
  assert(new Set(items.map(key)).size === items.length, `${where}: two entries share a value`);
}

/** @param {unknown} condition @param {string} message */
function assert(condition, message) {
  if (!condition) throw new Error(`registers.json: ${message}`);
}
