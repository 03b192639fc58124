/** The whole queue in one line: how much there is, how fast it is converted, how long it will take. */
import { Button } from '@mantine/core'
import { IconPlayerPauseFilled, IconPlayerPlayFilled } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useBeside, useLive, useQueueRows } from '../app/context.tsx'
import { bytesText, countText, momentText, waitText } from '../ui/quantities.ts'
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
  const throughput = useThroughput()
  const left = totals.queued + totals.running
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
      {!paused && left > 0 && throughput.bytes > 0 && (
        <span className={css.note}>{t('statusBar.speed', { speed: bytesText(throughput.bytes) })}</span>
      )}
      {!paused && left > 0 && throughput.jobs > 0 && (
        <span className={css.note}>{t('statusBar.left', { time: waitText((left / throughput.jobs) * 1000) })}</span>
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

/** What was finished in the last half minute, a second. */
function useThroughput(): { readonly jobs: number; readonly bytes: number } {
  const { live } = useBeside()
  const finished = useRef<{ readonly atMs: number; readonly bytes: number }[]>([])
  const [throughput, setThroughput] = useState({ jobs: 0, bytes: 0 })
  useEffect(() => {
    const stop = live.onChanges((changes) => {
      for (const change of changes) {
        if (change.type === 'job' && change.job.state.phase === 'done')
          finished.current.push({ atMs: Date.now(), bytes: sourceBytes(change.job) ?? 0 })
      }
    })
    const timer = setInterval(() => {
      const now = Date.now()
      finished.current = finished.current.filter(({ atMs }) => now - atMs < windowMs)
      const spanMs = Math.max(1000, now - (finished.current[0]?.atMs ?? now))
      const bytes = finished.current.reduce((sum, each) => sum + each.bytes, 0)
      setThroughput({ jobs: (finished.current.length / spanMs) * 1000, bytes: (bytes / spanMs) * 1000 })
    }, 1000)
    return () => {
      stop()
      clearInterval(timer)
    }
  }, [live])
  return throughput
}
