/**
 * What Converter App has, as far as it is known: asked once a day, and what it answered last is kept beyond this run, so that a choice can be made
 * before the first answer and without a network. The key's own pairs are the catalogue; without a key, the public ones.
 */
import * as z from 'zod'
import { JobError, toFailure, type FailureCode } from '../../../shared/failure.ts'
import { accountOf, type RemoteOptions } from '../kit/service.ts'
import type { ServiceCalls } from '../kit/service-calls.ts'
import { about, catalogueMs, staleAgainMs, staleWaitMs } from './about.ts'
import { paths } from './api.ts'
import { type Catalogue, catalogueOf, type NamedPair, pairList, pairSchema, pairsOf } from './pairings.ts'

export interface KnownCatalogue extends Catalogue {
  /** When it was asked for; null: lately enough. */
  readonly staleSinceMs: number | null
}

/** As it is kept. `of` is whose it is, see `accountOf`. */
const keptSchema = z.object({ of: z.string(), atMs: z.number(), pairs: z.array(pairSchema) })
type Kept = z.infer<typeof keptSchema>

/** Failures that say nothing against what was known before. */
const outOfReach: ReadonlySet<FailureCode> = new Set(['network', 'provider-down', 'rate-limited', 'answer-bad', 'deadline'])

interface CatalogueKeeper {
  /** @throws JobError where it cannot be had and never was. */
  now(signal: AbortSignal): Promise<KnownCatalogue>
}

export function createCatalogue(options: RemoteOptions, service: ServiceCalls): CatalogueKeeper {
  const { clock, log, memory } = options
  let read: { readonly kept: Kept; readonly catalogue: Catalogue } | null = null
  /** The last time that it could not be had. */
  let failedAtMs = -Infinity

  async function publicPairs(signal: AbortSignal): Promise<readonly NamedPair[]> {
    const call = { method: 'GET', to: paths.publicPairs, repeat: 'harmless', key: 'none' } as const
    return pairsOf(await service.http.ask(call, pairList, signal), [])
  }

  async function ownPairs(signal: AbortSignal): Promise<readonly NamedPair[]> {
    const entries = await service.ask({ method: 'GET', to: paths.pairs, repeat: 'harmless' }, pairList, signal)
    const hasTokens = entries.some((entry) => typeof entry === 'string')
    return pairsOf(entries, hasTokens ? await publicPairs(signal) : [])
  }

  function lastKnown(of: string): { readonly kept: Kept; readonly catalogue: Catalogue } | null {
    if (read?.kept.of === of) return read
    const { data: kept } = keptSchema.safeParse(memory.read())
    if (kept?.of !== of) return null
    return (read = { kept, catalogue: catalogueOf(kept.pairs) })
  }

  async function asked(of: string, signal: AbortSignal): Promise<Catalogue> {
    const pairs = (await options.key()) === null ? await publicPairs(signal) : await ownPairs(signal)
    const catalogue = catalogueOf(pairs)
    // Whose it is, nobody knows where the key was changed meanwhile.
    if ((await accountOf(options)) === of) {
      const kept = { of, atMs: clock.nowMs(), pairs: [...pairs] }
      read = { kept, catalogue }
      memory.write(kept)
    }
    return catalogue
  }

  /** What is known already is worth no long wait. */
  async function askedSoon(of: string, signal: AbortSignal): Promise<Catalogue> {
    const late = new AbortController()
    const cancelTimer = clock.after(staleWaitMs, () =>
      late.abort(new JobError('provider-down', { provider: about.title, because: 'no-answer', seconds: staleWaitMs / 1000 })),
    )
    try {
      return await asked(of, AbortSignal.any([signal, late.signal]))
    } finally {
      cancelTimer()
    }
  }

  return {
    now: async (signal) => {
      const of = await accountOf(options)
      const last = lastKnown(of)
      if (last === null) return { ...(await asked(of, signal)), staleSinceMs: null }
      if (clock.nowMs() - last.kept.atMs < catalogueMs) return { ...last.catalogue, staleSinceMs: null }
      const stale = { ...last.catalogue, staleSinceMs: last.kept.atMs }
      if (clock.nowMs() - failedAtMs < staleAgainMs) return stale
      try {
        return { ...(await askedSoon(of, signal)), staleSinceMs: null }
      } catch (error) {
        signal.throwIfAborted()
        if (!outOfReach.has(toFailure(error).code)) throw error
        failedAtMs = clock.nowMs()
        log.info('a catalogue could not be asked for; the last one is used', { provider: about.title, atMs: last.kept.atMs })
        return stale
      }
    },
  }
}
