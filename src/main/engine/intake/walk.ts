/**
 * From what the user named to files: regular files, folders, links. Each name ends as a file or as a refusal with a reason. Of a
 * folder only the names stand in memory at once, because they are put in order.
 */
import { open, opendir, realpath, stat } from 'node:fs/promises'
import { basename, isAbsolute, join, relative, sep } from 'node:path'
import type { Stats } from 'node:fs'
import picomatch from 'picomatch'
import { failure, type Failure } from '../../../shared/failure.ts'
import { certainFormatOf, formatOfName, type FormatId } from '../../../shared/formats.ts'
import type { Why, WhyCode } from '../../../shared/folders.ts'
import type { Confinement } from '../../../shared/job.ts'
import { companionAmong, isUnmeantFolder, whyUnmeant } from '../../../shared/unmeant.ts'
import { placeWithin } from '../../files/confinement.ts'
import { codeOf, isAbsence } from '../../files/identity.ts'
import { isListedAsNoText } from '../../files/names.ts'
import { isTempName } from '../job/temp-names.ts'

export interface Found {
  readonly path: string
  readonly stats: Stats
  /** The folder that was named and led here; null for a file named outright. */
  readonly root: string | null
}
export interface RefusedPath {
  readonly path: string
  readonly root: string | null
  readonly why: Failure
}
/** Met in a folder, and not what anybody means by all of its files. */
export interface LeftPath {
  readonly path: string
  readonly left: Why
}
export type WalkItem = Found | RefusedPath | LeftPath

export interface Filter {
  readonly recursive: boolean
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  /** Names of folders that are never entered, e.g. the one that archived sources go to. */
  readonly skipFolders: readonly string[]
  /** Absolute folder that results go to. Where it lies in a folder that was named, it is not entered: its files are results. */
  readonly results: string | null
  /** Absent: anything may be taken. */
  readonly confinement?: Confinement
}

/** These stand in any folder, hidden, and nobody looks for them. */
const unspoken: ReadonlySet<WhyCode> = new Set(['system-name', 'hidden', 'sync-name'])

/** How many files are asked for at once: enough to keep the disk busy, few enough to stay fair. */
const batchSize = 64

export async function* walk(paths: readonly string[], filter: Filter, signal: AbortSignal): AsyncGenerator<WalkItem> {
  const matches = matcher(filter)
  for (let start = 0; start < paths.length; start += batchSize) {
    signal.throwIfAborted()
    const items = await Promise.all(paths.slice(start, start + batchSize).map((path) => foundIn(filter, path, null)))
    for (const item of items) {
      if (!('stats' in item) || !item.stats.isDirectory()) yield item
      else yield* walkFolder(item.path, { root: item.path, filter, matches, results: await resultsIn(item.path, filter), signal })
    }
  }
}

interface Walking {
  readonly root: string
  readonly filter: Filter
  readonly matches: (path: string) => boolean
  /** Where the folder for results lies in the tree, as the walk comes to it; null: not in it. */
  readonly results: string | null
  readonly signal: AbortSignal
}

async function resultsIn(root: string, { results }: Filter): Promise<string | null> {
  if (results === null) return null
  // Either may be known by a link. One that is not there yet has nothing in it.
  const [top, out] = await Promise.all([root, results].map(async (path) => await realpath(path).catch(() => path)))
  const place = relative(top ?? root, out ?? results)
  return place === '' || isAbsolute(place) || place.split(sep)[0] === '..' ? null : join(root, place)
}

async function* walkFolder(folder: string, walking: Walking): AsyncGenerator<WalkItem> {
  const { root, filter, matches, results, signal } = walking
  const subfolders: string[] = []
  const listed: string[] = []
  if (!(await isAllowed(filter, folder))) return
  try {
    for await (const entry of await opendir(folder, { bufferSize: 256 })) {
      signal.throwIfAborted()
      const { name } = entry
      if (entry.isDirectory()) {
        const isEntered = !isUnmeantFolder(name) && !filter.skipFolders.includes(name) && join(folder, name) !== results
        if (filter.recursive && isEntered) subfolders.push(name)
      } else {
        listed.push(name)
      }
    }
  } catch (error) {
    if (signal.aborted) throw error
    yield { path: folder, root, why: await troubleAt(error, folder) }
  }
  const siblings = new Set(listed)
  const names: string[] = []
  for (const name of listed) {
    if (isTempName(name) || !matches(relative(root, join(folder, name)))) continue
    const why = whyLeft(name, siblings)
    if (why === null) names.push(name)
    else if (!(unspoken as ReadonlySet<string>).has(why.code)) yield { path: join(folder, name), left: why }
  }
  const paths = inOrder(names).map((name) => join(folder, name))
  for (let start = 0; start < paths.length; start += batchSize) {
    signal.throwIfAborted()
    yield* allFound(paths.slice(start, start + batchSize), root, filter)
  }
  for (const name of inOrder(subfolders)) yield* walkFolder(join(folder, name), walking)
}

function whyLeft(name: string, siblings: ReadonlySet<string>): Why | null {
  const code = whyUnmeant(name)
  if (code !== null) return { code, facts: {} }
  const companion = companionAmong(siblings, name)
  return companion === null ? null : { code: 'unfinished', facts: { path: companion } }
}

/** As people count: `take 2` before `take 10`. By a key of plain characters, because comparing by language is slow with 100,000 names. */
function inOrder(names: readonly string[]): readonly string[] {
  const keyed = names.map((name) => ({ name, key: name.toLowerCase().replaceAll(/\d+/g, (digits) => digits.padStart(12, '0')) }))
  return keyed.toSorted((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0)).map(({ name }) => name)
}

async function* allFound(paths: readonly string[], root: string, filter: Filter): AsyncGenerator<WalkItem> {
  for (const item of await Promise.all(paths.map((path) => foundIn(filter, path, root)))) {
    // A link to a folder inside a walked folder is not followed: it may lead in circles or out of the tree.
    if ('stats' in item && item.stats.isDirectory()) continue
    if ('why' in item && item.why.code === 'outside-allowed') yield { path: item.path, left: item.why }
    else yield item
  }
}

async function isAllowed({ confinement }: Filter, path: string): Promise<boolean> {
  return confinement === undefined || (await placeWithin(path, confinement)) !== null
}

/** What lies outside of the folders that may be used is refused, whether it is there or not. */
async function foundIn(filter: Filter, path: string, root: string | null): Promise<Found | RefusedPath> {
  return (await isAllowed(filter, path)) ? await found(path, root) : { path, root, why: failure('outside-allowed', { path }) }
}

async function found(path: string, root: string | null): Promise<Found | RefusedPath> {
  try {
    const stats = await stat(path)
    if (stats.isFile() || stats.isDirectory()) return { path, stats, root }
    return { path, root, why: failure('source-not-file', { path, because: kindOf(stats) }) }
  } catch (error) {
    return { path, root, why: await troubleAt(error, path) }
  }
}

/**
 * By its name; by its contents where that says nothing, or the same of files of quite another kind. A folder may be a project with
 * thousands of the latter, so there only their first bytes are read; whoever names a file means it, and it is looked into.
 *
 * @param sniff by content; null where that says nothing either, a failure where it is something that nothing reads.
 */
export async function formatOf(
  { path, root }: Pick<Found, 'path' | 'root'>,
  sniff: (path: string) => Promise<FormatId | Failure | null>,
): Promise<FormatId | Failure | null> {
  const certain = certainFormatOf(path)
  if (certain !== null) return certain
  const possible = formatOfName(path)
  if (possible !== null) {
    const beginning = await beginningOf(path)
    if (isTransportStream(beginning)) return possible
    if (isZip(beginning)) return await sniff(path)
  }
  return possible === null || root === null ? await sniff(path) : null
}

/** Packets of plain streams, with the time stamp of camcorders and discs, and with their error correction. */
const packetBytes = [188, 192, 204]
const leastPackets = 3
const maxPackets = 5
const syncByte = 0x47

/** A transport stream has no signature but a byte that each of its packets begins with; a recording may begin within one. */
export function isTransportStream(beginning: Uint8Array): boolean {
  return packetBytes.some((size) => {
    for (let start = 0; start < size; start += 1) {
      let packets = 0
      while (packets < maxPackets && beginning[start + packets * size] === syncByte) packets += 1
      const isAll = packets === maxPackets || start + packets * size >= beginning.length
      if (packets >= leastPackets && isAll) return true
    }
    return false
  })
}

/** As Pages, Numbers and Keynote pack their files: neither a program's text nor a private key begins so. */
function isZip(beginning: Uint8Array): boolean {
  return Buffer.from(beginning.subarray(0, 4)).equals(Buffer.from('PK\x03\x04', 'latin1'))
}

async function beginningOf(path: string): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.max(...packetBytes) * (maxPackets + 1))
  const file = await open(path, 'r').catch(() => null)
  if (file === null) return bytes.subarray(0, 0)
  try {
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
    return bytes.subarray(0, bytesRead)
  } catch {
    return bytes.subarray(0, 0)
  } finally {
    await file.close()
  }
}

/** A name that is no text reads as one that no path leads to. */
async function troubleAt(error: unknown, path: string): Promise<Failure> {
  const isUntold = isAbsence(error) && (await isListedAsNoText(path))
  return isUntold ? failure('source-unreadable', { path, because: 'name-not-text' }) : troubleOf(error, path)
}

export function troubleOf(error: unknown, path: string): Failure {
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return failure('source-missing', { path })
    case 'ELOOP':
      return failure('link-loop', { path })
    case 'ENAMETOOLONG':
      return failure('name-too-long', { path: path.length > 200 ? `${path.slice(0, 200)}…` : path })
    default:
      return failure('source-unreadable', { path, reason: codeOf(error) || String(error) })
  }
}

export function kindOf(stats: Stats): 'a-pipe' | 'a-socket' | 'a-folder' | 'a-device' {
  if (stats.isFIFO()) return 'a-pipe'
  if (stats.isSocket()) return 'a-socket'
  if (stats.isDirectory()) return 'a-folder'
  return 'a-device'
}

function matcher(filter: Filter): (path: string) => boolean {
  const included = filter.include.map(globOf)
  const excluded = filter.exclude.map(globOf)
  return (path) => (included.length === 0 || included.some((test) => test(path))) && !excluded.some((test) => test(path))
}

/** A pattern without a slash is matched against the file's name alone, as people expect of `*.wav`; another against the path below a root. */
export function globOf(pattern: string): (path: string) => boolean {
  const test = picomatch(pattern, { dot: true, nocase: true })
  return pattern.includes('/') ? (path) => test(sep === '/' ? path : path.replaceAll(sep, '/')) : (path) => test(basename(path))
}
