/** What comes of tags as recorders, taggers and players write them: no good file is refused for one, and nothing of them goes unsaid. */
import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { emptyFacts, mediaFactsSchema } from '../../src/shared/media.ts'
import { temporaryFolder } from '../support/folder.ts'
import { mutagen } from '../support/mutagen.ts'
import { all, converted, each } from './conversions.ts'
import { commented, made, sine } from './make-audio.ts'
import { aiffWith, id3With, infoList, waveWith } from './make-tags.ts'

async function bare(ending: string): Promise<Buffer> {
  return await readFile(
    await made(await temporaryFolder(), `bare.${ending}`, [
      ...sine(440, 1),
      ...(ending === 'mp3' ? ['-id3v2_version', '0'] : []),
    ]),
  )
}

/** dBFS of the loudest sample of each channel, to 6 dB. */
function peaks(path: string, channels: number): readonly number[] {
  const raw = execFileSync('ffmpeg', ['-v', 'error', '-i', path, '-f', 'f32le', '-'], { maxBuffer: 1 << 28 })
  const most = Array.from({ length: channels }, () => 1e-9)
  for (let n = 0; n * 4 + 4 <= raw.length; n += 1)
    most[n % channels] = Math.max(most[n % channels] ?? 0, Math.abs(raw.readFloatLE(n * 4)))
  return most.map((loudest) => Math.round((20 * Math.log10(loudest)) / 6) * 6 + 0)
}

describe('texts of a WAV', () => {
  it('are read in the encoding of old Windows programs and in UTF-8, fields that no library knows included', async () => {
    for (const encoding of ['latin1', 'utf8'] as const) {
      const list = infoList({
        INAM: Buffer.from('Für Elise', encoding),
        IART: Buffer.from('Björk', encoding),
        ITRK: Buffer.from('5'),
      })
      const { flac } = await converted('old.wav', waveWith({ LIST: list }), ['flac'])
      expect(flac?.end).toBe('done')
      expect(mutagen(flac?.path ?? '').tags).toMatchObject({ TITLE: ['Für Elise'], ARTIST: ['Björk'], TRACKNUMBER: ['5'] })
    }
  })

  it('are not all that a WAV holds: what is in other chunks is named where it is left', async () => {
    const results = await converted('loop.wav', waveWith({ smpl: Buffer.alloc(36), cart: Buffer.alloc(2048) }), ['flac', 'wav'])
    expect(all(({ end, left }) => [end, left], results)).toEqual(each(['done', ['format-data']], ['flac', 'wav']))
  })
})

it('keeps all old texts of an AIFF, and names the marks that it leaves', async () => {
  const source = aiffWith(await bare('aiff'), [
    ['NAME', Buffer.from('Für', 'latin1')],
    ['ANNO', Buffer.from('one')],
    ['ANNO', Buffer.from('two')],
    ['MARK', Buffer.alloc(2)],
  ])
  const results = await converted('old.aiff', source, ['flac', 'mp3'])
  expect(all(({ end, left }) => [end, left], results)).toEqual(each(['done', ['format-data']], ['flac', 'mp3']))
  expect(mutagen(results.flac?.path ?? '').tags).toMatchObject({ TITLE: ['Für'], COMMENT: ['one', 'two'] })
  expect(Object.values(mutagen(results.mp3?.path ?? '').tags).flat()).toEqual(expect.arrayContaining(['Für', 'one', 'two']))
})

describe('an MP3', () => {
  it('with a second tag behind the first keeps what only the second says', async () => {
    const first = id3With(3, [['TIT2', Buffer.from('\0One')]])
    const second = id3With(3, [
      ['TIT2', Buffer.from('\0Two')],
      ['TALB', Buffer.from('\0Album')],
    ])
    const { flac } = await converted('two.mp3', Buffer.concat([first, second, await bare('mp3')]), ['flac'])
    expect(mutagen(flac?.path ?? '').tags).toMatchObject({ TITLE: ['One'], ALBUM: ['Album'] })
  })

  it('with a tag of version 2.2 keeps its totals, and its rating or a word about it', async () => {
    const tag = id3With(2, [
      ['TT2', Buffer.from('\0Two')],
      ['TRK', Buffer.from('\u00003/9')],
      ['POP', Buffer.from('me@there\0\x80')],
    ])
    const results = await converted('old.mp3', Buffer.concat([tag, await bare('mp3')]), ['flac', 'aac'])
    expect(all(({ end, left }) => [end, left], results)).toEqual({ flac: ['done', ['format-data']], aac: ['done', []] })
    expect(mutagen(results.flac?.path ?? '').tags).toMatchObject({ TITLE: ['Two'], TRACKNUMBER: ['3'], TRACKTOTAL: ['9'] })
  })

  it('keeps long names of chapters and all of them, as FFmpeg writes them', async () => {
    const folder = await temporaryFolder()
    const titles = ['One', '長い題名'.repeat(20), 'x'.repeat(200)]
    const marks = titles.map((title, n) => `[CHAPTER]\nTIMEBASE=1/1\nSTART=${n}\nEND=${n + 1}\ntitle=${title}\n`)
    await writeFile(`${folder}/marks`, `;FFMETADATA1\n${marks.join('')}`)
    const source = await made(folder, 'book.mp3', [...sine(440, 3), '-i', `${folder}/marks`, '-map_chapters', '1'])
    const { aac, opus } = await converted('book.mp3', await readFile(source), ['aac', 'opus'])
    expect(mutagen(aac?.path ?? '').tags.CHAP).toEqual(titles.map((title, n) => `${n * 1000} ${title}`))
    expect(mutagen(opus?.path ?? '').tags).toMatchObject({ CHAPTER001NAME: [titles[1]], CHAPTER002NAME: [titles[2]] })
  })
})

it('keeps words where others expect numbers, and refuses no file for a value that a format cannot hold', async () => {
  const targets = ['mp3', 'm4a', 'opus', 'flac', 'wav'] as const
  const odd = ['TRACKNUMBER=A1', 'DISCNUMBER=one', 'BPM=120.5', 'GENRE=17', 'COMPILATION=yes', 'PODCASTURL=http://x', 'TITLE=T']
  const source = await commented(await temporaryFolder(), 'odd.flac', [...odd, 'COMMENT=a', 'COMMENT=b', 'ISRC=1', 'ISRC=2'])
  const results = await converted('odd.flac', await readFile(source), targets)
  expect(all(({ end }) => end, results)).toEqual(each('done', targets))
  const written = { TRACKNUMBER: ['A1'], BPM: ['120.5'], COMMENT: ['a', 'b'] }
  for (const target of ['opus', 'flac'] as const) expect(mutagen(results[target]?.path ?? '').tags).toMatchObject(written)
  expect(mutagen(results.mp3?.path ?? '').tags).toMatchObject({ TRCK: ['A1'], TBPM: ['120.5'] })
  expect(results.m4a?.left).toEqual(['tag'])
})

it('tells of a file however long its texts are', () => {
  const facts = { ...emptyFacts('flac', 1), tags: [{ name: 'LYRICS', values: ['la '.repeat(100_000)] }] }
  expect(mediaFactsSchema.parse(facts)).toEqual(facts)
})

it('says nothing of a loudness that holds no more, and refuses no file whose only tag the format cannot hold', async () => {
  const folder = await temporaryFolder()
  const measured = await commented(folder, 'gain.flac', ['REPLAYGAIN_TRACK_GAIN=-7 dB'])
  const { mp3 } = await converted('gain.flac', await readFile(measured), ['mp3'], { normalize: true })
  expect([mp3?.end, mp3?.left]).toEqual(['done', []])
  const { m4a } = await converted('side.flac', await readFile(await commented(folder, 'side.flac', ['TRACKNUMBER=A1'])), ['m4a'])
  expect([m4a?.end, m4a?.left]).toEqual(['done', ['tag']])
})

it('keeps what is louder than full scale in floating point, and says where fewer bits cut it off', async () => {
  const loud = [...sine(440, 1), '-af', 'volume=24dB', '-c:a', 'pcm_f32le']
  const source = await readFile(await made(await temporaryFolder(), 'hot.wav', loud))
  const kept = await converted('hot.wav', source, ['wav', 'mp3'])
  expect(all(({ path, left }) => [peaks(path, 1), left], kept)).toEqual(each([[6], []], ['wav', 'mp3']))
  const cut = await converted('hot.wav', source, ['wav', 'flac'], { bitDepth: 16 })
  expect(all(({ end, left }) => [end, left], cut)).toEqual(each(['done', ['float-samples']], ['wav', 'flac']))
})

describe('channels', () => {
  it('of a WAV that does not say what its four are for keep their places and levels', async () => {
    const source = waveWith({}, 4, (channel) => 2 ** -channel)
    const results = await converted('four.wav', source, ['opus', 'flac'])
    for (const { path } of Object.values(results)) expect(peaks(path, 4)).toEqual([0, -6, -12, -18])
  })

  it('at the back stay two in AAC, and a low one is not mistaken for another', async () => {
    const quad = [...sine(440, 1), '-af', 'pan=quad|c0=c0|c1=c0|c2=2*c0|c3=0.25*c0', '-c:a', 'pcm_s16le']
    const low = [...sine(60, 1), '-af', 'pan=2.1|c0=c0|c1=c0|c2=2*c0', '-c:a', 'pcm_s16le']
    const folder = await temporaryFolder()
    const { m4a } = await converted('quad.wav', await readFile(await made(folder, 'quad.wav', quad)), ['m4a'])
    const [, , , left = 0, right = 0] = peaks(m4a?.path ?? '', 5)
    expect(left - right).toBe(18)
    const { opus } = await converted('low.wav', await readFile(await made(folder, 'low.wav', low)), ['opus'])
    const [front = 0, , , bass = 0] = peaks(opus?.path ?? '', 6)
    expect(bass - front).toBe(6)
  })
})
