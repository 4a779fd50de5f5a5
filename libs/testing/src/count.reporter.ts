import type { Reporter, TestModule } from 'vitest/node';

/** Ends the run with the plain line `N passed, N failed`, whatever is printed before it. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = modules.map(countOf);
    const passed = counts.reduce((sum, each) => sum + each.passed, 0);
    // What failed before the tests, in the same command, must not be hidden by a clean last line.
    const before = Number(process.env['FAILED_BEFORE_TESTS'] ?? 0);
    const failed = counts.reduce((sum, each) => sum + each.failed, errors.length + before);
    // At exit, because the coverage table is printed after this hook.
    process.on('exit', () => process.stdout.write(`${passed} passed, ${failed} failed\n`));
  }
}

function countOf(module: TestModule): { passed: number; failed: number } {
  const states = [...module.children.allTests()].map((test) => test.result().state);
  const failed = states.filter((state) => state === 'failed').length;
  // A file that does not load and a hook that fails have no failed test of their own, but they are failures.
  const own = module.state() === 'failed' && failed === 0 ? 1 : 0;
  return { passed: states.filter((state) => state === 'passed').length, failed: failed + own };
}
