/** Watched folders, put together: the verbs that the API calls, a keeper for each folder, and what is told of all that. */
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { JobError } from '../../shared/failure.ts'
import type { ExistingChoice, Folder, FolderChange, Rule } from '../../shared/folders.ts'
import type { Change } from '../../shared/wire/contract.ts'
import { isFinished } from '../../shared/job.ts'
import { createFanout } from '../engine/queue/fanout.ts'
import type { Inspect, Random } from '../engine/ports.ts'
import type { Engine } from '../engine/engine-api.ts'
import type { FolderStore, Line, WatchedFolder } from '../store/ledger.ts'
import { takeDown } from './beginning.ts'
import type { LedgerPorts } from './ground.ts'
import { createKeeper, type Keeper } from './keeper.ts'
import type { WatchPace } from './pace.ts'
import { reasonFor } from './reasons.ts'
import { rehearse } from './rehearsal.ts'
import { lookAtRoot, markName, markRoot } from './root.ts'
import { inRealPlaces, ruleTrouble } from './rule.ts'
import { folderShown, isUndecided, sightingShown } from './shown.ts'
import { reconsiderUnpaid } from './unpaid.ts'
import type { Folders, Reason } from './folders-api.ts'
import { createWriters } from './writers.ts'

export interface FoldersPorts extends LedgerPorts {
  readonly folders: FolderStore
  readonly engine: Engine
  readonly inspect: Inspect
  readonly random: Random
  readonly platform: NodeJS.Platform
  readonly pace: WatchPace
}

/** Counts of a folder are told at most so often. */
const tellEveryMs = 500
/** Beyond so many lines at once, the counts of the folder say enough. */
const mostTold = 100
/** After the store has not answered. */
const afterTroubleMs = 5_000
/** A file that has not been seen for so long would be a new one. */
const forgetGoneMs = 400 * 86_400_000

export function createFolders(ports: FoldersPorts): Folders {
  const { folders, sightings, clock, engine } = ports
  const abort = new AbortController()
  const { signal } = abort
  const keepers = new Map<number, Keeper>()
  const fanout = createFanout<FolderChange>(keyOf, clock)
  const writers = createWriters(clock, ports.platform, signal)
  const dirty = new Set<number>()
  /** Jobs that have come to rest, and the files that they were for do not know it yet. */
  const rested = new Set<number>()
  let takeBack: (() => void) | null = null
  let cancelRetry: (() => void) | null = null
  let following: Promise<void> | null = null

  const stored = (id: number): WatchedFolder => {
    const folder = folders.get(id)
    if (folder === null) throw new JobError('not-found', { what: 'watched folder', id: String(id) })
    return folder
  }
  const shown = (folder: WatchedFolder): Folder => folderShown(folder, keepers.get(folder.id)?.status() ?? null, sightings, clock)
  const tell = () => {
    takeBack = null
    const ids = [...dirty]
    dirty.clear()
    for (const id of ids) {
      withStore(
        () => {
          const folder = folders.get(id)
          if (folder !== null && fanout.hasReaders()) fanout.deliver({ type: 'folder', folder: shown(folder) })
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
  const changed = (id: number, waitMs = tellEveryMs) => {
    // The store may be closed by the time it would be told.
    if (signal.aborted) return
    dirty.add(id)
    takeBack ??= clock.after(waitMs, tell)
  }
  const publish = (id: number, lines: readonly Line[]) => {
    if (!fanout.hasReaders()) return
    changed(id)
    withStore(
      () => {
        const folder = folders.get(id)
        if (folder === null || lines.length > mostTold) return
        for (const line of lines) fanout.deliver({ type: 'sighting', sighting: sightingShown(line, folder, sightings) })
      },
      // The counts of the folder, which come again, say that there is something else to see.
      () => undefined,
    )
  }
  const keep = (id: number) => {
    if (following === null || signal.aborted) return
    const keeper = createKeeper({
      ...ports,
      folder: () => stored(id),
      save: (change) => void folders.save(id, change),
      readiness: { inspect: ports.inspect, writers, youngMs: ports.pace.youngMs },
      publish: (lines) => publish(id, lines),
      freshMark: () => `${ports.tag}-${ports.random.key()}`,
      changed: () => changed(id),
    })
    keepers.set(id, keeper)
  }
  const letGo = async (id: number) => {
    const keeper = keepers.get(id)
    keepers.delete(id)
    await keeper?.stop()
  }
  /** With the folder's keeper stopped, and begun anew after. */
  const rearranged = async (id: number, work: () => Promise<void> | void): Promise<Folder> => {
    await letGo(id)
    try {
      await work()
    } finally {
      if (folders.get(id) !== null) keep(id)
      changed(id)
    }
    return shown(stored(id))
  }
  const follow = async () => {
    for await (const portion of engine.changes(signal)) {
      for (const { job } of portion.filter(comesToRest)) rested.add(job.id)
      announce()
    }
  }
  const announce = () => {
    withStore(
      () => {
        for (const jobId of rested) {
          for (const { sightingId } of sightings.ofJob(jobId)) {
            const line = sightings.get(sightingId)
            if (line !== null) keepers.get(line.folderId)?.settled(line.id)
          }
          rested.delete(jobId)
        }
      },
      () => {
        cancelRetry ??= clock.after(afterTroubleMs, () => {
          cancelRetry = null
          announce()
        })
      },
    )
  }
  const checked = async (rule: Rule, before: Rule | null): Promise<Rule> => {
    const trouble = ruleTrouble(rule, ports.presets())
    if (trouble !== null) throw new JobError(trouble.code, trouble.facts)
    return await inRealPlaces(rule, before)
  }
  /** Takes down what is there, so that whatever comes from now on is new. */
  const begin = async (folder: WatchedFolder) => {
    const root = await lookAtRoot(folder.rule.path, ports.platform)
    if (root.kind === 'away') throw new JobError('folder-missing', { path: folder.rule.path })
    await takeDown(folder, ports, signal)
    folders.save(folder.id, {
      begunAtMs: clock.nowMs(),
      mark: folder.mark ?? (await markRoot(folder.rule.path, root, `${ports.tag}-${ports.random.key()}`)),
    })
  }
  /** What was said about the files that are there; where none is concerned, nothing has to be said. */
  const decided = async (rule: Rule, said: ExistingChoice | null): Promise<ExistingChoice> => {
    if (said !== null) return said
    const { convert, later } = await rehearse(rule, null, 1, ports, signal)
    const files = convert + later
    if (files === 0) return 'convert'
    throw new JobError('usage', {
      reason: `The folder holds ${files} ${files === 1 ? 'file' : 'files'} that the rule would take.`,
      hint: 'Say what becomes of them: --existing convert, or --existing ignore.',
    })
  }
  return {
    start: async () => {
      if (following !== null) return
      while (sightings.prune(clock.nowMs() - forgetGoneMs, 1000) > 0) await new Promise((next) => setImmediate(next))
      following = follow()
      for (const { id } of folders.list()) keep(id)
    },
    stop: async () => {
      const quiet = Promise.all([...keepers.values()].map(async (keeper) => await keeper.stop()))
      abort.abort()
      takeBack?.()
      cancelRetry?.()
      fanout.stop()
      await quiet
      await following
    },
    changes: (reader, restMs) => fanout.subscribe(reader, restMs),

    list: () => folders.list().map(shown),
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
      keep(folder.id)
      changed(folder.id)
      return shown(stored(folder.id))
    },
    change: async (id, wanted, oldFiles) => {
      const { rule: before } = stored(id)
      const rule = await checked(wanted, before)
      return await rearranged(id, async () => {
        const version = stored(id).version + 1
        folders.save(id, { rule, version })
        if (oldFiles === 'keep') sightings.adopt(id, version)
        await reconsiderUnpaid(id, before, rule, ports, clock.nowMs())
      })
    },
    switch: async (id, { on, existing }) => {
      const folder = stored(id)
      if (on && isUndecided(folder)) await decided(folder.rule, existing)
      return await rearranged(id, async () => {
        const before = stored(id)
        const choice = existing ?? before.existing ?? (on ? 'convert' : null)
        const isNew = existing !== null || (on && isUndecided(before))
        folders.save(id, { on, existing: choice, ...(isNew ? { begunAtMs: null } : {}) })
        if (isNew) await begin(stored(id))
      })
    },
    accept: async (id) =>
      await rearranged(id, async () => {
        const { rule } = stored(id)
        const root = await lookAtRoot(rule.path, ports.platform)
        if (root.kind === 'away') throw new JobError('folder-missing', { path: rule.path })
        folders.save(id, { mark: await markRoot(rule.path, root, `${ports.tag}-${ports.random.key()}`) })
        // It may be empty, and is believed.
        const lines = sightings.dirs(id).flatMap((dir) => sightings.inDir(id, dir))
        const nowMs = clock.nowMs()
        sightings.write(
          lines.map((line) => ({ id: line.id, change: { goneAtMs: nowMs } })),
          nowMs,
        )
      }),
    look: async (id) => {
      stored(id)
      keepers.get(id)?.look()
    },
    remove: async (id) => {
      const folder = folders.get(id)
      if (folder === null) return false
      await letGo(id)
      folders.remove(id)
      await unmark(folder, folders.list(), ports.tag)
      fanout.deliver({ type: 'removed', id })
      return true
    },
    rehearse: async ({ rule, id, limit }, caller) => {
      const trouble = ruleTrouble(rule, ports.presets())
      if (trouble !== null) throw new JobError(trouble.code, trouble.facts)
      return await rehearse(rule, id === null ? null : stored(id), limit, ports, AbortSignal.any([caller, signal]))
    },
    sightings: (query, after, limit) => {
      const folder = stored(query.folderId)
      const { lines, next } = sightings.page(query, after, limit)
      return { sightings: lines.map((line) => sightingShown(line, folder, sightings)), next }
    },
    why: async (path) => {
      const found: Reason[] = []
      for (const folder of folders.list()) {
        const told = await reasonFor(resolve(path), folder, ports)
        if (told === null) continue
        const sighting = told.line === null ? null : sightingShown(told.line, folder, sightings)
        found.push({ folderId: folder.id, sighting, why: told.why })
      }
      return found
    },
    again: async (ids) => {
      let moved = 0
      const lines = ids.map((id) => sightings.get(id)).filter((line) => line !== null)
      for (const [folderId, some] of Map.groupBy(lines, (line) => line.folderId)) {
        const keeper = keepers.get(folderId)
        const reopen = () => reopened(some, stored(folderId).version, ports)
        moved += await (keeper === undefined ? reopen() : keeper.between(reopen))
        keeper?.look()
        publish(folderId, some)
      }
      return moved
    },
  }
}

/** Lines that were dealt with wait once more. Answers how many there are. */
function reopened(lines: readonly Line[], version: number, { sightings, clock }: LedgerPorts): number {
  const again = lines.flatMap(({ id }) => {
    const now = sightings.get(id)
    return now === null || now.goneAtMs !== null || now.state === 'queued' || now.state === 'waiting' ? [] : [id]
  })
  for (const id of again) sightings.letGo(id)
  const change = { state: 'waiting' as const, why: { code: 'settling' as const, facts: {} }, attempts: 0, dueAtMs: null, version }
  sightings.write(
    again.map((id) => ({ id, change })),
    clock.nowMs(),
  )
  return again.length
}

/** Takes the mark away that this Beside has put there, once no folder of its own needs it. */
async function unmark({ rule, mark }: WatchedFolder, others: readonly WatchedFolder[], tag: string): Promise<void> {
  if (mark === null || !mark.startsWith(`file ${tag}-`) || others.some((other) => other.mark === mark)) return
  await rm(join(rule.path, markName), { force: true }).catch(() => undefined)
}

function comesToRest(change: Change): change is Extract<Change, { type: 'job' }> {
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
