/** What all subtitles have in common: text with a beginning and an end, and what is done with it whatever the format. */

export interface Cue {
  readonly startMs: number
  readonly endMs: number
  /** Lines, with `<i>`, `<b>` and `<u>` as the only marks; `<`, `>` and `&` of the text as `&lt;`, `&gt;` and `&amp;`. */
  readonly text: string
  /** Where it stands, as on the keys of a phone upside down: 2 below in the middle, 8 above; null: as usual. */
  readonly place: number | null
}

/** One whose end is not said. */
export type OpenCue = Omit<Cue, 'endMs'> & { readonly endMs: number | null }

/** Of what has no end and nothing behind it. */
const usualMs = 4000

/** In the order of time; what has no end lasts until the next. */
export function ordered(cues: readonly OpenCue[]): readonly Cue[] {
  const sorted = cues.toSorted((one, other) => one.startMs - other.startMs)
  return sorted.flatMap((cue, n) => {
    if (cue.text.trim() === '') return []
    const next = sorted.slice(n + 1).find(({ startMs }) => startMs > cue.startMs)
    const endMs = cue.endMs ?? Math.min(next?.startMs ?? Infinity, cue.startMs + usualMs)
    return [{ ...cue, text: tidy(cue.text), endMs: Math.max(endMs, cue.startMs) }]
  })
}

export interface Timing {
  readonly shiftMs: number
  /** What times are multiplied by. */
  readonly stretch: number
}

/** What would be over before the beginning falls away. */
export function retimed(cues: readonly Cue[], { shiftMs, stretch }: Timing): readonly Cue[] {
  const moved = (ms: number) => Math.round(ms * stretch + shiftMs)
  return cues.flatMap((cue) => {
    const endMs = moved(cue.endMs)
    return endMs <= 0 && cue.endMs > 0 ? [] : [{ ...cue, startMs: Math.max(0, moved(cue.startMs)), endMs }]
  })
}

/** Without lines that are empty, which would end it in most formats, and with marks that open and close in their order. */
function tidy(text: string): string {
  const lines = text.split('\n').map((line) => line.trim())
  return balanced(lines.filter((line) => line.replaceAll(/<[^>]*>/g, '').trim() !== '').join('\n'))
}

function balanced(text: string): string {
  const open: string[] = []
  const closed = text.replaceAll(/<(\/?)([ibu])>/g, (mark, slash: string, name: string) => {
    if (slash === '') {
      if (open.includes(name)) return ''
      open.push(name)
      return mark
    }
    const at = open.lastIndexOf(name)
    if (at === -1) return ''
    const inner = open.splice(at)
    const again = inner.slice(1)
    open.push(...again)
    return `${closing(inner)}${again.map((one) => `<${one}>`).join('')}`
  })
  return `${closed}${closing(open)}`
}

function closing(names: readonly string[]): string {
  return names
    .toReversed()
    .map((name) => `</${name}>`)
    .join('')
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

export function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}

/** Without any marks. */
export function plain(text: string): string {
  return unescaped(text.replaceAll(/<[^>]*>/g, ''))
}

/** Text in which marks may stand beside signs that only look so: these are taken as they are. */
export function marked(text: string): string {
  return escaped(text.replaceAll(/<\/?(font|c|v|lang|ruby|rt|span)\b[^<>]*>|<\/?c\.[^<>]*>|<\d[\d:.]*>/gi, '')).replaceAll(
    /&lt;(\/?)([ibu])(?:\.[^&]*)?&gt;/gi,
    (_, slash: string, name: string) => `<${slash}${name.toLowerCase()}>`,
  )
}
