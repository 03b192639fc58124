/** A Beside that converts for others: the real command in a process of its own, on a data folder of the test, with keys that it has made. */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { program } from './cli.ts'

export interface ServedBeside {
  readonly address: string
  readonly pid: number
  /** Resolves when the process is gone. */
  kill(): Promise<void>
  /** As Ctrl-C does. */
  stop(): Promise<void>
}

/** Whoever starts it stops it. */
export async function servedBeside(home: string, ...more: readonly string[]): Promise<ServedBeside> {
  const child = besideIn(home, 'api', '--port', '0', '--json', ...more)
  const ended = once(child, 'close')
  const said = text(child.stderr)
  const [line] = (await Promise.race([once(child.stdout, 'data'), ended.then(() => [''])])) as [Buffer | string]
  if (line === '') throw new Error(`it did not start: ${await said}`)
  const { address } = JSON.parse(String(line)) as { readonly address: string }
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    await ended
  }
  return { address, pid: child.pid ?? 0, kill: async () => await end('SIGKILL'), stop: async () => await end('SIGINT') }
}

function besideIn(home: string, ...args: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(process.execPath, [program, ...args], {
    env: { ...process.env, BESIDE_HOME: home, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** A key, made as its user makes one. */
export async function apiKey(home: string, name: string, ...more: readonly string[]): Promise<string> {
  const child = besideIn(home, 'api', 'keys', 'add', name, ...more)
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  if (out === '') throw new Error(`no key was made: ${err}`)
  return out.trim()
}

/** The largest that the process ever was, in MiB, of memory that is its own or shared. */
export async function peakMiB({ pid }: Pick<ServedBeside, 'pid'>): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmHWM:\s*(\d+)/.exec(status)?.[1]) / 1024
}
