/**
 * A process of its own for the tasks of the table, one at a time. Whatever a hostile file does to a parser happens here, where it takes one job
 * with it and nothing else; nothing here reaches the network.
 * Apart as the entry of a process.
 */
import { Socket } from 'node:net'
import { JobError } from '../../../../shared/failure.ts'
import type { FromWorker, ToWorker } from './child.ts'
import { taskTable, type Task, type TaskCall } from './task-table.ts'

// A library that would fetch what a document names, or data that it lacks, fails instead.
Socket.prototype.connect = () => {
  throw new Error('no network here')
}
// Who ends a service sends these to all of its processes; how to end is for the parent to say, and its own end is the last word.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.on('message', (message: ToWorker<TaskCall>) => {
  if (message.kind === 'memory') send({ kind: 'memory', rss: process.memoryUsage.rss() })
  else void answer(message.call, message.threads)
})

async function answer({ family, tool, task, input }: TaskCall, threads: number): Promise<void> {
  send({ kind: 'begun' })
  try {
    const load: () => Promise<{ readonly tasks: Readonly<Record<string, Task>> }> = taskTable[family]
    const { tasks } = await load()
    const work = tasks[task]
    if (work === undefined) throw new Error(`no task ${task}`)
    const context = {
      threads,
      progress: (done: number) => send({ kind: 'progress', done }),
      within: (ms: number | null) => send({ kind: 'within', ms }),
    }
    const result = await work(input, context)
    send({ kind: 'done', result, rss: process.memoryUsage.rss() })
  } catch (error) {
    const { failure } = error instanceof JobError ? error : troubleOf(error, tool)
    send({ kind: 'failed', failure, rss: process.memoryUsage.rss() })
  }
}

/** WebAssembly that has aborted is as good as a program that has crashed: nothing of it can be used again. */
function troubleOf(error: unknown, tool: string): JobError {
  const isTrap = error instanceof Error && error.name === 'RuntimeError'
  return new JobError(isTrap ? 'tool-crashed' : 'tool-failed', { tool, reason: String(error).slice(0, 200) }, { cause: error })
}

/** Where Beside was killed a moment ago, nobody hears it; that its channel has ended comes next. */
function send(message: FromWorker<unknown>): void {
  process.send?.(message, undefined, undefined, () => {})
}
