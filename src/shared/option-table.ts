/**
 * The vocabulary of conversion options as data. Its reader is `options.ts`; apart, for its length alone.
 */
export const sampleRates = [8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000, 192000] as const
export const bitDepths = [16, 24, 32] as const
export const qualities = ['low', 'medium', 'high', 'extreme'] as const
const videoCodecs = ['h264', 'h265', 'vp9', 'av1', 'mpeg4', 'mpeg2', 'wmv', 'theora', 'prores', 'dnxhr'] as const
export const encoderChoices = ['auto', 'software', 'hardware'] as const
export const speeds = ['fast', 'balanced', 'small'] as const
const fits = ['inside', 'outside', 'cover', 'contain', 'fill'] as const
const papers = ['a3', 'a4', 'a5', 'letter', 'legal', 'source'] as const
export const orientations = ['portrait', 'landscape'] as const
export const rotations = [90, 180, 270] as const
export const compressions = ['light', 'medium', 'strong'] as const
export const pdfaLevels = ['1b', '2b', '3b'] as const
export const ocrModes = ['auto', 'force', 'off'] as const
export const delimiters = ['comma', 'semicolon', 'tab', 'pipe'] as const
export const frameChoices = ['one', 'all', 'storyboard', 'animation'] as const
export const rawModes = ['develop', 'preview'] as const
export const remotePriorities = ['low', 'normal', 'high'] as const

/** What each is in figures, the providers say that measure. */
const matchLevels = ['good', 'high', 'visually-lossless'] as const
export type MatchLevel = (typeof matchLevels)[number]

export interface Options {
  /** Audio, kbit/s; wins over quality. */
  readonly bitrate?: number
  readonly quality?: (typeof qualities)[number]
  /** Hz. */
  readonly sampleRate?: (typeof sampleRates)[number]
  /** Bits a sample; lossless targets only. */
  readonly bitDepth?: (typeof bitDepths)[number]
  readonly channels?: number
  /** EBU R128, two passes. */
  readonly normalize?: boolean
  /** Integrated loudness for normalize, LUFS; -16 unless set. */
  readonly loudness?: number
  /** True peak ceiling for normalize, dBTP; -1.5 unless set. */
  readonly truePeak?: number
  /** Tags, cover art, chapters, EXIF, ICC profile; kept unless set to no. */
  readonly preserveMetadata?: boolean
  /** Every word of where it was made, wherever a file has it; kept unless set to no. */
  readonly preserveLocation?: boolean
  /** Milliseconds from the start of the source. */
  readonly trimStart?: number
  /** Milliseconds from the start of the source. */
  readonly trimEnd?: number
  readonly videoCodec?: (typeof videoCodecs)[number]
  /** Constant rate factor of the video encoder: lower is better and larger. */
  readonly crf?: number
  /** Frames a second. */
  readonly fps?: number
  /** Pixels; a taller video is made smaller, a smaller one left as it is. */
  readonly maxHeight?: number
  /** What an encoder of video or AVIF gives its time to; balanced unless set. */
  readonly speed?: (typeof speeds)[number]
  /** `auto`: software, unless `speed` is fast and a device is known to work. */
  readonly encoder?: (typeof encoderChoices)[number]
  /** Pixels. */
  readonly width?: number
  /** Pixels. */
  readonly height?: number
  readonly fit?: (typeof fits)[number]
  /** 1 (smallest) to 100 (best). */
  readonly imageQuality?: number
  readonly lossless?: boolean
  /** Bytes that the result may have at most. */
  readonly maxSize?: number
  /** Per cent of the source that the result has to be smaller by, or it is not kept. 0: by anything. */
  readonly onlyIfSmaller?: number
  /** How near to its source a result has to look: a level, or per cent of structural similarity (SSIM × 100). */
  readonly matchQuality?: MatchLevel | number
  /** Pages to take, from 1, like `1-3,7,10-`; all unless set. */
  readonly pages?: string
  /** A result has so many pages at most; all in one unless set. */
  readonly pagesPerFile?: number
  /** Pixels an inch of pages that are drawn. */
  readonly dpi?: number
  readonly paper?: (typeof papers)[number]
  readonly orientation?: (typeof orientations)[number]
  /** mm. */
  readonly margin?: number
  /** Degrees clockwise. */
  readonly rotate?: (typeof rotations)[number]
  readonly compress?: (typeof compressions)[number]
  /** PDF/A of this level. */
  readonly pdfa?: (typeof pdfaLevels)[number]
  /** Opens the source. Never kept in clear. */
  readonly password?: string
  /** Opens the result. Never kept in clear. */
  readonly protect?: string
  /** `auto`: of pages that have no text. */
  readonly ocr?: (typeof ocrModes)[number]
  /** Three letters each, joined by `+`. */
  readonly ocrLanguage?: string
  /** Of speech, two letters. */
  readonly language?: string
  readonly delimiter?: (typeof delimiters)[number]
  /** IANA name, of text that is written. */
  readonly encoding?: string
  /** IANA name, of a source in which it is detected wrongly. */
  readonly sourceEncoding?: string
  /** Whether the first row has the names of the columns. */
  readonly header?: boolean
  /** Name, or number from 1; each sheet becomes a result unless set. */
  readonly sheet?: string
  /** Spaces a level; 0: all in one line. */
  readonly indent?: number
  readonly sortKeys?: boolean
  readonly toc?: boolean
  /** 0 (none) to 9 (smallest). */
  readonly archiveLevel?: number
  /** Pixels, joined by commas. */
  readonly iconSizes?: string
  /** `#rrggbb`. */
  readonly background?: string
  /** Seconds that subtitles come later. */
  readonly shift?: number
  /** Of the film that the subtitles are for. */
  readonly subtitleFps?: number
  /** Of the film that the subtitles of the source were for. */
  readonly sourceFps?: number
  /** Of a video that becomes images; one unless set. */
  readonly frames?: (typeof frameChoices)[number]
  /** Milliseconds from the start of the source. */
  readonly frameAt?: number
  /** Seconds between frames; every frame unless set. */
  readonly frameInterval?: number
  readonly raw?: (typeof rawModes)[number]
  /** For providers that name the result themselves. */
  readonly filename?: string
  /** For providers that have a queue of their own. */
  readonly priority?: (typeof remotePriorities)[number]
  /** For providers that call back. */
  readonly webhook?: string
}
export type OptionName = keyof Options
export type OptionValue = string | number | boolean

export interface OptionShape {
  readonly kind:
    | 'number'
    | 'choice'
    | 'number-choice'
    | 'yes-no'
    | 'time'
    | 'size'
    | 'text'
    | 'url'
    | 'ranges'
    | 'colour'
    | 'secret'
  /** Of a choice: figures between the two are taken as well. */
  readonly min?: number
  readonly max?: number
  readonly whole?: boolean
  readonly values?: readonly (string | number)[]
  readonly unit?: string
  /** One line for a person. */
  readonly meaning: string
}

export const optionTable: Readonly<Record<OptionName, OptionShape>> = {
  bitrate: {
    kind: 'number',
    min: 6,
    max: 1000,
    unit: 'kbit/s',
    meaning: 'audio bitrate, like 192 or 192k; takes precedence over quality',
  },
  quality: { kind: 'choice', values: qualities, meaning: 'quality preset of the audio codec' },
  sampleRate: { kind: 'number-choice', values: sampleRates, unit: 'Hz', meaning: 'audio sample rate' },
  bitDepth: { kind: 'number-choice', values: bitDepths, unit: 'bit', meaning: 'bits per sample; lossless formats only' },
  channels: { kind: 'number', min: 1, max: 8, whole: true, meaning: 'audio channels' },
  normalize: { kind: 'yes-no', meaning: 'normalize loudness (EBU R128, two passes)' },
  loudness: { kind: 'number', min: -70, max: -5, unit: 'LUFS', meaning: 'target loudness for normalize; default -16' },
  truePeak: { kind: 'number', min: -9, max: 0, unit: 'dBTP', meaning: 'maximum true peak for normalize; default -1.5' },
  preserveMetadata: { kind: 'yes-no', meaning: 'keep tags, cover art, chapters, EXIF, ICC profile; default yes' },
  preserveLocation: { kind: 'yes-no', meaning: 'keep GPS data and place names; no removes these alone; default yes' },
  trimStart: { kind: 'time', unit: 'ms', meaning: 'start position, like 90, 1:30 or 1:02:03.5' },
  trimEnd: { kind: 'time', unit: 'ms', meaning: 'end position, counted from the start of the source' },
  videoCodec: { kind: 'choice', values: videoCodecs, meaning: 'video codec' },
  crf: { kind: 'number', min: 0, max: 63, whole: true, meaning: 'video quality; lower is better and larger' },
  fps: { kind: 'number', min: 1, max: 240, unit: '/s', meaning: 'frames per second' },
  maxHeight: {
    kind: 'number',
    min: 16,
    max: 8640,
    whole: true,
    unit: 'px',
    meaning: 'maximum video height; taller videos are scaled down',
  },
  speed: { kind: 'choice', values: speeds, meaning: 'encode fast, or take the time for a small file; default balanced' },
  encoder: {
    kind: 'choice',
    values: encoderChoices,
    meaning: 'encode by the processor or by a graphics chip; default auto: hardware only with speed=fast',
  },
  width: { kind: 'number', min: 1, max: 16383, whole: true, unit: 'px', meaning: 'image width' },
  height: { kind: 'number', min: 1, max: 16383, whole: true, unit: 'px', meaning: 'image height' },
  fit: { kind: 'choice', values: fits, meaning: 'how to fit width and height; default inside' },
  imageQuality: { kind: 'number', min: 1, max: 100, whole: true, meaning: 'image quality, from 1 (smallest) to 100 (best)' },
  lossless: { kind: 'yes-no', meaning: 'lossless image compression' },
  onlyIfSmaller: {
    kind: 'number',
    min: 0,
    max: 99,
    unit: '%',
    meaning: 'keep the result only if it is smaller than the source by this much; 0 for any',
  },
  matchQuality: {
    kind: 'choice',
    values: matchLevels,
    min: 50,
    max: 99.9,
    meaning: 'smallest file that looks this near to the source; a number is SSIM × 100',
  },
  maxSize: {
    kind: 'size',
    min: 1000,
    max: 1e12,
    meaning: 'largest size of the result, like 10MB or 700kB; quality is lowered until it fits',
  },
  pages: { kind: 'ranges', meaning: 'pages, like 1-3,7,10-' },
  pagesPerFile: { kind: 'number', min: 1, max: 10_000, whole: true, meaning: 'split into files of so many pages' },
  dpi: { kind: 'number', min: 36, max: 1200, whole: true, unit: 'dpi', meaning: 'resolution of drawn pages' },
  paper: { kind: 'choice', values: papers, meaning: 'paper size; source keeps the size of each image' },
  orientation: { kind: 'choice', values: orientations, meaning: 'how the paper lies' },
  margin: { kind: 'number', min: 0, max: 100, unit: 'mm', meaning: 'margin of pages' },
  rotate: { kind: 'number-choice', values: rotations, unit: '°', meaning: 'rotate pages clockwise' },
  compress: { kind: 'choice', values: compressions, meaning: 'make a PDF smaller; light loses nothing' },
  pdfa: { kind: 'choice', values: pdfaLevels, meaning: 'write PDF/A of this level' },
  password: { kind: 'secret', meaning: 'password that opens the source' },
  protect: { kind: 'secret', meaning: 'password that the result is to open with' },
  ocr: { kind: 'choice', values: ocrModes, meaning: 'recognize text: of pages without text, of all, of none' },
  ocrLanguage: { kind: 'text', meaning: 'languages of the text, like eng or eng+deu' },
  language: { kind: 'text', meaning: 'spoken language, like en; detected unless set' },
  delimiter: { kind: 'choice', values: delimiters, meaning: 'what separates the values of a row' },
  encoding: { kind: 'text', meaning: 'encoding of text that is written, like utf-8 or windows-1252' },
  sourceEncoding: { kind: 'text', meaning: 'encoding of the source, where it is detected wrongly' },
  header: { kind: 'yes-no', meaning: 'the first row has the names of the columns; default yes' },
  sheet: { kind: 'text', meaning: 'name or number of a sheet; each becomes a file unless set' },
  indent: { kind: 'number', min: 0, max: 8, whole: true, meaning: 'spaces per level; 0 for one line' },
  sortKeys: { kind: 'yes-no', meaning: 'sort keys by name' },
  toc: { kind: 'yes-no', meaning: 'begin with a table of contents' },
  archiveLevel: { kind: 'number', min: 0, max: 9, whole: true, meaning: 'compression, from 0 (none) to 9 (smallest)' },
  iconSizes: { kind: 'text', meaning: 'sizes in an icon, like 16,32,48,256' },
  background: { kind: 'colour', meaning: 'colour behind what is transparent, like #ffffff' },
  shift: { kind: 'number', min: -86_400, max: 86_400, unit: 's', meaning: 'move subtitles by so many seconds' },
  subtitleFps: { kind: 'number', min: 1, max: 240, unit: '/s', meaning: 'frame rate that subtitles are for' },
  sourceFps: { kind: 'number', min: 1, max: 240, unit: '/s', meaning: 'frame rate that the subtitles of the source were for' },
  frames: { kind: 'choice', values: frameChoices, meaning: 'images of a video: one, all, a storyboard, or an animation' },
  frameAt: { kind: 'time', unit: 'ms', meaning: 'position of the frame, like 1:30' },
  frameInterval: {
    kind: 'number',
    min: 0.04,
    max: 86_400,
    unit: 's',
    meaning: 'seconds between the frames of a sequence or a storyboard',
  },
  raw: { kind: 'choice', values: rawModes, meaning: 'camera raw: develop it, or take the preview in it' },
  filename: { kind: 'text', meaning: 'name of the result, for providers that support it' },
  priority: { kind: 'choice', values: remotePriorities, meaning: 'queue priority, for providers that support it' },
  webhook: { kind: 'url', meaning: 'address for the provider to call when done' },
}
export const optionNames = Object.keys(optionTable) as readonly OptionName[]

/** Seen to by Beside itself, whoever makes the result: no provider is asked whether it takes them, or told of them. */
export const ownOptions: readonly OptionName[] = ['onlyIfSmaller']
