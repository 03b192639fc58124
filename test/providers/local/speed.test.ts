import { readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { pairingsFor } from '../../../src/main/engine/intake/route.ts'
import { avifEffort } from '../../../src/main/providers/local/images/convert.ts'
import { videoCodecs } from '../../../src/main/providers/local/media/video-codecs.ts'
import { localPairings } from '../../../src/main/providers/local/pairings.ts'
import { takesTwoPasses, planVideoStream, type VideoStreamPlan } from '../../../src/main/providers/local/media/video.ts'
import { videoTargets } from '../../../src/main/providers/local/media/targets.ts'
import type { FormatId } from '../../../src/shared/formats.ts'
import type { VideoStream } from '../../../src/shared/media.ts'
import type { Options } from '../../../src/shared/options.ts'
import { ffprobe, ownSource } from '../../support/media.ts'
import { startMachine } from './machine.ts'

const { convert } = startMachine()

const hd: VideoStream = { codec: 'mjpeg', width: 1920, height: 1080, fps: 25, rotation: 0, hdr: false }

function planOf(options: Options, encoders: VideoStreamPlan['encoders'] = null, stream = hd): VideoStreamPlan {
  return { from: 'mov', stream, target: videoTargets.mkv, options, encoders, lastsMs: 1000 }
}

/** Everything behind the name of the encoder. */
function toldTo(options: Options, encoders: VideoStreamPlan['encoders'] = null): string {
  return planVideoStream(planOf(options, encoders), 'v:0')
    .join(' ')
    .replace(/^.*-c:v:0 /, '')
}

const clip = async (): Promise<string> =>
  await ownSource('speed.mov', [
    ...['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=2,noise=alls=8:allf=t:all_seed=1'],
    ...['-c:v', 'mjpeg', '-q:v', '2'],
  ])

describe('the speed of an encoder', () => {
  it.each([
    ['h264', null, 'libx264 -preset veryfast -crf:v:0 20', 'libx264 -crf:v:0 20', 'libx264 -preset slower -crf:v:0 20'],
    [
      'h265',
      null,
      'libx265 -preset veryfast -x265-params log-level=error -crf:v:0 23',
      'libx265 -x265-params log-level=error -crf:v:0 23',
      'libx265 -preset slow -x265-params log-level=error -crf:v:0 23',
    ],
    [
      'vp9',
      null,
      'libvpx-vp9 -b:v:0 0 -deadline realtime -cpu-used 8 -row-mt 1 -crf:v:0 31',
      'libvpx-vp9 -b:v:0 0 -deadline good -cpu-used 4 -row-mt 1 -crf:v:0 31',
      'libvpx-vp9 -b:v:0 0 -deadline good -cpu-used 2 -row-mt 1 -crf:v:0 31',
    ],
    [
      'av1',
      new Set(['libsvtav1']),
      'libsvtav1 -preset 10 -crf:v:0 32',
      'libsvtav1 -preset 8 -crf:v:0 32',
      'libsvtav1 -preset 5 -crf:v:0 32',
    ],
    [
      'av1',
      new Set(['libaom-av1']),
      'libaom-av1 -b:v:0 0 -usage realtime -cpu-used 8 -row-mt 1 -crf:v:0 32',
      'libaom-av1 -b:v:0 0 -cpu-used 6 -row-mt 1 -crf:v:0 32',
      'libaom-av1 -b:v:0 0 -cpu-used 4 -row-mt 1 -crf:v:0 32',
    ],
  ] as const)('of %s is said in its own words', (videoCodec, encoders, fast, balanced, small) => {
    const told = [{ speed: 'fast' }, { speed: 'balanced' }, {}, { speed: 'small' }] as const
    expect(told.map((options) => toldTo({ videoCodec, ...options }, encoders))).toEqual([fast, balanced, balanced, small])
  })

  it.each(['mpeg4', 'mpeg2', 'wmv', 'theora', 'prores', 'dnxhr'] as const)(
    'of %s is one, and others are refused',
    (videoCodec) => {
      expect(toldTo({ videoCodec, speed: 'balanced' })).toBe(toldTo({ videoCodec }))
      expect(() => toldTo({ videoCodec, speed: 'fast' })).toThrow(
        expect.objectContaining({
          failure: {
            code: 'option-invalid',
            facts: { option: 'speed', value: 'fast', allowed: `balanced for ${videoCodec}` },
          },
        }),
      )
    },
  )

  it('stands in the documentation as it is', () => {
    const text = readFileSync(new URL('../../../docs/ENCODING.md', import.meta.url), 'utf8')
    const rows = text.split('\n').filter((line) => line.startsWith('|'))
    const missing = Object.values(videoCodecs).flatMap(({ encoders }) =>
      encoders.flatMap(({ name, paces }) =>
        Object.entries(paces ?? {}).flatMap(([speed, { settings }]) =>
          rows.some((row) => row.includes(name) && row.includes(settings.join(' '))) ? [] : [`${name} ${speed}`],
        ),
      ),
    )
    const efforts = `| ${Object.values(avifEffort)
      .map((effort) => `effort ${effort}`)
      .join(' | ')} |`
    const told = rows.map((row) => row.replaceAll(/ +/g, ' '))
    expect([missing, told.filter((row) => row.endsWith(efforts)).length]).toEqual([[], 1])
  })

  it('alone makes no encoding of a copy', () => {
    const plan = planOf({ speed: 'small' }, null, { ...hd, codec: 'h264' })
    expect(planVideoStream(plan, 'v:0').join(' ')).toBe('-c:v:0 copy')
  })

  it('is offered where an encoder knows more than one', () => {
    const capabilities = { pairings: localPairings, sources: ['file'], maxBytes: null } as const
    const takes = (from: FormatId, to: FormatId) =>
      pairingsFor(capabilities, from, to).some(({ options }) => options.includes('speed'))
    const films = (['mp4', 'mkv', 'mov', 'webm', '3gp', 'ts', 'flv'] as const).filter((to) => takes('mov', to))
    const others = (['wmv', 'mpeg', 'ogv', 'mxf', 'gif', 'mp3'] as const).filter((to) => takes('mov', to))
    const pictures = (['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif', 'heic', 'jxl'] as const).filter((to) => takes('png', to))
    expect({ films, others, pictures }).toEqual({
      films: ['mp4', 'mkv', 'mov', 'webm', '3gp', 'ts', 'flv'],
      others: [],
      pictures: ['avif'],
    })
  })

  it('decides with a limited size, too, whether a film is gone over twice', () => {
    const withoutSvt = new Set(['libx264', 'libvpx-vp9', 'libaom-av1'])
    const twice = (options: Options) => takesTwoPasses(planOf({ ...options, maxSize: 1e6 }, withoutSvt))
    const each = (['h264', 'vp9', 'av1'] as const).map((videoCodec) =>
      (['fast', 'balanced', 'small'] as const).map((speed) => twice({ videoCodec, speed })),
    )
    expect(each).toEqual([
      [true, true, true],
      [false, true, true],
      [false, true, true],
    ])
  })
})

describe('a film at each speed', () => {
  it.each([
    ['mp4', 'h264'],
    ['webm', 'vp9'],
  ] as const)('to %s is whole, and fits where it has to', async (target, videoCodec) => {
    const path = await clip()
    const speeds = ['fast', 'small'] as const
    const results = await Promise.all(
      speeds.map(async (speed) => await convert(path, target, { videoCodec, speed, maxSize: 60_000 })),
    )
    const found = await Promise.all(
      results.map(async (result) => ({
        fits: (await stat(result)).size <= 60_000,
        codec: (await ffprobe(result)).streams.map(({ codec_name }) => codec_name),
      })),
    )
    expect(found).toEqual(speeds.map(() => ({ fits: true, codec: [videoCodec] })))
  })

  it('is smaller with time than in haste', async () => {
    const path = await clip()
    const sizeAt = async (speed: 'fast' | 'small') =>
      (await stat(await convert(path, 'mp4', { videoCodec: 'h265', speed, quality: 'low' }))).size
    expect(await sizeAt('small')).toBeLessThan(await sizeAt('fast'))
  })
})

describe('an AVIF at each speed', () => {
  it('is smaller with time than in haste', async () => {
    const picture = fileURLToPath(new URL('../../../samples/photo.jpg', import.meta.url))
    const sizes = await Promise.all(
      (['fast', 'balanced', 'small'] as const).map(
        async (speed) => (await stat(await convert(picture, 'avif', { speed, width: 320 }))).size,
      ),
    )
    expect(sizes).toEqual(sizes.toSorted((one, other) => other - one))
    expect(new Set(sizes).size).toBe(3)
  })

  it('moves like any other', async () => {
    const path = await clip()
    const moving = await Promise.all(
      (['fast', 'small'] as const).map(async (speed) => await convert(path, 'avif', { speed, frames: 'animation', fps: 5 })),
    )
    const streams = await Promise.all(moving.map(async (result) => (await ffprobe(result)).streams.length))
    expect(streams.every((count) => count > 0)).toBe(true)
  })
})
