/** What the runs of one source came to, side by side: how large, how long, how much. */
import { isOnlineProvider } from '../../shared/providers.ts'
import { Button } from '@mantine/core'
import { IconCloudUp, IconScale } from '@tabler/icons-react'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { factsOf } from '../../shared/formats.ts'
import type { Job } from '../../shared/job.ts'
import { optionTexts } from '../../shared/options.ts'
import { nameOfOrder } from '../add/adding.ts'
import { useBeside, useJob } from '../app/context.tsx'
import { bytesText, changeText, momentText, tookText } from '../ui/quantities.ts'
import { describeNote } from '../app/outcomes.ts'
import { useOptionLabels } from '../ui/option-texts.ts'
import { closeDialog, openDialog, useDialogs } from '../app/dialogs.ts'
import { Dialog } from '../ui/dialog.tsx'
import css from './runs-dialog.module.css'
import { useJobActions } from './job-actions.ts'
import { outputBytes, sourceBytes, stateText, toneOf } from './job-texts.ts'
import { providerName } from '../providers/provider-texts.ts'
import { Bar, RowButton } from './row-button.tsx'

/** More do not fit beside each other; the last ones are shown. */
const maxShown = 4

export function RunsDialog() {
  const { t } = useTranslation()
  const job = useDialogs(({ runs }) => runs)
  return (
    <Dialog
      opened={job !== null}
      onClose={() => closeDialog('runs')}
      title={job === null ? '' : t('compare.title', { name: nameOfOrder(job.order) })}
      classNames={{ title: css.title ?? '' }}
      size="xl"
    >
      {job !== null && <Runs of={job} />}
    </Dialog>
  )
}

function Runs({ of }: { readonly of: Job }) {
  const { t } = useTranslation()
  const labels = useOptionLabels()
  const all = useRuns(of) ?? []
  const runs = all.slice(-maxShown)
  const before = sourceBytes(of)
  const smallest = best(runs, outputBytes)
  const fastest = best(runs, took)
  const row = (name: string, cell: (job: Job) => ReactNode) => (
    <tr>
      <th scope="row">{name}</th>
      {runs.map((job) => (
        <td key={job.id}>{cell(job)}</td>
      ))}
    </tr>
  )
  return (
    <div className={css.scroller} tabIndex={0} role="region" aria-label={t('compare.runs')}>
      <table className={css.table}>
        <thead>
          <tr>
            <td>{before !== null && <small>{t('compare.original', { bytes: bytesText(before) })}</small>}</td>
            {runs.map((job) => (
              <th key={job.id} scope="col">
                {t('compare.run', { number: all.indexOf(job) + 1 })}
                <small>{momentText(job.createdAtMs)}</small>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {row(t('details.state'), (job) => (
            <State job={job} />
          ))}
          {row(t('compare.size'), (job) => {
            const bytes = outputBytes(job)
            if (bytes === null) return <Nothing />
            return (
              <span className={css.figure}>
                <strong>{bytesText(bytes)}</strong>
                {before !== null && before > 0 && <small>{changeText(bytes / before - 1)}</small>}
                {job.id === smallest && <em>{t('compare.smallest')}</em>}
              </span>
            )
          })}
          {row(t('compare.time'), (job) => {
            const ms = took(job)
            if (ms === null) return <Nothing />
            return (
              <span className={css.figure}>
                <strong>{tookText(ms)}</strong>
                {job.id === fastest && <em>{t('compare.fastest')}</em>}
              </span>
            )
          })}
          {runs.some((job) => costOf(job) !== null) && row(t('details.cost'), (job) => costOf(job) ?? <Nothing />)}
          {row(t('details.provider'), ({ provider }) => (
            <span className={css.provider}>
              {providerName(provider, t)}
              {isOnlineProvider(provider) && <IconCloudUp size={15} role="img" aria-label={t('provider.cloud')} />}
            </span>
          ))}
          {row(t('details.route'), ({ order }) => factsOf(order.target).title)}
          {row(t('details.options'), ({ order }) => {
            const set = optionTexts(order.options)
            if (set.length === 0) return t('details.noOptions')
            return set.map(([name, text]) => <div key={name}>{`${labels[name]}: ${text}`}</div>)
          })}
          {row(t('compare.actions'), (job) => (
            <Actions job={job} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Nothing() {
  return <span aria-hidden>–</span>
}

function State({ job: first }: { readonly job: Job }) {
  const { t } = useTranslation()
  const { job, progress } = useJob(first)
  const label = stateText(job, t, progress)
  return (
    <span className={css.state} data-tone={toneOf(job)}>
      {label}
      {job.state.phase === 'running' && <Bar share={progress?.progress ?? null} label={label} />}
    </span>
  )
}

function Actions({ job }: { readonly job: Job }) {
  const actions = useJobActions()(job).filter(({ first }) => first === true)
  return (
    <span className={css.actions}>
      {actions.map(({ name, label, icon, run }) => (
        <RowButton key={name} icon={icon} title={label} label={label} tabIndex={0} onClick={run} />
      ))}
    </span>
  )
}

function took({ state }: Job): number | null {
  return state.phase === 'done' ? (state.tookMs ?? null) : null
}

function costOf({ state }: Job): string | null {
  const costs = state.phase === 'done' ? state.notes.filter(({ what }) => what === 'cost') : []
  return costs.length === 0 ? null : costs.map(describeNote).join(' ')
}

/** The run with the least of something, where several can be compared and one of them has less. */
function best(runs: readonly Job[], of: (job: Job) => number | null): number | null {
  const known = runs.flatMap((job) => {
    const value = of(job)
    return value === null ? [] : [{ id: job.id, value }]
  })
  const least = known.toSorted((one, other) => one.value - other.value)[0]
  const hasRivals = known.length > 1 && known.some(({ value }) => value !== least?.value)
  return least !== undefined && hasRivals ? least.id : null
}

/** Runs come and go while they are shown. */
function useRuns({ id, repeats = id }: Job): readonly Job[] | undefined {
  const { calls, live } = useBeside()
  const client = useQueryClient()
  const key = ['runs', repeats]
  const { data } = useQuery({
    queryKey: key,
    queryFn: async () => await calls.history.runs({ id }),
    placeholderData: keepPreviousData,
    refetchOnMount: 'always',
  })
  useEffect(
    () =>
      live.onChanges((changes) => {
        const isOurs = changes.some((change) => change.type === 'job' && (change.job.repeats ?? change.job.id) === repeats)
        if (isOurs) void client.invalidateQueries({ queryKey: ['runs', repeats] })
      }),
    [client, live, repeats],
  )
  return data
}

/** In the details of a job: how many runs its source had, where there were several. */
export function RunsFact({ job }: { readonly job: Job }) {
  const { t } = useTranslation()
  const runs = useRuns(job) ?? []
  if (runs.length < 2) return null
  return (
    <>
      <dt>{t('compare.runs')}</dt>
      <dd>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconScale size={15} aria-hidden />}
          onClick={() => openDialog({ runs: job })}
          style={{ alignSelf: 'start' }}
        >
          {t('compare.number', { count: runs.length })}
        </Button>
      </dd>
    </>
  )
}
