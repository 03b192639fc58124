/** Sound and film of this machine, through the whole engine, read back by FFprobe. */
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extensionOf, type FormatId, factsOf } from '../../../src/shared/formats.ts'
import type { Job } from '../../../src/shared/job.ts'
import { ended, outputsOf, testBeside } from '../../support/beside.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { ffprobe, madeFormats, mediaSource } from '../../support/media.ts'
import { planOf } from './plan.ts'

const plan = planOf('media')
const targets = [...new Set(plan.map(({ to }) => to))]

async function madeSource(format: FormatId): Promise<string> {
  const made = madeFormats.find((name) => name === format)
  if (made === undefined) throw new Error(`there is no source of the format ${format}`)
  return await mediaSource(made)
}

/** What another program sees in an output: its streams and seconds. */
async function seen(job: Job): Promise<string> {
  const [path = ''] = outputsOf(job)
  if (path === '') return ended(job)
  const { streams, format } = await ffprobe(path)
  const film = streams.find((stream) => stream.codec_type === 'video' && stream.disposition.attached_pic === 0)
  const hasSound = streams.some((stream) => stream.codec_type === 'audio')
  const seconds = Math.round(Number(format.duration))
  return [hasSound ? 'sound' : '', film === undefined ? '' : `film ${film.width}x${film.height}`, `${seconds} s`]
    .filter(Boolean)
    .join(', ')
}

function expected(source: FormatId, target: FormatId): string {
  if (target === 'gif' || source === 'gif') return 'film 96x64, 1 s'
  const isHeard = factsOf(target).family === 'audio' || factsOf(source).family === 'audio'
  return isHeard ? 'sound, 1 s' : 'sound, film 96x64, 1 s'
}

describe('FFmpeg', () => {
  it.each(targets)('makes %s', { timeout: 300_000 }, async (target) => {
    const folder = await temporaryFolder()
    const media = join(folder, 'media')
    await mkdir(media)
    const sources = plan.filter(({ to }) => to === target).map(({ from }) => from)
    const paths = sources.map((source) => join(media, `from ${source}.${extensionOf(source)}`))
    for (const [n, source] of sources.entries()) await copyFile(await madeSource(source), paths[n] ?? '')
    const { convert } = await testBeside(folder)
    const { jobs, refused } = await convert(paths, target, { out: join(folder, 'out') })
    const found = await Promise.all(jobs.map(async (job, n) => [sources[n], await seen(job)]))
    expect([refused, Object.fromEntries(found)]).toEqual([
      [],
      Object.fromEntries(sources.map((source) => [source, expected(source, target)])),
    ])
  })
})
