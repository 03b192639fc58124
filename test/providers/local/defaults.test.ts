/** What is said of options that nobody sets is what is done: read out of results by FFprobe, and by comparing with the same figure asked for. */
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { pairingsFor } from '../../../src/main/engine/intake/route.ts'
import { localPairings } from '../../../src/main/providers/local/pairings.ts'
import { defaultOf, type SettledDefault } from '../../../src/shared/option-defaults.ts'
import type { FormatId } from '../../../src/shared/formats.ts'
import type { OptionName, Options } from '../../../src/shared/options.ts'
import { ffprobe, ownSource } from '../../support/media.ts'
import { startMachine } from './machine.ts'

const { convert } = startMachine()
const capabilities = { pairings: localPairings, sources: ['file'], maxBytes: null } as const

function said(from: FormatId, to: FormatId, name: OptionName, options: Options = {}): SettledDefault | null {
  const [pairing] = pairingsFor(capabilities, from, to)
  return defaultOf(pairing?.defaults ?? {}, name, options)
}

function figure(from: FormatId, to: FormatId, name: OptionName, options: Options = {}): number {
  const found = said(from, to, name, options)
  return Number(
    found?.kind === 'value' ? found.value : found?.kind === 'varies' ? found.about : found?.kind === 'source' ? found.upTo : NaN,
  )
}

/** Two channels that have nothing in common, as loud in the bass as music is. */
const noise = async () =>
  await ownSource('noise.wav', [
    ...[1, 2].flatMap((seed) => ['-f', 'lavfi', '-i', `anoisesrc=color=pink:r=44100:d=6:a=0.3:seed=${seed}`]),
    ...['-filter_complex', 'amerge=inputs=2'],
  ])
const film = async () =>
  await ownSource('film.avi', [
    ...['-f', 'lavfi', '-i', 'testsrc2=size=640x500:rate=25:duration=1'],
    ...['-f', 'lavfi', '-i', 'sine=duration=1', '-c:v', 'mjpeg', '-c:a', 'pcm_s16le'],
  ])
const picture = async () => await ownSource('picture.png', ['-f', 'lavfi', '-i', 'testsrc2=size=320x200', '-frames:v', '1'])

describe('options that nobody sets', () => {
  it('every option that this machine takes has a default', () => {
    const silent = localPairings.flatMap(({ to, options, defaults = {} }) =>
      options.filter((name) => defaultOf(defaults, name, {}) === null).map((name) => [...to, name].join(' ')),
    )
    expect(silent).toEqual([])
  })

  it.each(['m4a', 'opus', 'ogg', 'mp3'] as const)('audio to %s has the bitrate that is said, on average', async (target) => {
    const { format } = await ffprobe(await convert(await noise(), target))
    const kbits = Number(format.bit_rate) / 1000
    const wanted = figure('wav', target, 'bitrate')
    const off = Math.abs(kbits - wanted) / wanted
    expect({ kbits, wanted, off }).toSatisfy(() => off < 0.12)
  })

  it('is the same as asking for it, where it can be asked for', async () => {
    const source = await noise()
    const same = async (target: FormatId, options: Options, from = source) =>
      Buffer.compare(await readFile(await convert(from, target)), await readFile(await convert(from, target, options)))
    const photo = await picture()
    const imageQuality = (target: FormatId) => ({ imageQuality: figure('png', target, 'imageQuality') })
    expect({
      m4a: await same('m4a', { bitrate: figure('wav', 'm4a', 'bitrate') }),
      mono: Buffer.compare(
        await readFile(await convert(source, 'm4a', { channels: 1 })),
        await readFile(await convert(source, 'm4a', { channels: 1, bitrate: figure('wav', 'm4a', 'bitrate', { channels: 1 }) })),
      ),
      mp3: await same('mp3', { quality: 'high' }),
      jpeg: await same('jpeg', imageQuality('jpeg'), photo),
      webp: await same('webp', imageQuality('webp'), photo),
      avif: await same('avif', imageQuality('avif'), photo),
    }).toEqual({ m4a: 0, mono: 0, mp3: 0, jpeg: 0, webp: 0, avif: 0 })
    expect(said('wav', 'mp3', 'quality')).toMatchObject({ kind: 'value', value: 'high' })
  })

  it('a film has the codec and the CRF that is said, by what its encoder notes down', async () => {
    const noted = async (options: Options) =>
      /crf=([\d.]+)/.exec(await readFile(await convert(await film(), 'mp4', options), 'latin1'))?.[1]
    const { streams } = await ffprobe(await convert(await film(), 'mp4'))
    const codec = streams.find(({ codec_type: kind }) => kind === 'video')?.codec_name
    const crfs = [await noted({}), await noted({ quality: 'low' }), await noted({ videoCodec: 'h265' })].map(Number)
    expect([codec, ...crfs]).toEqual([
      'h264',
      figure('avi', 'mp4', 'crf'),
      figure('avi', 'mp4', 'crf', { quality: 'low' }),
      figure('avi', 'mp4', 'crf', { videoCodec: 'h265' }),
    ])
    expect(said('avi', 'mp4', 'videoCodec')).toMatchObject({ kind: 'value', value: 'h264' })
  })

  it('a GIF of a film has no more frames and lines than is said, and a sound no higher rate', async () => {
    const [gif] = (await ffprobe(await convert(await film(), 'gif'))).streams
    const high = await ownSource('high.wav', ['-f', 'lavfi', '-i', 'sine=sample_rate=96000:duration=1'])
    const rateOf = async (target: FormatId) => Number((await ffprobe(await convert(high, target))).streams[0]?.sample_rate)
    const [frames = 0, seconds = 0] = (gif?.avg_frame_rate ?? '').split('/').map(Number)
    expect([Math.round(frames / seconds), gif?.height, await rateOf('mp3'), await rateOf('flac')]).toEqual([
      figure('avi', 'gif', 'fps'),
      figure('avi', 'gif', 'maxHeight'),
      figure('wav', 'mp3', 'sampleRate'),
      96_000,
    ])
    expect(said('wav', 'flac', 'sampleRate')).toEqual({ kind: 'source' })
  })
})
