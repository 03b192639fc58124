/** Totals of what is shown, and how much of it was done on which day. */
import { useQuery, keepPreviousData } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { HistoryQuery } from '../../shared/model.ts'
import { useBeside } from '../beside.tsx'
import { everyDay } from '../days.ts'
import { bytesText, countText, dayText } from '../figures.ts'
import css from './history-figures.module.css'

interface Sums {
  readonly jobs: number
  readonly done: number
  readonly failed: number
  readonly sourceBytes: number
  readonly outputBytes: number
}

/** Days that the chart shows at most: the last ones. */
const mostDays = 60

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
      <DayChart query={query} round={round} />
    </section>
  )
}

function DayChart({ query, round }: { readonly query: HistoryQuery; readonly round: number }) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const days =
    useQuery({
      queryKey: ['days', query, round],
      queryFn: async () => await calls.history.days({ query, zoneOffsetMinutes: -new Date().getTimezoneOffset() }),
      placeholderData: keepPreviousData,
    }).data ?? []
  const shown = everyDay(days).slice(-mostDays)
  const most = Math.max(1, ...shown.map(({ done, failed }) => done + failed))
  const width = 8
  if (shown.length === 0) return null
  return (
    <svg
      className={css.chart}
      viewBox={`0 0 ${Math.max(shown.length, 30) * width} 48`}
      preserveAspectRatio="xMaxYMax meet"
      role="img"
      aria-label={t('history.chart')}
    >
      {shown.map(({ day, done, failed, outputBytes }, index) => {
        const x = (Math.max(30 - shown.length, 0) + index) * width
        const tall = (done / most) * 46
        const lost = (failed / most) * 46
        return (
          <g key={day}>
            <title>
              {t('history.chartDay', {
                day: dayText(day),
                done: countText(done),
                failed: countText(failed),
                bytes: bytesText(outputBytes),
              })}
            </title>
            <rect x={x} y={0} width={width} height={48} fill="transparent" />
            <rect
              x={x + 1}
              y={48 - Math.max(tall + lost, 1.5)}
              width={width - 2}
              height={Math.max(tall + lost, 1.5)}
              rx={1.5}
              className={css.track}
            />
            <rect x={x + 1} y={48 - tall - lost} width={width - 2} height={tall} rx={1.5} className={css.done} />
            <rect x={x + 1} y={48 - lost} width={width - 2} height={lost} rx={1.5} className={css.failed} />
          </g>
        )
      })}
    </svg>
  )
}
