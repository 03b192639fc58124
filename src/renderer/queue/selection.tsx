/** Which jobs of a list are selected, as in any file manager: focus, anchor and range; and what can be done with several at once. */
import { Button } from '@mantine/core'
import {
  IconAdjustments,
  IconArrowDown,
  IconArrowUp,
  IconArrowsJoin,
  IconCheck,
  IconDownload,
  IconPlayerPause,
  IconPlayerPlay,
  IconReload,
  IconX,
} from '@tabler/icons-react'
import type { Ref } from 'react'
import { useTranslation } from 'react-i18next'
import { createStore, type StoreApi } from 'zustand/vanilla'
import { isFinished, type Job } from '../../shared/job.ts'
import { combinedTargets } from '../add/combining.ts'
import type { Pairings } from '../add/pairings.ts'
import { useBeside } from '../app/context.tsx'
import { usePairings } from '../app/queries.ts'
import { openDialog } from '../app/dialogs.ts'
import { mayChange } from '../change/mixed.ts'
import { guarded } from '../app/outcomes.ts'
import { saveAddress } from '../ui/save-file.ts'
import { resultsOf } from '../wire/host.ts'
import { cancelJobs, changePriority } from './job-actions.ts'
import css from './selection.module.css'

export interface SelectionState {
  /** The row that keys act on. */
  readonly focus: number
  /** Where a range begins. */
  readonly anchor: number
  readonly jobs: ReadonlyMap<number, Job>
}

export interface RowSelection {
  readonly state: Pick<StoreApi<SelectionState>, 'getState' | 'getInitialState' | 'subscribe'>
  focus(index: number): void
  anchor(index: number): void
  select(jobs: readonly Job[]): void
  toggle(job: Job): void
  /** From the anchor to this row; both rows are counted. */
  extendTo(index: number, jobsBetween: (from: number, to: number) => Promise<readonly Job[]>): Promise<void>
}

const maxSelected = 10_000

export function createSelection(): RowSelection {
  const state = createStore<SelectionState>()(() => ({ focus: 0, anchor: 0, jobs: new Map() }))
  const select = (jobs: readonly Job[]) => state.setState({ jobs: new Map(jobs.map((job) => [job.id, job])) })
  return {
    state,
    focus: (focus) => state.setState({ focus }),
    anchor: (anchor) => state.setState({ anchor }),
    select,
    toggle: (job) => {
      const jobs = new Map(state.getState().jobs)
      if (!jobs.delete(job.id)) jobs.set(job.id, job)
      state.setState({ jobs })
    },
    extendTo: async (index, jobsBetween) => {
      const { anchor } = state.getState()
      const [from, to] = anchor < index ? [anchor, index] : [index, anchor]
      select(await jobsBetween(from, Math.min(to, from + maxSelected - 1)))
    },
  }
}

/** An address holds so many and no more. */
const maxArchived = 1000

interface SelectionBarProps {
  readonly jobs: readonly Job[]
  readonly clear: () => void
  readonly ref: Ref<HTMLDivElement>
}

export function SelectionBar({ jobs, clear, ref }: SelectionBarProps) {
  const { t } = useTranslation()
  const { calls, adding, host } = useBeside()
  const pairings = usePairings()
  const { archiveOf } = host
  const selection = { kind: 'ids' as const, ids: jobs.map(({ id }) => id) }
  const buttons = jobs.every(({ state }) => isFinished(state))
    ? [
        ...(archiveOf !== null && resultsOf(jobs).length > 0 && jobs.length <= maxArchived
          ? [{ name: t('job.save'), icon: IconDownload, run: () => saveAddress(archiveOf({ jobIds: selection.ids }), '') }]
          : []),
        { name: t('job.retry'), icon: IconReload, run: () => calls.jobs.retry(selection) },
        { name: t('job.again'), icon: IconPlayerPlay, run: () => adding.again(jobs) },
        { name: t('job.forget'), icon: IconX, run: () => calls.history.forget({ ids: selection.ids }).then(clear) },
      ]
    : [
        ...(jobs.some(waitsForMoney)
          ? [{ name: t('job.approve'), icon: IconCheck, run: () => calls.jobs.approve(selection) }]
          : []),
        ...(jobs.some(mayChange)
          ? [{ name: t('job.change'), icon: IconAdjustments, run: () => openDialog({ change: { jobs, tries: false } }) }]
          : []),
        ...(mayCombine(jobs, pairings)
          ? [{ name: t('combine.action'), icon: IconArrowsJoin, run: () => adding.combine(jobs).then(clear) }]
          : []),
        { name: t('job.pause'), icon: IconPlayerPause, run: () => calls.jobs.pause(selection) },
        { name: t('job.resume'), icon: IconPlayerPlay, run: () => calls.jobs.resume(selection) },
        { name: t('job.retry'), icon: IconReload, run: () => calls.jobs.retry(selection) },
        { name: t('job.higher'), icon: IconArrowUp, run: () => changePriority(jobs, 1, calls) },
        { name: t('job.lower'), icon: IconArrowDown, run: () => changePriority(jobs, -1, calls) },
        { name: t('job.cancel'), icon: IconX, run: () => cancelJobs(selection, calls) },
      ]
  return (
    <div ref={ref} className={css.bar} role="toolbar" aria-label={t('queue.selected', { count: jobs.length })}>
      <strong>{t('queue.selected', { count: jobs.length })}</strong>
      {buttons.map(({ name, icon: Icon, run }) => (
        <Button
          key={name}
          size="compact-sm"
          variant="default"
          leftSection={<Icon size={15} aria-hidden />}
          onClick={() => guarded(run)}
        >
          {name}
        </Button>
      ))}
      <Button size="compact-sm" variant="subtle" onClick={clear}>
        {t('queue.selectNone')}
      </Button>
    </div>
  )
}

/** Nothing of them has begun, and there is something that they can become as one. */
function mayCombine(jobs: readonly Job[], pairings: Pairings): boolean {
  if (jobs.length < 2 || !jobs.every((job) => mayChange(job) && job.order.source.kind === 'file')) return false
  return (
    combinedTargets(
      pairings,
      jobs.map(({ order }) => order),
    ).length > 0
  )
}

function waitsForMoney({ state }: Job): boolean {
  return state.phase === 'waiting' && state.why.code !== 'output-exists'
}
