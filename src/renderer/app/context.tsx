/** What every part of the window can reach: the engine's calls, the live queue, the shell. */
import { createContext, useCallback, useContext, useSyncExternalStore, type ReactNode } from 'react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { Settings } from '../../shared/settings.ts'
import type { Job } from '../../shared/job.ts'
import type { Progress, ProviderStatus } from '../../shared/wire/contract.ts'
import type { Adding, AddingState } from '../add/adding.ts'
import type { Calls } from '../calls.ts'
import type { Host } from '../wire/host.ts'
import type { Live, LiveState } from '../live.ts'
import type { Pairings } from '../add/pairings.ts'
import type { Queue } from '../queue/queue.ts'

export interface Beside {
  readonly host: Host
  readonly live: Live
  readonly calls: Calls
  readonly queue: Queue
  readonly adding: Adding
}

const Context = createContext<Beside | null>(null)

export function BesideProvider({ value, children }: { readonly value: Beside; readonly children: ReactNode }) {
  return <Context value={value}>{children}</Context>
}

export function useBeside(): Beside {
  const beside = useContext(Context)
  if (beside === null) throw new Error('outside of the window')
  return beside
}

export function useLive(): LiveState {
  const { live } = useBeside()
  return useSyncExternalStore(live.subscribe, live.state)
}

export function useAdding(): AddingState {
  const { adding } = useBeside()
  return useSyncExternalStore(adding.subscribe, adding.state)
}

/** Follows what rows there are. */
export function useQueueVersion(): number {
  const { queue } = useBeside()
  return useSyncExternalStore(queue.subscribe, queue.version)
}

/** The newest value of a job and of its progress; only what shows this job is drawn again. */
export function useJob(job: Job): { readonly job: Job; readonly progress: Progress | undefined } {
  const { queue } = useBeside()
  const subscribe = useCallback((listener: () => void) => queue.watch(job.id, listener), [queue, job.id])
  const latest = useSyncExternalStore(subscribe, () => queue.latest(job.id) ?? job)
  const progress = useSyncExternalStore(subscribe, () => queue.progress(job.id))
  return { job: latest, progress }
}

export function usePairings(): Pairings {
  const { calls } = useBeside()
  return useQuery(formatsQuery(calls)).data ?? []
}

export function formatsQuery(calls: Calls) {
  return { queryKey: ['formats'], queryFn: async (): Promise<Pairings> => await calls.formats() }
}

/** In the user's order. Money and health move by themselves, so each screen that shows them asks anew. */
export function useProviders(): readonly ProviderStatus[] {
  const { calls } = useBeside()
  return (
    useQuery({ queryKey: ['providers'], queryFn: async () => await calls.providers.list(), refetchOnMount: 'always' }).data ?? []
  )
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
