/** Entry point of the reading thread: one task at a time, one answer for each. Apart as the entry of a thread. */
import { parentPort } from 'node:worker_threads'
import { perform, type ReadingTask } from './reading.ts'

parentPort?.on('message', ({ id, task }: { readonly id: number; readonly task: ReadingTask }) => {
  perform(task).then(
    (answer) => parentPort?.postMessage({ id, answer }),
    (error: unknown) => parentPort?.postMessage({ id, error: error instanceof Error ? error.message : String(error) }),
  )
})
