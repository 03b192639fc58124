/** How much there was on which day: files, bytes, saved space, or what each provider was paid. */
import { Select } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { TFunction } from 'i18next'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ProviderId } from '../../shared/job.ts'
import type { HistoryQuery } from '../../shared/model.ts'
import { useBeside } from '../app/context.tsx'
import { bytesText, countText, dayText } from '../ui/quantities.ts'
import css from './history-chart.module.css'
import { amountText, providerName } from '../providers/provider-texts.ts'

/** Days that a chart shows at most: the last ones. */
const maxDays = 60
const measures = ['files', 'bytes', 'saved', 'spend'] as const
type Measure = (typeof measures)[number]

interface ChartProps {
  readonly query: HistoryQuery
  readonly round: number
}

export function HistoryChart({ query, round }: ChartProps) {
  const { t } = useTranslation()
  const [measure, setMeasure] = useState<Measure>('files')
  return (
    <div className={css.chart}>
      <Select
        className={css.measure}
        size="xs"
        variant="unstyled"
        aria-label={t('history.measure')}
        data={measures.map((each) => ({ value: each, label: t(`history.chart.${each}`) }))}
        value={measure}
        onChange={(chosen) => setMeasure(chosen ?? 'files')}
        allowDeselect={false}
        comboboxProps={{ width: 200, position: 'bottom-end', withinPortal: false }}
      />
      {measure === 'spend' ? (
        <SpendChart query={query} round={round} />
      ) : (
        <WorkChart query={query} round={round} measure={measure} />
      )}
    </div>
  )
}

interface Day {
  readonly day: string
  readonly done: number
  readonly failed: number
  readonly sourceBytes: number
  readonly outputBytes: number
}

const partsOf: Readonly<Record<Exclude<Measure, 'spend'>, (day: Day) => DayBar['parts']>> = {
  files: ({ done, failed }) => [
    { tone: 'failed', value: failed },
    { tone: 'done', value: done },
  ],
  bytes: ({ outputBytes }) => [{ tone: 'done', value: outputBytes }],
  saved: ({ sourceBytes, outputBytes }) => [
    { tone: sourceBytes < outputBytes ? 'failed' : 'done', value: Math.abs(sourceBytes - outputBytes) },
  ],
}

function WorkChart({ query, round, measure }: ChartProps & { readonly measure: Exclude<Measure, 'spend'> }) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const days = useQuery({
    queryKey: ['days', query, round],
    queryFn: async () => await calls.history.days({ query, zoneOffsetMinutes: -new Date().getTimezoneOffset() }),
    placeholderData: keepPreviousData,
  }).data
  const blank = (day: string): Day => ({ day, done: 0, failed: 0, sourceBytes: 0, outputBytes: 0 })
  const shown = everyDay<Day>(days ?? [], blank).slice(-maxDays)
  if (shown.length === 0) return null
  return (
    <DayBars
      label={t(`history.chart.${measure}`)}
      bars={shown.map((day) => ({ day: day.day, label: dayLabel(day, measure, t), parts: partsOf[measure](day) }))}
    />
  )
}

function dayLabel({ day, done, failed, sourceBytes, outputBytes }: Day, measure: Measure, t: TFunction): string {
  if (measure === 'saved') {
    const saved = sourceBytes - outputBytes
    return `${dayText(day)}: ${t(saved < 0 ? 'history.grown' : 'history.saved')} ${bytesText(Math.abs(saved))}`
  }
  return t('history.chartDay', {
    day: dayText(day),
    done: countText(done),
    failed: countText(failed),
    bytes: bytesText(outputBytes),
  })
}

/** Each provider counts in units of its own, so each has bars of its own. */
function SpendChart({ query, round }: ChartProps) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const { fromMs = 0, providers, ...others } = query
  const isMore = Object.keys(others).length > 0
  const days = useQuery({
    queryKey: ['spend', fromMs, round],
    queryFn: async () => {
      const now = Date.now()
      const zoneOffsetMinutes = -new Date().getTimezoneOffset()
      return await calls.history.spend({
        fromMs: Math.max(fromMs, now - maxDays * 86_400_000),
        beforeMs: now + 60_000,
        zoneOffsetMinutes,
      })
    },
    placeholderData: keepPreviousData,
  }).data
  if (isMore) return <p className={css.note}>{t('history.spendFiltered')}</p>
  if (days === undefined) return null
  const wanted = days.filter(({ provider }) => providers === undefined || providers.includes(provider))
  if (wanted.length === 0) return <p className={css.note}>{t('history.spendNone')}</p>
  const lines = [...Map.groupBy(wanted, ({ provider, unit }) => `${provider} ${unit}`)].map(([key, spent]) => ({ key, spent }))
  return (
    <ul className={css.spend}>
      {lines.map(({ key, spent }) => (
        <SpendLine key={key} spent={spent} from={wanted[0]?.day ?? today()} />
      ))}
    </ul>
  )
}

interface SpentDay {
  readonly day: string
  readonly provider: ProviderId
  readonly amount: number
  readonly unit: string
}

/** All of them begin on the same day and end today. */
function SpendLine({ spent, from }: { readonly spent: readonly SpentDay[]; readonly from: string }) {
  const { t } = useTranslation()
  const [first] = spent
  if (first === undefined) return null
  const { provider, unit } = first
  const name = providerName(provider, t)
  const total = amountText(
    spent.reduce((sum, { amount }) => sum + amount, 0),
    unit,
    t,
  )
  const blank = (day: string): SpentDay => ({ ...first, day, amount: 0 })
  const ends = [...new Set([from, today()])].filter((day) => spent.every((each) => each.day !== day)).map(blank)
  const shown = everyDay(
    [...spent, ...ends].toSorted((one, other) => (one.day < other.day ? -1 : 1)),
    blank,
  )
  return (
    <li>
      <span>
        {name} <strong>{total}</strong>
      </span>
      <DayBars
        label={`${t('history.chart.spend')}: ${name}, ${total}`}
        bars={shown.map(({ day, amount }) => ({
          day,
          label: `${dayText(day)}: ${amountText(amount, unit, t)}`,
          parts: [{ tone: 'cloud', value: amount }],
        }))}
      />
    </li>
  )
}

/** As the days of the history are named. */
function today(): string {
  return new Date().toLocaleDateString('sv')
}

interface DayBar {
  readonly day: string
  readonly label: string
  /** From the bottom up. */
  readonly parts: readonly { readonly tone: 'done' | 'failed' | 'cloud'; readonly value: number }[]
}

const barWidth = 8
const chartHeight = 48
/** Fewer days than this do not fill the width: a single one would be a wall. */
const minDays = 30

/** A bar a day, each with its label. */
function DayBars({ label, bars }: { readonly label: string; readonly bars: readonly DayBar[] }) {
  const max = Math.max(...bars.map(sumOf), Number.MIN_VALUE)
  return (
    <svg
      className={css.bars}
      viewBox={`0 0 ${Math.max(bars.length, minDays) * barWidth} ${chartHeight}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {bars.map((bar, index) => {
        const x = (Math.max(minDays - bars.length, 0) + index) * barWidth
        let bottom = chartHeight
        return (
          <g key={bar.day}>
            <title>{bar.label}</title>
            <rect x={x} y={0} width={barWidth} height={chartHeight} fill="transparent" />
            <rect x={x + 1} y={chartHeight - 1.5} width={barWidth - 2} height={1.5} className={css.track} />
            {bar.parts.map(({ tone, value }) => {
              const height = (value / max) * (chartHeight - 2)
              bottom -= height
              return <rect key={tone} x={x + 1} y={bottom} width={barWidth - 2} height={height} className={css[tone]} />
            })}
          </g>
        )
      })}
    </svg>
  )
}

function sumOf({ parts }: DayBar): number {
  return parts.reduce((sum, { value }) => sum + value, 0)
}

/** Days on which nothing was done are days too. */
export function everyDay<T extends { readonly day: string }>(days: readonly T[], blank: (day: string) => T): readonly T[] {
  const all: T[] = []
  for (const day of days) {
    const last = all.at(-1)
    for (
      let next = last === undefined ? day.day : dayAfter(last.day);
      next < day.day && all.length < 4000;
      next = dayAfter(next)
    ) {
      all.push(blank(next))
    }
    all.push(day)
  }
  return all
}

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
}
