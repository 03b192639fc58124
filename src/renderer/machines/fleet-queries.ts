/** The fleet as the window follows it: asked for again and again while somebody looks, and not otherwise. Alone, since several views ask. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { FleetStatus } from '../../shared/fleet.ts'
import type { LendingStatus } from '../../shared/lending.ts'
import { useBeside } from '../app/context.tsx'

/** Machines report every few seconds: nothing newer could be shown. */
const everyMs = 2_000

/** What was heard last stays while a question goes wrong: that the line is lost is said elsewhere. */
export function useFleet(): FleetStatus | undefined {
  const { calls } = useBeside()
  return useQuery({
    queryKey: ['fleet'],
    queryFn: async () => await calls.fleet.status(),
    refetchInterval: everyMs,
    refetchOnMount: 'always',
  }).data
}

/** This computer as a machine of somebody's fleet. */
export function useLending(): LendingStatus | undefined {
  const { calls } = useBeside()
  return useQuery({
    queryKey: ['lending'],
    queryFn: async () => await calls.fleet.lending(),
    refetchInterval: everyMs,
    refetchOnMount: 'always',
  }).data
}

/** After it was lent, or is no more. */
export function useLendingChanged(): () => Promise<void> {
  const client = useQueryClient()
  return async () => await client.invalidateQueries({ queryKey: ['lending'] })
}

/** After a machine was told something. */
export function useFleetMoved(): () => Promise<void> {
  const client = useQueryClient()
  return async () => await client.invalidateQueries({ queryKey: ['fleet'] })
}

/** After it was set up, changed or left: there is a provider more or less, and what it can make. */
export function useFleetChanged(): () => Promise<void> {
  const client = useQueryClient()
  return async () => {
    const keys = ['fleet', 'settings', 'providers', 'formats']
    await Promise.all(keys.map(async (key) => await client.invalidateQueries({ queryKey: [key] })))
  }
}
