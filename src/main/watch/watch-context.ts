/** A watched folder with all that is needed to decide about its files, and how patiently that is done. */
import { isAbsolute, join, relative, sep } from 'node:path'
import { formatOfName, type FormatId } from '../../shared/formats.ts'
import type { Rule, Why } from '../../shared/folders.ts'
import type { Job } from '../../shared/job.ts'
import type { Preset } from '../../shared/model.ts'
import { outputsOfPreset } from '../../shared/outputs.ts'
import type { Settings } from '../../shared/settings.ts'
import { isUnmeantFolder } from '../../shared/unmeant.ts'
import type { LedgerLine, SightingStore, WatchedFolder } from '../store/ledger.ts'
import type { Clock, Log } from '../engine/ports.ts'
import type { FileEntry } from './listing.ts'
import { filterOf, type RuleFilter } from './rule-filter.ts'
import type { StabilityTimings } from './stability.ts'

export interface LedgerPorts {
  readonly sightings: SightingStore
  /** Of this data folder: marks and temporary names that bear it are its own to take away. */
  readonly tag: string
  readonly clock: Clock
  readonly log: Log
  /** The job that placed or is placing a file at this path, if Beside did. */
  readonly makerOf: (path: string) => Job | null
  /** Whether there is such a job for anything in a folder, or below it. */
  readonly hasMadeIn: (folder: string) => boolean
  readonly jobOf: (id: number) => Job | null
  readonly presets: () => readonly Preset[]
  readonly settings: () => Settings
  /** Whether this machine can make the one of the other. */
  readonly canMake: (from: FormatId, target: FormatId) => boolean
}

export interface WatchContext {
  readonly folder: WatchedFolder
  readonly filter: RuleFilter
  /** Of each result of the rule, once a preset stands for all of its own; null where its preset is gone. */
  readonly targets: readonly (FormatId | null)[]
  /** Why the files of a folder below the watched one are not looked at, by the folder's path with `/`; null: they are. */
  whyClosed(dir: string): Why | null
}

export function contextOf(folder: WatchedFolder, ports: LedgerPorts): WatchContext {
  const { afterwards, archiveFolder } = ports.settings()
  const archives = (folder.rule.afterwards ?? afterwards) === 'archive'
  const targets = targetsOf(folder.rule, ports.presets())
  const known = targets.filter((target) => target !== null)
  // What online providers take may be known only to them.
  const canBecome = (format: FormatId) => folder.rule.spend !== null || known.some((target) => ports.canMake(format, target))
  return {
    folder,
    filter: filterOf(folder.rule, known, canBecome),
    targets,
    whyClosed: closedIn(folder.rule, archives ? archiveFolder : null),
  }
}

/** @param archive name of the folder that sources are archived in; null: they are not. */
function closedIn({ path, out, recursive }: WatchedFolder['rule'], archive: string | null): WatchContext['whyClosed'] {
  const place = out === null ? '' : relative(path, out).replaceAll(sep, '/')
  const results = place === '' || place.split('/')[0] === '..' || isAbsolute(place) ? null : place
  return (dir) => {
    if (dir === '') return null
    const names = dir.split('/')
    const foreign = names.find(isUnmeantFolder)
    if (foreign !== undefined) return { code: 'closed-folder', facts: { folder: foreign } }
    if (results !== null && (dir === results || dir.startsWith(`${results}/`))) return { code: 'results-folder', facts: {} }
    const isBelow = !recursive || (archive !== null && names.includes(archive))
    return isBelow ? { code: 'below', facts: {} } : null
  }
}

/** Which of the rule's results a file is to have: not a copy of itself beside itself. */
export function outputsFor(name: string, { folder, targets }: WatchContext): readonly number[] {
  const all = targets.map((_, output) => output)
  const format = formatOfName(name)
  return folder.rule.out === null && format !== null ? all.filter((output) => targets[output] !== format) : all
}

/** In the order in which a request has them. */
function targetsOf({ outputs }: Rule, presets: readonly Preset[]): readonly (FormatId | null)[] {
  return outputs.flatMap(({ target, preset: wanted }): readonly (FormatId | null)[] => {
    const preset = target === null ? presets.find(({ name }) => name === wanted) : undefined
    return preset === undefined ? [target] : outputsOfPreset(preset).map((output) => output.target)
  })
}

export function pathOf({ folder }: WatchContext, line: Pick<LedgerLine, 'dir' | 'name'>): string {
  return join(folder.rule.path, line.dir, line.name)
}

export function dirPath({ folder }: WatchContext, dir: string): string {
  return join(folder.rule.path, dir)
}

/** Whether a file is Beside's own: a result, or one that is being made. */
export function ownFile(path: string, entry: Pick<FileEntry, 'bytes' | 'mtimeMs'>, ports: LedgerPorts): 'output' | 'work' | null {
  const job = ports.makerOf(path)
  if (job === null) return null
  if (job.state.phase !== 'done') return job.state.phase === 'running' || job.state.phase === 'queued' ? 'work' : null
  const output = job.state.outputs.find((each) => each.path === path)
  // What was put there since under the same name is someone else's.
  const isIt = output !== undefined && output.bytes === entry.bytes && Math.abs(output.mtimeMs - entry.mtimeMs) < 2
  return isIt ? 'output' : null
}

/** How patient the watching is, in one place; tests hurry it. */
export interface WatchTimings extends StabilityTimings {
  /** On network file systems, which show changes late, everything takes so many times as long. */
  readonly networkFactor: number
  /** A file that has been still for longer will not become better by waiting. */
  readonly youngMs: number
  /** From the first event to the scan: what comes together is scanned together. */
  readonly gatherMs: number
  /** From the first scan of a new folder to another one. */
  readonly rescanMs: number
  /** How often the folder itself is checked. */
  readonly rootMs: number
  /** How long it may take to answer. */
  readonly rootTimeoutMs: number
  /** From one full scan to the next, a little more or less at random. */
  readonly scanMs: number
  /** The same where there are no events; longer where a scan takes long. */
  readonly pollMs: number
  /** From one failure to the next try; after the last of them it is given up. */
  readonly retryMs: readonly number[]
  /** What cannot be converted now for reasons that are not the file's. */
  readonly laterMs: number
}

const minuteMs = 60_000

export const watchTimings: WatchTimings = {
  quietMs: 2_000,
  quietPerPieceMs: 1_000,
  maxQuietMs: 60_000,
  settledMs: 10 * minuteMs,
  networkFactor: 3,
  youngMs: 10 * minuteMs,
  gatherMs: 100,
  rescanMs: 2_000,
  rootMs: 10_000,
  rootTimeoutMs: 15_000,
  scanMs: 60 * minuteMs,
  pollMs: 10_000,
  retryMs: [minuteMs, 10 * minuteMs],
  laterMs: 10 * minuteMs,
}
