/** Timed text of the W3C: paragraphs with times of several kinds, styles by name, marks as spans. */
import { XMLParser } from 'fast-xml-parser'
import { escaped, type OpenCue } from './cues.ts'

type Node = Readonly<Record<string, unknown>>
type Marks = readonly string[]

interface Within {
  readonly startMs: number
  readonly marks: Marks
}

/** @throws what the parser says of what is no XML. */
export function readTtml(text: string): readonly OpenCue[] {
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    trimValues: false,
    removeNSPrefix: true,
  })
  const root = parser.parse(text) as readonly Node[]
  const top = root.find((node) => 'tt' in node) ?? {}
  const rates = attributesOf(top)
  const fps = Number(rates['frameRate'] ?? 30)
  const ticks = Number(rates['tickRate'] ?? fps)
  const styles = new Map<string, Marks>()
  const cues: OpenCue[] = []

  function ms(time: string | undefined): number | null {
    const [, figure, unit] = /^\s*([\d.]+)(h|ms|m|s|f|t)\s*$/.exec(time ?? '') ?? []
    if (figure !== undefined) {
      const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, f: 1000 / fps, t: 1000 / ticks }
      return Math.round(Number(figure) * (units[unit ?? ''] ?? 1000))
    }
    const [, hours, minutes, seconds, frames] = /^\s*(\d+):(\d+):(\d+(?:\.\d+)?)(?::(\d+))?\s*$/.exec(time ?? '') ?? []
    if (hours === undefined) return null
    return Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000 + (Number(frames ?? 0) * 1000) / fps)
  }

  function marksOf(attributes: Readonly<Record<string, string>>): Marks {
    const named = (attributes['style'] ?? '').split(/\s+/).flatMap((name) => styles.get(name) ?? [])
    const own = [
      ['i', attributes['fontStyle'] === 'italic' || attributes['fontStyle'] === 'oblique'],
      ['b', attributes['fontWeight'] === 'bold'],
      ['u', attributes['textDecoration'] === 'underline'],
    ] as const
    return [...new Set([...named, ...own.flatMap(([mark, isSet]) => (isSet ? [mark] : []))])]
  }

  function textOf(nodes: readonly Node[]): string {
    return nodes
      .map((node) => {
        if ('#text' in node) return escaped(String(node['#text']).replaceAll(/\s+/g, ' '))
        const name = nameOf(node)
        if (name === 'br') return '\n'
        return name === 'span' ? wrapped(textOf(childrenOf(node)), marksOf(attributesOf(node))) : ''
      })
      .join('')
  }

  function walk(nodes: readonly Node[], within: Within): void {
    for (const node of nodes) {
      const name = nameOf(node)
      const attributes = attributesOf(node)
      const startMs = within.startMs + (ms(attributes['begin']) ?? 0)
      const marks = [...new Set([...within.marks, ...marksOf(attributes)])]
      if (name === 'style') styles.set(attributes['id'] ?? '', marksOf(attributes))
      else if (name === 'p') {
        const lasts = ms(attributes['dur'])
        const end = ms(attributes['end'])
        const endMs = end === null ? (lasts === null ? null : startMs + lasts) : within.startMs + end
        cues.push({ startMs, endMs, text: wrapped(textOf(childrenOf(node)), marks), place: null })
      } else if (name !== '#text') walk(childrenOf(node), { startMs, marks })
    }
  }

  walk(childrenOf(top), { startMs: 0, marks: [] })
  return cues
}

function wrapped(text: string, marks: Marks): string {
  return marks.reduceRight((inner, mark) => `<${mark}>${inner}</${mark}>`, text)
}

function nameOf(node: Node): string {
  return Object.keys(node).find((key) => key !== ':@') ?? ''
}

function childrenOf(node: Node): readonly Node[] {
  const children = node[nameOf(node)]
  return Array.isArray(children) ? (children as readonly Node[]) : []
}

function attributesOf(node: Node): Readonly<Record<string, string>> {
  return (node[':@'] ?? {}) as Readonly<Record<string, string>>
}
