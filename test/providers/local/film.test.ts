import { copyFile, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { FormatId } from '../../../src/shared/formats.ts'
import type { Options } from '../../../src/shared/options.ts'
import { decodedHash, ffmpeg, ffprobe, mediaSource, ownSource, storedHash, type Probed } from '../../support/media.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { startMachine } from './machine.ts'

const { convert } = startMachine()

const bars = (size: string, seconds = 1): string => `testsrc2=size=${size}:rate=10:duration=${seconds}`
const quick = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p']

async function seen(path: string): Promise<{ probed: Probed; picture: Probed['streams'][number]; seconds: number }> {
  const probed = await ffprobe(path)
  const picture = probed.streams.find(({ codec_type }) => codec_type === 'video')
  if (picture === undefined) throw new Error('no picture')
  return { probed, picture, seconds: Number(probed.format.duration) }
}

const codecs = ({ streams }: Probed): readonly string[] => streams.map(({ codec_name }) => codec_name)

describe('a change of container', () => {
  it.each([
    ['mp4', 'mkv'],
    ['mkv', 'mov'],
    ['flv', 'mkv'],
  ] as const)('copies sound and picture: %s to %s', async (from, to) => {
    const source = await ownSource(`change.${from}`, ['-i', await mediaSource('mp4'), '-c', 'copy'])
    const result = await convert(source, to)
    expect((await seen(result)).seconds).toBeCloseTo(1, 1)
    expect(await storedHash(result, 'v:0')).toBe(await storedHash(source, 'v:0'))
    expect(await storedHash(result, 'a:0')).toBe(await storedHash(source, 'a:0'))
  })

  it('copies out of a transport stream, whose packets are shaped otherwise', async () => {
    const result = await convert(await mediaSource('ts'), 'mp4')
    expect(codecs((await seen(result)).probed)).toEqual(['h264', 'aac'])
    expect(await decodedHash(result, 'v:0')).toBe(await decodedHash(await mediaSource('ts'), 'v:0'))
  })

  it.each([
    ['webm', 'mp4', ['h264', 'aac']],
    ['mp4', 'webm', ['vp9', 'opus']],
    ['avi', 'mp4', ['h264', 'mp3']],
    ['ogv', 'mkv', ['theora', 'vorbis']],
    ['wmv', 'mov', ['h264', 'aac']],
  ] as const)('encodes what the other cannot hold: %s to %s', async (from, to, expected) => {
    expect(codecs((await seen(await convert(await mediaSource(from), to))).probed)).toEqual(expected)
  })
})

describe('options', () => {
  it.each<[FormatId, Options, object]>([
    ['mp4', { maxHeight: 32 }, { codec_name: 'h264', width: 48, height: 32, pix_fmt: 'yuv420p' }],
    ['mp4', { maxHeight: 640 }, { width: 96, height: 64 }],
    ['mkv', { fps: 5 }, { codec_name: 'h264', avg_frame_rate: '5/1' }],
    ['mp4', { videoCodec: 'h265', crf: 30 }, { codec_name: 'hevc', codec_tag_string: 'hvc1' }],
    ['webm', { videoCodec: 'av1', quality: 'low' }, { codec_name: 'av1' }],
  ])('shape %s: %o', async (target, options, expected) => {
    expect((await seen(await convert(await mediaSource('mp4'), target, options))).picture).toMatchObject(expected)
  })

  it('cut at the very frame, not at the next key frame', async () => {
    const source = await ownSource('long.mp4', ['-f', 'lavfi', '-i', bars('96x64', 3), ...quick, '-g', '300'])
    const result = await convert(source, 'mkv', { trimStart: 1200, trimEnd: 2200 })
    const frames = await ffmpeg(['-i', result, '-map', '0:v', '-f', 'framemd5', '-c:v', 'rawvideo', '-'])
    expect(frames.split('\n').filter((line) => line.startsWith('0,'))).toHaveLength(10)
    expect((await seen(result)).seconds).toBeCloseTo(1, 1)
  })

  it('leave the picture alone where they are about the sound', async () => {
    const source = await mediaSource('mp4')
    const result = await convert(source, 'mp4', { bitrate: 64, channels: 1 })
    expect(await storedHash(result, 'v:0')).toBe(await storedHash(source, 'v:0'))
    expect((await ffprobe(result)).streams.at(-1)).toMatchObject({ codec_name: 'aac', channels: 1 })
  })

  it('normalise the sound of a film', async () => {
    const source = await mediaSource('mkv')
    const result = await convert(source, 'mp4', { normalize: true })
    expect(await storedHash(result, 'v:0')).toBe(await storedHash(source, 'v:0'))
    expect(codecs(await ffprobe(result))).toEqual(['h264', 'aac'])
  })
})

describe('a picture', () => {
  it('of odd size gets even sizes in H.264', async () => {
    const source = await ownSource('odd.mkv', ['-f', 'lavfi', '-i', bars('97x65'), '-c:v', 'ffv1'])
    expect((await seen(await convert(source, 'mp4'))).picture).toMatchObject({ width: 96, height: 64 })
  })

  it('of ten bits plays everywhere as H.264 and keeps them as H.265', async () => {
    const source = await ownSource('ten.mkv', ['-f', 'lavfi', '-i', bars('96x64'), '-pix_fmt', 'yuv420p10le', '-c:v', 'ffv1'])
    expect((await seen(await convert(source, 'mp4'))).picture).toMatchObject({ pix_fmt: 'yuv420p' })
    expect((await seen(await convert(source, 'mp4', { videoCodec: 'h265' }))).picture).toMatchObject({ pix_fmt: 'yuv420p10le' })
  })

  it('of high dynamic range keeps it, or becomes ordinary light', async () => {
    const pq = ['-color_trc', 'smpte2084', '-color_primaries', 'bt2020', '-colorspace', 'bt2020nc']
    const tagged = ['-vf', 'setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc', '-pix_fmt', 'yuv420p10le']
    const source = await ownSource('hdr.mkv', ['-f', 'lavfi', '-i', bars('96x64'), ...tagged, ...pq, '-c:v', 'ffv1'])
    const kept = (await seen(await convert(source, 'mp4'))).picture as { codec_name: string; color_transfer?: string }
    expect(kept).toMatchObject({ codec_name: 'hevc', color_transfer: 'smpte2084' })
    const mapped = (await seen(await convert(source, 'mp4', { videoCodec: 'h264' }))).picture as { color_transfer?: string }
    expect(mapped).toMatchObject({ codec_name: 'h264', color_transfer: 'bt709' })
  })

  it('that is turned stays upright', async () => {
    const plain = await ownSource('plain.mp4', ['-f', 'lavfi', '-i', bars('96x64'), ...quick])
    const turned = await ownSource('turned.mp4', ['-i', plain, '-c', 'copy', '-metadata:s:v', 'rotate=90'])
    const copied = (await seen(await convert(turned, 'mov'))).picture
    expect([copied.width, copied.side_data_list?.find(({ rotation }) => rotation !== undefined)?.rotation]).toEqual([96, 90])
    const encoded = (await seen(await convert(turned, 'mkv'))).picture
    expect([encoded.width, encoded.height]).toEqual([64, 96])
  })
})

describe('what goes along', () => {
  const subtitled = async (): Promise<string> => {
    const text = 'data:text/plain,1%0A00:00:00,000%20-->%2000:00:00,900%0AHello%0A%0A'
    const second = ['-f', 'lavfi', '-i', 'sine=d=1', '-f', 'lavfi', '-i', 'sine=f=880:d=1', '-f', 'srt', '-i', text]
    const named = ['-metadata:s:a:0', 'language=eng', '-metadata:s:a:1', 'language=spa', '-metadata:s:s:0', 'language=fra']
    return await ownSource('subtitled.mkv', [
      ...['-f', 'lavfi', '-i', bars('96x64'), ...second, '-map', '0', '-map', '1', '-map', '2', '-map', '3', ...quick],
      ...['-c:a', 'aac', '-c:s', 'srt', ...named],
    ])
  }

  it.each([
    ['mp4', ['h264', 'aac', 'aac', 'mov_text']],
    ['mov', ['h264', 'aac', 'aac', 'mov_text']],
    ['mkv', ['h264', 'aac', 'aac', 'subrip']],
    ['webm', ['vp9', 'opus', 'opus', 'webvtt']],
  ] as const)('into %s: every sound, subtitles, and their languages', async (target, expected) => {
    const { streams } = await ffprobe(await convert(await subtitled(), target))
    expect(streams.map(({ codec_name }) => codec_name)).toEqual(expected)
    expect(streams.slice(1).map(({ tags }) => tags?.language)).toEqual(['eng', 'spa', 'fra'])
  })
})

describe('the sound of a film', () => {
  it('may end before the picture', async () => {
    const source = await ownSource('early.mkv', [
      '-f',
      'lavfi',
      '-i',
      bars('96x64', 3),
      '-f',
      'lavfi',
      '-i',
      'sine=d=1',
      ...quick,
    ])
    expect(Number((await ffprobe(await convert(source, 'mp3'))).format.duration)).toBeCloseTo(1, 0)
  })

  it.each(['mp4', 'mkv'] as const)('that breaks off because the file does is not taken for whole: %s', async (format) => {
    const fast = format === 'mp4' ? ['-movflags', '+faststart'] : []
    const source = await ownSource(`whole.${format}`, [
      '-f',
      'lavfi',
      '-i',
      bars('320x240', 6),
      '-f',
      'lavfi',
      '-i',
      'sine=d=6',
      ...quick,
      ...fast,
    ])
    const cut = join(await temporaryFolder(), `cut.${format}`)
    await copyFile(source, cut)
    await truncate(cut, Math.floor((await stat(source)).size / 2))
    await expect(convert(cut, 'mp3')).rejects.toMatchObject({ failure: { code: 'source-damaged' } })
  })
})

describe('a GIF', () => {
  it('comes of a film with a palette of its own, and becomes one again', async () => {
    const gif = await convert(await mediaSource('mp4'), 'gif', { maxHeight: 32, fps: 5 })
    const { picture, probed } = await seen(gif)
    expect(probed.format.format_name).toBe('gif')
    expect(picture).toMatchObject({ codec_name: 'gif', width: 48, height: 32, avg_frame_rate: '5/1' })
    const film = await seen(await convert(gif, 'mp4'))
    expect(film.picture).toMatchObject({ codec_name: 'h264', width: 48, height: 32, pix_fmt: 'yuv420p' })
    expect(film.seconds).toBeCloseTo(1, 1)
  })

  it('of one frame becomes a film of one frame', async () => {
    const still = await ownSource('still.gif', ['-f', 'lavfi', '-i', bars('96x64'), '-frames:v', '1'])
    expect((await seen(await convert(still, 'mp4'))).picture).toMatchObject({ codec_name: 'h264', width: 96 })
  })

  it('cannot be made from audio alone', async () => {
    await expect(convert(await mediaSource('mka'), 'gif')).rejects.toThrow(/pair-unsupported/)
  })
})
