/** Pure: the filters that give the pixels of a film the meaning that they have in its source: fields, shape, transparency, colours, light. */
import type { VideoStream } from '../../../../shared/media.ts'

/** Codecs whose frames say of themselves whether they are two fields, so that those that are not stay as they are. */
const marksFields: ReadonlySet<string> = new Set([
  'mpeg1video',
  'mpeg2video',
  'mpeg4',
  'h264',
  'hevc',
  'vc1',
  'wmv3',
  'dvvideo',
  'ffv1',
])

/** Lines of two moments become those of one, a frame for a frame. Before all else: what is scaled mixes them for good. */
export function deinterlacing({ codec, fields }: VideoStream): readonly string[] {
  if (fields !== 'top' && fields !== 'bottom') return []
  if (marksFields.has(codec)) return ['bwdif=mode=send_frame:deint=interlaced']
  return [`setfield=${fields === 'top' ? 'tff' : 'bff'}`, 'bwdif=mode=send_frame:deint=all']
}

/** Light that means up to 10,000 nits, brought to what an ordinary screen shows. */
export const toneMapping: readonly string[] = [
  'zscale=t=linear:npl=100',
  'format=gbrpf32le',
  'zscale=p=bt709',
  'tonemap=hable:desat=0',
  'zscale=t=bt709:m=bt709:r=tv',
]

/** Makes a taller picture `height` pixels tall and leaves others; `width` is -1 for any, -2 for an even number. */
export function scaling(stream: VideoStream, height: number, width: -1 | -2): string {
  if (stream.height !== null && stream.height <= height) return 'null'
  return `scale=${width}:min(ih\\,${height}):flags=lanczos`
}

/** The shape of the pixels, which FFmpeg bends a little where a scaled width had to be rounded. */
export function sameShape({ sampleAspect: [wide, high] = [1, 1] }: VideoStream): readonly string[] {
  return [`setsar=${wide}/${high}`]
}

/** For formats whose pixels are square: the picture as wide as it is shown, and no taller than `height`. */
export function squaring(stream: VideoStream, height: number): readonly string[] {
  const { sampleAspect: [wide, high] = [1, 1], width } = stream
  if (wide === high) return [scaling(stream, height, -1)]
  if (width === null || stream.height === null)
    return ['scale=iw*sar:ih', 'setsar=1', `scale=-1:min(ih\\,${height}):flags=lanczos`]
  const tall = Math.min(height, stream.height)
  return [`scale=${Math.round((width * wide * tall) / (high * stream.height))}:${tall}:flags=lanczos`, 'setsar=1']
}

/** The ground onto which something transparent is laid where it cannot stay so, as for pictures: white. */
export function flattening(stream: VideoStream): readonly string[] {
  const [format, white, laid] = isRgb(stream)
    ? ['gbrap', 'lutrgb=r=maxval:g=maxval:b=maxval:a=maxval', 'overlay=format=gbrp']
    : ['yuva444p', 'lutyuv=y=235:u=128:v=128:a=255', 'overlay=format=yuv444']
  return [`format=${format}`, `split[on][under];[under]${white}[ground];[ground][on]${laid}`]
}

export function isRgb({ pixelFormat = '' }: VideoStream): boolean {
  return /^(rgb|bgr|gbr|argb|abgr|0rgb|0bgr|x2rgb|x2bgr|pal8)/.test(pixelFormat)
}

function isFullRange({ pixelFormat = '', colour }: VideoStream): boolean {
  return pixelFormat.startsWith('yuvj') || colour?.range === 'pc'
}

/** Programs take what is not tagged for one of the two by its size. */
function isLarge(width: number | null, height: number | null): boolean {
  return (width ?? 0) >= 1280 || (height ?? 0) >= 720
}

interface Meaning {
  readonly matrix: string
  readonly primaries: string
  readonly transfer: string
}

/**
 * What has to be written down of the colours of an encoded picture, or null where the source's own marks go along. RGB becomes YUV by the
 * matrix of its size; what no source says is what players would have taken it for, once its size does not say so any more.
 * @param height of the result, where that is another
 */
function meaningOf(stream: VideoStream, height: number | null): Meaning | null {
  const { width, colour = {} } = stream
  const { primaries = 'bt709', transfer = 'bt709', matrix } = colour
  const scale = height === null || stream.height === null ? 1 : height / stream.height
  const wasLarge = isLarge(width, stream.height)
  const isStillLarge = isLarge(width === null ? null : width * scale, height ?? stream.height)
  if (isRgb(stream))
    return { matrix: primaries === 'bt2020' ? 'bt2020nc' : isStillLarge ? 'bt709' : 'smpte170m', primaries, transfer }
  if (matrix !== undefined || !wasLarge || isStillLarge) return null
  return { matrix: 'bt709', primaries, transfer }
}

/** Before the format of the pixels is chosen: how their numbers are converted. */
export function colouring(stream: VideoStream, height: number | null): readonly string[] {
  if (isRgb(stream)) return [`scale=out_color_matrix=${meaningOf(stream, height)?.matrix ?? 'bt709'}:out_range=tv`]
  return isFullRange(stream) ? ['scale=in_range=pc:out_range=tv'] : []
}

/** After it: how they are to be read. */
export function tagging(stream: VideoStream, height: number | null): readonly string[] {
  const meaning = meaningOf(stream, height)
  if (meaning === null) return isFullRange(stream) ? ['setparams=range=tv'] : []
  const { matrix, primaries, transfer } = meaning
  return [`setparams=range=tv:colorspace=${matrix}:color_primaries=${primaries}:color_trc=${transfer}`]
}

/** For formats that hold RGB: what players would take an unmarked picture for, as FFmpeg takes any for old television. */
export function reading(stream: VideoStream): readonly string[] {
  if (isRgb(stream) || stream.colour?.matrix !== undefined || !isLarge(stream.width, stream.height)) return []
  return ['setparams=colorspace=bt709']
}
