/** A watched folder with all that is needed to decide about its files. */
import { join } from 'node:path'
import { formatOfName, type FormatId } from '../../shared/formats.ts'
import type { Job } from '../../shared/job.ts'
import type { Preset } from '../../shared/model.ts'
import type { Settings } from '../../shared/settings.ts'
import type { Line, SightingStore, WatchedFolder } from '../store/ledger.ts'
import type { Clock, Log } from '../engine/ports.ts'
import type { Entry } from './listing.ts'
import { judgeOf, type Judge } from './judge.ts'

export interface LedgerPorts {
  readonly sightings: SightingStore
  /** Of this data folder: marks and temporary names that bear it are its own to take away. */
  readonly tag: string
  readonly clock: Clock
  readonly log: Log
  /** The job that placed or is placing a file at this path, if Beside did. */
  readonly makerOf: (path: string) => Job | null
  readonly jobOf: (id: number) => Job | null
  readonly presets: () => readonly Preset[]
  readonly settings: () => Settings
  /** Whether this machine can make the one of the other. */
  readonly canMake: (from: FormatId, target: FormatId) => boolean
}

export interface Ground {
  readonly folder: WatchedFolder
  readonly judge: Judge
  /** Of each result of the rule; null where its preset is gone. */
  readonly targets: readonly (FormatId | null)[]
  /** Names of folders that are not looked into. */
  readonly closed: readonly string[]
}

export function groundOf(folder: WatchedFolder, ports: LedgerPorts): Ground {
  const { afterwards, archiveFolder } = ports.settings()
  const archives = (folder.rule.afterwards ?? afterwards) === 'archive'
  const targets = targetsOf(folder, ports.presets())
  const known = targets.filter((target) => target !== null)
  // What online providers take may be known only to them.
  const canBecome = (format: FormatId) => folder.rule.spend !== null || known.some((target) => ports.canMake(format, target))
  return { folder, judge: judgeOf(folder.rule, known, canBecome), targets, closed: archives ? [archiveFolder] : [] }
}

/** Which of the rule's results a file is to have: not a copy of itself beside itself. */
export function outputsFor(name: string, { folder, targets }: Ground): readonly number[] {
  const all = targets.map((_, output) => output)
  const format = formatOfName(name)
  return folder.rule.out === null && format !== null ? all.filter((output) => targets[output] !== format) : all
}

function targetsOf({ rule }: WatchedFolder, presets: readonly Preset[]): readonly (FormatId | null)[] {
  return rule.outputs.map(({ target, preset }) => target ?? presets.find(({ name }) => name === preset)?.target ?? null)
}

export function pathOf({ folder }: Ground, line: Pick<Line, 'dir' | 'name'>): string {
  return join(folder.rule.path, line.dir, line.name)
}

export function dirPath({ folder }: Ground, dir: string): string {
  return join(folder.rule.path, dir)
}

/** Beside's own hand in a file: it is a result, it may become one, or it is nobody's business. */
export function ownHand(path: string, entry: Pick<Entry, 'bytes' | 'mtimeMs'>, ports: LedgerPorts): 'output' | 'work' | null {
  const job = ports.makerOf(path)
  if (job === null) return null
  if (job.state.phase !== 'done') return job.state.phase === 'running' || job.state.phase === 'queued' ? 'work' : null
  const output = job.state.outputs.find((each) => each.path === path)
  // What was put there since under the same name is someone else's.
  const isIt = output !== undefined && output.bytes === entry.bytes && Math.abs(output.mtimeMs - entry.mtimeMs) < 2
  return isIt ? 'output' : null
}
