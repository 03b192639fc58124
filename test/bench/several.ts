/**
 * Three results of one film, 1080p, 720p and MP3, by one command of Beside and by three runs of FFmpeg with the same options, in turns. What is saved is
 * one decoding of two, and two starts: of a film in 1080p that is little beside the encoders, of one in 4K from a phone it is more.
 */
import { join } from 'node:path'
import { inTurns, type Figure } from './figures.ts'
import { besideProgram, timed, withFolder } from './scene.ts'

const ofPhones = { size: '3840x2160', codec: ['-c:v', 'libx265', '-preset', 'ultrafast', '-tag:v', 'hvc1'] } as const

const sources = [
  { name: 'in 4K HEVC, speed fast', speed: 'fast', ...ofPhones },
  { name: 'in 4K HEVC', speed: 'balanced', ...ofPhones },
  { name: 'in 1080p H.264', speed: 'balanced', size: '1920x1080', codec: ['-c:v', 'libx264', '-preset', 'veryfast'] },
] as const

export async function several(runs: number, seconds: number): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  for (const source of sources) figures.push(await one(source, runs, seconds))
  return figures
}

async function one({ name, speed, size, codec }: (typeof sources)[number], runs: number, seconds: number): Promise<Figure> {
  return await withFolder(async (folder) => {
    const film = join(folder, 'film.mov')
    const picture = `testsrc2=size=${size}:rate=30:duration=${seconds},noise=alls=8:allf=t`
    const sound = ['-f', 'lavfi', '-i', `sine=duration=${seconds}`, '-c:a', 'aac']
    await timed('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', picture, ...sound, ...codec, '-pix_fmt', 'yuv420p', film])
    return await inTurns(
      `${seconds} s ${name} to 1080p, 720p and MP3`,
      's',
      runs,
      async () => await beside(film, speed),
      async () => await bare(film, folder, speed),
      '≤ 0.70, limit 0.80',
    )
  })
}

type Pace = (typeof sources)[number]['speed']

async function beside(film: string, speed: Pace): Promise<number> {
  return await withFolder(async (home) => {
    // A quality is asked for so that a film in 1080p is drawn anew as well, and not copied.
    const to = [1080, 720].flatMap((height) => ['--to', `mp4:maxHeight=${height},quality=high,speed=${speed},encoder=software`])
    const args = ['convert', film, ...to, '--to', 'mp3', '--out', join(home, 'results')]
    return await timed(process.execPath, [besideProgram, ...args], { env: { BESIDE_HOME: home } })
  })
}

async function bare(film: string, folder: string, speed: Pace): Promise<number> {
  const preset = speed === 'fast' ? ['-preset', 'veryfast'] : []
  const picture = (height: number) => [
    ...['-map', '0:0', '-map', '0:1', '-filter:v', `scale=-2:min(ih\\,${height}):flags=lanczos,setsar=1/1,format=yuv420p`],
    ...['-c:v', 'libx264', ...preset, '-crf', '20', '-c:a', 'copy', join(folder, `${height}.mp4`)],
  ]
  const results = [picture(1080), picture(720), ['-map', '0:1', '-c:a', 'libmp3lame', '-q:a', '2', join(folder, 'film.mp3')]]
  let seconds = 0
  for (const result of results) seconds += await timed('ffmpeg', ['-y', '-v', 'error', '-nostdin', '-i', film, ...result])
  return seconds
}
