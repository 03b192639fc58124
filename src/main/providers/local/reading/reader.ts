/**
 * Files are read in a thread of their own: a malformed one can drive a parser into an endless loop or out of memory, and then only
 * that thread has to go. It also keeps the loading of the libraries from halting the rest. One task at a time, so that it
 * is clear which file is to blame.
 */
import { Worker } from 'node:worker_threads'
import { JobError, type FailureOf } from '../../../../shared/failure.ts'
import type { Clock } from '../../../engine/ports.ts'
import type { Answers, ReadingTask } from './reading.ts'

export interface Reader {
  /** @throws the signal's reason; JobError `source-damaged` where reading takes too long or breaks down. */
  ask<K extends ReadingTask['kind']>(task: Extract<ReadingTask, { kind: K }>, signal: AbortSignal): Promise<Answers[K]>
  stop(): Promise<void>
}

interface Waiting {
  readonly id: number
  readonly task: ReadingTask
  readonly resolve: (answer: never) => void
  readonly reject: (reason: unknown) => void
}
type Message = { readonly id: number } & ({ readonly answer: unknown } | { readonly error: string })

/** A few milliseconds are usual; slow disks and shares need more. */
const readingMs = 20_000
/** All of a file may move once. */
const writingMs = 3_600_000
const maxMegabytes = 512

/** Written just so: the build looks for it, makes the thread a file of its own and puts that one's name here. */
const threadFile = new URL('./reading-thread.ts', import.meta.url)

export function createReader(clock: Clock): Reader {
  let worker: Worker | null = null
  let queue: Waiting[] = []
  let current: Waiting | null = null
  let endWait = () => {}
  let lastId = 0

  const finish = (settle: (waiting: Waiting) => void) => {
    const waiting = current
    current = null
    endWait()
    if (waiting !== null) settle(waiting)
    next()
  }

  const stopWorker = async (why: FailureOf<'source-damaged'>['facts']): Promise<void> => {
    const old = worker
    worker = null
    old?.removeAllListeners()
    finish(({ task, reject }) => reject(new JobError('source-damaged', { path: task.path, ...why })))
    await old?.terminate()
  }

  /** A thread that writes does so until it is ended: only then may its files be removed. */
  const stopWriting = async (writing: Waiting, reason: unknown): Promise<void> => {
    const old = worker
    worker = null
    old?.removeAllListeners()
    await old?.terminate()
    if (current === writing) finish(({ reject }) => reject(reason))
  }

  const startWorker = (): Worker => {
    const fresh = new Worker(threadFile, {
      resourceLimits: { maxOldGenerationSizeMb: maxMegabytes },
    })
    // An idle thread must not keep the program alive.
    fresh.unref()
    fresh.on('message', (message: Message) => {
      if (message.id !== current?.id) return
      finish(({ task, resolve, reject }) => {
        if ('answer' in message) resolve(message.answer as never)
        else reject(new JobError('source-damaged', { path: task.path, reason: message.error }))
      })
    })
    fresh.on('error', (error) => void stopWorker({ reason: error instanceof Error ? error.message : String(error) }))
    return fresh
  }

  const next = () => {
    if (current !== null) return
    const waiting = queue.shift()
    if (waiting === undefined) return
    current = waiting
    worker ??= startWorker()
    worker.ref()
    worker.postMessage({ id: waiting.id, task: waiting.task })
    const timeoutMs = waiting.task.kind === 'write tags' ? writingMs : readingMs
    const cancelTimer = clock.after(timeoutMs, () => void stopWorker({ because: 'timed-out', seconds: timeoutMs / 1000 }))
    endWait = () => {
      cancelTimer()
      worker?.unref()
    }
  }

  return {
    ask: async (task, signal) => {
      signal.throwIfAborted()
      const { promise, resolve, reject } = Promise.withResolvers<never>()
      const id = (lastId += 1)
      const onAbort = () => {
        queue = queue.filter((waiting) => waiting.id !== id)
        if (current?.id === id && current.task.kind === 'write tags') void stopWriting(current, signal.reason)
        else reject(signal.reason)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      queue.push({ id, task, resolve, reject })
      next()
      return await promise.finally(() => signal.removeEventListener('abort', onAbort))
    },
    stop: async () => {
      for (const { reject } of queue) reject(new JobError('interrupted'))
      queue = []
      await stopWorker({ because: 'stopped' })
    },
  }
}
