/** What comes of audio: its length, its tags, its pictures, its channels, as other programs read them. */
import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { Options } from '../../src/shared/options.ts'
import type { Job } from '../../src/shared/job.ts'
import { ended, endedInWords, outputsOf, testBeside } from '../support/beside.ts'
import { temporaryFolder } from '../support/folder.ts'
import { ffprobe } from '../support/media.ts'
import { mutagen } from '../support/mutagen.ts'
import {
  book,
  commentary,
  commented,
  cued,
  glued,
  holed,
  late,
  made,
  masked,
  piped,
  sine,
  sleeve,
  take,
  timeReference,
} from './make-audio.ts'

/** One source into several formats, each by a job of its own. */
async function converted<T extends string>(folder: string, source: string, targets: readonly T[], options: Options = {}) {
  const { convert, stop } = await testBeside(folder)
  const jobs: [T, Job][] = []
  for (const target of targets) {
    const { jobs: of } = await convert([source], target, { options })
    for (const job of of) jobs.push([target, job])
  }
  await stop()
  const paths = Object.fromEntries(jobs.map(([target, job]) => [target, outputsOf(job)[0] ?? ''])) as Record<T, string>
  return { paths, ends: jobs.map(([, job]) => endedInWords(job)), jobs: jobs.map(([, job]) => job) }
}

function notesOf({ state }: Job): readonly unknown[] {
  return state.phase === 'done' ? state.notes : []
}

/** When each begins, in seconds, and what it is called. */
function chaptersSeen(path: string): readonly string[] {
  const told = execFileSync('ffprobe', ['-v', 'error', '-show_chapters', '-of', 'json', path], { encoding: 'utf8' })
  const { chapters } = JSON.parse(told) as { chapters: { start_time: string; tags: { title: string } }[] }
  return chapters.map(({ start_time, tags }) => `${Number(start_time)} ${tags.title}`)
}

/** Seconds that decode, and Hz by the crossings of zero near a moment. */
async function heard(path: string, atSeconds: readonly number[]): Promise<{ seconds: number; hertz: readonly number[] }> {
  const raw = execFileSync(
    'ffmpeg',
    ['-v', 'error', '-i', path, '-map', '0:a:0', '-ac', '1', '-ar', '48000', '-f', 's16le', '-'],
    {
      maxBuffer: 1 << 28,
    },
  )
  const hertz = atSeconds.map((at) => {
    let crossings = 0
    for (let n = Math.round(at * 48_000); n < Math.round((at + 0.5) * 48_000) && n * 2 + 4 <= raw.length; n += 1)
      if (raw.readInt16LE(n * 2) < 0 && raw.readInt16LE(n * 2 + 2) >= 0) crossings += 1
    return Math.round((crossings * 2) / 20) * 20
  })
  return { seconds: Math.round(raw.length / 9600) / 10, hertz }
}

/** dBFS of the loudest sample. */
function peak(path: string): number {
  const raw = execFileSync('ffmpeg', ['-v', 'error', '-i', path, '-f', 'f32le', '-'], { maxBuffer: 1 << 28 })
  let most = 0
  for (let at = 0; at + 4 <= raw.length; at += 4) most = Math.max(most, Math.abs(raw.readFloatLE(at)))
  return 20 * Math.log10(most)
}

const done = (count: number) => Array.from({ length: count }, () => 'done')

describe('how long audio lasts', () => {
  it.each(['libvorbis', 'libopus'])('is all of an Ogg that is two streams one after the other: %s', async (codec) => {
    const folder = await temporaryFolder()
    const ending = codec === 'libopus' ? 'opus' : 'ogg'
    const first = await made(folder, `first.${ending}`, [...sine(440, 2), '-c:a', codec])
    const second = await made(folder, `second.${ending}`, [...sine(880, 3), '-c:a', codec, '-serial_offset', '77'])
    const { paths, ends } = await converted(folder, await glued(folder, `both.${ending}`, [first, second]), [
      'mp3',
      'flac',
      'opus',
    ])
    expect(ends).toEqual(done(3))
    for (const path of Object.values(paths)) {
      const { seconds, hertz } = await heard(path, [0.5, 3.5])
      expect(Math.abs(seconds - 5)).toBeLessThanOrEqual(0.1)
      expect(hertz).toEqual([440, 880])
    }
  })

  it('is all of an MP3 that was glued of two', async () => {
    const folder = await temporaryFolder()
    const parts = [
      await made(folder, 'a.mp3', [...sine(440, 8), '-q:a', '4']),
      await made(folder, 'b.mp3', [...sine(880, 8), '-q:a', '4']),
    ]
    const joined = await glued(folder, 'book.mp3', parts)
    const { paths, ends } = await converted(folder, joined, ['m4a', 'wav', 'opus'])
    expect(ends).toEqual(done(3))
    for (const path of Object.values(paths)) {
      const { seconds, hertz } = await heard(path, [2, 12])
      expect(Math.abs(seconds - 16)).toBeLessThanOrEqual(0.2)
      expect(hertz).toEqual([440, 880])
    }
  })

  it.each(['flac', 'wv'])('is found out where its header does not say: %s', async (muxer) => {
    const folder = await temporaryFolder()
    const { paths, ends } = await converted(folder, await piped(folder, `piped.${muxer}`, muxer, 3), [
      'mp3',
      'opus',
      'alac',
      'flac',
    ])
    expect(ends).toEqual(done(4))
    for (const path of Object.values(paths)) expect(Math.abs((await heard(path, [])).seconds - 3)).toBeLessThanOrEqual(0.1)
    expect(Number((await ffprobe(paths.flac)).format.duration)).toBeCloseTo(3, 1)
  })

  it.each(['wav', 'aiff', 'mp3', 'flac'])(
    'is not that of a file of which a part is missing, and that is said: %s',
    async (ending) => {
      const folder = await temporaryFolder()
      const whole = await readFile(await made(folder, `whole.${ending}`, ['-f', 'lavfi', '-i', 'anoisesrc=d=8:r=44100']))
      await writeFile(`${folder}/cut.${ending}`, whole.subarray(0, Math.floor(whole.length * 0.6)))
      const { convert } = await testBeside(folder)
      const { jobs } = await convert([`${folder}/cut.${ending}`], 'opus')
      expect(jobs.map(ended)).toEqual(['failed: source-damaged'])
    },
  )
})

const everyTarget = ['mp3', 'aac', 'm4a', 'wav', 'flac', 'ogg', 'opus', 'aiff'] as const

describe('tags', () => {
  it('keep each of several values, and what looks like several stays one', async () => {
    const folder = await temporaryFolder()
    const source = await commented(folder, 'a.flac', ['ARTIST=Ann', 'ARTIST=Bob', 'GENRE=Rock', 'GENRE=Jazz', 'TITLE=x; y'])
    const { paths, ends } = await converted(folder, source, everyTarget)
    expect(ends).toEqual(done(8))
    const names = { vorbis: ['ARTIST', 'GENRE', 'TITLE'], id3: ['TPE1', 'TCON', 'TIT2'], mp4: ['\xa9ART', '\xa9gen', '\xa9nam'] }
    for (const target of everyTarget) {
      const kind = target === 'm4a' ? 'mp4' : target === 'flac' || target === 'ogg' || target === 'opus' ? 'vorbis' : 'id3'
      const { tags } = mutagen(paths[target])
      expect(names[kind].map((name) => tags[name])).toEqual([['Ann', 'Bob'], ['Rock', 'Jazz'], ['x; y']])
    }
  })

  it('of one’s own and of libraries go along, with numbers, their totals and lyrics as what they are', async () => {
    const folder = await temporaryFolder()
    const words = ['TITLE=T', 'TRACKNUMBER=3/9', 'DISCNUMBER=1', 'DISCTOTAL=2', 'LYRICS=La la\nzwei', 'DATE=2024-05-06']
    const ids = [
      'MUSICBRAINZ_TRACKID=1-2-3',
      'REPLAYGAIN_TRACK_GAIN=-7.3 dB',
      'ISRC=XX0000000001',
      'LABEL=L',
      'BPM=120',
      'MYFIELD=m',
    ]
    const source = await commented(folder, 'own.flac', [...words, ...ids, 'COMMENT=Größe'])
    const { paths, ends } = await converted(folder, source, everyTarget)
    expect(ends).toEqual(done(8))
    for (const target of ['mp3', 'wav', 'aiff', 'aac'] as const) {
      const { tags, version } = mutagen(paths[target])
      expect(version).toEqual([2, 3])
      expect(tags).toMatchObject({
        ...{
          TIT2: ['T'],
          TRCK: ['3/9'],
          TPOS: ['1/2'],
          TDRC: ['2024-05-06'],
          TSRC: ['XX0000000001'],
          TPUB: ['L'],
          TBPM: ['120'],
        },
        ...{ 'TXXX:MYFIELD': ['m'], 'TXXX:REPLAYGAIN_TRACK_GAIN': ['-7.3 dB'], 'UFID:http://musicbrainz.org': ['1-2-3'] },
        ...{ 'USLT::XXX': ['La la\nzwei'], 'COMM::XXX': ['Größe'] },
      })
    }
    expect(mutagen(paths.m4a).tags).toMatchObject({
      ...{ '\xa9nam': ['T'], trkn: ['3/9'], disk: ['1/2'], '\xa9day': ['2024-05-06'], tmpo: ['120'], '\xa9lyr': ['La la\nzwei'] },
      '----:com.apple.iTunes:MusicBrainz Track Id': ['1-2-3'],
      '----:com.apple.iTunes:REPLAYGAIN_TRACK_GAIN': ['-7.3 dB'],
      '----:com.apple.iTunes:ISRC': ['XX0000000001'],
      '----:com.apple.iTunes:MYFIELD': ['m'],
    })
    expect(mutagen(paths.opus).tags).toMatchObject({
      LYRICS: ['La la\nzwei'],
      MUSICBRAINZ_TRACKID: ['1-2-3'],
      TRACKNUMBER: ['3'],
      TRACKTOTAL: ['9'],
    })
    const back = await converted(folder, paths.m4a, ['flac'])
    expect(mutagen(back.paths.flac).tags).toMatchObject({
      MYFIELD: ['m'],
      ISRC: ['XX0000000001'],
      TRACKTOTAL: ['9'],
      DISCTOTAL: ['2'],
    })
  })

  it('that only one format has a place for are named where they are left', async () => {
    const folder = await temporaryFolder()
    const { paths, jobs } = await converted(folder, await cued(folder, 'disc.flac'), ['opus'])
    expect(jobs.flatMap(notesOf)).toEqual([{ what: 'left', thing: 'format-data', count: 1, names: [{ name: 'CUESHEET' }] }])
    expect(mutagen(paths.opus).tags['TITLE']).toEqual(['T'])
  })

  it('are gone where that is asked, and no date is made up', async () => {
    const folder = await temporaryFolder()
    const source = await commented(folder, 'a.flac', ['TITLE=T', 'LYRICS=La'])
    const { paths } = await converted(folder, source, everyTarget, { preserveMetadata: false })
    for (const target of everyTarget) {
      const names = Object.keys(mutagen(paths[target]).tags).filter((name) => name !== 'ENCODER')
      expect(names).toEqual([])
    }
  })

  it('say of a date all that the source says, in whatever words', async () => {
    const folder = await temporaryFolder()
    const words = ['2003-01-30 03:28:45 UTC', '2003-01']
    const targets = ['mp3', 'flac'] as const
    const found: Record<string, readonly unknown[]> = {}
    for (const [n, date] of words.entries()) {
      const source = await made(folder, `${n}.wav`, [...sine(440, 1), '-metadata', `date=${date}`])
      const { paths, ends } = await converted(folder, source, targets)
      const of = (path: string) => mutagen(path).tags
      const { mp3, flac } = paths
      found[date] = [...ends, of(mp3)['TDRC'], of(flac)['DATE']]
    }
    // Mutagen leaves out zones, for which ID3 has no place.
    const same = (date: string) => {
      const plain = date.replace(' UTC', '')
      return ['done', 'done', [plain], [date]]
    }
    expect(found).toEqual(Object.fromEntries(words.map((date) => [date, same(date)])))
  })

  it('of a field recorder stay what they are, its time code at the new rate', async () => {
    const folder = await temporaryFolder()
    const source = await take(folder, 'take.wav')
    const { paths, jobs } = await converted(folder, source, ['wav', 'flac', 'aiff', 'mp3'], { sampleRate: 44_100 })
    const wav = await readFile(paths.wav)
    const at = wav.indexOf('bext') + 8
    expect([wav.toString('latin1', at, at + 14), Number(wav.readBigUInt64LE(at + 338))]).toEqual([
      'Scene 4 Take 2',
      (timeReference / 48) * 44.1,
    ])
    expect(wav.includes('<SCENE>4</SCENE>')).toBe(true)
    expect(wav.readUInt32LE(wav.indexOf('cue ') + 8 + 24)).toBe(22_050)
    expect(mutagen(paths.flac).tags).toMatchObject({
      ...{ DESCRIPTION: ['Scene 4 Take 2'], ORIGINATOR: ['FIELD RECORDER'], ORIGINATION_DATE: ['2024-05-06'] },
      TIME_REFERENCE: [String((timeReference / 48) * 44.1)],
    })
    expect(mutagen(paths.mp3).tags['TDRC']).toEqual(['2024-05-06'])
    for (const path of [paths.mp3, paths.aiff]) expect((await ffprobe(path)).format.tags).not.toHaveProperty('creation_time')
    const left = jobs.map(({ state }) =>
      (state.phase === 'done' ? state.notes : []).flatMap((note) => (note.what === 'left' ? [note.thing] : [])),
    )
    expect(left).toEqual([[], [], ['broadcast'], ['broadcast']])
  })
})

describe('chapters', () => {
  it.each(['quicktime', 'nero'] as const)('of a book in M4A go along, as %s has them', async (kind) => {
    const folder = await temporaryFolder()
    const source = await book(folder, 'book.m4a', kind)
    const { paths, jobs, ends } = await converted(folder, source, ['mp3', 'opus', 'flac', 'alac', 'wav'])
    expect(ends).toEqual(['done', 'done', 'done', 'done', 'done'])
    expect(jobs.map(notesOf)).toEqual(jobs.map(() => []))
    const marks = {
      CHAPTER000: ['00:00:00.000'],
      CHAPTER000NAME: ['Dawn'],
      CHAPTER001: ['00:00:01.000'],
      CHAPTER001NAME: ['Dusk'],
    }
    expect(mutagen(paths.mp3).tags['CHAP']).toEqual(['0 Dawn', '1000 Dusk'])
    expect(mutagen(paths.opus).tags).toMatchObject(marks)
    expect(mutagen(paths.flac).tags).toMatchObject(marks)
    expect(chaptersSeen(paths.alac)).toEqual(['0 Dawn', '1 Dusk'])
    expect(mutagen(paths.wav).tags['CHAP']).toEqual(['0 Dawn', '1000 Dusk'])
  })
})

describe('pictures', () => {
  it('keep what they show; where a format tells no kinds apart, the front comes first', async () => {
    const folder = await temporaryFolder()
    const { paths, ends } = await converted(folder, await sleeve(folder, 'two.flac'), everyTarget)
    expect(ends).toEqual(done(8))
    const front = (await readFile(`${folder}/front.png`)).length
    const back = (await readFile(`${folder}/back.png`)).length
    for (const target of everyTarget) {
      const kinds = target === 'm4a' ? [0, 0] : [3, 4]
      expect(mutagen(paths[target]).pictures).toEqual([
        [kinds[0], 'image/png', front],
        [kinds[1], 'image/png', back],
      ])
    }
  })

  it('of a film become the cover of its audio', async () => {
    const folder = await temporaryFolder()
    const cover = await made(folder, 'cover.jpg', ['-f', 'lavfi', '-i', 'color=red:s=64x64', '-frames:v', '1'])
    const film = await made(folder, 'film.mkv', [
      ...[
        '-f',
        'lavfi',
        '-i',
        'testsrc2=s=64x64:r=10:d=1',
        ...sine(440, 1),
        '-c:v',
        'libx264',
        '-preset',
        'ultrafast',
        '-c:a',
        'aac',
      ],
      ...['-attach', cover, '-metadata:s:t', 'mimetype=image/jpeg', '-metadata:s:t', 'filename=cover.jpg'],
    ])
    const { paths, ends } = await converted(folder, film, ['m4a', 'mp3'])
    expect(ends).toEqual(done(2))
    for (const path of Object.values(paths)) expect(mutagen(path).pictures).toHaveLength(1)
  })
})

describe('channels', () => {
  it.each([
    ['a single one that is called front left', 1, 0x1],
    ['two that are called front left and centre', 2, 0x5],
  ] as const)('%s are counted, and their levels kept', async (_, channels, mask) => {
    const folder = await temporaryFolder()
    const { paths, ends } = await converted(folder, await masked(folder, 'odd.wav', channels, mask), everyTarget)
    expect(ends).toEqual(done(8))
    for (const target of everyTarget) {
      expect((await ffprobe(paths[target])).streams.find(({ codec_type }) => codec_type === 'audio')?.channels).toBe(channels)
    }
    for (const target of ['mp3', 'flac', 'opus', 'ogg'] as const)
      expect(Math.abs(peak(paths[target]) + 6)).toBeLessThanOrEqual(0.4)
  })

  it('of which nobody says what they are for are kept or refused, and never mixed unasked', async () => {
    const folder = await temporaryFolder()
    const source = await masked(folder, 'poly.wav', 16, 0)
    const { ends, paths } = await converted(folder, source, ['m4a', 'flac', 'wav'])
    expect(ends).toEqual([expect.stringContaining('“16”'), expect.stringContaining('1 to 8'), 'done'])
    expect((await ffprobe(paths.wav)).streams[0]?.channels).toBe(16)
    const asked = await converted(folder, source, ['m4a'], { channels: 2 })
    expect(asked.ends).toEqual(['done'])
  })
})

describe('the audio of a film', () => {
  it('is the track marked as default and not the one that speaks about it; the other is named in a note', async () => {
    const folder = await temporaryFolder()
    const { paths, jobs } = await converted(folder, await commentary(folder, 'two.mkv'), ['wav'])
    expect((await heard(paths.wav, [0.5])).hertz).toEqual([880])
    const [job] = jobs
    expect(job?.state.phase === 'done' ? job.state.notes : []).toContainEqual(
      expect.objectContaining({ what: 'left', thing: 'audio-track', names: [{ name: 'aac', language: 'fra' }] }),
    )
  })

  it.each([
    ['gap.mkv', 'pcm_s16le'],
    ['gap.mka', 'pcm_s16le'],
    ['gap.mp4', 'aac'],
  ])('has silence where packets are missing: %s', async (name, codec) => {
    const folder = await temporaryFolder()
    const { paths, ends } = await converted(folder, await holed(folder, name, codec), ['wav', 'mp3', 'opus'])
    expect(ends).toEqual(done(3))
    for (const path of Object.values(paths)) {
      const { seconds, hertz } = await heard(path, [1, 4.75, 8])
      expect(Math.abs(seconds - 10)).toBeLessThanOrEqual(0.2)
      expect([hertz[0], hertz[2]]).toEqual([440, 440])
      expect(hertz[1]).not.toBe(440)
    }
  })

  it('begins with silence where it begins late', async () => {
    const folder = await temporaryFolder()
    const { paths } = await converted(folder, await late(folder, 'late.mp4'), ['wav'])
    const { seconds, hertz } = await heard(paths.wav, [1, 4])
    expect([Math.abs(seconds - 6) <= 0.1, hertz[0] === 440, hertz[1]]).toEqual([true, false, 440])
  })
})
