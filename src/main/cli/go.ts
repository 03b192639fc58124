import type { Around } from './around.ts'
import type { ExitStatus } from './exit.ts'

/** Runs a command within its surroundings and keeps how it ended. */
export type Go = (command: (around: Around) => Promise<ExitStatus> | ExitStatus) => Promise<void>
