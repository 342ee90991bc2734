// Writes everything that is generated from protocol.json.
//
//   node hdl/broadcast/protocol/generate.js           write
//   node hdl/broadcast/protocol/generate.js --check   compare; exit 1 and name the files that differ
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadDescription } from './description.js';
import { fillTables } from './markdown.js';
import { toTypeScript } from './typescript.js';
import { toVerilog } from './verilog.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const check = process.argv.includes('--check');

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return undefined;
  }
}

const description = loadDescription();
const document = read('docs/protocol.md') ?? '';
const files = new Map([
  ['hdl/broadcast/protocol/bcast_protocol_pkg.sv', toVerilog(description)],
  ['src/node/generated/protocol.ts', toTypeScript(description)],
  ['docs/protocol.md', fillTables(description, document)],
]);

for (const [path, text] of files) {
  if (read(path) === text) continue;
  if (check) {
    console.error(
      `${path} is not what protocol.json says; run node hdl/broadcast/protocol/generate.js`,
    );
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    console.log(`wrote ${path}`);
  }
}
