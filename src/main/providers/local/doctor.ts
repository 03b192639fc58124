/** What this machine has for its work, for `beside doctor`: programs, their versions and the encoders that they lack. */
import type { Check } from '../../../shared/wire/contract.ts'
import { describe } from '../../../shared/describe.ts'
import { toFailure } from '../../../shared/failure.ts'
import { audioCodecs } from './media/audio.ts'
import type { Ffmpeg } from './media/ffmpeg.ts'
import type { Poppler } from './images/poppler.ts'
import { videoCodecs } from './media/video.ts'

export async function checkFfmpeg(ffmpeg: Ffmpeg, signal: AbortSignal): Promise<readonly Check[]> {
  const programs = await Promise.all([
    check('FFmpeg', async () => await ffmpeg.version('ffmpeg', signal)),
    check('FFprobe', async () => await ffmpeg.version('ffprobe', signal)),
  ])
  return programs[0].state === 'ok' ? [...programs, await checkEncoders(ffmpeg, signal)] : programs
}

/** Only pages of PDF need it: without it everything else works. */
export async function checkPoppler(poppler: Poppler, signal: AbortSignal): Promise<Check> {
  return await check('Poppler, for PDF', async () => await poppler.version(signal))
}

async function checkEncoders(ffmpeg: Ffmpeg, signal: AbortSignal): Promise<Check> {
  const had = await ffmpeg.encoders(signal)
  const wanted = [
    ...Object.values(audioCodecs).map(({ encoding }) => [
      encoding.kind === 'lossy' ? encoding.encoder : (encoding.encoder(16)[0] ?? ''),
    ]),
    ...Object.values(videoCodecs).map(({ encoders }) => encoders.map(([name]) => name)),
  ]
  const lacking = wanted.filter((names) => !names.some((name) => had.has(name))).map((names) => names.join(' or '))
  if (lacking.length === 0) return { what: 'FFmpeg encoders', state: 'ok', found: 'all that Beside uses', action: '' }
  return {
    what: 'FFmpeg encoders',
    state: 'missing',
    found: `without ${lacking.join(', ')}`,
    action: 'Install a complete FFmpeg; formats that need these encoders fail until then.',
  }
}

async function check(what: string, look: () => Promise<string>): Promise<Check> {
  try {
    return { what, state: 'ok', found: await look(), action: '' }
  } catch (error) {
    const failure = toFailure(error)
    const { message, action } = describe(failure)
    return { what, state: failure.code === 'tool-missing' ? 'missing' : 'trouble', found: message, action }
  }
}
