/** `beside doctor --fetch-ffmpeg`: the fetch that the window offers, with a line of progress. Apart, as the one part of the report that changes something. */
import { setMaxListeners } from 'node:events'
import type { FfmpegState, FfmpegWork } from '../../shared/ffmpeg.ts'
import { JobError } from '../../shared/failure.ts'
import { withSession, type CliContext } from './context.ts'
import { UsageError } from './exit.ts'
import { bytesText, clockText } from './terminal/text.ts'

/** Joins a fetch that runs; one that is interrupted goes on from there at the next try. @throws UsageError where nothing can be fetched for this system. */
export async function fetchFfmpeg(context: CliContext): Promise<void> {
  const { screen, interruption } = context
  setMaxListeners(0, interruption)
  await withSession(context, 'look', async ({ client }) => {
    const { offer, install } = await client.ffmpeg.state()
    if (offer === null) {
      const hint = install === null ? 'See https://ffmpeg.org/download.html.' : `Type \`${install}\` instead.`
      throw new UsageError('This version of Beside knows no FFmpeg to fetch for this system.', hint)
    }
    const size = offer.bytes === null ? '' : ` (${bytesText(offer.bytes)})`
    screen.warn(`Fetching FFmpeg ${offer.version}${size} from ${offer.host}.`)
    await client.ffmpeg.fetch()
    const end = new AbortController()
    try {
      for await (const { work } of await client.ffmpeg.watch(undefined, {
        signal: AbortSignal.any([interruption, end.signal]),
      })) {
        screen.show(work.kind === 'idle' || work.kind === 'failed' ? [] : [progressLine(work)])
        if (work.kind === 'failed') throw JobError.from(work.why)
        if (work.kind === 'idle') break
      }
    } finally {
      end.abort()
      screen.show([])
    }
    interruption.throwIfAborted()
  })
}

function progressLine(work: FfmpegWork): string {
  if (work.kind !== 'fetching') return '  checking and unpacking'
  const { bytes, ofBytes, bytesPerSecond, leftMs } = work
  const parts = [
    ofBytes === null ? bytesText(bytes) : `${bytesText(bytes)} of ${bytesText(ofBytes)}`,
    ...(ofBytes === null ? [] : [`${Math.floor((bytes / ofBytes) * 100)}%`]),
    ...(bytesPerSecond === null ? [] : [`${bytesText(bytesPerSecond)}/s`]),
    ...(leftMs === null ? [] : [`${clockText(leftMs)} left`]),
  ]
  return `  ${parts.join(' · ')}`
}

/** What to do where there is none. */
export function ffmpegAction({ misnamed, offer, install }: FfmpegState): string {
  if (misnamed !== null) return "Set ffmpegPath to where it is, or to nothing: beside settings set ffmpegPath ''"
  const typed = install === null ? 'Install it from https://ffmpeg.org/download.html' : `Type \`${install}\``
  if (offer === null) return `${typed}.`
  const size = offer.bytes === null ? '' : ` (${bytesText(offer.bytes)})`
  return `${typed}, or \`beside doctor --fetch-ffmpeg\` to fetch version ${offer.version}${size} for Beside alone.`
}
