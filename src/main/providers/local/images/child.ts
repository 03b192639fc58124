/** One worker process, from the main process's side: asked one thing at a time, and expected to die at any moment. */
import { fork, type ChildProcess } from 'node:child_process'
import { homedir, setPriority, tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { ImageCall, FromWorker, ToWorker } from './call.ts'

/** Written just so: the build looks for it, makes the worker a file of its own and puts that one's name here. */
const workerFile = fileURLToPath(new URL('./image-worker.ts', import.meta.url))

/** Of JavaScript; pixels live outside of it. */
const heapMb = 512
const keptStderr = 2000

export type WorkerAnswer = Extract<FromWorker, { readonly kind: 'done' | 'failed' }>

/** How it ended: a signal's name or an exit code, and what it had to say. */
export interface WorkerEnd {
  readonly reason: string
  /** In the middle of a call, not before it. */
  readonly isCrash: boolean
}

export interface Child {
  readonly pid: number | undefined
  /** Answers once; an ending means that the process is gone. */
  readonly ask: (call: ImageCall, threads: number) => Promise<WorkerAnswer | WorkerEnd>
  /** Bytes, or null where it ended meanwhile. */
  readonly memory: () => Promise<number | null>
  /** Ends it at once; resolves when it is gone. */
  readonly end: () => Promise<void>
  readonly gone: Promise<WorkerEnd>
}

export function startChild(priority: number): Child {
  const child: ChildProcess = fork(workerFile, [], {
    execArgv: [`--max-old-space-size=${heapMb}`],
    // Nothing of ours, above all no keys, in the surroundings of a process that reads ignoredEndings' files. One arena: with one busy
    // thread more of them only hold on to memory.
    env: { HOME: homedir(), TMPDIR: tmpdir(), LC_ALL: 'C.UTF-8', MALLOC_ARENA_MAX: '1' },
    serialization: 'advanced',
    // Alone in its session from its first moment: Ctrl-C in a terminal is for us, and what becomes of the picture is then ours to say.
    detached: true,
    windowsHide: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  lower(child.pid, priority)
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-keptStderr)
  })
  let settleAnswer: ((answer: WorkerAnswer | WorkerEnd) => void) | null = null
  let settleMemory: ((rss: number | null) => void) | null = null
  let ending: WorkerEnd | null = null
  let hasBegun = false
  const gone = new Promise<WorkerEnd>((resolve) => {
    const end = (reason: string): void => {
      ending ??= { reason, isCrash: hasBegun }
      settleAnswer?.(ending)
      settleMemory?.(null)
      resolve(ending)
    }
    child.once('error', (error) => end(error.message))
    // Not `exit`: by then not all that it said has been read.
    child.once('close', (code, signal) => end([signal ?? `exit status ${code}`, gist(said)].filter(Boolean).join(': ')))
  })
  child.on('message', (message: FromWorker) => {
    if (message.kind === 'memory') return settleMemory?.(message.rss)
    hasBegun = message.kind === 'begun'
    if (message.kind !== 'begun') settleAnswer?.(message)
  })
  // A process that is just ending cannot be written to; that it has ended is then the answer.
  const send = (message: ToWorker): boolean => child.send(message, () => {})

  return {
    pid: child.pid,
    gone,
    ask: async (call, threads) =>
      new Promise((resolve) => {
        if (ending !== null) return resolve(ending)
        settleAnswer = resolve
        send({ kind: 'call', call, threads })
      }),
    memory: async () =>
      new Promise((resolve) => {
        if (ending !== null) return resolve(null)
        settleMemory = resolve
        send({ kind: 'memory' })
      }),
    end: async () => {
      child.kill('SIGKILL')
      await gone
    },
  }
}

/** From outside and at once: on Linux what a process says of itself holds for one thread, and for those that it makes from then on. */
function lower(pid: number | undefined, priority: number): void {
  try {
    if (pid !== undefined) setPriority(pid, priority)
  } catch {
    // The system does not let us, or it has ended already: no reason to fail.
  }
}

/** The line that names an error, or the last one. */
function gist(text: string): string {
  const lines = text.trimEnd().split('\n')
  return lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? ''
}
