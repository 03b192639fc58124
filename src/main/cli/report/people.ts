/** Lines for people: one for each file that is through, live ones below them on a terminal, and a summary. */
import { basename, dirname } from 'node:path'
import { describe, noteText } from '../../../shared/describe.ts'
import { factsOf, type Failure } from '../../../shared/failure.ts'
import type { Job } from '../../../shared/job.ts'
import type { Screen, Style } from '../screen.ts'
import type { Tally } from '../tally.ts'
import { bytesText, shortPath, shown } from '../text.ts'
import { cancelledWhy, restWords } from '../words.ts'
import { liveLines, nameOf } from './live.ts'
import type { Report } from './report.ts'
import { afterword, summary } from './summary.ts'

/** On a terminal, more files than this are not listed one by one: what went wrong would be lost among them. */
const listedAtMost = 200
const drawEveryMs = 100

interface PeopleOptions {
  readonly screen: Screen
  readonly tally: Tally
  readonly cwd: string
}

export function peopleReport({ screen, tally, cwd }: PeopleOptions): Report {
  const startedAtMs = performance.now()
  let drawing: NodeJS.Timeout | null = null
  const draw = () => {
    const view = {
      columns: screen.columns(),
      rows: screen.rows(),
      cwd,
      elapsedMs: performance.now() - startedAtMs,
      paint: screen.paint,
    }
    screen.show(liveLines(tally, view))
  }
  const drawSoon = () => {
    if (!screen.isLive) return
    drawing ??= setTimeout(() => {
      drawing = null
      draw()
    }, drawEveryMs)
  }
  const stop = () => {
    if (drawing !== null) clearTimeout(drawing)
    screen.show([])
  }
  const trouble = (mark: string, style: Style, name: string, failure: Failure) => {
    const { message, action } = describe(nameless(failure))
    const word = screen.paintWarning(style, screen.isLive ? mark : `${mark}:`)
    screen.warn(`${word} ${name}: ${shown(message)}${action === '' ? '' : `\n    ${shown(action)}`}`)
  }
  return {
    job: (job) => {
      const word = restWords[job.state.phase]
      if (word !== undefined) tellRest(job, word)
      drawSoon()
    },
    progress: drawSoon,
    changed: drawSoon,
    refused: (source, why, as) => {
      const name = shortPath(source, cwd)
      if (as === 'failed') trouble(screen.isLive ? '✗' : 'refused', 'red', name, why)
      else if (listsAll()) screen.print(`${label('skipped', '–', 'dim')} ${name}: ${shown(describe(nameless(why)).message)}`)
    },
    notice: (text) => screen.warn(shown(text)),
    stop,
    end: (ending) => {
      stop()
      for (const line of summary(ending, screen, cwd)) screen.print(line)
      const last = afterword(ending)
      if (last !== null) screen.warn(last)
    },
  }

  function tellRest(job: Job, word: string): void {
    const { state } = job
    const name = nameOf(job, cwd)
    if (state.phase === 'done') {
      if (listsAll()) screen.print(`${label(word, '✓', 'green')} ${doneText(job, state.outputs)}`)
      for (const note of state.notes) screen.warn(`    ${name}: ${shown(noteText(note))}`)
    } else if (state.phase === 'skipped') {
      if (listsAll()) screen.print(`${label(word, '–', 'dim')} ${name}: ${shown(describe(nameless(state.why)).message)}`)
    } else if (state.phase === 'failed') {
      trouble(screen.isLive ? '✗' : word, 'red', name, state.why)
      if (state.sent === true) screen.warn('    This may already have been charged. Trying again may be charged again.')
    } else if (state.phase === 'waiting' || state.phase === 'uncertain') {
      trouble(screen.isLive ? '?' : word, 'yellow', `${name} (job ${job.id})`, state.why)
    } else {
      screen.warn(`${screen.paintWarning('yellow', screen.isLive ? '–' : `${word}:`)} ${name}${screen.isLive ? ` ${word}` : ''}`)
      const cancelled = cancelledWhy(job)
      if (cancelled !== null && factsOf(cancelled)['provider'] !== undefined) screen.warn(`    ${describe(cancelled).message}`)
    }
  }

  function label(word: string, mark: string, style: Style): string {
    return screen.isLive ? screen.paint(style, mark) : `${word}:`
  }

  function listsAll(): boolean {
    return !screen.isLive || tally.known() <= listedAtMost
  }

  function doneText(job: Job, outputs: readonly { readonly path: string; readonly bytes: number }[]): string {
    const { source } = job.order
    const before = source.kind === 'file' ? `${bytesText(source.bytes)} → ` : ''
    const after = bytesText(outputs.reduce((sum, { bytes }) => sum + bytes, 0))
    const [first] = outputs
    const more = outputs.length > 1 ? ` and ${outputs.length - 1} more` : ''
    const beside = first !== undefined && source.kind === 'file' && dirname(first.path) === dirname(source.path)
    const place = first === undefined ? job.order.target : beside ? shown(basename(first.path)) : shortPath(first.path, cwd)
    const target = `${place}${more}`
    return `${nameOf(job, cwd)} → ${target}${screen.isLive ? screen.paint('dim', `  ${before}${after}`) : ` (${before}${after})`}`
  }
}

/** The line begins with the name of the file; its path need not be in the sentence again. */
function nameless(why: Failure): Failure {
  const { path: _, ...facts } = factsOf(why)
  return why.code.startsWith('source-') ? ({ ...why, facts } as Failure) : why
}
