/** What each `speed` costs and saves: the encoders of video over three clips, libvips over three pictures. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { avifEffort } from '../../src/main/providers/local/images/convert.ts'
import { qualityUnlessAsked } from '../../src/main/providers/local/images/pairings.ts'
import { videoTargets } from '../../src/main/providers/local/media/targets.ts'
import { planVideoStream } from '../../src/main/providers/local/media/video.ts'
import { speeds as speedNames } from '../../src/shared/option-table.ts'
import { clips, encoded } from './clips.ts'
import { figure, type Figure } from './figures.ts'
import { withFolder } from './scene.ts'

const run = promisify(execFile)
const stream = { codec: 'ffv1', fps: 25, rotation: 0, hdr: false, bitDepth: 8 } as const
const encoders = [
  ['h264', 'libx264'],
  ['h265', 'libx265'],
  ['vp9', 'libvpx-vp9'],
  ['av1', 'libsvtav1'],
  ['av1', 'libaom-av1'],
] as const

/** A trial need not take an hour. */
const wholeSeconds = 10

/** @param seconds of each clip; they have 720 lines, or 360 in a trial that is shorter than ten seconds. */
export async function speeds(seconds: number): Promise<readonly Figure[]> {
  return await withFolder(async (folder) => [...(await ofVideo(folder, seconds)), ...(await ofPictures(folder))])
}

async function ofVideo(folder: string, seconds: number): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  const lines = seconds < wholeSeconds ? 360 : 720
  const all = await clips(folder, seconds, lines)
  for (const [videoCodec, name] of encoders)
    for (const clip of all)
      for (const speed of speedNames) {
        const shape = { width: (lines * 16) / 9, height: lines }
        const plan = {
          from: 'mkv',
          stream: { ...stream, ...shape },
          target: videoTargets.mkv,
          encoders: new Set([name]),
          lastsMs: seconds * 1000,
        } as const
        const output = planVideoStream({ ...plan, options: { videoCodec, speed } }, 'v:0')
        const { cpuSeconds, bytes, ssim } = await encoded(clip, { before: [], output }, join(folder, 'out.mkv'))
        const what = `${name} ${speed}, ${clip.name}`
        console.error(`  ${what}: ${cpuSeconds.toFixed(1)} s, ${Math.round(bytes / 1000)} kB, SSIM ${ssim.toFixed(4)}`)
        figures.push(figure(what, 's of processor', [cpuSeconds]), figure(what, 'kB', [bytes / 1000]), figure(what, '', [ssim]))
      }
  return figures
}

async function ofPictures(folder: string): Promise<readonly Figure[]> {
  const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
  const drawn = join(folder, 'drawn.png')
  await run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'mandelbrot=size=1280x720:start_scale=0.5', '-frames:v', '1', drawn])
  const pictures = { photo: at('samples/photo.jpg'), window: at('docs/queue-light.png'), drawn }
  const figures: Figure[] = []
  for (const [name, path] of Object.entries(pictures))
    for (const speed of speedNames) {
      const before = process.cpuUsage()
      const { length } = await sharp(path).avif({ quality: qualityUnlessAsked.avif, effort: avifEffort[speed] }).toBuffer()
      const { user, system } = process.cpuUsage(before)
      const what = `AVIF ${speed}, ${name}`
      console.error(`  ${what}: ${((user + system) / 1e6).toFixed(1)} s, ${Math.round(length / 1000)} kB`)
      figures.push(figure(what, 's of processor', [(user + system) / 1e6]), figure(what, 'kB', [length / 1000]))
    }
  return figures
}
