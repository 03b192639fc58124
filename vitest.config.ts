import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { counts } from './tools/counts.ts'
import { mustRun } from './tools/must-run.ts'

/** For what keeps a processor busy by itself: a browser, the packager, LibreOffice, an encoder. On a busy machine that is minutes. */
const patient = { testTimeout: 300_000, hookTimeout: 300_000 }

const shared = {
  // The tests run real programs on machines that may be busy: these limits end what hangs, and no test is about time.
  testTimeout: 60_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 20_000 } },
  // Tests start many processes of our own; what one has compiled, the next need not compile again.
  env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/test', import.meta.url)) },
}

export default defineConfig({
  test: {
    reporters: ['default', counts, mustRun],
    // A test mostly waits for programs, disks and clocks, so there is room for twice as many as there are processors.
    maxWorkers: Math.max(2, availableParallelism() * 2),
    projects: [
      { test: { ...shared, name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/{e2e,long,cases,bench}/**'] } },
      {
        test: {
          ...shared,
          name: 'long',
          include: ['test/long/**/*.test.ts'],
          exclude: ['test/long/{fates,nothing-lost}.test.ts'],
          ...patient,
        },
      },
      // What files hold and what becomes of it: hundreds of conversions, each read by another program.
      {
        test: {
          ...shared,
          name: 'cases',
          include: ['test/cases/**/*.test.ts', 'test/long/{fates,nothing-lost}.test.ts'],
          ...patient,
        },
      },
      { test: { ...shared, name: 'e2e', include: ['test/e2e/**/*.test.ts'], ...patient } },
      // The command line once more, as the one that comes with the app: all files of tests that start it.
      {
        test: {
          ...shared,
          name: 'packed',
          include: ['test/cli/**/*.test.ts'],
          exclude: ['test/cli/{tally,text}.test.ts'],
          globalSetup: 'test/support/packed-command.ts',
        },
      },
    ],
  },
})
