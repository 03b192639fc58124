/** Runs the real program as a user would, on a data folder of the test. */
import { spawn, type ChildProcess } from 'node:child_process'
import { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { inject, onTestFinished } from 'vitest'
import type { CliContext } from '../../src/main/cli/context.ts'
import { runCommand } from '../../src/main/cli/run-command.ts'
import { createScreen } from '../../src/main/cli/terminal/screen.ts'
import { temporaryFolder } from './folder.ts'

// The runner sets it where it shows colors itself; a stream that is no terminal has none.
delete process.env['FORCE_COLOR']

/** Where the tests are run on the packed tree, the command that comes with the app. */
const packed = inject('packedCommand')
/** The one of this checkout. */
export const program = fileURLToPath(new URL('../../bin/beside.mjs', import.meta.url))
/** What is started, and with what before the words. */
export const launch: readonly [program: string, ...args: readonly string[]] =
  packed === undefined ? [process.execPath, program] : [packed]

export interface Ended {
  readonly status: number | null
  readonly out: string
  readonly err: string
}

export interface Line {
  readonly type: string
  readonly [key: string]: unknown
}

export interface Cli {
  /** Where the commands stand. */
  readonly folder: string
  readonly home: string
  run(...words: readonly string[]): Promise<Ended>
  /** The same with something on standard input. */
  feed(input: string, ...words: readonly string[]): Promise<Ended>
  start(...words: readonly string[]): Started
}

export interface Started {
  readonly process: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves when it has said the text, on standard output or as a warning. */
  says(text: string): Promise<void>
}

/** `run` and `feed` do what the program does, in this process unless it is the packed one; `start` and `cliProcess` start it. */
export async function cli(env: Readonly<Record<string, string>> = {}): Promise<Cli> {
  const here = await cliProcess(env)
  if (packed !== undefined) return here
  const feed = async (input: string, ...args: readonly string[]) =>
    await runHere(here.folder, { BESIDE_HOME: here.home, ...env }, input, args)
  return { ...here, feed, run: async (...args) => await feed('', ...args) }
}

/**
 * Each command is a process of its own, for tests that are about processes or about what others can see of them.
 * @param through words of a program that starts it, such as one that gives it a network of its own.
 */
export async function cliProcess(env: Readonly<Record<string, string>> = {}, through: readonly string[] = []): Promise<Cli> {
  const [folder, home] = [await temporaryFolder(), await temporaryFolder()]
  const start = (...args: readonly string[]): Started =>
    startIn(folder, { BESIDE_HOME: home, NO_COLOR: '1', ...env }, [...through, ...launch, ...args])
  const feed = async (input: string, ...args: readonly string[]) => {
    const started = start(...args)
    started.process.stdin?.end(input)
    return await started.ended
  }
  return { folder, home, start, feed, run: async (...args) => await feed('', ...args) }
}

async function runHere(
  cwd: string,
  env: Readonly<Record<string, string>>,
  input: string,
  args: readonly string[],
): Promise<Ended> {
  const [out, err] = [collected(), collected()]
  const context: CliContext = {
    cwd,
    env: { ...process.env, ...env },
    screen: createScreen({ out: out.stream, err: err.stream, live: 'off' }),
    input: Readable.from(input === '' ? [] : [Buffer.from(input)]) as unknown as NodeJS.ReadStream,
    interruption: new AbortController().signal,
  }
  const status = await runCommand(args, context)
  return { status, out: out.text(), err: err.text() }
}

/** What stands in for a standard stream that is no terminal. */
function collected(): { readonly stream: NodeJS.WriteStream; readonly text: () => string } {
  const chunks: Buffer[] = []
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => {
      chunks.push(chunk)
      done()
    },
  })
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => Buffer.concat(chunks).toString() }
}

function startIn(cwd: string, env: Readonly<Record<string, string>>, [file = '', ...words]: readonly string[]): Started {
  const { FORCE_COLOR: _, ...inherited } = process.env
  const child = spawn(file, words, { cwd, env: { ...inherited, ...env }, stdio: 'pipe' })
  let [out, err] = ['', '']
  const waiting: { readonly text: string; readonly resolve: () => void }[] = []
  const hasSaid = (text: string) => out.includes(text) || err.includes(text)
  const heard = () => {
    for (const { text, resolve } of waiting) if (hasSaid(text)) resolve()
  }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
    heard()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
    heard()
  })
  child.stdin.on('error', () => {})
  const ended = new Promise<Ended>((resolve) => child.on('close', (status) => resolve({ status, out, err })))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const says = async (text: string) => {
    if (hasSaid(text)) return
    const said = new Promise<void>((resolve) => waiting.push({ text, resolve }))
    const gone = ended.then(({ status }) => {
      if (!hasSaid(text)) throw new Error(`ended with ${status} without a word of ${text}: ${out}${err}`)
    })
    await Promise.race([said, gone])
  }
  return { process: child, ended, says }
}

/** Standard output as JSON lines; throws where a line is none. */
export function linesOf({ out }: Ended): readonly Line[] {
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
}
