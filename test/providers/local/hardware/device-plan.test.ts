import { describe, expect, it } from 'vitest'
import { deviceKinds, isDeviceCodec, type DeviceKind } from '../../../../src/main/providers/local/media/hardware/devices.ts'
import { opening, type Device } from '../../../../src/main/providers/local/media/hardware/device-plan.ts'
import { barrierOf, deviceCodec, deviceModeOf } from '../../../../src/main/providers/local/media/hardware/by-device.ts'
import { trialOf } from '../../../../src/main/providers/local/media/hardware/hardware.ts'
import { videoTargets } from '../../../../src/main/providers/local/media/targets.ts'
import { planVideoStream, takesTwoPasses, type VideoStreamPlan } from '../../../../src/main/providers/local/media/video.ts'
import { videoCodecs, type VideoCodecId } from '../../../../src/main/providers/local/media/video-codecs.ts'
import type { VideoStream } from '../../../../src/shared/media.ts'
import type { Options } from '../../../../src/shared/options.ts'

const hd: VideoStream = { codec: 'mjpeg', width: 1920, height: 1080, fps: 25, rotation: 0, hdr: false, bitDepth: 8 }

function deviceOf(id: string, codec: keyof DeviceKind['encoders'], isDeep = false): Device {
  const kind = deviceKinds.find((each) => each.id === id)
  const encoder = kind?.encoders[codec]
  if (kind === undefined || encoder === undefined) throw new Error(`no ${codec} by ${id}`)
  return { kind, encoder, isDeep, node: kind.opensNode ? '/dev/dri/renderD128' : null }
}

function planOf(device: Device | null, options: Options = {}, stream = hd): VideoStreamPlan {
  return { from: 'mov', stream, target: videoTargets.mkv, options, encoders: null, lastsMs: 1000, device }
}

const toldTo = (device: Device, options: Options = {}, stream = hd) =>
  [...opening(device), ...planVideoStream(planOf(device, options, stream), 'v:0')].join(' ')

describe('what a device is told', () => {
  it.each([
    ['nvenc', 'h264', {}, '-filter:v:0 format=pix_fmts=nv12 -c:v:0 h264_nvenc -preset p5 -rc:v:0 vbr -cq:v:0 20 -b:v:0 0'],
    [
      'nvenc',
      'h264',
      { speed: 'fast', quality: 'low' },
      '-filter:v:0 format=pix_fmts=nv12 -c:v:0 h264_nvenc -preset p2 -rc:v:0 vbr -cq:v:0 28 -b:v:0 0',
    ],
    ['nvenc', 'h264', { crf: 0 }, '-filter:v:0 format=pix_fmts=nv12 -c:v:0 h264_nvenc -preset p5 -rc:v:0 vbr -cq:v:0 1 -b:v:0 0'],
    ['nvenc', 'av1', { crf: 63 }, '-filter:v:0 format=pix_fmts=nv12 -c:v:0 av1_nvenc -preset p5 -rc:v:0 vbr -cq:v:0 51 -b:v:0 0'],
    [
      'qsv',
      'h265',
      { speed: 'small' },
      '-filter:v:0 format=pix_fmts=nv12 -c:v:0 hevc_qsv -preset veryslow -global_quality:v:0 23',
    ],
    ['qsv', 'vp9', {}, '-filter:v:0 format=pix_fmts=nv12 -c:v:0 vp9_qsv -preset medium -global_quality:v:0 25'],
    [
      'amf',
      'h264',
      {},
      '-filter:v:0 format=pix_fmts=nv12 -c:v:0 h264_amf -quality balanced -rc:v:0 cqp -qp_i:v:0 20 -qp_p:v:0 20',
    ],
    [
      'amf',
      'av1',
      { speed: 'fast' },
      '-filter:v:0 format=pix_fmts=nv12 -c:v:0 av1_amf -quality speed -rc:v:0 cqp -qp_i:v:0 128 -qp_p:v:0 128',
    ],
    [
      'vaapi',
      'h264',
      {},
      '-vaapi_device /dev/dri/renderD128 -filter:v:0 format=pix_fmts=nv12,hwupload -c:v:0 h264_vaapi -rc_mode:v:0 CQP -global_quality:v:0 20',
    ],
    [
      'vaapi',
      'vp9',
      {},
      '-vaapi_device /dev/dri/renderD128 -filter:v:0 format=pix_fmts=nv12,hwupload -c:v:0 vp9_vaapi -rc_mode:v:0 CQP -global_quality:v:0 124',
    ],
    ['videotoolbox', 'h265', {}, '-filter:v:0 format=pix_fmts=nv12 -c:v:0 hevc_videotoolbox -q:v:0 56'],
    [
      'videotoolbox-rate',
      'h264',
      { maxHeight: 540 },
      '-filter:v:0 scale=-2:min(ih\\,540):flags=lanczos,setsar=1/1,format=pix_fmts=nv12,setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709 -c:v:0 h264_videotoolbox -b:v:0 1296000',
    ],
    ['v4l2m2m', 'h264', { fps: 50 }, '-filter:v:0 fps=50,format=pix_fmts=yuv420p -c:v:0 h264_v4l2m2m -b:v:0 12441600'],
    ['v4l2m2m', 'h264', { crf: 26, fps: 50 }, '-filter:v:0 fps=50,format=pix_fmts=yuv420p -c:v:0 h264_v4l2m2m -b:v:0 6220800'],
  ] as const)('of the kind %s for %s with %o is all in its own words', (id, codec, options, told) =>
    expect(toldTo(deviceOf(id, codec), { videoCodec: codec, ...options })).toBe(told),
  )

  it('is 10 bits where it was found to take them, and 8 where the picture has no more', () => {
    const deep = toldTo(deviceOf('nvenc', 'h265', true), { videoCodec: 'h265' }, { ...hd, bitDepth: 10 })
    expect(deep).toContain('-filter:v:0 format=pix_fmts=nv12|p010le -c:v:0 hevc_nvenc')
  })

  it('is a bitrate where a size is to be met, in one pass', () => {
    const plan = { ...planOf(deviceOf('nvenc', 'h264')), rate: { kbits: 900, pass: null } }
    expect([takesTwoPasses(plan), planVideoStream(plan, 'v:0').slice(-5).join(' ')]).toEqual([
      false,
      'p5 -rc:v:0 vbr -b:v:0 900000',
    ])
  })

  it('is refused where it has no slower pace and a small file is asked for', () =>
    expect(() => toldTo(deviceOf('vaapi', 'h264'), { videoCodec: 'h264', speed: 'small' })).toThrow(
      expect.objectContaining({
        failure: { code: 'option-invalid', facts: { option: 'speed', value: 'small', allowed: 'fast, balanced for VA-API' } },
      }),
    ))

  it('in a trial is what a film is told', () =>
    expect(trialOf(deviceOf('vaapi', 'h265', true), 'h265').join(' ')).toBe(
      '-vaapi_device /dev/dri/renderD128 -f lavfi -i testsrc2=size=640x360:rate=25:duration=1 ' +
        '-filter:v:0 format=p010le,hwupload -c:v:0 hevc_vaapi -rc_mode:v:0 CQP -global_quality:v:0 23 -f null -',
    ))

  it('is a better picture for each better quality, whatever its scale', () => {
    const qualities = ['low', 'medium', 'high', 'extreme'] as const
    const wrong = deviceKinds.flatMap((kind) =>
      Object.entries(kind.encoders).flatMap(([codec, encoder]) => {
        const { scale } = videoCodecs[codec as VideoCodecId]
        if (scale.option !== 'crf') return [codec]
        const figures = qualities.map((quality) => encoder.figure(scale.of[quality]))
        const isBestHigh = kind.id.startsWith('videotoolbox') || kind.byFigure === null
        const sorted = figures.toSorted((one, other) => (isBestHigh ? one - other : other - one))
        return new Set(figures).size === 4 && figures.join() === sorted.join() ? [] : [encoder.name]
      }),
    )
    expect(wrong).toEqual([])
  })
})

describe('a device is wanted', () => {
  it('always where it is asked for, where speed is asked for if it is there, else never', () => {
    const wishes = (
      [
        {},
        { speed: 'fast' },
        { speed: 'small' },
        { encoder: 'auto' },
        { encoder: 'auto', speed: 'fast' },
        { encoder: 'software', speed: 'fast' },
        { encoder: 'hardware' },
        { encoder: 'hardware', speed: 'small' },
        { speed: 'fast', maxSize: 1e6 },
        { encoder: 'hardware', maxSize: 1e6 },
      ] satisfies Options[]
    ).map(deviceModeOf)
    expect(wishes).toEqual([
      ...['never', 'if-there', 'never', 'never', 'if-there', 'never', 'always', 'always', 'never', 'always'],
    ])
  })

  it('for no codec that none of any make encodes', () => {
    const codecs = Object.keys(videoCodecs) as VideoCodecId[]
    expect(codecs.filter(isDeviceCodec)).toEqual(['h264', 'h265', 'vp9', 'av1'])
    expect(deviceCodec('mpeg4', { speed: 'fast' })).toBe(null)
    expect(() => deviceCodec('mpeg4', { encoder: 'hardware' })).toThrow(
      expect.objectContaining({
        failure: {
          code: 'option-invalid',
          facts: { option: 'encoder', value: 'hardware', allowed: 'auto, software for mpeg4' },
        },
      }),
    )
  })

  it.each([
    ['an ordinary film', hd, {}, null],
    ['one with HDR', { ...hd, hdr: true }, { videoCodec: 'h265' }, 'hardware-not-hdr'],
    ['HDR that gets ordinary light', { ...hd, hdr: true }, { videoCodec: 'h264' }, null],
    ['one to see through', { ...hd, hasAlpha: true }, { videoCodec: 'vp9' }, 'hardware-not-transparent'],
    ['one that is made very small', hd, { maxHeight: 90 }, 'hardware-not-size'],
    ['one that stands upright', { ...hd, width: 1080, height: 1920 }, {}, null],
    ['one that is too large', { ...hd, width: 7680, height: 4320 }, { videoCodec: 'h264' }, 'hardware-not-size'],
    ['one as large in HEVC', { ...hd, width: 7680, height: 4320 }, { videoCodec: 'h265' }, null],
    ['one of no size that is known', { ...hd, width: null, height: null }, {}, 'hardware-not-size'],
  ] as const)('and what it does not keep is named: of %s', (_, stream, options, barrier) =>
    expect(barrierOf(planOf(null, options, stream))).toBe(barrier),
  )
})
