/** Three clips that are hard in different ways, and what an encoder makes of one: for the tables of docs/ENCODING.md. */
import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const sample = fileURLToPath(new URL('../../samples/video.mkv', import.meta.url))

export interface Clip {
  readonly name: string
  readonly path: string
}

export async function clips(folder: string, seconds: number, lines = 720): Promise<readonly Clip[]> {
  const columns = (lines * 16) / 9
  const size = `${columns}x${lines}`
  const scaled = `scale=${columns}:${lines}:force_original_aspect_ratio=increase:flags=lanczos,crop=${columns}:${lines},format=yuv420p`
  const sources = {
    motion: [
      '-f',
      'lavfi',
      '-i',
      `testsrc2=size=${size}:rate=25:duration=${seconds},noise=alls=6:allf=t:all_seed=1,format=yuv420p`,
    ],
    zoom: ['-f', 'lavfi', '-i', `mandelbrot=size=${size}:rate=25:start_scale=0.5:end_pts=${seconds * 25},format=yuv420p`],
    sample: ['-stream_loop', '-1', '-i', sample, '-vf', scaled, '-r', '25'],
  }
  const made: Clip[] = []
  for (const [name, source] of Object.entries(sources)) {
    const path = join(folder, `${name}.mkv`)
    await run('ffmpeg', ['-v', 'error', '-y', ...source, '-an', '-t', String(seconds), '-c:v', 'ffv1', path])
    made.push({ name, path })
  }
  return made
}

export interface Encoded {
  /** Of the processor, all cores together: it says more than a clock on a machine that others use. */
  readonly cpuSeconds: number
  readonly bytes: number
  /** Likeness of the pictures, 1 where they are the same. */
  readonly ssim: number
}

/** @param before options before the source. @param output options behind it. */
export async function encoded(
  clip: Clip,
  { before, output }: { readonly before: readonly string[]; readonly output: readonly string[] },
  path: string,
): Promise<Encoded> {
  const args = ['-v', 'info', '-nostats', '-y', '-benchmark', ...before, '-i', clip.path, '-map', '0:v', ...output, path]
  const { stderr } = await run('ffmpeg', args, { maxBuffer: 2 ** 26 })
  const [, user = 'NaN', system = 'NaN'] = /utime=([\d.]+)s stime=([\d.]+)s/.exec(stderr) ?? []
  const compared = await run('ffmpeg', [
    '-v',
    'info',
    '-nostats',
    '-i',
    path,
    '-i',
    clip.path,
    '-lavfi',
    'ssim',
    '-f',
    'null',
    '-',
  ])
  const ssim = Number(/ All:([\d.]+)/.exec(compared.stderr)?.[1])
  return { cpuSeconds: Number(user) + Number(system), bytes: (await stat(path)).size, ssim }
}
