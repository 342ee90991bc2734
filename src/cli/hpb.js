#!/usr/bin/env node
// Starts the command line of src/cli/main.ts, compiled; in a checkout it is compiled first if stale.
import { compile } from '../scripts/compile.js';

try {
  compile();
  const { main } = await import('../../build/js/src/cli/main.js');
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error.code === 'ERR_MODULE_NOT_FOUND') {
    process.stderr.write(`hpb: ${error.message}\nIn a checkout, run \`make setup\` first.\n`);
  } else {
    process.stderr.write(`hpb: ${error.stack ?? error}\n`);
  }
  process.exitCode = 70;
}
