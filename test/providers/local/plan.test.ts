import { describe, expect, it } from 'vitest'
import { commentsText } from '../../../src/main/providers/local/media/comments.ts'
import { planOutput, planTrim, wantedMs } from '../../../src/main/providers/local/media/plan.ts'
import { targetOf } from '../../../src/main/providers/local/media/targets.ts'
import type { FormatId } from '../../../src/shared/formats.ts'
import { emptyFacts, type MediaFacts } from '../../../src/shared/media.ts'
import type { Options } from '../../../src/shared/options.ts'

const sound = { codec: 'pcm_s16le', sampleRate: 44_100, channels: 2, bitDepth: 16, bitrate: null }
const song: MediaFacts = {
  ...emptyFacts('wav', 10_000_000),
  durationMs: 60_000,
  audio: [sound],
}
const jpeg = { type: 'image/jpeg', kind: 'front-cover' } as const
const png = { type: 'image/png', kind: 'back-cover' } as const
const film: MediaFacts = {
  ...song,
  format: 'mkv',
  audio: [
    { ...sound, codec: 'aac' },
    { ...sound, codec: 'dts', channels: 6 },
  ],
  video: [{ codec: 'h264', width: 1280, height: 720, fps: 25, rotation: 0, hdr: false }],
  subtitles: [
    { codec: 'subrip', kind: 'text' },
    { codec: 'hdmv_pgs_subtitle', kind: 'bitmap' },
    { codec: 'ass', kind: 'text' },
  ],
}

function planned(facts: MediaFacts, to: FormatId, options: Options = {}, comments: number | null = null, source = 0): string {
  const target = targetOf(to)
  if (target === null) throw new Error(`no target ${to}`)
  return planOutput({ facts, to, target, options, gains: [], inputs: { source, comments }, encoders: null }).join(' ')
}

describe('an audio file', () => {
  it('is planned stream by stream, with the muxer named', () =>
    expect(planned(song, 'mp3')).toBe(
      '-map 0:a:0 -c:a:0 libmp3lame -q:a:0 2 -map_metadata 0 -map_chapters 0 -id3v2_version 3 -f mp3',
    ))

  it('takes everything from its own input where several share a run', () => {
    const cover = { ...song, format: 'ogg', pictures: [png] } as const
    expect(planned(cover, 'mp3', {}, null, 2)).toBe(
      '-map 2:a:0 -map 2:v:0? -c:a:0 libmp3lame -q:a:0 2 -c:v:0 copy -disposition:v:0 attached_pic ' +
        '-map_metadata:g 2:s:a:0 -map_chapters 2 -id3v2_version 3 -f mp3',
    )
  })

  it('takes pictures along as they are, where the target holds them as streams', () => {
    const cover = { ...song, pictures: [jpeg, png] }
    for (const target of ['mp3', 'm4a', 'alac', 'flac', 'aiff'] as const) {
      expect(planned(cover, target)).toContain('-map 0:v:0? -map 0:v:1? ')
      expect(planned(cover, target)).toContain('-c:v:1 copy -disposition:v:1 attached_pic')
    }
    expect(planned(cover, 'wav')).not.toContain('0:v')
    expect(planned(cover, 'ogg')).not.toContain('0:v')
  })

  it('turns a picture that no target holds into a JPEG', () =>
    expect(planned({ ...song, pictures: [{ ...png, type: 'image/webp' }] }, 'mp3')).toContain('-c:v:0 mjpeg'))

  it('takes no frame of a film for a cover', () => expect(planned({ ...film, pictures: [jpeg] }, 'mp3')).not.toContain('0:v'))

  it('leaves tags, art and chapters behind where that is asked', () => {
    const plan = planned({ ...song, pictures: [jpeg] }, 'mp3', { preserveMetadata: false })
    expect(plan).toContain('-map_metadata -1 -map_chapters -1')
    expect(plan).not.toContain('attached_pic')
  })

  it('finds the tags of Ogg, which are tied to the stream', () => {
    expect(planned({ ...song, format: 'ogg' }, 'mp3')).toContain('-map_metadata:g 0:s:a:0')
    expect(planned({ ...song, format: 'opus' }, 'ogg')).not.toContain('0:s:a:0')
  })

  it('leaves what describes the MP4 container in the MP4 container', () => {
    expect(planned({ ...song, format: 'm4a' }, 'mp3')).toContain('-metadata major_brand=')
    expect(planned({ ...song, format: 'm4a' }, 'alac')).not.toContain('major_brand')
  })

  it('forgets a stored gain once the loudness has been changed', () => {
    expect(planned(song, 'mp3', { normalize: true })).toContain('-metadata REPLAYGAIN_TRACK_GAIN=')
    expect(planned(song, 'mp3')).not.toContain('REPLAYGAIN')
  })

  it('writes chapters of Ogg and FLAC itself, because FFmpeg writes them wrong', () => {
    expect(planned(song, 'opus', {}, 1)).toContain('-map_metadata 1 -map_metadata 0 -map_chapters -1')
    expect(planned(song, 'mp3')).toContain('-map_chapters 0')
  })

  it('counts in 64 bits where a WAV would outgrow 32', () => {
    const day = { ...song, format: 'flac', durationMs: 86_400_000 } as const
    expect(planned(day, 'wav')).toContain('-rf64 auto')
    expect(planned(song, 'wav')).not.toContain('rf64')
  })

  it('cannot come of a film without sound, which is said', () => {
    expect(() => planned({ ...film, audio: [] }, 'mp3')).toThrow(
      expect.objectContaining({
        failure: { code: 'pair-unsupported', facts: { from: 'Matroska', target: 'MP3', because: 'no-audio' } },
      }),
    )
  })
})

describe('a film', () => {
  it('keeps every stream of sound and the subtitles that the target holds', () => {
    expect(planned(film, 'mp4')).toBe(
      '-map 0:V:0 -map 0:a:0 -map 0:a:1 -map 0:s:0 -map 0:s:2 -c:v:0 copy -c:a:0 copy ' +
        '-filter:a:1 aformat=channel_layouts=5.1 -c:a:1 aac -b:a:1 576000 -c:s:0 mov_text -c:s:1 mov_text ' +
        '-map_metadata 0 -map_chapters 0 -movflags +faststart -f mp4',
    )
  })

  it('keeps pictured subtitles and fonts in Matroska', () => {
    expect(planned(film, 'mkv')).toContain('-map 0:s:0 -map 0:s:1 -map 0:s:2 -map 0:t?')
    expect(planned(film, 'mkv')).toContain('-c:s:0 copy -c:s:1 copy -c:s:2 copy')
  })

  it('becomes sound alone in WebM where there is no picture', () => {
    const plan = planned({ ...song, format: 'wav' }, 'webm')
    expect(plan).toContain('-map 0:a:0')
    expect(plan).not.toContain(':v')
  })
})

describe('a cut', () => {
  it('is given to the input, from the start to the end', () => {
    expect(planTrim({ trimStart: 1500, trimEnd: 4000 }, song)).toEqual(['-ss', '1.500', '-t', '2.500'])
    expect(planTrim({ trimEnd: 4000 }, song)).toEqual(['-t', '4.000'])
    expect(planTrim({}, song)).toEqual([])
  })

  it('cannot begin after the end', () =>
    expect(() => planTrim({ trimStart: 60_000 }, song)).toThrow(/less than the length, 60.000/))

  it('tells how long the result will be', () => {
    expect([wantedMs({}, 60_000), wantedMs({ trimStart: 50_000, trimEnd: 90_000 }, 60_000), wantedMs({}, null)]).toEqual([
      60_000,
      10_000,
      null,
    ])
  })
})

describe('comments', () => {
  const chapters = [
    { startMs: 0, title: 'One' },
    { startMs: 61_500, title: 'Two; =#\\' },
    { startMs: 3_723_004, title: 'Three' },
  ]

  it('hold chapters as Ogg players read them', () => {
    expect(commentsText({ pictures: [], chapters }, {}, null)).toBe(
      [
        ';FFMETADATA1',
        'CHAPTER000=00:00:00.000',
        'CHAPTER000NAME=One',
        'CHAPTER001=00:01:01.500',
        'CHAPTER001NAME=Two\\; \\=\\#\\\\',
        'CHAPTER002=01:02:03.004',
        'CHAPTER002NAME=Three',
        '',
      ].join('\n'),
    )
  })

  it('hold chapters as they lie after a cut', () => {
    expect(
      commentsText({ pictures: [], chapters }, { trimStart: 60_000, trimEnd: 120_000 }, null)?.match(/CHAPTER\d+=.*/g),
    ).toEqual(['CHAPTER000=00:00:00.000', 'CHAPTER001=00:00:01.500'])
  })

  it('hold a picture as a block of FLAC', () => {
    const text = commentsText(
      { pictures: [{ type: 'image/png', description: 'é', data: Buffer.from([1, 2, 3]) }], chapters: [] },
      {},
      null,
    )
    const block = Buffer.from((/PICTURE=(.*)/.exec(text ?? '')?.[1] ?? '').replaceAll('\\', ''), 'base64')
    expect(block.toString('hex')).toBe(
      [
        '00000003',
        '00000009',
        Buffer.from('image/png').toString('hex'),
        '00000002',
        'c3a9',
        '0'.repeat(32),
        '00000003',
        '010203',
      ].join(''),
    )
  })

  it('are absent where there is nothing to write', () =>
    expect(commentsText({ pictures: [], chapters: [] }, {}, null)).toBeNull())
})
