/** Real files to convert: made by FFmpeg, small, and different from each other. */
import { execFile } from 'node:child_process'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export async function tone(path: string, seconds: number, pitch = 440): Promise<string> {
  await ffmpeg(['-f', 'lavfi', '-i', `sine=frequency=${pitch}:duration=${seconds}`, '-ac', '2', path])
  return path
}

export async function still(path: string, size = '640x480'): Promise<string> {
  await ffmpeg(['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=1`, '-frames:v', '1', path])
  return path
}

export async function clip(path: string, seconds: number): Promise<string> {
  await ffmpeg([
    '-f',
    'lavfi',
    '-i',
    `testsrc2=size=640x360:rate=25:duration=${seconds}`,
    '-f',
    'lavfi',
    '-i',
    `sine=duration=${seconds}`,
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-c:a',
    'aac',
    path,
  ])
  return path
}

/** With a font inside, which fits into no MP4. */
export async function subtitledClip(path: string): Promise<string> {
  const font = `${path}.ttf`
  await writeFile(font, 'no font')
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=160x90:rate=10:duration=1']
  await ffmpeg([
    ...picture,
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-attach',
    font,
    '-metadata:s:t',
    'mimetype=font/ttf',
    path,
  ])
  return path
}

export async function damaged(path: string): Promise<string> {
  await writeFile(path, Buffer.alloc(20_000, 'not a song '))
  return path
}

/** A folder as somebody has it: recordings, photos, one file that is broken. */
export async function everyday(folder: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true })
  const first = await tone(join(folder, 'Interview part 1.wav'), 240)
  const more = ['Interview part 2.wav', 'Café — São Paulo.wav', '夕方の歌.wav']
  for (const name of more) await copyFile(first, join(folder, name))
  return [
    first,
    ...more.map((name) => join(folder, name)),
    await tone(join(folder, 'Intro jingle.flac'), 20, 660),
    await damaged(join(folder, 'Broken take.wav')),
    await clip(join(folder, 'Holiday.mp4'), 12),
  ]
}

async function ffmpeg(args: readonly string[]): Promise<void> {
  await run('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y', ...args])
}
