import { defineConfig } from 'vitest/config'
import { counts } from './tools/counts.ts'

// The tests run real programs on machines that may be busy: these limits end what hangs, and no test is about time.
const patience = { testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 20_000 } } }

export default defineConfig({
  test: {
    reporters: ['default', counts],
    projects: [
      { test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/e2e/**', 'test/bench/**'], ...patience } },
      { test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], ...patience } },
    ],
  },
})
