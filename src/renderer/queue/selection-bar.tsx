/** What can be done with several jobs at once. */
import { Button } from '@mantine/core'
import {
  IconArrowDown,
  IconArrowUp,
  IconCheck,
  IconDownload,
  IconPlayerPause,
  IconPlayerPlay,
  IconReload,
  IconX,
} from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { isFinished, type Job } from '../../shared/job.ts'
import { useBeside } from '../app/context.tsx'
import { resultsOf } from '../wire/host.ts'
import { cancelJobs, guarded, save } from './job-actions.ts'
import { changePriority } from './job-keys.ts'
import css from './selection-bar.module.css'

/** An address holds so many and no more. */
const mostArchived = 1000

export function SelectionBar({ jobs, clear }: { readonly jobs: readonly Job[]; readonly clear: () => void }) {
  const { t } = useTranslation()
  const { calls, adding, host } = useBeside()
  const { archiveOf } = host
  const selection = { kind: 'ids' as const, ids: jobs.map(({ id }) => id) }
  const buttons = jobs.every(({ state }) => isFinished(state))
    ? [
        ...(archiveOf !== null && resultsOf(jobs).length > 0 && jobs.length <= mostArchived
          ? [{ name: t('job.save'), icon: IconDownload, run: () => save(archiveOf({ jobIds: selection.ids }), '') }]
          : []),
        { name: t('job.retry'), icon: IconReload, run: () => calls.jobs.retry(selection) },
        { name: t('job.again'), icon: IconPlayerPlay, run: () => adding.again(jobs) },
        { name: t('job.forget'), icon: IconX, run: () => calls.history.forget({ ids: selection.ids }).then(clear) },
      ]
    : [
        ...(jobs.some(waitsForMoney)
          ? [{ name: t('job.approve'), icon: IconCheck, run: () => calls.jobs.approve(selection) }]
          : []),
        { name: t('job.pause'), icon: IconPlayerPause, run: () => calls.jobs.pause(selection) },
        { name: t('job.resume'), icon: IconPlayerPlay, run: () => calls.jobs.resume(selection) },
        { name: t('job.retry'), icon: IconReload, run: () => calls.jobs.retry(selection) },
        { name: t('job.higher'), icon: IconArrowUp, run: () => changePriority(jobs, 1, calls) },
        { name: t('job.lower'), icon: IconArrowDown, run: () => changePriority(jobs, -1, calls) },
        { name: t('job.cancel'), icon: IconX, run: () => cancelJobs(selection, calls) },
      ]
  return (
    <div className={css.bar} role="toolbar" aria-label={t('queue.selected', { count: jobs.length })}>
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

function waitsForMoney({ state }: Job): boolean {
  return state.phase === 'waiting' && state.why.code !== 'output-exists'
}
