/**
 * Everything that a file holds as one flat list, in which the source of a conversion and its result can be held against each other:
 * what the one has and the other lacks was changed or left behind, and nothing of that happens without a word.
 */
import { imageMetadata, isHdrTransfer, mainAudio, type ImageFacts, type MediaFacts } from './media.ts'
import { matchOf, type ContentItem, type Thing } from './things.ts'

interface Listed extends ContentItem {
  /** What has to be the same besides the name: the values of a tag. */
  readonly value?: string
  /** What a track says of itself, or frames show alone: nobody misses it where they are left. */
  readonly own?: readonly ContentItem[]
}

/** In a fixed order, the same for equal facts. */
export function contentsOf(facts: MediaFacts): readonly Listed[] {
  return [
    ...trackContents(facts),
    ...tagContents(facts),
    ...audioContents(facts),
    ...videoContents(facts),
    ...imageContents(facts),
  ]
}

function trackContents(facts: MediaFacts): readonly Listed[] {
  const { video, subtitles, attachments, others } = facts
  const main = mainAudio(facts) ?? 0
  // What goes on where only one can is what the other files are held against first.
  const audio = [...facts.audio.slice(main, main + 1), ...facts.audio.filter((_, index) => index !== main)]
  const tracks = [
    ...video.map((stream) => trackContent('video-track', stream)),
    ...audio.map((stream) => trackContent('audio-track', stream)),
    ...subtitles.map((stream) => trackContent(stream.kind === 'bitmap' ? 'bitmap-subtitles' : 'subtitles', stream)),
  ]
  return [
    ...tracks,
    ...attachments.map(({ name }) => ({ thing: 'attachment', name }) as const),
    ...others.map((stream) => trackContent('data-stream', stream)),
    ...tracks.flatMap(({ own = [] }) => own),
  ]
}

type Track = Pick<MediaFacts['audio'][number], 'codec' | 'language' | 'title' | 'roles' | 'isOpaque'>

function trackContent(kind: Thing, { codec, title, roles = [], isOpaque, ...stream }: Track): Listed {
  const language = stream.language === undefined ? undefined : (otherCodes[stream.language] ?? stream.language)
  const own: readonly ContentItem[] = [
    ...(language === undefined ? [] : [{ thing: 'language', name: language } as const]),
    ...(title === undefined ? [] : [{ thing: 'stream-title', name: title } as const]),
    ...(kind === 'subtitles' && styled.has(codec) ? [{ thing: 'subtitle-style', name: 'ass' } as const] : []),
    // Which track is the default is every container's own matter where there is but one.
    ...roles.filter((role) => role !== 'default').map((role) => ({ thing: 'stream-role', name: role }) as const),
  ]
  const thing = isOpaque === true ? 'opaque-stream' : kind
  return { thing, name: codec, own, ...(language !== undefined && { language }) }
}

/** Two versions of one format, with fonts, colours and places. */
const styled: ReadonlySet<string> = new Set(['ass', 'ssa'])

/** ISO 639-2 has two codes for these; containers keep either. */
const otherCodes: Readonly<Record<string, string>> = {
  ...{ alb: 'sqi', arm: 'hye', baq: 'eus', bur: 'mya', chi: 'zho', cze: 'ces', dut: 'nld', fre: 'fra', geo: 'kat', ger: 'deu' },
  ...{ gre: 'ell', ice: 'isl', mac: 'mkd', mao: 'mri', may: 'msa', per: 'fas', rum: 'ron', slo: 'slk', tib: 'bod', wel: 'cym' },
  // As QuickTime has it.
  sve: 'swe',
}

function tagContents({ tags, pictures, chapters, broadcast, foreign = [], image }: MediaFacts): readonly Listed[] {
  return [
    // What a photo says of itself is part of its EXIF.
    ...(image === null ? tags : []).map(({ name, values }): Listed => {
      if (name === 'LYRICS') return { thing: 'lyrics', name: '' }
      return { thing: 'tag', name: otherNames[name] ?? name, value: values.map((value) => comparable(name, value)).join('\n') }
    }),
    ...pictures.map(({ kind }) => ({ thing: 'picture', name: kind }) as const),
    ...(chapters.length === 0 ? [] : [{ thing: 'chapters', name: String(chapters.length) } as const]),
    ...broadcast.map((name) => ({ thing: 'broadcast', name }) as const),
    ...foreign.map((name) => ({ thing: 'format-data', name }) as const),
  ]
}

/** What podcasts in MP4 and ID3 call what is a description elsewhere. */
const otherNames: Readonly<Record<string, string>> = { PODCASTDESC: 'DESCRIPTION' }

/** Numbers may be written with zeros in front or behind them; text is the same whatever its ends and line breaks. */
function comparable(name: string, value: string): string {
  const text = value.trim().replaceAll(/\r\n?/g, '\n')
  // A moment is the same however many digits of it are written.
  if (name === 'CREATION_TIME' && !Number.isNaN(Date.parse(text))) return new Date(text).toISOString()
  // Between day and time there is a letter in some formats and a space in others.
  if (name.endsWith('DATE')) return text.replace(/(\d)T(?=\d)/, '$1 ')
  // MP4 rounds a place.
  if (name === 'LOCATION') return text.replaceAll(/[+-]\d+(\.\d+)?/g, (part) => Number(part).toFixed(3))
  const number = text === '' ? Number.NaN : Number(text)
  return Number.isNaN(number) ? text : String(number)
}

function audioContents(facts: MediaFacts): readonly Listed[] {
  const stream = facts.audio[mainAudio(facts) ?? 0]
  if (stream === undefined) return []
  const { channels, bitDepth, isFloat } = stream
  return [
    ...(channels === null || channels < 2 ? [] : [{ thing: 'channels', name: String(channels) } as const]),
    ...(bitDepth === null || bitDepth <= 16 ? [] : [{ thing: 'sample-depth', name: String(bitDepth) } as const]),
    ...(isFloat === true ? [{ thing: 'float-samples', name: '' } as const] : []),
  ]
}

function videoContents({ video, image }: MediaFacts): readonly Listed[] {
  const [stream] = video
  if (stream === undefined || image !== null) return []
  const {
    hasAlpha,
    colour,
    mastering,
    lightLevel,
    fields,
    sampleAspect,
    rotation = 0,
    hasVariableRate,
    bitDepth,
    extras = [],
  } = stream
  const transfer = colour?.transfer
  const [wide, high] = sampleAspect ?? [1, 1]
  const light = lightLevel === undefined ? [] : [`${lightLevel.max},${lightLevel.average}`]
  return [
    ...(hasAlpha === true ? [{ thing: 'transparency', name: '' } as const] : []),
    ...(transfer !== undefined && isHdrTransfer(transfer) ? [{ thing: 'hdr', name: transfer } as const] : []),
    ...[mastering, ...light].flatMap((name) => (name === undefined ? [] : [{ thing: 'mastering', name } as const])),
    ...extras.map((name) => ({ thing: 'video-extra', name }) as const),
    ...(fields === 'top' || fields === 'bottom' ? [{ thing: 'interlacing', name: fields } as const] : []),
    ...(wide === high ? [] : [{ thing: 'pixel-shape', name: `${wide}:${high}` } as const]),
    ...(rotation === 0 ? [] : [{ thing: 'rotation', name: String(rotation) } as const]),
    ...(hasVariableRate === true ? [{ thing: 'frame-times', name: '' } as const] : []),
    ...(bitDepth === undefined || bitDepth <= 8 ? [] : [{ thing: 'colour-depth', name: String(bitDepth) } as const]),
  ]
}

function imageContents({ image }: MediaFacts): readonly Listed[] {
  if (image === null) return []
  const {
    pages,
    isAnimated,
    bitDepth = 8,
    samples,
    profile = '',
    hasAlpha,
    firstHasAlpha,
    hasGainMap,
    hasDepthMap,
    otherPictures = 0,
    hasMotion,
    density,
    hasThumbnail,
    metadata = [],
    texts = [],
  } = image
  const { numbered, hdr } = colourNames(image)
  // What only later frames show goes with them.
  const ofLater = hasAlpha === true && firstHasAlpha === false ? ([{ thing: 'transparency', name: '' }] as const) : []
  const frames: Listed = { thing: 'frames', name: String(pages), own: ofLater }
  return [
    ...(pages < 2 ? [] : [isAnimated === true ? frames : ({ thing: 'pages', name: String(pages) } as const)]),
    ...(bitDepth <= 8 ? [] : [{ thing: 'colour-depth', name: String(bitDepth) } as const]),
    ...(samples === undefined || samples === 'unsigned' ? [] : [{ thing: 'measured-samples', name: samples } as const]),
    ...(profile === '' ? numbered : [profile]).map((name) => ({ thing: 'colour-profile', name }) as const),
    ...hdr.map((name) => ({ thing: 'hdr', name }) as const),
    ...(hasAlpha === true ? [{ thing: 'transparency', name: '' } as const] : []),
    ...(hasGainMap === true ? [{ thing: 'gain-map', name: '' } as const] : []),
    ...(hasDepthMap === true ? [{ thing: 'depth-map', name: '' } as const] : []),
    ...(otherPictures === 0 ? [] : [{ thing: 'other-pictures', name: String(otherPictures) } as const]),
    ...(hasMotion === true ? [{ thing: 'motion', name: '' } as const] : []),
    ...(density === undefined ? [] : [{ thing: 'density', name: densityName(density) } as const]),
    ...(hasThumbnail === true ? [{ thing: 'thumbnail', name: '' } as const] : []),
    ...texts.map((name) => ({ thing: 'text-chunk', name }) as const),
    ...imageMetadata.filter((thing) => metadata.includes(thing)).map((thing) => ({ thing, name: '' }) as const),
  ]
}

/** By the numbers of ITU-T H.273; what those of an ordinary picture mean goes without saying. */
const hdrTransfers: Readonly<Record<number, string>> = { 16: 'smpte2084', 18: 'arib-std-b67' }
const usualPrimaries: ReadonlySet<number> = new Set([0, 1, 2])

function colourNames({ cicp }: ImageFacts): { readonly numbered: readonly string[]; readonly hdr: readonly string[] } {
  if (cicp === undefined) return { numbered: [], hdr: [] }
  const light = hdrTransfers[cicp.transfer]
  if (light !== undefined) return { numbered: [], hdr: [light] }
  return { numbered: usualPrimaries.has(cicp.primaries) ? [] : [`${cicp.primaries}/${cicp.transfer}`], hdr: [] }
}

/** To the whole dot: formats count in inches, centimetres or metres. */
function densityName({ x, y }: { readonly x: number; readonly y: number }): string {
  return x === y ? String(Math.round(x)) : `${Math.round(x)} × ${Math.round(y)}`
}

/** What the source has and the result lacks. Of several of a kind each counts; what is the same in all is found first. */
export function missingIn(result: readonly Listed[], source: readonly Listed[]): readonly ContentItem[] {
  const free = [...result]
  const taking = (isIt: (content: Listed, found: Listed) => boolean) => (content: Listed) => {
    const at = free.findIndex((found) => found.thing === content.thing && isIt(content, found))
    if (at >= 0) free.splice(at, 1)
    return at < 0
  }
  const missing = source.filter(taking(isEqual)).filter(taking(isMatch))
  const withTheirTracks = missing.flatMap(({ own = [] }) => own)
  return missing.filter((content) => !taken(withTheirTracks, content)).map(plain)
}

/** Whether it is in the list, from which it then goes. */
function taken(list: ContentItem[], { thing, name }: ContentItem): boolean {
  const at = list.findIndex((each) => each.thing === thing && each.name === name)
  if (at >= 0) list.splice(at, 1)
  return at >= 0
}

function isEqual(content: Listed, found: Listed): boolean {
  return isNamedAlike(content, found) && found.language === content.language
}

function isNamedAlike(content: Listed, found: Listed): boolean {
  return plainName(found.name) === plainName(content.name) && isSaidAlike(content.value, found.value)
}

/** Formats that have one value of a name have all of them in it. */
function isSaidAlike(value: string | undefined, found: string | undefined): boolean {
  return found === value || (found !== undefined && found === value?.replaceAll('\n', '; '))
}

/** Matroska has no spaces in names, and a language behind a hyphen. */
function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[ -]/g, '_')
}

function isMatch(content: Listed, found: Listed): boolean {
  switch (matchOf(content.thing)) {
    case 'name':
      return isNamedAlike(content, found)
    case 'count':
      return true
    case 'grade':
      return Number(found.name) >= Number(content.name)
    case 'ratio':
      return Math.abs(ratioOf(found.name) / ratioOf(content.name) - 1) < 0.01
  }
}

/** Of `16:15`. */
function ratioOf(name: string): number {
  const [wide = 1, high = 1] = name.split(':').map(Number)
  return wide / high
}

function plain({ thing, name, language }: Listed): ContentItem {
  return { thing, name, ...(language !== undefined && { language }) }
}
