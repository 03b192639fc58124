/** What can be done with a job, by its phase. One list: the row's buttons, its menu and the keys all read it. */
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
  IconSquareHalf,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerSkipForward,
  IconPlayerTrackNext,
  IconReload,
  IconReplace,
  IconScale,
  IconX,
  type Icon,
} from '@tabler/icons-react'
import i18next, { type TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import type { SelectionRequest } from '../../shared/selection.ts'
import type { Job } from '../../shared/job.ts'
import { useBeside, type Beside } from '../app/context.tsx'
import { guarded } from '../app/outcomes.ts'
import { saveAddress } from '../ui/save-file.ts'
import { openDialog } from '../app/dialogs.ts'
import { isStillOf, mayChange, mayTry } from '../change/mixed.ts'
import { comparisonOf } from '../compare/compared.ts'
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
      act('changes', t('job.changes'), IconAdjustments, () => openDialog({ rerun: job })),
    )
  }
  if (mayChange(job)) {
    const open = (tries: boolean) => () => openDialog({ change: { jobs: [job], tries } })
    actions.push(act('change', t('job.change'), IconAdjustments, open(false)))
    const label = isStillOf(job) ? t('trial.preview') : t('trial.try')
    if (mayTry(job)) actions.push(act('try', label, isStillOf(job) ? IconEye : IconPlayerTrackNext, open(true)))
  }
  const comparison = comparisonOf(job)
  if (comparison !== null) actions.push(first(act('compare', t('job.compare'), IconSquareHalf, () => openDialog({ comparison }))))
  if (phase === 'done') actions.push(...resultActions(job, host, t))
  if (phase === 'done') {
    actions.push(
      act('again', t('job.again'), IconReload, () => adding.again([job])),
      act('changes', t('job.againChanges'), IconAdjustments, () => openDialog({ rerun: job })),
    )
  }
  if (job.repeats !== undefined) actions.push(act('runs', t('job.runs'), IconScale, () => openDialog({ runs: job })))
  if (phase === 'queued' || phase === 'running' || phase === 'paused' || phase === 'waiting') {
    actions.push(first(act('cancel', t('job.cancel'), IconX, () => cancelJobs(selection, calls))))
  }
  actions.push(
    act('details', t('job.details'), IconInfoCircle, () => openDialog({ details: job })),
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
        run: () => guarded(async () => await saveAddress(addressOf(id, 0, 'save'), path)),
      },
      { name: 'view', label: t('job.view'), icon: IconEye, run: () => void window.open(view, '_blank', 'noopener') },
    )
  }
  return actions
}

/** Says what cancelling cannot undo. */
export async function cancelJobs(selection: SelectionRequest, calls: Beside['calls']): Promise<void> {
  const { sent } = await calls.jobs.cancel(selection)
  if (sent > 0) notifications.show({ message: i18next.t('job.cancelledSent'), color: 'yellow', autoClose: 8000 })
}

const byKey: Readonly<Record<string, readonly string[]>> = {
  Enter: ['details'],
  c: ['compare'],
  e: ['change'],
  t: ['try'],
  p: ['pause', 'resume'],
  r: ['retry', 'again'],
  Delete: ['cancel'],
  Backspace: ['cancel'],
}
const priorities: Readonly<Record<string, 1 | -1>> = { '+': 1, '=': 1, '-': -1 }

/** Does what a key means: the first action of that name that each job's phase allows. False where it means nothing here. */
export function keyActions(
  key: string,
  jobs: readonly Job[],
  { calls }: Beside,
  actions: (job: Job) => readonly Action[],
): boolean {
  const step = priorities[key]
  if (step !== undefined && jobs.length > 0) {
    changePriority(jobs, step, calls)
    return true
  }
  const names = byKey[key]
  const [first] = jobs
  if (names === undefined || first === undefined) return false
  if (jobs.length === 1) {
    const action = actions(first).find(({ name }) => names.includes(name))
    action?.run()
    return action !== undefined
  }
  const selection = { kind: 'ids' as const, ids: jobs.map(({ id }) => id) }
  const isCancel = key === 'Delete' || key === 'Backspace'
  if (key === 'e') openDialog({ change: { jobs, tries: false } })
  else if (key === 'r') guarded(() => calls.jobs.retry(selection))
  else if (key === 'p')
    guarded(() =>
      jobs.some(({ state }) => state.phase === 'paused') ? calls.jobs.resume(selection) : calls.jobs.pause(selection),
    )
  else if (isCancel) guarded(() => cancelJobs(selection, calls))
  else return false
  return true
}

export function changePriority(jobs: readonly Job[], step: 1 | -1, calls: Beside['calls']): void {
  for (const priority of [-1, 0, 1] as const) {
    const ids = jobs.filter((job) => Math.max(-1, Math.min(1, job.priority + step)) === priority).map(({ id }) => id)
    if (ids.length > 0) guarded(() => calls.jobs.setPriority({ ids, priority }))
  }
}
