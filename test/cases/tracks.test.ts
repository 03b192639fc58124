/** Subtitles that films carry, taken out and read by FFmpeg. */
import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { subtitleFormats } from '../../src/main/providers/local/subtitles/pairings.ts'
import type { FormatId } from '../../src/shared/formats.ts'
import type { Options } from '../../src/shared/options.ts'
import { temporaryFolder } from '../support/folder.ts'
import { ffmpeg, mediaSource } from '../support/media.ts'
import { orderIn } from '../support/order.ts'
import { never, startMachine } from '../providers/local/machine.ts'

const { local } = startMachine()

const srt = '1\n00:00:00,100 --> 00:00:00,500\n<i>Hello</i> & you\n\n2\n00:00:00,600 --> 00:00:00,900\nBye\n'
const picture = ['-f', 'lavfi', '-i', 'color=black:size=64x36:rate=10:duration=2']

/** With a track of each text, and FFmpeg's options for the tracks. */
async function film(ending: string, texts: readonly string[], options: readonly string[]): Promise<string> {
  const folder = await temporaryFolder()
  const inputs: string[] = []
  for (const [n, text] of texts.entries()) {
    const path = join(folder, `${n}.${text.startsWith('[Script') ? 'ass' : 'srt'}`)
    await writeFile(path, text)
    inputs.push('-i', path)
  }
  const maps = ['-map', '0:v', ...texts.flatMap((_, n) => ['-map', String(n + 1)])]
  const path = join(folder, `film.${ending}`)
  await ffmpeg([...picture, ...inputs, ...maps, ...options, path])
  return path
}

async function taken(path: string, target: FormatId, options: Options = {}) {
  const facts = await local.inspect(path, never)
  const source = { kind: 'file', path, bytes: facts.bytes, mtimeMs: 0 } as const
  const { order } = orderIn(await temporaryFolder(), { source, from: facts.format, target, options, facts })
  const submitted = await local.submit(order, () => {}, never)
  if (submitted.kind !== 'converted') throw new Error('no parts')
  return submitted.parts
}
const textOf = async (parts: Awaited<ReturnType<typeof taken>>) => await readFile(parts[0]?.temp ?? '', 'utf8')
const byFfmpeg = (path: string, format: string) =>
  execFileSync('ffmpeg', ['-v', 'error', '-f', format, '-i', path, '-f', 'srt', '-']).toString().trim()

describe('subtitles of a film', () => {
  it.each([
    ['mkv', 'srt'],
    ['mkv', 'ass'],
    ['mp4', 'mov_text'],
    ['mov', 'mov_text'],
    ['webm', 'webvtt'],
  ])('come out of %s (%s)', async (ending, codec) => {
    const path = await film(ending, [srt], ['-c:s', codec])
    const parts = await taken(path, 'srt')
    expect(byFfmpeg(parts[0]?.temp ?? '', 'srt').replaceAll(/\r?\n+/g, '\n')).toBe(srt.trim().replaceAll(/\n+/g, '\n'))
  })

  it('come in each format', async () => {
    const path = await film('mkv', [srt], ['-c:s', 'srt'])
    for (const target of subtitleFormats) expect(await textOf(await taken(path, target))).toMatch(/Hello/)
    expect(byFfmpeg((await taken(path, 'vtt'))[0]?.temp ?? '', 'webvtt')).toContain('<i>Hello</i> & you')
    expect(await textOf(await taken(path, 'text'))).toBe('Hello & you\nBye\n')
    expect(await textOf(await taken(path, 'srt', { shift: 1 }))).toContain('00:00:01,100 --> 00:00:01,500')
  })

  it('keep their styles where the format has them', async () => {
    const ass = await textOf(await taken(await film('mkv', [srt], ['-c:s', 'ass']), 'ass'))
    const styled = await film('mkv', [ass.replace(/Style: Default,[^,]*,/, 'Style: Default,Georgia,')], ['-c:s', 'copy'])
    expect(await textOf(await taken(styled, 'ass'))).toContain('Style: Default,Georgia,')
  })

  it('are named by language and title where there are several', async () => {
    const words = ['language=eng', 'language=fra', 'language=fra'].flatMap((word, n) => [`-metadata:s:s:${n}`, word])
    const path = await film('mkv', [srt, srt, srt], ['-c:s', 'srt', ...words, '-metadata:s:s:1', 'title=Commentary'])
    expect((await taken(path, 'vtt')).map(({ name }) => name)).toEqual(['eng', 'fra Commentary', 'fra'])
    const same = await film('mkv', [srt, srt], ['-c:s', 'srt'])
    expect((await taken(same, 'vtt')).map(({ name }) => name)).toEqual(['1', '2'])
  })

  it('begin where those of the film do, wherever its clock stands', async () => {
    const path = await film('mkv', [srt], ['-c:s', 'srt', '-output_ts_offset', '100'])
    expect(await textOf(await taken(path, 'srt'))).toMatch(/^1\n00:00:00,[01]00 -->/)
  })

  it('that are images, or are not there, are refused', async () => {
    const drawn = await film('mkv', [srt], ['-c:s', 'srt'])
    const facts = await local.inspect(drawn, never)
    const subtitles = facts.subtitles.map((track) => ({ ...track, kind: 'bitmap' as const, codec: 'hdmv_pgs_subtitle' }))
    const source = { kind: 'file', path: drawn, bytes: facts.bytes, mtimeMs: 0 } as const
    const wish = { source, from: 'mkv', target: 'srt', options: {}, facts: { ...facts, subtitles } } as const
    await expect(local.submit(orderIn(await temporaryFolder(), wish).order, () => {}, never)).rejects.toThrow('drawn-subtitles')
    await expect(taken(await mediaSource('mkv'), 'srt')).rejects.toThrow('no-subtitles')
  })

  it('that are images beside text are left with a word', async () => {
    const path = await film('mkv', [srt, srt, srt], ['-c:s', 'srt'])
    const facts = await local.inspect(path, never)
    const drawn = { kind: 'bitmap', codec: 'hdmv_pgs_subtitle' } as const
    const subtitles = facts.subtitles.map((track, n) => (n === 1 ? { ...track, ...drawn } : track))
    const source = { kind: 'file', path, bytes: facts.bytes, mtimeMs: 0 } as const
    const wish = { source, from: 'mkv', target: 'srt', options: {}, facts: { ...facts, subtitles } } as const
    const submitted = await local.submit(orderIn(await temporaryFolder(), wish).order, () => {}, never)
    expect(submitted).toMatchObject({
      parts: [{ name: '1', said: [{ code: 'drawn-subtitles-left', count: 1 }] }, { name: '2' }],
    })
  })
})
