import { describe, expect, it } from 'vitest'
import { decodedHash, ffmpeg, ffmpegMessages, ffprobe, mediaSource, ownSource, storedHash } from '../../support/media.ts'
import type { FormatId } from '../../../src/shared/formats.ts'
import type { Options } from '../../../src/shared/options.ts'
import { startMachine } from './machine.ts'

const { convert } = startMachine()

const tone = (seconds: number, rate = 44_100): string => `sine=frequency=440:sample_rate=${rate}:duration=${seconds}`

async function studio(): Promise<string> {
  // Noise: a sine would fit into fewer bits.
  return await ownSource('studio.wav', [
    '-f',
    'lavfi',
    '-i',
    'anoisesrc=r=96000:d=1:a=0.3:seed=7',
    '-ac',
    '2',
    '-c:a',
    'pcm_s24le',
    '-f',
    'wav',
  ])
}

/** One stream, seen by FFprobe. */
async function only(path: string) {
  const { streams, format } = await ffprobe(path)
  expect(streams).toHaveLength(1)
  return { ...streams[0], seconds: Number(format.duration) }
}

describe('a stream that is already what is wanted', () => {
  it.each([
    ['m4a', 'aac'],
    ['aac', 'm4a'],
    ['mp4', 'm4a'],
    ['avi', 'mp3'],
    ['mka', 'aac'],
    ['webm', 'opus'],
    ['ogv', 'ogg'],
    ['webm', 'webm'],
  ] as const)('comes out of %s into %s packet by packet', async (from, to) => {
    const source = await mediaSource(from)
    const result = await convert(source, to)
    // ADTS puts a header before every packet.
    const muxer = from === 'aac' || to === 'aac' ? 'adts' : 'data'
    expect(await storedHash(result, 'a:0', muxer)).toBe(await storedHash(source, 'a:0', muxer))
  })
})

describe('lossless formats', () => {
  it.each(['flac', 'alac', 'wav', 'aiff'] as const)('lose nothing of 24 bits at 96 kHz: %s', async (target) => {
    const source = await studio()
    const result = await convert(source, target)
    expect(await decodedHash(result, 'a:0')).toBe(await decodedHash(source, 'a:0'))
    expect(await only(result)).toMatchObject({ sample_rate: '96000', channels: 2 })
  })

  it('hold floating point where they can', async () => {
    const source = await ownSource('float.wav', ['-f', 'lavfi', '-i', tone(1), '-c:a', 'pcm_f32le', '-f', 'wav'])
    expect(await only(await convert(source, 'aiff'))).toMatchObject({ codec_name: 'pcm_f32be' })
    expect(await only(await convert(source, 'flac'))).toMatchObject({ codec_name: 'flac', bits_per_raw_sample: '24' })
  })
})

describe('options', () => {
  const wav = async (): Promise<string> => await mediaSource('wav')

  it.each<[FormatId, Options, object]>([
    ['mp3', { bitrate: 64 }, { codec_name: 'mp3', bit_rate: '64000' }],
    ['mp3', { sampleRate: 22_050 }, { sample_rate: '22050' }],
    ['mp3', { channels: 1 }, { channels: 1 }],
    ['opus', { bitrate: 24, channels: 1 }, { codec_name: 'opus', channels: 1 }],
    ['ogg', { sampleRate: 48_000, quality: 'low' }, { codec_name: 'vorbis', sample_rate: '48000' }],
    ['m4a', { channels: 6 }, { codec_name: 'aac', channels: 6, channel_layout: '5.1' }],
    ['flac', { bitDepth: 24 }, { codec_name: 'flac', bits_per_raw_sample: '24' }],
    ['wav', { bitDepth: 32 }, { codec_name: 'pcm_s32le' }],
    ['aiff', { bitDepth: 24, sampleRate: 96_000 }, { codec_name: 'pcm_s24be', sample_rate: '96000' }],
    ['alac', { bitDepth: 24 }, { codec_name: 'alac', bits_per_raw_sample: '24' }],
  ])('shape %s: %o', async (target, options, expected) => {
    expect(await only(await convert(await wav(), target, options))).toMatchObject(expected)
  })

  it('of quality make larger and smaller files', async () => {
    const source = await studio()
    const sizes: number[] = []
    for (const quality of ['low', 'medium', 'high', 'extreme'] as const) {
      sizes.push(Number((await ffprobe(await convert(source, 'opus', { quality }))).format.size))
    }
    expect(sizes).toEqual(sizes.toSorted((one, other) => one - other))
    expect(new Set(sizes).size).toBe(4)
  })
})

describe('surround', () => {
  const film = async (): Promise<string> =>
    await ownSource('film.ac3', [
      '-f',
      'lavfi',
      '-i',
      `${tone(1, 48_000)},aformat=channel_layouts=5.1(side)`,
      '-c:a',
      'ac3',
      '-f',
      'ac3',
    ])

  it.each([
    ['mp3', 2, 'stereo'],
    ['m4a', 6, '5.1'],
    ['opus', 6, '5.1'],
    ['ogg', 6, '5.1'],
    ['flac', 6, '5.1(side)'],
    ['wav', 6, '5.1(side)'],
  ] as const)('becomes what %s holds', async (target, channels, layout) => {
    expect(await only(await convert(await film(), target))).toMatchObject({ channels, channel_layout: layout })
  })
})

describe('a cut', () => {
  /** Half a second of silence, half a second of tone, half a second of silence. */
  const marked = async (encoder: readonly string[], name: string): Promise<string> =>
    await ownSource(name, ['-f', 'lavfi', '-i', `${tone(1.5)},volume=0:enable='lt(t,0.5)+gt(t,1)'`, ...encoder])

  it.each([
    ['wav', ['-f', 'wav']],
    ['mp3', ['-c:a', 'libmp3lame', '-f', 'mp3']],
    ['flac', ['-f', 'flac']],
    ['ogg', ['-c:a', 'libvorbis', '-f', 'ogg']],
  ] as const)('begins and ends where it is asked to: %s', async (name, encoder) => {
    const source = await marked(encoder, `marked.${name}`)
    const result = await convert(source, 'wav', { trimStart: 550, trimEnd: 950 })
    expect((await only(result)).seconds).toBeCloseTo(0.4, 2)
    const silent = await ffmpeg(['-i', result, '-af', 'silencedetect=n=-40dB:d=0.05,ametadata=print:file=-', '-f', 'null', '-'])
    expect(silent).not.toContain('silence_start')
  })
})

describe('loudness', () => {
  /** LUFS, by FFmpeg's own meter. */
  async function measured(path: string): Promise<number> {
    const printed = await ffmpeg([
      '-i',
      path,
      '-af',
      'ebur128=metadata=1,ametadata=print:key=lavfi.r128.I:file=-',
      '-f',
      'null',
      '-',
    ])
    return Number(/=(-?[\d.]+)\s*$/.exec(printed)?.[1])
  }

  it.each([
    ['quiet', `${tone(4)},volume=-20dB`, 'mp3', {}, -16],
    ['loud', `${tone(4)},volume=15dB`, 'flac', {}, -16],
    ['peaky', `anoisesrc=r=44100:d=6:color=pink:a=0.05:seed=3,volume='if(lt(mod(t,1),0.05),6,1)':eval=frame`, 'wav', {}, -16],
    ['quiet', `${tone(4)},volume=-20dB`, 'opus', { loudness: -23 }, -23],
  ] as const)(
    'of something %s comes within one LU of what is wanted: %s as %s',
    async (name, source, target, options, wanted) => {
      const path = await ownSource(`${name}.wav`, ['-f', 'lavfi', '-i', `${source},aformat=channel_layouts=stereo`, '-f', 'wav'])
      const result = await convert(path, target, { normalize: true, ...options })
      expect(Math.abs((await measured(result)) - wanted)).toBeLessThan(1)
      expect((await only(result)).sample_rate).toBe(target === 'opus' ? '48000' : '44100')
    },
  )

  it('stays under the ceiling of peaks', async () => {
    const source = `anoisesrc=r=44100:d=6:color=pink:a=0.05:seed=3,volume='if(lt(mod(t,1),0.05),6,1)':eval=frame`
    const path = await ownSource('drums.wav', ['-f', 'lavfi', '-i', source, '-f', 'wav'])
    const printed = await ffmpegMessages([
      '-i',
      await convert(path, 'wav', { normalize: true, truePeak: -3 }),
      '-af',
      'ebur128=peak=true',
      '-f',
      'null',
      '-',
    ])
    expect(Number(/Peak:\s+(-?[\d.]+)/.exec(printed)?.[1])).toBeLessThanOrEqual(-3)
  })

  it('of silence is left alone', async () => {
    const path = await ownSource('silence.wav', ['-f', 'lavfi', '-i', 'anullsrc=d=1', '-f', 'wav'])
    expect((await only(await convert(path, 'mp3', { normalize: true }))).seconds).toBeCloseTo(1, 0)
  })
})
