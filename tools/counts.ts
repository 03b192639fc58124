/** The last line of a test run, for people and for machines that read logs: `120 passed, 0 failed`. */
import type { Reporter, TestModule } from 'vitest/node'

export const counts: Reporter = {
  onTestRunEnd(modules) {
    const passed = modules.reduce((sum, module) => sum + tests(module, 'passed'), 0)
    const failed = modules.reduce((sum, module) => sum + failures(module), 0)
    process.stdout.write(`${passed} passed, ${failed} failed\n`)
  },
}

function tests(module: TestModule, state: 'passed' | 'failed'): number {
  return [...module.children.allTests(state)].length
}

/** A file that cannot even be loaded has no failed test in it, and still is a failure. */
function failures(module: TestModule): number {
  const failed = tests(module, 'failed')
  return failed === 0 && module.state() === 'failed' ? 1 : failed
}
