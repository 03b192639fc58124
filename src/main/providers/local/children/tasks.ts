/** The tasks of a family, asked for as calls: each in one of a few processes that the family has for itself. Apart from the table, which child processes read as well. */
import { fileURLToPath } from 'node:url'
import { createPool, type PoolOptions, type PoolWork } from './pool.ts'
import type { TaskCall, TaskFamily, TaskInput, TaskName, TaskResult } from './task-table.ts'

export interface TaskLimits extends Pick<
  PoolWork<TaskCall>,
  'tool' | 'heapMb' | 'maxBytes' | 'grownBytes' | 'isNewAfterFailure' | 'hangMs'
> {
  /** A process is replaced after so many tasks; 200 unless said. */
  readonly maxCalls?: number
  /** How long a process waits for its next task; a minute unless said. */
  readonly idleMs?: number
}

export interface Asking {
  readonly signal: AbortSignal
  /** What takes longer is ended, ms. */
  readonly limitMs: number
  /** Called with a share of the whole, 0 to 1. */
  readonly progress?: (done: number) => void
}

export interface Tasks<F extends TaskFamily> {
  /** @throws JobError: what the task threw; `tool-timeout`, `tool-memory`, `tool-crashed`; or the signal's reason. Nothing of it runs any more by then. */
  run<T extends TaskName<F>>(task: T, input: TaskInput<F, T>, asking: Asking): Promise<TaskResult<F, T>>
  /** Does a task ahead of need in a fresh process, unless there is one already. What comes of it, nobody hears. */
  warm<T extends TaskName<F>>(task: T, input: TaskInput<F, T>, limitMs: number): void
  stop(): Promise<void>
}

/** Written just so: the build looks for it, makes the process a file of its own and puts that one's name here. */
const file = fileURLToPath(new URL('./task-child.ts', import.meta.url))

const usualCalls = 200

export function createTasks<F extends TaskFamily>(family: F, limits: TaskLimits, options: PoolOptions): Tasks<F> {
  const { tool } = limits
  const pool = createPool<TaskCall, unknown>({ maxCalls: usualCalls, ...limits, file, limitMs: (call) => call.limitMs }, options)
  return {
    run: async <T extends TaskName<F>>(task: T, input: TaskInput<F, T>, { signal, limitMs, progress }: Asking) =>
      (await pool.run({ family, tool, task, input, limitMs }, signal, progress)) as TaskResult<F, T>,
    warm: (task, input, limitMs) => pool.warm({ family, tool, task, input, limitMs }),
    stop: pool.stop,
  }
}
