/**
 * What does conversions on this machine: each engine states as data what it makes of what and what it needs for that, and converts in a way of
 * its own. "This machine" is the sum of them; `engines.ts` has their order. Apart, as all of them share it.
 */
import type { Part } from '../../../shared/job.ts'
import type { FormatId } from '../../../shared/formats.ts'
import type { MediaFacts } from '../../../shared/media.ts'
import type { LaneKind } from '../../../shared/model.ts'
import type { Clock, Log } from '../../engine/ports.ts'
import type { Packages } from '../../files/install-line.ts'
import type { Pairing, ProviderOrder, Reporter } from '../provider.ts'
import type { PoolOptions } from './children/pool.ts'
import type { Programs } from './process/programs.ts'

/** A program that somebody installs; how, is said for each system by `install-line.ts`. */
export interface Need {
  /** As it is typed. */
  readonly program: string
  /** As people call it. */
  readonly title: string
  /** What to install, by package manager. */
  readonly packages: Packages
}

/** What is known of an engine without loading anything. */
export interface EngineFacts {
  readonly id: string
  /** Words for a person, e.g. `LibreOffice`. */
  readonly title: string
  /** What makes the result, where the title says more than its name. */
  readonly make?: string
  /** Null: it comes with Beside. */
  readonly needs: Need | null
  /** What does the same where it was left out of a package because it is large. */
  readonly instead?: Need
  readonly pairings: readonly Pairing[]
}

export interface LocalEngine {
  /**
   * The engine with its version, `LibreOffice 7.4.7`; null where it is not there. Asked before each job: what takes long to find out is kept for a
   * while.
   */
  version(signal: AbortSignal): Promise<string | null>
  /** Whether its program is somewhere else than on PATH, by a look at the disk. */
  isInstalled?(): boolean
  /** Whether it takes these together, where its pairings alone do not say. */
  takes?(order: Pick<ProviderOrder, 'from' | 'target' | 'options'>): boolean
  /** Whether it will find anything to do: of two that take an order, who does not suit comes behind. */
  suits?(order: Pick<ProviderOrder, 'facts' | 'from' | 'sources' | 'target'>): boolean
  /** @throws JobError. Whatever it began is removed then. */
  convert(order: ProviderOrder, report: Reporter, signal: AbortSignal): Promise<readonly Part[]>
  /** Something of the kind will be asked soon. */
  warm?(): void
  /** Resolves when nothing of it runs any more. */
  stop(): Promise<void>
}

/** Tells what a file holds, by the formats that it reads best. */
export interface Inspector {
  readonly formats: readonly FormatId[]
  inspect(path: string, format: FormatId, signal: AbortSignal): Promise<MediaFacts>
}

/** What engines are made from. */
export interface EngineContext {
  readonly programs: Programs
  readonly clock: Clock
  readonly log: Log
  /** For what an engine does in processes of its own. */
  readonly pool: Pick<PoolOptions, 'log' | 'clock' | 'priority'>
  /** How many of a kind run at once; it may change. */
  width(lane: LaneKind): number
  /** Where people put data of languages for the recognition of text; absent: nowhere. */
  readonly languageFolder?: string
}
