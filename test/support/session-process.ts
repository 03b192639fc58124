/** Starts `session-child.ts`. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { SessionMode } from '../../src/main/api/carriers/address.ts'

const child = fileURLToPath(new URL('session-child.ts', import.meta.url))

export interface SessionProcess {
  readonly role: 'holder' | 'guest'
  /** Resolves when the process is gone. */
  kill(): Promise<void>
  close(): Promise<void>
}

/** Resolves once it has its session and has queued the sources. */
export async function sessionProcess(home: string, mode: SessionMode, sources: readonly string[] = []): Promise<SessionProcess> {
  const started = fork(child, [home, mode, ...sources], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const ended = once(started, 'exit')
  onTestFinished(async () => {
    started.kill('SIGKILL')
    await ended
  })
  const [{ role }] = (await Promise.race([once(started, 'message'), ended.then(() => [{ role: 'guest' }])])) as [
    Pick<SessionProcess, 'role'>,
  ]
  return {
    role,
    kill: async () => {
      started.kill('SIGKILL')
      await ended
    },
    close: async () => {
      started.send('close')
      await ended
    },
  }
}
