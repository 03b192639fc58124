/** Folders and lines of the ledger as others see them. */
import { join } from 'node:path'
import { failure } from '../../shared/failure.ts'
import type { Folder, Health, Sighting } from '../../shared/folders.ts'
import type { Clock } from '../engine/ports.ts'
import type { Line, SightingStore, WatchedFolder } from '../store/ledger.ts'
import { startOfDay } from '../../shared/hours.ts'
import type { KeeperStatus } from './keeper.ts'

export function folderShown(folder: WatchedFolder, status: KeeperStatus | null, sightings: SightingStore, clock: Clock): Folder {
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

function healthOf(folder: WatchedFolder, status: KeeperStatus | null): Health {
  if (folder.isUnread === true) return { state: 'trouble', how: null, why: failure('internal', { because: 'rule-unreadable' }) }
  if (isUndecided(folder)) return { state: 'undecided', how: null, why: { code: 'undecided', facts: {} } }
  if (!folder.on) return { state: 'off', how: null, why: null }
  return status?.health ?? { state: 'unwatched', how: null, why: null }
}

/** Nobody has said what becomes of the files that were there first. */
export function isUndecided({ existing, begunAtMs }: WatchedFolder): boolean {
  return existing === null && begunAtMs === null
}

export function sightingShown(line: Line, folder: WatchedFolder, sightings: SightingStore): Sighting {
  const { id, folderId, bytes, mtimeMs, state, why, version, attempts, dueAtMs, seenAtMs, sinceMs } = line
  const jobs = sightings.handsOf(id).flatMap(({ jobId }) => (jobId === null ? [] : [jobId]))
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
