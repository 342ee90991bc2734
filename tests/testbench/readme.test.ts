// SPDX-License-Identifier: Apache-2.0
/** The examples of src/testbench/README.md, run as they stand there. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const IMPORTS = `import { expect, test } from 'vitest';
import { delay, elapsed, first, join, simulate, sweep, type Task, timeout, waitFor } from '${resolve('src/testbench/index.ts')}';
`;

test('the examples of the README are true', async () => {
  const text = readFileSync('src/testbench/README.md', 'utf8');
  const examples = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) =>
    code.replace(/^import .*\n/gm, ''),
  );
  expect(examples.length).toBeGreaterThanOrEqual(8);
  // In build/, where a run of all tests does not look.
  const folder = 'build/readme-examples';
  mkdirSync(folder, { recursive: true });
  const file = `${folder}/examples.test.ts`;
  const config = {
    root: resolve('.'),
    test: {
      include: [file],
      setupFiles: [resolve('src/testbench/vitest.ts')],
      testTimeout: 300_000,
    },
  };
  writeFileSync(`${folder}/vitest.config.js`, `export default ${JSON.stringify(config)};`);
  writeFileSync(file, IMPORTS + examples.join('\n'));
  try {
    const { all, exitCode } = await execa(
      process.execPath,
      ['node_modules/vitest/vitest.mjs', 'run', `--config=${folder}/vitest.config.js`],
      {
        reject: false,
        all: true,
        env: { NO_COLOR: '1', VITEST: undefined, TESTBENCH_RERUN: '0' },
      },
    );
    expect(all).toMatch(new RegExp(`Tests +${examples.length + 1} passed`));
    expect(exitCode).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
