/**
 * Makes the files in samples/ from nothing: a song with a cover, a photo with EXIF and an ICC profile, a short video with sound
 * and chapters, a letter. Needs FFmpeg with libx264; run it with `node tools/make-samples.ts` when the samples are to change.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp, { type Sharp } from 'sharp'
import { evening, night, render, type Scene } from './samples/landscape.ts'
import { letter } from './samples/letter.ts'
import { play, sampleRate } from './samples/music.ts'

const samples = fileURLToPath(new URL('../samples/', import.meta.url))
const author = 'the Beside authors'
const licence = 'CC0 1.0, made by tools/make-samples.ts'
/** The same bytes every time. */
const exact = ['fflags', 'flags:a', 'flags:v'].flatMap((flag) => [`-${flag}`, '+bitexact'])
const pcm = ['-f', 's16le', '-ar', String(sampleRate), '-ac', '2', '-i']

const work = await mkdtemp(join(tmpdir(), 'beside-samples-'))
try {
  await Promise.all([
    writeFile(join(work, 'song.pcm'), play(11)),
    writeFile(join(work, 'video.pcm'), play(6)),
    cover(join(work, 'cover.jpg')),
  ])
  await Promise.all([song(), photo(), video(), writeFile(join(samples, 'letter.docx'), letter())])
} finally {
  await rm(work, { recursive: true })
}

/** Drawn larger and made smaller, which smooths the edges. */
function picture({ width, height, ...scene }: Scene): Sharp {
  const raw = { width: width * 1.5, height: height * 1.5, channels: 3 } as const
  return sharp(render({ ...scene, ...raw }), { raw }).resize(width, height)
}

async function cover(path: string): Promise<void> {
  await picture({ width: 600, height: 600, light: night, seconds: 0 }).jpeg({ quality: 84 }).toFile(path)
}

async function song(): Promise<void> {
  const tags = {
    title: 'Evening on the Lake',
    artist: 'Beside',
    album: 'Samples',
    date: '2026',
    genre: 'Ambient',
    track: '1',
    comment: licence,
  }
  const inputs = [...pcm, join(work, 'song.pcm'), '-i', join(work, 'cover.jpg'), ...exact, '-map', '0:a', '-map', '1:v']
  const attached = [
    '-c:v',
    'copy',
    '-disposition:v',
    'attached_pic',
    '-metadata:s:v',
    'comment=Cover (front)',
    '-metadata:s:v',
    'title=Cover',
  ]
  await ffmpeg([
    ...inputs,
    ...attached,
    '-c:a',
    'flac',
    '-compression_level',
    '12',
    ...metadata(tags),
    join(samples, 'song.flac'),
  ])
}

/** Stored lying on its side with an orientation that sets it upright, as cameras do; colours in Display P3. */
async function photo(): Promise<void> {
  const upright = await picture({ width: 2100, height: 1400, light: evening, seconds: 0 })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { width, height } = upright.info
  await sharp(upright.data, { raw: { width, height, channels: 3 } })
    .rotate(270)
    .withMetadata({ orientation: 6 })
    .withIccProfile('p3')
    .withExif({
      IFD0: {
        Make: 'Beside',
        Model: 'Lakeside 1',
        Artist: author,
        Copyright: licence,
        ImageDescription: 'A lake in the evening',
      },
      IFD2: {
        DateTimeOriginal: '2026:06:21 21:14:08',
        ExposureTime: '1/125',
        FNumber: '8/1',
        ISOSpeedRatings: '100',
        FocalLength: '35/1',
        LensModel: 'Noise 35mm f/2',
      },
    })
    .jpeg({ quality: 90 })
    .toFile(join(samples, 'photo.jpg'))
}

async function video(): Promise<void> {
  const [size, rate, seconds] = [{ width: 640, height: 360 }, 25, 6]
  const chapters = join(work, 'chapters.txt')
  const chapter = (title: string, from: number, to: number): string =>
    `[CHAPTER]\nTIMEBASE=1/1\nSTART=${from}\nEND=${to}\ntitle=${title}\n`
  await writeFile(chapters, `;FFMETADATA1\n${chapter('Setting out', 0, 3)}${chapter('Under way', 3, seconds)}`)

  const frames = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${size.width}x${size.height}`, '-r', String(rate), '-i', 'pipe:0']
  const inputs = [...frames, ...pcm, join(work, 'video.pcm'), '-f', 'ffmetadata', '-i', chapters, ...exact, '-map_chapters', '2']
  const codecs = ['-c:v', 'libx264', '-crf', '21', '-preset', 'veryslow', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-b:a', '96k']
  const tags = { title: 'Sailing', artist: 'Beside', comment: licence }
  const streams = ['-map', '0:v', '-map', '1:a', '-metadata:s:a', 'language=eng']
  await ffmpeg([...inputs, ...streams, ...codecs, ...metadata(tags), join(samples, 'video.mkv')], async (write) => {
    for (let frame = 0; frame < seconds * rate; frame++) {
      const light = { ...evening, sunHeight: evening.sunHeight + frame * 0.0003 }
      await write(
        await picture({ ...size, light, seconds: frame / rate })
          .raw()
          .toBuffer(),
      )
    }
  })
}

function metadata(tags: Readonly<Record<string, string>>): string[] {
  return Object.entries(tags).flatMap(([name, value]) => ['-metadata', `${name}=${value}`])
}

async function ffmpeg(args: readonly string[], feed?: (write: (chunk: Buffer) => Promise<void>) => Promise<void>): Promise<void> {
  const child = spawn('ffmpeg', ['-v', 'error', '-y', ...args], { stdio: ['pipe', 'inherit', 'inherit'] })
  const ended = once(child, 'exit')
  await feed?.(async (chunk) => {
    if (!child.stdin.write(chunk)) await once(child.stdin, 'drain')
  })
  child.stdin.end()
  const [code] = await ended
  if (code !== 0) throw new Error(`ffmpeg ended with ${String(code)}`)
}
