/** What becomes of one file that is seen: which line of the ledger is its own, and where that line stands now. */
import { access } from 'node:fs/promises'
import type { Why } from '../../shared/folders.ts'
import type { Entry as Written, Line, LineChange } from '../store/ledger.ts'
import { dirPath, ownHand, pathOf, type Ground, type LedgerPorts } from './ground.ts'
import { identify, type Identity } from './identity.ts'
import { hangsOnName } from './judge.ts'
import { look, namesIn, type Entry } from './listing.ts'
import { printOf } from './print.ts'

export interface Sight {
  readonly ground: Ground
  /** The ledger had no line at all, so nothing can be known from elsewhere. */
  readonly isBlank: boolean
}

export interface Decision {
  /** What is to be written; the last is the file's own line. */
  readonly entries: readonly Written[]
  /** Lines whose jobs are for contents that are no more. */
  readonly withdrawn: readonly number[]
  /** Lines whose jobs look for the file where it is no more. */
  readonly recalled: readonly number[]
}

type Standing = Required<Pick<LineChange, 'state' | 'why' | 'dueAtMs'>>

/** @param here the line that stands at this place and counts as there. Without entries where nothing can be said now. */
export async function decide(dir: string, entry: Entry, here: Line | null, sight: Sight, ports: LedgerPorts): Promise<Decision> {
  const { folder } = sight.ground
  const identity = await identityOf(dir, entry, here, sight, ports)
  const place = { dir, name: entry.name, inode: entry.inode, bytes: entry.bytes, mtimeMs: entry.mtimeMs, goneAtMs: null }
  const own = 'line' in identity && identity.kind !== 'linked' ? identity.line : null
  const displaced = here === null || here.id === own?.id ? null : here
  const recalled = displaced === null ? [] : [displaced.id]
  const left: readonly Written[] = displaced === null ? [] : [{ id: displaced.id, change: { goneAtMs: ports.clock.nowMs() } }]
  const judged = () => standingOf(dir, entry, sight.ground, ports)

  const begin = (standing: Standing): Decision => {
    const line = { folderId: folder.id, ...place, ...standing, print: null, version: folder.version, attempts: 0 }
    return { withdrawn: [], recalled, entries: [...left, { id: null, line }] }
  }
  const keep = (line: Line, change: LineChange): Decision => ({
    withdrawn: [],
    recalled,
    entries: [...left, { id: line.id, change: { ...place, ...change } }],
  })
  const anew = (line: Line, print: string | null): Decision => ({
    ...keep(line, { ...judged(), print, version: folder.version, attempts: 0 }),
    withdrawn: [line.id],
  })
  /** Another file took the place of the line's. */
  const instead = (line: Line, change: LineChange): Decision => ({
    withdrawn: [],
    recalled: [],
    entries: [{ id: line.id, change: { ...place, ...change } }],
  })

  switch (identity.kind) {
    case 'new':
      if (here === null) return begin(judged())
      if (isLetBe(here, sight.ground)) return instead(here, changedKept)
      // The one that was here has been dealt with and may turn up elsewhere; an unfinished one has only been replaced.
      if (isDealtWith(here)) return begin(judged())
      return {
        ...instead(here, { ...judged(), print: null, version: folder.version, attempts: 0 }),
        withdrawn: [here.id],
      }
    case 'linked':
      return begin({
        state: 'left',
        why: { code: 'same-file', facts: { path: pathOf(sight.ground, identity.line) } },
        dueAtMs: null,
      })
    case 'same':
    case 'touched': {
      const { line } = identity
      const print = (identity.kind === 'touched' ? identity.print : null) ?? line.print
      if (line.state === 'queued') return keep(line, { print, version: folder.version })
      // A result stays one, also where the job that made it has been forgotten.
      if (line.why.code === 'own-output') return keep(line, { print, version: folder.version })
      const isOutdated = line.version !== folder.version || (line.why.code === 'same-file' && !isSecondName(line, ports))
      return isOutdated ? anew(line, print) : keep(line, { print })
    }
    case 'changed':
      return isLetBe(identity.line, sight.ground) ? keep(identity.line, changedKept) : anew(identity.line, null)
    case 'moved': {
      const { line } = identity
      const print = identity.print ?? line.print
      if (line.state === 'queued' || line.state === 'failed') {
        const kept = keep(line, { print })
        return { ...kept, recalled: [...kept.recalled, line.id] }
      }
      const isOpen = line.state === 'waiting' || (line.state === 'left' && hangsOnName(line.why))
      return keep(line, isOpen ? { ...judged(), print, version: folder.version } : { print })
    }
    case 'again': {
      const { line } = identity
      const print = identity.print ?? line.print
      if (line.state !== 'done') return anew(line, print)
      if (await hasResults(line, ports)) return keep(line, { print })
      // Results that went with their disk this moment are not gone; the file would not be there either.
      return (await look(dirPath(sight.ground, dir), entry.name)) === null ? undecided : anew(line, print)
    }
    case 'unread':
      return undecided
  }
}

/** Nothing is written: the next look tells more. */
const undecided: Decision = { withdrawn: [], recalled: [], entries: [] }
const changedKept: LineChange = { why: { code: 'changed-kept', facts: {} }, print: null }

function isDealtWith({ state, why }: Line): boolean {
  return state === 'done' || why.code === 'was-there' || why.code === 'changed-kept' || why.code === 'own-output'
}

/** A file that was dealt with and has other contents now, where the rule wants such files left alone. */
function isLetBe(line: Line, { folder }: Ground): boolean {
  return folder.rule.whenChanged === 'keep' && isDealtWith(line) && line.why.code !== 'own-output'
}

/** Whether the file that it is another name of still stands for it. */
function isSecondName(line: Line, { sightings }: LedgerPorts): boolean {
  const twins = line.inode === null ? [] : sightings.withInode(line.folderId, line.inode)
  return twins.some(({ id, goneAtMs, state }) => id !== line.id && (goneAtMs === null || state === 'done'))
}

async function hasResults(line: Line, ports: LedgerPorts): Promise<boolean> {
  for (const { jobId } of ports.sightings.handsOf(line.id)) {
    const job = jobId === null ? null : ports.jobOf(jobId)
    const outputs = job?.state.phase === 'done' ? job.state.outputs : []
    for (const { path } of outputs) {
      const isThere = await access(path).then(
        () => true,
        () => false,
      )
      if (isThere) return true
    }
  }
  return false
}

function standingOf(dir: string, entry: Entry, ground: Ground, ports: LedgerPorts): Standing {
  const left = (why: Why): Standing => ({ state: 'left', why, dueAtMs: null })
  if (entry.trouble !== null) return left(entry.trouble)
  const hand = ownHand(pathOf(ground, { dir, name: entry.name }), entry, ports)
  if (hand === 'output') return left({ code: 'own-output', facts: {} })
  // Not before it is known what becomes of that.
  if (hand === 'work') return { state: 'waiting', why: { code: 'own-work', facts: {} }, dueAtMs: null }
  const path = dir === '' ? entry.name : `${dir}/${entry.name}`
  const verdict = ground.judge.of({ ...entry, path }, ports.clock.nowMs())
  // A name that will change stands for a file that is still to come.
  if (verdict.kind === 'leave' && hangsOnName(verdict.why)) return left(verdict.why)
  if (ground.folder.begunAtMs === null && ground.folder.existing === 'ignore') return left({ code: 'was-there', facts: {} })
  if (verdict.kind === 'leave') return left(verdict.why)
  if (verdict.kind === 'later') return { state: 'waiting', why: verdict.why, dueAtMs: verdict.dueAtMs }
  return { state: 'waiting', why: { code: 'settling', facts: {} }, dueAtMs: null }
}

async function identityOf(
  dir: string,
  entry: Entry,
  here: Line | null,
  { ground, isBlank }: Sight,
  { sightings }: LedgerPorts,
): Promise<Identity> {
  const { id } = ground.folder
  const others = () => {
    // But for a second name in the same look.
    if (isBlank && entry.links < 2) return []
    const found = [
      ...(entry.inode === null ? [] : sightings.withInode(id, entry.inode)),
      ...sightings.withAge(id, entry.bytes, entry.mtimeMs),
      ...sightings.goneNamed(id, entry.name, entry.bytes),
    ]
    return [...new Map(found.map((line) => [line.id, line])).values()]
  }
  return await identify(entry, {
    here,
    others,
    isThere: async (line) => {
      if (line.dir === dir && isAlike(line.name, entry.name) && !(await namesIn(dirPath(ground, dir))).includes(line.name))
        return false
      const now = await look(dirPath(ground, line.dir), line.name)
      return now !== null && (now.inode === line.inode || (now.bytes === line.bytes && now.mtimeMs === line.mtimeMs))
    },
    print: async () => await printOf(pathOf(ground, { dir, name: entry.name })).catch(() => null),
  })
}

/** Names that some file systems take for the same: a look at the one finds the other. */
function isAlike(one: string, other: string): boolean {
  return one.normalize().toLowerCase() === other.normalize().toLowerCase()
}
