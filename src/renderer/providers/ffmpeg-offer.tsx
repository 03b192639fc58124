/** Where FFmpeg is missing: a button that fetches it, what to type instead, and then the files that failed without it. */
import { Button } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck, IconDownload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { FfmpegState, FfmpegWork } from '../../shared/ffmpeg.ts'
import { factsOf } from '../../shared/failure.ts'
import type { Job } from '../../shared/job.ts'
import { useBeside, useLive } from '../app/context.tsx'
import { describeFailure, guarded } from '../app/outcomes.ts'
import { Bar } from '../queue/row-button.tsx'
import { CopyLine } from '../ui/copy-line.tsx'
import { bytesText, percentText, rateText, waitText } from '../ui/quantities.ts'
import type { Calls } from '../wire/live.ts'
import css from './ffmpeg-offer.module.css'

/** The newest state; undefined until it is known. */
export function useFfmpeg(): { readonly ffmpeg: FfmpegState | undefined; look(): void } {
  const { calls } = useBeside()
  const { connection } = useLive()
  const [ffmpeg, setFfmpeg] = useState<FfmpegState>()
  useEffect(() => {
    if (connection !== 'open') return undefined
    const ending = new AbortController()
    const follow = async () => {
      for await (const state of await calls.ffmpeg.watch(undefined, { signal: ending.signal })) setFfmpeg(state)
    }
    // Where the line is lost the window says so, and this begins anew with the next one.
    follow().catch(() => {})
    return () => ending.abort()
  }, [calls, connection])
  return { ffmpeg, look: () => guarded(async () => setFfmpeg(await calls.ffmpeg.state())) }
}

export function lacksFfmpeg({ state }: Job): boolean {
  return state.phase === 'failed' && state.why.code === 'tool-missing' && factsOf(state.why)['because'] === 'ffmpeg-missing'
}

/** @param onlyIfNeeded nothing is said before a file has failed without it, and no more than a button needs. */
export function FfmpegOffer({ onlyIfNeeded = false }: { readonly onlyIfNeeded?: boolean }) {
  const { ffmpeg, look } = useFfmpeg()
  const failed = useFailedWithout(ffmpeg?.from ?? null)
  if (ffmpeg === undefined) return null
  if (ffmpeg.from !== null && ffmpeg.work.kind === 'idle') return failed.length === 0 ? null : <Ready jobs={failed} />
  if (onlyIfNeeded && failed.length === 0) return null
  const { work } = ffmpeg
  if (work.kind === 'fetching' || work.kind === 'unpacking') return <Fetching work={work} />
  return <Missing ffmpeg={ffmpeg} look={look} isShort={onlyIfNeeded && ffmpeg.offer !== null} />
}

interface MissingProps {
  readonly ffmpeg: FfmpegState
  readonly look: () => void
  readonly isShort: boolean
}

function Missing({ ffmpeg, look, isShort }: MissingProps) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const { misnamed, offer, work, install } = ffmpeg
  const size = offer?.bytes ?? null
  const failure = work.kind === 'failed' ? describeFailure(work.why) : null
  if (misnamed !== null) {
    return (
      <Frame state="missing" title={t('ffmpeg.misnamed', { path: misnamed })}>
        <p>{t('ffmpeg.why')}</p>
        <div className={css.actions}>
          <Button
            size="compact-sm"
            onClick={() =>
              guarded(async () => {
                await calls.settings.set({ ffmpegPath: '' })
                look()
              })
            }
          >
            {t('ffmpeg.clear')}
          </Button>
          <CheckAgain look={look} />
        </div>
      </Frame>
    )
  }
  return (
    <Frame state={failure === null ? 'missing' : 'failed'} title={failure?.message ?? t('ffmpeg.missing')}>
      <p>{failure?.action ?? t('ffmpeg.why')}</p>
      {offer !== null && (
        <div className={css.actions}>
          <Button
            size="compact-sm"
            leftSection={<IconDownload size={15} aria-hidden />}
            onClick={() => guarded(async () => await calls.ffmpeg.fetch())}
          >
            {failure !== null
              ? t('ffmpeg.again')
              : size === null
                ? t('ffmpeg.fetch')
                : t('ffmpeg.fetchSize', { size: bytesText(size) })}
          </Button>
          <CheckAgain look={look} />
        </div>
      )}
      {offer !== null && failure === null && !isShort && (
        <p>{t('ffmpeg.source', { version: offer.version, host: offer.host })}</p>
      )}
      {!isShort && (
        <>
          <p>
            {t(
              offer !== null
                ? install === null
                  ? 'ffmpeg.orTake'
                  : 'ffmpeg.orType'
                : install === null
                  ? 'ffmpeg.take'
                  : 'ffmpeg.type',
            )}
          </p>
          <CopyLine text={install ?? 'https://ffmpeg.org/download.html'} />
        </>
      )}
      {offer === null && (
        <div className={css.actions}>
          <CheckAgain look={look} />
        </div>
      )}
    </Frame>
  )
}

function CheckAgain({ look }: { readonly look: () => void }) {
  const { t } = useTranslation()
  return (
    <Button size="compact-sm" variant="default" onClick={look}>
      {t('ffmpeg.check')}
    </Button>
  )
}

function Fetching({ work }: { readonly work: Extract<FfmpegWork, { kind: 'fetching' | 'unpacking' }> }) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const title = t(work.kind === 'fetching' ? 'ffmpeg.fetching' : 'ffmpeg.unpacking')
  const share = work.kind === 'fetching' && work.ofBytes !== null ? work.bytes / work.ofBytes : null
  return (
    <Frame state="fetching" title={title}>
      <Bar share={share} label={title} />
      {work.kind === 'fetching' && (
        <div className={css.figures}>
          <span>
            {work.ofBytes === null
              ? bytesText(work.bytes)
              : t('ffmpeg.bytesOf', { bytes: bytesText(work.bytes), of: bytesText(work.ofBytes) })}
            {share !== null && ` · ${percentText(share)}`}
          </span>
          {work.bytesPerSecond !== null && (
            <span>
              {rateText(work.bytesPerSecond)}
              {work.leftMs !== null && ` · ${t('job.left', { time: waitText(work.leftMs) })}`}
            </span>
          )}
        </div>
      )}
      <div className={css.actions}>
        <Button size="compact-sm" variant="default" onClick={() => guarded(async () => await calls.ffmpeg.cancel())}>
          {t('common.cancel')}
        </Button>
      </div>
    </Frame>
  )
}

function Ready({ jobs }: { readonly jobs: readonly number[] }) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  return (
    <Frame state="ready" title={t('ffmpeg.ready')}>
      <p>{t('ffmpeg.failed', { count: jobs.length })}</p>
      <div className={css.actions}>
        <Button size="compact-sm" onClick={() => guarded(async () => await calls.jobs.retry({ kind: 'ids', ids: [...jobs] }))}>
          {t('ffmpeg.retry', { count: jobs.length })}
        </Button>
      </div>
    </Frame>
  )
}

interface FrameProps {
  readonly state: 'missing' | 'fetching' | 'failed' | 'ready'
  readonly title: string
  readonly children: ReactNode
}

function Frame({ state, title, children }: FrameProps) {
  const Mark = { missing: IconAlertTriangle, fetching: IconDownload, failed: IconAlertTriangle, ready: IconCircleCheck }[state]
  return (
    <div role="group" className={css.offer} data-state={state} aria-label="FFmpeg">
      <Mark size={20} stroke={1.7} aria-hidden />
      <div className={css.body}>
        <p role="status">
          <strong>{title}</strong>
        </p>
        {children}
      </div>
    </div>
  )
}

/** Jobs that failed because there was no FFmpeg. @param from asked anew as it comes or goes, and with each job that fails. */
function useFailedWithout(from: string | null): readonly number[] {
  const { calls } = useBeside()
  const { totals } = useLive()
  const queryKey = ['failed-without-ffmpeg', from, totals.failed]
  const { data } = useQuery({ queryKey, queryFn: async () => await failedWithout(calls), placeholderData: (before) => before })
  return data ?? []
}

/** More than anybody drops before looking. */
const maxLooked = 5000

async function failedWithout(calls: Calls): Promise<readonly number[]> {
  const found: number[] = []
  let after: string | null = null
  for (let looked = 0; looked < maxLooked;) {
    const page: Awaited<ReturnType<Calls['jobs']['list']>> = await calls.jobs.list({
      phases: ['failed'],
      batchId: null,
      after,
      limit: 1000,
    })
    found.push(...page.jobs.filter(lacksFfmpeg).map(({ id }) => id))
    looked += page.jobs.length
    after = page.next
    if (after === null) break
  }
  return found
}
