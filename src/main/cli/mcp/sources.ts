/**
 * From what an assistant names as sources to real paths in the allowed folders. A pattern leads nowhere by itself: the folder that it begins in is
 * walked without following links, and the names that are met there are held against it.
 */
import { opendir } from 'node:fs/promises'
import { join, parse, sep } from 'node:path'
import picomatch from 'picomatch'
import { JobError } from '../../../shared/failure.ts'
import { isTaken } from '../../files/identity.ts'
import { outside, type Allowed } from './allowed.ts'
import { refusal, refusalOfError, RefusedCall, type ToolRefusal } from './refusal.ts'

export interface NamedSources {
  /** Real paths, each once. */
  readonly paths: readonly string[]
  readonly refused: readonly RefusedSource[]
}

export interface RefusedSource {
  readonly source: string
  readonly failure: ToolRefusal
}

/** As many sources as one call takes, patterns put in for what they stand for. */
export const maxSources = 10_000
/** Files and folders that the patterns of one call are held against. */
const maxEntries = 200_000
/** More of them in one name, or folders of any depth in one pattern, would take matching too long. */
const maxStars = 4
const maxDepths = 2

export async function namedSources(names: readonly string[], allowed: Allowed, signal: AbortSignal): Promise<NamedSources> {
  const paths = new Set<string>()
  const refused: RefusedSource[] = []
  const looking: Looking = { allowed, left: { entries: maxEntries }, signal }
  for (const source of names) {
    signal.throwIfAborted()
    try {
      for (const path of await placesOf(source, looking)) paths.add(path)
    } catch (error) {
      signal.throwIfAborted()
      refused.push({ source, failure: refusalOfError(error) })
    }
  }
  if (paths.size <= maxSources) return { paths: [...paths], refused }
  const why = refusal(`More than ${maxSources} sources are too many for one call.`, 'Convert them in several calls.')
  return { paths: [], refused: [...refused, { source: `${paths.size} sources`, failure: why }] }
}

/** What the patterns of one call share. */
interface Looking {
  readonly allowed: Allowed
  readonly left: { entries: number }
  readonly signal: AbortSignal
}

/** @throws RefusedCall or JobError where there is nothing that may be used. */
async function placesOf(name: string, looking: Looking): Promise<readonly string[]> {
  const { allowed } = looking
  const named = await allowed.named(name)
  if (named?.isThere === true) return [named.path]
  if (isPattern(name)) return await matching(name, looking)
  if (named === null) throw outside(name, allowed)
  throw new JobError('source-missing', { path: named.path })
}

function isPattern(name: string): boolean {
  return /[*?[{]/.test(name)
}

async function matching(name: string, looking: Looking): Promise<readonly string[]> {
  const { allowed } = looking
  const found: string[] = []
  let isAnyAllowed = false
  for (const pattern of allowed.pathsOf(name)) {
    const { base, rest } = await partsOf(pattern)
    const place = await allowed.place(base)
    if (place === null) continue
    isAnyAllowed = true
    for await (const path of matchesIn(place, rest, looking)) {
      // A link may lead out of the folders.
      const real = await allowed.place(path)
      if (real !== null) found.push(real)
    }
  }
  if (!isAnyAllowed) throw outside(name, allowed)
  if (found.length === 0) throw new JobError('nothing-found', { path: name })
  return found.toSorted()
}

/** The folder that a pattern begins in, and what of it stands for names. A folder may well be called `[live]`. */
async function partsOf(pattern: string): Promise<{ readonly base: string; readonly rest: string }> {
  const { root } = parse(pattern)
  const names = pattern.slice(root.length).split(sep)
  let base = root
  let first = 0
  for (const name of names) {
    const next = join(base, name)
    if (isPattern(name) && !(await isTaken(next).catch(() => false))) break
    base = next
    first += 1
  }
  return { base, rest: names.slice(first).join('/') }
}

async function* matchesIn(base: string, rest: string, { left, signal }: Looking): AsyncGenerator<string> {
  const parts = rest.split('/')
  const depths = parts.filter((part) => part.includes('**')).length
  if (depths > maxDepths || parts.some((part) => part !== '**' && part.split('*').length - 1 > maxStars))
    throw new RefusedCall(refusal(`“${rest}” has too many stars.`, 'Name a folder, or use a simpler pattern.'))
  const matches = picomatch(rest, { noextglob: true, nocase: process.platform !== 'linux' })
  yield* walkFor(base, '', matches, { depth: depths > 0 ? Infinity : parts.length, left, signal })
}

interface Walking {
  /** Folders to go into, the first one counted. */
  readonly depth: number
  readonly left: { entries: number }
  readonly signal: AbortSignal
}

async function* walkFor(
  folder: string,
  below: string,
  matches: (path: string) => boolean,
  { depth, left, signal }: Walking,
): AsyncGenerator<string> {
  const subfolders: string[] = []
  const entries = await opendir(folder).catch(() => null)
  if (entries === null) return
  for await (const entry of entries) {
    signal.throwIfAborted()
    left.entries -= 1
    if (left.entries < 0)
      throw new RefusedCall(
        refusal(`The patterns of this call are held against more than ${maxEntries} names.`, 'Begin them in smaller folders.'),
      )
    const path = `${below}${entry.name}`
    if (entry.isDirectory()) subfolders.push(entry.name)
    else if (matches(path)) yield join(folder, entry.name)
  }
  if (depth <= 1) return
  for (const name of subfolders)
    yield* walkFor(join(folder, name), `${below}${name}/`, matches, { depth: depth - 1, left, signal })
}
