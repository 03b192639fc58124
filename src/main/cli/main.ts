/** The program `beside`: reads the command line, runs one command, ends with its status. */
import { enableCompileCache } from 'node:module'

// Before anything else is loaded: what was compiled at an earlier start need not be compiled again.
enableCompileCache()
const { run } = await import('./run.ts')
await run(process.argv.slice(2))
