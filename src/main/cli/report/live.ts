/** The lines below the output while work goes on: one for each job that runs, and a foot with the whole. Pure: values in, lines out. */
import type { Job } from '../../../shared/job.ts'
import type { Speed } from '../../../shared/providers.ts'
import type { Progress } from '../../../shared/wire/contract.ts'
import type { Paint, Style } from '../terminal/screen.ts'
import type { RunningJob, Tally } from './tally.ts'
import { bytesText, clockText, counted, numberText, shortPath, shown } from '../terminal/text.ts'
import { clipped, padded, paddedLeft, widthOf } from '../terminal/table.ts'
import { heldText, providerTitles, stageLabels, stepLabels } from '../labels.ts'

export interface LiveView {
  readonly columns: number
  readonly rows: number
  readonly cwd: string
  readonly elapsedMs: number
  readonly paint: Paint
}

/** A terminal of a few lines still shows its prompt above. */
const rowsKept = 4

export function liveLines(tally: Tally, view: LiveView): readonly string[] {
  const room = Math.max(1, view.rows - rowsKept)
  // Ours first; others' jobs are shown because ours wait behind them.
  const running = [...tally.running.values()].toSorted(
    (one, other) => Number(other.ours) - Number(one.ours) || one.job.id - other.job.id,
  )
  const lines = running.slice(0, room).map((each) => jobLine(each, view))
  if (running.length > room)
    lines.push(view.paint('dim', clipped(`  … and ${numberText(running.length - room)} more`, view.columns - 1)))
  return [...lines, foot(tally, view)]
}

function jobLine({ job, progress, ours }: RunningJob, view: LiveView): string {
  const width = view.columns - 1
  const name = `${nameOf(job, view.cwd)} → ${job.order.target}`
  const step = progress === null ? stepOf(job) : stageOf(progress)
  const part = progress?.progress ?? null
  const left = progress?.leftMs ?? null
  const speed = progress?.speed ?? null
  const columns: string[] = []
  if (width >= 50)
    columns.push(part === null ? clipped(padded(step, barWidth(width)), barWidth(width)) : bar(part, barWidth(width)))
  columns.push(part === null ? '    ' : paddedLeft(`${Math.floor(part * 100)}%`, 4))
  if (width >= 64) columns.push(paddedLeft(speed === null ? '' : speedText(speed), 9))
  if (width >= 40) columns.push(paddedLeft(left === null ? '' : clockText(left), 7))
  if (width >= 84) columns.push(padded(providerTitles[job.provider], 13))
  const tail = columns.join('  ')
  const room = Math.max(8, width - widthOf(tail) - 4)
  const head = padded(clipped(name, room), room)
  return clipRow(`  ${ours ? head : view.paint('dim', head)}  `, tail, width, view.paint)
}

/** Where even the tail does not fit, the name alone is shown. */
function clipRow(head: string, tail: string, width: number, paint: Paint): string {
  const style: Style = 'cyan'
  return width < 24 ? head.trimEnd() : head + paint(style, tail.trimEnd())
}

function barWidth(width: number): number {
  return Math.max(8, Math.min(24, Math.floor(width / 5)))
}

function bar(part: number, columns: number): string {
  const full = Math.round(Math.min(1, Math.max(0, part)) * columns)
  return '█'.repeat(full) + '░'.repeat(columns - full)
}

/** A service's own step says more than our name for it. */
function stageOf({ stage, said }: Progress): string {
  return said === null ? stageLabels[stage] : shown(said.replaceAll('_', ' '))
}

function stepOf(job: Job): string {
  return job.state.phase === 'running' ? stepLabels[job.state.work.step] : ''
}

function foot(tally: Tally, view: LiveView): string {
  const sum = tally.sum()
  const over = sum.done + sum.skipped + sum.failed
  const parts = [`${numberText(over)} of ${numberText(tally.known())}`]
  const failed = sum.failed - tally.cancelled()
  if (failed > 0) parts.push(`${numberText(failed)} failed`)
  if (sum.waiting > 0) parts.push(`${numberText(sum.waiting)} waiting for you`)
  const others = tally.ahead()
  if (others > 0) parts.push(`${counted(others, 'other job')} in the queue`)
  if (tally.state() === 'held') parts.push(heldText(tally.heldBy()))
  else if (tally.left() > 0) parts.push(...leftText(sum.done, tally, view))
  return view.paint('dim', clipped(`  ${parts.join(' · ')}`, view.columns - 1))
}

/** By the pace so far, but not before the longest of those that run. */
function leftText(done: number, tally: Tally, { elapsedMs }: LiveView): readonly string[] {
  const running = [...tally.running.values()].filter(({ ours }) => ours).map(({ progress }) => progress?.leftMs ?? 0)
  const remainingMs = Math.max(0, ...running)
  if (running.length < tally.left())
    return done < 3 ? [] : [`about ${clockText(Math.max(remainingMs, (elapsedMs / done) * tally.left()))} left`]
  return remainingMs === 0 ? [] : [`about ${clockText(remainingMs)} left`]
}

/** `12.3×`, as fast as its media is played, or `3.1 MB/s`. */
function speedText({ of, value }: Speed): string {
  if (of === 'bytes') return `${bytesText(value)}/s`
  return `${value >= 10 ? Math.round(value) : Math.round(value * 10) / 10}×`
}

export function nameOf({ order: { source, others = [] } }: Job, cwd: string): string {
  const name = source.kind === 'file' ? shortPath(source.path, cwd) : shown(source.url)
  return others.length === 0 ? name : `${name} + ${others.length}`
}
