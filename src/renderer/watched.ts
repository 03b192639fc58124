/** Watched folders as the window follows them: asked once, and asked anew when the engine says that something moved. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { Folder } from '../shared/folders.ts'
import { useBeside, useLive } from './beside.tsx'

export function useFolders(): readonly Folder[] | undefined {
  const { calls } = useBeside()
  const { connection } = useLive()
  const client = useQueryClient()
  useEffect(() => {
    if (connection !== 'open') return
    const gone = new AbortController()
    const follow = async () => {
      const changes = await calls.folders.changes(undefined, { signal: gone.signal })
      await client.invalidateQueries({ queryKey: ['folders'] })
      for await (const change of changes) {
        await client.invalidateQueries({ queryKey: [change.type === 'sighting' ? 'sightings' : 'folders'] })
      }
    }
    // A line that is lost is said elsewhere; the next one begins here again.
    follow().catch(() => {})
    return () => gone.abort()
  }, [calls, client, connection])
  return useQuery({ queryKey: ['folders'], queryFn: async () => await calls.folders.list(), refetchOnMount: 'always' }).data
}

export function useFoldersChanged(): () => Promise<void> {
  const client = useQueryClient()
  return async () => {
    await Promise.all(['folders', 'sightings'].map(async (key) => await client.invalidateQueries({ queryKey: [key] })))
  }
}
