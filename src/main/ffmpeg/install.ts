/** A pinned build of FFmpeg, from its archives to a folder: whole, checked and allowed to be passed on, or not there at all. */
import { execFile } from 'node:child_process'
import { createWriteStream, existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import yauzl from 'yauzl'
import { JobError, toFailure, type FactsOf } from '../../shared/failure.ts'
import { buildFile, isFetched, pinnedArchives, programsFor, thisSystem, type Pins } from './builds.ts'
import { download, type DownloadOptions } from './download.ts'

export interface InstallOptions extends DownloadOptions {
  /** Everything has come, and is being unpacked. */
  readonly unpacking?: () => void
}

/** FFmpeg's programs hold the line that they were configured by. */
const notToBePassedOn = ['--enable-nonfree', '--enable-libfdk-aac'] as const
const licenceName = 'LICENSE.txt'
const run = promisify(execFile)

/**
 * Puts the programs, the licence text where the archives hold one, and the entry of `pins` as `build.json` into the folder `into`, or changes
 * nothing there. What came of an archive before it broke off lies beside it, in `into` + `.part`, for the next try.
 * @throws JobError `not-possible` where nothing is pinned for the system; `fetch-failed`, `disk-full`; the signal's reason.
 */
export async function installBuild(pins: Pins, system: string, into: string, options: InstallOptions): Promise<void> {
  const build = pins[system]
  const archives = build === undefined ? null : pinnedArchives(build)
  if (build === undefined || archives === null) {
    throw new JobError('not-possible', { because: 'ffmpeg-not-pinned', id: system })
  }
  if (isFetched(build, system, into)) return
  const [parts, work] = [`${into}.part`, `${into}.new`]
  try {
    await rm(work, { recursive: true, force: true })
    const ready = join(work, 'ready')
    await mkdir(ready, { recursive: true })
    await mkdir(parts, { recursive: true })
    await keepOnly(
      parts,
      archives.map(({ sha256 }) => sha256),
    )
    const before = archives.map(() => 0)
    for (const [n, archive] of archives.entries()) {
      await download(archive, join(parts, archive.sha256), {
        ...options,
        report: (bytes, ofBytes) => {
          before[n] = bytes
          const others = archives.filter((other) => other !== archive).map((other) => other.bytes)
          const all = others.reduce<number | null>((sum, one) => (sum === null || one === null ? null : sum + one), ofBytes)
          options.report?.(
            before.reduce((sum, one) => sum + one, 0),
            all,
          )
        },
      })
    }
    options.unpacking?.()
    const [host] = archives.map(({ address }) => new URL(address).host)
    const wrong = (facts: Omit<FactsOf['fetch-failed'], 'host'>) => new JobError('fetch-failed', { host: host ?? '', ...facts })
    for (const { address, sha256 } of archives) {
      const names = [...programsFor(system), licenceName]
      await unpack({ file: join(parts, sha256), address, names, into: ready, signal: options.signal }).catch((error: unknown) => {
        options.signal.throwIfAborted()
        const { code, facts } = toFailure(error)
        if (code === 'disk-full') throw error
        throw wrong({ because: 'archive-unreadable', ...('reason' in facts && { said: firstLine(facts.reason) }) })
      })
    }
    for (const program of programsFor(system)) {
      const file = join(ready, program)
      if (!existsSync(file)) throw wrong({ because: 'archive-lacks', program })
      await chmod(file, 0o755)
      const part =
        forbiddenIn(await readFile(file)) ?? (system === thisSystem ? forbiddenIn(await configured(file, wrong)) : null)
      if (part !== null) throw wrong({ because: 'not-passed-on', part })
    }
    await writeFile(join(ready, buildFile), JSON.stringify(build))
    options.signal.throwIfAborted()
    await replace(into, ready, join(work, 'old'))
    await rm(parts, { recursive: true, force: true })
  } finally {
    await rm(work, { recursive: true, force: true })
    // Only where nothing lies in it that another try can use.
    await rmdir(parts).catch(() => {})
  }
}

/** The other one stands aside for as long as that takes. */
async function replace(into: string, ready: string, aside: string): Promise<void> {
  const isThere = existsSync(into)
  if (isThere) await rename(into, aside)
  try {
    await rename(ready, into)
  } catch (error) {
    if (isThere) await rename(aside, into)
    throw error
  }
}

async function keepOnly(folder: string, names: readonly string[]): Promise<void> {
  for (const name of await readdir(folder)) if (!names.includes(name)) await rm(join(folder, name), { recursive: true })
}

function forbiddenIn(text: Uint8Array | string): string | null {
  const bytes = Buffer.from(text)
  return notToBePassedOn.find((part) => bytes.includes(part)) ?? null
}

/** What it says of itself; that it can be started is seen by the way. */
async function configured(file: string, wrong: (facts: Omit<FactsOf['fetch-failed'], 'host'>) => JobError): Promise<string> {
  try {
    const { stdout, stderr } = await run(file, ['-version'], { timeout: 60_000, windowsHide: true })
    return stdout + stderr
  } catch (error) {
    throw wrong({ because: 'does-not-start', program: basename(file), said: firstLine((error as Error).message) })
  }
}

function firstLine(text: string): string {
  return (text.split('\n').findLast((line) => line.trim() !== '') ?? '').trim()
}

interface Unpacking {
  readonly file: string
  readonly address: string
  readonly names: readonly string[]
  readonly into: string
  readonly signal: AbortSignal
}

/** Puts the files of these names into `into`, from whichever folder of the archive; nothing else of it is written anywhere. */
async function unpack({ file, address, names, into, signal }: Unpacking): Promise<void> {
  // The tar of Linux reads no ZIP.
  if (new URL(address).pathname.endsWith('.zip')) return await unzip(file, names, into)
  const { stdout } = await run('tar', ['-tf', file], { maxBuffer: 2 ** 26, signal })
  const wanted = names.flatMap(
    (name) => stdout.split(/\r?\n/).find((path) => path.split('/').at(-1) === name && isPlain(path)) ?? [],
  )
  if (wanted.length === 0) return
  const unpacked = `${into}-tar`
  await mkdir(unpacked)
  await run('tar', ['-xf', file, '-C', unpacked, '--', ...wanted], { signal })
  for (const path of wanted) {
    const entries = await readdir(join(unpacked, ...path.split('/').slice(0, -1)), { withFileTypes: true })
    const entry = entries.find(({ name }) => name === basename(path))
    if (entry?.isFile() === true) await rename(join(unpacked, path), join(into, basename(path)))
  }
  await rm(unpacked, { recursive: true })
}

/** Leads nowhere else, and means nothing to tar but itself. */
function isPlain(path: string): boolean {
  return !path.startsWith('/') && !path.split('/').includes('..') && !/[*?[\\]/.test(path)
}

async function unzip(file: string, names: readonly string[], into: string): Promise<void> {
  const archive = await yauzl.openPromise(file, { autoClose: false })
  try {
    for await (const entry of archive.eachEntry()) {
      const name = entry.fileName.split('/').at(-1) ?? ''
      if (!names.includes(name) || existsSync(join(into, name))) continue
      await pipeline(await archive.openReadStreamPromise(entry), createWriteStream(join(into, name), { flags: 'wx' }))
    }
  } finally {
    archive.close()
  }
}
