/**
 * What this machine has for its work, for `beside doctor`: programs, their versions and the encoders that they lack.
 * Apart, since no conversion needs it.
 */
import type { Check } from '../../../shared/machine.ts'
import type { FfmpegPlace } from '../../../shared/ffmpeg.ts'
import { toFailure } from '../../../shared/failure.ts'
import { audioCodecs } from './media/audio-codecs.ts'
import type { Ffmpeg } from './media/ffmpeg.ts'
import { videoCodecs } from './media/video-codecs.ts'

export async function checkFfmpeg(ffmpeg: Ffmpeg, place: FfmpegPlace, signal: AbortSignal): Promise<readonly Check[]> {
  let released: string | null = null
  const [program, prober] = await Promise.all([
    check('ffmpeg', async () => {
      const told = await ffmpeg.version('ffmpeg', signal)
      released = told.released
      return told.version
    }),
    check('ffprobe', async () => (await ffmpeg.version('ffprobe', signal)).version),
  ])
  const programs = [{ ...program, facts: factsOf(place, released) }, prober]
  return program.state === 'ok' ? [...programs, await checkEncoders(ffmpeg, signal)] : programs
}

/** Which of the places that FFmpeg may be at it is run from, and how old it is. */
function factsOf({ from, path }: FfmpegPlace, released: string | null): Check['facts'] {
  return { from, ...(from === 'setting' && path !== null && { path }), ...(released !== null && { released }) }
}

async function checkEncoders(ffmpeg: Ffmpeg, signal: AbortSignal): Promise<Check> {
  const had = await ffmpeg.encoders(signal)
  const wanted = [
    ...Object.values(audioCodecs).flatMap(({ encoding }) => {
      if (encoding.kind === 'lossless') return [[encoding.encoder(16)[0] ?? '']]
      return encoding.isRare === true ? [] : [[encoding.encoder]]
    }),
    ...Object.values(videoCodecs).map(({ encoders }) => encoders.map(({ name }) => name)),
  ]
  const missing = wanted.filter((names) => !names.some((name) => had.has(name))).map((names) => names.join('|'))
  const isComplete = missing.length === 0
  const facts = isComplete ? {} : { missing: missing.join(',') }
  return { of: 'ffmpeg-encoders', state: isComplete ? 'ok' : 'missing', version: null, facts, why: null }
}

async function check(of: Check['of'], ask: () => Promise<string>): Promise<Check> {
  try {
    return { of, state: 'ok', version: await ask(), facts: {}, why: null }
  } catch (error) {
    const why = toFailure(error)
    return { of, state: why.code === 'tool-missing' ? 'missing' : 'trouble', version: null, facts: {}, why }
  }
}
