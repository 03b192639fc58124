/**
 * What a file holds as lines of text, a label with one or several values: the window shows source and result side by side by them, and
 * `beside inspect` prints them. Pure; figures are written by whoever shows them.
 */
import { codecName } from './codecs.ts'
import { languageName, tagLabel, transferName, type ContentTexts } from './content-texts.ts'
import { fill } from './fill.ts'
import { factsOf } from './formats.ts'
import type { AudioStream, Colour, ImageFacts, MediaFacts, OtherStream, SubtitleStream, VideoStream } from './media.ts'

export interface MediaLine {
  /** The same for what is compared, in whatever language. */
  readonly key: string
  readonly label: string
  /** One a line. */
  readonly values: readonly string[]
}

/** How figures are written. */
export interface Figures {
  readonly bytes: (bytes: number) => string
  /** Milliseconds. */
  readonly length: (ms: number) => string
  readonly number: (value: number) => string
}

export interface MediaLinesOptions {
  readonly texts: ContentTexts
  readonly figures: Figures
  /** More values of one line are counted only. */
  readonly maxValues: number
  /** Longer texts of the file's are cut. */
  readonly maxText: number
}

type LineKey = keyof ContentTexts['contents']['lines']

export function mediaLines(facts: MediaFacts, options: MediaLinesOptions): readonly MediaLine[] {
  const { texts, figures, maxText } = options
  const { contents } = texts
  const { image } = facts
  const line = (key: LineKey, values: readonly string[]): MediaLine => ({ key, label: contents.lines[key], values })
  const streams = [
    line(
      'video',
      alone(facts.video).map((stream) => videoText(stream, options)),
    ),
    line(
      'audio',
      alone(facts.audio).map((stream) => audioText(stream, options)),
    ),
    line(
      'subtitles',
      alone(facts.subtitles).map((stream) => joined([codecName(stream.codec), ...streamWords(stream, texts)])),
    ),
    line(
      'others',
      facts.others.map((stream) => joined([codecName(stream.codec), ...streamWords(stream, texts)])),
    ),
    line(
      'attachments',
      facts.attachments.map(({ name, type }) => joined([{ text: oneLine(name, maxText) }, type])),
    ),
  ]
  const about = [
    line('format', [factsOf(facts.format).title]),
    line('bytes', [joined([figures.bytes(facts.bytes), facts.isCutOff === true ? contents.words.cutOff : ''])]),
    line('duration', facts.durationMs === null ? [] : [figures.length(facts.durationMs)]),
  ]
  const extras = [
    line(
      'chapters',
      facts.chapters.map(({ startMs, title }) => joined([figures.length(startMs), { text: oneLine(title, maxText) }])),
    ),
    line(
      'pictures',
      facts.pictures.map(({ kind, type, description = '' }) =>
        joined([contents.pictures[kind], mimeName(type), { text: oneLine(description, maxText) }]),
      ),
    ),
    line('broadcast', facts.broadcast),
    line('foreign', facts.foreign ?? []),
  ]
  const tags = facts.tags.map(({ name, values }): MediaLine => {
    return { key: `tag ${name}`, label: tagLabel(name, texts), values: values.map((value) => oneLine(value, maxText)) }
  })
  const all = [...about, ...(image === null ? [] : imageLines(image, line, options)), ...streams, ...extras, ...tags]
  return all.flatMap((each) => shortened(each, options))
}

function imageLines(
  image: ImageFacts,
  line: (key: LineKey, values: readonly string[]) => MediaLine,
  { texts, figures }: MediaLinesOptions,
): readonly MediaLine[] {
  const { contents, things } = texts
  const { words } = contents
  const { pages, isAnimated, delaysMs = [], loops, bitDepth, samples, space, hasAlpha, profile = '', cicp, density } = image
  const lengthMs = delaysMs.reduce((sum, delayMs) => sum + delayMs, 0)
  const repeats = loops === undefined || loops === 1 ? [] : [loops === 0 ? words.forever : fill(words.repeats, { count: loops })]
  const kind = samples === undefined || samples === 'unsigned' ? [] : [samples === 'float' ? words.float : words.signed]
  const count = fill(words.frames, { count: figures.number(pages) })
  const pixels = [
    ...(space === undefined ? [] : [spaceName(space)]),
    ...(bitDepth === undefined ? [] : [`${bitDepth} bit`]),
    ...kind,
    ...(hasAlpha === true ? [words.transparency] : []),
  ]
  const coded = cicp === undefined ? [] : [`CICP ${cicp.primaries}/${cicp.transfer}/${cicp.matrix}`]
  const also = [
    ...(image.metadata ?? []).map((thing) => things[thing]),
    ...(image.hasThumbnail === true ? [things.thumbnail] : []),
    ...(image.hasGainMap === true ? [things['gain-map']] : []),
    ...(image.hasDepthMap === true ? [things['depth-map']] : []),
    ...((image.otherPictures ?? 0) > 0 ? [things['other-pictures']] : []),
    ...(image.hasMotion === true ? [things.motion] : []),
  ]
  return [
    line('dimensions', [sizeText(image.width, image.height)]),
    isAnimated === true
      ? line('frames', [joined([count, ...(lengthMs === 0 ? [] : [secondsText(lengthMs, figures)]), ...repeats])])
      : line('pages', pages < 2 ? [] : [figures.number(pages)]),
    line('pixels', pixels.length === 0 ? [] : [joined(pixels)]),
    line('colour', [...(profile === '' ? [] : [profile]), ...coded]),
    line('density', density === undefined ? [] : [densityText(density, figures)]),
    line('metadata', also),
    line('texts', image.texts ?? []),
  ]
}

function videoText(stream: VideoStream, { texts, figures }: MediaLinesOptions): string {
  const {
    codec,
    width,
    height,
    fps,
    hasVariableRate,
    bitDepth,
    colour,
    hdr,
    mastering,
    lightLevel,
    extras = [],
    hasAlpha,
    fields,
  } = stream
  const { words } = texts.contents
  const [wide, high] = stream.sampleAspect ?? [1, 1]
  return joined([
    codecName(codec),
    ...(width === null || height === null ? [] : [sizeText(width, height)]),
    ...(wide === high ? [] : [fill(words.aspect, { ratio: `${wide}:${high}` })]),
    ...(fps === null ? [] : [`${figures.number(Math.round(fps * 100) / 100)} fps`]),
    ...(hasVariableRate === true ? [words.variable] : []),
    ...(fields === 'top' || fields === 'bottom' ? [words.interlaced] : []),
    ...(bitDepth === undefined || bitDepth <= 8 ? [] : [`${bitDepth} bit`]),
    ...colourWords(colour, hdr === true),
    ...(mastering === undefined && lightLevel === undefined ? [] : [words.mastering]),
    ...extras,
    ...(hasAlpha === true ? [words.transparency] : []),
    ...((stream.rotation ?? 0) === 0 ? [] : [fill(words.turned, { degrees: stream.rotation })]),
    ...streamWords(stream, texts),
  ])
}

/** What goes without saying is not said: that a picture has the colours of every ordinary screen. */
function colourWords({ primaries, transfer }: Colour = {}, isHdr: boolean): readonly string[] {
  const named = primaries === undefined ? undefined : primariesNames[primaries]
  const light = isHdr ? [transfer === undefined ? 'HDR' : `HDR (${transferName(transfer)})`] : []
  return [...(named === undefined ? [] : [named]), ...light]
}

const primariesNames: Readonly<Record<string, string>> = { bt2020: 'BT.2020', smpte432: 'Display P3', smpte431: 'DCI-P3' }

function audioText(stream: AudioStream, { texts, figures }: MediaLinesOptions): string {
  const { codec, sampleRate, channels, layout, bitDepth, isFloat, bitrate } = stream
  const { words } = texts.contents
  const name = codecName(codec)
  return joined([
    name,
    ...(sampleRate === null ? [] : [`${figures.number(sampleRate / 1000)} kHz`]),
    ...(channels === null ? [] : [channelsText(channels, layout, words)]),
    // The name of PCM says it already.
    ...(bitDepth === null || name.startsWith('PCM') ? [] : [`${bitDepth} bit`]),
    ...(isFloat === true ? [words.float] : []),
    ...(bitrate === null ? [] : [`${figures.number(Math.round(bitrate))} kbit/s`]),
    ...streamWords(stream, texts),
  ])
}

function channelsText(channels: number, layout: string | undefined, words: ContentTexts['contents']['words']): string {
  if (channels === 1) return words.mono
  if (channels === 2) return words.stereo
  // `5.1(side)` is 5.1 to whoever has loudspeakers.
  return layout !== undefined && /^\d\.\d/.test(layout)
    ? layout.replace(/\(.*\)$/, '')
    : fill(words.channels, { count: channels })
}

/** Of one alone it goes without saying that it is the default. */
function alone<Stream extends Pick<AudioStream, 'roles'>>(streams: readonly Stream[]): readonly Stream[] {
  if (streams.length !== 1) return streams
  return streams.map((stream) => ({ ...stream, roles: (stream.roles ?? []).filter((role) => role !== 'default') }))
}

/** What any stream may say of itself. */
function streamWords(
  { language, title, roles = [], isProtected, isOpaque }: AudioStream | VideoStream | SubtitleStream | OtherStream,
  texts: ContentTexts,
): readonly Part[] {
  const { words, roles: names } = texts.contents
  return [
    ...(language === undefined ? [] : [languageName(language, texts)]),
    ...(title === undefined ? [] : [{ text: `“${oneLine(title, 60)}”` }]),
    ...roles.map((role) => names[role]),
    ...(isProtected === true ? [words.protected] : []),
    ...(isOpaque === true ? [words.opaque] : []),
  ]
}

function shortened({ key, label, values }: MediaLine, { texts, figures, maxValues }: MediaLinesOptions): MediaLine[] {
  const known = values.filter((value) => value !== '')
  if (known.length === 0) return []
  // A line that says that there is one more could as well be that one.
  if (known.length <= maxValues + 1) return [{ key, label, values: known }]
  const more = fill(texts.contents.words.more, { count: figures.number(known.length - maxValues) })
  return [{ key, label, values: [...known.slice(0, maxValues), `+ ${more}`] }]
}

/** Lyrics and notes are known again by their beginning. */
function oneLine(text: string, max: number): string {
  const line = text.replaceAll(/[^\S\u00a0]+/g, ' ').trim()
  const letters = Array.from(line)
  return letters.length <= max
    ? line
    : `${letters
        .slice(0, max - 1)
        .join('')
        .trimEnd()}…`
}

/** A word of ours, which is not wrapped, or what the file says, which may be. */
type Part = string | { readonly text: string }

function joined(parts: readonly Part[]): string {
  return parts
    .map((part) => (typeof part === 'string' ? part.replaceAll(' ', '\u00a0') : part.text))
    .filter((text) => text !== '')
    .join(' · ')
}

function sizeText(width: number, height: number): string {
  return `${width}\u00a0×\u00a0${height}`
}

function densityText({ x, y }: { readonly x: number; readonly y: number }, { number }: Figures): string {
  const [across, down] = [Math.round(x), Math.round(y)]
  return across === down ? `${number(across)}\u00a0dpi` : `${number(across)}\u00a0×\u00a0${number(down)}\u00a0dpi`
}

function secondsText(ms: number, { number }: Figures): string {
  return `${number(Math.round(ms / 100) / 10)} s`
}

/** libvips' words for what every program calls otherwise. */
function spaceName(space: string): string {
  const names: Readonly<Record<string, string>> = {
    srgb: 'RGB',
    rgb: 'RGB',
    rgb16: 'RGB',
    scrgb: 'RGB',
    'b-w': 'B/W',
    grey16: 'B/W',
  }
  return names[space] ?? space.toUpperCase()
}

function mimeName(type: string): string {
  return type.replace(/^image\//, '').toUpperCase()
}
