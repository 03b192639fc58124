/** What was dropped together: its name, how far it is, and what can be done with all of it. */
import { ActionIcon, Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import {
  IconArrowBackUp,
  IconChevronRight,
  IconDownload,
  IconPlayerPause,
  IconPlayerPlay,
  IconReload,
  IconX,
  type Icon,
} from '@tabler/icons-react'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import { finishedPhases } from '../../shared/job.ts'
import type { Batch } from '../../shared/model.ts'
import { useBeside } from '../app/context.tsx'
import { countText, momentText, percentText } from '../ui/quantities.ts'
import { liveOf, sizeOf } from './queue.ts'
import css from './batch-row.module.css'
import { ClashMenu } from './conflict-menu.tsx'
import { cancelJobs, guarded, save } from './job-actions.ts'
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
  const [asksUndo, { open, close }] = useDisclosure(false)
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
    const words = [
      t('batch.undoDone', { count: removed.length }),
      ...(kept.length > 0 ? [t('batch.undoKept', { count: kept.length })] : []),
    ]
    notifications.show({ message: words.join('. '), color: kept.length > 0 ? 'yellow' : 'petrol' })
  }
  const { archiveOf } = host
  return (
    <div role="gridcell" className={css.actions}>
      {totals.waiting > 0 && <ClashMenu batch={batch} isFocused={isFocused} />}
      {archiveOf !== null &&
        isDone &&
        totals.done > 0 &&
        batch.undoneAtMs === null &&
        button(t('batch.save'), IconDownload, () => guarded(async () => await save(archiveOf({ batchId: batch.id }), label)))}
      {totals.failed > 0 &&
        isDone &&
        button(t('batch.retry'), IconReload, () => guarded(() => calls.jobs.retry({ ...selection, outcomes: ['failed'] })))}
      {totals.queued + totals.running > 0 &&
        button(t('batch.pause'), IconPlayerPause, () => guarded(() => calls.jobs.pause(selection)))}
      {totals.paused > 0 && button(t('batch.resume'), IconPlayerPlay, () => guarded(() => calls.jobs.resume(selection)))}
      {liveOf(totals) > 0 && button(t('batch.cancel'), IconX, () => guarded(() => cancelJobs(selection, calls)))}
      {isDone && totals.done > 0 && batch.undoneAtMs === null && button(t('batch.undo'), IconArrowBackUp, open)}
      <Modal
        opened={asksUndo}
        onClose={close}
        title={t('batch.undoTitle')}
        closeButtonProps={{ 'aria-label': t('common.close') }}
        centered
      >
        <Stack>
          <Text>{t('batch.undoWhy')}</Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t('common.cancel')}
            </Button>
            <Button onClick={() => guarded(undo)} data-autofocus>
              {t('batch.undoConfirm')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </div>
  )
}
