/**
 * Worker processes that share a queue. Processes and not threads: a native decoder that crashes in a thread takes the whole program
 * with it, a hung one cannot be stopped, and its memory cannot be bounded. What a process costs more is paid once: 70 ms at its
 * start; a call and its answer take 0.2 ms either way. They start when there is work and end when there has been none for a while.
 */
import { totalmem } from 'node:os'
import { JobError, type Failure } from '../../../../shared/failure.ts'
import type { Clock, Log } from '../../../engine/ports.ts'
import { startChild, type Child } from './child.ts'

export interface Pool<Call, Result> {
  /** Throws a JobError, or the signal's reason; by then nothing of the call is still running. */
  readonly run: (call: Call, signal: AbortSignal, progress?: (done: number) => void) => Promise<Result>
  /** Starts a process where none is there yet, for what will be asked soon. */
  readonly warm: (call: Call) => void
  /** Ends all processes; what waits or runs fails with `interrupted`. */
  readonly stop: () => Promise<void>
}

interface Task<Call, Result> {
  readonly call: Call
  readonly signal: AbortSignal
  readonly progress: (done: number) => void
  readonly resolve: (result: Result) => void
  readonly reject: (reason: unknown) => void
  /** A process that ends before it has got the call, or hangs, is not the call's fault, once. */
  isRepeated: boolean
}

interface Worker<Call, Result> {
  readonly child: Child<Call, Result>
  /** Calls that it has been given. */
  calls: number
  /** Stops what is running in it, for a reason; null: idle. */
  running: AbortController | null
  /** On its way out; takes nothing more. */
  isLeaving: boolean
  /** Takes back the end that comes with idleness. */
  keep: () => void
}

/** What kind of work its processes do, and how much of it they are trusted with. */
export interface PoolWork<Call> {
  /** The module that a process runs. */
  readonly file: string
  /** What a person calls it, in failures. */
  readonly tool: string
  /** MiB of JavaScript in one process. */
  readonly heapMb: number
  readonly limitMs: (call: Call) => number
  /** One call may not take more; of half of the machine the smaller. */
  readonly maxBytes: number
  /** A process that has grown beyond this is replaced once its call is done: neither malloc nor WebAssembly gives much back. */
  readonly grownBytes: number
  /** A process is replaced after so many calls. */
  readonly maxCalls?: number
  /** What has failed so cannot be trusted with the next call; `true`: whatever it was. */
  readonly isNewAfterFailure?: true | ((failure: Failure) => boolean)
  /** How long a process waits for its next call; a minute unless said. */
  readonly idleMs?: number
  /** Its threads may come to wait for each other: after so long without work it is replaced, and what it was asked is asked once more. */
  readonly hangMs?: number
  /** What takes a thousandth of the time of the others. */
  readonly goesFirst?: (call: Call) => boolean
}

export interface PoolOptions {
  /** How many processes there may be; it may change. */
  readonly width: () => number
  /** Of the processes, as the system counts it: 0 is the usual one, above it is lower. */
  readonly priority: number
  readonly log: Log
  readonly clock: Clock
}

const usualIdleMs = 60_000

export function createPool<Call, Result>(work: PoolWork<Call>, { width, priority, log, clock }: PoolOptions): Pool<Call, Result> {
  const { tool, idleMs = usualIdleMs, maxCalls = Infinity, hangMs = Infinity } = work
  const crew = new Set<Worker<Call, Result>>()
  const waiting: Task<Call, Result>[] = []
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

  function startWorker(): Worker<Call, Result> | null {
    if (crew.size >= width()) return null
    const child = startChild<Call, Result>({ file: work.file, heapMb: work.heapMb, priority })
    const worker: Worker<Call, Result> = { child, calls: 0, running: null, isLeaving: false, keep: () => {} }
    crew.add(worker)
    void dismissed(worker)
    return worker
  }

  async function dismissed(worker: Worker<Call, Result>): Promise<void> {
    await worker.child.gone
    worker.keep()
    crew.delete(worker)
    pump()
  }

  async function leave(worker: Worker<Call, Result>): Promise<void> {
    worker.isLeaving = true
    worker.keep()
    await worker.child.end()
  }

  async function serve(worker: Worker<Call, Result>, task: Task<Call, Result>): Promise<void> {
    const { call, signal, progress, resolve, reject } = task
    const { child } = worker
    const running = new AbortController()
    worker.running = running
    worker.calls += 1
    const stop = (reason: unknown): void => running.abort(reason)
    running.signal.addEventListener('abort', () => void leave(worker))
    const onAbort = (): void => stop(signal.reason)
    signal.addEventListener('abort', onAbort)
    const seconds = work.limitMs(call) / 1000
    const late = (after: number): void => stop(new JobError('tool-timeout', { tool, seconds: String(Math.round(after)) }))
    const timeKept = clock.after(seconds * 1000, () => late(seconds))
    let stepKept = (): void => {}
    const within = (ms: number | null): void => {
      stepKept()
      stepKept = ms === null ? () => {} : clock.after(ms, () => late(ms / 1000))
    }
    const memoryKept = watchMemory(child, Math.min(work.maxBytes, totalmem() / 2), clock, stop)

    const hung = new JobError('tool-timeout', { tool, seconds: String(Math.round(hangMs / 1000)) })
    const hangKept = watchWork(child, hangMs, clock, () => stop(hung))

    const answer = await child.ask(call, threads(), { progress, within })
    signal.removeEventListener('abort', onAbort)
    timeKept()
    stepKept()
    memoryKept()
    hangKept()
    const isDone = !('reason' in answer) && !running.signal.aborted
    const isWorn = !isDone || answer.rss > work.grownBytes || worker.calls >= maxCalls
    if (isWorn || (answer.kind === 'failed' && isBroken(answer.failure))) {
      await leave(worker)
    } else {
      worker.keep = clock.after(idleMs, () => void leave(worker))
    }
    worker.running = null
    if (running.signal.reason === hung && !task.isRepeated) return again(task)
    if (running.signal.aborted) return reject(running.signal.reason)
    if ('reason' in answer && !answer.isCrash && !task.isRepeated) return again(task)
    if ('reason' in answer) return reject(crashed(answer.reason))
    if (answer.kind === 'failed') return reject(JobError.from(answer.failure))
    resolve(answer.result)
  }

  function isBroken(failure: Failure): boolean {
    const { isNewAfterFailure: rule = () => false } = work
    return failure.code === 'tool-crashed' || rule === true || rule(failure)
  }

  function again(task: Task<Call, Result>): void {
    task.isRepeated = true
    if (isStopped) task.reject(new JobError('interrupted'))
    else waiting.unshift(task)
  }

  /** A lone picture may use the cores that nobody else needs. */
  function threads(): number {
    const busy = [...crew].filter((worker) => worker.running !== null).length
    return Math.max(1, Math.floor(width() / (busy + waiting.length)))
  }

  function crashed(reason: string): JobError {
    log.warn('a worker ended in the middle of a call', { tool, reason })
    return new JobError('tool-crashed', { tool, reason })
  }

  return {
    run: async (call, signal, progress = () => {}) => {
      signal.throwIfAborted()
      if (isStopped) throw new JobError('interrupted')
      const { promise, resolve, reject } = Promise.withResolvers<Result>()
      const task: Task<Call, Result> = { call, signal, progress, resolve, reject, isRepeated: false }
      const onAbort = (): void => {
        const place = waiting.indexOf(task)
        if (place < 0) return
        waiting.splice(place, 1)
        reject(signal.reason)
      }
      signal.addEventListener('abort', onAbort)
      if (work.goesFirst?.(call) === true) waiting.unshift(task)
      else waiting.push(task)
      pump()
      return await promise.finally(() => signal.removeEventListener('abort', onAbort))
    },
    warm: (call) => {
      if (isStopped || crew.size > 0) return
      const worker = startWorker()
      const ignored = { signal: new AbortController().signal, progress: () => {}, resolve: () => {}, reject: () => {} }
      if (worker !== null) void serve(worker, { call, ...ignored, isRepeated: true }).finally(pump)
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

/** Calls `stop` once where more than `maxBytes` are taken; the answer ends the watch. */
export function watchMemory(
  child: Pick<Child<unknown, unknown>, 'memory'>,
  maxBytes: number,
  clock: Clock,
  stop: (reason: JobError) => void,
): () => void {
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

const workEveryMs = 2_000
/** Of a core. What waits in a circle looks now and then whether it may go on. */
const leastWork = 0.05

/** Calls `stop` once where for so long next to nothing was done. */
function watchWork(
  child: Pick<Child<unknown, unknown>, 'processorMs'>,
  hangMs: number,
  clock: Clock,
  stop: () => void,
): () => void {
  if (hangMs === Infinity) return () => {}
  let cancelTimer = (): void => {}
  let isOver = false
  let since = { done: 0, ms: 0 }
  const again = (): void => {
    cancelTimer = clock.after(workEveryMs, () => void look())
  }
  const look = async (): Promise<void> => {
    const done = await child.processorMs()
    if (done === null || isOver) return
    const ms = since.ms + workEveryMs
    since = done - since.done > ms * leastWork ? { done, ms: 0 } : { ...since, ms }
    if (since.ms >= hangMs) stop()
    else again()
  }
  again()
  return () => {
    isOver = true
    cancelTimer()
  }
}
