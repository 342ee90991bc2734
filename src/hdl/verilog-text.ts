// SPDX-License-Identifier: Apache-2.0
// What can be read off a Verilog file without elaborating it: declarations, names, includes.

/** `.v`, `.sv`: a file with modules or packages. */
export const SOURCE_FILE = /\.s?v$/;
/** Includes count, too. */
export const VERILOG_FILE = /\.s?vh?$/;

/** One file, looked at. */
export interface VerilogText {
  readonly modules: readonly string[];
  /** Packages and interfaces: what must be read before those who use it. */
  readonly packages: readonly string[];
  /** Every identifier outside of comments, strings and what is for proofs only. */
  readonly words: ReadonlySet<string>;
  /** Names of `include directives, as written. */
  readonly includes: readonly string[];
}

/** Reads a file's text. */
export function readVerilog(text: string): VerilogText {
  const active = withoutFormal(withoutComments(text));
  const includes = [...active.matchAll(/`include\s*"([^"\n]+)"/g)].map(([, name]) => name!);
  const code = active.replace(/"(?:[^"\\\n]|\\.)*"/g, '""');
  const declared = (keywords: string) => {
    const pattern = new RegExp(
      `(?<![\\w$])(?:${keywords})\\s+(?:automatic\\s+|static\\s+)?([a-zA-Z_]\\w*)\\s*[#(;:]`,
      'g',
    );
    return [...code.matchAll(pattern)].map(([, name]) => name!);
  };
  return {
    modules: declared('module|macromodule'),
    packages: declared('package|interface'),
    words: new Set(code.match(/[a-zA-Z_]\w*/g)),
    includes,
  };
}

/** The text with comments blanked; lines and columns stay. */
export function withoutComments(text: string): string {
  // Strings are matched, too, so that a // inside of one is none.
  return text.replace(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (part) =>
    part.startsWith('"') ? part : part.replace(/[^\n]/g, ' '),
  );
}

/** The text without what stands under `ifdef FORMAL, with whatever is nested in there. */
function withoutFormal(text: string): string {
  let depth = 0; // of conditions inside of the region; 0 outside of one
  return text
    .split('\n')
    .map((line) => {
      if (depth === 0) {
        if (!/`ifdef\s+FORMAL\b/.test(line)) return line;
        depth = /`endif/.test(line) ? 0 : 1;
        return '';
      }
      if (/`ifn?def\b/.test(line)) depth++;
      if (/`endif\b/.test(line)) depth--;
      // What stands for FORMAL's absence is there.
      else if (depth === 1 && /`else\b/.test(line)) depth = 0;
      return '';
    })
    .join('\n')
    .replace(/^\s*`endif\b.*$/gm, '');
}
