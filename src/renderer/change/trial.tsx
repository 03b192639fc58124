/** A conversion as it would be, on ten seconds of the file or on the picture: how large, how long, what is left behind, and both to look at. */
import { Button, Loader, Progress, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconAlertTriangle, IconReload } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { factsOf } from '../../shared/formats.ts'
import { toFailure, type Failure } from '../../shared/failure.ts'
import type { Job } from '../../shared/job.ts'
import type { JobChange } from '../../shared/job-change.ts'
import { parseOption } from '../../shared/options.ts'
import type { Trial } from '../../shared/trial.ts'
import { nameOfOrder } from '../add/adding.ts'
import { useBeside } from '../app/context.tsx'
import { describeFailure, leftBehind } from '../app/outcomes.ts'
import { ComparisonView } from '../compare/comparison.tsx'
import type { ComparedPair } from '../compare/compared.ts'
import { sourceBytes } from '../queue/job-texts.ts'
import { bytesText, changeText, lengthText, tookText } from '../ui/quantities.ts'
import css from './change-dialog.module.css'

/** Somebody who still chooses asks for nothing. */
const restMs = 500

interface TrialPanelProps {
  readonly job: Job
  readonly change: JobChange
}

export function TrialPanel({ job, change: { priority: _, ...change } }: TrialPanelProps) {
  const { t } = useTranslation()
  const [atMs, setAtMs] = useState<number | null>(null)
  const [round, setRound] = useState(0)
  const [wanted] = useDebouncedValue(JSON.stringify({ jobId: job.id, change, ...(atMs !== null && { atMs }) }), restMs)
  const state = useTrial(wanted, round)
  const isStill =
    factsOf(change.target ?? job.order.target).family === 'image' && state.kind === 'made' && state.trial.stretch === null
  return (
    <section className={css.trial} aria-label={t('trial.title')} aria-busy={state.kind === 'making'}>
      <div className={css.trialHead}>
        <span className={css.trialName}>{nameOfOrder(job.order)}</span>
        {!isStill && state.kind !== 'failed' && (
          <Instant fromMs={state.kind === 'made' ? (state.trial.stretch?.fromMs ?? null) : atMs} onChange={setAtMs} />
        )}
      </div>
      {state.kind === 'making' && (
        <div className={css.making} role="status">
          <Loader size="sm" aria-hidden />
          <span>{t('trial.making')}</span>
          {state.done !== null && <Progress value={state.done * 100} aria-label={t('trial.making')} className={css.bar ?? ''} />}
        </div>
      )}
      {state.kind === 'failed' && (
        <div className={css.failed} role="alert">
          <IconAlertTriangle size={18} aria-hidden />
          <div>
            <strong>{describeFailure(state.why).message}</strong>
            <p>{describeFailure(state.why).action}</p>
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconReload size={15} aria-hidden />}
              onClick={() => setRound(round + 1)}
            >
              {t('trial.again')}
            </Button>
          </div>
        </div>
      )}
      {state.kind === 'made' && <Made job={job} trial={state.trial} />}
    </section>
  )
}

function Made({ job, trial }: { readonly job: Job; readonly trial: Trial }) {
  const { t } = useTranslation()
  const { whole, isEstimate, bytes, stretch, notes } = trial
  const before = sourceBytes(job)
  const left = leftBehind(notes)
  return (
    <>
      <div className={css.figures} role="status">
        <strong>
          {whole === null
            ? t('trial.unknown', { size: bytesText(bytes) })
            : isEstimate
              ? t('trial.about', { size: bytesText(whole.bytes) })
              : bytesText(whole.bytes)}
        </strong>
        {whole !== null && before !== null && before > 0 && <em>{changeText(whole.bytes / before - 1)}</em>}
        {whole !== null && isEstimate && (
          <span>{t('trial.between', { min: bytesText(whole.minBytes), max: bytesText(whole.maxBytes) })}</span>
        )}
        {whole !== null && (
          <span>
            {isEstimate ? t('trial.takes', { time: tookText(whole.tookMs) }) : t('trial.took', { time: tookText(whole.tookMs) })}
          </span>
        )}
      </div>
      {left.length > 0 && <p className={css.left}>{t('trial.left', { what: left.join(' · ') })}</p>}
      <ComparisonView {...pairOf(job, stretch)} />
    </>
  )
}

function pairOf({ id: jobId, order }: Job, stretch: Trial['stretch']): ComparedPair {
  const { trimStart = 0, trimEnd } = order.options
  const [fromMs, lastsMs] =
    stretch === null ? [trimStart, trimEnd === undefined ? null : trimEnd - trimStart] : [stretch.fromMs, stretch.lastsMs]
  const nothing = { page: 0, absence: null, ifMissing: null }
  const name = nameOfOrder(order)
  return {
    before: { file: { jobId, of: 'source' }, name, fromMs, lastsMs, ...nothing },
    after: { file: { jobId, of: 'trial' }, name, fromMs: 0, lastsMs: null, ...nothing },
  }
}

/** Where the ten seconds begin, as `1:30`. */
function Instant({ fromMs, onChange }: { readonly fromMs: number | null; readonly onChange: (atMs: number) => void }) {
  const { t } = useTranslation()
  const shown = fromMs === null ? '' : lengthText(fromMs)
  const [text, setText] = useState(shown)
  useEffect(() => setText(shown), [shown])
  const take = () => {
    const parsed = parseOption('trimStart', text)
    if (parsed.ok && text !== shown && typeof parsed.value.value === 'number') onChange(parsed.value.value)
    else setText(shown)
  }
  return (
    <label className={css.instant}>
      <span>{t('trial.from')}</span>
      <TextInput
        size="xs"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={take}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return
          event.preventDefault()
          take()
        }}
        spellCheck={false}
      />
    </label>
  )
}

type TrialState =
  | { readonly kind: 'making'; readonly done: number | null }
  | { readonly kind: 'made'; readonly trial: Trial }
  | { readonly kind: 'failed'; readonly why: Failure }

/** Ends with the panel, and with the next one that is asked for: what it was making is made no further. */
function useTrial(wanted: string, round: number): TrialState {
  const { calls } = useBeside()
  const [state, setState] = useState<TrialState>({ kind: 'making', done: null })
  useEffect(() => {
    const stopped = new AbortController()
    const { signal } = stopped
    setState({ kind: 'making', done: null })
    const listen = async () => {
      const events = await calls.media.trial(JSON.parse(wanted) as Parameters<typeof calls.media.trial>[0], { signal })
      for await (const event of events) {
        if (signal.aborted) return
        setState(event.type === 'made' ? { kind: 'made', trial: event.trial } : { kind: 'making', done: event.done })
      }
    }
    listen().catch((error: unknown) => {
      if (!signal.aborted) setState({ kind: 'failed', why: toFailure(error) })
    })
    return () => stopped.abort()
  }, [calls, wanted, round])
  return state
}
