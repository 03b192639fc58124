/** One worker process, from the main process's side: asked one thing at a time, and expected to die at any moment. */
import { fork, type ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { homedir, setPriority, tmpdir } from 'node:os'
import type { Failure } from '../../../../shared/failure.ts'

export type ToWorker<Call> =
  | {
      readonly kind: 'call'
      readonly call: Call
      /** More than one only where other workers have nothing to do. */
      readonly threads: number
    }
  | { readonly kind: 'memory' }

/** `rss` in bytes. */
export type FromWorker<Result> =
  /** The call has arrived; whatever ends the process from here on has to do with it. */
  | { readonly kind: 'begun' }
  /** Share of the call, 0 to 1. */
  | { readonly kind: 'progress'; readonly done: number }
  /** What comes next may not take longer; null: no longer than the call. */
  | { readonly kind: 'within'; readonly ms: number | null }
  | { readonly kind: 'done'; readonly result: Result; readonly rss: number }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly rss: number }
  | { readonly kind: 'memory'; readonly rss: number }

export interface ChildOptions {
  /** The module that it runs. */
  readonly file: string
  /** MiB of JavaScript; what native code and WebAssembly take is outside of it. */
  readonly heapMb: number
  /** As the system counts it: 0 is the usual one, above it is lower. */
  readonly priority: number
}

const keptStderr = 2000

export type WorkerAnswer<Result> = Extract<FromWorker<Result>, { readonly kind: 'done' | 'failed' }>

/** How it ended: a signal's name or an exit code, and what it had to say. */
export interface WorkerEnd {
  readonly reason: string
  /** In the middle of a call, not before it. */
  readonly isCrash: boolean
}

/** What is told of a call while it runs. */
export interface Hears {
  readonly progress: (done: number) => void
  readonly within: (ms: number | null) => void
}

export interface Child<Call, Result> {
  readonly pid: number | undefined
  /** Answers once; an ending means that the process is gone. */
  readonly ask: (call: Call, threads: number, hears: Hears) => Promise<WorkerAnswer<Result> | WorkerEnd>
  /** Bytes, or null where it ended meanwhile. */
  readonly memory: () => Promise<number | null>
  /** Milliseconds of processor time, of all its threads; null where the system does not tell, or it has ended. */
  readonly processorMs: () => Promise<number | null>
  /** Ends it at once; resolves when it is gone. */
  readonly end: () => Promise<void>
  readonly gone: Promise<WorkerEnd>
}

export function startChild<Call, Result>({ file, heapMb, priority }: ChildOptions): Child<Call, Result> {
  const child: ChildProcess = fork(file, [], {
    execArgv: [`--max-old-space-size=${heapMb}`],
    // Nothing of ours, above all no keys, in the surroundings of a process that reads strangers' files. One arena: with one busy
    // thread more of them only hold on to memory.
    env: { HOME: homedir(), TMPDIR: tmpdir(), LC_ALL: 'C.UTF-8', MALLOC_ARENA_MAX: '1' },
    serialization: 'advanced',
    // Alone in its session from its first moment: Ctrl-C in a terminal is for us, and what becomes of the file is then ours to say.
    detached: true,
    windowsHide: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  lower(child.pid, priority)
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-keptStderr)
  })
  let settleAnswer: ((answer: WorkerAnswer<Result> | WorkerEnd) => void) | null = null
  let heard: Hears | null = null
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
  child.on('message', (message: FromWorker<Result>) => {
    if (message.kind === 'memory') return settleMemory?.(message.rss)
    if (message.kind === 'progress') return heard?.progress(message.done)
    if (message.kind === 'within') return heard?.within(message.ms)
    hasBegun = message.kind === 'begun'
    if (message.kind !== 'begun') settleAnswer?.(message)
  })
  // A process that is just ending cannot be written to; that it has ended is then the answer.
  const send = (message: ToWorker<Call>): boolean => child.send(message, () => {})

  return {
    pid: child.pid,
    gone,
    ask: async (call, threads, hears) =>
      new Promise((resolve) => {
        if (ending !== null) return resolve(ending)
        settleAnswer = resolve
        heard = hears
        send({ kind: 'call', call, threads })
      }),
    memory: async () =>
      new Promise((resolve) => {
        if (ending !== null) return resolve(null)
        // What goes round in a circle does not answer.
        void residentBytes(child.pid).then((rss) => {
          if (rss !== null) return resolve(rss)
          settleMemory = resolve
          send({ kind: 'memory' })
        })
      }),
    processorMs: async () => await processorMs(child.pid),
    end: async () => {
      child.kill('SIGKILL')
      await gone
    },
  }
}

const pageBytes = 4096

/** As the system tells it; null where it does not. */
async function residentBytes(pid: number | undefined): Promise<number | null> {
  if (pid === undefined || process.platform !== 'linux') return null
  const pages = await readFile(`/proc/${pid}/statm`, 'latin1').catch(() => '')
  return pages === '' ? null : Number(pages.split(' ')[1] ?? 0) * pageBytes
}

const msPerTick = 10

/** As the system tells it, by proc_pid_stat(5): behind the name, which may be anything, fields 3 and on. */
async function processorMs(pid: number | undefined): Promise<number | null> {
  if (pid === undefined || process.platform !== 'linux') return null
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return stat === '' ? null : (Number(fields[11]) + Number(fields[12])) * msPerTick
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
