/** Starts `watch-child.ts`, talks to it, kills it. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { WatchPlan, WatchReport } from './watch-child.ts'

const child = fileURLToPath(new URL('watch-child.ts', import.meta.url))

export interface WatchProcess {
  /** Resolves when it watches, or is gone. */
  readonly watches: Promise<void>
  /** How it ended: a signal, or `exit N`. */
  readonly ended: Promise<string>
  /** Looks until nothing is left to do. */
  settle(): Promise<WatchReport>
  kill(): Promise<void>
  stop(): Promise<void>
}

export function watchProcess(plan: WatchPlan): WatchProcess {
  const started = fork(child, [JSON.stringify(plan)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const ended = once(started, 'exit').then(([code, signal]) => String(signal ?? `exit ${String(code)}`))
  const told = once(started, 'message')
  const watches = Promise.race([told, ended]).then(() => undefined)
  return {
    watches,
    ended,
    settle: async () => {
      await watches
      started.send('settle')
      const answer = once(started, 'message').then(([report]) => report as WatchReport)
      const gone = ended.then((how) => {
        throw new Error(`the watching process ended: ${how}`)
      })
      return await Promise.race([answer, gone])
    },
    kill: async () => {
      started.kill('SIGKILL')
      await ended
    },
    stop: async () => {
      started.send('stop')
      await ended
    },
  }
}
