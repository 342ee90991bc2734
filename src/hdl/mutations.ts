// SPDX-License-Identifier: Apache-2.0
// Small changes to Verilog text, each of which a good test must notice.

export interface Mutation {
  /** Where in the text. */
  readonly index: number;
  readonly length: number;
  readonly replacement: string;
  /** From 1. */
  readonly line: number;
  /** `&& -> ||`. */
  readonly what: string;
}

/** What may be put in the place of what. */
const RULES: ReadonlyArray<readonly [RegExp, (text: string) => string]> = [
  [/(?<=[\w)\]}] )\+(?= [\w({'])/g, () => '-'],
  [/(?<=[\w)\]}] )-(?= [\w({'])/g, () => '+'],
  [/(?<=[\w)\]}] )&(?= )/g, () => '|'],
  [/(?<=[\w)\]}] )\|(?= )/g, () => '&'],
  [/(?<=[\w)\]}] )\^(?= )/g, () => '|'],
  [/&&/g, () => '||'],
  [/\|\|/g, () => '&&'],
  [/==(?!=)/g, () => '!='],
  [/!=(?!=)/g, () => '=='],
  [/(?<=[\w)\]] )<(?= )/g, () => '>='],
  [/(?<=[\w)\]] )>(?= )/g, () => '<='],
  [/(?<=[\w)\]] )>>(?= )/g, () => '<<'],
  [/(?<=[\w)\]] )<<(?= )/g, () => '>>'],
  [/!(?=[a-z(])/g, () => ''],
  [/~(?=[a-z({])/g, () => ''],
  // Sized constants: the lowest bit turned.
  [/\b\d+'[dh][0-9a-f_]+\b/gi, turnConstant],
  // Widths and positions: one off.
  [/(?<=[\w\])] [+*-] )\d+\b(?!')/g, (text) => String(Number(text) + 1)],
];

function turnConstant(text: string): string {
  const [, size, base, digits] = /^(\d+)'([dh])([0-9a-f_]+)$/i.exec(text) ?? [];
  const value = BigInt(
    base?.toLowerCase() === 'h' ? `0x${digits?.replaceAll('_', '')}` : (digits ?? 0),
  );
  return `${size}'h${(value ^ 1n).toString(16)}`;
}

/**
 * All mutations of a module's text. Comments, formal properties, elaboration checks, port and parameter
 * declarations stay as they are: what they say is not what the module does.
 *
 * @returns in the order of the text.
 */
export function findMutations(text: string): Mutation[] {
  const blank = (part: string) => part.replace(/[^\n]/g, ' ');
  // Same length, so that positions stay.
  const body = text
    .replace(/\/\*[\s\S]*?\*\//g, blank)
    .replace(/\/\/.*/g, blank)
    .replace(/`ifdef FORMAL[\s\S]*?`endif/g, blank)
    .replace(/\bmodule\b[\s\S]*?\)\s*;/, blank)
    .replace(/\b(?:localparam|parameter|logic|typedef|genvar|import)\b[^;=]*/g, blank)
    .replace(/\bif \([^;]*\)\s*\$(?:error|fatal)[^;]*;/g, blank)
    .replace(/"[^"\n]*"/g, blank);
  return RULES.flatMap(([pattern, replace]) =>
    [...body.matchAll(pattern)].map((match) => {
      const replacement = replace(match[0]);
      const line = text.slice(0, match.index).split('\n').length;
      const what = `${match[0]} -> ${replacement || 'nothing'}`;
      return { index: match.index, length: match[0].length, replacement, line, what };
    }),
  ).sort((a, b) => a.index - b.index);
}

/** The text with one change. */
export function applyMutation(
  text: string,
  { index, length, replacement }: Pick<Mutation, 'index' | 'length' | 'replacement'>,
): string {
  return text.slice(0, index) + replacement + text.slice(index + length);
}
