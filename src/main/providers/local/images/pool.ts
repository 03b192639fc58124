/**
 * Worker processes that share a queue. Processes and not threads: a native decoder that crashes in a thread takes the whole program
 * with it, a hung one cannot be stopped, and its memory cannot be bounded. What a process costs more is paid once: 70 ms at its
 * start; a call and its answer take 0.2 ms either way. They start when there is work and end when there has been none for a while.
 */
import { totalmem } from 'node:os'
import { JobError } from '../../../../shared/failure.ts'
import type { Clock, Log } from '../../../engine/ports.ts'
import { type ImageCall, type ImageResult, type ImageResults, tool } from './call.ts'
import { startChild, type Child } from './child.ts'

const limitMs = { inspect: 60_000, convert: 900_000, thumbnail: 30_000, view: 30_000 } as const
const idleMs = 60_000
/** A process that has grown beyond this is replaced once its call is done: neither malloc nor WebAssembly gives much back. */
const grownBytes = 600 * 2 ** 20

export interface Pool {
  /** Throws a JobError, or the signal's reason; by then nothing of the call is still running. */
  readonly run: <C extends ImageCall>(call: C, signal: AbortSignal) => Promise<ImageResults[C['kind']]>
  /** Ends all processes; what waits or runs fails with `interrupted`. */
  readonly stop: () => Promise<void>
}

interface Task {
  readonly call: ImageCall
  readonly signal: AbortSignal
  readonly resolve: (result: ImageResult) => void
  readonly reject: (reason: unknown) => void
  /** A process that ends before it has got the call is not the call's fault, once. */
  isRepeated: boolean
}

interface Worker {
  readonly child: Child
  /** Stops what is running in it, for a reason; null: idle. */
  running: AbortController | null
  /** On its way out; takes nothing more. */
  isLeaving: boolean
  /** Takes back the end that comes with idleness. */
  keep: () => void
}

export interface PoolOptions {
  /** How many processes there may be; it may change. */
  readonly width: () => number
  /** Of the processes, as the system counts it: 0 is the usual one, above it is lower. */
  readonly priority: number
  readonly log: Log
  readonly clock: Clock
}

export function createPool({ width, priority, log, clock }: PoolOptions): Pool {
  const crew = new Set<Worker>()
  const waiting: Task[] = []
  let isStopped = false

  function pump(): void {
    while (waiting.length > 0) {
      const worker = [...crew].find((one) => one.running === null && !one.isLeaving) ?? startWorker()
      const task = worker === null ? undefined : waiting.shift()
      if (worker === null || task === undefined) return
      worker.keep()
      void serve(worker, task).finally(pump)
    }
  }

  function startWorker(): Worker | null {
    if (crew.size >= width()) return null
    const worker: Worker = { child: startChild(priority), running: null, isLeaving: false, keep: () => {} }
    crew.add(worker)
    void dismissed(worker)
    return worker
  }

  async function dismissed(worker: Worker): Promise<void> {
    await worker.child.gone
    worker.keep()
    crew.delete(worker)
    pump()
  }

  async function leave(worker: Worker): Promise<void> {
    worker.isLeaving = true
    worker.keep()
    await worker.child.end()
  }

  async function serve(worker: Worker, task: Task): Promise<void> {
    const { call, signal, resolve, reject } = task
    const { child } = worker
    const running = new AbortController()
    worker.running = running
    const stop = (reason: unknown): void => running.abort(reason)
    running.signal.addEventListener('abort', () => void leave(worker))
    const onAbort = (): void => stop(signal.reason)
    signal.addEventListener('abort', onAbort)
    const seconds = limitMs[call.kind] / 1000
    const timeKept = clock.after(seconds * 1000, () => stop(new JobError('tool-timeout', { tool, seconds: String(seconds) })))
    const memoryKept = watchMemory(child, clock, stop)

    const answer = await child.ask(call, threads())
    signal.removeEventListener('abort', onAbort)
    timeKept()
    memoryKept()
    if ('reason' in answer || running.signal.aborted || answer.rss > grownBytes) {
      await leave(worker)
    } else {
      worker.keep = clock.after(idleMs, () => void leave(worker))
    }
    worker.running = null
    if (running.signal.aborted) return reject(running.signal.reason)
    if ('reason' in answer && !answer.isCrash && !task.isRepeated) return again(task)
    if ('reason' in answer) return reject(crashed(answer.reason, call))
    if (answer.kind === 'failed') return reject(JobError.from(answer.failure))
    resolve(answer.result)
  }

  function again(task: Task): void {
    task.isRepeated = true
    if (isStopped) task.reject(new JobError('interrupted'))
    else waiting.unshift(task)
  }

  /** A lone picture may use the cores that nobody else needs. */
  function threads(): number {
    const busy = [...crew].filter((worker) => worker.running !== null).length
    return Math.max(1, Math.floor(width() / (busy + waiting.length)))
  }

  function crashed(reason: string, call: ImageCall): JobError {
    log.warn('a picture worker ended in the middle of a call', { reason, call: call.kind })
    return new JobError('tool-crashed', { tool, reason })
  }

  return {
    run: async <C extends ImageCall>(call: C, signal: AbortSignal): Promise<ImageResults[C['kind']]> => {
      signal.throwIfAborted()
      if (isStopped) throw new JobError('interrupted')
      const { promise, resolve, reject } = Promise.withResolvers<ImageResult>()
      const task: Task = { call, signal, resolve, reject, isRepeated: false }
      const onAbort = (): void => {
        const place = waiting.indexOf(task)
        if (place < 0) return
        waiting.splice(place, 1)
        reject(signal.reason)
      }
      signal.addEventListener('abort', onAbort)
      // A look takes a thousandth of what a conversion does.
      if (call.kind === 'inspect') waiting.unshift(task)
      else waiting.push(task)
      pump()
      return (await promise.finally(() => signal.removeEventListener('abort', onAbort))) as ImageResults[C['kind']]
    },
    stop: async () => {
      isStopped = true
      for (const task of waiting.splice(0)) task.reject(new JobError('interrupted'))
      const left = [...crew].map(async (worker) => {
        worker.running?.abort(new JobError('interrupted'))
        await leave(worker)
      })
      await Promise.all(left)
    },
  }
}

const everyMs = 500
/** One picture may not take more than half of the machine. */
const maxBytes = Math.min(4 * 2 ** 30, totalmem() / 2)

/** Calls `stop` once where too much is taken; the answer ends the watch. */
export function watchMemory(child: Pick<Child, 'memory'>, clock: Clock, stop: (reason: JobError) => void): () => void {
  let cancelTimer = (): void => {}
  let isOver = false
  const again = (): void => {
    cancelTimer = clock.after(everyMs, () => void look())
  }
  const look = async (): Promise<void> => {
    const rss = await child.memory()
    if (rss === null || isOver) return
    if (rss > maxBytes) stop(new JobError('tool-memory', { because: 'memory-limit', megabytes: Math.round(maxBytes / 2 ** 20) }))
    else again()
  }
  again()
  return () => {
    isOver = true
    cancelTimer()
  }
}
