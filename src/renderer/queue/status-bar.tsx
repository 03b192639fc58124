/** The whole queue in one line: how much there is, how fast it is converted, how long it will take. */
import { Button } from '@mantine/core'
import { IconPlayerPauseFilled, IconPlayerPlayFilled } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useBeside, useLive, useQueueRows } from '../app/context.tsx'
import { countText, momentText, rateText, waitText } from '../ui/quantities.ts'
import { liveOf } from './queue.ts'
import css from './status-bar.module.css'
import { describeFailure, guarded } from '../app/outcomes.ts'
import { sourceBytes } from './job-texts.ts'

export function StatusBar() {
  const { t } = useTranslation()
  const { calls, queue } = useBeside()
  const { totals, paused, held } = useLive()
  const { batches } = useQueueRows()
  const hasFinished = batches.some((batch) => liveOf(batch.totals) === 0)
  const left = totals.queued + totals.running
  const { bytesPerSecond, leftMs } = useThroughput({ running: totals.running, left })
  const waits = totals.waiting + totals.uncertain
  const figures = [
    { name: t('statusBar.running'), value: totals.running, tone: 'busy' },
    { name: t('statusBar.queued'), value: totals.queued + totals.paused, tone: 'calm' },
    { name: t('statusBar.waits'), value: waits, tone: 'warn' },
    { name: t('statusBar.done'), value: totals.done, tone: 'calm' },
    { name: t('statusBar.failed'), value: totals.failed, tone: 'bad' },
  ].filter(({ value }) => value > 0)
  return (
    <footer className={css.bar} aria-label={t('statusBar.label')}>
      {figures.length === 0 && <span className={css.note}>{t('statusBar.idle')}</span>}
      {figures.map(({ name, value, tone }) => (
        <span key={name} className={css.figure} data-tone={tone}>
          <strong>{countText(value)}</strong> {name}
        </span>
      ))}
      <span className={css.gap} />
      {paused && <span className={css.paused}>{t('statusBar.pausedAll')}</span>}
      {!paused && held?.by === 'hours' && (
        <span className={css.paused}>{t('statusBar.heldHours', { time: momentText(held.untilMs) })}</span>
      )}
      {held?.by === 'data' && (
        <span className={css.paused}>{t('statusBar.heldData', { why: describeFailure(held.why).message })}</span>
      )}
      {!paused && held?.by === 'battery' && <span className={css.paused}>{t('statusBar.heldBattery')}</span>}
      {!paused && left > 0 && bytesPerSecond > 0 && <span className={css.note}>{rateText(bytesPerSecond)}</span>}
      {!paused && left > 0 && leftMs !== null && leftMs > 0 && (
        <span className={css.note}>{t('statusBar.left', { time: waitText(leftMs) })}</span>
      )}
      {hasFinished && (
        <Button size="compact-sm" variant="subtle" onClick={queue.clearFinished}>
          {t('queue.clear')}
        </Button>
      )}
      <Button
        size="compact-sm"
        variant={paused ? 'filled' : 'default'}
        leftSection={paused ? <IconPlayerPlayFilled size={14} aria-hidden /> : <IconPlayerPauseFilled size={14} aria-hidden />}
        onClick={() => guarded(() => (paused ? calls.queue.resume() : calls.queue.pause()))}
      >
        {t(paused ? 'statusBar.resumeAll' : 'statusBar.pauseAll')}
      </Button>
    </footer>
  )
}

const windowMs = 30_000
/** Fewer say nothing of the pace. */
const enough = 3

interface Throughput {
  /** Of what was finished in the last half minute; 0 where that is too little to tell. */
  readonly bytesPerSecond: number
  /** Null as long as it cannot be known. */
  readonly leftMs: number | null
}

/** @param left how many jobs are not finished yet. */
function useThroughput({ running, left }: { readonly running: number; readonly left: number }): Throughput {
  const { live } = useBeside()
  const finished = useRef<{ readonly atMs: number; readonly bytes: number }[]>([])
  const toGo = useRef(new Map<number, { readonly leftMs: number; readonly atMs: number }>())
  const [throughput, setThroughput] = useState<Throughput>({ bytesPerSecond: 0, leftMs: null })
  useEffect(
    () =>
      live.onChanges((changes) => {
        const atMs = Date.now()
        for (const change of changes) {
          if (change.type === 'progress') {
            const { id, leftMs } = change.progress
            if (leftMs === null) toGo.current.delete(id)
            else toGo.current.set(id, { leftMs, atMs })
          } else if (change.type === 'job') {
            if (change.job.state.phase !== 'running') toGo.current.delete(change.job.id)
            if (change.job.state.phase === 'done') finished.current.push({ atMs, bytes: sourceBytes(change.job) ?? 0 })
          }
        }
      }),
    [live],
  )
  useEffect(() => {
    const count = () => {
      const now = Date.now()
      finished.current = finished.current.filter(({ atMs }) => now - atMs < windowMs)
      const done = finished.current.length
      const spanMs = Math.max(1000, now - (finished.current[0]?.atMs ?? now))
      const bytes = finished.current.reduce((sum, each) => sum + each.bytes, 0)
      const known = [...toGo.current.values()].map(({ leftMs, atMs }) => Math.max(0, leftMs - (now - atMs)))
      const maxLeftMs = known.length < running ? null : Math.max(0, ...known)
      // Where all that is left runs already, it is over with the last of them; else by the pace, and not before that one.
      const byPace = done < enough ? null : Math.max((left / done) * spanMs, maxLeftMs ?? 0)
      setThroughput({
        bytesPerSecond: done < enough ? 0 : (bytes / spanMs) * 1000,
        leftMs: left > running ? byPace : (maxLeftMs ?? byPace),
      })
    }
    const timer = setInterval(count, 1000)
    return () => clearInterval(timer)
  }, [running, left])
  return throughput
}
