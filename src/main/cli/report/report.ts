/**
 * How a command that waits for jobs reports what becomes of them. For people: a line for each file that is finished, live ones below them
 * on a terminal, and a summary. The same for programs is in `json.ts`.
 */
import { basename, dirname, sep } from 'node:path'
import { describe, leftSentence, noteText } from '../../../shared/describe.ts'
import { factsOf, type Failure } from '../../../shared/failure.ts'
import type { Job } from '../../../shared/job.ts'
import { blamedSource, bytesOf } from '../../../shared/job-sources.ts'
import type { Progress } from '../../../shared/wire/contract.ts'
import { cancelledWhy, heldText, restLabels } from '../labels.ts'
import type { Screen, Style } from '../terminal/screen.ts'
import { bytesText, counted, durationText, numberText, shortPath, shown } from '../terminal/text.ts'
import { liveLines, nameOf } from './live.ts'
import type { RunningJob, Tally } from './tally.ts'

export interface JobReporter {
  /** One of ours has a new value. `progress` is what was last reported of it while it runs. */
  job(job: Job, progress: Progress | null): void
  /** One of ours got on. */
  progress(running: RunningJob): void
  refused(source: string, why: Failure, as: 'failed' | 'skipped'): void
  /** Something to know that is no result. */
  notice(text: string): void
  /** Whatever else changed: the live lines are due. */
  changed(): void
  /** Nothing more is drawn: the command fails and says so itself. */
  stop(): void
  end(ending: ReportEnd): void
}

export interface ReportEnd {
  readonly tally: Tally
  readonly tookMs: number
  readonly batchId: number | null
  readonly interrupted: boolean
  /** Where what is left goes on: in another process that runs, or with the next one. */
  readonly goesOn: 'elsewhere' | 'later'
}

/** On a terminal, more files than this are not listed one by one: what went wrong would be lost among them. */
const maxListed = 200
/** Of so many it is said at once what their results lack; of more, at the end how many there are. */
const fewFiles = 5
const drawEveryMs = 100

interface PeopleOptions {
  readonly screen: Screen
  readonly tally: Tally
  readonly cwd: string
}

export function peopleReport({ screen, tally, cwd }: PeopleOptions): JobReporter {
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
  const listsAll = () => !screen.isLive || tally.known() <= maxListed
  const label = (word: string, mark: string, style: Style) => (screen.isLive ? screen.paint(style, mark) : `${word}:`)
  const trouble = (mark: string, style: Style, name: string, why: Failure, job?: Job) => {
    const { message, action } = describe(withoutPath(why))
    const blamed = job === undefined ? null : blamedSource(job.order, why)
    const about = blamed === null ? '' : `${shortPath(blamed, cwd)}: `
    const word = screen.paintWarning(style, screen.isLive ? mark : `${mark}:`)
    screen.warn(`${word} ${name}: ${about}${shown(message)}${action === '' ? '' : `\n    ${shown(action)}`}`)
  }
  const skipped = (name: string, why: Failure) => {
    if (listsAll()) screen.print(`${label('skipped', '–', 'dim')} ${name}: ${shown(describe(withoutPath(why)).message)}`)
  }

  const rest = (job: Job, word: string) => {
    const { state } = job
    // Of several results of a file it counts which one it is.
    const name = job.sibling === undefined ? nameOf(job, cwd) : `${nameOf(job, cwd)} → ${job.order.target}`
    if (state.phase === 'done') {
      if (listsAll()) screen.print(`${label(word, '✓', 'green')} ${doneText(job, state.outputs)}`)
      for (const note of state.notes) {
        if (note.what !== 'left') screen.warn(`    ${name}: ${shown(noteText(note))}`)
      }
      const left = leftSentence(state.notes)
      if (left !== '' && tally.known() <= fewFiles) screen.print(screen.paint('dim', `    ${shown(left)}`))
    } else if (state.phase === 'skipped') {
      skipped(name, state.why)
    } else if (state.phase === 'failed') {
      trouble(screen.isLive ? '✗' : word, 'red', name, state.why, job)
      if (state.sent === true) screen.warn('    This may already have been charged. Trying again may be charged again.')
    } else if (state.phase === 'waiting' || state.phase === 'uncertain') {
      trouble(screen.isLive ? '?' : word, 'yellow', `${name} (job ${job.id})`, state.why, job)
    } else {
      screen.warn(`${screen.paintWarning('yellow', screen.isLive ? '–' : `${word}:`)} ${name}${screen.isLive ? ` ${word}` : ''}`)
      const cancelled = cancelledWhy(job)
      if (cancelled !== null && factsOf(cancelled)['provider'] !== undefined) screen.warn(`    ${describe(cancelled).message}`)
    }
  }

  const doneText = (job: Job, outputs: readonly { readonly path: string; readonly bytes: number }[]) => {
    const { source } = job.order
    const sourceBytes = bytesOf(job.order)
    const before = sourceBytes === null ? '' : `${bytesText(sourceBytes)} → `
    const after = bytesText(outputs.reduce((sum, { bytes }) => sum + bytes, 0))
    const [first] = outputs
    const more = outputs.length > 1 ? ` and ${outputs.length - 1} more` : ''
    const beside = first !== undefined && source.kind === 'file' && dirname(first.path) === dirname(source.path)
    const place = first === undefined ? job.order.target : beside ? shown(basename(first.path)) : shortPath(first.path, cwd)
    const target = `${place}${more}`
    return `${nameOf(job, cwd)} → ${target}${screen.isLive ? screen.paint('dim', `  ${before}${after}`) : ` (${before}${after})`}`
  }

  return {
    job: (job) => {
      const word = restLabels[job.state.phase]
      if (word !== undefined) rest(job, word)
      drawSoon()
    },
    progress: drawSoon,
    changed: drawSoon,
    refused: (source, why, as) => {
      const name = shortPath(source, cwd)
      if (as === 'failed') trouble(screen.isLive ? '✗' : 'refused', 'red', name, why)
      else skipped(name, why)
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
}

/** The line begins with the name of the file; its path need not be in the sentence again. */
function withoutPath(why: Failure): Failure {
  const { path: _, ...facts } = factsOf(why)
  return why.code.startsWith('source-') ? ({ ...why, facts } as Failure) : why
}

/** The last lines of a command that waited for jobs: how many, how large, where they are. */
function summary(ending: ReportEnd, screen: Screen, cwd: string): readonly string[] {
  const { tally, tookMs, batchId } = ending
  const { done, skipped, waiting, ...sum } = tally.sum()
  const cancelled = tally.cancelled()
  const failed = sum.failed - cancelled
  const { sourceBytes, outputBytes, folders } = tally.size()
  const parts = [
    screen.paint(done > 0 ? 'green' : 'dim', `${numberText(done)} done`),
    ...(skipped > 0 ? [`${numberText(skipped)} skipped`] : []),
    ...(failed > 0 ? [screen.paint('red', `${numberText(failed)} failed`)] : []),
    ...(cancelled > 0 ? [`${numberText(cancelled)} cancelled`] : []),
    ...(waiting > 0 ? [screen.paint('yellow', `${numberText(waiting)} waiting for you`)] : []),
  ]
  const lines = [`${parts.join(', ')} in ${durationText(tookMs)}${done > 0 ? `, ${sizeText(sourceBytes, outputBytes)}` : ''}`]
  if (done > 0 && folders.size > 0) lines.push(`Results in ${foldersText([...folders], cwd)}`)
  // On a terminal they may have gone out of sight among those that went well.
  if (failed > 0 && done > 10 && batchId !== null)
    lines.push(`To see what failed: beside history --batch ${batchId} --outcome failed`)
  lines.push(...incompleteText(ending).map((text) => screen.paint('dim', text)))
  if (done > 0 && batchId !== null) lines.push(screen.paint('dim', `To undo: beside undo ${batchId}`))
  return lines
}

/** Nothing went wrong with these: their formats hold no more. */
function incompleteText({ tally, batchId }: ReportEnd): readonly string[] {
  const { count, last } = tally.incomplete()
  if (count === 0) return []
  const show = count === 1 ? `show ${last}` : batchId === null ? '--left' : `--left --batch ${batchId}`
  return [`${counted(count, 'file')} left something behind: beside history ${show}`]
}

/** What is left, and how it goes on. */
export function afterword({ tally, batchId, interrupted, goesOn }: ReportEnd): string | null {
  const left = tally.left()
  if (interrupted && left === 0) return 'Interrupted.'
  if (interrupted && goesOn === 'later')
    return `Interrupted. ${counted(left, 'file')} left in the queue: \`beside queue run\` continues, and so does the app.`
  if (interrupted) {
    const stop = batchId === null ? '' : ` To stop that: \`beside queue cancel --batch ${batchId}\`.`
    return `Interrupted here. The Beside that holds the queue continues with ${counted(left, 'file')}.${stop}`
  }
  if (tally.state() === 'held') {
    const held = tally.heldBy()
    if (held === null || held === 'paused')
      return `Paused: ${counted(left, 'file')} left in the queue. \`beside queue resume\`, then \`beside queue run\` continues.`
    return `On hold (${heldText(held)}): ${counted(left, 'file')} left in the queue. \`beside queue run\` continues then.`
  }
  return tally.sum().waiting > 0 ? '`beside queue` shows what is waiting, and why.' : null
}

function sizeText(sourceBytes: number, outputBytes: number): string {
  if (sourceBytes === 0) return bytesText(outputBytes)
  return `${bytesText(sourceBytes)} → ${bytesText(outputBytes)} (${Math.round((outputBytes / sourceBytes) * 100)}%)`
}

function foldersText(folders: readonly string[], cwd: string): string {
  const [first = '', second] = folders
  const where = (path: string) => (path === cwd ? 'this folder' : `${shortPath(path, cwd).replace(/[\\/]$/, '')}${sep}`)
  if (second === undefined) return where(first)
  return folders.length === 2 ? `${where(first)} and ${where(second)}` : `${where(first)} and ${folders.length - 1} more folders`
}
