/** What is in the original and in the result, side by side. */
import { useQuery } from '@tanstack/react-query'
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { formats } from '../../shared/formats.ts'
import type { Job } from '../../shared/job.ts'
import type { AudioStream, MediaFacts, VideoStream } from '../../shared/media.ts'
import type { Side } from '../../shared/thumbnails.ts'
import { useBeside } from '../app/context.tsx'
import { bytesText, countText, lengthText } from '../ui/quantities.ts'
import css from './media-info.module.css'

export function MediaInfo({ job }: { readonly job: Job }) {
  const { t } = useTranslation()
  const hasResult = job.state.phase === 'done' && job.state.outputs.length > 0
  const source = useInspection(job, 'source', job.order.source.kind === 'file')
  const output = useInspection(job, 'output', hasResult)
  if (source.isLoading || output.isLoading) {
    return (
      <p className={css.loading} role="status">
        {t('media.loading')}
      </p>
    )
  }
  const sides = [source.data, output.data].map((data) => (data === undefined ? null : linesOf(data, t)))
  const [before = null, after = null] = sides
  if (before === null && after === null) return null
  const names = [...new Set(sides.flatMap((lines) => (lines === null ? [] : [...lines.keys()])))]
  return (
    <table className={css.table}>
      <caption className={css.title}>{t('media.title')}</caption>
      <thead>
        <tr>
          <td />
          <th scope="col">{t('media.original')}</th>
          {after !== null && <th scope="col">{t('media.result')}</th>}
        </tr>
      </thead>
      <tbody>
        {names.map((name) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{before?.get(name) ?? '–'}</td>
            {after !== null && (
              <td data-changed={before?.get(name) !== after.get(name) || undefined}>{after.get(name) ?? '–'}</td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function useInspection(job: Job, of: Side, isThere: boolean) {
  const { calls } = useBeside()
  return useQuery({
    queryKey: ['inspection', job.id, of],
    queryFn: async ({ signal }) => await calls.media.look({ jobId: job.id, of }, { signal }),
    enabled: isThere,
    gcTime: 0,
  })
}

/** By name, in the order in which they are read. */
function linesOf(inspection: MediaFacts, t: TFunction): ReadonlyMap<string, string> {
  const { image, video, audio } = inspection
  const lines: readonly (readonly [string, string | null])[] = [
    [t('media.format'), formats[inspection.format].title],
    [t('media.bytes'), bytesText(inspection.bytes)],
    [t('media.duration'), inspection.durationMs === null ? null : lengthText(inspection.durationMs)],
    [t('media.dimensions'), image === null ? null : sizeText(image.width, image.height)],
    [t('media.pages'), image === null || image.pages < 2 ? null : countText(image.pages)],
    [t('media.video'), listed(video.map(videoText))],
    [t('media.audio'), listed(audio.map((stream) => audioText(stream, t)))],
    [
      t('media.subtitles'),
      listed(inspection.subtitles.map(({ codec, language }) => unbroken([language ?? '', codec].filter((part) => part !== '')))),
    ],
    [t('media.chapters'), inspection.chapters.length === 0 ? null : countText(inspection.chapters.length)],
    [t('media.cover'), inspection.pictures.length > 0 ? t('media.yes') : null],
    ...inspection.tags.map(({ name, values }) => [name, values.join(' · ')] as const),
  ]
  return new Map(lines.flatMap(([name, text]) => (text === null || text === '' ? [] : [[name, text] as const])))
}

function videoText({ codec, width, height, fps, hdr }: VideoStream): string {
  const parts = [
    codec.toUpperCase(),
    ...(width === null || height === null ? [] : [sizeText(width, height)]),
    ...(fps === null ? [] : [`${countText(Math.round(fps * 100) / 100)} fps`]),
    ...(hdr === true ? ['HDR'] : []),
  ]
  return unbroken(parts)
}

function audioText({ codec, sampleRate, channels, bitDepth, bitrate }: AudioStream, t: TFunction): string {
  const parts = [
    codec.toUpperCase(),
    ...(sampleRate === null ? [] : [`${countText(sampleRate / 1000)} kHz`]),
    ...(channels === null
      ? []
      : [channels === 1 ? t('media.mono') : channels === 2 ? t('media.stereo') : t('media.channels', { count: channels })]),
    ...(bitDepth === null ? [] : [`${bitDepth} bit`]),
    ...(bitrate === null ? [] : [`${countText(bitrate)} kbit/s`]),
  ]
  return unbroken(parts)
}

/** Text may wrap between two of them, not within one. */
function unbroken(parts: readonly string[]): string {
  return parts.map((part) => part.replaceAll(' ', '\u00a0')).join(' · ')
}

function sizeText(width: number, height: number): string {
  return `${width} × ${height}`
}

function listed(texts: readonly string[]): string {
  return texts.join('\n')
}
