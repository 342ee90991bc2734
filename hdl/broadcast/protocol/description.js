// Loads protocol.json and refuses one that contradicts itself.
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const source = new URL('protocol.json', import.meta.url);

const name = z.string().regex(/^[A-Z][A-Z0-9_]*$/);
const text = z.string().min(1);
const unsigned = z.number().int().nonnegative();

/** Bytes of each type; those of the others are in the field. */
const SIZES = { u8: 1, u16: 2, u32: 4, u64: 8, big256: 32, id: 32, name: 32, key: 33 };
/** What an offset must be a multiple of; 8 for those not named. */
const ALIGNMENT = { u8: 1, u16: 2, u32: 4, zero: 1 };

const field = z
  .strictObject({
    name: name.optional(),
    offset: unsigned,
    type: z.enum([...Object.keys(SIZES), 'zero', 'record', 'text', 'bytes']),
    bytes: unsigned.optional(),
    values: z.string().optional(),
    text: text.optional(),
  })
  .transform((each) => ({
    ...each,
    bytes: each.bytes ?? SIZES[/** @type {keyof typeof SIZES} */ (each.type)],
  }));

const schema = z.strictObject({
  limits: z.array(z.strictObject({ name, value: unsigned, text })),
  enums: z.record(
    z.string(),
    z.strictObject({
      text,
      values: z.array(
        z.strictObject({
          name,
          value: unsigned,
          /** Fewest and most bytes of what it announces. */
          bytes: z.tuple([unsigned, unsigned]).optional(),
          text,
        }),
      ),
    }),
  ),
  structures: z.array(
    z.strictObject({
      name,
      bytes: unsigned,
      /** Something of variable length follows. */
      more: z.boolean().default(false),
      /** Stands after the head of an operation. */
      operation: z.boolean().default(false),
      text,
      fields: z.array(field),
    }),
  ),
});

/** @typedef {z.infer<typeof schema>} Description */

/** @returns {Description} */
export function loadDescription() {
  const description = schema.parse(JSON.parse(readFileSync(source, 'utf8')));
  unique('limits', description.limits, (each) => each.name);
  unique('structures', description.structures, (each) => each.name);
  for (const [key, { values }] of Object.entries(description.enums)) {
    unique(`enum ${key}`, values, (each) => each.value);
    unique(`enum ${key}`, values, (each) => each.name);
    for (const { name, value, bytes: [low, high] = [0, 0] } of values) {
      assert(value < 256, `${key}.${name} is above 255`);
      assert(low <= high, `${key}.${name}: fewest bytes are above the most`);
    }
  }
  for (const each of description.structures) checkStructure(description, each);
  return description;
}

/** @param {Description} description @param {Description['structures'][number]} each */
function checkStructure(description, each) {
  const head = description.structures.find(({ name }) => name === 'OPERATION');
  let end = each.operation ? (head?.bytes ?? 0) : 0;
  for (const field of each.fields) {
    const where = `${each.name}.${field.name ?? 'zero'}`;
    assert(field.offset === end, `${where} starts at ${field.offset}, expected ${end}`);
    assert(field.name !== 'BYTES', `${where}: the name is the structure's own length`);
    assert(field.bytes !== undefined, `${where} has no length`);
    assert((field.type === 'zero') === (field.name === undefined), `${where}: a name, or zero`);
    assert((field.type === 'zero') === (field.text === undefined), `${where}: a text, or zero`);
    assert(!field.values || field.values in description.enums, `${where}: no such values`);
    const align = ALIGNMENT[/** @type {keyof typeof ALIGNMENT} */ (field.type)] ?? 8;
    assert(field.offset % align === 0, `${where} is not aligned to ${align}`);
    end += field.bytes ?? 0;
  }
  assert(end === each.bytes, `${each.name} has ${end} bytes, expected ${each.bytes}`);
  assert(end % 8 === 0, `${each.name}: ${end} is not a multiple of 8`);
  const named = each.fields.filter((field) => field.name !== undefined);
  unique(each.name, named, (field) => field.name);
}

/** @template T @param {string} where @param {T[]} items @param {(item: T) => unknown} key */
function unique(where, items, key) {
  assert(new Set(items.map(key)).size === items.length, `${where}: two entries share a value`);
}

/** @param {unknown} condition @param {string} message */
function assert(condition, message) {
  if (!condition) throw new Error(`protocol.json: ${message}`);
}
