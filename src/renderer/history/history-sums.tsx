/** Totals of what is shown, and how much of it there was on which day. */
import { useTranslation } from 'react-i18next'
import type { HistoryQuery } from '../../shared/model.ts'
import { bytesText, countText } from '../ui/quantities.ts'
import { HistoryChart } from './history-chart.tsx'
import css from './history-sums.module.css'

interface Sums {
  readonly jobs: number
  readonly done: number
  readonly failed: number
  readonly sourceBytes: number
  readonly outputBytes: number
}

export function HistoryFigures({
  query,
  sums,
  round,
}: {
  readonly query: HistoryQuery
  readonly sums: Sums
  readonly round: number
}) {
  const { t } = useTranslation()
  const saved = sums.sourceBytes - sums.outputBytes
  const figures = [
    { name: t('history.files'), value: countText(sums.done) },
    ...(sums.failed > 0 ? [{ name: t('history.failed'), value: countText(sums.failed) }] : []),
    { name: t('history.before'), value: bytesText(sums.sourceBytes) },
    { name: t('history.after'), value: bytesText(sums.outputBytes) },
    { name: t(saved >= 0 ? 'history.saved' : 'history.grown'), value: bytesText(Math.abs(saved)) },
  ]
  return (
    <section className={css.figures}>
      <dl className={css.sums}>
        {figures.map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <HistoryChart query={query} round={round} />
    </section>
  )
}
