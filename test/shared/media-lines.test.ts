import { describe, expect, it } from 'vitest'
import { englishTexts } from '../../src/shared/describe.ts'
import { mediaLines, type MediaLinesOptions } from '../../src/shared/media-lines.ts'
import { emptyFacts, type AudioStream, type MediaFacts, type VideoStream } from '../../src/shared/media.ts'
import de from '../../src/shared/text/de.json' with { type: 'json' }

const figures = { bytes: (bytes: number) => `${bytes} B`, length: (ms: number) => `${ms / 1000}s`, number: String }

function said(facts: Partial<MediaFacts>, more: Partial<MediaLinesOptions> = {}): Readonly<Record<string, string>> {
  const options = { texts: englishTexts, figures, maxValues: 3, maxText: 40, ...more }
  const lines = mediaLines({ ...emptyFacts('mkv', 5), ...facts }, options)
  return Object.fromEntries(lines.map(({ label, values }) => [label, values.join('\n').replaceAll('\u00a0', ' ')]))
}

const video: VideoStream = { codec: 'hevc', width: 1920, height: 1080, fps: 23.976, pixelFormat: 'yuv420p10le', bitDepth: 10 }
const audio: AudioStream = { codec: 'aac', sampleRate: 44_100, channels: 2, bitDepth: null, bitrate: 128.4 }
const bare = { Format: 'Matroska', Size: '5 B' }

describe('what a file holds, in lines', () => {
  it('has a line for each stream, with what an ordinary stream does not have', () => {
    const facts: Partial<MediaFacts> = {
      durationMs: 2000,
      video: [
        {
          ...video,
          colour: { primaries: 'bt2020', transfer: 'smpte2084' },
          hdr: true,
          lightLevel: { max: 1000, average: 400 },
          hasAlpha: true,
          fields: 'top',
          sampleAspect: [64, 45],
          rotation: 90,
        },
      ],
      audio: [
        { ...audio, language: 'eng', title: 'Director', roles: ['default', 'comment'] },
        { ...audio, codec: 'pcm_s24le', channels: 6, layout: '5.1(side)', bitDepth: 24, bitrate: null, isProtected: true },
      ],
      subtitles: [{ codec: 'hdmv_pgs_subtitle', kind: 'bitmap', language: 'fre' }],
      others: [{ codec: 'fpcM', kind: 'unknown', isOpaque: true }],
      attachments: [{ index: 4, name: 'a.ttf', type: 'font/ttf' }],
    }
    expect(said(facts)).toEqual({
      ...bare,
      Length: '2s',
      Video:
        'H.265 · 1920 × 1080 · pixel aspect 64:45 · 23.98 fps · interlaced · 10 bit · BT.2020 · HDR (PQ) · HDR mastering data · transparency · rotated 90°',
      Audio:
        'AAC · 44.1 kHz · stereo · 128 kbit/s · English · “Director” · default · commentary\nPCM 24 bit · 44.1 kHz · 5.1 · protected',
      Subtitles: 'PGS · French',
      'Other streams': 'fpcM · no decoder',
      Attachments: 'a.ttf · font/ttf',
    })
  })

  it('says of a picture what its pixels mean', () => {
    const image = {
      ...{ width: 60, height: 40, pages: 3, isAnimated: true, delaysMs: [1000, 1000, 1000], loops: 0 },
      ...{ bitDepth: 16, samples: 'float' as const, space: 'rgb16', hasAlpha: true, profile: 'Display P3' },
      ...{ density: { x: 204, y: 98 }, hasThumbnail: true, hasGainMap: true, metadata: ['exif', 'location'] as const },
      texts: ['parameters'],
    }
    expect(said({ format: 'png', image })).toEqual({
      Format: 'PNG',
      Size: '5 B',
      Dimensions: '60 × 40',
      Animation: '3 frames · 3 s · repeats forever',
      Pixels: 'RGB · 16 bit · floating point · transparency',
      Color: 'Display P3',
      Resolution: '204 × 98 dpi',
      Metadata: 'camera data (EXIF)\nlocation\nembedded thumbnail\nHDR gain map',
      'Text entries': 'parameters',
    })
  })

  it('says nothing of what is not known', () => {
    const unknown = { ...audio, sampleRate: null, channels: null, bitrate: null }
    expect(said({ audio: [unknown] })).toEqual({ ...bare, Audio: 'AAC' })
  })

  it('names common tags in the language of the reader, others as the file does, and cuts long texts', () => {
    const tags = [
      { name: 'ARTIST', values: ['Ann', 'Bob'] },
      { name: 'MYFIELD', values: ['m'] },
      { name: 'LYRICS', values: [`La la\nla ${'la '.repeat(40)}`] },
    ]
    expect(said({ tags }, { texts: de })).toEqual({
      Format: 'Matroska',
      Größe: '5 B',
      Interpret: 'Ann\nBob',
      MYFIELD: 'm',
      Liedtext: `${'la '.repeat(13).replace(/^la/, 'La').trimEnd()}…`,
    })
  })

  it('shows the first of many and counts the others', () => {
    const chapters = Array.from({ length: 9 }, (_, index) => ({ startMs: index * 1000, title: `Part ${index}` }))
    const pictures = [{ type: 'image/jpeg', kind: 'back-cover' as const }]
    expect(said({ chapters, pictures, broadcast: ['bext'] })).toEqual({
      ...bare,
      Chapters: '0s · Part 0\n1s · Part 1\n2s · Part 2\n+ 6 more',
      Pictures: 'back cover · JPEG',
      'Broadcast data': 'bext',
    })
  })
})
