/** Which engine takes an order: of those that are here the first, in the order of the table, that makes the pair with all its options. */
import { JobError, toFailure } from '../../../shared/failure.ts'
import { factsOf, type FormatId } from '../../../shared/formats.ts'
import type { Part } from '../../../shared/job.ts'
import type { Check } from '../../../shared/machine.ts'
import type { OptionName, OptionValue } from '../../../shared/options.ts'
import type { Clock } from '../../engine/ports.ts'
import { installLine } from '../../files/install-line.ts'
import { isOnPath } from '../../files/on-path.ts'
import type { MissingPairing, Pairing, ProviderOrder, Reporter } from '../provider.ts'
import type { EngineId } from './engine-table.ts'
import type { EngineFacts, LocalEngine, Need } from './engine.ts'
import { localEngines } from './pairings.ts'

export interface Engines {
  /** What can be made now, and what else could be with programs that are not here. */
  pairings(signal: AbortSignal): Promise<{ readonly here: readonly Pairing[]; readonly missing: readonly MissingPairing[] }>
  /** @throws JobError `tool-missing` where a program that is not here would make it; `pair-unsupported`, `option-unsupported`. */
  convert(order: ProviderOrder, report: Reporter, signal: AbortSignal): Promise<readonly Part[]>
  /** Whether an order will go to this engine, as far as that is known before its source has been looked into. */
  isMakerOf(id: EngineId, order: Pick<ProviderOrder, 'from' | 'target' | 'options'>): boolean
  /** An order of the kind waits: what takes long to start is started. */
  expect(from: FormatId, target: FormatId): void
  checks(signal: AbortSignal): Promise<readonly Check[]>
  stop(): Promise<void>
}

/** How long it counts that a program is there, or is not. */
const keptMs = 60_000

/** Their version is what their own checks tell, and goes without saying of what they made. */
const matterOfCourse: ReadonlySet<EngineId> = new Set(['images', 'media', 'frames', 'tracks'])

/** As engines are titled that need no library but Beside. */
const own = 'Beside'

const table = localEngines

export function createEngines(engines: Readonly<Record<EngineId, LocalEngine>>, clock: Clock): Engines {
  const versions = new Map<EngineId, { readonly atMs: number; readonly version: Promise<string | null> }>()

  /** Asked once for everybody who wants to know: so it goes on where one of them has left. */
  async function versionOf(id: EngineId): Promise<string | null> {
    const kept = versions.get(id)
    if (kept !== undefined && clock.nowMs() - kept.atMs < keptMs) return await kept.version
    const version = engines[id].version(AbortSignal.timeout(keptMs))
    versions.set(id, { atMs: clock.nowMs(), version })
    version.catch(() => versions.delete(id))
    return await version
  }

  /** What comes with Beside may have been left out where it is large. */
  async function isHere({ id }: (typeof table)[number]): Promise<boolean> {
    return matterOfCourse.has(id) || (await versionOf(id).catch(() => null)) !== null
  }

  /** The same as far as a look at the disk tells, for whoever asks about all of them. */
  async function seemsHere(facts: (typeof table)[number]): Promise<boolean> {
    const { id, needs } = facts
    return needs === null
      ? await isHere(facts)
      : matterOfCourse.has(id) || (engines[id].isInstalled?.() ?? isOnPath(needs.program))
  }

  /** In the order of the table. */
  function ableOf({ from, target, options, sources }: Pick<ProviderOrder, 'from' | 'target' | 'options' | 'sources'>) {
    const wanted = Object.keys(options) as OptionName[]
    return table.filter(
      ({ id, pairings }) =>
        pairings.some(
          (pairing) =>
            pairing.from.includes(from) &&
            pairing.to.includes(target) &&
            (sources === undefined || pairing.joins === true) &&
            wanted.every((name) => takesValue(pairing, name, options[name])),
        ) &&
        (engines[id].takes?.({ from, target, options }) ?? true),
    )
  }

  async function chosen(order: ProviderOrder): Promise<(typeof table)[number]> {
    const found = ableOf(order)
    const suits = ({ id }: { readonly id: EngineId }) => engines[id].suits?.(order) ?? true
    const able = [...found.filter(suits), ...found.filter((facts) => !suits(facts))]
    for (const facts of able) if (await isHere(facts)) return facts
    // One that is here and lacks something says best what that is.
    for (const { id, needs } of able) {
      const trouble: unknown = needs === null ? null : await versionOf(id).catch((error: unknown) => error)
      if (trouble instanceof JobError) throw trouble
    }
    const [lacking] = able.toSorted((one, other) => Number(one.needs === null) - Number(other.needs === null))
    if (lacking !== undefined) throw new JobError('tool-missing', missingFacts(lacking))
    const titles = { from: factsOf(order.from).title, target: factsOf(order.target).title }
    if (ableOf({ ...order, options: {} }).length === 0) throw new JobError('pair-unsupported', titles)
    throw new JobError('option-unsupported', { option: Object.keys(order.options).join(', '), ...titles })
  }

  return {
    pairings: async () => {
      const found = await Promise.all(table.map(async (facts) => ({ facts, isThere: await seemsHere(facts) })))
      const here = found
        .filter(({ isThere }) => isThere)
        .flatMap(({ facts: { title, make: by = title, pairings } }) => pairings.map((pairing): Pairing => ({ ...pairing, by })))
      const missing = found.flatMap(({ facts: { needs, pairings }, isThere }) =>
        isThere || needs === null ? [] : pairings.map((pairing): MissingPairing => ({ ...pairing, ...programOf(needs) })),
      )
      return { here, missing }
    },
    convert: async (order, report, signal) => {
      const { id } = await chosen(order)
      signal.throwIfAborted()
      const parts = await engines[id].convert(order, report, signal)
      const by = matterOfCourse.has(id) ? null : await versionOf(id).catch(() => null)
      return by === null ? parts : parts.map((part) => ({ by, ...part }))
    },
    isMakerOf: (id, order) => ableOf(order)[0]?.id === id,
    expect: (from, target) => {
      const [first] = ableOf({ from, target, options: {} })
      if (first !== undefined) engines[first.id].warm?.()
    },
    checks: async () =>
      await Promise.all(
        table
          // Several engines may be of one make; what is Beside's own has nothing to check.
          .filter(
            ({ id, title }, place) =>
              !matterOfCourse.has(id) && title !== own && table.findIndex((one) => one.title === title) === place,
          )
          .map(async (engine): Promise<Check> => {
            const { id, title } = engine
            const facts = { engine: id, title }
            try {
              const version = await versionOf(id)
              if (version !== null) return { of: 'engine', state: 'ok', version, facts, why: null }
              const missing = new JobError('tool-missing', missingFacts(engine))
              return { of: 'engine', state: 'missing', version, facts, why: missing.failure }
            } catch (error) {
              return { of: 'engine', state: 'trouble', version: null, facts, why: toFailure(error) }
            }
          }),
      ),
    stop: async () => {
      await Promise.all(Object.values(engines).map(async (engine) => await engine.stop()))
    },
  }
}

function takesValue({ options, values }: Pairing, name: OptionName, value: OptionValue | undefined): boolean {
  return options.includes(name) && (value === undefined || (values?.[name]?.includes(value) ?? true))
}

/** What comes with Beside, and was left out of this copy of it, nobody installs. */
function missingFacts({ title, needs, instead }: Pick<EngineFacts, 'title' | 'needs' | 'instead'>) {
  if (needs !== null) return { because: 'program-missing', ...programOf(needs) } as const
  return { because: 'not-packed', ...(instead === undefined ? { program: title } : programOf(instead)) } as const
}

function programOf({ title, packages }: Need): Pick<MissingPairing, 'program' | 'install'> {
  const install = installLine(packages, process.platform)
  return { program: title, ...(install !== null && { install }) }
}
