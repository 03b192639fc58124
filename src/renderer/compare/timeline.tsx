/** The instant of which both frames are shown. Apart from the view, which shows pictures without one, too. */
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import css from './timeline.module.css'

interface TimelineProps {
  readonly atMs: number
  readonly lastsMs: number
  /** Of one frame. */
  readonly frameMs: number
  readonly onChange: (atMs: number) => void
}

export function Timeline({ atMs, lastsMs, frameMs, onChange }: TimelineProps) {
  const { t } = useTranslation()
  const lastFrame = Math.max(0, Math.ceil(lastsMs / frameMs) - 1)
  const frame = Math.min(lastFrame, Math.round(atMs / frameMs))
  const go = (to: number) => onChange(Math.min(lastFrame, Math.max(0, to)) * frameMs)
  const second = Math.max(1, Math.round(1000 / frameMs))
  const text = preciseText(atMs)
  return (
    <div className={css.timeline}>
      <button
        type="button"
        aria-label={t('comparison.frameBack')}
        title={t('comparison.frameBack')}
        onClick={() => go(frame - 1)}
      >
        <IconChevronLeft size={16} aria-hidden />
      </button>
      <input
        type="range"
        className={css.range}
        min={0}
        max={lastFrame}
        value={frame}
        aria-label={t('comparison.instant')}
        aria-valuetext={t('comparison.instantAt', { time: text, length: preciseText(lastsMs) })}
        title={t('comparison.instantKeys')}
        onChange={(event) => go(Number(event.currentTarget.value))}
        onKeyDown={(event) => {
          const by = keys[event.key]
          if (by === undefined) return
          event.preventDefault()
          go(frame + by * (event.shiftKey || event.key.startsWith('Page') ? second : 1))
        }}
      />
      <button
        type="button"
        aria-label={t('comparison.frameForward')}
        title={t('comparison.frameForward')}
        onClick={() => go(frame + 1)}
      >
        <IconChevronRight size={16} aria-hidden />
      </button>
      <output className={css.time}>{text}</output>
    </div>
  )
}

const keys: Readonly<Record<string, 1 | -1>> = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -1,
  PageUp: 1,
}

/** `1:02:09.480`, as one has to tell frames apart. */
function preciseText(ms: number): string {
  const whole = Math.round(ms)
  const [hours, minutes] = [Math.floor(whole / 3_600_000), Math.floor(whole / 60_000) % 60]
  const seconds = ((whole % 60_000) / 1000).toFixed(2).padStart(5, '0')
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`
}
