// Vitest reporter: the run's last line is `N passed, N failed`.
//
// A test file that does not load, and an error outside of any test, count as failed. So does a run
// without a test: a filter that matches nothing proves nothing.

/** @implements {import('vitest/reporters').Reporter} */
export default class CountReporter {
  /**
   * @param {ReadonlyArray<import('vitest/node').TestModule>} modules
   * @param {ReadonlyArray<unknown>} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    let passed = 0;
    let failed = unhandledErrors.length;
    for (const module of modules) {
      if (module.errors().length > 0) failed++;
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) failed++;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed++;
        else if (state === 'failed') failed++;
      }
    }
    // After the summaries of all other reporters.
    process.once('exit', () => {
      if (failed > 0 || passed === 0) process.exitCode ||= 1;
      process.stdout.write(`${passed} passed, ${failed} failed\n`);
    });
  }
}
