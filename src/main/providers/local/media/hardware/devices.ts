/**
 * Encoders in graphics chips, as data: which kinds of device there are, by what names FFmpeg knows their encoders, and what a quality, a
 * bitrate and a pace is to each. Whether one works on this machine is found by trying (`hardware.ts`), never by this table.
 *
 * The figures follow the manuals of FFmpeg and of the makers. They were not held against pictures on real devices; `npm run bench -- hardware`
 * does that where there are any.
 */
import type { PaceName, VideoCodecId } from '../video-codecs.ts'

/** What any device here encodes. */
export type DeviceCodecId = Extract<VideoCodecId, 'h264' | 'h265' | 'vp9' | 'av1'>

export interface DeviceEncoder {
  /** As FFmpeg calls it. */
  readonly name: string
  /** Whether some devices of the kind take 10 bits. */
  readonly isDeep: boolean
  /** What the constant rate factor of the encoder in software is to it. */
  figure(crf: number): number
}

export interface DeviceKind {
  readonly id: string
  /** As people call it. */
  readonly title: string
  readonly systems: readonly NodeJS.Platform[]
  readonly encoders: Readonly<Partial<Record<DeviceCodecId, DeviceEncoder>>>
  /** Pixels that it takes: of 8 and of 10 bits. */
  readonly pixels: readonly [plain: string, deep: string]
  /** It is opened by the path of a render node, and gets its frames by an upload. */
  readonly opensNode: boolean
  /** How it keeps a quality; null: it keeps bitrates alone, and the figure is thousandths of a bit a pixel. */
  readonly byFigure: ((figure: number, v: string) => readonly string[]) | null
  /** What it is told besides a bitrate, to keep that. */
  byRate(v: string): readonly string[]
  /** Null: it knows one pace, which is its fast one. */
  readonly paces: Readonly<Record<PaceName, readonly string[]>> | null
  /** Films at a time: its makers' limit, with room for other programs. */
  readonly concurrency: number
}

/** Smaller pictures gain nothing by a device, and the least that devices take differs. Pixels. */
export const leastSides = { long: 256, short: 144 } as const
/** The most that devices of the last ten years take, pixels a side. */
export const maxSides: Readonly<Record<DeviceCodecId, number>> = { h264: 4096, h265: 8192, vp9: 8192, av1: 8192 }

const within =
  (least: number, max: number, convert: (crf: number) => number = (crf) => crf) =>
  (crf: number): number =>
    Math.min(max, Math.max(least, Math.round(convert(crf))))
/** Quantizers of VP9 and AV1 in steps of a byte. */
const inBytes = within(1, 255, (crf) => crf * 4)
/** A scale of 51 steps for one of 63. */
const inFewerSteps = within(1, 51, (crf) => (crf * 51) / 63)
/** Thousandths of a bit a pixel: twice as many for each six steps down. */
const inBits = (crf: number, bits: number) => (given: number) => Math.round(1000 * bits * 2 ** ((crf - given) / 6))
/** 100 is the best. */
const inHundred = within(1, 100, (crf) => 100 - crf * 1.9)

const videoToolbox = {
  title: 'VideoToolbox',
  systems: ['darwin'],
  pixels: ['nv12', 'p010le'],
  opensNode: false,
  byRate: () => [],
  paces: null,
  concurrency: 2,
} as const

/** In the order in which they are tried. */
export const deviceKinds: readonly DeviceKind[] = [
  {
    id: 'nvenc',
    title: 'NVENC',
    systems: ['linux', 'win32'],
    encoders: {
      h264: { name: 'h264_nvenc', isDeep: false, figure: within(1, 51) },
      h265: { name: 'hevc_nvenc', isDeep: true, figure: within(1, 51) },
      av1: { name: 'av1_nvenc', isDeep: true, figure: within(1, 51) },
    },
    pixels: ['nv12', 'p010le'],
    opensNode: false,
    byFigure: (figure, v) => [`-rc:${v}`, 'vbr', `-cq:${v}`, String(figure), `-b:${v}`, '0'],
    byRate: (v) => [`-rc:${v}`, 'vbr'],
    paces: { fast: ['-preset', 'p2'], balanced: ['-preset', 'p5'], small: ['-preset', 'p7'] },
    // Drivers for consumers allowed three until 2023, and eight now.
    concurrency: 3,
  },
  {
    id: 'qsv',
    title: 'Quick Sync',
    systems: ['linux', 'win32'],
    encoders: {
      h264: { name: 'h264_qsv', isDeep: false, figure: within(1, 51) },
      h265: { name: 'hevc_qsv', isDeep: true, figure: within(1, 51) },
      vp9: { name: 'vp9_qsv', isDeep: true, figure: inFewerSteps },
      av1: { name: 'av1_qsv', isDeep: true, figure: inFewerSteps },
    },
    pixels: ['nv12', 'p010le'],
    opensNode: false,
    byFigure: (figure, v) => [`-global_quality:${v}`, String(figure)],
    byRate: () => [],
    paces: { fast: ['-preset', 'veryfast'], balanced: ['-preset', 'medium'], small: ['-preset', 'veryslow'] },
    concurrency: 2,
  },
  {
    id: 'amf',
    title: 'AMF',
    systems: ['linux', 'win32'],
    encoders: {
      h264: { name: 'h264_amf', isDeep: false, figure: within(0, 51) },
      h265: { name: 'hevc_amf', isDeep: true, figure: within(0, 51) },
      av1: { name: 'av1_amf', isDeep: true, figure: inBytes },
    },
    pixels: ['nv12', 'p010le'],
    opensNode: false,
    byFigure: (figure, v) => [`-rc:${v}`, 'cqp', `-qp_i:${v}`, String(figure), `-qp_p:${v}`, String(figure)],
    byRate: (v) => [`-rc:${v}`, 'vbr_peak'],
    paces: { fast: ['-quality', 'speed'], balanced: ['-quality', 'balanced'], small: ['-quality', 'quality'] },
    concurrency: 2,
  },
  {
    id: 'vaapi',
    title: 'VA-API',
    systems: ['linux'],
    encoders: {
      h264: { name: 'h264_vaapi', isDeep: false, figure: within(1, 51) },
      h265: { name: 'hevc_vaapi', isDeep: true, figure: within(1, 51) },
      vp9: { name: 'vp9_vaapi', isDeep: true, figure: inBytes },
      av1: { name: 'av1_vaapi', isDeep: true, figure: inBytes },
    },
    pixels: ['nv12', 'p010le'],
    opensNode: true,
    byFigure: (figure, v) => [`-rc_mode:${v}`, 'CQP', `-global_quality:${v}`, String(figure)],
    byRate: (v) => [`-rc_mode:${v}`, 'VBR'],
    paces: null,
    concurrency: 2,
  },
  {
    ...videoToolbox,
    id: 'videotoolbox',
    encoders: {
      h264: { name: 'h264_videotoolbox', isDeep: false, figure: inHundred },
      h265: { name: 'hevc_videotoolbox', isDeep: true, figure: inHundred },
    },
    byFigure: (figure, v) => [`-q:${v}`, String(figure)],
  },
  {
    ...videoToolbox,
    // Those of Intel know no quality, and refuse the one above.
    id: 'videotoolbox-rate',
    encoders: {
      h264: { name: 'h264_videotoolbox', isDeep: false, figure: inBits(20, 0.1) },
      h265: { name: 'hevc_videotoolbox', isDeep: true, figure: inBits(23, 0.07) },
    },
    byFigure: null,
  },
  {
    id: 'v4l2m2m',
    title: 'V4L2',
    systems: ['linux'],
    encoders: {
      h264: { name: 'h264_v4l2m2m', isDeep: false, figure: inBits(20, 0.12) },
      h265: { name: 'hevc_v4l2m2m', isDeep: false, figure: inBits(23, 0.08) },
    },
    pixels: ['yuv420p', 'yuv420p10le'],
    opensNode: false,
    byFigure: null,
    byRate: () => [],
    paces: null,
    concurrency: 1,
  },
]

export function isDeviceCodec(id: VideoCodecId): id is DeviceCodecId {
  return deviceKinds.some(({ encoders }) => Object.hasOwn(encoders, id))
}
