import { describe, expect, it } from 'vitest'
import { planGif, planPalette } from '../../../src/main/providers/local/media/gif.ts'
import { videoTargets, type VideoTargetId } from '../../../src/main/providers/local/media/targets.ts'
import { planVideoStream } from '../../../src/main/providers/local/media/video.ts'
import type { FormatId } from '../../../src/shared/formats.ts'
import type { VideoStream } from '../../../src/shared/media.ts'
import type { Options } from '../../../src/shared/options.ts'

const hd: VideoStream = { codec: 'h264', width: 1920, height: 1080, fps: 25, rotation: 0, hdr: false }

const planned = (stream: VideoStream, target: VideoTargetId, options: Options = {}, from: FormatId = 'mp4'): string =>
  planVideoStream({ from, stream, target: videoTargets[target], options, encoders: null, lastsMs: null }, 'v:0').join(' ')

describe('a picture that is already in a codec of the target', () => {
  it.each([
    [hd, 'mkv'],
    [hd, 'mov'],
    [{ ...hd, codec: 'vp9' }, 'webm'],
    [{ ...hd, codec: 'mpeg4' }, 'mkv'],
  ] as const)('is copied: %o to %s', (stream, target) => expect(planned(stream, target)).toBe('-c:v:0 copy'))

  it('is copied where an option asks for what it is already', () =>
    expect(planned(hd, 'mp4', { videoCodec: 'h264', fps: 25, maxHeight: 1080 })).toBe('-c:v:0 copy'))

  it('says to players of Apple that it is HEVC', () =>
    expect(planned({ ...hd, codec: 'hevc' }, 'mp4')).toBe('-c:v:0 copy -tag:v:0 hvc1'))

  it.each([
    { crf: 20 },
    { quality: 'low' },
    { fps: 24 },
    { maxHeight: 720 },
    { videoCodec: 'h265' },
    { trimStart: 1000 },
  ] satisfies Options[])('is encoded again where an option asks otherwise: %o', (options) =>
    expect(planned(hd, 'mp4', options)).toContain('-crf:v:0'),
  )

  it('is encoded again out of a container that keeps no times', () => expect(planned(hd, 'mp4', {}, 'avi')).toContain('libx264'))

  it('is encoded upright where the target cannot say that it is turned', () => {
    expect(planned({ ...hd, rotation: 90 }, 'mkv')).toContain('libx264')
    expect(planned({ ...hd, rotation: 90 }, 'mp4')).toBe('-c:v:0 copy')
  })
})

describe('an encoded picture', () => {
  it('is H.264 that every player takes in MP4', () =>
    expect(planned({ ...hd, codec: 'vp9' }, 'mp4')).toBe('-filter:v:0 format=pix_fmts=yuv420p -c:v:0 libx264 -crf:v:0 20'))

  it('is VP9 of constant quality in WebM', () =>
    expect(planned(hd, 'webm')).toBe(
      '-filter:v:0 format=pix_fmts=yuv420p|yuv420p10le -c:v:0 libvpx-vp9 -b:v:0 0 -deadline good -cpu-used 4 -row-mt 1 -crf:v:0 31',
    ))

  it('has even sizes', () => {
    expect(planned({ ...hd, codec: 'vp9', width: 853, height: 481 }, 'mp4')).toContain('crop=trunc(iw/2)*2:trunc(ih/2)*2,')
    expect(planned({ ...hd, codec: 'vp9', width: null, height: null }, 'mp4')).toContain('crop=trunc(iw/2)*2:trunc(ih/2)*2,')
  })

  it('is made smaller, never larger', () => {
    expect(planned(hd, 'mp4', { maxHeight: 721 })).toContain('scale=-2:min(ih\\,720):flags=lanczos')
    expect(planned(hd, 'mp4', { maxHeight: 2160, crf: 20 })).not.toContain('scale')
  })

  it('keeps high dynamic range in H.265 unless H.264 is asked for, which gets ordinary light', () => {
    const hdr = { ...hd, codec: 'vp9', hdr: true }
    expect(planned(hdr, 'mp4')).toContain('-c:v:0 libx265')
    expect(planned(hdr, 'mp4')).not.toContain('tonemap')
    expect(planned(hdr, 'mp4', { videoCodec: 'h264' })).toContain('tonemap=hable')
  })

  it('takes a crf within the range of its codec and refuses others', () => {
    expect(planned(hd, 'mkv', { videoCodec: 'vp9', crf: 60 })).toContain('-crf:v:0 60')
    expect(() => planned(hd, 'mkv', { crf: 52 })).toThrow(
      expect.objectContaining({
        failure: { code: 'option-invalid', facts: { option: 'crf', value: '52', allowed: '0 to 51 for h264' } },
      }),
    )
  })

  it('takes the best AV1 encoder that is there, and says which is lacking where none is', () => {
    const wish = { from: 'mp4', stream: hd, target: videoTargets.mkv, options: { videoCodec: 'av1' }, lastsMs: null } as const
    const by = (...names: string[]) => planVideoStream({ ...wish, encoders: new Set(names) }, 'v:0').join(' ')
    expect(by('libaom-av1', 'libsvtav1')).toContain('libsvtav1')
    expect(by('libaom-av1')).toContain('libaom-av1')
    expect(() => by('libx264')).toThrow(/libsvtav1 \/ libaom-av1/)
  })
})

describe('a GIF', () => {
  it('has at most 12 frames a second and 480 lines unless more is asked', () => {
    expect(planPalette(hd, {}).join(' ')).toContain('fps=min(source_fps\\,12),scale=-1:min(ih\\,480):flags=lanczos,palettegen')
    expect(planGif(hd, { fps: 25, maxHeight: 200 }).join(' ')).toContain('fps=25,scale=-1:min(ih\\,200)')
  })

  it('has no frame shorter than players show', () => expect(planGif(hd, { fps: 120 }).join(' ')).toContain('fps=50,'))
})
