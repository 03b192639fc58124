/** Pictures that move go on moving where the format of the result does, at their pace; elsewhere the job says that one frame is left. */
import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/folder.ts'
import { ffprobe, ownSource } from '../support/media.ts'
import { exiftool, framesSeen } from '../support/readers.ts'
import { all, converted, each } from './conversions.ts'
import { apng, gifOf } from './make-images.ts'

/** As the file itself counts them. */
async function webpFrames(path: string): Promise<number> {
  return (await readFile(path)).toString('latin1').split('ANMF').length - 1
}

describe('an animated PNG', () => {
  const three = apng([{ colour: [255, 0, 0] }, { colour: [0, 255, 0], seconds: 0.5 }, { colour: [0, 0, 255] }], 2)

  it('goes on moving in WebP, GIF and PNG, at its pace', async () => {
    const results = await converted('a.png', three, ['webp', 'gif', 'png'])
    expect(all(({ end, left }) => [end, left], results)).toEqual(each(['done', []], ['webp', 'gif', 'png']))
    for (const target of ['gif', 'png'] as const) {
      const colours = framesSeen(results[target]?.path ?? '').at(20, 20)
      expect(colours.map((colour) => colour.map((part) => (part > 128 ? 255 : 0)))).toEqual([
        [255, 0, 0],
        [0, 255, 0],
        [0, 0, 255],
      ])
    }
    // FFmpeg of this age reads no moving WebP.
    const webp = exiftool(results['webp']?.path ?? '')
    const png = exiftool(results['png']?.path ?? '')
    expect([await webpFrames(results['webp']?.path ?? ''), webp['RIFF:Duration'], webp['RIFF:AnimationLoopCount']]).toEqual([
      3, 2.5, 2,
    ])
    expect([png['PNG:AnimationFrames'], png['PNG:AnimationPlays']]).toEqual([3, 2])
  })

  it('goes on moving when it is made smaller', async () => {
    const results = await converted('a.png', three, ['png', 'webp'], { width: 20 })
    const { width, at } = framesSeen(results['png']?.path ?? '')
    expect([width, at(10, 10).length, await webpFrames(results['webp']?.path ?? '')]).toEqual([20, 3, 3])
  })

  it('is its first frame elsewhere, with a word', async () => {
    const results = await converted('a.png', three, ['jpeg', 'avif', 'tiff'])
    expect(all(({ end, left }) => [end, left], results)).toEqual(each(['done', ['frames']], ['jpeg', 'avif', 'tiff']))
  })

  it('has its frames laid over each other as it says', async () => {
    const frames = [
      { colour: [255, 0, 0, 255] },
      { colour: [0, 255, 0, 255], width: 20, dispose: 2 },
      { colour: [0, 0, 255, 255], width: 20, left: 20, dispose: 1, blend: 1 },
      { colour: [255, 255, 255, 255], width: 5 },
    ]
    const results = await converted('a.png', apng(frames, 0, [9, 9, 9, 255]), ['png'])
    const { at } = framesSeen(results['png']?.path ?? '')
    const told = [at(10, 5), at(30, 5)].map((colours) => colours.map((colour) => colour.join(' ')))
    expect(told).toEqual([
      ['255 0 0', '0 255 0', '255 0 0', '255 0 0'],
      ['255 0 0', '255 0 0', '0 0 255', '0 0 0'],
    ])
  })
})

describe('an animated GIF', () => {
  /** In a square of 16 pixels a side, a smaller one in its middle. */
  const square = (inside: number, around: number) =>
    Array.from({ length: 256 }, (_, n) => (n % 16 > 3 && n % 16 < 12 && n > 63 && n < 192 ? inside : around))

  it('keeps frames that look the same, and what can be seen through in them', async () => {
    const same = { pixels: square(0, 3), dispose: 2 }
    const results = await converted('a.gif', gifOf(16, [same, { ...same, delay: 20 }, same]), ['webp', 'gif', 'png'])
    expect(all(({ end, left }) => [end, left], results)).toEqual({
      webp: ['done', []],
      gif: ['done', []],
      png: ['done', ['frames']],
    })
    const webp = results['webp']?.path ?? ''
    expect([await webpFrames(webp), exiftool(webp)['RIFF:Duration'], exiftool(webp)['RIFF:WebP_Flags']]).toEqual([3, 1.2, 18])
    expect(framesSeen(results['gif']?.path ?? '').at(8, 8)).toHaveLength(3)
  })

  it('keeps them also where there is nothing else', async () => {
    const same = { pixels: square(0, 1) }
    const results = await converted('a.gif', gifOf(16, [same, { ...same, delay: 20 }]), ['webp'])
    const path = results['webp']?.path ?? ''
    const webp = exiftool(path)
    expect([results['webp']?.left, await webpFrames(path), webp['RIFF:Duration'], webp['RIFF:AnimationLoopCount']]).toEqual([
      [],
      2,
      0.7,
      0,
    ])
  })

  it('that leaves out of its frames what stays is not taken for transparent', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'source.gif')
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=64x64:r=5:d=1', path])
    const stills = await converted('a.gif', await readFile(path), ['png', 'avif', 'tiff', 'jpeg'])
    expect(all(({ end, left }) => [end, left], stills)).toEqual(each(['done', ['frames']], ['png', 'avif', 'tiff', 'jpeg']))
    const moving = await converted('a.gif', await readFile(path), ['webp', 'gif', 'mp4'])
    expect(all(({ end, left }) => [end, left], moving)).toEqual(each(['done', []], ['webp', 'gif', 'mp4']))
  })
})

describe('a picture that is a little transparent all over', () => {
  it('is told of where its pixels can only be there or not', async () => {
    const pale = { create: { width: 8, height: 8, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0.6 } } } as const
    const results = await converted('a.png', await sharp(pale).png().toBuffer(), ['gif', 'png', 'webp'])
    expect(all(({ end, left }) => [end, left], results)).toEqual({
      gif: ['done', ['transparency']],
      ...each(['done', []], ['png', 'webp']),
    })
  })
})

describe('a sequence in HEIF or AVIF', () => {
  /** FFmpeg writes the frames; the brand says that they are a picture. */
  function sequence(codec: string, brand: string, folder: string): string {
    const path = join(folder, `sequence.${brand === 'avis' ? 'avif' : 'heic'}`)
    const source = ['-f', 'lavfi', '-i', 'testsrc2=s=64x64:r=4:d=1']
    const encoder =
      codec === 'hevc'
        ? ['-c:v', 'libx265', '-x265-params', 'log-level=0', '-tag:v', 'hvc1']
        : ['-c:v', 'libaom-av1', '-cpu-used', '8']
    execFileSync('ffmpeg', [
      '-v',
      'error',
      '-y',
      ...source,
      ...encoder,
      '-pix_fmt',
      'yuv420p',
      '-f',
      'mp4',
      '-brand',
      brand,
      path,
    ])
    return path
  }

  it.for([
    { codec: 'av1', brand: 'avis', name: 'a.avif' },
    { codec: 'hevc', brand: 'hevc', name: 'a.heic' },
  ])('of $codec moves in GIF and WebP, and is its first frame in JPEG, with a word', async ({ codec, brand, name }) => {
    const path = sequence(codec, brand, await temporaryFolder())
    const results = await converted(name, await readFile(path), ['gif', 'webp', 'jpeg'])
    expect(all(({ end, left }) => [end, left], results)).toEqual({
      gif: ['done', []],
      webp: ['done', []],
      jpeg: ['done', ['frames']],
    })
    const frames = framesSeen(results['gif']?.path ?? '').at(1, 1).length
    expect([frames, exiftool(results['webp']?.path ?? '')['RIFF:Duration']]).toEqual([4, 1])
  })
})

/** Red for half a second, green for 0.3 s, blue for 1.2 s. */
async function threeColours(): Promise<Buffer> {
  const colours = [
    [255, 0, 0, 255],
    [0, 255, 0, 255],
    [0, 0, 255, 255],
  ]
  const pixels = Buffer.from(colours.flatMap((colour) => Array.from({ length: 32 * 32 }, () => colour).flat()))
  const frames = sharp(pixels, { raw: { width: 32, height: 96, channels: 4, pageHeight: 32 } })
  return await frames.webp({ delay: [500, 300, 1200], lossless: true }).toBuffer()
}

/** Of each frame the colour that is strongest. */
const strongest = (path: string) =>
  framesSeen(path)
    .at(16, 16)
    .map((colour) => 'rgb'[colour.indexOf(Math.max(...colour))])

describe('an animated WebP', () => {
  it('becomes a film of the same length, in which each frame has its time', async () => {
    const results = await converted('a.webp', await threeColours(), ['mp4', 'webm'])
    expect(all(({ end, left }) => [end, left], results)).toEqual(each(['done', []], ['mp4', 'webm']))
    for (const target of ['mp4', 'webm'] as const) {
      const path = results[target]?.path ?? ''
      expect(Number((await ffprobe(path)).format.duration)).toBeCloseTo(2, 1)
      // The last one comes once more, so that the film lasts as long.
      expect(strongest(path).join('')).toBe('rgbb')
    }
  })

  it('gives its frames one by one, or on one sheet', async () => {
    const webp = await threeColours()
    const png = await converted('a.webp', webp, ['png'], { frameAt: 700 })
    expect([png['png']?.end, png['png']?.left, strongest(png['png']?.path ?? '')]).toEqual(['done', [], ['g']])
    const sheet = await converted('a.webp', webp, ['jpeg'], { frames: 'storyboard', frameInterval: 1 })
    expect(sheet['jpeg']?.end).toBe('done')
  })

  it('is its first frame on a page, with a word', async () => {
    const results = await converted('a.webp', await threeColours(), ['pdf', 'heic', 'bmp'])
    expect(all(({ end, left }) => [end, left], results)).toEqual(each(['done', ['frames']], ['pdf', 'heic', 'bmp']))
  })

  it('that stands still is no film, which is said', async () => {
    const still = await sharp(await threeColours())
      .webp()
      .toBuffer()
    const results = await converted('a.webp', still, ['mp4'])
    expect(results['mp4']?.end).toMatch(/still image/)
  })
})

describe('an animated JPEG XL', () => {
  it('goes on moving, and elsewhere is its first frame, with a word', async () => {
    const folder = await temporaryFolder()
    await sharp(await threeColours(), { animated: true })
      .gif()
      .toFile(join(folder, 'a.gif'))
    execFileSync('cjxl', ['--quiet', join(folder, 'a.gif'), join(folder, 'a.jxl')], { stdio: 'ignore' })
    const results = await converted('a.jxl', await readFile(join(folder, 'a.jxl')), ['gif', 'png', 'jpeg'])
    expect(all(({ end, left }) => [end, left], results)).toEqual({
      ...each(['done', []], ['gif', 'png']),
      jpeg: ['done', ['frames']],
    })
    expect(strongest(results['gif']?.path ?? '')).toEqual(['r', 'g', 'b'])
  })
})

describe('a film', () => {
  const film = async () =>
    await readFile(
      await ownSource('moving.mkv', [
        ...['-f', 'lavfi', '-i', 'color=black:size=128x72:rate=10:duration=2,geq=lum=N*10+16:cb=128:cr=128'],
        ...['-c:v', 'ffv1'],
      ]),
    )

  it('becomes an animated WebP or AVIF where that is asked for, of its length and size or less', async () => {
    const results = await converted('a.mkv', await film(), ['webp', 'avif'], { frames: 'animation', width: 64 })
    expect(all(({ end, left }) => [end, left], results)).toEqual(each(['done', []], ['webp', 'avif']))
    const webp = results['webp']?.path ?? ''
    expect([await webpFrames(webp), exiftool(webp)['RIFF:Duration'], exiftool(webp)['Composite:ImageSize']]).toEqual([
      20,
      2,
      '64 36',
    ])
    const [stream] = (await ffprobe(results['avif']?.path ?? '')).streams
    expect(stream).toMatchObject({ codec_name: 'av1', width: 64, height: 36, nb_frames: '20' })
    const greys = framesSeen(results['avif']?.path ?? '')
      .at(32, 18)
      .map(([grey = 0]) => grey)
    expect(greys).toEqual(greys.toSorted((one, other) => one - other))
  })

  it('has the rate and the part that are asked for, and is a still where nothing is asked', async () => {
    const options = { frames: 'animation', fps: 5, trimStart: 500, trimEnd: 1500 } as const
    const part = await converted('a.mkv', await film(), ['webp'], options)
    const path = part['webp']?.path ?? ''
    expect([await webpFrames(path), exiftool(path)['RIFF:Duration']]).toEqual([5, 1])
    const still = await converted('a.mkv', await film(), ['webp'])
    expect([still['webp']?.end, await webpFrames(still['webp']?.path ?? '')]).toEqual(['done', 0])
  })

  it('that can be seen through says so where an AVIF cannot', async () => {
    const clear = await ownSource('clear.webm', [
      ...['-f', 'lavfi', '-i', 'testsrc2=s=64x36:r=5:d=1,format=yuva420p,colorchannelmixer=aa=0.5', '-c:v', 'libvpx-vp9'],
    ])
    const results = await converted('a.webm', await readFile(clear), ['webp', 'avif'], { frames: 'animation' })
    expect(all(({ end, left }) => [end, left], results)).toEqual({ webp: ['done', []], avif: ['done', ['transparency']] })
    expect((await sharp(results['webp']?.path).stats()).isOpaque).toBe(false)
  })
})
