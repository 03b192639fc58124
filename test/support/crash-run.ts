/** Starts `crash-child.ts` and says how it ended. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { Job } from '../../src/shared/job.ts'
import type { CrashPlan } from './crash-child.ts'

const child = fileURLToPath(new URL('./crash-child.ts', import.meta.url))

export interface Ran {
  /** `SIGKILL`, or null where it ended by itself. */
  readonly killedBy: string | null
  /** What it left in the queue and in the history; empty where it was killed. */
  readonly live: readonly Job[]
  readonly finished: readonly Job[]
}

/** Runs a plan to its end; `killWhen` resolves when the process is to be killed from outside. */
export async function run(plan: CrashPlan, killWhen?: Promise<void>): Promise<Ran> {
  const started = fork(child, [], {
    // Not as an argument: anybody can read those, and a plan may hold a key.
    env: { ...process.env, BESIDE_CRASH_PLAN: JSON.stringify(plan) },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  onTestFinished(() => void started.kill('SIGKILL'))
  let left: Pick<Ran, 'live' | 'finished'> = { live: [], finished: [] }
  started.on('message', (message) => {
    left = message as typeof left
  })
  void killWhen?.then(() => started.kill('SIGKILL'))
  const { promise, resolve } = Promise.withResolvers<string | null>()
  started.on('close', (code, signal) => resolve(signal ?? (code === 0 ? null : `exit ${code}`)))
  return { killedBy: await promise, ...left }
}
