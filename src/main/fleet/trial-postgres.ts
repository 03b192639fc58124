/**
 * A PostgreSQL of Beside's own, in its data folder, for trying a fleet out: made once, started with Beside, stopped with it. It listens on
 * this machine alone. The programs are the machine's; nothing is fetched.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chown, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { JobError } from '../../shared/failure.ts'
import { installLine } from '../files/install-line.ts'
import type { Clock, Log } from '../engine/ports.ts'

const execute = promisify(execFile)

export interface TrialPostgres {
  /** Resolves when it takes connections; again and again harmless. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Ends it, be it one that a killed Beside has left, and removes what it held. */
  remove(): Promise<void>
}

export interface PostgresPorts {
  /** A folder of its own. */
  readonly folder: string
  readonly port: number
  readonly password: string
  readonly clock: Clock
  readonly log: Log
}

const owner = 'beside'
const startMs = 20_000

/**
 * Where its data are: in the data folder. The server refuses to run as root, and somebody else cannot come through to root's data folder,
 * so that of root is among the machine's.
 */
export function trialFolder(home: string, tag: string): string {
  return process.getuid?.() === 0 ? join('/var/lib/beside', tag) : join(home, 'fleet')
}

/** A port that is free now, for the address that is kept. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

export function trialAddress(port: number): string {
  return `postgres://${owner}@127.0.0.1:${port}/postgres`
}

export function createTrialPostgres({ folder, port, password, clock, log }: PostgresPorts): TrialPostgres {
  let child: ChildProcess | null = null
  const data = join(folder, 'data')
  const begin = async () => {
    const programs = await programFolder()
    const as = await unprivileged()
    await mkdir(dirname(folder), { recursive: true })
    await mkdir(folder, { recursive: true, mode: 0o700 })
    if (!existsSync(join(data, 'PG_VERSION'))) await make(programs, as)
    await endLeftover()
    const settings = {
      port: String(port),
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: '200',
      fsync: 'on',
    }
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const started = spawn(join(programs, 'postgres'), ['-D', data, ...args], { stdio: ['ignore', 'ignore', 'pipe'], ...as })
    let said = ''
    started.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4000)
    })
    child = started
    const ended = new Promise<never>((_, reject) => {
      started.once('error', reject)
      started.once('exit', () => {
        if (child === started) child = null
        reject(new JobError('provider-down', { provider: 'PostgreSQL', reason: fatalOf(said) }))
      })
    })
    ended.catch(() => undefined)
    await Promise.race([ended, ready(() => said)])
    log.info('PostgreSQL of the trial has started', { port })
  }
  const make = async (programs: string, as: Identity) => {
    await rm(data, { recursive: true, force: true })
    await mkdir(data, { mode: 0o700 })
    const file = join(folder, 'first-password')
    await writeFile(file, password, { mode: 0o600 })
    if (as.uid !== undefined) for (const path of [folder, data, file]) await chown(path, as.uid, as.gid ?? as.uid)
    try {
      const auth = ['--auth=scram-sha-256', `--pwfile=${file}`, `--username=${owner}`, '--encoding=UTF8', '--locale=C']
      await execute(join(programs, 'initdb'), ['-D', data, ...auth], { ...as, maxBuffer: 2 ** 22 })
    } catch (error) {
      await rm(data, { recursive: true, force: true })
      throw error
    } finally {
      await rm(file, { force: true })
    }
  }
  /** One that a killed Beside has left runs on, and is this one: it is ended, so that nobody owns it twice. */
  const endLeftover = async () => {
    const [line] = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
    const pid = Number(line)
    if (!Number.isInteger(pid) || pid <= 0 || !(await isPostgres(pid))) return
    process.kill(pid, 'SIGINT')
    for (let waited = 0; waited < startMs && (await isPostgres(pid)); waited += 50)
      await clock.sleep(50, AbortSignal.timeout(startMs))
  }
  const ready = async (said: () => string) => {
    const signal = AbortSignal.timeout(startMs)
    while (!said().includes('ready to accept connections')) await clock.sleep(20, signal)
  }
  /** Processes of a server that was killed notice that a moment later, and until then there can be no other. */
  const begun = async () => {
    const signal = AbortSignal.timeout(startMs)
    for (;;) {
      try {
        return await begin()
      } catch (error) {
        if (signal.aborted || !isHeldByAnother(error)) throw error
        await clock.sleep(100, signal)
      }
    }
  }
  let starting: Promise<void> | null = null
  const stop = async () => {
    await starting?.catch(() => undefined)
    const running = child
    if (running === null) return
    const over = new Promise((resolve) => running.once('exit', resolve))
    running.kill('SIGINT')
    await over
  }
  return {
    start: async () => {
      // One that was killed a moment ago may not have been heard of.
      if (starting === null && child?.pid !== undefined && (await isPostgres(child.pid))) return
      starting ??= begun().finally(() => (starting = null))
      await starting
    },
    stop,
    remove: async () => {
      await stop()
      await endLeftover()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Why it has ended, of what it said: hints and a farewell may follow. */
function fatalOf(said: string): string {
  const lines = said.trim().split('\n')
  return lines.findLast((line) => line.includes('FATAL:')) ?? lines.at(-1) ?? ''
}

function isHeldByAnother(error: unknown): boolean {
  return error instanceof JobError && error.message.includes('shared memory block')
}

/** Whether the process is the server, and not another that has its number by now. */
async function isPostgres(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  if (process.platform !== 'linux') return true
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes('postgres')
}

interface Identity {
  readonly uid?: number
  readonly gid?: number
}

/** The server refuses to run as root; nobody in particular is the least that it can be. */
async function unprivileged(): Promise<Identity> {
  if (process.getuid?.() !== 0) return {}
  const [uid, gid] = await Promise.all(['-u', '-g'].map(async (which) => Number((await execute('id', [which, 'nobody'])).stdout)))
  return { ...(uid !== undefined && { uid }), ...(gid !== undefined && { gid }) }
}

/** @throws JobError `tool-missing`. */
async function programFolder(): Promise<string> {
  const debian = '/usr/lib/postgresql'
  const versions = await readdir(debian).catch(() => [])
  const places = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...versions.toSorted((one, other) => Number(other) - Number(one)).map((version) => join(debian, version, 'bin')),
    '/opt/homebrew/bin',
    '/usr/local/pgsql/bin',
  ]
  const found = places.find((place) => existsSync(join(place, 'initdb')) && existsSync(join(place, 'postgres')))
  if (found !== undefined) return found
  const install = installLine(
    {
      apt: 'postgresql',
      dnf: 'postgresql-server',
      pacman: 'postgresql',
      zypper: 'postgresql-server',
      brew: 'postgresql',
      winget: 'PostgreSQL.PostgreSQL.17',
    },
    process.platform,
  )
  throw new JobError('tool-missing', { program: 'PostgreSQL', ...(install !== null && { install }) })
}
