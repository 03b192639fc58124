/**
 * Seen files against the ledger: which line a file's own is, new, followed or changed, and what state it comes into. It decides and
 * writes, and neither waits for files nor enqueues them.
 *
 * | the file is …          | its line                                                                                         |
 * | ---------------------- | ------------------------------------------------------------------------------------------------ |
 * | new                    | a new one, `waiting` or `left` by its rule                                                       |
 * | the same, or touched   | stays as it is; checked anew where the rule is another                                            |
 * | changed                | checked anew, its jobs withdrawn; `changed-kept` where the rule leaves such files alone           |
 * | moved                  | goes with it; what is queued or failed is enqueued where it is now                               |
 * | there again            | as it was where its results are there; else anew                                                 |
 * | another name of one    | a new one, `left` as `same-file`                                                                 |
 * | unreadable now         | stays as it is; the next scan shows more                                                         |
 */
import { access } from 'node:fs/promises'
import type { Why } from '../../shared/folders.ts'
import type { Entry as LedgerWrite, LedgerLine, LineChange, NewLine } from '../store/ledger.ts'
import { fingerprintOf } from '../files/fingerprint.ts'
import { isAlike } from '../files/names.ts'
import { identify, type Identity } from './fingerprint.ts'
import { namesIn, statFile, type FileEntry } from './listing.ts'
import { dependsOnName } from './rule-filter.ts'
import { createTroubles } from './troubles.ts'
import { dirPath, ownFile, pathOf, type LedgerPorts, type WatchContext } from './watch-context.ts'

export interface ScanContext {
  readonly context: WatchContext
  /** The ledger had no line at all, so nothing can be known from elsewhere. */
  readonly isBlank: boolean
}

export interface Decision {
  /** What is to be written; the last is the file's own line. */
  readonly entries: readonly LedgerWrite[]
  /** Lines whose jobs are for contents that are no more. */
  readonly withdrawn: readonly number[]
  /** Lines whose jobs look for the file where it is no more. */
  readonly recalled: readonly number[]
}

type LineState = Required<Pick<LineChange, 'state' | 'why' | 'dueAtMs'>>

/** @param here the line that stands at this place and counts as there. Without entries where nothing can be said now. */
export async function decide(
  dir: string,
  entry: FileEntry,
  here: LedgerLine | null,
  scan: ScanContext,
  ports: LedgerPorts,
): Promise<Decision> {
  const { folder } = scan.context
  const identity = await identityOf(dir, entry, here, scan, ports)
  const place = { dir, name: entry.name, inode: entry.inode, bytes: entry.bytes, mtimeMs: entry.mtimeMs, goneAtMs: null }
  const own = 'line' in identity && identity.kind !== 'linked' ? identity.line : null
  const displaced = here === null || here.id === own?.id ? null : here
  const recalled = displaced === null ? [] : [displaced.id]
  const left: readonly LedgerWrite[] = displaced === null ? [] : [{ id: displaced.id, change: { goneAtMs: ports.clock.nowMs() } }]
  const checked = () => lineStateOf(dir, entry, scan.context, ports)

  const begin = (state: LineState): Decision => ({
    withdrawn: [],
    recalled,
    entries: [...left, { id: null, line: newLine(dir, entry, state, scan.context) }],
  })
  const keep = (line: LedgerLine, change: LineChange): Decision => ({
    withdrawn: [],
    recalled,
    entries: [...left, { id: line.id, change: { ...place, ...change } }],
  })
  const anew = (line: LedgerLine, print: string | null): Decision => ({
    ...keep(line, { ...checked(), print, version: folder.version, attempts: 0 }),
    withdrawn: [line.id],
  })
  /** Another file took the place of the line's. */
  const instead = (line: LedgerLine, change: LineChange): Decision => ({
    withdrawn: [],
    recalled: [],
    entries: [{ id: line.id, change: { ...place, ...change } }],
  })

  switch (identity.kind) {
    case 'new':
      if (here === null) return begin(checked())
      if (isKept(here, scan.context)) return instead(here, changedKept)
      // The one that was here has been dealt with and may turn up elsewhere; an unfinished one has only been replaced.
      if (isDealtWith(here)) return begin(checked())
      return {
        ...instead(here, { ...checked(), print: null, version: folder.version, attempts: 0 }),
        withdrawn: [here.id],
      }
    case 'linked':
      return begin({
        state: 'left',
        why: { code: 'same-file', facts: { path: pathOf(scan.context, identity.line) } },
        dueAtMs: null,
      })
    case 'same':
    case 'touched': {
      const { line } = identity
      const print = (identity.kind === 'touched' ? identity.fingerprint : null) ?? line.print
      if (line.state === 'queued') return keep(line, { print, version: folder.version })
      // A result stays one, also where the job that made it has been forgotten.
      if (line.why.code === 'own-output') return keep(line, { print, version: folder.version })
      const isOutdated = line.version !== folder.version || (line.why.code === 'same-file' && !isSecondName(line, ports))
      return isOutdated ? anew(line, print) : keep(line, { print })
    }
    case 'changed':
      return isKept(identity.line, scan.context) ? keep(identity.line, changedKept) : anew(identity.line, null)
    case 'moved': {
      const { line } = identity
      const print = identity.fingerprint ?? line.print
      if (line.state === 'queued' || line.state === 'failed') {
        const kept = keep(line, { print })
        return { ...kept, recalled: [...kept.recalled, line.id] }
      }
      const isOpen = line.state === 'waiting' || (line.state === 'left' && dependsOnName(line.why))
      return keep(line, isOpen ? { ...checked(), print, version: folder.version } : { print })
    }
    case 'again': {
      const { line } = identity
      const print = identity.fingerprint ?? line.print
      if (line.state !== 'done') return anew(line, print)
      if (await hasResults(line, ports)) return keep(line, { print })
      // Results that went with their disk this moment are not gone; the file would not be there either.
      return (await statFile(dirPath(scan.context, dir), entry.name)) === null ? undecided : anew(line, print)
    }
    case 'unread':
      return undecided
  }
}

function newLine(dir: string, { name, inode, bytes, mtimeMs }: FileEntry, state: LineState, { folder }: WatchContext): NewLine {
  const { id: folderId, version } = folder
  return { folderId, dir, name, inode, bytes, mtimeMs, ...state, print: null, version, attempts: 0, goneAtMs: null }
}

/** Whether a file can be no other than a new one: nothing was known when the scan began, and it has no second name. */
function isSurelyNew(entry: FileEntry, { isBlank }: ScanContext): boolean {
  return isBlank && entry.links < 2
}

/** Lines of the files of a folder of which none has a line; null where one of them may be known from elsewhere. */
export function newLines(
  dir: string,
  seen: readonly FileEntry[],
  scan: ScanContext,
  ports: LedgerPorts,
): readonly NewLine[] | null {
  if (!seen.every((entry) => isSurelyNew(entry, scan))) return null
  const isOwn = ports.hasMadeIn(dirPath(scan.context, dir))
  return seen.map((entry) =>
    newLine(dir, entry, lineStateOf(dir, entry, scan.context, ports, isOwn ? 'may be' : 'is not'), scan.context),
  )
}

/** Nothing is written: the next scan shows more. */
const undecided: Decision = { withdrawn: [], recalled: [], entries: [] }
const wasThere: Why = { code: 'was-there', facts: {} }
const changedKept: LineChange = { why: { code: 'changed-kept', facts: {} }, print: null }

function isDealtWith({ state, why }: LedgerLine): boolean {
  return state === 'done' || why.code === 'was-there' || why.code === 'changed-kept' || why.code === 'own-output'
}

/** A file that was dealt with and has other contents now, where the rule wants such files left alone. */
function isKept(line: LedgerLine, { folder }: WatchContext): boolean {
  return folder.rule.whenChanged === 'keep' && isDealtWith(line) && line.why.code !== 'own-output'
}

/** Whether the file that it is another name of still stands for it. */
function isSecondName(line: LedgerLine, { sightings }: LedgerPorts): boolean {
  const twins = line.inode === null ? [] : sightings.withInode(line.folderId, line.inode)
  return twins.some(({ id, goneAtMs, state }) => id !== line.id && (goneAtMs === null || state === 'done'))
}

async function hasResults(line: LedgerLine, ports: LedgerPorts): Promise<boolean> {
  for (const { jobId } of ports.sightings.assignmentsOf(line.id)) {
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

/** @param own whether Beside can have made it at all. */
function lineStateOf(
  dir: string,
  entry: FileEntry,
  context: WatchContext,
  ports: LedgerPorts,
  own: 'may be' | 'is not' = 'may be',
): LineState {
  const left = (why: Why): LineState => ({ state: 'left', why, dueAtMs: null })
  if (entry.trouble !== null) return left(entry.trouble)
  const made = own === 'is not' ? null : ownFile(pathOf(context, { dir, name: entry.name }), entry, ports)
  if (made === 'output') return left({ code: 'own-output', facts: {} })
  // Not before it is known what becomes of that.
  if (made === 'work') return { state: 'waiting', why: { code: 'own-work', facts: {} }, dueAtMs: null }
  const path = dir === '' ? entry.name : `${dir}/${entry.name}`
  const verdict = context.filter.check({ ...entry, path }, ports.clock.nowMs())
  // A name that will change stands for a file that is still to come.
  if (verdict.kind === 'leave' && dependsOnName(verdict.why)) return left(verdict.why)
  if (context.folder.begunAtMs === null && context.folder.existing === 'ignore') return left(wasThere)
  if (verdict.kind === 'leave') return left(verdict.why)
  if (verdict.kind === 'later') return { state: 'waiting', why: verdict.why, dueAtMs: verdict.dueAtMs }
  return { state: 'waiting', why: { code: 'settling', facts: {} }, dueAtMs: null }
}

async function identityOf(
  dir: string,
  entry: FileEntry,
  here: LedgerLine | null,
  { context, isBlank }: ScanContext,
  { sightings }: LedgerPorts,
): Promise<Identity> {
  const { id } = context.folder
  const others = () => {
    // But for a second name in the same scan.
    if (isSurelyNew(entry, { context, isBlank })) return []
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
      if (line.dir === dir && isAlike(line.name, entry.name) && !(await namesIn(dirPath(context, dir))).includes(line.name))
        return false
      const now = await statFile(dirPath(context, line.dir), line.name)
      return now !== null && (now.inode === line.inode || (now.bytes === line.bytes && now.mtimeMs === line.mtimeMs))
    },
    fingerprint: async () => await fingerprintOf(pathOf(context, { dir, name: entry.name })).catch(() => null),
  })
}

/** A file that waits, with its line as it stands now. */
export interface WaitingFile {
  readonly line: LedgerLine
  readonly entry: FileEntry
}

export interface Reconciled {
  readonly waiting: readonly WaitingFile[]
  /** Lines whose jobs are for contents that are no more. */
  readonly withdrawn: readonly number[]
  /** Lines whose jobs look for the file where it is no more. */
  readonly recalled: readonly number[]
  /** Lines of files that were not among what was seen. */
  readonly missing: readonly LedgerLine[]
  /** Lines that have another value now. */
  readonly written: readonly LedgerLine[]
  /** Names of files of which nothing could be decided: their lines are as they were. */
  readonly troubled: readonly string[]
}

/** Lines written in one transaction. */
const batchSize = 1000

/**
 * @param seen files of one folder, as they read now.
 * @param lines those of them that the ledger has; what is not among `seen` is missing.
 */
export async function reconcile(
  dir: string,
  seen: readonly FileEntry[],
  lines: readonly LedgerLine[],
  scan: ScanContext,
  ports: LedgerPorts,
  signal: AbortSignal,
): Promise<Reconciled> {
  const troubles = createTroubles(ports.log, signal)
  const troubled: string[] = []
  const byName = new Map(lines.map((line) => [line.name, line]))
  const waiting: WaitingFile[] = []
  const withdrawn: number[] = []
  const recalled: number[] = []
  const all: LedgerLine[] = []
  /** Lines that are among what is to be written. */
  const touched = new Set<number>()
  const idsOf = ({ entries }: Decision) => entries.flatMap(({ id }) => (id === null ? [] : [id]))
  let pending: { readonly entry: FileEntry; readonly decision: Decision }[] = []
  const commit = async () => {
    const written = ports.sightings.write(
      pending.flatMap(({ decision }) => decision.entries),
      ports.clock.nowMs(),
    )
    all.push(...written)
    let end = 0
    for (const { entry, decision } of pending) {
      end += decision.entries.length
      withdrawn.push(...decision.withdrawn)
      recalled.push(...decision.recalled)
      // The last of its entries is its own line.
      const line = written[end - 1]
      if (line?.state === 'waiting') waiting.push({ line, entry })
    }
    pending = []
    touched.clear()
    await new Promise((resolve) => setImmediate(resolve))
  }
  for (const entry of seen) {
    const here = byName.get(entry.name) ?? null
    byName.delete(entry.name)
    if (here !== null && isKnown(here, entry, scan)) {
      if (here.state === 'waiting') waiting.push({ line: here, entry })
      continue
    }
    // What cannot be read at the moment is as it was.
    if (here !== null && entry.trouble?.code === 'source-unreadable') continue
    // Its other name may be among what is not yet written.
    if (entry.links > 1 && pending.length > 0) await commit()
    const first = await troubles.within(entry.name, async () => await decide(dir, entry, here, scan, ports))
    let decision = first
    if (first !== undefined && idsOf(first).some((id) => touched.has(id))) {
      await commit()
      decision = await troubles.within(
        entry.name,
        async () => await decide(dir, entry, ports.sightings.at(scan.context.folder.id, dir, entry.name), scan, ports),
      )
    }
    if (decision === undefined) {
      troubled.push(entry.name)
      continue
    }
    if (decision.entries.length === 0) continue
    pending.push({ entry, decision })
    for (const id of idsOf(decision)) touched.add(id)
    if (pending.length >= batchSize) await commit()
  }
  if (pending.length > 0) await commit()
  troubles.report()
  return { waiting, withdrawn, recalled, missing: [...byName.values()], written: all, troubled }
}

/** Whether each file of a folder is known as it reads, none waits, and none is missing: then there is nothing to do about them. */
export function areAtRest(seen: readonly FileEntry[], lines: readonly LedgerLine[], scan: ScanContext): boolean {
  if (seen.length !== lines.length) return false
  const byName = new Map(lines.map((line) => [line.name, line]))
  return seen.every((entry) => {
    const line = byName.get(entry.name)
    return line !== undefined && line.state !== 'waiting' && isKnown(line, entry, scan)
  })
}

/** By far the most files of a scan: nothing about them is new. */
function isKnown(line: LedgerLine, entry: FileEntry, { context }: ScanContext): boolean {
  const same = line.inode === entry.inode && line.bytes === entry.bytes && line.mtimeMs === entry.mtimeMs
  return same && line.version === context.folder.version && line.why.code !== 'same-file'
}
