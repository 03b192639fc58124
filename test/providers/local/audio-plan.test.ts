import { describe, expect, it } from 'vitest'
import { planAudioStream } from '../../../src/main/providers/local/media/audio.ts'
import { nearestRate, audioCodecs, type AudioCodecId } from '../../../src/main/providers/local/media/audio-codecs.ts'
import { audioTargets, videoTargets, type AudioTargetId } from '../../../src/main/providers/local/media/targets.ts'
import type { AudioStream } from '../../../src/shared/media.ts'
import type { Options } from '../../../src/shared/options.ts'

const cd: AudioStream = { codec: 'pcm_s16le', sampleRate: 44_100, channels: 2, bitDepth: 16, bitrate: 1411 }
const studio: AudioStream = { codec: 'pcm_s24le', sampleRate: 96_000, channels: 2, bitDepth: 24, bitrate: 4608 }
const float: AudioStream = { ...studio, codec: 'pcm_f32le', bitDepth: 32, isFloat: true }
const aac: AudioStream = { codec: 'aac', sampleRate: 48_000, channels: 2, bitDepth: null, bitrate: 128 }
const surround: AudioStream = { ...aac, channels: 6 }
const mp3: AudioStream = { ...aac, codec: 'mp3', sampleRate: 44_100 }

const planned = (source: AudioStream, target: AudioTargetId, options: Options = {}, gain: string | null = null): string =>
  planAudioStream(source, audioTargets[target].audio, options, gain, 0).join(' ')

describe('a stream of sound that is already in the wanted codec', () => {
  it.each([
    [mp3, 'mp3'],
    [aac, 'aac'],
    [aac, 'm4a'],
    [{ ...cd, codec: 'alac' }, 'alac'],
    [cd, 'wav'],
    [{ ...studio, codec: 'pcm_s24le' }, 'wav'],
    [{ ...cd, codec: 'flac' }, 'flac'],
    [{ ...aac, codec: 'vorbis' }, 'ogg'],
    [{ ...aac, codec: 'opus' }, 'opus'],
    [{ ...cd, codec: 'pcm_s16be' }, 'aiff'],
  ] as const)('is copied: %o to %s', (stream, target) => expect(planned(stream, target)).toBe('-c:a:0 copy'))

  it('is copied where an option asks for what it is already', () => {
    expect(planned(mp3, 'mp3', { sampleRate: 44_100, channels: 2 })).toBe('-c:a:0 copy')
    expect(planned(cd, 'wav', { bitDepth: 16 })).toBe('-c:a:0 copy')
  })

  it.each([
    { bitrate: 96 },
    { quality: 'low' },
    { sampleRate: 22_050 },
    { channels: 1 },
    { normalize: true },
    { trimStart: 500 },
    { trimEnd: 500 },
  ] satisfies Options[])('is encoded again where an option asks otherwise: %o', (options) => {
    expect(planned(mp3, 'mp3', options)).toContain('-c:a:0 libmp3lame')
  })
})

describe('a lossy encoder', () => {
  it.each([
    ['mp3', 'low', '-c:a:0 libmp3lame -q:a:0 6'],
    ['mp3', 'extreme', '-c:a:0 libmp3lame -q:a:0 0'],
    ['ogg', 'medium', '-c:a:0 libvorbis -q:a:0 4'],
    ['m4a', 'high', '-c:a:0 aac -b:a:0 192000'],
    ['opus', 'low', '-filter:a:0 aformat=sample_rates=48000 -c:a:0 libopus -b:a:0 64000'],
  ] as const)('has its own meaning of a quality: %s %s', (target, quality, expected) =>
    expect(planned(cd, target, { quality })).toBe(expected),
  )

  it('gets a high quality where nothing is asked', () => expect(planned(cd, 'mp3')).toBe(planned(cd, 'mp3', { quality: 'high' })))

  it('gets the bitrate rather than the quality where both are given', () =>
    expect(planned(cd, 'mp3', { bitrate: 192, quality: 'low' })).toBe('-c:a:0 libmp3lame -b:a:0 192000'))

  it('gets less for one channel and more for six', () => {
    expect(planned({ ...cd, channels: 1 }, 'm4a')).toContain('-b:a:0 115200')
    expect(planned(surround, 'opus')).toContain('-b:a:0 384000')
  })

  it.each([
    ['mp3', 321, '8 to 320 kbit/s here'],
    ['opus', 5, '6 to 510 kbit/s here'],
    ['ogg', 40, '46 to 500 kbit/s here'],
  ] as const)('refuses a bitrate that it cannot keep and says which it can: %s %i', (target, bitrate, allowed) => {
    expect(() => planned(cd, target, { bitrate })).toThrow(
      expect.objectContaining({
        failure: { code: 'option-invalid', facts: { option: 'bitrate', value: String(bitrate), allowed } },
      }),
    )
  })

  it('keeps no bitrate above 50 kHz in Vorbis, and says so', () => {
    expect(() => planned(studio, 'ogg', { bitrate: 192 })).toThrow(/no bitrate at 96000 Hz/)
  })
})

describe('a sample rate that the codec cannot hold', () => {
  it.each([
    ['mp3', 96_000, 48_000],
    ['mp3', 88_200, 44_100],
    ['mp3', 176_400, 44_100],
    ['mp3', 37_800, 44_100],
    ['opus', 44_100, 48_000],
    ['opus', 22_050, 24_000],
    ['aac', 192_000, 96_000],
    ['flac', 192_000, 192_000],
  ] satisfies [AudioCodecId, number, number][])('becomes the one that loses least: %s %i to %i', (codec, from, to) =>
    expect(nearestRate(audioCodecs[codec], from)).toBe(to),
  )

  it('is left to FFmpeg where the rate of the source is unknown', () =>
    expect(planned({ ...cd, sampleRate: null }, 'mp3')).not.toContain('sample_rates'))
})

describe('the depth of a lossless target', () => {
  it.each([
    [studio, 'flac', '-c:a:0 flac -sample_fmt:a:0 s32'],
    [studio, 'alac', '-c:a:0 alac -sample_fmt:a:0 s32p'],
    [{ ...studio, codec: 'flac' }, 'wav', '-c:a:0 pcm_s24le'],
    [studio, 'aiff', '-c:a:0 pcm_s24be'],
    [{ ...cd, codec: 'flac' }, 'wav', '-c:a:0 pcm_s16le'],
    [{ ...cd, codec: 'pcm_u8', bitDepth: 8 }, 'aiff', '-c:a:0 pcm_s8'],
    [{ ...studio, codec: 'flac', bitDepth: 20 }, 'wav', '-c:a:0 pcm_s24le'],
    [float, 'aiff', '-c:a:0 pcm_f32be'],
    [float, 'flac', '-c:a:0 flac -sample_fmt:a:0 s32'],
  ] as const)('is kept: %o to %s', (stream, target, expected) => expect(planned(stream, target)).toBe(expected))

  it('is 16 bits for what has been lossy before', () => expect(planned(aac, 'flac')).toBe('-c:a:0 flac -sample_fmt:a:0 s16'))

  it('is cut with dither', () => {
    expect(planned(studio, 'wav', { bitDepth: 16 })).toBe(
      '-filter:a:0 aresample=osf=s16:dither_method=triangular -c:a:0 pcm_s16le',
    )
  })

  it('is raised without', () => expect(planned(cd, 'wav', { bitDepth: 24 })).toBe('-c:a:0 pcm_s24le'))
})

describe('channels', () => {
  it('are two in MP3 whatever the source has', () =>
    expect(planned(surround, 'mp3')).toBe('-filter:a:0 aformat=channel_layouts=stereo -c:a:0 libmp3lame -q:a:0 2'))

  it('get the layout that the codec knows', () => {
    expect(planned({ ...surround, codec: 'ac3' }, 'm4a')).toContain('aformat=channel_layouts=5.1')
    expect(planned({ ...surround, channels: 4 }, 'opus')).toContain('aformat=channel_layouts=quad')
  })

  it('keep the layout of the source where the codec takes any', () =>
    expect(planned({ ...surround, codec: 'ac3' }, 'flac')).not.toContain('aformat'))

  it('are mixed before loudness is changed, and resampled after', () => {
    expect(planned(studio, 'mp3', { channels: 1, normalize: true }, 'volume=3dB')).toBe(
      '-filter:a:0 aformat=channel_layouts=mono,volume=3dB,aformat=sample_rates=48000 -c:a:0 libmp3lame -q:a:0 2',
    )
  })
})

describe('sound in a film', () => {
  it('is copied wherever the container holds its codec', () => {
    expect(planAudioStream({ ...surround, codec: 'ac3' }, videoTargets.mp4.audio, {}, null, 1)).toEqual(['-c:a:1', 'copy'])
    expect(planAudioStream({ ...surround, codec: 'dts' }, videoTargets.mkv.audio, {}, null, 0)).toEqual(['-c:a:0', 'copy'])
    expect(planAudioStream(aac, videoTargets.webm.audio, {}, null, 0)).toContain('libopus')
  })
})
