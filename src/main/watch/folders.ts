/** Watched folders, put together: the verbs that the API calls, a watcher for each folder, and what is reported of all that. */
import { join, resolve } from 'node:path'
import { failure, JobError } from '../../shared/failure.ts'
import type { ExistingChoice, Folder, FolderChange, FolderHealth, Rule, Sighting } from '../../shared/folders.ts'
import { startOfDay } from '../../shared/hours.ts'
import { isFinished } from '../../shared/job.ts'
import type { Change } from '../../shared/wire/contract.ts'
import type { Engine } from '../engine/engine-api.ts'
import type { Clock, Inspect, Random } from '../engine/ports.ts'
import { createFanout } from '../engine/queue/fanout.ts'
import type { FolderStore, LedgerLine, SightingStore, WatchedFolder } from '../store/ledger.ts'
import { createWriters } from './completeness.ts'
import { requeueUnpaid } from './enqueue.ts'
import type { FileReason, Folders } from './folders-api.ts'
import { explain, rehearse } from './rehearsal.ts'
import { inspectRoot, markRoot, removeMark } from './root-check.ts'
import { ruleTrouble, withRealPaths } from './rule-filter.ts'
import { takeDown } from './scanner.ts'
import type { LedgerPorts, WatchTimings } from './watch-context.ts'
import { createWatcher, type Watcher, type WatcherStatus } from './watcher.ts'

export interface FoldersPorts extends LedgerPorts {
  readonly folders: FolderStore
  readonly engine: Engine
  readonly inspect: Inspect
  readonly random: Random
  readonly platform: NodeJS.Platform
  readonly timings: WatchTimings
}

/** Counts of a folder are reported at most so often. */
const reportEveryMs = 500
/** Beyond so many lines at once, the counts of the folder say enough. */
const maxReported = 100
/** After the store has not answered. */
const afterTroubleMs = 5_000
/** A file that has not been seen for so long would be a new one. */
const forgetGoneMs = 400 * 86_400_000

export function createFolders(ports: FoldersPorts): Folders {
  const { folders, sightings, clock, engine } = ports
  const abort = new AbortController()
  const { signal } = abort
  const watchers = new Map<number, Watcher>()
  const fanout = createFanout<FolderChange>(keyOf, clock)
  const writers = createWriters(clock, ports.platform, signal)
  const dirty = new Set<number>()
  /** Jobs that have ended or wait for the user, and whose files do not know it yet. */
  const ended = new Set<number>()
  let cancelReport: (() => void) | null = null
  let cancelRetry: (() => void) | null = null
  let following: Promise<void> | null = null

  const stored = (id: number): WatchedFolder => {
    const folder = folders.get(id)
    if (folder === null) throw new JobError('not-found', { because: 'watched-folder', id: String(id) })
    return folder
  }
  const viewOf = (folder: WatchedFolder): Folder =>
    folderView(folder, watchers.get(folder.id)?.status() ?? null, sightings, clock)
  const report = () => {
    cancelReport = null
    const ids = [...dirty]
    dirty.clear()
    for (const id of ids) {
      withStore(
        () => {
          const folder = folders.get(id)
          if (folder !== null && fanout.hasReaders()) fanout.deliver({ type: 'folder', folder: viewOf(folder) })
        },
        () => changed(id, afterTroubleMs),
      )
    }
  }
  /** What nobody waits for must not fail: whatever the store cannot answer is asked again later. */
  const withStore = (work: () => void, orElse: () => void) => {
    try {
      work()
    } catch (error) {
      ports.log.error('the store does not answer about watched folders', { error: String(error) })
      orElse()
    }
  }
  const changed = (id: number, waitMs = reportEveryMs) => {
    // The store may be closed by the time it would be reported.
    if (signal.aborted) return
    dirty.add(id)
    cancelReport ??= clock.after(waitMs, report)
  }
  const publish = (id: number, lines: readonly LedgerLine[]) => {
    if (!fanout.hasReaders()) return
    changed(id)
    withStore(
      () => {
        const folder = folders.get(id)
        if (folder === null || lines.length > maxReported) return
        for (const line of lines) fanout.deliver({ type: 'sighting', sighting: sightingView(line, folder, sightings) })
      },
      // The counts of the folder, which come again, say that there is something else to see.
      () => undefined,
    )
  }
  const startWatcher = (id: number) => {
    if (following === null || signal.aborted) return
    const watcher = createWatcher({
      ...ports,
      folder: () => stored(id),
      save: (change) => void folders.save(id, change),
      completeness: { inspect: ports.inspect, writers, youngMs: ports.timings.youngMs },
      publish: (lines) => publish(id, lines),
      freshMark: () => `${ports.tag}-${ports.random.key()}`,
      changed: () => changed(id),
      atRest: () => void folders.rest(id),
    })
    watchers.set(id, watcher)
  }
  const stopWatcher = async (id: number) => {
    const watcher = watchers.get(id)
    watchers.delete(id)
    await watcher?.stop()
  }
  /** With the folder's watcher stopped, and started anew after. */
  const restarted = async (id: number, work: () => Promise<void> | void): Promise<Folder> => {
    await stopWatcher(id)
    try {
      await work()
    } finally {
      if (folders.get(id) !== null) startWatcher(id)
      changed(id)
    }
    return viewOf(stored(id))
  }
  const follow = async () => {
    for await (const portion of engine.changes(signal)) {
      for (const { job } of portion.filter(isAtRest)) ended.add(job.id)
      reportEnded()
    }
  }
  const reportEnded = () => {
    withStore(
      () => {
        for (const jobId of ended) {
          for (const { sightingId } of sightings.assignmentsOfJob(jobId)) {
            const line = sightings.get(sightingId)
            if (line !== null) watchers.get(line.folderId)?.jobEnded(line.id)
          }
          ended.delete(jobId)
        }
      },
      () => {
        cancelRetry ??= clock.after(afterTroubleMs, () => {
          cancelRetry = null
          reportEnded()
        })
      },
    )
  }
  const checked = async (rule: Rule, before: Rule | null): Promise<Rule> => {
    const trouble = ruleTrouble(rule, ports.presets())
    if (trouble !== null) throw JobError.from(trouble)
    return await withRealPaths(rule, before)
  }
  /** Takes down what is there, so that whatever comes from now on is new. */
  const begin = async (folder: WatchedFolder) => {
    const root = await inspectRoot(folder.rule.path, ports.platform)
    if (root.kind === 'missing') throw new JobError('folder-missing', { path: folder.rule.path })
    await takeDown(folder, ports, signal)
    folders.save(folder.id, {
      begunAtMs: clock.nowMs(),
      mark: folder.mark ?? (await markRoot(folder.rule.path, root, `${ports.tag}-${ports.random.key()}`)),
    })
  }
  /** What becomes of the files that are there; where none is concerned, nothing has to be chosen. */
  const decided = async (rule: Rule, chosen: ExistingChoice | null): Promise<ExistingChoice> => {
    if (chosen !== null) return chosen
    const { convert, later } = await rehearse(rule, null, 1, ports, signal)
    const files = convert + later
    if (files === 0) return 'convert'
    throw new JobError('usage', { because: 'existing-undecided', files })
  }
  return {
    start: async () => {
      if (following !== null) return
      while (sightings.prune(clock.nowMs() - forgetGoneMs, 1000) > 0) await new Promise((next) => setImmediate(next))
      following = follow()
      for (const { id } of folders.list()) startWatcher(id)
    },
    stop: async () => {
      const stopped = Promise.all([...watchers.values()].map(async (watcher) => await watcher.stop()))
      abort.abort()
      cancelReport?.()
      cancelRetry?.()
      fanout.stop()
      await stopped
      await following
    },
    changes: (reader, restMs) => fanout.subscribe(reader, restMs),

    list: () => folders.list().map(viewOf),
    add: async ({ rule: wanted, on, existing }) => {
      const rule = await checked(wanted, null)
      const choice = on || existing !== null ? await decided(rule, existing) : null
      const folder = folders.add({ rule, on, existing: choice }, clock.nowMs())
      try {
        if (choice !== null) await begin(folder)
      } catch (error) {
        folders.remove(folder.id)
        throw error
      }
      startWatcher(folder.id)
      changed(folder.id)
      return viewOf(stored(folder.id))
    },
    change: async (id, wanted, oldFiles) => {
      const { rule: before } = stored(id)
      const rule = await checked(wanted, before)
      return await restarted(id, async () => {
        const version = stored(id).version + 1
        folders.save(id, { rule, version })
        if (oldFiles === 'keep') sightings.adopt(id, version)
        await requeueUnpaid(id, before, rule, ports, clock.nowMs())
      })
    },
    switch: async (id, { on, existing }) => {
      const folder = stored(id)
      if (on && isUndecided(folder)) await decided(folder.rule, existing)
      return await restarted(id, async () => {
        const before = stored(id)
        const choice = existing ?? before.existing ?? (on ? 'convert' : null)
        const isNew = existing !== null || (on && isUndecided(before))
        folders.save(id, { on, existing: choice, ...(isNew ? { begunAtMs: null } : {}) })
        if (isNew) await begin(stored(id))
      })
    },
    accept: async (id) =>
      await restarted(id, async () => {
        const { rule } = stored(id)
        const root = await inspectRoot(rule.path, ports.platform)
        if (root.kind === 'missing') throw new JobError('folder-missing', { path: rule.path })
        folders.save(id, { mark: await markRoot(rule.path, root, `${ports.tag}-${ports.random.key()}`) })
        // It may be empty, and is believed.
        const lines = sightings.dirs(id).flatMap((dir) => sightings.inDir(id, dir))
        const nowMs = clock.nowMs()
        sightings.write(
          lines.map((line) => ({ id: line.id, change: { goneAtMs: nowMs } })),
          nowMs,
        )
      }),
    scan: async (id) => {
      stored(id)
      watchers.get(id)?.scan()
    },
    remove: async (id) => {
      const folder = folders.get(id)
      if (folder === null) return false
      await stopWatcher(id)
      folders.remove(id)
      await removeMark(folder, folders.list(), ports.tag)
      fanout.deliver({ type: 'removed', id })
      return true
    },
    rehearse: async ({ rule, id, limit }, caller) => {
      const trouble = ruleTrouble(rule, ports.presets())
      if (trouble !== null) throw JobError.from(trouble)
      return await rehearse(rule, id === null ? null : stored(id), limit, ports, AbortSignal.any([caller, signal]))
    },
    sightings: (query, after, limit) => {
      const folder = stored(query.folderId)
      const { lines, next } = sightings.page(query, after, limit)
      return { sightings: lines.map((line) => sightingView(line, folder, sightings)), next }
    },
    why: async (path) => {
      const found: FileReason[] = []
      for (const folder of folders.list()) {
        const explained = await explain(resolve(path), folder, ports)
        if (explained === null) continue
        const sighting = explained.line === null ? null : sightingView(explained.line, folder, sightings)
        found.push({ folderId: folder.id, sighting, why: explained.why })
      }
      return found
    },
    again: async (ids) => {
      let moved = 0
      const lines = ids.map((id) => sightings.get(id)).filter((line) => line !== null)
      for (const [folderId, some] of Map.groupBy(lines, (line) => line.folderId)) {
        const watcher = watchers.get(folderId)
        const reopen = () => reopened(some, stored(folderId).version, ports)
        moved += await (watcher === undefined ? reopen() : watcher.between(reopen))
        watcher?.scan()
        publish(folderId, some)
      }
      return moved
    },
  }
}

/** Lines that were dealt with wait once more. Answers how many there are. */
function reopened(lines: readonly LedgerLine[], version: number, { sightings, clock }: LedgerPorts): number {
  const again = lines.flatMap(({ id }) => {
    const now = sightings.get(id)
    return now === null || now.goneAtMs !== null || now.state === 'queued' || now.state === 'waiting' ? [] : [id]
  })
  for (const id of again) sightings.dropAssignments(id)
  const change = { state: 'waiting' as const, why: { code: 'settling' as const, facts: {} }, attempts: 0, dueAtMs: null, version }
  sightings.write(
    again.map((id) => ({ id, change })),
    clock.nowMs(),
  )
  return again.length
}

function isAtRest(change: Change): change is Extract<Change, { type: 'job' }> {
  if (change.type !== 'job') return false
  const { state } = change.job
  return isFinished(state) || state.phase === 'waiting' || state.phase === 'uncertain'
}

function keyOf(change: FolderChange): string {
  switch (change.type) {
    case 'folder':
      return `folder ${change.folder.id}`
    case 'removed':
      return `folder ${change.id}`
    case 'sighting':
      return `sighting ${change.sighting.id}`
  }
}

function folderView(folder: WatchedFolder, status: WatcherStatus | null, sightings: SightingStore, clock: Clock): Folder {
  const { id, rule, version, on, existing, createdAtMs } = folder
  return {
    id,
    rule,
    version,
    on,
    existing,
    createdAtMs,
    health: healthOf(folder, status),
    lookedAtMs: status?.lookedAtMs ?? null,
    nextLookAtMs: status?.nextLookAtMs ?? null,
    counts: sightings.counts(id),
    today: sightings.since(id, startOfDay(clock.nowMs()).getTime()),
  }
}

function healthOf(folder: WatchedFolder, status: WatcherStatus | null): FolderHealth {
  if (folder.isUnread === true) return { state: 'trouble', how: null, why: failure('internal', { because: 'rule-unreadable' }) }
  if (isUndecided(folder)) return { state: 'undecided', how: null, why: { code: 'undecided', facts: {} } }
  if (!folder.on) return { state: 'off', how: null, why: null }
  return status?.health ?? { state: 'unwatched', how: null, why: null }
}

/** What becomes of the files that were there first has not been chosen. */
function isUndecided({ existing, begunAtMs }: WatchedFolder): boolean {
  return existing === null && begunAtMs === null
}

function sightingView(line: LedgerLine, folder: WatchedFolder, sightings: SightingStore): Sighting {
  const { id, folderId, bytes, mtimeMs, state, why, version, attempts, dueAtMs, seenAtMs, sinceMs } = line
  const jobs = sightings.assignmentsOf(id).flatMap(({ jobId }) => (jobId === null ? [] : [jobId]))
  const path = join(folder.rule.path, line.dir, line.name)
  return {
    id,
    folderId,
    path,
    bytes,
    mtimeMs,
    state,
    why,
    gone: line.goneAtMs !== null,
    version,
    attempts,
    dueAtMs,
    jobs,
    seenAtMs,
    sinceMs,
  }
}
