/**
 * The proof that a machine may work: each line is tried out, on the very storage and with the very programs, before the first order. A
 * machine that fails one takes nothing and says which.
 */
import { randomUUID } from 'node:crypto'
import { link, open, readFile, readdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CheckLine } from '../../shared/fleet.ts'
import type { Check } from '../../shared/machine.ts'
import { toFailure } from '../../shared/failure.ts'
import type { Clock } from '../engine/ports.ts'
import type { Broker, KnownHead } from '../fleet/broker.ts'
import { silentMs } from '../fleet/broker.ts'
import { canaryName } from '../fleet/head.ts'
import { probePrefix } from '../fleet/parts.ts'
import type { Storage } from '../fleet/storage.ts'
import { toHead, type Notice } from '../fleet/wire.ts'

export interface ProofPorts {
  /** Small letters and digits. */
  readonly machine: string
  readonly broker: Broker
  readonly storages: readonly Storage[]
  readonly programs: () => Promise<readonly Check[]>
  readonly clock: Clock
}

/** So long a head may take to see what was written. */
const seenWithinMs = 20_000
const leastFreeBytes = 2 ** 30
const maxSkewMs = 2_000

export async function prove(
  { machine, broker, storages, programs, clock }: ProofPorts,
  heard: (listener: (notice: Notice) => void) => () => void,
  signal: AbortSignal,
): Promise<readonly CheckLine[]> {
  const heads = (await broker.heads()).filter((head) => head.silentMs < silentMs)
  const lines: CheckLine[] = [await clockLine(broker, clock)]
  for (const storage of storages) {
    const ofStorage = heads.filter(({ canaries }) => canaries[storage.id] !== undefined)
    const { path } = storage
    lines.push({ check: 'storage', state: 'fine', facts: { path, id: storage.id } })
    const canary = await canaryLine(storage, ofStorage)
    lines.push(canary)
    if (canary.state === 'trouble') continue
    lines.push(
      await tried('write', path, async () => await writeLine(storage, ofStorage, { machine, broker, clock }, heard, signal)),
    )
    lines.push(await tried('names', path, async () => await namesLine(path, machine)))
    lines.push(await tried('space', path, async () => await spaceLine(path)))
  }
  lines.push(programLine(await programs()))
  return lines
}

async function tried(check: CheckLine['check'], path: string, work: () => Promise<CheckLine>): Promise<CheckLine> {
  return await work().catch((error: unknown) => {
    const { code, facts } = toFailure(error)
    const reason = 'reason' in facts && typeof facts.reason === 'string' ? facts.reason : code
    return { check, state: 'trouble', facts: { path, reason } }
  })
}

async function clockLine(broker: Broker, clock: Clock): Promise<CheckLine> {
  const before = clock.nowMs()
  const there = await broker.nowMs()
  const apartMs = Math.round(there - (before + clock.nowMs()) / 2)
  return { check: 'clock', state: Math.abs(apartMs) > maxSkewMs ? 'remark' : 'fine', facts: { apartMs } }
}

/** That it is the storage of the head, and as it is now: a copy of it has another canary, or an old one. */
async function canaryLine({ id, path }: Storage, heads: readonly KnownHead[]): Promise<CheckLine> {
  const trouble = (facts: CheckLine['facts']): CheckLine => ({ check: 'canary', state: 'trouble', facts: { path, ...facts } })
  if (heads.length === 0) return trouble({ because: 'no-head' })
  await readdir(path).catch(() => undefined)
  for (const { tag, name, canaries } of heads) {
    const found = await readFile(join(path, canaryName(tag)), 'utf8').catch(() => null)
    if (found !== canaries[id]) return trouble({ because: found === null ? 'canary-missing' : 'canary-other', head: name })
  }
  return { check: 'canary', state: 'fine', facts: { path, heads: heads.map(({ name }) => name).join(', ') } }
}

async function writeLine(
  { id, path }: Storage,
  heads: readonly KnownHead[],
  { machine, broker, clock }: Pick<ProofPorts, 'machine' | 'broker' | 'clock'>,
  heard: (listener: (notice: Notice) => void) => () => void,
  signal: AbortSignal,
): Promise<CheckLine> {
  const token = randomUUID()
  const name = `${probePrefix}${machine}-${token}`
  const at = join(path, name)
  const seen = Promise.withResolvers<boolean>()
  const unhear = heard((notice) => {
    if (notice.what === 'seen' && notice.token === token) seen.resolve(true)
  })
  const begunMs = clock.nowMs()
  const cancelTimer = clock.after(seenWithinMs, () => seen.resolve(false))
  const onAbort = () => seen.resolve(false)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await writeFile(at, token, { flag: 'wx' })
    for (const { tag } of heads) await broker.notify(toHead(tag), { what: 'probe', machine, at: { root: id, path: name }, token })
    const isSeen = await seen.promise
    return isSeen
      ? { check: 'write', state: 'fine', facts: { path, seenMs: Math.round(clock.nowMs() - begunMs) } }
      : { check: 'write', state: 'trouble', facts: { path, because: 'not-seen' } }
  } finally {
    signal.removeEventListener('abort', onAbort)
    cancelTimer()
    unhear()
    await rm(at, { force: true })
  }
}

/** What names and calls the storage takes from here. Rendering needs renames; links are the head's to have, and only remarked. */
async function namesLine(path: string, machine: string): Promise<CheckLine> {
  const base = join(path, `${probePrefix}${machine}-${randomUUID()}`)
  const made = new Set<string>()
  const make = async (name: string) => {
    await writeFile(name, machine, { flag: 'wx' })
    made.add(name)
  }
  const works = async (work: () => Promise<unknown>): Promise<boolean> =>
    await work().then(
      () => true,
      () => false,
    )
  try {
    await make(base)
    const isExclusive = !(await works(async () => await (await open(base, 'wx')).close()))
    const moved = `${base}.moved`
    await rename(base, moved)
    made.delete(base)
    made.add(moved)
    const hasLinks = await works(async () => {
      await link(moved, `${base}.link`)
      made.add(`${base}.link`)
    })
    const remarks: string[] = []
    if (!hasLinks) remarks.push('links')
    if (!(await works(async () => await make(`${base}:colon`)))) remarks.push('colon')
    await make(`${base}.case`)
    if (await works(async () => await stat(`${base}.CASE`))) remarks.push('case')
    await make(`${base}.\u00e9`)
    if (await works(async () => await stat(`${base}.e\u0301`))) remarks.push('composed')
    if (!isExclusive) return { check: 'names', state: 'trouble', facts: { path, because: 'not-exclusive' } }
    return { check: 'names', state: remarks.length === 0 ? 'fine' : 'remark', facts: { path, remarks: remarks.join(' ') } }
  } finally {
    // What came of it is known by now, and a share that does not take a name back at once is no worse for that.
    for (const name of made) await rm(name, { force: true }).catch(() => undefined)
  }
}

async function spaceLine(path: string): Promise<CheckLine> {
  const { bavail, bsize } = await statfs(path)
  const bytes = bavail * bsize
  return { check: 'space', state: bytes < leastFreeBytes ? 'remark' : 'fine', facts: { path, bytes } }
}

function programLine(checks: readonly Check[]): CheckLine {
  const ffmpeg = checks.find(({ of }) => of === 'ffmpeg')
  return ffmpeg === undefined || ffmpeg.state === 'trouble' || ffmpeg.state === 'missing'
    ? { check: 'ffmpeg', state: 'trouble', facts: {} }
    : { check: 'ffmpeg', state: 'fine', facts: { version: ffmpeg.version ?? '' } }
}
