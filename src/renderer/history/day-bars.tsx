/** A bar a day, each with its words. */
import css from './history-chart.module.css'

export interface DayBar {
  readonly day: string
  readonly words: string
  /** From the foot up. */
  readonly parts: readonly { readonly tone: 'done' | 'failed' | 'cloud'; readonly value: number }[]
}

const width = 8
const tall = 48
/** Fewer days than this do not fill the width: a single one would be a wall. */
const fewest = 30

export function DayBars({ label, bars }: { readonly label: string; readonly bars: readonly DayBar[] }) {
  const most = Math.max(...bars.map(sumOf), Number.MIN_VALUE)
  return (
    <svg
      className={css.bars}
      viewBox={`0 0 ${Math.max(bars.length, fewest) * width} ${tall}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {bars.map((bar, index) => {
        const x = (Math.max(fewest - bars.length, 0) + index) * width
        let foot = tall
        return (
          <g key={bar.day}>
            <title>{bar.words}</title>
            <rect x={x} y={0} width={width} height={tall} fill="transparent" />
            <rect x={x + 1} y={tall - 1.5} width={width - 2} height={1.5} className={css.track} />
            {bar.parts.map(({ tone, value }) => {
              const height = (value / most) * (tall - 2)
              foot -= height
              return <rect key={tone} x={x + 1} y={foot} width={width - 2} height={height} className={css[tone]} />
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
