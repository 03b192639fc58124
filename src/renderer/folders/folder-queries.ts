/** Watched folders as the window follows them: asked once, then kept up to date by the engine's changes. */
import {
  keepPreviousData,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
  type InfiniteData,
  type QueryClient,
} from '@tanstack/react-query'
import { useEffect } from 'react'
import type { Folder, FolderChange, Rule, Sighting, SightingQuery } from '../../shared/folders.ts'
import { useBeside, useLive } from '../app/context.tsx'
import { restMs } from '../wire/live.ts'

interface LedgerPage {
  readonly sightings: readonly Sighting[]
  readonly next: string | null
}

const linesPerPage = 100

export function useFolders(): readonly Folder[] | undefined {
  const { calls } = useBeside()
  const { connection } = useLive()
  const client = useQueryClient()
  useEffect(() => {
    if (connection !== 'open') return
    const gone = new AbortController()
    const follow = async () => {
      const changes = await calls.folders.changes({ restMs }, { signal: gone.signal })
      await refreshed(client)
      for await (const portion of changes) apply(client, portion)
    }
    // A lost connection is shown elsewhere; the next one begins here again.
    follow().catch(() => {})
    return () => gone.abort()
  }, [calls, client, connection])
  return useQuery({ queryKey: ['folders'], queryFn: async () => await calls.folders.list(), refetchOnMount: 'always' }).data
}

export function useFoldersChanged(): () => Promise<void> {
  const client = useQueryClient()
  return async () => await refreshed(client)
}

async function refreshed(client: QueryClient): Promise<void> {
  await Promise.all(['folders', 'sightings'].map(async (key) => await client.invalidateQueries({ queryKey: [key] })))
}

/** Entries of a folder's ledger, last changed first, a page more whenever the end comes into sight. */
export function useLedger(query: SightingQuery) {
  const { calls } = useBeside()
  const { data, fetchNextPage, hasNextPage, isFetching } = useInfiniteQuery({
    queryKey: ['sightings', query.folderId, query],
    queryFn: async ({ pageParam }): Promise<LedgerPage> =>
      await calls.folders.sightings({ query, after: pageParam, limit: linesPerPage }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  })
  return {
    lines: data?.pages.flatMap(({ sightings }) => sightings),
    more: () => {
      if (hasNextPage && !isFetching) void fetchNextPage()
    },
  }
}

function apply(client: QueryClient, changes: readonly FolderChange[]): void {
  const folders = new Map<number, Folder | null>()
  const sightings: Sighting[] = []
  for (const change of changes) {
    if (change.type === 'sighting') sightings.push(change.sighting)
    else if (change.type === 'removed') folders.set(change.id, null)
    else folders.set(change.folder.id, change.folder)
  }
  if (folders.size > 0) {
    // What is on its way may be older than what was reported.
    if (client.isFetching({ queryKey: ['folders'] }) > 0) void client.invalidateQueries({ queryKey: ['folders'] })
    else client.setQueryData<readonly Folder[]>(['folders'], (before) => before && withFolders(before, folders))
  }
  for (const [folderId, some] of Map.groupBy(sightings, (sighting) => sighting.folderId)) {
    for (const { queryKey } of client.getQueryCache().findAll({ queryKey: ['sightings', folderId] })) {
      const query = queryKey[2] as SightingQuery
      client.setQueryData<InfiniteData<LedgerPage>>(queryKey, (before) => before && withLines(before, some, query))
    }
  }
}

function withFolders(before: readonly Folder[], changed: ReadonlyMap<number, Folder | null>): readonly Folder[] {
  const known = before.map((folder) => changed.get(folder.id) ?? (changed.has(folder.id) ? null : folder))
  const ids = new Set(before.map(({ id }) => id))
  const added = [...changed.values()].filter((folder) => folder !== null && !ids.has(folder.id))
  return [...known, ...added].filter((folder) => folder !== null)
}

/** Entries stay where they are while they are shown; new ones stand first. */
export function withLines(
  before: InfiniteData<LedgerPage>,
  changed: readonly Sighting[],
  { states, text }: SightingQuery,
): InfiniteData<LedgerPage> {
  const newest = new Map(changed.map((sighting) => [sighting.id, sighting]))
  const pages = before.pages.map(({ sightings, next }) => ({
    sightings: sightings.map((sighting) => {
      const now = newest.get(sighting.id)
      newest.delete(sighting.id)
      return now ?? sighting
    }),
    next,
  }))
  const fits = ({ state, path }: Sighting) =>
    (states.length === 0 || states.includes(state)) && path.toLowerCase().includes(text.toLowerCase())
  const added = [...newest.values()].filter(fits).toReversed()
  const [first, ...others] = pages
  if (first === undefined || added.length === 0) return { ...before, pages }
  return { ...before, pages: [{ ...first, sightings: [...added, ...first.sightings] }, ...others] }
}

/** Of these, none makes another result of a file that was handled, or takes it where it was left. */
const irrelevant = new Set<keyof Rule>(['schedule', 'holdMs', 'seeing', 'spend', 'keepDates', 'afterwards', 'ifExists'])

/** Whether files that were handled before may come out differently by the new rule. */
export function asksAboutOldFiles(before: Rule, after: Rule): boolean {
  const keys = Object.keys(after) as (keyof Rule)[]
  return keys.some((key) => !irrelevant.has(key) && JSON.stringify(before[key]) !== JSON.stringify(after[key]))
}
