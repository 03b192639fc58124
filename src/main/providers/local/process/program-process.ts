/**
 * Entry point of the process that starts programs for the engine. It is small, which makes starting them cheap: a fork copies the page
 * tables of its parent, and halts it. It is alone in its session, so that Ctrl-C in a terminal reaches the engine and nobody else.
 * And it outlives the engine by just long enough to end what it started, so that a crash leaves nothing running.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { FromPrograms, ToPrograms } from './programs.ts'
import { readProgress } from '../media/ffmpeg.ts'

const running = new Map<number, ChildProcess>()
/** Those that lead a group. */
const groups = new WeakSet<ChildProcess>()
/** Of what a program prints as errors, its beginning and its end are kept. */
const keptChars = 8192

/** A program of the user's may leave others behind that hold its outputs: so long after its end, milliseconds, nothing more is waited for. */
const lastWordsMs = 500

/** On standard output, which is kept in memory: a page of a PDF at most. */
const maxOutputBytes = 2 ** 30

/** Where Beside was killed a moment ago, nobody hears it; that its channel has ended comes next. */
const send = (message: FromPrograms): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => {})
}

/** Of what it starts, keys are no business, nor what makes this process a plain Node. */
const around = Object.fromEntries(
  // oxlint-disable-next-line no-restricted-properties -- this is a process of its own
  Object.entries(process.env).filter(([name]) => !name.startsWith('BESIDE_') && name !== 'ELECTRON_RUN_AS_NODE'),
)

type Order = Extract<ToPrograms, { kind: 'start' }>

function start(order: Order): void {
  try {
    follow(order, spawned(order))
  } catch (error) {
    // Some of what the system refuses is thrown, as arguments that are too long for it.
    const { code = String(error) } = error as NodeJS.ErrnoException
    send({ kind: 'failed', id: order.id, code })
  }
}

function spawned({ program, args, stdin, surroundings, startsOthers, ofUser }: Order): ChildProcess {
  return spawn(program, args, {
    stdio: [stdin === null ? 'ignore' : 'pipe', 'pipe', 'pipe', ofUser === null ? 'pipe' : 'ignore'],
    windowsHide: true,
    env: { ...around, ...surroundings },
    ...(ofUser !== null && { cwd: ofUser.folder }),
    // By the number of its group all of them are reached.
    detached: startsOthers && process.platform !== 'win32',
  })
}

function follow({ id, stdin, priority, startsOthers, isHeard, ofUser }: Order, child: ChildProcess): void {
  running.set(id, child)
  if (startsOthers && process.platform !== 'win32') groups.add(child)
  const output: Buffer[] = []
  let head = ''
  let tail = ''
  let bytes = 0
  const lines = [child.stdout, child.stderr].flatMap((stream) => (isHeard && stream !== null ? [createInterface(stream)] : []))
  for (const of of lines) of.on('line', (line) => send({ kind: 'line', id, line: line.slice(0, keptChars) }))
  const chars = ofUser?.keptChars ?? keptChars
  let total = 0
  const keep = (text: string) => {
    total += text.length
    const room = chars - head.length
    head += text.slice(0, Math.max(0, room))
    tail = (tail + text.slice(Math.max(0, room))).slice(-chars)
  }
  child.stderr?.setEncoding('utf8').on('data', keep)
  if (ofUser !== null) child.stdout?.setEncoding('utf8').on('data', keep)
  else {
    child.stdout?.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= maxOutputBytes) output.push(chunk)
      else kill(child)
    })
  }
  ;(child.stdio[3] as Readable | null | undefined)?.on(
    'data',
    readProgress((progress) => send({ kind: 'progress', id, progress })),
  )
  // A program that ends without reading its input closes the pipe; its exit says what there is to say.
  child.stdin?.on('error', () => {}).end(stdin)
  child.once('spawn', () => {
    if (priority === 'lowest') lower(child.pid ?? 0, constants.priority.PRIORITY_LOW)
    send({ kind: 'started', id, pid: child.pid ?? 0 })
  })
  child.once('error', (error: NodeJS.ErrnoException) => {
    running.delete(id)
    send({ kind: 'failed', id, code: error.code ?? error.message })
  })
  const end = (code: number | null, signal: string | null) => {
    if (!running.delete(id)) return
    if (bytes > maxOutputBytes) send({ kind: 'flooded', id, maxBytes: maxOutputBytes })
    else if (ofUser === null) send({ kind: 'ended', id, code, signal, errors: head + tail, output: Buffer.concat(output) })
    else
      send({
        kind: 'ended',
        id,
        code,
        signal,
        errors: '',
        output: Buffer.from(head + (total > 2 * chars ? '\n[…]\n' : '') + tail),
      })
  }
  child.once('close', end)
  if (ofUser === null) return
  child.once('exit', (code, signal) => {
    // oxlint-disable-next-line no-restricted-globals -- this is a process of its own
    setTimeout(() => {
      child.stdout?.destroy()
      child.stderr?.destroy()
      end(code, signal)
    }, lastWordsMs)
  })
}

/** It, and where it leads a group, whatever it started. */
function kill(child: ChildProcess): void {
  try {
    if (groups.has(child) && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  } catch {
    // All of them have ended.
  }
  child.kill('SIGKILL')
}

/** Where the system does not let us, that is no reason to fail. */
function lower(pid: number, priority: number): void {
  try {
    setPriority(pid, priority)
  } catch {}
}

// Set here, what is started has it from its first moment, with all its threads.
lower(process.pid, constants.priority.PRIORITY_BELOW_NORMAL)

process.on('message', (message: ToPrograms) => {
  if (message.kind === 'start') start(message)
  else {
    const child = running.get(message.id)
    if (child !== undefined) kill(child)
  }
})
process.on('disconnect', () => process.exit())
// However it comes to its end.
process.on('exit', () => {
  for (const child of running.values()) kill(child)
})
