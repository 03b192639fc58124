/** Hooks and their deliveries as the window follows them: asked once, then kept up to date by what Beside reports. */
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { Delivery, HookChange, HookStatus } from '../../shared/hooks.ts'
import { useBeside, useLive } from '../app/context.tsx'
import { restMs } from '../wire/live.ts'

const deliveriesPerPage = 20

export function useHooks(): readonly HookStatus[] | undefined {
  const { calls } = useBeside()
  const { connection } = useLive()
  const client = useQueryClient()
  useEffect(() => {
    if (connection !== 'open') return
    const gone = new AbortController()
    const follow = async () => {
      const changes = await calls.hooks.changes({ restMs }, { signal: gone.signal })
      await refreshed(client)
      for await (const portion of changes) await apply(client, portion)
    }
    // A lost connection is shown elsewhere; the next one begins here again.
    follow().catch(() => {})
    return () => gone.abort()
  }, [calls, client, connection])
  return useQuery({ queryKey: ['hooks'], queryFn: async () => await calls.hooks.list(), refetchOnMount: 'always' }).data
}

export function useHooksChanged(): () => Promise<void> {
  const client = useQueryClient()
  return async () => await refreshed(client)
}

async function refreshed(client: QueryClient): Promise<void> {
  await Promise.all(['hooks', 'deliveries'].map(async (key) => await client.invalidateQueries({ queryKey: [key] })))
}

async function apply(client: QueryClient, changes: readonly HookChange[]): Promise<void> {
  const now = new Map(
    changes.map((change) => (change.type === 'hook' ? [change.status.hook.id, change.status] : [change.id, null])),
  )
  client.setQueryData<readonly HookStatus[]>(['hooks'], (before) => {
    if (before === undefined) return before
    const known = before.map((status) => (now.has(status.hook.id) ? now.get(status.hook.id) : status))
    const ids = new Set(before.map(({ hook }) => hook.id))
    const added = [...now.values()].filter((status) => status !== null && !ids.has(status.hook.id))
    return [...known, ...added].filter((status) => status !== null && status !== undefined)
  })
  await Promise.all([...now.keys()].map(async (id) => await client.invalidateQueries({ queryKey: ['deliveries', id] })))
}

/** Of a hook, newest first, a page more whenever that is asked for. */
export function useDeliveries(hookId: number) {
  const { calls } = useBeside()
  const query = { hookId, phases: [] }
  const { data, fetchNextPage, hasNextPage, isFetching } = useInfiniteQuery({
    queryKey: ['deliveries', hookId],
    queryFn: async ({ pageParam }): Promise<{ readonly deliveries: readonly Delivery[]; readonly next: number | null }> =>
      await calls.hooks.deliveries({ query, after: pageParam, limit: deliveriesPerPage }),
    initialPageParam: null as number | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  })
  return {
    deliveries: data?.pages.flatMap(({ deliveries }) => deliveries),
    more: hasNextPage && !isFetching ? () => void fetchNextPage() : null,
  }
}
