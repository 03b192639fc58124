/** `npm run contents`: prints what becomes of everything that a file may hold into `docs/CONTENTS.md`, from the table that conversions follow. */
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { fates, localTargets, type LocalTarget } from '../src/main/providers/local/fates.ts'
import type { Fate } from '../src/main/providers/provider.ts'
import { belongsTo, things, type Thing } from '../src/shared/things.ts'
import { type Family, factsOf } from '../src/shared/formats.ts'
import english from '../src/shared/text/en.json' with { type: 'json' }

export const contentsPath = fileURLToPath(new URL('../docs/CONTENTS.md', import.meta.url))

const marks: Readonly<Record<Fate, string>> = { kept: '●', counted: '◐', changed: '○', left: '–', unasked: ' ' }

/** Why the row of a thing is as it is. */
const rules: Readonly<Record<Thing, string>> = {
  'video-track': 'A video has one picture: the one that is marked as default, else the first.',
  'audio-track':
    'A video keeps all of its audio tracks; an audio file has the default one, else the first that is no commentary.',
  subtitles: 'Text subtitles go along in the form that the format has for them.',
  'bitmap-subtitles': 'Subtitles that are pictures (Blu-ray, DVD, DVB) fit into Matroska alone.',
  'subtitle-style': 'Fonts, colors and places of ASS subtitles stay in Matroska; elsewhere their text goes along.',
  attachment: 'Only Matroska holds fonts and other files.',
  'data-stream':
    'A time code goes along, and a note says where it could not; telemetry and the like are tied to the file that they came in.',
  'opaque-stream': 'What FFmpeg here has no decoder for cannot be converted, and is not copied unseen.',
  language: 'Languages of tracks are kept, whatever is asked about metadata.',
  'stream-title': 'Titles of tracks are kept where the format names tracks.',
  'stream-role': 'Forced, commentary, for the hard of hearing: kept where the format knows such roles.',
  tag: 'Tags keep their names, their order and each of several values; fields of your own go along.',
  lyrics: 'Lyrics are written as lyrics, so that players show them.',
  picture: 'Pictures keep their kind where the format has kinds; where it has one kind only, the front cover comes first.',
  chapters: 'Chapters keep their times and titles.',
  broadcast:
    'Description, time code, iXML and cue marks of recorders go into WAV and FLAC; elsewhere description and time code are tags.',
  'format-data':
    'What only ID3 has a place for goes along between MP3, AAC, WAV and AIFF; what only one other format knows is left.',
  channels: 'All channels are kept where the format holds as many.',
  'sample-depth': 'Lossless formats keep the bits of a sample; lossy ones have none.',
  'float-samples': 'Floating point beyond full scale survives only where samples may be floating point.',
  transparency: 'Transparency is kept where the format has it, and else laid on a ground: white, for pictures as for video.',
  hdr: 'PQ and HLG stay what they are in video; pictures are converted for ordinary screens: white of 203 nits stays white, brighter light is bent up to 1,000 nits.',
  mastering: 'The display that HDR was mastered on, and its brightest values, go along.',
  'video-extra':
    'Closed captions, Dolby Vision, HDR10+, and the marks of 360° and 3D stay where the picture is copied; encoding keeps captions in H.264, and the marks in MP4 and Matroska.',
  interlacing: 'Interlaced video is deinterlaced when it is encoded, and stays as it is when it is copied.',
  'pixel-shape': 'Pixels that are not square are kept in video; pictures are stretched to square ones.',
  rotation: 'What is shown turned is turned, or its mark is kept: it looks the same.',
  'frame-times': 'Frames keep their times where the format has times; others get the nearest regular rate.',
  'colour-depth': 'More than 8 bits a color are kept where the encoder that is used has them.',
  frames:
    'Animations stay animations in GIF, WebP and video, and animated PNG and AVIF in PNG; other pictures show the first frame.',
  pages: 'Every page is kept, as a page or as a file of its own.',
  'measured-samples':
    'Signed and floating-point values stay what they are in a TIFF that is not resized. Elsewhere floating-point RGB is taken for linear light, floating-point gray from 0 to 1 is shown as it is, and all others are spread from black for the lowest to white for the highest.',
  'colour-profile':
    'A profile is kept where the format holds one; else colors are converted to sRGB. Colors that a file says by numbers become a profile.',
  'gain-map': 'The gain map of an Ultra HDR photo is left, and so is the text that speaks of it.',
  'depth-map': 'How far away things are is known to HEIC alone.',
  'other-pictures': 'Of a JPEG or HEIC that holds several pictures, as stereo cameras write them, the main one is converted.',
  motion: 'The film of a motion photo is left, and so is the text that speaks of it.',
  density: 'Dots an inch are kept, both across and down, where the format states them; WebP and AVIF say them in EXIF.',
  thumbnail: 'An embedded thumbnail would no longer fit the picture, so it is removed.',
  'text-chunk':
    'Texts of a PNG stay texts in PNG, and go into the user comment of EXIF, or of XMP, elsewhere; comments of JPEG and GIF likewise.',
  exif: 'Camera data are kept whole; the orientation is that of the result.',
  'maker-notes': 'What makers write in ways of their own goes along, as long as a JPEG has room for it.',
  location: 'The place is kept with the camera data.',
  xmp: 'XMP is kept, without what describes a gain map or a thumbnail that is gone.',
  iptc: 'IPTC is kept, or written as XMP where the format holds no IPTC.',
}

const groups: readonly { readonly family: Family; readonly title: string }[] = [
  { family: 'audio', title: 'Into audio' },
  { family: 'video', title: 'Into video' },
  { family: 'image', title: 'Into pictures' },
]

const markers = ['<!-- table: npm run contents -->', '<!-- end of table -->'] as const

/** The page with the table as it is now. */
export function withTable(page: string): string {
  const [begin, end] = markers.map((marker) => page.indexOf(marker))
  if (begin === undefined || end === undefined || begin < 0 || end < begin) throw new Error(`no ${markers.join(' … ')}`)
  const parts = [...groups.map(({ family, title }) => groupTable(family, title)), rulesList()]
  return `${page.slice(0, begin + markers[0].length)}\n\n${parts.join('\n\n')}\n\n${page.slice(end)}`
}

function groupTable(family: Family, title: string): string {
  const targets = localTargets.filter((target) => factsOf(target).family === family)
  const rows = things
    .filter((thing) => belongsTo(thing, family))
    .map((thing) => [english.things[thing], ...targets.map((target: LocalTarget) => marks[fates[thing][target]])])
  return `## ${title}\n\n${table([['', ...targets], ...rows])}`
}

/** As the formatter has it: columns as wide as their widest cell. */
function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => (row[column] ?? '').length)))
  const line = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

function rulesList(): string {
  return `## Why\n\n${things.map((thing) => `- **${english.things[thing]}** – ${rules[thing]}`).join('\n')}`
}

if (import.meta.main) await writeFile(contentsPath, withTable(await readFile(contentsPath, 'utf8')))
