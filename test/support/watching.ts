/** A whole Beside that watches a folder of the test: real files, real events, and little patience. */
import { copyFile, mkdir, readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { composeOver, type Composed, type ComposeOptions } from '../../src/main/compose.ts'
import type { Log } from '../../src/main/engine/ports.ts'
import { fileSecrets } from '../../src/main/secrets.ts'
import { openStore } from '../../src/main/store/open.ts'
import type { Store } from '../../src/main/store/store.ts'
import { randomHex, systemClock } from '../../src/main/system.ts'
import { isUnmeantFolder } from '../../src/shared/unmeant.ts'
import { watchTimings, type WatchTimings } from '../../src/main/watch/watch-context.ts'
import { plainRule, type ExistingChoice, type Folder, type Rule, type Sighting } from '../../src/shared/folders.ts'
import { temporaryFolder } from './folder.ts'
import { testLog } from './log.ts'
import { stoppableClock, type StoppableClock } from './clock.ts'
import { writeTone } from './tone.ts'

/** A tenth or less of what users get; the order of the times to each other is theirs. */
export const hurried: WatchTimings = {
  ...watchTimings,
  quietMs: 150,
  quietPerPieceMs: 100,
  gatherMs: 20,
  rescanMs: 300,
  rootMs: 250,
  pollMs: 100,
  retryMs: [200, 300],
  laterMs: 300,
}

export interface Watching extends Composed {
  /** The folder that is watched, where the test makes its files ready, and the data folder. */
  readonly drop: string
  readonly aside: string
  readonly home: string
  /** A short sound, ready to be copied. */
  readonly tone: string
  /** What the watching waits by. It stands still while a test that says so does something. */
  readonly clock: StoppableClock
  /** The first folder. */
  folder(): Folder
  /** Begins to watch `drop`, for MP3 unless the change says otherwise. */
  add(change?: Partial<Rule>, existing?: ExistingChoice): Promise<Folder>
  /** All lines of the first folder, also of files that are gone. */
  lines(): readonly Sighting[]
  /** That of a file which is there, by its path below the folder. */
  line(path: string): Sighting | undefined
  /** `path: state why` of all that are there, sorted. */
  ledger(): readonly string[]
  /** Paths below the watched folder, sorted, without the mark. */
  files(): Promise<readonly string[]>
  /** Jobs that are done, ever. */
  done(): number
  /** Waits until the ledger says what is there, and nothing waits, is queued, or will be tried again. */
  settled(): Promise<void>
  /** Looks through all of it and waits for the end. */
  looked(): Promise<void>
  /** Ends this Beside and begins another one on the same data. */
  restarted(change?: WatchingOptions): Promise<Watching>
}

export interface WatchingOptions extends Pick<ComposeOptions, 'trash'> {
  readonly timings?: Partial<WatchTimings>
  /** Keys of online providers. */
  readonly env?: Readonly<Record<string, string>>
  /** Does something before the watching starts. */
  readonly before?: (composed: Composed) => void | Promise<void>
  /** The store that everything runs over, as where some of it fails. */
  readonly over?: (store: Store) => Store
  /** What hears of troubles that the test brings about. */
  readonly log?: Log
}

type Places = Pick<Watching, 'home' | 'drop' | 'aside' | 'tone' | 'clock'>

export async function watching(options: WatchingOptions = {}): Promise<Watching> {
  const top = await temporaryFolder()
  const [home, drop, aside] = ['home', 'drop', 'aside'].map((name) => join(top, name)) as [string, string, string]
  const tone = join(aside, 'tone.wav')
  await mkdir(drop)
  await mkdir(aside)
  await writeTone(tone, 0.2)
  return await watchingIn({ home, drop, aside, tone, clock: stoppableClock() }, options)
}

async function watchingIn(places: Places, options: WatchingOptions): Promise<Watching> {
  const { home, drop, clock } = places
  const { timings, env = {}, before, over = (store) => store, log = testLog, ...more } = options
  const store = openStore({ folder: home, log, nowMs: () => systemClock.nowMs(), randomHex })
  const composed = composeOver(over(store), {
    ...more,
    home,
    log,
    clock,
    secrets: fileSecrets(home, env),
    timings: { ...hurried, ...timings },
  })
  let stopped: Promise<void> | null = null
  const stop = async () => await (stopped ??= composed.stop())
  onTestFinished(async () => await stop())
  const { engine, folders } = composed
  await before?.(composed)
  await engine.start()
  await folders.start()

  const folder = (): Folder => {
    const [first] = folders.list()
    if (first === undefined) throw new Error('no folder is watched')
    return first
  }
  const lines = () => {
    const found: Sighting[] = []
    for (let after: string | null = null; ;) {
      const page = folders.sightings({ folderId: folder().id, states: [], text: '' }, after, 1000)
      found.push(...page.sightings)
      if (page.next === null) return found
      after = page.next
    }
  }
  const there = () => lines().filter(({ gone }) => !gone)
  const ledger = () => there().map(({ path, state, why }) => `${relative(drop, path)}: ${state} ${why.code}`)
  const looked = async () => {
    const { id, lookedAtMs } = folder()
    clock.pass(1)
    await folders.scan(id)
    await until(() => folder().lookedAtMs !== lookedAtMs)
  }
  onTestFinished(({ task }) => {
    if (task.result?.state === 'fail' && folders.list().length > 0) console.error(JSON.stringify([folder(), ...lines()], null, 1))
  })
  return {
    ...places,
    ...composed,
    stop,
    folder,
    lines,
    line: (path) => there().find((line) => line.path === join(drop, path)),
    ledger: () => ledger().toSorted(),
    files: async () => await filesIn(drop),
    done: () => engine.totals().totals.done,
    add: async (change = {}, existing = 'convert') => {
      const rule = { ...plainRule(drop, [{ target: 'mp3', preset: null, options: {} }]), ...change }
      const added = await folders.add({ rule, on: true, existing })
      await until(() => folder().health.state === 'watching' && folder().lookedAtMs !== null)
      return added
    },
    settled: async () =>
      await until(async () => {
        const { waiting, queued, failed } = folder().counts
        if (waiting + queued + failed > 0) return false
        return await tellsOf(folder().rule, there())
      }),
    looked,
    restarted: async (change = {}) => {
      await stop()
      return await watchingIn(places, { ...options, ...change })
    },
  }
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory() && entry.name !== '.beside-folder')
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .toSorted()
}

/** Whether lines and files are the same, as they look now. What is hidden, and what is in a folder for results, may have a line, and need not. */
async function tellsOf({ path: folder, out, recursive }: Rule, lines: readonly Sighting[]): Promise<boolean> {
  const byPath = new Map(lines.map((line) => [relative(folder, line.path), line]))
  const paths = await filesIn(folder)
  for (const path of paths) {
    const parts = path.split('/')
    const isResult = out !== null && out !== folder && join(folder, path).startsWith(`${out}/`)
    if (isResult || parts.some(isUnmeantFolder) || (!recursive && parts.length > 1)) continue
    const now = await stat(join(folder, path), { bigint: true }).catch(() => null)
    if (now === null || now.isDirectory()) continue
    const line = byPath.get(path)
    if (line === undefined || line.bytes !== Number(now.size) || line.mtimeMs !== Number(now.mtimeNs) / 1e6) return false
  }
  return [...byPath.keys()].every((path) => paths.includes(path))
}

/** Waits for a condition, however long it takes; the test's own limit ends what never comes. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(10)
}

/** So many copies of a file under these names, at once. */
export async function copies(from: string, folder: string, names: readonly string[]): Promise<void> {
  await Promise.all(names.map(async (name) => await copyFile(from, join(folder, name))))
}
