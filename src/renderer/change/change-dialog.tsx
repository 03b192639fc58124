/** Conversions that have not begun, changed together: what differs is shown as mixed, and nothing changes but what was touched. */
import { Button, Group, SegmentedControl, Text } from '@mantine/core'
import { useDebouncedValue, useMediaQuery } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { IconEye, IconPlayerTrackNext } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Job } from '../../shared/job.ts'
import type { ChangeAnswer, JobChange } from '../../shared/job-change.ts'
import { offerOfOrders } from '../add/pairings.ts'
import { nameOfOrder } from '../add/adding.ts'
import { useBeside } from '../app/context.tsx'
import { closeDialog, openDialog, useDialogs } from '../app/dialogs.ts'
import { describeFailure, guarded } from '../app/outcomes.ts'
import { useAllPairings, usePairings } from '../app/queries.ts'
import { Maker } from '../providers/maker.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { FormatSelect } from '../ui/format-select.tsx'
import { useOptionLabels } from '../ui/option-texts.ts'
import { OptionsForm } from '../ui/options-form.tsx'
import css from './change-dialog.module.css'
import { commonOf, droppedBy, isStillOf, mayTry, optionsOfAll, requestedOf, shownOptions, withOptions } from './mixed.ts'
import { TrialPanel } from './trial.tsx'

export function ChangeDialog() {
  const { t } = useTranslation()
  const change = useDialogs((dialogs) => dialogs.change)
  const isSmall = useMediaQuery('(max-width: 960px), (max-height: 640px)', undefined, { getInitialValueInEffect: false })
  const isWide = change?.tries === true
  const [first] = change?.jobs ?? []
  const title =
    change?.jobs.length === 1 && first !== undefined
      ? t('change.titleOne', { name: nameOfOrder(first.order) })
      : t('change.title', { count: change?.jobs.length ?? 0 })
  return (
    <Dialog
      opened={change !== null}
      onClose={() => closeDialog('change')}
      title={title}
      size={isWide ? 'min(1480px, 100vw - 64px)' : 520}
      fullScreen={isWide && isSmall}
      classNames={{ title: css.title ?? '', ...(isWide && { content: css.content ?? '', body: css.body ?? '' }) }}
    >
      {change !== null && <ChangeForm key={change.jobs.map(({ id }) => id).join()} {...change} />}
    </Dialog>
  )
}

function ChangeForm({ jobs, tries }: { readonly jobs: readonly Job[]; readonly tries: boolean }) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const pairings = usePairings()
  const all = useAllPairings()
  // Those that cannot become what some of them can say so, and stay as they are.
  const offer = useMemo(
    () =>
      offerOfOrders(
        all,
        jobs.map(({ order }) => order),
      ),
    [all, jobs],
  )
  const labels = useOptionLabels()
  const [change, setChange] = useState<JobChange>({})
  const common = commonOf(jobs)
  const dropped = droppedBy(jobs, change.target, change, pairings)
  const request = requestedOf(change, dropped)
  const selection = { kind: 'ids' as const, ids: jobs.map(({ id }) => id) }
  const expected = useExpected(selection, request)
  const targets = change.target === undefined ? common.targets : [change.target]
  const [target] = targets
  const { options, mixed } = shownOptions(common, change)
  const possible = { ...optionsOfAll(pairings, targets, jobs), mixed }
  const tried = jobs.find(mayTry)
  const isTouched = Object.keys(request).length > 0
  const apply = async () => {
    const answer = await calls.jobs.change({ selection, change: request })
    const [reason] = answer.reasons
    notifications.show({
      message: [
        t('change.done', { count: answer.changed }),
        ...(answer.refused > 0 ? [t('change.stay', { count: answer.refused })] : []),
        ...(reason === undefined ? [] : [describeFailure(reason.why).message]),
      ].join(' '),
      ...(answer.refused > 0 && { color: 'yellow', autoClose: 8000 }),
    })
  }
  return (
    <form
      className={css.dialog}
      data-tries={tries || undefined}
      onSubmit={(event) => {
        event.preventDefault()
        closeDialog('change')
        guarded(apply)
      }}
    >
      <div className={css.form}>
        <div>
          <Text size="sm" fw={500} mb={4} aria-hidden>
            {t('rerun.format')}
          </Text>
          <FormatSelect
            label={t('rerun.format')}
            value={targets.length === 1 ? (target ?? null) : null}
            formats={offer}
            onChange={(chosen) => setChange({ ...change, target: chosen })}
          />
        </div>
        {jobs.length === 1 && jobs[0] !== undefined && target !== undefined && (
          <Maker order={{ ...jobs[0].order, target, options }} />
        )}
        {target !== undefined && possible.names.length > 0 && (
          <OptionsForm
            target={target}
            possible={possible}
            options={options}
            onChange={(after) => setChange(withOptions(common, change, after))}
          />
        )}
        {dropped.length > 0 && (
          <p className={css.hint}>{t('change.dropped', { options: dropped.map((name) => labels[name]).join(', ') })}</p>
        )}
        <div>
          <Text size="sm" fw={500} mb={4} aria-hidden>
            {t('change.priority')}
          </Text>
          <SegmentedControl
            fullWidth
            size="sm"
            aria-label={t('change.priority')}
            value={priorityText(change.priority ?? common.priority)}
            onChange={(value) => setChange({ ...change, priority: Number(value) })}
            data={[
              { value: '-1', label: t('change.low') },
              { value: '0', label: t('change.normal') },
              { value: '1', label: t('change.high') },
            ]}
          />
        </div>
        {isTouched && expected !== undefined && <Expected answer={expected} />}
        <Group justify="space-between" className={css.buttons ?? ''}>
          {tried !== undefined && !tries ? (
            <Button
              variant="default"
              leftSection={
                isStillOf(tried, change) ? <IconEye size={16} aria-hidden /> : <IconPlayerTrackNext size={16} aria-hidden />
              }
              onClick={() => openDialog({ change: { jobs, tries: true } })}
            >
              {isStillOf(tried, change) ? t('trial.preview') : t('trial.try')}
            </Button>
          ) : (
            <span />
          )}
          <Button type="submit" disabled={!isTouched || expected?.changed === 0}>
            {t('change.confirm')}
          </Button>
        </Group>
      </div>
      {tries && tried !== undefined && <TrialPanel job={tried} change={request} />}
    </form>
  )
}

function priorityText(priority: number | null): string {
  return priority === null ? '' : String(priority)
}

const restMs = 200

function useExpected(selection: { readonly kind: 'ids'; readonly ids: number[] }, change: JobChange): ChangeAnswer | undefined {
  const { calls } = useBeside()
  const [wanted] = useDebouncedValue(JSON.stringify(change), restMs)
  const { data } = useQuery({
    queryKey: ['change', selection.ids, wanted],
    queryFn: async ({ signal }) =>
      await calls.jobs.rehearseChange({ selection, change: JSON.parse(wanted) as JobChange }, { signal }),
    enabled: wanted !== '{}',
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
  })
  return data
}

function Expected({ answer: { changed, same, refused, reasons } }: { readonly answer: ChangeAnswer }) {
  const { t } = useTranslation()
  return (
    <div className={css.expected} role="status">
      <strong>{[t('change.can', { count: changed }), ...(same > 0 ? [t('change.same', { count: same })] : [])].join(' ')}</strong>
      {refused > 0 && <span>{t('change.stay', { count: refused })}</span>}
      {reasons.length > 0 && (
        <ul>
          {reasons.slice(0, 4).map(({ why, jobs }) => (
            <li key={JSON.stringify(why)}>
              {jobs} × {describeFailure(why).message}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
