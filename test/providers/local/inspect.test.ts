import { appendFile, copyFile, mkdir, readFile, readdir, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { utils, write } from '@e965/xlsx'
import { describe, expect, it } from 'vitest'
import { factsOf, toFailure, type Failure } from '../../../src/shared/failure.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { ffprobe, madeFormats, mediaSource, ownSource } from '../../support/media.ts'
import { orderIn } from '../../support/order.ts'
import { never, startMachine } from './machine.ts'

const { local, convert } = startMachine()
const look = async (path: string) => await local.inspect(path, never)
const refused = async (path: string) =>
  await look(path).then(
    () => null,
    (error: unknown) => toFailure(error),
  )

/** That it is damaged, in the words of a program or in ours. */
function damage(why: Failure | null) {
  const facts = why === null ? {} : factsOf(why)
  return { code: why?.code, isExplained: 'reason' in facts || 'because' in facts }
}

describe('a look into a file', () => {
  it('tells a workbook of before 2007 that has no name yet by what it was made as', async () => {
    const path = join(await temporaryFolder(), 'result.part')
    const book = utils.book_new(utils.aoa_to_sheet([['cell']]), 'Sheet')
    await writeFile(path, write(book, { type: 'buffer', bookType: 'biff8' }) as Buffer)
    expect((await local.inspect(path, never, 'xls')).format).toBe('xls')
    expect((await refused(path))?.code).toBe('source-unsupported')
  })

  it.each(madeFormats)('tells what it is and what it holds, whatever it is called: %s', async (format) => {
    const source = await mediaSource(format)
    const disguised = join(await temporaryFolder(), 'x.jpg')
    await copyFile(source, disguised)
    const facts = await look(format === 'au' ? source : disguised)
    const { streams } = await ffprobe(source)
    const of = (type: string) => streams.filter(({ codec_type }) => codec_type === type).map(({ codec_name }) => codec_name)
    expect(facts.format).toBe(format)
    expect(facts.audio.map(({ codec }) => codec)).toEqual(of('audio'))
    expect(facts.video.map(({ codec }) => codec)).toEqual(format === 'gif' ? [] : of('video'))
    for (const [index, stream] of facts.audio.entries()) {
      const seen = streams.filter(({ codec_type }) => codec_type === 'audio')[index]
      expect([stream.sampleRate, stream.channels]).toEqual([Number(seen?.sample_rate), seen?.channels])
    }
    for (const picture of facts.video) expect([picture.width, picture.height]).toEqual([96, 64])
    const lastsMs = facts.durationMs ?? facts.roughMs ?? 0
    expect(Math.abs(lastsMs - 1000)).toBeLessThan(120)
  })

  it('tells the depth of lossless sound', async () => {
    const depths: (number | null | undefined)[] = []
    for (const [name, encoder] of [
      ['d.wav', ['-c:a', 'pcm_s24le']],
      ['d.flac', ['-c:a', 'flac', '-sample_fmt', 's32']],
      ['d.m4a', ['-c:a', 'alac', '-sample_fmt', 's32p']],
      ['d.aiff', ['-c:a', 'pcm_s32be']],
      ['d.mkv', ['-c:a', 'flac', '-sample_fmt', 's32']],
      ['d.mp3', ['-c:a', 'libmp3lame']],
    ] as const) {
      const path = await ownSource(name, ['-i', await mediaSource('wav'), ...encoder])
      depths.push((await look(path)).audio[0]?.bitDepth)
    }
    expect(depths).toEqual([24, 24, 24, 32, 24, null])
  })

  it('takes no length that is only guessed from a bitrate', async () => {
    const bare = await ownSource('bare.mp3', ['-i', await mediaSource('wav'), '-c:a', 'libmp3lame', '-write_xing', '0'])
    const { durationMs, roughMs } = await look(bare)
    expect([durationMs, Math.round((roughMs ?? 0) / 100)]).toEqual([null, 10])
  })

  it('takes the length that a cut-off WAV states, so that the loss shows', async () => {
    const path = join(await temporaryFolder(), 'cut.wav')
    await copyFile(await mediaSource('wav'), path)
    await truncate(path, 100_000)
    expect(Math.round((await look(path)).durationMs ?? 0)).toBe(1000)
  })

  it('is quick with a film of any length: it reads no more than its beginning and its end', async () => {
    const path = join(await temporaryFolder(), 'long.mkv')
    await copyFile(await mediaSource('mkv'), path)
    await appendFile(path, Buffer.alloc(50_000_000))
    expect((await look(path)).video).toHaveLength(1)
  })
})

describe('what cannot be converted is named', () => {
  it('nothing there, nothing in it, no file', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'empty.mp3'), '')
    await mkdir(join(folder, 'folder.mp3'))
    expect(await refused(join(folder, 'none.mp3'))).toMatchObject({ code: 'source-missing' })
    expect(await refused(join(folder, 'empty.mp3'))).toMatchObject({ code: 'source-empty' })
    await symlink('loop.mp3', join(folder, 'loop.mp3'))
    await expect(look(join(folder, 'loop.mp3'))).rejects.toMatchObject({ code: 'ELOOP' })
    await expect(look(join(folder, 'x'.repeat(10_000)))).rejects.toMatchObject({ code: 'ENAMETOOLONG' })
    expect(await refused(join(folder, 'folder.mp3'))).toMatchObject({ code: 'source-not-file', facts: { because: 'a-folder' } })
  })

  it('text that calls itself MP3', async () => {
    const path = join(await temporaryFolder(), 'text.mp3')
    await writeFile(path, 'Not a song, only words about one.\n'.repeat(500))
    expect(await refused(path)).toEqual({ code: 'source-unknown', facts: { path, because: 'not-what-it-says', expected: 'MP3' } })
  })

  it.each([
    ['a.xlsb', 'Excel Binary'],
    ['a.pages', 'Apple Pages'],
  ])('what is not packed as %s is', async (name, expected) => {
    const path = join(await temporaryFolder(), name)
    await writeFile(path, Buffer.alloc(5000, 7))
    expect(await refused(path)).toEqual({ code: 'source-unknown', facts: { path, because: 'not-what-it-says', expected } })
  })

  it.each([
    ['playlist.mp3', '#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n'],
    ['playlist.ts', '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n'],
    ['list.mp3', 'ffconcat version 1.0\nfile song.mp3\n'],
    ['session.wav', 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=audio 9 RTP/AVP 0\n'],
    ['manifest.mp4', '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>'],
  ])('a list of other files or addresses, whatever it is called: %s', async (name, text) => {
    const folder = await temporaryFolder()
    await copyFile(await mediaSource('mp3'), join(folder, 'song.mp3'))
    await writeFile(join(folder, name), text)
    expect(await refused(join(folder, name))).toMatchObject({ code: 'source-unknown' })
  })

  it('a file of no kind that is known here', async () => {
    const path = join(await temporaryFolder(), 'data.bin')
    await writeFile(path, Buffer.alloc(5000, 7))
    expect(await refused(path)).toEqual({ code: 'source-unknown', facts: { path } })
  })

  it.each(['mp4', 'mkv', 'm4a', 'ogg', 'avi'] as const)('a beginning of %s and then nothing of use', async (format) => {
    const path = join(await temporaryFolder(), `damaged.${format}`)
    const whole = await readFile(await mediaSource(format))
    await writeFile(path, Buffer.concat([whole.subarray(0, 40), Buffer.alloc(4000, 0x55)]))
    expect(damage(await refused(path))).toEqual({ code: 'source-damaged', isExplained: true })
  })
})

describe('a file that turns out damaged on the way', () => {
  it.each([
    ['flac', 60],
    ['aiff', 54],
  ] as const)('fails and leaves nothing behind: %s', async (format, bytes) => {
    const folder = await temporaryFolder()
    const path = join(folder, `damaged.${format}`)
    await copyFile(await mediaSource(format), path)
    await truncate(path, bytes)
    const facts = await look(path)
    const order = { source: { kind: 'file', path, bytes, mtimeMs: 0 }, from: format, target: 'mp3', options: {}, facts } as const
    const submitted = local.submit(orderIn(folder, order).order, () => {}, never)
    const why = toFailure(await submitted.catch((error: unknown) => error))
    expect(damage(why)).toEqual({ code: 'source-damaged', isExplained: true })
    expect(await readdir(folder)).toEqual([`damaged.${format}`])
  })
})

describe('names', () => {
  it.each([
    '-i.wav',
    '-version',
    'concat:a|b.wav',
    'http:x.wav',
    'pipe:0',
    '%03d.wav',
    '$(touch pwned) `x`.wav',
    'quotes \' and ".wav',
    'new\nline.wav',
    ' blanks at both ends ',
    '.hidden.wav',
    'e\u0301 and \u00e9.wav',
    `${'long'.repeat(50)}.wav`,
    'no ending',
    'back\\slash.wav',
    '[0:a];.wav',
  ])('are only names: %j', async (name) => {
    const path = join(await temporaryFolder(), name)
    await copyFile(await mediaSource('wav'), path)
    expect(Number((await ffprobe(await convert(path, 'mp3'))).format.duration)).toBeCloseTo(1, 0)
  })

  it('of results are only names, too', async () => {
    const folder = join(await temporaryFolder(), '-f %d concat:\n')
    await mkdir(folder)
    const path = join(folder, 'song.wav')
    await copyFile(await mediaSource('wav'), path)
    const facts = await look(path)
    const wish = {
      source: { kind: 'file', path, bytes: 0, mtimeMs: 0 },
      from: 'wav',
      target: 'flac',
      options: {},
      facts,
    } as const
    const { order } = orderIn(folder, wish)
    await local.submit({ ...order, temp: () => join(folder, '%03d.part') }, () => {}, never)
    expect((await ffprobe(join(folder, '%03d.part'))).format.format_name).toBe('flac')
  })
})
