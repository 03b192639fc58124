/** A small source for each thing of the table of fates: audio and video by FFmpeg, and by bytes where FFmpeg does not write it. */
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Thing } from '../../src/shared/things.ts'
import type { FormatId } from '../../src/shared/formats.ts'
import type { Options } from '../../src/shared/options.ts'
import { ffmpeg } from '../support/media.ts'
import { pictureThings } from './make-picture-things.ts'
import { captioned } from './make-video.ts'

export interface ThingSource {
  readonly from: FormatId
  /** @param aside a folder for what it takes to make it. */
  readonly make: (path: string, aside: string) => Promise<void>
  /** What it takes to have it encoded where it would be copied; targets that do not take it go without. */
  readonly options?: Options
}

const silence = ['-f', 'lavfi', '-i', 'sine=d=0.5']
const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=64x64:d=0.5:r=10']
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p']
const usual = ['-map', '0:v', '-map', '1:a', ...h264, '-c:a', 'aac']

function byFfmpeg(from: FormatId, args: readonly string[], options: Options = {}): ThingSource {
  return { from, options, make: async (path) => void (await ffmpeg([...args, `file:${path}`])) }
}

/** With another file, whose name in the arguments is `@`. */
function withFile(from: FormatId, name: string, contents: string | Buffer, args: readonly string[]): ThingSource {
  return {
    from,
    make: async (path, aside) => {
      const file = join(aside, name)
      await writeFile(file, contents)
      await ffmpeg([...args.map((arg) => (arg === '@' ? file : arg)), `file:${path}`])
    },
  }
}

const srt = '1\n00:00:00,100 --> 00:00:00,400\nA line\n'
const chapters = [
  ';FFMETADATA1',
  ...[0, 200].flatMap((at) => ['[CHAPTER]', 'TIMEBASE=1/1000', `START=${at}`, `END=${at + 200}`, `title=Part ${at}`]),
].join('\n')
const ownTags = ['-metadata', 'title=T', '-metadata', 'artist=Ann', '-metadata', 'MYFIELD=m']

const hdrNumbers =
  'log-level=error:hdr10=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400'
const hdr10 = byFfmpeg('mkv', [...picture, '-pix_fmt', 'yuv420p10le', '-c:v', 'libx265', '-x265-params', hdrNumbers], {
  maxHeight: 32,
})

function attached(name: string, type: string): readonly string[] {
  return ['-attach', '@', '-metadata:s:t', `mimetype=${type}`, '-metadata:s:t', `filename=${name}`]
}

/** Two pictures that say what they show, in a FLAC. */
const covers: ThingSource = {
  from: 'flac',
  make: async (path, aside) => {
    const [front, back] = [join(aside, 'front.png'), join(aside, 'back.png')]
    for (const [file, colour] of [
      [front, 'red'],
      [back, 'blue'],
    ] as const)
      await ffmpeg(['-f', 'lavfi', '-i', `color=${colour}:s=32x32`, '-frames:v', '1', file])
    const inputs = [...silence, '-i', back, '-i', front, '-map', '0', '-map', '1', '-map', '2']
    const kinds = ['-metadata:s:v:0', 'comment=Cover (back)', '-metadata:s:v:1', 'comment=Cover (front)']
    await ffmpeg([...inputs, '-c:v', 'copy', '-disposition:v', 'attached_pic', ...kinds, `file:${path}`])
  },
}

const poster: ThingSource = {
  from: 'mkv',
  make: async (path, aside) => {
    const cover = join(aside, 'cover.jpg')
    await ffmpeg(['-f', 'lavfi', '-i', 'color=red:s=32x32', '-frames:v', '1', cover])
    const attaching = attached('cover.jpg', 'image/jpeg').map((arg) => (arg === '@' ? cover : arg))
    await ffmpeg([...picture, ...silence, ...usual, ...attaching, `file:${path}`])
  },
}

/** FFmpeg marks only what it copies. */
const turned: ThingSource = {
  from: 'mp4',
  make: async (path, aside) => {
    const plain = join(aside, 'plain.mp4')
    await ffmpeg([...picture, ...h264, plain])
    await ffmpeg(['-i', plain, '-c', 'copy', '-metadata:s:v:0', 'rotate=90', `file:${path}`])
  },
}

/** The four letters of its second audio are those of no codec that anybody knows. */
const unknownCodec: ThingSource = {
  from: 'mov',
  make: async (path, aside) => {
    const plain = join(aside, 'plain.mov')
    const maps = ['-map', '0:v', '-map', '1:a', '-map', '1:a']
    await ffmpeg([...picture, ...silence, ...maps, ...h264, '-c:a:0', 'aac', '-c:a:1', 'pcm_s16le', plain])
    const file = await readFile(plain)
    file.write('xxxx', file.indexOf('sowt'))
    await writeFile(path, file)
  },
}

export const thingSources: Readonly<Partial<Record<Thing, readonly ThingSource[]>>> = {
  'video-track': [byFfmpeg('mkv', [...picture, ...picture, '-map', '0', '-map', '1', ...h264])],
  'audio-track': [
    byFfmpeg('mkv', [...picture, ...silence, ...silence, '-map', '0', '-map', '1', '-map', '2', ...h264, '-c:a', 'aac']),
  ],
  subtitles: [withFile('mkv', 'a.srt', srt, [...picture, '-i', '@', '-map', '0', '-map', '1', ...h264, '-c:s', 'srt'])],
  'subtitle-style': [withFile('mkv', 'a.srt', srt, [...picture, '-i', '@', '-map', '0', '-map', '1', ...h264, '-c:s', 'ass'])],
  'bitmap-subtitles': [
    withFile('mkv', 'a.sup', blurayLine(), [...picture, '-i', '@', '-map', '0', '-map', '1', ...h264, '-c:s', 'copy']),
  ],
  attachment: [withFile('mkv', 'a.ttf', 'no font', [...picture, ...h264, ...attached('a.ttf', 'font/ttf')])],
  'data-stream': [byFfmpeg('mov', [...picture, ...silence, ...usual, '-timecode', '01:00:00:00'])],
  'opaque-stream': [unknownCodec],
  language: [byFfmpeg('mkv', [...picture, ...silence, ...usual, '-metadata:s:a:0', 'language=fra'])],
  'stream-title': [byFfmpeg('mkv', [...picture, ...silence, ...usual, '-metadata:s:a:0', 'title=Director'])],
  'stream-role': [
    withFile('mkv', 'a.srt', srt, [
      ...[...picture, '-i', '@', '-map', '0', '-map', '1', ...h264],
      ...['-c:s', 'srt', '-disposition:s:0', 'forced'],
    ]),
  ],

  tag: [
    { from: 'flac', make: async (path) => await writeTagged(path, ['TITLE=T', 'ARTIST=Ann', 'ARTIST=Bob', 'MYFIELD=m']) },
    byFfmpeg('mkv', [...picture, ...silence, ...usual, ...ownTags]),
  ],
  lyrics: [
    { from: 'flac', make: async (path) => await writeTagged(path, ['LYRICS=La la\nla']) },
    byFfmpeg('mkv', [...picture, ...silence, ...usual, '-metadata', 'LYRICS=La la']),
  ],
  picture: [covers, poster],
  chapters: [
    withFile('m4a', 'a.txt', chapters, [...silence, '-i', '@', '-map', '0', '-map_chapters', '1', '-c:a', 'aac']),
    withFile('mkv', 'a.txt', chapters, [...picture, '-i', '@', '-map', '0', '-map_chapters', '1', ...h264]),
  ],
  'format-data': [{ from: 'mp3', make: async (path, aside) => await writePrivate(path, aside) }],
  broadcast: [{ from: 'wav', make: async (path) => await writeFile(path, broadcastWav()) }],

  channels: [
    byFfmpeg('wav', ['-f', 'lavfi', '-i', 'anoisesrc=d=0.5,aformat=channel_layouts=5.1']),
    byFfmpeg('mkv', [...picture, '-f', 'lavfi', '-i', 'anoisesrc=d=0.5,aformat=channel_layouts=5.1', ...usual]),
  ],
  'sample-depth': [
    byFfmpeg('flac', [...silence, '-sample_fmt', 's32', '-bits_per_raw_sample', '24']),
    byFfmpeg('mkv', [...picture, ...silence, ...h264, '-c:a', 'pcm_s24le']),
  ],
  'float-samples': [
    byFfmpeg('wav', [...silence, '-c:a', 'pcm_f32le']),
    byFfmpeg('mkv', [...picture, ...silence, ...h264, '-c:a', 'pcm_f32le']),
  ],

  transparency: [
    byFfmpeg('webm', [
      ...['-f', 'lavfi', '-i', 'color=red:s=32x32:r=10:d=0.5,format=rgba,pad=64:64:16:16:color=black@0'],
      ...['-c:v', 'libvpx-vp9', '-pix_fmt', 'yuva420p', '-auto-alt-ref', '0'],
    ]),
    pictureThings.transparency,
  ],
  hdr: [hdr10],
  mastering: [hdr10],
  'video-extra': [{ from: 'ts', make: async (path) => await copyFile(await captioned(), path) }],
  interlacing: [
    byFfmpeg('mkv', [...picture, '-vf', 'setfield=tff', ...h264, '-flags', '+ildct+ilme', '-x264opts', 'tff=1'], {
      maxHeight: 32,
    }),
  ],
  'pixel-shape': [byFfmpeg('mkv', [...picture, '-vf', 'setsar=64/45', ...h264])],
  rotation: [turned],
  'frame-times': [
    byFfmpeg('mp4', [...picture, '-vf', "setpts='if(lt(N,3),N*0.05,0.1+(N-2)*0.2)/TB'", '-fps_mode', 'vfr', ...h264]),
  ],
  'colour-depth': [
    byFfmpeg('mov', [...picture, '-pix_fmt', 'yuv422p10le', '-c:v', 'v210', '-an']),
    byFfmpeg('avif', [...picture, '-frames:v', '1', '-pix_fmt', 'yuv420p10le', '-c:v', 'libaom-av1', '-still-picture', '1']),
    pictureThings['colour-depth'],
  ],

  frames: [byFfmpeg('gif', ['-f', 'lavfi', '-i', 'testsrc2=s=32x32:d=1.5:r=2'])],
  pages: [pictureThings.pages],
  'measured-samples': [pictureThings['measured-samples']],
  'colour-profile': [pictureThings['colour-profile']],
  'gain-map': [pictureThings['gain-map']],
  'other-pictures': [pictureThings['other-pictures']],
  density: [pictureThings.density],
  thumbnail: [pictureThings.thumbnail],
  'text-chunk': [pictureThings['text-chunk']],
  exif: [pictureThings.exif],
  'maker-notes': [pictureThings['maker-notes']],
  location: [pictureThings.location],
  xmp: [pictureThings.xmp],
  iptc: [pictureThings.iptc],
}

/** Comments as they are given, several of one name among them, which FFmpeg would put into one. */
async function writeTagged(path: string, comments: readonly string[]): Promise<void> {
  await ffmpeg([...silence, '-f', 'flac', `file:${path}`])
  const file = await readFile(path)
  const texts = ['a test', ...comments].map((text) => Buffer.from(text))
  const sized = (text: Buffer) => Buffer.concat([uint32(text.length), text])
  const [vendor = Buffer.alloc(0), ...own] = texts
  const block = Buffer.concat([sized(vendor), uint32(own.length), ...own.map(sized)])
  const blocks: Buffer[] = []
  let at = 4
  for (let isLast = false; !isLast;) {
    const [kind, size] = [file[at] ?? 0, file.readUIntBE(at + 1, 3)]
    isLast = kind >= 128
    // What FFmpeg said goes, and so do seek points and padding.
    if ((kind & 127) === 0) blocks.push(flacBlock(0, file.subarray(at + 4, at + 4 + size)))
    at += 4 + size
  }
  await writeFile(path, Buffer.concat([Buffer.from('fLaC'), ...blocks, flacBlock(128 + 4, block), file.subarray(at)]))
}

/** An MP3 with a frame that only the program which wrote it understands. */
async function writePrivate(path: string, aside: string): Promise<void> {
  const bare = join(aside, 'bare.mp3')
  await ffmpeg([...silence, '-c:a', 'libmp3lame', '-id3v2_version', '0', '-write_xing', '0', bare])
  const frame = (name: string, text: string) => {
    const head = Buffer.alloc(10)
    head.write(name)
    head.writeUInt32BE(text.length, 4)
    return Buffer.concat([head, Buffer.from(text, 'latin1')])
  }
  const frames = Buffer.concat([frame('TIT2', '\0T'), frame('PRIV', 'a.test\0what it knows')])
  const head = Buffer.from('ID3\u0003\0\0\0\0\0\0', 'latin1')
  // Seven bits a byte; the tag is shorter than one of them.
  head[9] = frames.length
  await writeFile(path, Buffer.concat([head, frames, await readFile(bare)]))
}

function flacBlock(kind: number, body: Buffer): Buffer {
  const head = Buffer.alloc(4)
  head[0] = kind
  head.writeUIntBE(body.length, 1, 3)
  return Buffer.concat([head, body])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** A take of a field recorder: description, time code one hour in, scene, and a cue mark. */
function broadcastWav(): Buffer {
  const format = Buffer.from('0100010080bb00000077010002001000', 'hex')
  const bext = Buffer.alloc(602)
  for (const [text, at] of [
    ['Scene 12', 0],
    ['Recorder', 256],
    ['REF123', 288],
    ['2024-05-06', 320],
    ['07:08:09', 330],
  ] as const)
    bext.write(text, at, 'latin1')
  bext.writeBigUInt64LE(172_800_000n, 338)
  bext.writeUInt16LE(1, 346)
  const ixml = Buffer.from('<?xml version="1.0"?><BWFXML><SCENE>12</SCENE></BWFXML> ')
  const cue = Buffer.concat([uint32(1), uint32(1), uint32(2400), Buffer.from('data'), uint32(0), uint32(0), uint32(2400)])
  const chunks = { bext, iXML: ixml, 'fmt ': format, data: Buffer.alloc(48_000), 'cue ': cue }
  const body = Object.entries(chunks).flatMap(([name, data]) => [Buffer.from(name), uint32(data.length), data])
  const whole = Buffer.concat([Buffer.from('WAVE'), ...body])
  return Buffer.concat([Buffer.from('RIFF'), uint32(whole.length), whole])
}

/** Subtitles of a Blu-ray: a square of 16 by 16 from 0.1 to 0.4 s. */
function blurayLine(): Buffer {
  const segment = (at90k: number, kind: number, body: readonly number[]) => {
    const head = Buffer.alloc(13)
    head.write('PG')
    head.writeUInt32BE(at90k, 2)
    head[10] = kind
    head.writeUInt16BE(body.length, 11)
    return Buffer.concat([head, Buffer.from(body)])
  }
  const [from, until] = [9000, 36_000]
  const composition = (number: number, state: number, objects: readonly number[]) => {
    return [0, 64, 0, 64, 0x10, 0, number, state, 0, 0, objects.length === 0 ? 0 : 1, ...objects]
  }
  const window = [1, 0, 0, 20, 0, 20, 0, 16, 0, 16]
  const rows = Array.from({ length: 16 }, () => [0, 0x80 | 16, 1, 0, 0]).flat()
  const object = [0, 0, 0, 0xc0, 0, 0, rows.length + 4, 0, 16, 0, 16, ...rows]
  return Buffer.concat([
    segment(from, 0x16, composition(0, 0x80, [0, 0, 0, 0, 0, 20, 0, 20])),
    segment(from, 0x17, window),
    segment(from, 0x14, [0, 0, 1, 235, 128, 128, 255]),
    segment(from, 0x15, object),
    segment(from, 0x80, []),
    segment(until, 0x16, composition(1, 0, [])),
    segment(until, 0x17, window),
    segment(until, 0x80, []),
  ])
}
