/** Two stretches of audio under each other, over the same time, and how loud they are. */
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { JobError, toFailure, type Failure } from '../../shared/failure.ts'
import type { MeasuredLoudness, Stretch, Waveform } from '../../shared/views.ts'
import { useBeside } from '../app/context.tsx'
import { lengthText } from '../ui/quantities.ts'
import { AbsenceNote } from './absence-note.tsx'
import css from './audio-view.module.css'
import type { ComparedFile, ComparedPair } from './compared.ts'
import { decibelText, loudnessVerdict } from './loudness.ts'

export function AudioView({ before, after }: ComparedPair) {
  const { t } = useTranslation()
  const waves = [useWaveform(before), useWaveform(after)] as const
  const loudness = [useLoudness(before), useLoudness(after)] as const
  const lastsMs = Math.max(1, ...waves.map(({ data }) => data?.lastsMs ?? 0))
  const sides = [
    { compared: before, wave: waves[0], label: t('media.original') },
    { compared: after, wave: waves[1], label: t('media.result') },
  ]
  const verdict = loudnessVerdict(loudness[0].data, loudness[1].data)
  return (
    <div className={css.view} tabIndex={0} role="region" aria-label={t('comparison.audio')}>
      <div className={css.waves}>
        {sides.map(({ compared, wave, label }) => (
          <figure key={compared.file.of} className={css.side} data-side={compared.file.of}>
            <figcaption>
              {label}
              {wave.data !== undefined && <small>{lengthText(wave.data.lastsMs)}</small>}
            </figcaption>
            <div className={css.wave}>
              {wave.data !== undefined && (
                <Wave wave={wave.data} lastsMs={lastsMs} label={t('comparison.waveform', { name: compared.name })} />
              )}
              <AbsenceNote compared={compared} failure={failureOf(wave.error)} />
              {wave.isLoading && (
                <span className={css.loading} role="status">
                  {t('comparison.drawing')}
                </span>
              )}
            </div>
          </figure>
        ))}
      </div>
      <p className={css.verdict} role="status">
        {verdict !== null && t(`comparison.${verdict.what}`, { amount: decibelText(verdict.difference, 'LU') })}
      </p>
      <table className={css.table}>
        <caption className="visually-hidden">{t('comparison.loudness')}</caption>
        <thead>
          <tr>
            <td />
            <th scope="col">{t('media.original')}</th>
            <th scope="col">{t('media.result')}</th>
          </tr>
        </thead>
        <tbody>
          {figures.map(({ name, unit }) => (
            <tr key={name}>
              <th scope="row">{t(`comparison.${name}`)}</th>
              {loudness.map(({ data, isLoading }, index) => (
                <td key={index}>{isLoading ? t('comparison.measuring') : figureText(data, name, unit)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const figures = [
  { name: 'integrated', unit: 'LUFS' },
  { name: 'peak', unit: 'dBTP' },
  { name: 'range', unit: 'LU' },
] as const

function figureText(data: MeasuredLoudness | undefined, name: keyof MeasuredLoudness, unit: string): string {
  const value = data?.[name] ?? null
  return value === null ? '–' : decibelText(value, unit)
}

/** The path is drawn in a square of its own and stretched: a bar a time. */
function Wave({
  wave: { peaks, lastsMs: ownMs },
  lastsMs,
  label,
}: {
  readonly wave: Waveform
  readonly lastsMs: number
  readonly label: string
}) {
  const count = peaks.length / 2
  const share = ownMs / lastsMs
  const bars = Array.from({ length: count }, (_, index) => {
    const x = (((index + 0.5) / count) * share * 1000).toFixed(2)
    const [low, high] = [peaks[2 * index] ?? 0, peaks[2 * index + 1] ?? 0].map((value) => Math.max(-1, Math.min(1, value)))
    return `M${x} ${(100 - (high ?? 0) * 98).toFixed(1)}V${(100 - (low ?? 0) * 98 + 0.8).toFixed(1)}`
  })
  return (
    <svg viewBox="0 0 1000 200" preserveAspectRatio="none" role="img" aria-label={label} className={css.bars}>
      <path d="M0 100H1000" className={css.axis} vectorEffect="non-scaling-stroke" />
      <path d={bars.join('')} className={css.path} vectorEffect="non-scaling-stroke" />
    </svg>
  )
}

function failureOf(error: Error | null): Failure | null {
  return error === null ? null : toFailure(error)
}

function useWaveform(compared: ComparedFile) {
  const { calls } = useBeside()
  return useListening('waveform', compared, async (stretch, signal) => await calls.media.waveform(stretch, { signal }))
}

function useLoudness(compared: ComparedFile) {
  const { calls } = useBeside()
  return useListening('loudness', compared, async (stretch, signal) => await calls.media.loudness(stretch, { signal }))
}

/** Ends with the dialog; the engine keeps what came of it. */
function useListening<T>(
  what: string,
  { file, fromMs, lastsMs, absence }: ComparedFile,
  listen: (stretch: Stretch, signal: AbortSignal) => Promise<T>,
) {
  return useQuery({
    queryKey: [what, file, fromMs, lastsMs],
    queryFn: async ({ signal }) => await listen({ file, fromMs, lastsMs }, signal),
    enabled: absence === null,
    retry: (count, error) => count < 3 && error instanceof JobError && error.failure.code === 'offline',
    gcTime: 0,
  })
}
