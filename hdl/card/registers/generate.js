// Writes everything that is generated from registers.json.
//
//   node hdl/card/registers/generate.js           write
//   node hdl/card/registers/generate.js --check   compare; exit 1 and name the files that differ
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toC } from './c.js';
import { loadMap } from './map.js';
import { toMarkdown } from './markdown.js';
import { toTypeScript } from './typescript.js';
import { toVerilog } from './verilog.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const check = process.argv.includes('--check');

const { map, hash } = loadMap();
const files = new Map([
  ['hdl/card/card_pkg.sv', toVerilog(map, hash)],
  ['native/generated/hpb_card_registers.h', toC(map, hash)],
  ['src/driver/generated/registers.ts', toTypeScript(map, hash)],
  ['docs/registers.md', toMarkdown(map, hash)],
]);

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

for (const [path, text] of files) {
  const target = join(root, path);
  if (read(target) === text) continue;
  if (check) {
    console.error(
      `${path} is not what registers.json says; run node hdl/card/registers/generate.js`,
    );
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    console.log(`wrote ${path}`);
  }
}
