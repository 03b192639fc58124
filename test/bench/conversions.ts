/** Many short sounds and many pictures, by Beside's command line and by the bare tools on as many cores, in turns. */
import { copyFile, readdir, rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { inTurns, type Figure } from './figures.ts'
import { besideProgram, has, timed, withFolder } from './scene.ts'

const cores = String(availableParallelism())

/** What Beside is told, and what a bare tool is called with for each file, `{}`, by as many processes as there are cores. */
interface Contest {
  readonly what: string
  readonly ending: string
  readonly files: number
  readonly write: (path: string, n: number) => Promise<void>
  readonly options: readonly string[]
  readonly bare: readonly { readonly tool: string; readonly args: readonly string[]; readonly aim: string }[]
}

export async function songs(runs: number, files: number): Promise<readonly Figure[]> {
  return await all(ofSongs(files), runs)
}

export async function photos(runs: number, files: number): Promise<readonly Figure[]> {
  return await all(ofPhotos(files), runs)
}

async function all(contests: readonly Contest[], runs: number): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  for (const contest of contests) figures.push(...(await held(contest, runs)))
  return figures
}

function ofSongs(files: number): readonly Contest[] {
  const ffmpeg = ['ffmpeg', '-v', 'error', '-nostdin', '-i', '{}']
  return [
    {
      what: 'WAVs of 3 s to MP3',
      ending: '.wav',
      files,
      write: tone,
      options: ['--to', 'mp3', '--set', 'bitrate=192'],
      bare: [{ tool: 'ffmpeg', args: [...ffmpeg, '-b:a', '192k', '{}.mp3'], aim: '≤ 0.6, limit 0.75' }],
    },
    {
      what: 'WAVs of 3 s to FLAC',
      ending: '.wav',
      files,
      write: tone,
      options: ['--to', 'flac'],
      bare: [{ tool: 'ffmpeg', args: [...ffmpeg, '{}.flac'], aim: '≤ 0.6, limit 0.75' }],
    },
  ]
}

function ofPhotos(files: number): readonly Contest[] {
  return [
    {
      what: 'photos of 6 MP to WebP',
      ending: '.jpg',
      files,
      write: async (path, n) => await photo(path, n, [3000, 2000]),
      options: ['--to', 'webp', '--set', 'imageQuality=80'],
      bare: [
        {
          tool: 'cwebp',
          args: ['cwebp', '-quiet', '-q', '80', '-metadata', 'all', '{}', '-o', '{}.webp'],
          aim: '≤ 0.95, limit 1.10',
        },
      ],
    },
    {
      what: 'photos of 2 MP to WebP',
      ending: '.jpg',
      files,
      write: async (path, n) => await photo(path, n, [1600, 1200]),
      options: ['--to', 'webp', '--set', 'imageQuality=80'],
      bare: [
        {
          tool: 'cwebp',
          args: ['cwebp', '-quiet', '-q', '80', '-metadata', 'all', '{}', '-o', '{}.webp'],
          aim: '≤ 1.00, limit 1.10',
        },
      ],
    },
    {
      what: 'photos of 6 MP to JPEG at half the size',
      ending: '.jpg',
      files,
      write: async (path, n) => await photo(path, n, [3000, 2000]),
      options: ['--to', 'jpeg', '--set', 'width=1500', '--set', 'imageQuality=75'],
      bare: [
        { tool: 'vipsthumbnail', args: ['vipsthumbnail', '{}', '-s', '1500x', '-o', '{}.jpeg[Q=75]'], aim: '≤ 1.00, limit 1.10' },
        { tool: 'mogrify', args: ['mogrify', '-format', 'jpeg', '-resize', '50%', '-quality', '75', '{}'], aim: 'limit 0.5' },
      ],
    },
    {
      // As fast, and of the same quality as far as SSIM tells (0.93); what comes out is a quarter smaller.
      what: 'PNGs of 1 MP to AVIF',
      ending: '.png',
      files,
      write: async (path, n) => await photo(path, n, [1200, 900]),
      options: ['--to', 'avif', '--set', 'imageQuality=60'],
      bare: [
        {
          tool: 'avifenc',
          args: [
            'avifenc', '-s', '6', '-j', '1', '-y', '420', '--min', '0', '--max', '63',
            '-a', 'end-usage=q', '-a', 'cq-level=16', '{}', '{}.avif',
          ], // prettier-ignore
          aim: '≤ 0.95, limit 1.05',
        },
      ],
    },
  ]
}

/** So many are made; the others are copies of them. */
const different = 12

async function held({ what, ending, files, write, options, bare }: Contest, runs: number): Promise<readonly Figure[]> {
  return await withFolder(async (folder) => {
    const path = (n: number): string => join(folder, `${n}${ending}`)
    for (let n = 0; n < files; n += 1) await (n < different ? write(path(n), n) : copyFile(path(n % different), path(n)))
    const figures: Figure[] = []
    for (const { tool, args, aim } of bare) {
      if (!(await has(tool, tool === 'ffmpeg' ? '-version' : '--version')) && !(await has(tool, '-version'))) {
        console.error(`${tool} is not installed, so ${what} is not compared with it`)
        continue
      }
      figures.push(
        await inTurns(
          `${files} ${what}, against ${tool}`,
          's',
          runs,
          async () => await beside(folder, ending, files, options),
          async () => await underXargs(folder, ending, files, args),
          aim,
        ),
      )
    }
    return figures
  })
}

async function tone(path: string, n: number): Promise<void> {
  await timed('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', `sine=frequency=${200 + n}:duration=3`, '-ac', '2', path])
}

/** A picture with soft areas and grain, as photos have. */
async function photo(path: string, seed: number, [width, height]: readonly [number, number]): Promise<void> {
  const sky = `<svg width="${width}" height="${height}"><defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="hsl(${seed * 30},70%,60%)"/><stop offset="1" stop-color="hsl(${seed * 30 + 90},60%,25%)"/></linearGradient></defs><rect width="100%" height="100%" fill="url(#g)"/><circle cx="${width / 5 + seed * 3}" cy="${height / 3}" r="${height / 5}" fill="hsl(${seed + 200},80%,70%)"/></svg>`
  const grain = await sharp({
    create: { width, height, channels: 3, background: '#808080', noise: { type: 'gaussian', mean: 128, sigma: 12 } },
  })
    .raw()
    .toBuffer()
  const picture = sharp(Buffer.from(sky)).composite([{ input: grain, raw: { width, height, channels: 3 }, blend: 'soft-light' }])
  await (path.endsWith('.png') ? picture.removeAlpha().png() : picture.jpeg({ quality: 88 })).toFile(path)
}

async function beside(folder: string, ending: string, files: number, options: readonly string[]): Promise<number> {
  return await withFolder(async (home) => {
    const seconds = await timed(process.execPath, [besideProgram, 'convert', folder, '--include', `*${ending}`, ...options], {
      env: { BESIDE_HOME: home },
    })
    await removeResults(folder, ending, files)
    return seconds
  })
}

async function underXargs(folder: string, ending: string, files: number, args: readonly string[]): Promise<number> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(ending))
  const quoted = args.map((arg) => `'${arg}'`).join(' ')
  const seconds = await timed(
    'sh',
    ['-c', `printf '%s\\0' ${names.map((name) => `'${name}'`).join(' ')} | xargs -0 -P ${cores} -I{} ${quoted}`],
    { cwd: folder },
  )
  await removeResults(folder, ending, files)
  return seconds
}

async function removeResults(folder: string, ending: string, files: number): Promise<void> {
  // Sources are called by their numbers alone; a result may have the ending of its source.
  const results = (await readdir(folder)).filter((name) => !/^\d+$/.test(name.slice(0, -ending.length)) || !name.endsWith(ending))
  if (results.length !== files) throw new Error(`${results.length} results instead of ${files}`)
  for (const name of results) await rm(join(folder, name))
}
