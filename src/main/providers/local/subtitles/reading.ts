/** Subtitles as people have them: in any order, numbered wrongly, without hours, with what editors leave in them. */
import type { OpenCue } from './cues.ts'
import { escaped, marked } from './cues.ts'
import type { SubtitleFormat } from './pairings.ts'
import { readTtml } from './ttml.ts'

export interface ReadCues {
  readonly cues: readonly OpenCue[]
  /** What a file of frames says of their rate. */
  readonly fps: number | null
}

/** As FFmpeg has it where nothing says another. */
export const usualFps = 24_000 / 1001

/** @param fps of MicroDVD, where somebody says it. */
export function readCues(text: string, format: SubtitleFormat, fps: number | null): ReadCues {
  const lines = text.split(/\r\n|\n|\r/)
  switch (format) {
    case 'srt':
      return { cues: readBlocks(lines, 'srt'), fps: null }
    case 'vtt':
      return { cues: readBlocks(lines, 'vtt'), fps: null }
    case 'sbv':
      return { cues: readBlocks(lines, 'sbv'), fps: null }
    case 'ass':
      return { cues: readAss(lines), fps: null }
    case 'lrc':
      return { cues: readLyrics(lines), fps: null }
    case 'sub':
      return readFrames(lines, fps)
    case 'ttml':
      return { cues: readTtml(text), fps: null }
  }
}

const time = String.raw`(?:\d+:)?\d{1,3}:\d{1,2}(?:[.,]\d{1,3})?`
const timings = {
  srt: new RegExp(String.raw`^\s*(${time})\s*-+>\s*(${time})(.*)$`),
  vtt: new RegExp(String.raw`^\s*(${time})\s*-->\s*(${time})(.*)$`),
  sbv: new RegExp(String.raw`^\s*(${time}),(${time})()\s*$`),
}

/** Each line of times begins a cue; what stands between two of them is its text and the number of the next. */
function readBlocks(lines: readonly string[], format: keyof typeof timings): readonly OpenCue[] {
  const starts = lines.flatMap((line, at) => {
    const match = timings[format].exec(line)
    return match === null ? [] : [{ at, match }]
  })
  return starts.map(({ at, match: [, from = '', to = '', settings = ''] }, n) => {
    const between = lines.slice(at + 1, starts[n + 1]?.at ?? lines.length)
    const end = between.findIndex((line) => line.trim() === '')
    // A blank line ends a cue but in SubRip, where only one before a number does.
    const text = format === 'srt' ? withoutNumber(between, n + 1 < starts.length) : end === -1 ? between : between.slice(0, end)
    const joined = text.join('\n')
    const place = /\{\\an?(\d)\}/.exec(joined)?.[1]
    const inner = format === 'vtt' ? fromWebVtt(joined) : marked(joined.replaceAll(/\{\\[^}]*\}/g, ''))
    const isAbove = format === 'vtt' && /\bline:\s*(0|[01]?\d(\.\d+)?%)(\s|,|$)/.test(settings)
    return {
      startMs: msOf(from),
      endMs: msOf(to),
      text: inner,
      place: place === undefined ? (isAbove ? 8 : null) : Number(place),
    }
  })
}

function withoutNumber(lines: readonly string[], isNextThere: boolean): readonly string[] {
  const last = lines.findLastIndex((line) => line.trim() !== '')
  const isNumber = isNextThere && /^\s*\d+\s*$/.test(lines[last] ?? '')
  return isNumber ? lines.slice(0, last) : lines.slice(0, last + 1)
}

function fromWebVtt(text: string): string {
  const named = text.replaceAll('&nbsp;', '\u00A0').replaceAll(/&[lr]rm;/g, '')
  return marked(named.replaceAll('&lt;', '\uE000').replaceAll('&gt;', '\uE001').replaceAll('&amp;', '&'))
    .replaceAll('\uE000', '&lt;')
    .replaceAll('\uE001', '&gt;')
}

/** `1:02:03,456`, `02:03.4`. */
export function msOf(text: string): number {
  const [seconds = '0', minutes = '0', hours = '0'] = text.replace(',', '.').split(':').toReversed()
  return Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000)
}

function readAss(lines: readonly string[]): readonly OpenCue[] {
  const styles = new Map<string, { readonly marks: string; readonly place: number | null }>()
  let section = ''
  let fields: readonly string[] = []
  const cues: OpenCue[] = []
  for (const line of lines) {
    const [, name = '', rest = ''] = /^\s*([\w ]+):\s?(.*)$/.exec(line) ?? []
    const head = /^\s*\[(.*)\]\s*$/.exec(line)?.[1]
    if (head !== undefined) section = head.toLowerCase()
    else if (name === 'Format') fields = rest.split(',').map((field) => field.trim().toLowerCase())
    else if (name === 'Style' || name === 'Dialogue') {
      const parts = rest.split(',')
      const values = new Map(
        fields.map((field, n) => [field, (n === fields.length - 1 ? parts.slice(n).join(',') : parts[n]) ?? '']),
      )
      const value = (field: string) => (values.get(field) ?? '').trim()
      if (name === 'Style') {
        const set = (['italic', 'bold', 'underline'] as const).filter((field) => !['', '0'].includes(value(field)))
        const place = Number(value('alignment')) || null
        styles.set(value('name').replace(/^\*/, ''), {
          marks: set.map((field) => `<${field.charAt(0)}>`).join(''),
          place: section.includes('+') ? place : placeOfOld(place),
        })
      } else {
        const style = styles.get(value('style').replace(/^\*/, ''))
        const raw = values.get('text') ?? ''
        const own = /\{[^}]*\\an(\d)/.exec(raw)?.[1]
        const place = own === undefined ? (style?.place ?? null) : Number(own)
        cues.push({
          startMs: msOf(value('start')),
          endMs: msOf(value('end')),
          text: `${style?.marks ?? ''}${fromAss(raw)}`,
          place: place === 2 ? null : place,
        })
      }
    }
  }
  return cues
}

/** SSA counts from below to the middle and above by fours. */
function placeOfOld(place: number | null): number | null {
  return place === null ? null : place > 8 ? place - 5 : place > 4 ? place + 2 : place
}

function fromAss(raw: string): string {
  if (/\{[^}]*\\p[1-9]/.test(raw)) return ''
  return raw
    .split(/(\{[^}]*\})/)
    .map((piece) => {
      if (!/^\{.*\}$/.test(piece)) return escaped(piece.replaceAll(/\\n/gi, '\n').replaceAll(String.raw`\h`, '\u00A0'))
      const marks = piece.matchAll(/\\([ibu])(\d+)/g)
      return [...marks].map(([, name = '', on = '']) => (on === '0' ? `</${name}>` : `<${name}>`)).join('')
    })
    .join('')
}

function readLyrics(lines: readonly string[]): readonly OpenCue[] {
  const offset = Number(/^\s*\[offset:\s*([+-]?\d+)\s*\]/im.exec(lines.join('\n'))?.[1] ?? 0)
  const stamped = lines.flatMap((line) => {
    const [, stamps = '', text = ''] = /^\s*((?:\[\d+:\d+(?:[.:]\d+)?\]\s*)+)(.*)$/.exec(line) ?? []
    return [...stamps.matchAll(/\[(\d+):(\d+)(?:[.:](\d+))?\]/g)].map(([, minutes, seconds, part = '']) => ({
      startMs: Math.max(0, Math.round((Number(minutes) * 60 + Number(`${seconds}.${part || '0'}`)) * 1000) - offset),
      text: marked(text.replaceAll(/<\d+:\d+(?:[.:]\d+)?>/g, '')).trim(),
    }))
  })
  const sorted = stamped.toSorted((one, other) => one.startMs - other.startMs)
  // A stamp without words says where the line before it ends.
  return sorted.flatMap(({ startMs, text }, n) => {
    const next = sorted[n + 1]
    return text === '' ? [] : [{ startMs, endMs: next?.text === '' ? next.startMs : null, text, place: null }]
  })
}

function readFrames(lines: readonly string[], given: number | null): ReadCues {
  const events = lines.flatMap((line) => {
    const [, from = '', to = '', text = ''] = /^\s*\{(\d+)\}\{(\d*)\}(.*)$/.exec(line) ?? []
    return from === '' ? [] : [{ from: Number(from), to: to === '' ? null : Number(to), text }]
  })
  const [first] = events
  const stated =
    first !== undefined && first.from <= 1 && /^\s*\d+([.,]\d+)?\s*$/.test(first.text)
      ? Number(first.text.replace(',', '.'))
      : null
  const fps = given ?? stated ?? usualFps
  const ms = (frame: number) => Math.round((frame * 1000) / fps)
  const cues = events.slice(stated === null ? 0 : 1).map(({ from, to, text }): OpenCue => {
    const lined = text.split('|').map((line) => {
      const marks = [...(/^\s*((?:\{[^}]*\})*)/.exec(line)?.[1] ?? '').matchAll(/\{[yY]:([ibu,]*)\}/gi)].flatMap(([, set = '']) =>
        set.toLowerCase().split(','),
      )
      const words = escaped(line.replaceAll(/\{[^}]*\}/g, ''))
      return marks.reduceRight((inner, name) => (name === '' ? inner : `<${name}>${inner}</${name}>`), words)
    })
    return { startMs: ms(from), endMs: to === null ? null : ms(to), text: lined.join('\n'), place: null }
  })
  return { cues, fps }
}
