/** A batch, files that were added at once: its name, how far it is, and what can be done with all of it. */
import { ActionIcon, Menu } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import {
  IconArrowBackUp,
  IconChevronRight,
  IconDownload,
  IconFileAlert,
  IconFiles,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerSkipForward,
  IconReload,
  IconReplace,
  IconX,
  type Icon,
} from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { memo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { finishedPhases } from '../../shared/job.ts'
import type { Batch } from '../../shared/model.ts'
import { useBeside } from '../app/context.tsx'
import { countText, momentText, percentText } from '../ui/quantities.ts'
import { liveOf, sizeOf } from './queue.ts'
import css from './batch-row.module.css'
import { ConfirmDialog } from '../ui/dialog.tsx'
import { saveAddress } from '../ui/save-file.ts'
import { cancelJobs } from './job-actions.ts'
import { guarded } from '../app/outcomes.ts'
import { Bar, RowButton } from './row-button.tsx'

export const BatchRow = memo(function BatchRow({
  batch,
  index,
  isOpen,
  isFocused,
}: {
  readonly batch: Batch
  readonly index: number
  readonly isOpen: boolean
  readonly isFocused: boolean
}) {
  const { t } = useTranslation()
  const { queue } = useBeside()
  const { label, totals } = batch
  const all = sizeOf(totals)
  const finished = finishedPhases.reduce((sum, phase) => sum + totals[phase], 0)
  const waits = totals.waiting + totals.uncertain
  return (
    <div
      role="row"
      id={`row-${index}`}
      aria-rowindex={index + 1}
      aria-expanded={isOpen}
      data-focused={isFocused || undefined}
      className={css.row}
    >
      <div role="gridcell" className={css.head}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={26}
          aria-label={t(isOpen ? 'batch.close' : 'batch.open', { label })}
          aria-expanded={isOpen}
          onClick={() => queue.toggle(batch.id)}
          tabIndex={isFocused ? 0 : -1}
        >
          <IconChevronRight size={16} className={isOpen ? css.turned : css.chevron} aria-hidden />
        </ActionIcon>
        <strong className={css.label} title={label}>
          {label}
        </strong>
        <span className={css.when}>{momentText(batch.createdAtMs)}</span>
      </div>
      <div role="gridcell" className={css.facts}>
        {batch.undoneAtMs !== null && <span className={css.mark}>{t('batch.undone')}</span>}
        {totals.failed > 0 && (
          <span className={css.mark} data-tone="bad">
            {t('batch.failed', { count: totals.failed })}
          </span>
        )}
        {waits > 0 && (
          <span className={css.mark} data-tone="warn">
            {t('batch.waits', { count: waits })}
          </span>
        )}
        {liveOf(totals) > 0 && (
          <span className={css.bar}>
            <Bar share={finished / all} label={t('batch.progress', { label })} />
          </span>
        )}
        <span className={css.count}>
          {t('batch.done', { done: countText(finished), all: countText(all) })}
          {liveOf(totals) > 0 && all > 9 && ` · ${percentText(finished / all)}`}
        </span>
      </div>
      <BatchActions batch={batch} isFocused={isFocused} />
    </div>
  )
})

function BatchActions({ batch, isFocused }: { readonly batch: Batch; readonly isFocused: boolean }) {
  const { t } = useTranslation()
  const { calls, queue, host } = useBeside()
  const [isAskingUndo, { open, close }] = useDisclosure(false)
  const { totals, label } = batch
  const selection = { kind: 'batch' as const, batchId: batch.id }
  const isDone = totals.queued + totals.running === 0
  const button = (name: string, glyph: Icon, run: () => void) => (
    <RowButton icon={glyph} title={name} label={`${name}: ${label}`} onClick={run} tabIndex={isFocused ? 0 : -1} />
  )
  const undo = async () => {
    const { removed, kept } = await calls.batches.undo({ id: batch.id })
    queue.refresh(batch.id)
    close()
    const messages = [
      t('batch.undoDone', { count: removed.length }),
      ...(kept.length > 0 ? [t('batch.undoKept', { count: kept.length })] : []),
    ]
    notifications.show({ message: messages.join('. '), color: kept.length > 0 ? 'yellow' : 'petrol' })
  }
  const { archiveOf } = host
  return (
    <div role="gridcell" className={css.actions}>
      {totals.waiting > 0 && <ConflictMenu batch={batch} isFocused={isFocused} />}
      {archiveOf !== null &&
        isDone &&
        totals.done > 0 &&
        batch.undoneAtMs === null &&
        button(t('batch.save'), IconDownload, () =>
          guarded(async () => await saveAddress(archiveOf({ batchId: batch.id }), label)),
        )}
      {totals.failed > 0 &&
        isDone &&
        button(t('batch.retry'), IconReload, () => guarded(() => calls.jobs.retry({ ...selection, outcomes: ['failed'] })))}
      {totals.queued + totals.running > 0 &&
        button(t('batch.pause'), IconPlayerPause, () => guarded(() => calls.jobs.pause(selection)))}
      {totals.paused > 0 && button(t('batch.resume'), IconPlayerPlay, () => guarded(() => calls.jobs.resume(selection)))}
      {liveOf(totals) > 0 && button(t('batch.cancel'), IconX, () => guarded(() => cancelJobs(selection, calls)))}
      {isDone && totals.done > 0 && batch.undoneAtMs === null && button(t('batch.undo'), IconArrowBackUp, open)}
      <ConfirmDialog
        opened={isAskingUndo}
        onClose={close}
        title={t('batch.undoTitle')}
        confirm={t('batch.undoConfirm')}
        tone="plain"
        onConfirm={() => guarded(undo)}
      >
        {t('batch.undoWhy')}
      </ConfirmDialog>
    </div>
  )
}

/** Enough to know whether there is one: others wait for money. */
const maxInspected = 200

/** What to do with all jobs of a batch that wait because the name of their result is taken: asked once instead of for each. */
function ConflictMenu({ batch, isFocused }: { readonly batch: Batch; readonly isFocused: boolean }) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const [isOpen, setOpen] = useState(false)
  const [isConfirming, { open, close }] = useDisclosure(false)
  const { data: conflicts = 0 } = useQuery({
    queryKey: ['name-conflicts', batch.id, batch.totals.waiting],
    queryFn: async () => {
      const { jobs } = await calls.jobs.list({ phases: ['waiting'], batchId: batch.id, after: null, limit: maxInspected })
      return jobs.filter(({ state }) => state.phase === 'waiting' && state.why.code === 'output-exists').length
    },
  })
  if (conflicts === 0) return null
  const resolve = (as: 'number' | 'skip' | 'overwrite') => () =>
    guarded(async () => {
      close()
      await calls.jobs.settleClash({ selection: { kind: 'batch', batchId: batch.id }, as })
    })
  const title = t('nameConflict.title')
  return (
    <>
      <Menu opened={isOpen} onChange={setOpen} position="bottom-end" shadow="md" withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <RowButton
            icon={IconFileAlert}
            title={title}
            label={`${title}: ${batch.label}`}
            tabIndex={isFocused ? 0 : -1}
            onClick={() => setOpen(!isOpen)}
          />
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconFiles size={16} aria-hidden />} onClick={resolve('number')}>
            {t('nameConflict.number')}
          </Menu.Item>
          <Menu.Item leftSection={<IconPlayerSkipForward size={16} aria-hidden />} onClick={resolve('skip')}>
            {t('nameConflict.skip')}
          </Menu.Item>
          <Menu.Item leftSection={<IconReplace size={16} aria-hidden />} onClick={open}>
            {t('nameConflict.overwrite')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog
        opened={isConfirming}
        onClose={close}
        title={t('nameConflict.confirmTitle')}
        confirm={t('nameConflict.confirm')}
        tone="dangerous"
        onConfirm={resolve('overwrite')}
      >
        {t('nameConflict.confirmWhy')}
      </ConfirmDialog>
    </>
  )
}
