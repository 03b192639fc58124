/** Tiny sources of every kind of sound and film, made by the real FFmpeg, once in each test file. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll } from 'vitest'
import { extensionOf, type FormatId } from '../../src/shared/formats.ts'

const execute = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'beside-media-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const made = new Map<string, Promise<string>>()

const tone = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100:duration=1,volume=-6dB,aformat=channel_layouts=stereo']
const film = ['-f', 'lavfi', '-i', 'testsrc2=size=96x64:rate=10:duration=1']
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p']

/** FFmpeg's options for a second of each format that it can write. */
const recipes = {
  mp3: [...tone, '-c:a', 'libmp3lame', '-f', 'mp3'],
  aac: [...tone, '-c:a', 'aac', '-f', 'adts'],
  m4a: [...tone, '-c:a', 'aac', '-f', 'ipod'],
  alac: [...tone, '-c:a', 'alac', '-f', 'ipod'],
  wav: [...tone, '-c:a', 'pcm_s16le', '-f', 'wav'],
  flac: [...tone, '-c:a', 'flac', '-sample_fmt', 's16', '-f', 'flac'],
  ogg: [...tone, '-c:a', 'libvorbis', '-f', 'ogg'],
  opus: [...tone, '-c:a', 'libopus', '-b:a', '64k', '-f', 'opus'],
  aiff: [...tone, '-c:a', 'pcm_s16be', '-f', 'aiff'],
  wma: [...tone, '-c:a', 'wmav2', '-f', 'asf'],
  ac3: [...tone, '-c:a', 'ac3', '-f', 'ac3'],
  mp2: [...tone, '-c:a', 'mp2', '-f', 'mp2'],
  au: [...tone, '-c:a', 'pcm_s16be', '-f', 'au'],
  caf: [...tone, '-c:a', 'pcm_s16le', '-f', 'caf'],
  mka: [...tone, '-c:a', 'aac', '-f', 'matroska'],
  voc: [...tone, '-c:a', 'pcm_s16le', '-f', 'voc'],
  tta: [...tone, '-c:a', 'tta', '-f', 'tta'],
  dts: [...tone, '-c:a', 'dca', '-strict', 'experimental', '-f', 'dts'],
  wv: [...tone, '-c:a', 'wavpack', '-f', 'wv'],
  mp4: [...film, ...tone, ...h264, '-c:a', 'aac', '-f', 'mp4'],
  mkv: [...film, ...tone, ...h264, '-c:a', 'aac', '-f', 'matroska'],
  mov: [...film, ...tone, ...h264, '-c:a', 'aac', '-f', 'mov'],
  webm: [
    ...film,
    ...tone,
    '-c:v',
    'libvpx-vp9',
    '-deadline',
    'realtime',
    '-cpu-used',
    '8',
    '-c:a',
    'libopus',
    '-b:a',
    '64k',
    '-f',
    'webm',
  ],
  avi: [...film, ...tone, '-c:v', 'mpeg4', '-c:a', 'libmp3lame', '-f', 'avi'],
  wmv: [...film, ...tone, '-c:v', 'wmv2', '-c:a', 'wmav2', '-f', 'asf'],
  flv: [...film, ...tone, '-c:v', 'flv1', '-c:a', 'libmp3lame', '-f', 'flv'],
  mpeg: [...film, ...tone, '-r', '25', '-c:v', 'mpeg2video', '-c:a', 'mp2', '-f', 'mpeg'],
  ts: [...film, ...tone, ...h264, '-c:a', 'aac', '-f', 'mpegts'],
  '3gp': [...film, ...tone, ...h264, '-c:a', 'aac', '-f', '3gp'],
  mxf: [...film, ...tone, '-r', '25', '-c:v', 'mpeg2video', '-c:a', 'pcm_s16le', '-ar', '48000', '-f', 'mxf'],
  ogv: [...film, ...tone, '-c:v', 'libtheora', '-c:a', 'libvorbis', '-f', 'ogv'],
  gif: [...film, '-f', 'gif'],
} as const satisfies Partial<Record<FormatId, readonly string[]>>

/** Monkey's Audio is absent: nothing free writes it. */
export type MadeFormat = keyof typeof recipes | 'amr'
export const madeFormats = [...Object.keys(recipes), 'amr'] as readonly MadeFormat[]

/** Path of a one-second source of this format: a 440 Hz tone in stereo, and for films moving bars of 96 by 64 at 10 frames a second. */
export async function mediaSource(format: MadeFormat): Promise<string> {
  const name = `${format}.${extensionOf(format)}`
  return format === 'amr' ? await once(name, writeAmr) : await makeOnce(name, recipes[format])
}

/** Path of a source of one's own, made once for each name: FFmpeg's options without the output. */
export async function ownSource(name: string, args: readonly string[]): Promise<string> {
  return await makeOnce(name, args)
}

async function makeOnce(name: string, args: readonly string[]): Promise<string> {
  return await once(name, async (path) => void (await ffmpeg([...args, path])))
}

async function once(name: string, make: (path: string) => Promise<void>): Promise<string> {
  const path = join(folder, name)
  const making = made.get(name) ?? make(path).then(() => path)
  made.set(name, making)
  return await making
}

/** Fifty frames of AMR at 12.2 kbit/s, all zero: FFmpeg reads AMR everywhere, and writes it almost nowhere. */
async function writeAmr(path: string): Promise<void> {
  const frame = Buffer.concat([Buffer.from([0x3c]), Buffer.alloc(31)])
  await writeFile(path, Buffer.concat([Buffer.from('#!AMR\n'), ...Array.from({ length: 50 }, () => frame)]))
}

/** The system's FFmpeg, for making and for reading back; answers with what it wrote to standard output. */
export async function ffmpeg(args: readonly string[]): Promise<string> {
  const { stdout } = await execute('ffmpeg', ['-nostdin', '-hide_banner', '-v', 'error', '-y', ...args], { maxBuffer: 2 ** 28 })
  return stdout
}

/** What it has to say on the way. */
export async function ffmpegMessages(args: readonly string[]): Promise<string> {
  const { stderr } = await execute('ffmpeg', ['-nostdin', '-hide_banner', '-nostats', '-y', ...args], { maxBuffer: 2 ** 28 })
  return stderr
}

export interface Probed {
  readonly format: {
    readonly format_name: string
    readonly duration: string
    readonly size: string
    readonly bit_rate?: string
    readonly tags?: Readonly<Record<string, string>>
  }
  readonly streams: readonly {
    readonly codec_type: string
    readonly codec_name: string
    readonly profile?: string
    readonly sample_rate?: string
    readonly channels?: number
    readonly channel_layout?: string
    readonly bits_per_raw_sample?: string
    readonly bit_rate?: string
    readonly width?: number
    readonly height?: number
    readonly pix_fmt?: string
    readonly avg_frame_rate?: string
    readonly codec_tag_string?: string
    readonly disposition: { readonly attached_pic: number }
    readonly side_data_list?: readonly { readonly rotation?: number }[]
    readonly tags?: Readonly<Record<string, string>>
  }[]
  readonly chapters: readonly { readonly start_time: string; readonly tags?: { readonly title?: string } }[]
}

/** An independent reader: what the system's FFprobe sees. */
export async function ffprobe(path: string): Promise<Probed> {
  const { stdout } = await execute('ffprobe', [
    '-v',
    'error',
    '-of',
    'json',
    '-show_streams',
    '-show_format',
    '-show_chapters',
    `file:${path}`,
  ])
  return JSON.parse(stdout) as Probed
}

/** A hash over one stream as stored, without what a container puts around it: equal where a stream was copied. */
export async function storedHash(path: string, stream: string, muxer = 'data'): Promise<string> {
  return await ffmpeg(['-i', `file:${path}`, '-map', `0:${stream}`, '-c', 'copy', '-f', muxer, 'md5:'])
}

/** A hash over the samples or frames that one stream decodes to: equal where nothing was lost. */
export async function decodedHash(path: string, stream: string): Promise<string> {
  return await ffmpeg(['-i', `file:${path}`, '-map', `0:${stream}`, '-c:a', 'pcm_s32le', '-f', 'md5', '-'])
}
