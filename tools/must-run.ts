/**
 * In CI a test that is skipped fails the run, unless `test/may-skip.json` names it with the reason: what cannot run there must not look
 * as if it had passed.
 */
import { readFileSync } from 'node:fs'
import type { Reporter } from 'vitest/node'

interface Allowed {
  /** The names of its groups and its own, with ` > ` between them. */
  readonly test: string
  readonly why: string
}

export const mustRun: Reporter = {
  onTestRunEnd(modules) {
    if (process.env['CI'] === undefined) return
    const path = new URL('../test/may-skip.json', import.meta.url)
    const allowed = new Set((JSON.parse(readFileSync(path, 'utf8')) as Allowed[]).map(({ test }) => test))
    const skipped = modules
      // A run of some tests by name skips all others.
      .flatMap((module) => [...module.children.allTests('skipped')])
      .filter((test) => test.result().state === 'skipped' && !allowed.has(test.fullName))
    if (skipped.length === 0) return
    for (const test of skipped) console.error(`skipped, and not named in test/may-skip.json: ${test.fullName}`)
    process.exitCode = 1
  },
}
