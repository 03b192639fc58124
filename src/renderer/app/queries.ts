/** What the window asks the engine for, and keeps for as long as it is true. What changes by itself is in the live state instead. */
import { QueryClient, useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { withoutSecrets } from '../../shared/options.ts'
import type { Preset } from '../../shared/model.ts'
import type { DesktopState, Preferences } from '../../shared/preferences.ts'
import type { Settings } from '../../shared/settings.ts'
import type { ProviderStatus } from '../../shared/wire/contract.ts'
import { possibleNow, type Pairings } from '../add/pairings.ts'
import type { Calls } from '../wire/live.ts'
import type { DesktopPreferences } from '../wire/host.ts'
import { useBeside } from './context.tsx'

export function createQueries(): QueryClient {
  return new QueryClient({
    // The engine is on this machine: it is there without a network as well.
    defaultOptions: {
      queries: { networkMode: 'always', staleTime: 60_000, retry: false, refetchOnWindowFocus: false },
      mutations: { networkMode: 'always' },
    },
  })
}

export function formatsQuery(calls: Calls) {
  return { queryKey: ['formats'], queryFn: async (): Promise<Pairings> => await calls.formats() }
}

/** With those that a missing program would make. */
export function useAllPairings(): Pairings {
  const { calls } = useBeside()
  return useQuery(formatsQuery(calls)).data ?? noPairings
}

/** What can be made now. */
export function usePairings(): Pairings {
  const all = useAllPairings()
  return useMemo(() => possibleNow(all), [all])
}

const noPairings: Pairings = []

/** In the user's order, the fleet among them where one is set up. Money and health move by themselves, so each screen that shows them asks again. */
export function useProviders(): readonly ProviderStatus[] {
  const { calls } = useBeside()
  const { settings } = useSettings()
  const { data } = useQuery({
    queryKey: ['providers'],
    queryFn: async () => await calls.providers.list(),
    refetchOnMount: 'always',
  })
  const hasFleet = settings !== undefined && settings.fleet !== null
  return useMemo(() => (data ?? []).filter(({ id }) => id !== 'fleet' || hasFleet), [data, hasFleet])
}

/** After anything about a provider was changed: it may have become ready, or able to do something else. */
export function useProvidersChanged(): () => Promise<void> {
  const client = useQueryClient()
  return async () => {
    await Promise.all(
      ['providers', 'formats', 'settings'].map(async (key) => await client.invalidateQueries({ queryKey: [key] })),
    )
  }
}

export function useSettings(): { readonly settings: Settings | undefined; change(change: Partial<Settings>): Promise<void> } {
  const { calls } = useBeside()
  const client = useQueryClient()
  const { data } = useQuery({ queryKey: ['settings'], queryFn: async () => await calls.settings.get() })
  return {
    settings: data,
    change: async (change) => {
      client.setQueryData(['settings'], await calls.settings.set(change))
    },
  }
}

export function usePresets() {
  const { calls } = useBeside()
  const client = useQueryClient()
  const { data } = useQuery({ queryKey: ['presets'], queryFn: async () => await calls.presets.list() })
  const changed = async () => await client.invalidateQueries({ queryKey: ['presets'] })
  return {
    presets: data ?? [],
    save: async (preset: Preset) => {
      await calls.presets.save({ ...preset, options: withoutSecrets(preset.options) })
      await changed()
    },
    remove: async (name: string) => {
      await calls.presets.remove({ name })
      await changed()
    },
  }
}

/** What the desktop keeps for itself. */
export function useDesktop(desktop: DesktopPreferences): {
  readonly now: DesktopState | undefined
  prefer(change: Partial<Preferences>): Promise<DesktopState>
} {
  const client = useQueryClient()
  const now = useQuery({ queryKey: ['desktop'], queryFn: async () => await desktop.state() }).data
  return {
    now,
    prefer: async (change) => {
      const state = await desktop.prefer(change)
      client.setQueryData(['desktop'], state)
      return state
    },
  }
}
