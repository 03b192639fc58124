/** Audio files as recorders, editors and careless hands make them: by bytes where FFmpeg makes none such. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ffmpeg } from '../support/media.ts'

export const sine = (hertz: number, seconds: number) => ['-f', 'lavfi', '-i', `sine=f=${hertz}:d=${seconds}:r=48000`]
const film = (seconds: number) => ['-f', 'lavfi', '-i', `testsrc2=s=64x64:r=10:d=${seconds}`]
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p']

export async function made(folder: string, name: string, args: readonly string[]): Promise<string> {
  const path = join(folder, name)
  await ffmpeg([...args, `file:${path}`])
  return path
}

/** Files put behind one another, as `cat` does. */
export async function glued(folder: string, name: string, paths: readonly string[]): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, Buffer.concat(await Promise.all(paths.map(async (part) => await readFile(part)))))
  return path
}

/** As a program writes that cannot go back to its beginning. */
export async function piped(folder: string, name: string, muxer: string, seconds: number): Promise<string> {
  const path = await made(folder, `whole-${name}`, [...sine(440, seconds), '-f', muxer])
  const bytes = await readFile(path)
  // The number of samples: the 32 lower bits in FLAC's first block, in the first block of WavPack.
  if (muxer === 'flac') bytes.writeUInt32BE(0, 22)
  else for (let at = bytes.indexOf('wvpk'); at >= 0; at = bytes.indexOf('wvpk', at + 4)) bytes.writeUInt32LE(0xffff_ffff, at + 12)
  await writeFile(join(folder, name), bytes)
  return join(folder, name)
}

interface Chunk {
  readonly id: string
  readonly data: Buffer
}

function wave(chunks: readonly Chunk[]): Buffer {
  const body = Buffer.concat([
    Buffer.from('WAVE'),
    ...chunks.map(({ id, data }) => {
      const size = Buffer.alloc(4)
      size.writeUInt32LE(data.length)
      return Buffer.concat([Buffer.from(id, 'latin1'), size, data, Buffer.alloc(data.length % 2)])
    }),
  ])
  const size = Buffer.alloc(4)
  size.writeUInt32LE(body.length)
  return Buffer.concat([Buffer.from('RIFF'), size, body])
}

/** A second at 48 kHz in 16 bits, peaks at half of full scale; as extensible where a mask says which speakers its channels are for. */
function format(channels: number, mask: number | null): Buffer {
  const head = Buffer.alloc(mask === null ? 16 : 40)
  head.writeUInt16LE(mask === null ? 1 : 0xfffe, 0)
  head.writeUInt16LE(channels, 2)
  head.writeUInt32LE(48_000, 4)
  head.writeUInt32LE(96_000 * channels, 8)
  head.writeUInt16LE(2 * channels, 12)
  head.writeUInt16LE(16, 14)
  if (mask === null) return head
  head.writeUInt16LE(22, 16)
  head.writeUInt16LE(16, 18)
  head.writeUInt32LE(mask, 20)
  Buffer.from('0100000000001000800000aa00389b71', 'hex').copy(head, 24)
  return head
}

function samples(channels: number): Buffer {
  const data = Buffer.alloc(96_000 * channels)
  for (let n = 0; n < 48_000; n += 1)
    for (let channel = 0; channel < channels; channel += 1)
      data.writeInt16LE(Math.round(16_384 * Math.sin((n * 440 * 2 * Math.PI) / 48_000)), (n * channels + channel) * 2)
  return data
}

export async function masked(folder: string, name: string, channels: number, mask: number): Promise<string> {
  const path = join(folder, name)
  await writeFile(
    path,
    wave([
      { id: 'fmt ', data: format(channels, mask) },
      { id: 'data', data: samples(channels) },
    ]),
  )
  return path
}

/** An hour after midnight at 48 kHz. */
export const timeReference = 48_000 * 3600

/** What a recorder on location writes: scene and take, its name, a time code, a mark after half a second. */
export async function take(folder: string, name: string): Promise<string> {
  const bext = Buffer.alloc(602 + 16)
  bext.write('Scene 4 Take 2', 0, 'latin1')
  bext.write('FIELD RECORDER', 256, 'latin1')
  bext.write('REF9', 288, 'latin1')
  bext.write('2024-05-0607:08:09', 320, 'latin1')
  bext.writeBigUInt64LE(BigInt(timeReference), 338)
  bext.writeUInt16LE(1, 346)
  bext.write('A=PCM,F=48000\r\n', 602, 'latin1')
  const iXML = Buffer.from('<?xml version="1.0"?><BWFXML><SCENE>4</SCENE><TAKE>2</TAKE></BWFXML>')
  const cue = Buffer.alloc(28)
  cue.writeUInt32LE(1, 0)
  cue.writeUInt32LE(1, 4)
  cue.writeUInt32LE(24_000, 8)
  cue.write('data', 12, 'latin1')
  cue.writeUInt32LE(24_000, 24)
  const path = join(folder, name)
  const before = [
    { id: 'fmt ', data: format(1, null) },
    { id: 'bext', data: bext },
    { id: 'iXML', data: iXML },
  ]
  await writeFile(path, wave([...before, { id: 'data', data: samples(1) }, { id: 'cue ', data: cue }]))
  return path
}

/** A FLAC of a second with these comments, as they stand. */
export async function commented(folder: string, name: string, comments: readonly string[]): Promise<string> {
  const bytes = await readFile(await made(folder, `plain-${name}`, [...sine(440, 1), '-c:a', 'flac', '-sample_fmt', 's16']))
  const word = (value: number) => {
    const four = Buffer.alloc(4)
    four.writeUInt32LE(value)
    return four
  }
  const texts = comments.map((comment) => Buffer.from(comment))
  const body = Buffer.concat([
    word(4),
    Buffer.from('test'),
    word(texts.length),
    ...texts.flatMap((text) => [word(text.length), text]),
  ])
  const head = Buffer.alloc(4)
  head.writeUInt32BE(body.length)
  head[0] = 4
  // Behind the first block; the one that FFmpeg wrote becomes padding.
  const first = 4 + 4 + 34
  const rest = Buffer.from(bytes.subarray(first))
  rest[0] = ((rest[0] ?? 0) & 0x80) | 1
  await writeFile(join(folder, name), Buffer.concat([bytes.subarray(0, first), head, body, rest]))
  return join(folder, name)
}

/** Two pictures, the back of a sleeve before its front. */
export async function sleeve(folder: string, name: string): Promise<string> {
  const back = await made(folder, 'back.png', ['-f', 'lavfi', '-i', 'color=red:s=64x64', '-frames:v', '1'])
  const front = await made(folder, 'front.png', ['-f', 'lavfi', '-i', 'color=blue:s=64x64', '-frames:v', '1'])
  const kinds = ['-metadata:s:v:0', 'comment=Cover (back)', '-metadata:s:v:1', 'comment=Cover (front)']
  const maps = ['-map', '0', '-map', '1', '-map', '2', '-c:v', 'copy', '-disposition:v', 'attached_pic']
  return await made(folder, name, [...sine(440, 1), '-i', back, '-i', front, ...maps, ...kinds])
}

/** A film whose first track speaks about it, and whose second is marked as the one to begin with. */
export async function commentary(folder: string, name: string): Promise<string> {
  const roles = ['-disposition:a:0', 'comment', '-disposition:a:1', 'default', '-metadata:s:a:0', 'language=fra']
  return await made(folder, name, [
    ...[...film(2), ...sine(440, 2), ...sine(880, 2)],
    ...['-map', '0', '-map', '1', '-map', '2', ...h264, '-c:a', 'aac', ...roles],
  ])
}

/** Ten seconds of a recording that lost its packets between the fourth and the sixth. */
export async function holed(folder: string, name: string, codec: string): Promise<string> {
  const lost = ['-af', "aselect='not(between(t,4,6))'"]
  const picture = name.endsWith('.mka') ? [] : film(10)
  return await made(folder, name, [...sine(440, 10), ...picture, ...lost, ...(picture.length === 0 ? [] : h264), '-c:a', codec])
}

/** A film whose sound begins after three seconds. */
export async function late(folder: string, name: string): Promise<string> {
  return await made(folder, name, [...film(6), '-itsoffset', '3', ...sine(440, 3), ...h264, '-c:a', 'aac'])
}

/** A book with two chapters, as QuickTime has them, in a track of text, or as Nero has them, in a list. */
export async function book(folder: string, name: string, kind: 'quicktime' | 'nero'): Promise<string> {
  const list = join(folder, `${name}.txt`)
  const marks = ['Dawn', 'Dusk'].map(
    (title, n) => `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${n * 1000}\nEND=${n * 1000 + 1000}\ntitle=${title}\n`,
  )
  await writeFile(list, `;FFMETADATA1\n${marks.join('')}`)
  const flags = kind === 'quicktime' ? ['-movflags', 'disable_chpl'] : []
  const path = await made(folder, name, [
    ...sine(440, 2),
    '-i',
    list,
    '-map_chapters',
    '1',
    '-map',
    '0:a',
    '-c:a',
    'aac',
    ...flags,
  ])
  if (kind === 'quicktime') return path
  const bytes = await readFile(path)
  // The track of text, and where the other says that it belongs to it.
  for (const at of [bytes.lastIndexOf('trak'), bytes.indexOf('tref')]) bytes.write('free', at, 'latin1')
  await writeFile(path, bytes)
  return path
}

/** A disc as one FLAC, with a block that says where its tracks begin: one, and the one that stands for its end. */
export async function cued(folder: string, name: string): Promise<string> {
  const path = await made(folder, name, [...sine(440, 1), '-metadata', 'title=T'])
  const bytes = await readFile(path)
  const sheet = Buffer.alloc(4 + 396 + 36 + 12 + 36)
  sheet.writeUInt32BE((5 << 24) | (sheet.length - 4), 0)
  sheet.writeUInt8(2, 4 + 395)
  // The number of the first, how many marks it has, and the number of that one.
  for (const at of [8, 35, 36 + 8]) sheet.writeUInt8(1, 4 + 396 + at)
  // Where the end is, in samples, and its number.
  sheet.writeUInt32BE(48_000, 4 + 396 + 48 + 4)
  sheet.writeUInt8(170, 4 + 396 + 48 + 8)
  const behindFirst = 8 + bytes.readUIntBE(5, 3)
  await writeFile(path, Buffer.concat([bytes.subarray(0, behindFirst), sheet, bytes.subarray(behindFirst)]))
  return path
}
