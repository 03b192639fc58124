/** Films that hold more than a picture and a sound, made by FFmpeg, or byte by byte where it cannot. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ffmpeg, ownSource } from '../support/media.ts'
import { temporaryFolder } from '../support/folder.ts'

const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p']
const bars = (size: string, seconds: number, rate = 10) => ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=${rate}:d=${seconds}`]
const tone = (seconds: number) => ['-f', 'lavfi', '-i', `sine=d=${seconds}`]
/** A red square on a ground that can be seen through. */
const square = ['-f', 'lavfi', '-i', 'color=red:s=32x32:r=10:d=1,format=rgba,pad=64:64:16:16:color=black@0']

export const protectedFilm = async () =>
  await ownSource('drm.mp4', [
    ...[...bars('96x64', 1), ...tone(1), ...x264, '-c:a', 'aac', '-encryption_scheme', 'cenc-aes-ctr'],
    ...['-encryption_key', '76a6c65c5ea762046bd749a2e632ccbb', '-encryption_kid', 'a7e61c373e219033c21091fa607bf3b8'],
  ])

/** With sound whose four letters nobody knows; without picture where there is to be none. */
export async function unknownSound(name: string, hasPicture: boolean): Promise<string> {
  const made = await ownSource(`known-${name}`, [
    ...(hasPicture ? bars('96x64', 1) : []),
    ...tone(1),
    ...(hasPicture ? x264 : []),
    '-c:a',
    'pcm_s16le',
  ])
  const path = join(await temporaryFolder(), name)
  await writeFile(path, Buffer.from((await readFile(made)).toString('latin1').replaceAll('sowt', 'xxxx'), 'latin1'))
  return path
}

/** Its sound begins after so many seconds. */
export const lateSound = async (format: 'ts' | 'mpeg', seconds: number) =>
  await ownSource(`late-${seconds}.${format}`, [
    ...[...bars('96x64', seconds + 2, 25), '-itsoffset', String(seconds), ...tone(2), '-map', '0:v', '-map', '1:a'],
    ...(format === 'ts' ? [...x264, '-c:a', 'aac', '-f', 'mpegts'] : ['-c:v', 'mpeg2video', '-c:a', 'mp2', '-f', 'vob']),
  ])

/** Begins between two key frames that are far apart. */
export async function recording(): Promise<string> {
  const noise = ['-f', 'lavfi', '-i', 'testsrc2=s=160x120:r=25:d=8,noise=alls=60:allf=t']
  const whole = await ownSource('whole.ts', [
    ...noise,
    ...tone(8),
    ...x264,
    '-g',
    '100',
    '-sc_threshold',
    '0',
    '-c:a',
    'aac',
    '-f',
    'mpegts',
  ])
  const path = join(await temporaryFolder(), 'recording.ts')
  await writeFile(path, (await readFile(whole)).subarray(188 * 2000))
  return path
}

export const interlaced = async () =>
  await ownSource('fields.vob', [
    ...['-f', 'lavfi', '-i', 'testsrc2=s=320x288:r=50:d=1', '-vf', 'tinterlace=interleave_top,setfield=tff'],
    ...['-c:v', 'mpeg2video', '-flags', '+ilme+ildct', '-b:v', '8M', '-f', 'vob'],
  ])

export const oblong = async (size: string, sar: string) =>
  await ownSource(`oblong-${size}.mp4`, [...bars(size, 0.5), '-vf', `setsar=${sar}`, ...x264])

export const seeThrough = async () =>
  await ownSource('square.webm', [...square, '-c:v', 'libvpx-vp9', '-pix_fmt', 'yuva420p', '-auto-alt-ref', '0'])

export const mastered = async () =>
  await ownSource('hdr10.mp4', [
    ...[...bars('160x120', 1), '-pix_fmt', 'yuv420p10le', '-c:v', 'libx265', '-x265-params'],
    'log-level=error:hdr10=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400',
  ])

export const green = async () =>
  await ownSource('green.mkv', ['-f', 'lavfi', '-i', 'color=0x00c000:s=1280x720:r=5:d=0.4', '-c:v', 'ffv1', '-pix_fmt', 'bgr0'])

export async function poster(type: 'jpg' | 'webp'): Promise<string> {
  const picture = await ownSource(`poster.${type}`, ['-f', 'lavfi', '-i', 'testsrc2=s=64x48', '-frames:v', '1'])
  const mime = type === 'jpg' ? 'image/jpeg' : 'image/webp'
  const attached = ['-attach', picture, '-metadata:s:t', `mimetype=${mime}`, '-metadata:s:t', `filename=cover.${type}`]
  return await ownSource(`poster-${type}.mkv`, [...bars('96x64', 1), ...tone(1), ...x264, '-c:a', 'aac', ...attached])
}

export async function withFont(): Promise<string> {
  const font = join(await temporaryFolder(), 'a.ttf')
  await writeFile(font, 'x')
  const attached = ['-attach', font, '-metadata:s:t', 'mimetype=application/x-truetype-font']
  return await ownSource('font.mkv', [...bars('96x64', 1), ...x264, ...attached])
}

export const phoneTags = {
  'com.apple.quicktime.location.ISO6709': '+48.8577+002.2950+035.000/',
  'com.apple.quicktime.creationdate': '2024-05-06T07:08:09+0200',
  'com.apple.quicktime.make': 'Apple',
} as const

export const phoneFilm = async () =>
  await ownSource('phone.mov', [
    ...[...bars('96x64', 1), ...x264, '-movflags', 'use_metadata_tags', '-metadata', 'creation_time=2024-05-06T05:08:09Z'],
    ...Object.entries(phoneTags).flatMap(([name, value]) => ['-metadata', `${name}=${value}`]),
  ])

/** Two pictures of 20 ms and one of three seconds, by FFmpeg's own list of what is shown how long. */
export async function heldGif(): Promise<string> {
  const path = await ownSource('held.gif', [...bars('64x64', 0.6, 5), '-final_delay', '300'])
  return path
}

/** The header says twelve minutes. */
export async function lyingHeader(): Promise<string> {
  const made = await ownSource('honest.mkv', [...bars('96x64', 3), ...x264])
  const bytes = await readFile(made)
  bytes.writeDoubleBE(720_000, bytes.indexOf(Buffer.from([0x44, 0x89, 0x88])) + 3)
  const path = join(await temporaryFolder(), 'lying.mkv')
  await writeFile(path, bytes)
  return path
}

/** Colour of one pixel of the first frame, as red, green, blue, alpha. */
export async function pixel(path: string, x: number, y: number, decoder: readonly string[] = []): Promise<readonly number[]> {
  const out = join(await temporaryFolder(), 'pixel.raw')
  const crop = `format=rgba,crop=1:1:${x}:${y}`
  await ffmpeg([...decoder, '-i', `file:${path}`, '-map', '0:V:0', '-frames:v', '1', '-vf', crop, '-f', 'rawvideo', out])
  return [...(await readFile(out))]
}

/** Begins in the middle of its media: an edit list hides more than a second of it. */
export async function trimmed(): Promise<string> {
  const whole = await ownSource('untrimmed.mp4', [...bars('96x64', 3, 25), ...tone(3), ...x264, '-g', '100', '-c:a', 'aac'])
  return await ownSource('trimmed.mp4', ['-ss', '1.3', '-i', whole, '-c', 'copy'])
}

export const oneFrame = async () => await ownSource('one.mkv', [...bars('96x64', 0.1), '-frames:v', '1', ...x264])

/** With the record of Dolby Vision, profile 8.1, at the end of the description of its picture. */
export async function dolbyVision(name: string): Promise<string> {
  const hlg = 'log-level=error:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc'
  const hevc = ['-pix_fmt', 'yuv420p10le', '-c:v', 'libx265', '-x265-params', hlg, '-tag:v', 'hvc1']
  const path = join(await temporaryFolder(), name)
  await writeFile(path, withDolbyVision(await readFile(await ownSource(`plain-${name}`, [...bars('96x64', 0.5), ...hevc]))))
  return path
}

/** @param film an MP4 by FFmpeg, with its index at the end. */
function withDolbyVision(film: Buffer): Buffer {
  const record = Buffer.concat([
    Buffer.from([0, 0, 0, 32]),
    Buffer.from('dvvC'),
    Buffer.from([1, 0, 0x10, 0x0d, 0x10]),
    Buffer.alloc(19),
  ])
  const heads = { moov: 8, trak: 8, mdia: 8, minf: 8, stbl: 8, stsd: 16, hvc1: 0 }
  const grown = Buffer.from(film)
  let at = 0
  for (const [name, head] of Object.entries(heads)) {
    while (grown.toString('latin1', at + 4, at + 8) !== name) at += grown.readUInt32BE(at)
    grown.writeUInt32BE(grown.readUInt32BE(at) + record.length, at)
    at += head
  }
  const end = at + grown.readUInt32BE(at) - record.length
  return Buffer.concat([grown.subarray(0, end), record, grown.subarray(end)])
}

/** Each frame with the captions of American television. */
export async function captioned(): Promise<string> {
  const plain = await ownSource('plain.264', [...bars('96x64', 1), ...x264, '-bf', '0', '-f', 'h264'])
  const stream = (await readFile(plain)).toString('latin1')
  const caption = Buffer.from('0000000106040eb50031474139340341fffc9420ff80', 'hex').toString('latin1')
  const startCode = '\0\0\u0001\u0065'
  const path = join(await temporaryFolder(), 'captions.264')
  await writeFile(path, Buffer.from(stream.split(startCode).join(caption + startCode), 'latin1'))
  return await ownSource('captions.ts', ['-r', '10', '-i', path, '-c', 'copy', '-f', 'mpegts'])
}

export async function withSubtitles(codec: string): Promise<string> {
  const lines = join(await temporaryFolder(), 'lines.srt')
  await writeFile(lines, '1\n00:00:00,100 --> 00:00:00,400\nA line\n')
  return await ownSource(`${codec}.mkv`, [...bars('96x64', 0.5), '-i', lines, '-map', '0', '-map', '1', ...x264, '-c:s', codec])
}

/** The first chapter has no title. */
export async function withChapters(): Promise<string> {
  const list = join(await temporaryFolder(), 'chapters.txt')
  const chapter = (from: number, to: number) => `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${from}\nEND=${to}\n`
  await writeFile(list, `;FFMETADATA1\n${chapter(0, 500)}${chapter(500, 1000)}title=Two\n`)
  return await ownSource('chapters.mkv', [...bars('96x64', 1), '-i', list, '-map', '0', '-map_chapters', '1', ...x264])
}

export const withTimeCode = async () =>
  await ownSource('timecode.mov', [...bars('96x64', 0.5, 25), ...x264, '-timecode', '01:02:03:04'])

/** The second picture is the one that is marked as default. */
export const twoPictures = async () =>
  await ownSource('two.mkv', [
    ...[...bars('96x64', 0.5), ...bars('64x96', 0.5), '-map', '0', '-map', '1', ...x264],
    ...['-disposition:v:0', '0', '-disposition:v:1', 'default', '-default_mode', 'passthrough'],
  ])

/** Ogg with an index of its streams, which is a stream of its own. */
export async function withSkeleton(): Promise<string> {
  const film = await readFile(await ownSource('bare.ogv', [...bars('64x64', 1), '-c:v', 'libtheora']))
  const firstEnds = film.indexOf('OggS', 4)
  const head = Buffer.concat([Buffer.from('fishead\0'), Buffer.from([3, 0, 0, 0]), Buffer.alloc(52)])
  head.writeInt32LE(1000, 20)
  head.writeInt32LE(1000, 36)
  const path = join(await temporaryFolder(), 'skeleton.ogv')
  const index = [oggPage(2, head), film.subarray(0, firstEnds), oggPage(4, Buffer.alloc(0)), film.subarray(firstEnds)]
  await writeFile(path, Buffer.concat(index))
  return path
}

/** @param place 2 for the first page of a stream, 4 for the last. */
function oggPage(place: 2 | 4, body: Buffer): Buffer {
  const page = Buffer.concat([Buffer.from('OggS'), Buffer.alloc(23), Buffer.from([body.length]), body])
  page[5] = place
  page.writeUInt32LE(77, 14)
  page.writeUInt32LE(place === 2 ? 0 : 1, 18)
  page[26] = 1
  let sum = 0
  for (const byte of page) {
    sum ^= byte << 24
    for (let bit = 0; bit < 8; bit += 1) sum = (sum << 1) ^ (sum < 0 ? 0x04c11db7 : 0)
  }
  page.writeInt32LE(sum, 22)
  return page
}
