/** A small preview of a job's file, or the icon of its kind where there is none. */
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { JobError } from '../../shared/failure.ts'
import type { Job } from '../../shared/job.ts'
import type { ThumbnailSize, Side, Thumbnail } from '../../shared/thumbnails.ts'
import { useBeside } from '../app/context.tsx'
import type { Calls } from '../wire/live.ts'
import { familyOf } from './job-texts.ts'
import { KindIcon } from '../ui/kind-icon.tsx'
import css from './preview.module.css'

/** A row that is only scrolled past asks for nothing. */
const restMs = 120
/** How long one is kept that is not on screen. */
const keptMs = 120_000

export function RowPreview({ job }: { readonly job: Job }) {
  const address = usePreview(job, 'row', useRested())
  return (
    <span className={css.row} data-preview={address !== null || undefined}>
      {address === null ? (
        <KindIcon family={familyOf(job)} size={19} />
      ) : (
        <img src={address} alt="" draggable={false} className={css.small} />
      )}
    </span>
  )
}

/** Nothing where there is nothing to see. */
export function PanelPreview({ job }: { readonly job: Job }) {
  const address = usePreview(job, 'panel', true)
  return address === null ? null : <img src={address} alt="" className={css.large} />
}

function usePreview(job: Job, size: ThumbnailSize, isWanted: boolean): string | null {
  const { calls } = useBeside()
  const isDone = job.state.phase === 'done'
  const { data } = useQuery({
    queryKey: ['preview', job.id, size, isDone],
    queryFn: async ({ signal }) =>
      addressOf(await previewOf(calls, job.id, size, isDone ? ['source', 'output'] : ['source'], signal)),
    enabled: isWanted,
    staleTime: Infinity,
    gcTime: keptMs,
    // The preview of the source serves until that of the result is there.
    placeholderData: (before) => before,
  })
  return data ?? null
}

/** Of the first that is there. */
async function previewOf(
  calls: Calls,
  jobId: number,
  size: ThumbnailSize,
  [of, ...others]: readonly Side[],
  signal: AbortSignal,
): Promise<Thumbnail | null> {
  if (of === undefined) return null
  try {
    return await calls.media.picture({ jobId, of, size }, { signal })
  } catch (error) {
    if (error instanceof JobError && error.failure.code === 'offline') throw error
    signal.throwIfAborted()
    return await previewOf(calls, jobId, size, others, signal)
  }
}

function addressOf(picture: Thumbnail | null): string | null {
  return picture === null ? null : `data:${picture.type};base64,${picture.data}`
}

function useRested(): boolean {
  const [isRested, setRested] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setRested(true), restMs)
    return () => clearTimeout(timer)
  }, [])
  return isRested
}
