/** Whether a file that has been quiet is really complete: readable, held by nobody, as long as it says, understood by a look into it. */
import { access, open } from 'node:fs/promises'
import { dirname, basename, join } from 'node:path'
import { factsOf, toFailure } from '../../shared/failure.ts'
import { certainFormatOf, formatOfName } from '../../shared/formats.ts'
import type { Why, WhyCode } from '../../shared/folders.ts'
import type { Inspect } from '../engine/ports.ts'
import { codeOf } from '../engine/place.ts'
import type { Judge } from './judge.ts'
import { look } from './listing.ts'
import { companions } from './names.ts'
import { printOf } from './print.ts'
import { isSame, type Gate } from './quiet.ts'
import { cutOff } from './whole.ts'
import type { Writers } from './writers.ts'

export type Readiness =
  | { readonly kind: 'ready'; readonly print: string }
  /** Not yet: it is asked again later. */
  | { readonly kind: 'wait'; readonly why: Why }
  | { readonly kind: 'leave'; readonly why: Why }
  /** It changed while it was looked into, or is gone. */
  | { readonly kind: 'stirred' }

export interface ReadinessPorts {
  readonly inspect: Inspect
  readonly writers: Writers
  /** A file that has been still for longer will not become better by waiting. */
  readonly youngMs: number
}

/** What happens to the file while it is looked into is no trouble. */
export async function readinessOf(...asked: Parameters<typeof lookInto>): Promise<Readiness> {
  try {
    return await lookInto(...asked)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ESTALE') return { kind: 'stirred' }
    if (!/^E[A-Z0-9]+$/.test(code)) throw error
    return wait('unreadable', { reason: code })
  }
}

async function lookInto(path: string, gate: Gate, judge: Judge, ports: ReadinessPorts, signal: AbortSignal): Promise<Readiness> {
  const unreadable = await readTrouble(path)
  if (unreadable !== null) return unreadable
  if (await ports.writers.isHeld(path, gate.sinceMs)) return wait('being-written')
  const companion = await companionOf(path)
  if (companion !== null) return wait('unfinished', { path: companion })

  const isYoung = gate.stillMs < ports.youngMs
  if (isYoung) {
    const missing = await missingIn(path)
    if (missing !== null) return wait('incomplete', { reason: missing })
  }
  try {
    const facts = await ports.inspect(path, signal)
    const verdict = judge.ofFormat(facts.format)
    if (verdict.kind === 'leave') return verdict
  } catch (error) {
    if (signal.aborted) throw error
    const why = toFailure(error)
    // Without a name that says what it is, nobody meant it.
    if (why.code === 'source-unknown' && formatOfName(path) === null) return { kind: 'leave', why }
    if (isYoung) return wait('not-readable-yet', { reason: String(factsOf(why)['reason'] ?? why.code) })
    // Source code, by its name a film.
    if (why.code === 'source-unknown' && certainFormatOf(path) === null) return { kind: 'leave', why }
    // The engine will fail as well, and say so where failures are seen.
  }
  const print = await printOf(path)
  const now = await look(dirname(path), basename(path))
  return now !== null && isSame(now, gate.last) ? { kind: 'ready', print } : { kind: 'stirred' }
}

function wait(code: WhyCode, facts: Readonly<Record<string, string>> = {}): Readiness {
  return { kind: 'wait', why: { code, facts } }
}

async function readTrouble(path: string): Promise<Readiness | null> {
  try {
    const file = await open(path, 'r')
    await file.close()
    return null
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT') return { kind: 'stirred' }
    // Windows: whoever writes has not shared it.
    if (code === 'EBUSY') return wait('being-written')
    return wait('unreadable', { reason: code })
  }
}

async function missingIn(path: string): Promise<string | null> {
  const file = await open(path, 'r')
  try {
    return await cutOff(file)
  } finally {
    await file.close()
  }
}

async function companionOf(path: string): Promise<string | null> {
  const folder = dirname(path)
  for (const ending of companions) {
    const name = `${basename(path)}${ending}`
    const isThere = await access(join(folder, name)).then(
      () => true,
      () => false,
    )
    if (isThere) return name
  }
  return null
}
