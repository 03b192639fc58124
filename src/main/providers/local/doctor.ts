/**
 * What this machine has for its work, for `beside doctor`: programs, their versions and the encoders that they lack.
 * Apart, since no conversion needs it.
 */
import type { Check } from '../../../shared/machine.ts'
import type { FfmpegPlace } from '../../../shared/ffmpeg.ts'
import { failure, JobError, toFailure } from '../../../shared/failure.ts'
import { audioCodecs } from './media/audio-codecs.ts'
import type { Ffmpeg } from './media/ffmpeg.ts'
import type { Hardware } from './media/hardware/hardware.ts'
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

/**
 * A line for each kind of device that this FFmpeg knows: which of its encoders work, or why none does. All are tried anew, so that somebody who
 * has put a driver in need not wait for Beside to notice.
 */
export async function checkDevices(hardware: Pick<Hardware, 'retry'>, signal: AbortSignal): Promise<readonly Check[]> {
  const reports = await hardware.retry(signal).catch((error: unknown) => {
    signal.throwIfAborted()
    // Without FFmpeg there is nothing to try, which its own line says.
    if (error instanceof JobError) return []
    throw error
  })
  return reports.map(({ title, works, refused }): Check => {
    const encoders = works.map(({ codec, isDeep }) => `${codec}${isDeep ? '+10' : ''}`).join(',')
    if (works.length > 0) return { of: 'hardware', state: 'ok', version: null, facts: { title, encoders }, why: null }
    const why = failure('tool-failed', { tool: title, reason: refused ?? '' })
    return { of: 'hardware', state: 'missing', version: null, facts: { title }, why }
  })
}

async function check(of: Check['of'], ask: () => Promise<string>): Promise<Check> {
  try {
    return { of, state: 'ok', version: await ask(), facts: {}, why: null }
  } catch (error) {
    const why = toFailure(error)
    return { of, state: why.code === 'tool-missing' ? 'missing' : 'trouble', version: null, facts: {}, why }
  }
}
