import { defineConfig } from 'vitest/config';

// Tests run the TypeScript sources directly. Worker threads and child processes, which Vitest does
// not transform, find the same code compiled in build/js: globalSetup brings it up to date first.
export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts', 'src/**/*.test.ts', 'docs/**/*.test.ts'],
    globalSetup: ['src/scripts/vitest-setup.js'],
    setupFiles: ['src/testbench/vitest.ts'],
    // Native models live in the process of their test file; a crash of one must not end the others.
    pool: 'forks',
    maxWorkers: 2,
    // The first run of a test builds its model; the engine takes a minute or two to compile.
    testTimeout: 300_000,
    hookTimeout: 600_000,
    teardownTimeout: 10_000,
    // A loaded machine takes its time; what never comes fails all the same.
    expect: { poll: { timeout: 60_000 } },
    passWithNoTests: false,
  },
});
