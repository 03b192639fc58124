/** Cues as files of each format, with the marks and the place that it has for them. */
import { plain, unescaped, type Cue } from './cues.ts'
import type { SubtitleFormat } from './pairings.ts'

/** @param fps of a format that counts frames. */
export function writtenCues(cues: readonly Cue[], format: SubtitleFormat | 'text', fps: number): string {
  switch (format) {
    case 'srt':
      return blocks(cues, (cue, n) => [
        `${n + 1}`,
        `${clock(cue.startMs, ',')} --> ${clock(cue.endMs, ',')}`,
        `${placed(cue)}${unescaped(cue.text)}`,
      ])
    case 'vtt':
      return `WEBVTT\n\n${blocks(cues, (cue) => [`${clock(cue.startMs, '.')} --> ${clock(cue.endMs, '.')}${isAbove(cue) ? ' line:0' : ''}`, cue.text])}`
    case 'sbv':
      return blocks(cues, (cue) => [`${clock(cue.startMs, '.').slice(1)},${clock(cue.endMs, '.').slice(1)}`, plain(cue.text)])
    case 'lrc':
      return lyrics(cues)
    case 'sub':
      return [
        `{1}{1}${rounded(fps)}`,
        ...cues.map((cue) => `{${frame(cue.startMs, fps)}}{${frame(cue.endMs, fps)}}${framed(cue.text)}`),
        '',
      ].join('\n')
    case 'ass':
      return `${assHead}${cues.map((cue) => `Dialogue: 0,${clockOfAss(cue.startMs)},${clockOfAss(cue.endMs)},Default,,0,0,0,,${placed(cue)}${assText(cue.text)}\n`).join('')}`
    case 'ttml':
      return `${ttmlHead}${cues.map((cue) => `      <p begin="${clock(cue.startMs, '.')}" end="${clock(cue.endMs, '.')}">${ttmlText(cue.text)}</p>\n`).join('')}    </div>\n  </body>\n</tt>\n`
    case 'text':
      return cues.map((cue) => `${plain(cue.text).replaceAll('\n', ' ')}\n`).join('')
  }
}

function blocks(cues: readonly Cue[], block: (cue: Cue, n: number) => readonly string[]): string {
  return cues.map((cue, n) => `${block(cue, n).join('\n')}\n`).join('\n')
}

/** `00:01:02,345`. */
function clock(ms: number, point: ',' | '.'): string {
  const two = (figure: number) => String(Math.floor(figure)).padStart(2, '0')
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}${point}${String(ms % 1000).padStart(3, '0')}`
}

/** In hundredths: `0:01:02.34`. */
export function clockOfAss(ms: number): string {
  const text = clock(Math.round(ms / 10) * 10, '.')
  return text.slice(1, -1)
}

function isAbove({ place }: Cue): boolean {
  return place !== null && place >= 7
}

function placed({ place }: Cue): string {
  return place === null ? '' : `{\\an${place}}`
}

function lyrics(cues: readonly Cue[]): string {
  const stamp = (ms: number) => {
    const hundredths = Math.round(ms / 10)
    const two = (figure: number) => String(Math.floor(figure)).padStart(2, '0')
    return `[${two(hundredths / 6000)}:${two((hundredths / 100) % 60)}.${two(hundredths % 100)}]`
  }
  return cues
    .map((cue, n) => {
      const next = cues[n + 1]
      const ends = next === undefined || next.startMs > cue.endMs ? `${stamp(cue.endMs)}\n` : ''
      return `${stamp(cue.startMs)}${plain(cue.text).replaceAll('\n', ' ')}\n${ends}`
    })
    .join('')
}

function frame(ms: number, fps: number): number {
  return Math.round((ms * fps) / 1000)
}

function rounded(fps: number): string {
  return String(Math.round(fps * 1000) / 1000)
}

/** A mark holds for a whole line or not at all. */
function framed(text: string): string {
  const open = new Set<string>()
  return text
    .split('\n')
    .map((line) => {
      let all: readonly string[] | null = null
      for (const piece of line.split(/(<\/?[ibu]>)/)) {
        const [, slash = '', name] = /^<(\/?)([ibu])>$/.exec(piece) ?? []
        if (name === undefined) all = piece.trim() === '' ? all : (all ?? [...open]).filter((one) => open.has(one))
        else if (slash === '') open.add(name)
        else open.delete(name)
      }
      return `${all === null || all.length === 0 ? '' : `{y:${all.join(',')}}`}${plain(line)}`
    })
    .join('|')
}

function assText(text: string): string {
  const marks = text.replaceAll(/<(\/?)([ibu])>/g, (_, slash: string, name: string) => `{\\${name}${slash === '' ? 1 : 0}}`)
  return unescaped(marks).replaceAll('\n', String.raw`\N`)
}

const spans: Readonly<Record<string, string>> = {
  i: 'tts:fontStyle="italic"',
  b: 'tts:fontWeight="bold"',
  u: 'tts:textDecoration="underline"',
}

function ttmlText(text: string): string {
  return text
    .replaceAll(/<([ibu])>/g, (_, name: string) => `<span ${spans[name] ?? ''}>`)
    .replaceAll(/<\/[ibu]>/g, '</span>')
    .replaceAll('\n', '<br/>')
}

const assHead = `[Script Info]
ScriptType: v4.00+
PlayResX: 384
PlayResY: 288
ScaledBorderAndShadow: yes

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
`

const ttmlHead = `<?xml version="1.0" encoding="utf-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling" xml:lang="">
  <body>
    <div>
`
