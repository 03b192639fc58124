import { describe, expect, it } from 'vitest'
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

function planned(facts: MediaFacts, to: FormatId, options: Options = {}, source = 0): string {
  const target = targetOf(to)
  if (target === null) throw new Error(`no target ${to}`)
  return planOutput({ facts, to, target, options, gains: [], inputs: { source }, encoders: null }).join(' ')
}

describe('an audio file', () => {
  it('is planned stream by stream, with the muxer named', () =>
    expect(planned(song, 'mp3')).toBe(
      '-map 0:a:0 -c:a:0 libmp3lame -q:a:0 2 -map_metadata:g -1 -map_metadata:s -1 -map_chapters -1 -fflags +bitexact -id3v2_version 0 -f mp3',
    ))

  it('takes its audio alone from its own input, whatever describes it', () => {
    const cover = { ...song, format: 'ogg', pictures: [png], chapters: [{ startMs: 0, title: 'A' }] } as const
    expect(planned(cover, 'mp3', {}, 2)).toBe(
      '-map 2:a:0 -c:a:0 libmp3lame -q:a:0 2 ' +
        '-map_metadata:g -1 -map_metadata:s -1 -map_chapters -1 -fflags +bitexact -id3v2_version 0 -f mp3',
    )
    expect(planned(cover, 'm4a', {}, 2)).toContain('-map_chapters 2')
  })

  it('leaves chapters behind where that is asked', () =>
    expect(planned(song, 'm4a', { preserveMetadata: false })).toContain('-map_chapters -1'))

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
        '-map_metadata 0 -map_chapters 0 -f mp4',
    )
  })

  it('finds the tags of Ogg, which are tied to the stream', () =>
    expect(planned({ ...film, format: 'ogv' }, 'mp4')).toContain('-map_metadata:g 0:s:a:0'))

  it('leaves what describes the MP4 container in the MP4 container', () => {
    expect(planned({ ...film, format: 'mp4' }, 'mkv')).toContain('-metadata major_brand=')
    // Among the keys of phones they would become tags.
    expect(planned({ ...film, format: 'mp4' }, 'mov')).toContain('-metadata major_brand=')
  })

  it('forgets a stored gain once the loudness has been changed', () => {
    expect(planned(film, 'mkv', { normalize: true })).toContain('-metadata REPLAYGAIN_TRACK_GAIN=')
    expect(planned(film, 'mkv')).not.toContain('REPLAYGAIN')
  })

  it('keeps pictured subtitles and fonts in Matroska', () => {
    expect(planned(film, 'mkv')).toContain('-map 0:s:0 -map 0:s:1 -map 0:s:2 ')
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
