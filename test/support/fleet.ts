/** A fleet on one machine: a real PostgreSQL, a Beside that has the queue, and machines that are processes of their own. */
import { execFile } from 'node:child_process'
import { chmodSync, existsSync, readdirSync } from 'node:fs'
import { mkdir, readFile, readdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import { createTrialPostgres, freePort, trialAddress } from '../../src/main/fleet/trial-postgres.ts'
import { openBroker, type Broker } from '../../src/main/fleet/broker.ts'
import { systemClock } from '../../src/main/system.ts'
import { testBeside, type TestBeside } from './beside.ts'
import { cliProcess, type Started } from './cli.ts'
import { temporaryFolder } from './folder.ts'
import { processes } from './processes.ts'
import { testLog } from './log.ts'

const debian = '/usr/lib/postgresql'

/** Of the server's own programs, such as `psql`, the newest. */
export function postgresProgram(name: string): string {
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((one, other) => Number(other) - Number(one)) : []
  return versions.map((version) => join(debian, version, 'bin', name)).find((path) => existsSync(path)) ?? name
}

/** Whether there is a server that could be started. */
export const hasPostgres =
  (existsSync(debian) && readdirSync(debian).some((version) => existsSync(join(debian, version, 'bin/initdb')))) ||
  (process.env['PATH'] ?? '').split(':').some((place) => existsSync(join(place, 'initdb')))

const password = 'a password of the test'

export interface TestQueue {
  readonly folder: string
  /** With its password, as a person would type it. */
  readonly address: string
  stop(): Promise<void>
  start(): Promise<void>
}

/** A PostgreSQL of the test's own. */
export async function testQueue(): Promise<TestQueue> {
  const folder = await temporaryFolder()
  // Whoever runs the server as nobody has to come through.
  chmodSync(folder, 0o711)
  const port = await freePort()
  const server = createTrialPostgres({ folder: join(folder, 'server'), port, password, clock: systemClock, log: testLog })
  await server.start()
  onTestFinished(async () => await server.stop())
  const url = new URL(trialAddress(port))
  url.password = password
  return { folder, address: url.href, start: async () => await server.start(), stop: async () => await server.stop() }
}

/** As the power does it; resolves when it is gone. */
export async function killPostgres({ folder }: TestQueue): Promise<void> {
  const [line] = (await readFile(join(folder, 'server', 'data', 'postmaster.pid'), 'utf8')).split('\n')
  // Its children notice that their parent has gone.
  process.kill(Number(line), 'SIGKILL')
  await until(() => !processes().some(({ pid }) => pid === Number(line)))
}

export interface Machine {
  readonly name: string
  readonly started: Started
  /** Where it has the storage. */
  readonly storage: string
}

interface MachineOptions {
  readonly storage?: string
  readonly words?: readonly string[]
  /** That of another head, or over another way. */
  readonly line?: string
  /** What it says when it takes work. */
  readonly says?: string
  /** As `cliProcess` has it. */
  readonly through?: readonly string[]
}

export interface TestFleet {
  readonly beside: TestBeside
  /** Its data folder. */
  readonly home: string
  readonly queue: TestQueue
  /** Where this Beside has the storage. */
  readonly media: string
  readonly joinLine: string
  /** Resolves when it takes work. @param storage another path of the same storage unless given. */
  machine(name: string, options?: MachineOptions): Promise<Machine>
  /** A connection as the head's. */
  broker(): Promise<Broker>
  /** Names of files in the storage that are not sources, results, or what the fleet itself keeps there. */
  leftOvers(): Promise<readonly string[]>
}

/** A Beside with a fleet that nobody has joined yet. @param shared a folder that is there; one of its own unless given. */
export async function testFleet(env: Readonly<Record<string, string>> = {}, shared?: string): Promise<TestFleet> {
  const [folder, queue] = [await temporaryFolder(), await testQueue()]
  const media = shared ?? join(folder, 'volume1', 'media')
  await mkdir(media, { recursive: true })
  const beside = await testBeside(folder, { env })
  const { joinLine } = await beside.fleet.setUp({ storage: [media], queue: queue.address })
  let machines = 0
  return {
    beside,
    home: join(folder, 'beside-home'),
    queue,
    media,
    joinLine,
    machine: async (name, { storage, words = [], line = joinLine, says = 'Takes work.', through } = {}) => {
      machines += 1
      const at = storage ?? join(folder, `mnt ${machines}`)
      if (storage === undefined) await symlink(media, at)
      const { start } = await cliProcess({}, through)
      const started = start('worker', '--join', line, '--storage', at, '--name', name, ...words)
      await started.says(says)
      return { name, started, storage: at }
    },
    broker: async () => {
      const url = new URL(queue.address)
      url.password = ''
      const broker = await openBroker({ address: url.href, password, name: 'test', as: 'head', log: testLog })
      onTestFinished(async () => await broker.stop())
      return broker
    },
    leftOvers: async () => (await readdir(media)).filter((name) => /^\.beside-(?!folder$|canary-)/.test(name)),
  }
}

/** So long that whoever encodes it can be caught at it. */
export async function writeFilm(path: string, seconds = 60): Promise<string> {
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=640x360:rate=25:duration=${seconds}`]
  await promisify(execFile)('ffmpeg', ['-v', 'error', ...picture, '-c:v', 'libx264', '-preset', 'ultrafast', path])
  return path
}

/** Resolves once it holds; the test's own time limit is the limit. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20))
}
