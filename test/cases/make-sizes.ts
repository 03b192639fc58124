/** Sources that are hard or easy to make small, by FFmpeg and libvips. */
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { ownSource } from '../support/media.ts'
import { temporaryFolder } from '../support/folder.ts'

const fast = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '12', '-pix_fmt', 'yuv420p']
/** Something of everything: a voice that moves, and noise. */
const music = (seconds: number, channels = 2) => {
  const one = (n: number) => `0.3*sin(${220 + 90 * n}*2*PI*t*(1+0.05*sin(t)))+0.1*random(${n})`
  const layout = channels === 6 ? '5.1' : channels === 1 ? 'mono' : 'stereo'
  const sources = Array.from({ length: channels }, (_, n) => one(n)).join('|')
  return ['-f', 'lavfi', '-i', `aevalsrc='${sources}':d=${seconds}:s=44100:c=${layout}`]
}
const scene = (size: string, seconds: number, rate = 25) => [
  ...['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=${rate}:d=${seconds},noise=alls=12:allf=t`],
]

export const film = async (name: string, size: string, seconds: number, more: readonly string[] = []) =>
  await ownSource(name, [...scene(size, seconds), ...music(seconds), ...fast, '-c:a', 'aac', '-b:a', '192k', ...more])

export const noise = async (seconds: number) =>
  await ownSource('noise.mkv', [
    ...['-f', 'lavfi', '-i', `color=gray:s=320x180:r=25:d=${seconds},noise=alls=100:allf=t`],
    ...[...fast, '-crf', '1'],
  ])

/** Three languages, the first in 5.1. */
export const manyTracks = async (seconds: number) =>
  await ownSource('tracks.mkv', [
    ...[...scene('320x180', seconds), ...music(seconds, 6), ...music(seconds), ...music(seconds)],
    ...['-map', '0', '-map', '1', '-map', '2', '-map', '3', ...fast, '-c:a', 'ac3'],
    ...['-metadata:s:a:0', 'language=eng', '-metadata:s:a:1', 'language=deu', '-metadata:s:a:2', 'language=fra'],
  ])

export const song = async (name: string, seconds: number, { channels = 2, more = [] as readonly string[] } = {}) =>
  await ownSource(name, [...music(seconds, channels), ...more])

/** With a cover of about 100 kB. */
export async function songWithCover(seconds: number): Promise<string> {
  const cover = join(await temporaryFolder(), 'cover.jpg')
  await (await picture(420, 420)).jpeg({ quality: 70 }).toFile(cover)
  return await ownSource('cover.flac', [
    ...[...music(seconds), '-i', cover, '-map', '0', '-map', '1', '-c:v', 'copy', '-disposition:v', 'attached_pic'],
    ...['-metadata', 'title=With a cover', '-metadata', 'artist=Nobody'],
  ])
}

/** Neither smooth nor all noise. */
async function picture(width: number, height: number): Promise<Sharp> {
  const grain = { type: 'gaussian', mean: 128, sigma: 40 } as const
  const made = sharp({ create: { width, height, channels: 3, background: '#888', noise: grain } })
  return sharp(await made.blur(0.8).png().toBuffer())
}

export async function photo(name: string, width: number, height: number): Promise<string> {
  const path = join(await temporaryFolder(), name)
  await (
    await picture(width, height)
  )
    .toFormat(name.endsWith('.png') ? 'png' : name.endsWith('.tiff') ? 'tiff' : 'jpeg')
    .toFile(path)
  return path
}

/** A disc on a ground that can be seen through. */
export async function seeThrough(side: number): Promise<string> {
  const path = join(await temporaryFolder(), 'disc.png')
  const mask = Buffer.from(`<svg width="${side}" height="${side}"><circle cx="50%" cy="50%" r="45%"/></svg>`)
  const opaque = await (await picture(side, side)).ensureAlpha().png().toBuffer()
  await sharp(opaque)
    .composite([{ input: mask, blend: 'dest-in' }])
    .png()
    .toFile(path)
  return path
}

export const animation = async () => await ownSource('moving.gif', [...scene('240x160', 2, 8), '-f', 'gif'])
