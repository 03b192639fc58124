/**
 * Runs programs to their end: at low priority, watched for standstill and for memory, gone as soon as a signal says so. What one
 * wrote is of no use after that, so it is killed and not asked.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { JobError } from '../../../../shared/failure.ts'
import type { Clock } from '../../../engine/ports.ts'
import type { FfmpegProgress } from '../media/ffmpeg.ts'

export interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly stdin: string | Uint8Array | null
  /** What FFmpeg reports on descriptor 3; a program that reports nothing has to be done before it seems to stand still. */
  readonly progress?: (progress: FfmpegProgress) => void
  /** Each line that it prints, on either output: as long as it prints, it gets on. */
  readonly heard?: (line: string) => void
  /** Added to what it finds around it. */
  readonly surroundings?: Readonly<Record<string, string>>
  /** It starts others, which end with it (not on Windows, where they see to that themselves). */
  readonly startsOthers?: true
  /** Something that only somebody looks at: it takes what conversions leave of the machine. */
  readonly priority?: 'lowest'
  /** A program of the user's, which may stand still and take memory: only its signal ends it before it ends itself. */
  readonly ofUser?: {
    /** Where it runs. */
    readonly folder: string
    /** Of what it prints, on both outputs as it comes, so many characters at the beginning and as many at the end. */
    readonly keptChars: number
    /** Called with that when it has ended, also where its signal ended it. */
    readonly printed: (text: string) => void
  }
}

export interface Ended {
  /** Null where a signal ended it. */
  readonly code: number | null
  readonly signal: string | null
  /** The beginning and the end of what it printed as errors. */
  readonly errors: string
  readonly output: Uint8Array
}

export interface Programs {
  /** @throws the signal's reason; JobError `tool-missing`, `tool-timeout`, `tool-memory`. Nothing runs any more by then. */
  run(command: Command, signal: AbortSignal): Promise<Ended>
  stop(): Promise<void>
}

export type ToPrograms =
  | {
      readonly kind: 'start'
      readonly id: number
      readonly program: string
      readonly args: readonly string[]
      readonly stdin: string | Uint8Array | null
      readonly priority: 'lowest' | null
      readonly surroundings: Readonly<Record<string, string>>
      readonly startsOthers: boolean
      readonly isHeard: boolean
      readonly ofUser: Omit<NonNullable<Command['ofUser']>, 'printed'> | null
    }
  | { readonly kind: 'kill'; readonly id: number }
export type FromPrograms = { readonly id: number } & (
  | { readonly kind: 'started'; readonly pid: number }
  | { readonly kind: 'progress'; readonly progress: FfmpegProgress }
  | { readonly kind: 'line'; readonly line: string }
  | ({ readonly kind: 'ended' } & Ended)
  | { readonly kind: 'failed'; readonly code: string }
  /** It wrote more than anybody would read, and was ended. */
  | { readonly kind: 'flooded'; readonly maxBytes: number }
)

interface Running {
  readonly command: Command
  pid: number
  /** Changes as long as the program gets on. */
  pulse: string
  /** That it has printed. */
  lines: number
  stopped: { readonly reason: unknown } | null
  resolve(ended: Ended): void
  reject(reason: unknown): void
}

const tickMs = 1000
/** A slow encoder of a large picture may need a minute for its first frame. */
const standstillMs = 120_000
const idleMs = 60_000

/** Written just so: the build looks for it, makes the process a file of its own and puts that one's name here. */
const processFile = fileURLToPath(new URL('./program-process.ts', import.meta.url))

/** @param maxBytes resident, in one program; watched where the system tells it (Linux). */
export function createPrograms({ clock, maxBytes }: { readonly clock: Clock; readonly maxBytes: number }): Programs {
  const running = new Map<number, Running>()
  let starter: ChildProcess | null = null
  let lastId = 0
  let leaving: Promise<void> = Promise.resolve()
  let keep = () => {}

  function startWorker(): ChildProcess {
    const fresh = fork(processFile, [], {
      execArgv: [],
      serialization: 'advanced',
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    fresh.on('message', hear)
    fresh.once('exit', (code, signal) => lose(fresh, signal ?? `exit status ${code}`))
    fresh.once('error', (error) => lose(fresh, error.message))
    return fresh
  }

  function lose(one: ChildProcess, reason: string): void {
    if (starter !== one) return
    starter = null
    for (const [id, { reject }] of running) {
      running.delete(id)
      reject(new JobError('tool-crashed', { tool: 'The process that starts programs', reason }))
    }
  }

  function hear(message: FromPrograms): void {
    const own = running.get(message.id)
    if (own === undefined) return
    if (message.kind === 'started') own.pid = message.pid
    else if (message.kind === 'progress') {
      own.pulse = Object.values(message.progress).join(' ')
      if (own.stopped === null) own.command.progress?.(message.progress)
    } else if (message.kind === 'line') {
      own.lines += 1
      own.pulse = String(own.lines)
      if (own.stopped === null) own.command.heard?.(message.line)
    } else {
      running.delete(message.id)
      if (message.kind === 'ended') own.command.ofUser?.printed(Buffer.from(message.output).toString())
      if (own.stopped !== null) own.reject(own.stopped.reason)
      else if (message.kind === 'ended') own.resolve(message)
      else if (message.kind === 'flooded') own.reject(flooded(own.command.program, message.maxBytes))
      else own.reject(notStarted(own.command.program, message.code))
    }
  }

  function stop(id: number, reason: unknown): void {
    const own = running.get(id)
    if (own === undefined || own.stopped !== null) return
    own.stopped = { reason }
    send({ kind: 'kill', id })
  }

  /** To a process that is just ending nothing can be sent; that it has ended is then the answer. */
  function send(message: ToPrograms): void {
    starter?.send(message, () => {})
  }

  async function stopWorker(): Promise<void> {
    const old = starter
    starter = null
    if (old === null) return
    const gone = new Promise<void>((resolve) => old.once('exit', () => resolve()))
    leaving = gone
    old.ref()
    if (old.connected) old.disconnect()
    await gone
  }

  /** Waiting for work must not keep the program alive. */
  function rest(): void {
    starter?.unref()
    starter?.channel?.unref()
    // Programs that ended together rest each: of their times the last one counts.
    keep()
    keep = clock.after(idleMs, () => void stopWorker())
  }

  /** Counts ticks, not time: after a night's sleep of the machine one tick has passed, not eight hours. */
  function watch(id: number, own: Running): () => void {
    const tool = toolName(own.command.program)
    let last = own.pulse
    let still = 0
    let cancelTimer = () => {}
    const tick = () => {
      still = own.pulse === last ? still + 1 : 0
      last = own.pulse
      if (still * tickMs >= standstillMs) stop(id, new JobError('tool-timeout', { tool, seconds: String(standstillMs / 1000) }))
      void residentBytes(own.pid).then((bytes) => {
        if (bytes > maxBytes)
          stop(id, new JobError('tool-memory', { tool, because: 'memory-limit', megabytes: Math.round(maxBytes / 2 ** 20) }))
      })
      cancelTimer = clock.after(tickMs, tick)
    }
    cancelTimer = clock.after(tickMs, tick)
    return () => cancelTimer()
  }

  return {
    run: async (command, signal) => {
      signal.throwIfAborted()
      keep()
      starter ??= startWorker()
      starter.ref()
      starter.channel?.ref()
      const id = (lastId += 1)
      const { promise, resolve, reject } = Promise.withResolvers<Ended>()
      const own: Running = { command, pid: 0, pulse: '', lines: 0, stopped: null, resolve, reject }
      running.set(id, own)
      const { program, args, stdin, priority = null, surroundings = {}, startsOthers = false, heard } = command
      const isHeard = heard !== undefined
      const ofUser = command.ofUser === undefined ? null : { folder: command.ofUser.folder, keptChars: command.ofUser.keptChars }
      send({ kind: 'start', id, program, args, stdin, priority, surroundings, startsOthers, isHeard, ofUser })
      const onAbort = () => stop(id, signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
      const endWatch = ofUser === null ? watch(id, own) : () => undefined
      return await promise.finally(() => {
        endWatch()
        signal.removeEventListener('abort', onAbort)
        if (running.size === 0) rest()
      })
    },
    stop: async () => {
      keep()
      await stopWorker()
      await leaving
    },
  }
}

const pageBytes = 4096

async function residentBytes(pid: number): Promise<number> {
  if (pid === 0 || process.platform !== 'linux') return 0
  const pages = await readFile(`/proc/${pid}/statm`, 'latin1').catch(() => '')
  return Number(pages.split(' ')[1] ?? 0) * pageBytes
}

/** Errors that say the system has no room for one more process, rather than that the program is not there. */
const crowded = new Set(['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE'])

function notStarted(program: string, code: string): JobError {
  const tool = toolName(program)
  if (crowded.has(code)) return new JobError('tool-failed', { tool, because: 'not-started', reason: code })
  return new JobError('tool-missing', {
    because: 'ffmpeg-missing',
    program: tool,
    path: program,
    ...(code !== 'ENOENT' && { reason: code }),
  })
}

function flooded(program: string, maxBytes: number): JobError {
  return new JobError('tool-memory', { tool: toolName(program), because: 'output-limit', megabytes: maxBytes / 2 ** 20 })
}

/** What a person calls it. */
export function toolName(program: string): string {
  const name = basename(program).replace(/\.exe$/i, '')
  return { ffmpeg: 'FFmpeg', ffprobe: 'FFprobe' }[name] ?? name
}
