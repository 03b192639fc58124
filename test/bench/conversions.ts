/** 300 short sounds and 300 photos, by Beside's command line and by the bare tools, in turns. */
import { readdir, rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { inTurns, type Figure } from './figures.ts'
import { besideProgram, has, timed, withFolder } from './scene.ts'

const files = 300
const cores = String(availableParallelism())
const aim = '≤ 1.00, limit 1.10'

export async function conversions(runs: number): Promise<readonly Figure[]> {
  return [await sounds(runs), ...(await photos(runs))]
}

async function sounds(runs: number): Promise<Figure> {
  return await withFolder(async (folder) => {
    for (let n = 0; n < files; n += 1) {
      const tone = `sine=frequency=${200 + n}:duration=3`
      await timed('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', tone, '-ac', '2', join(folder, `${n}.wav`)])
    }
    const bare = ['-0', '-P', cores, '-I{}', 'ffmpeg', '-v', 'error', '-nostdin', '-i', '{}', '-b:a', '192k', '{}.mp3']
    return await inTurns(
      `${files} WAVs of 3 s to MP3`,
      's',
      runs,
      async () => await beside(folder, '.wav', ['--to', 'mp3', '--set', 'bitrate=192']),
      async () => await underXargs(folder, '.wav', bare),
      aim,
    )
  })
}

async function photos(runs: number): Promise<readonly Figure[]> {
  if (!(await has('cwebp', '-version'))) {
    console.error('cwebp is not installed, so photos are not compared (Debian: apt-get install webp)')
    return []
  }
  return await withFolder(async (folder) => {
    for (let n = 0; n < files; n += 1) await photo(join(folder, `${n}.jpg`), n)
    const bare = ['-0', '-P', cores, '-I{}', 'cwebp', '-quiet', '-q', '80', '-metadata', 'all', '{}', '-o', '{}.webp']
    const figure = await inTurns(
      `${files} photos of 2 MP to WebP`,
      's',
      runs,
      async () => await beside(folder, '.jpg', ['--to', 'webp', '--set', 'imageQuality=80']),
      async () => await underXargs(folder, '.jpg', bare),
      aim,
    )
    return [figure]
  })
}

/** A picture with soft areas and grain, as photos have. */
async function photo(path: string, seed: number): Promise<void> {
  const [width, height] = [1600, 1200]
  const sky = `<svg width="${width}" height="${height}"><defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="hsl(${seed},70%,60%)"/><stop offset="1" stop-color="hsl(${seed + 90},60%,25%)"/></linearGradient></defs><rect width="100%" height="100%" fill="url(#g)"/><circle cx="${300 + seed * 3}" cy="400" r="220" fill="hsl(${seed + 200},80%,70%)"/></svg>`
  const grain = await sharp({
    create: { width, height, channels: 3, background: '#808080', noise: { type: 'gaussian', mean: 128, sigma: 12 } },
  })
    .raw()
    .toBuffer()
  await sharp(Buffer.from(sky))
    .composite([{ input: grain, raw: { width, height, channels: 3 }, blend: 'soft-light' }])
    .jpeg({ quality: 88 })
    .toFile(path)
}

async function beside(folder: string, ending: string, options: readonly string[]): Promise<number> {
  return await withFolder(async (home) => {
    const seconds = await timed(process.execPath, [besideProgram, 'convert', folder, '--include', `*${ending}`, ...options], {
      env: { BESIDE_HOME: home },
    })
    await removeResults(folder, ending)
    return seconds
  })
}

async function underXargs(folder: string, ending: string, args: readonly string[]): Promise<number> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(ending))
  const seconds = await timed(
    'sh',
    ['-c', `printf '%s\\0' ${names.map((name) => `'${name}'`).join(' ')} | xargs ${args.join(' ')}`],
    { cwd: folder },
  )
  await removeResults(folder, ending)
  return seconds
}

async function removeResults(folder: string, ending: string): Promise<void> {
  const results = (await readdir(folder)).filter((name) => !name.endsWith(ending))
  if (results.length !== files) throw new Error(`${results.length} results instead of ${files}`)
  for (const name of results) await rm(join(folder, name))
}
