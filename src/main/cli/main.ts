/** The program `beside`, as a process. */
import { runAsNode } from '../packed.ts'
import { createContext } from './context.ts'
import { runCommand } from './run-command.ts'

// It has done its work.
delete process.env[runAsNode]

const context = createContext()
const status = await runCommand(process.argv.slice(2), context)
await context.screen.write('').catch(() => {})
// What a broken library may have left open must not keep a script waiting.
process.exit(status)
