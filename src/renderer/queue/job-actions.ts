/** What can be done with a job, by its phase. One list: the row's buttons, its menu and the shortcuts all read it. */
import { notifications } from '@mantine/notifications'
import {
  IconAdjustments,
  IconCheck,
  IconCopy,
  IconDownload,
  IconExternalLink,
  IconEye,
  IconFiles,
  IconFolder,
  IconInfoCircle,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerSkipForward,
  IconReload,
  IconReplace,
  IconScale,
  IconX,
  type Icon,
} from '@tabler/icons-react'
import i18next, { type TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import type { SelectionRequest } from '../../shared/selection.ts'
import { JobError, toFailure } from '../../shared/failure.ts'
import type { Job } from '../../shared/job.ts'
import { useBeside, type Beside } from '../app/context.tsx'
import { failureWords } from '../app/outcome-texts.ts'
import { changes, compared, details } from '../app/dialogs.ts'
import { detailsText } from './job-texts.ts'

export interface Action {
  readonly name: string
  readonly label: string
  readonly icon: Icon
  run(): void
  /** Shown as a button of its own. */
  readonly first?: true
}

export function useJobActions(): (job: Job) => readonly Action[] {
  const { t } = useTranslation()
  const beside = useBeside()
  return (job) => actionsOf(job, beside, t)
}

function actionsOf(job: Job, { calls, host, adding }: Beside, t: TFunction): readonly Action[] {
  const selection = { kind: 'ids' as const, ids: [job.id] }
  const act = (name: string, label: string, icon: Icon, work: () => unknown): Action => ({
    name,
    label,
    icon,
    run: () => guarded(work),
  })
  const first = (action: Action): Action => ({ ...action, first: true })
  const { state } = job
  const phase = state.phase
  const actions: Action[] = []
  if (phase === 'running' || phase === 'queued')
    actions.push(first(act('pause', t('job.pause'), IconPlayerPause, () => calls.jobs.pause(selection))))
  if (phase === 'paused') actions.push(first(act('resume', t('job.resume'), IconPlayerPlay, () => calls.jobs.resume(selection))))
  if (phase === 'waiting' && state.why.code === 'output-exists') {
    actions.push(
      first(act('number', t('job.number'), IconFiles, () => calls.jobs.settleClash({ selection, as: 'number' }))),
      first(act('skip', t('job.skip'), IconPlayerSkipForward, () => calls.jobs.settleClash({ selection, as: 'skip' }))),
      act('overwrite', t('job.overwrite'), IconReplace, () => calls.jobs.settleClash({ selection, as: 'overwrite' })),
    )
  } else if (phase === 'waiting') {
    actions.push(first(act('approve', t('job.approve'), IconCheck, () => calls.jobs.approve(selection))))
  }
  if (phase === 'uncertain') {
    const resolve = (as: 'done' | 'again' | 'forget') => () => calls.jobs.resolve({ id: job.id, as })
    actions.push(
      first(act('resolveDone', t('job.resolveDone'), IconCheck, resolve('done'))),
      act('resolveAgain', t('job.resolveAgain'), IconReload, resolve('again')),
      act('resolveForget', t('job.resolveDismiss'), IconX, resolve('forget')),
    )
  }
  if (phase === 'failed' || phase === 'cancelled' || phase === 'skipped') {
    actions.push(
      first(act('retry', t('job.retry'), IconReload, () => calls.jobs.retry(selection))),
      act('changes', t('job.changes'), IconAdjustments, () => changes.open(job)),
    )
  }
  if (phase === 'done') actions.push(...resultActions(job, host, t))
  if (phase === 'done') {
    actions.push(
      act('again', t('job.again'), IconReload, () => adding.again([job])),
      act('changes', t('job.againChanges'), IconAdjustments, () => changes.open(job)),
    )
  }
  if (job.repeats !== undefined) actions.push(act('compare', t('job.compare'), IconScale, () => compared.open(job)))
  if (phase === 'queued' || phase === 'running' || phase === 'paused' || phase === 'waiting') {
    actions.push(first(act('cancel', t('job.cancel'), IconX, () => cancelJobs(selection, calls))))
  }
  actions.push(
    act('details', t('job.details'), IconInfoCircle, () => details.open(job)),
    act('copy', t('job.copy'), IconCopy, async () => {
      await navigator.clipboard.writeText(detailsText(job))
      notifications.show({ message: t('job.copied') })
    }),
  )
  return actions
}

function resultActions({ id, state }: Job, host: Beside['host'], t: TFunction): readonly Action[] {
  const path = state.phase === 'done' ? state.outputs[0]?.path : undefined
  if (path === undefined) return []
  const actions: Action[] = []
  const { reveal, open, addressOf } = host
  if (reveal !== null)
    actions.push({
      name: 'reveal',
      label: t('job.reveal'),
      icon: IconFolder,
      first: true,
      run: () => guarded(() => reveal(path)),
    })
  if (open !== null)
    actions.push({
      name: 'open',
      label: t('job.open'),
      icon: IconExternalLink,
      first: true,
      run: () => guarded(() => open(path)),
    })
  if (addressOf !== null) {
    const view = addressOf(id, 0, 'view')
    actions.push(
      {
        name: 'save',
        label: t('job.save'),
        icon: IconDownload,
        first: true,
        run: () => guarded(async () => await save(addressOf(id, 0, 'save'), path)),
      },
      { name: 'view', label: t('job.view'), icon: IconEye, run: () => void window.open(view, '_blank', 'noopener') },
    )
  }
  return actions
}

/** As the browser saves what a page links to. What is not there any more would be saved as a page that says so. */
export async function save(href: string, name: string): Promise<void> {
  const { ok } = await fetch(href, { method: 'HEAD' })
  if (!ok) throw new JobError('source-missing', { path: name })
  const link = document.createElement('a')
  link.href = href
  link.download = ''
  link.click()
}

/** Says what cancelling cannot take back. */
export async function cancelJobs(selection: SelectionRequest, calls: Beside['calls']): Promise<void> {
  const { sent } = await calls.jobs.cancel(selection)
  if (sent > 0) notifications.show({ message: i18next.t('job.cancelledSent'), color: 'yellow', autoClose: 8000 })
}

/** What goes wrong is said, in the failure's own words. */
export function guarded(work: () => unknown): void {
  Promise.resolve()
    .then(work)
    .catch((error: unknown) => {
      const { what, todo } = failureWords(toFailure(error))
      notifications.show({ title: what, message: todo, color: 'red', autoClose: 8000 })
    })
}
