/** What the runs of one source came to, side by side: how large, how long, how much. */
import { Modal } from '@mantine/core'
import { IconCloudUp } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { formats } from '../../shared/formats.ts'
import type { Job } from '../../shared/job.ts'
import type { OptionName } from '../../shared/options.ts'
import { nameOfSource } from '../add/adding.ts'
import { useJob } from '../app/context.tsx'
import { bytesText, changeText, momentText, tookText } from '../ui/quantities.ts'
import { noteWords } from '../app/outcome-texts.ts'
import { useOptionWords } from '../ui/option-labels.ts'
import { compared } from '../app/dialogs.ts'
import css from './compare-dialog.module.css'
import { useJobActions } from './job-actions.ts'
import { outputBytes, sourceBytes, stateWords, toneOf } from './job-texts.ts'
import { providerName } from '../providers/provider-texts.ts'
import { Bar, RowButton } from './row-button.tsx'
import { useRuns } from './runs.tsx'

/** More do not fit beside each other; the last ones are shown. */
const mostShown = 4

export function CompareDialog() {
  const { t } = useTranslation()
  const job = compared.use()
  return (
    <Modal
      opened={job !== null}
      onClose={compared.close}
      title={job === null ? '' : t('compare.title', { name: nameOfSource(job.order.source) })}
      closeButtonProps={{ 'aria-label': t('common.close') }}
      classNames={{ title: css.title ?? '' }}
      size="xl"
      centered
    >
      {job !== null && <Runs of={job} />}
    </Modal>
  )
}

function Runs({ of }: { readonly of: Job }) {
  const { t } = useTranslation()
  const words = useOptionWords()
  const all = useRuns(of) ?? []
  const runs = all.slice(-mostShown)
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
              {provider !== 'local' && <IconCloudUp size={15} role="img" aria-label={t('provider.cloud')} />}
            </span>
          ))}
          {row(t('details.route'), ({ order }) => formats[order.target].title)}
          {row(t('details.options'), ({ order }) => {
            const set = Object.entries(order.options)
            if (set.length === 0) return t('details.noOptions')
            return set.map(([name, value]) => <div key={name}>{`${words[name as OptionName]}: ${String(value)}`}</div>)
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
  const words = stateWords(job, progress, t)
  return (
    <span className={css.state} data-tone={toneOf(job)}>
      {words}
      {job.state.phase === 'running' && <Bar share={progress?.progress ?? null} label={words} />}
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
  return costs.length === 0 ? null : costs.map(noteWords).join(' ')
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
