/**
 * Pure: a film as a whole, from what is known of it to FFmpeg's output options. All streams are named one by one, by their number in the
 * source, so that nothing that a file happens to hold besides (data, teletext, a second video) can make a conversion fail.
 */
import type { FormatId } from '../../../../shared/formats.ts'
import { isPlaceName, placesIn } from '../../../../shared/location.ts'
import type { AudioStream, MediaFacts, SubtitleStream, Tag, VideoStream } from '../../../../shared/media.ts'
import type { Options } from '../../../../shared/options.ts'
import { copiesAudio, noAudio, planAudioStream, type AudioOptions } from './audio.ts'
import type { OutputPlan } from './plan.ts'
import { dictionaryOf } from '../tags/vocabulary.ts'
import { heardIn } from './streams.ts'
import { isIso, type VideoTarget } from './targets.ts'
import { copiesVideo, keepsAlpha, keepsMarks, planVideoStream, showsHidden, type VideoStreamPlan } from './video.ts'

/** A picture as a file that FFmpeg attaches. */
export interface Poster {
  readonly path: string
  readonly name: string
  readonly type: string
}

type Stream = AudioStream | VideoStream | SubtitleStream

/** A stream of the source and its specifier in the output, e.g. `a:0`. */
interface Placed<T extends Stream = Stream> {
  readonly stream: T
  readonly to: string
  readonly map: string
}

function placed<T extends Stream>(streams: readonly T[], kind: 'v' | 'a' | 's', source: number): readonly Placed<T>[] {
  return streams.map((stream, n) => ({
    stream,
    to: `${kind}:${n}`,
    map: `${source}:${stream.index ?? `${kind === 'v' ? 'V' : kind}:${n}`}`,
  }))
}

/** With its number in the source. */
function heard(
  facts: MediaFacts,
  target: VideoTarget,
  source: number,
): readonly (Placed<AudioStream> & { readonly n: number })[] {
  const all = placed(facts.audio, 'a', source)
  return heardIn(facts, target).flatMap((n, to) => all.slice(n, n + 1).map((audio) => ({ ...audio, n, to: `a:${to}` })))
}

export function planVideo(plan: OutputPlan, target: VideoTarget): readonly string[] {
  const { facts, to, gains, inputs } = plan
  if (facts.video.length === 0 && facts.audio.length === 0) throw noAudio(facts.format, to)
  // A player shows one picture.
  const pictures = placed(facts.video.slice(0, 1), 'v', inputs.source)
  const audios = heard(facts, target, inputs.source)
  const texts = placed(facts.subtitles, 's', inputs.source)
    .filter(({ stream }) => subtitleCodec(stream.codec, target) !== null)
    .map((text, n) => ({ ...text, to: `s:${n}` }))
  const streams = [...pictures, ...audios, ...texts]
  return [
    ...streams.flatMap(({ map }) => ['-map', map]),
    ...pictures.flatMap(({ stream, to: v }) => planVideoStream(videoPlan(plan, target, stream), v)),
    ...audios.flatMap(({ stream, n }, at) =>
      planAudioStream(stream, target.audio, audioOptions(plan, target, stream, n), gains[n] ?? null, at),
    ),
    ...texts.flatMap(({ stream, to: s }) => [`-c:${s}`, subtitleCodec(stream.codec, target) ?? 'copy']),
    ...planTags(plan, target),
    ...streams.flatMap((stream) => planNames(stream, plan, target)),
    ...planAttached(plan, target),
    ...planMuxing(plan, target),
    ...['-f', target.muxer],
  ]
}

/** Numbers in the output of the streams that are taken over as they are. */
export function copiedStreams(plan: OutputPlan, target: VideoTarget): readonly number[] {
  const { facts } = plan
  const pictures = facts.video.slice(0, 1)
  return [
    ...pictures.flatMap((stream, n) => (copiesVideo(videoPlan(plan, target, stream)) ? [n] : [])),
    ...heard(facts, target, 0).flatMap(({ stream, n }, to) => {
      const isCopied = copiesAudio(stream, target.audio, audioOptions(plan, target, stream, n))
      return isCopied ? [pictures.length + to] : []
    }),
  ]
}

/** Of the film nothing but its picture. */
export function planPicture(plan: OutputPlan, target: VideoTarget): readonly string[] {
  const pictures = placed(plan.facts.video.slice(0, 1), 'v', plan.inputs.source)
  return pictures.flatMap(({ stream, to: v, map }) => ['-map', map, ...planVideoStream(videoPlan(plan, target, stream), v)])
}

/** What the encoder of the picture needs to take notes. */
export function planFirstPass(plan: OutputPlan, target: VideoTarget): readonly string[] {
  return [...planPicture(plan, target), '-f', 'null', '-']
}

/** Where the picture of a film stands in it. */
export function pictureMap({ index }: VideoStream): string {
  return String(index ?? 'V:0')
}

function audioOptions(
  { options, spending, isTrial = false }: OutputPlan,
  target: VideoTarget,
  stream: AudioStream,
  n: number,
): AudioOptions {
  return { ...options, ...spending?.audio[n], isAnew: isAudioAnew(stream, target, options), isTrial }
}

/** Where a copy would bring along what is hidden: before the beginning, or in Vorbis's own header, which holds its tags once more. */
function isAudioAnew(stream: AudioStream, target: VideoTarget, { preserveLocation }: Options): boolean {
  return showsHidden(stream, target) || (preserveLocation === false && stream.codec === 'vorbis')
}

export function videoPlan(plan: OutputPlan, target: VideoTarget, stream: VideoStream): VideoStreamPlan {
  const { facts, options, encoders, spending, pass = null, dropsMarks = false, isTrial = false, device = null } = plan
  const { kbits, ...own } = spending?.video ?? {}
  const common = { from: facts.format, stream, target, encoders, lastsMs: facts.durationMs, dropsMarks, isTrial, device }
  return { ...common, options: { ...options, ...own }, ...(kbits !== undefined && { rate: { kbits, pass } }) }
}

const textSubtitles = new Set([
  ...['subrip', 'srt', 'ass', 'ssa', 'webvtt', 'mov_text', 'text', 'eia_608', 'microdvd', 'subviewer', 'subviewer1'],
  ...['jacosub', 'mpl2', 'pjs', 'realtext', 'sami', 'stl', 'vplayer'],
])

/** Subtitles stay where the target can hold them, as they are or as text; pictures of text go only where pictures go. */
export function subtitleCodec(codec: string, { subtitles }: VideoTarget): string | null {
  if (subtitles.copies.includes(codec)) return 'copy'
  return textSubtitles.has(codec) ? subtitles.encode : null
}

const isoSources: ReadonlySet<FormatId> = new Set(['m4a', 'alac', 'mp4', 'mov', '3gp'])

/** What FFmpeg shows as tags although it describes the container: of MP4 the brands, of Matroska the layer that holds transparency. */
const isoFileTags = ['major_brand', 'minor_version', 'compatible_brands', 'iTunSMPB']
const isoStreamTags = ['handler_name', 'vendor_id']

/** How much a player should turn the old file up or down. */
const gainTags = [
  'REPLAYGAIN_TRACK_GAIN',
  'REPLAYGAIN_TRACK_PEAK',
  'REPLAYGAIN_ALBUM_GAIN',
  'REPLAYGAIN_ALBUM_PEAK',
  'R128_TRACK_GAIN',
  'R128_ALBUM_GAIN',
]

/** Tags of the file, of tracks and of chapters that tell where it was filmed, by every name under which they stand. */
function planPlaceless({ facts, options }: OutputPlan): readonly string[] {
  if (options.preserveLocation !== false) return []
  const specifiers = ['', ':s', ...facts.chapters.map((_, n) => `:c:${n}`)]
  return placesIn(facts).flatMap((name) => specifiers.flatMap((specifier) => [`-metadata${specifier}`, `${name}=`]))
}

function planTags(plan: OutputPlan, target: VideoTarget): readonly string[] {
  const { facts, options, inputs } = plan
  if (options.preserveMetadata === false) return ['-map_metadata', '-1', '-map_chapters', '-1']
  const [picture] = facts.video
  const without = (specifier: string, names: readonly string[]) => names.flatMap((name) => [`-metadata${specifier}`, `${name}=`])
  if (target.tags === 'none') return ['-map_metadata', '-1', '-map_chapters', '-1']
  const isFlat = picture?.hasAlpha === true && !keepsAlpha(videoPlan(plan, target, picture))
  return [
    // Ogg ties its tags to a stream.
    ...(isIso(target) ? planIsoTags(plan) : target.tags === 'plain' ? planPlainTags(plan) : planMatroskaTags(plan)),
    ...(facts.format === 'ogv' || target.muxer === 'ogv' ? ['-map_metadata:s', '-1'] : []),
    ...['-map_chapters', String(inputs.source)],
    ...(isIso(target) ? planUntitled(plan) : []),
    ...(isoSources.has(facts.format)
      ? [...without('', isoFileTags), ...(isIso(target) ? [] : without(':s', isoStreamTags))]
      : []),
    ...(options.normalize === true ? [...without('', gainTags), ...without(':s:a', gainTags)] : []),
    ...(isFlat ? without(':s:v:0', ['alpha_mode']) : []),
    ...planPlaceless(plan),
  ]
}

/** FFmpeg leaves out the chapters of MP4 that have no title, so that the next one's title comes too early. */
export function planUntitled({ facts: { chapters }, options: { trimStart, trimEnd } }: OutputPlan): readonly string[] {
  // What is cut off takes its chapters along, and nobody knows the numbers of the rest.
  if (trimStart !== undefined || trimEnd !== undefined) return []
  return chapters.flatMap(({ title }, n) => (title === '' ? [`-metadata:c:${n}`, 'title= '] : []))
}

/** Beside writes the tags of MP4 itself; what FFmpeg writes besides has no other place. */
function planIsoTags({ facts: { format, audio, video }, inputs: { source } }: OutputPlan): readonly string[] {
  const [first] = [...audio, ...video]
  if (format !== 'ogv' || first === undefined) return ['-map_metadata', String(source)]
  return ['-map_metadata:g', `${source}:s:${first.index ?? (audio.length > 0 ? 'a:0' : 'v:0')}`]
}

/** FFmpeg makes of names with these endings several values of one name, all of no language in particular. */
const valueEndings = ['', '-und', '-mul', '-mis', '-zxx']
/** Command lines of Windows end at 32,767 characters. */
const maxTagsLength = 16_000

export function planMatroskaTags(plan: OutputPlan): readonly string[] {
  const kept = writtenTags(plan)
  if (kept === null) return ['-map_metadata:g', `${plan.inputs.source}:g`]
  const written = kept.flatMap(({ name, values }) => {
    const isOnly = name === 'PODCASTDESC' && !kept.some((tag) => tag.name === 'DESCRIPTION')
    const own = isOnly ? 'DESCRIPTION' : name.replaceAll('=', '_').replace(/-(?=[a-z]{2,3}$)/i, '_')
    const places = valueEndings.slice(0, values.length).map((ending, n) => ({ ending, value: values[n] ?? '' }))
    const more = values.slice(valueEndings.length)
    return places.flatMap(({ ending, value }, n) => [
      '-metadata',
      `${own}${ending}=${n === valueEndings.length - 1 ? [value, ...more].join('; ') : value}`,
    ])
  })
  return ['-map_metadata:g', '-1', ...written]
}

/** Tags of a file, of whichever FFmpeg is to write; null where they are too long to be told to it. */
function writtenTags({ facts: { tags }, options }: OutputPlan): readonly Tag[] | null {
  if (tags.flatMap(({ values }) => values).join('').length > maxTagsLength) return null
  const isLeft = (name: string) =>
    (options.normalize === true && gainTags.includes(name)) || (options.preserveLocation === false && isPlaceName(name))
  return tags.filter(({ name }) => !isLeft(name))
}

/** By FFmpeg's own names, from which each of its muxers makes those of its format. */
export function planPlainTags(plan: OutputPlan): readonly string[] {
  const kept = writtenTags(plan)
  if (kept === null) return ['-map_metadata:g', `${plan.inputs.source}:g`]
  const written = dictionaryOf(kept).flatMap(([name, value]) => ['-metadata', `${name.replaceAll('=', '_')}=${value}`])
  return ['-map_metadata:g', '-1', ...written]
}

/** Languages are no metadata to be left out: without them nobody finds the right track. */
function planNames({ stream, to }: Placed, { facts, options }: OutputPlan, target: VideoTarget): readonly string[] {
  const { language, title } = stream
  const written = language !== undefined && target.muxer === 'mov' ? (quickTimeLanguages[language] ?? language) : language
  const isLanguageLost =
    options.preserveMetadata === false ||
    facts.format === 'ogv' ||
    written !== language ||
    target.tags === 'none' ||
    target.muxer === 'ogv'
  return [
    ...(written !== undefined && isLanguageLost ? [`-metadata:s:${to}`, `language=${written}`] : []),
    // What most programs show of a track in MP4.
    ...(title !== undefined && options.preserveMetadata !== false && target.muxer !== 'ogv'
      ? [`-metadata:s:${to}`, `${isIso(target) ? 'handler_name' : 'title'}=${title}`]
      : []),
  ]
}

/** In MP4 the name of what handles a track is where programs put its title; most put their own name there. */
export const ordinaryHandler =
  /^\W*$|handler|media|produced|isom|gpac|l-smash|mainconcept|lavf|google|apple|twitter|stereo|mono|surround/i

/** @param language as the model has it, with one code a language. */
export function holdsLanguage(language: string, target: FormatId): boolean {
  if (target === 'mov') return quickTimeKnows.has(language)
  return target !== 'mp4' || /^[a-z]{3}$/.test(language)
}

const quickTimeKnows: ReadonlySet<string> = new Set(
  (
    'eng fra deu ita nld swe spa dan por nor heb jpn ara fin ell isl mlt tur zho urd hin tha kor lit pol hun est lav rus sqi ron ces slk ' +
    'slv yid mkd bul ukr bel uzb kaz aze hye kat kir tgk tuk mon pus kur kas snd bod nep san mar ben asm guj ori mal kan tam tel mya khm ' +
    'lao vie ind tgl msa amh tir orm som swa run mlg epo cym eus cat lat que grn aym tat uig dzo jav'
  ).split(' '),
)

/** QuickTime has numbers for languages; these are the ones that FFmpeg knows by another name than ISO 639-2/T. */
const quickTimeLanguages: Readonly<Record<string, string>> = {
  ...{ deu: 'ger', nld: 'dut', swe: 'sve', zho: 'chi', ell: 'gre', isl: 'ice', fre: 'fra', cze: 'ces', slo: 'slk', rum: 'ron' },
  ...{ sqi: 'alb', mkd: 'mac', hye: 'arm', kat: 'geo', bod: 'tib', mya: 'bur', msa: 'may', cym: 'wel', eus: 'baq' },
}

/** Of other files nobody knows what they tell: a track of a walk lies beside a film as well as a font does. */
export function isFont(name: string): boolean {
  return /\.(ttf|otf|ttc|otc|woff2?|pfb|fon)$/i.test(name)
}

/** Fonts and posters. FFmpeg takes the name and the type of something attached for tags, and refuses it without. */
function planAttached({ facts, inputs, options, posters = [] }: OutputPlan, target: VideoTarget): readonly string[] {
  if (target.attachments === 'none') return []
  const attachments = facts.attachments.filter(({ name }) => options.preserveLocation !== false || isFont(name))
  const named = [...attachments, ...posters].flatMap(({ name, type }, n) => [
    ...[`-metadata:s:t:${n}`, `filename=${name === '' ? `attachment-${n + 1}` : name}`],
    ...[`-metadata:s:t:${n}`, `mimetype=${type === '' ? 'application/octet-stream' : type}`],
  ])
  return [
    ...attachments.flatMap(({ index }) => ['-map', `${inputs.source}:${index}`]),
    ...posters.flatMap(({ path }) => ['-attach', path]),
    ...named,
  ]
}

/** What phones write of place, camera and local time, by names of their own. */
const phoneTag = /^COM\.(APPLE\.QUICKTIME|ANDROID)\./

/** FFmpeg writes these as keys of QuickTime, in the place of the items that Beside writes afterwards; those come beside them. */
function planMuxing(plan: OutputPlan, target: VideoTarget): readonly string[] {
  const { facts, options } = plan
  const { tags } = facts
  const isPhone =
    isIso(target) &&
    options.preserveMetadata !== false &&
    tags.some(({ name }) => phoneTag.test(name) && (options.preserveLocation !== false || !isPlaceName(name)))
  const [picture] = facts.video
  const isMarked = picture !== undefined && keepsMarks(videoPlan(plan, target, picture))
  return [...(isPhone ? ['-movflags', '+use_metadata_tags'] : []), ...(isMarked ? ['-strict', 'unofficial'] : [])]
}
