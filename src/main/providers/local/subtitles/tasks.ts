/** Subtitles, looked into and written anew: work of a process of its own. Apart, as the main process loads none of it. */
import type { DocumentFacts } from '../../../../shared/document-facts.ts'
import { JobError } from '../../../../shared/failure.ts'
import type { Options } from '../../../../shared/options.ts'
import { readText } from '../text/decoding.ts'
import { createSink } from '../text/sink.ts'
import { ordered, retimed, type Cue } from './cues.ts'
import type { SubtitleFormat } from './pairings.ts'
import { msOf, readCues, usualFps } from './reading.ts'
import { clockOfAss, writtenCues } from './writing.ts'

interface Asked {
  readonly path: string
  readonly format: SubtitleFormat
  readonly options: Pick<Options, 'sourceEncoding' | 'encoding' | 'shift' | 'sourceFps' | 'subtitleFps'>
}

export const tasks = {
  inspect: async (asked: Asked): Promise<DocumentFacts> => {
    const { cues, encoding } = await read(asked)
    const cuesToMs = cues.reduce((last, { endMs }) => Math.max(last, endMs), 0)
    return { cues: cues.length, cuesFromMs: cues[0]?.startMs ?? 0, cuesToMs, encoding }
  },

  /** @returns how many cues would be over before the beginning, and fell away. */
  convert: async ({
    target,
    output,
    ...asked
  }: Asked & { readonly target: SubtitleFormat | 'text'; readonly output: string }): Promise<{ readonly left: number }> => {
    const { cues, text, fps } = await read(asked)
    const { shift = 0, sourceFps, subtitleFps, encoding } = asked.options
    // Of a film that was slowed down or sped up.
    const stretch = sourceFps !== undefined && subtitleFps !== undefined ? sourceFps / subtitleFps : 1
    const timing = { shiftMs: shift * 1000, stretch }
    const isSame = asked.format === 'ass' && target === 'ass'
    const moved = retimed(cues, timing)
    const written = isSame
      ? retimedAss(text, (ms) => ms * stretch + timing.shiftMs)
      : writtenCues(moved, target, subtitleFps ?? sourceFps ?? fps ?? usualFps)
    const sink = createSink(output, encoding)
    await sink.write(written)
    await sink.end()
    return { left: cues.length - moved.length }
  },
}

async function read({ path, format, options }: Asked): Promise<{
  readonly cues: readonly Cue[]
  readonly text: string
  readonly encoding: string
  readonly fps: number | null
}> {
  const { text, encoding } = await readText(path, options.sourceEncoding)
  const damaged = (cause?: unknown) => new JobError('source-damaged', { path, because: 'nothing-readable' }, { cause })
  try {
    const found = readCues(text, format, options.sourceFps ?? null)
    const cues = ordered(found.cues)
    if (cues.length === 0) throw damaged()
    return { cues, text, encoding, fps: found.fps }
  } catch (error) {
    throw error instanceof JobError ? error : damaged(error)
  }
}

/** Styles, effects and comments stay as they are. What would be over before the beginning falls away. */
function retimedAss(text: string, moved: (ms: number) => number): string {
  const lines = text.split(/\r\n|\n|\r/).flatMap((line) => {
    const [, head = '', from = '', to = '', rest = ''] = /^(\s*(?:Dialogue|Comment):[^,]*,)([^,]*),([^,]*)(,.*)$/.exec(line) ?? []
    if (head === '') return [line]
    const end = moved(msOf(to))
    if (end <= 0 && msOf(to) > 0) return []
    return [`${head}${clockOfAss(Math.max(0, moved(msOf(from))))},${clockOfAss(end)}${rest}`]
  })
  return lines.join('\n')
}
