/** The rows of the queue: batches and their jobs as one list. */
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useBeside, useQueueVersion } from '../app/context.tsx'
import type { Queue } from './queue.ts'
import { BatchRow } from './batch-row.tsx'
import { JobGrid, type GridRows } from './job-grid.tsx'
import { JobRow } from './job-row.tsx'

export function QueueList() {
  const { t } = useTranslation()
  const { queue } = useBeside()
  const version = useQueueVersion()
  // What the queue answers changes with its version.
  const rows = useMemo(() => gridRows(queue), [queue, version])
  return (
    <JobGrid
      label={t('queue.list')}
      role="treegrid"
      rows={rows}
      draw={(state) => {
        const row = queue.row(state.index)
        if (row?.kind === 'batch') {
          return (
            <BatchRow batch={row.batch} index={state.index} isOpen={queue.isOpen(row.batch.id)} isFocused={state.isFocused} />
          )
        }
        const job = row === null ? undefined : queue.job(row)
        return job === undefined ? null : <JobRow job={job} {...state} />
      }}
    />
  )
}

function gridRows(queue: Queue): GridRows {
  const count = queue.count()
  const jobAt: GridRows['jobAt'] = (index) => {
    const row = queue.row(index)
    return row?.kind === 'job' ? queue.job(row) : undefined
  }
  return {
    count,
    jobAt,
    jobsBetween: async (from, to) => {
      const jobs = []
      for (let index = from; index <= to;) {
        const row = queue.row(index)
        if (row === null) break
        if (row.kind === 'batch') {
          index += 1
          continue
        }
        let end = index
        while (end < to && queue.row(end + 1)?.kind === 'job') end += 1
        jobs.push(...(await queue.jobsOf(row.batch.id, row.index, row.index + end - index)))
        index = end + 1
      }
      return jobs
    },
    around: (index) => {
      const own = queue.row(index)?.batch.id
      let [from, to] = [index, index]
      while (from > 0 && queue.row(from - 1)?.batch.id === own) from -= 1
      while (to < count - 1 && queue.row(to + 1)?.batch.id === own) to += 1
      return [from, to]
    },
    enter: (index) => {
      const row = queue.row(index)
      if (row?.kind === 'batch') queue.toggle(row.batch.id)
    },
    reached: queue.more,
    move: async (jobs, index, edge) => {
      const row = queue.row(index)
      if (row?.kind === 'job')
        await queue.move(
          jobs.map(({ id }) => id),
          row,
          edge,
        )
    },
  }
}
