/** Every pair of the catalogue of this machine, through the whole engine, read back by readers that Beside does not write with. */
import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { imageSources } from '../../src/main/providers/local/images/pairings.ts'
import { localPairings } from '../../src/main/providers/local/pairings.ts'
import { extensionOf, type FormatId, factsOf } from '../../src/shared/formats.ts'
import type { Job } from '../../src/shared/job.ts'
import { ended, outputsOf, testBeside } from '../support/beside.ts'
import { temporaryFolder } from '../support/folder.ts'
import { ffprobe, madeFormats, mediaSource } from '../support/media.ts'
import { seen as seenPicture, sourceOf } from '../providers/local/images/studio.ts'

/** Hardly any FFmpeg writes AMR. */
const targets = [...new Set(localPairings.flatMap((pairing) => pairing.to))].filter((target) => target !== 'amr')
const isPicture = (format: FormatId) => (imageSources as readonly FormatId[]).includes(format)

function sourcesOf(target: FormatId): readonly FormatId[] {
  return [...new Set(localPairings.filter((pairing) => pairing.to.includes(target)).flatMap((pairing) => pairing.from))]
}

/** Sources that nothing free can make, so that no pair with them can be shown here. */
const unmade: ReadonlySet<FormatId> = new Set(['ape', 'dsf', 'dff', 'rm'])

async function madeSource(format: FormatId, folder: string): Promise<string> {
  if (isPicture(format) && format !== 'gif') return await sourceOf(format, folder)
  const made = madeFormats.find((name) => name === format)
  if (made === undefined) throw new Error(`there is no source of the format ${format}`)
  return await mediaSource(made)
}

/** What another program sees in an output: its streams and seconds, or its kind and pixels. */
async function seen(job: Job, source: FormatId, target: FormatId): Promise<string> {
  const [path = ''] = outputsOf(job)
  if (path === '') return ended(job)
  if (factsOf(target).family === 'image') {
    const { type, width, height } = source === 'gif' && target === 'webp' ? await canvas(path) : await seenPicture(path)
    return `${type} ${width}x${height}`
  }
  const { streams, format } = await ffprobe(path)
  const film = streams.find((stream) => stream.codec_type === 'video' && stream.disposition.attached_pic === 0)
  const hasSound = streams.some((stream) => stream.codec_type === 'audio')
  const seconds = Math.round(Number(format.duration))
  return [hasSound ? 'sound' : '', film === undefined ? '' : `film ${film.width}x${film.height}`, `${seconds} s`]
    .filter(Boolean)
    .join(', ')
}

/** The canvas of a moving WebP, from its header: FFmpeg reads none that move. */
async function canvas(path: string): Promise<{ type: string; width: number; height: number }> {
  const bytes = await readFile(path)
  const isMoving = bytes.toString('latin1', 8, 16) === 'WEBPVP8X' && bytes.includes('ANMF')
  return { type: isMoving ? 'webp' : 'a still webp', width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 }
}

/** The PDF is measured in points and shown at 150 to the inch; the HEIC was made elsewhere. */
const pixels: Readonly<Partial<Record<FormatId, string>>> = { pdf: '600x400', heic: '64x96' }

function expected(source: FormatId, target: FormatId): string {
  const { family } = factsOf(target)
  const isVideo = factsOf(source).family === 'video'
  if (family === 'image') return `${target} ${pixels[source] ?? (isVideo || source === 'gif' ? '96x64' : '60x40')}`
  if (family === 'audio' || (target === 'webm' && !isVideo && source !== 'gif')) return 'sound, 1 s'
  return source === 'gif' ? 'film 96x64, 1 s' : 'sound, film 96x64, 1 s'
}

describe('this machine converts', () => {
  it.each(targets)('everything it says it can into %s', { timeout: 300_000 }, async (target) => {
    const folder = await temporaryFolder()
    const media = join(folder, 'media')
    await mkdir(media)
    const sources = sourcesOf(target).filter((source) => !unmade.has(source))
    for (const source of sources)
      await copyFile(await madeSource(source, folder), join(media, `from ${source}.${extensionOf(source)}`))
    const { convert } = await testBeside(folder)
    const { jobs, refused } = await convert(
      sources.map((source) => join(media, `from ${source}.${extensionOf(source)}`)),
      target,
      { out: join(folder, 'out') },
    )
    const found = await Promise.all(
      jobs.map(async (job, index) => [sources[index], await seen(job, sources[index] ?? target, target)]),
    )
    expect([refused, Object.fromEntries(found)]).toEqual([
      [],
      Object.fromEntries(sources.map((source) => [source, expected(source, target)])),
    ])
  })
})
