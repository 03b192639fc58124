/** The queue: what was dropped, newest first, each batch with its files. */
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { ConversionBar } from '../add/conversion-bar.tsx'
import { useBeside, useLive, useQueueRows } from '../app/context.tsx'
import { FfmpegOffer } from '../providers/ffmpeg-offer.tsx'
import { BatchRow } from './batch-row.tsx'
import { Details } from './details.tsx'
import { FirstStart } from './first-start.tsx'
import { JobGrid, type GridRows } from './job-grid.tsx'
import { JobRow } from './job-row.tsx'
import css from './queue-view.module.css'
import type { Queue, QueueRows } from './queue.ts'
import { RerunDialog } from './rerun-dialog.tsx'
import { StatusBar } from './status-bar.tsx'

export function QueueView() {
  const { t } = useTranslation()
  const { connection } = useLive()
  const { isLoaded, count } = useQueueRows()
  return (
    <>
      <h1 className="visually-hidden">{t('queue.title')}</h1>
      <ConversionBar />
      {!isLoaded ? (
        <p className={css.loading} role="status">
          {t(connection === 'open' ? 'queue.loading' : 'connection.connecting')}
        </p>
      ) : count === 0 ? (
        <FirstStart />
      ) : (
        <>
          <div className={css.needed}>
            <FfmpegOffer onlyIfNeeded />
          </div>
          <QueueList />
        </>
      )}
      <StatusBar />
      <Details />
      <RerunDialog />
    </>
  )
}

/** Batches and their jobs as one list. */
function QueueList() {
  const { t } = useTranslation()
  const { queue } = useBeside()
  const rows = useQueueRows()
  const gridRows = useMemo(() => gridRowsOf(queue, rows), [queue, rows])
  return (
    <JobGrid
      label={t('queue.list')}
      role="treegrid"
      rows={gridRows}
      draw={(state) => {
        const row = rows.at(state.index)
        if (row?.kind === 'batch') {
          const isOpen = !rows.closedIds.has(row.batch.id)
          return <BatchRow batch={row.batch} index={state.index} isOpen={isOpen} isFocused={state.isFocused} />
        }
        const job = row === null ? undefined : queue.job(row)
        return job === undefined ? null : <JobRow job={job} {...state} />
      }}
    />
  )
}

function gridRowsOf(queue: Queue, rows: QueueRows): GridRows {
  const { count } = rows
  const jobAt: GridRows['jobAt'] = (index) => {
    const row = rows.at(index)
    return row?.kind === 'job' ? queue.job(row) : undefined
  }
  return {
    count,
    jobAt,
    jobsBetween: async (from, to) => {
      const jobs = []
      for (let index = from; index <= to;) {
        const row = rows.at(index)
        if (row === null) break
        if (row.kind === 'batch') {
          index += 1
          continue
        }
        let end = index
        while (end < to && rows.at(end + 1)?.kind === 'job') end += 1
        jobs.push(...(await queue.jobsOf(row.batch.id, row.index, row.index + end - index)))
        index = end + 1
      }
      return jobs
    },
    groupOf: (index) => {
      const own = rows.at(index)?.batch.id
      let [from, to] = [index, index]
      while (from > 0 && rows.at(from - 1)?.batch.id === own) from -= 1
      while (to < count - 1 && rows.at(to + 1)?.batch.id === own) to += 1
      return [from, to]
    },
    enter: (index) => {
      const row = rows.at(index)
      if (row?.kind === 'batch') queue.toggle(row.batch.id)
    },
    reached: queue.more,
    move: async (jobs, index, edge) => {
      const row = rows.at(index)
      if (row?.kind === 'job')
        await queue.move(
          jobs.map(({ id }) => id),
          row,
          edge,
        )
    },
  }
}
