/** `beside convert`: queues what was named, waits for it, tells what became of it. */
import { resolve } from 'node:path'
import { JobError } from '../../../shared/failure.ts'
import { formats, type FormatId } from '../../../shared/formats.ts'
import type { ClashPolicy, ProviderChoice } from '../../../shared/job.ts'
import type { Totals } from '../../../shared/model.ts'
import { parseOptions } from '../../../shared/options.ts'
import type { Session } from '../../api/session.ts'
import type { Setting } from '../arguments.ts'
import { Interrupted, type Around } from '../around.ts'
import { exit, type ExitStatus } from '../exit.ts'
import { didYouMean } from '../near.ts'
import { openHere } from '../open.ts'
import { workInBackground } from '../queue/background.ts'
import { jsonReport, line, summaryLine } from '../report/json.ts'
import { peopleReport } from '../report/people.ts'
import type { Report } from '../report/report.ts'
import { createTally, type Tally } from '../tally.ts'
import { counted, shown } from '../text.ts'
import { waitFor } from '../waiting.ts'
import { takeIn } from './intake.ts'
import { sourcesOf } from './sources.ts'

export interface ConvertWords {
  readonly to?: FormatId
  readonly with?: ProviderChoice
  readonly preset?: string
  readonly set?: readonly Setting[]
  readonly out?: string
  readonly name?: string
  readonly ifExists?: ClashPolicy
  readonly recursive?: true
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly localOnly?: true
  readonly null?: true
  readonly detach?: true
  readonly json?: true
}

export async function convert(sources: readonly string[], words: ConvertWords, around: Around): Promise<ExitStatus> {
  let tally = createTally(0)
  let session: Session | null = null
  let report: Report | null = null
  try {
    const request = requestOf(words, around.cwd)
    // Detached work begins in a process of its own.
    session = await openHere(around, words.detach === true ? 'look' : 'work')
    const label = await labelOf(sources, words, session)
    const { batchId } = await session.client.batches.open({ label })
    tally = createTally(batchId)
    report = words.json === true ? jsonReport(around.screen) : peopleReport({ screen: around.screen, tally, cwd: around.cwd })
    const task: Task = { session, tally, report, around, batchId, request: { ...request, batchId }, sources, words }
    return words.detach === true ? await detach(task) : await waitThrough(task)
  } catch (error) {
    report?.stop()
    // Whoever reads the lines relies on the last one, whatever happens.
    if (words.json === true) around.screen.print(summaryLine(tally.sum()))
    throw error
  } finally {
    await session?.close()
  }
}

interface Task {
  readonly session: Session
  readonly tally: Tally
  readonly report: Report
  readonly around: Around
  readonly batchId: number
  readonly request: ReturnType<typeof requestOf> & { readonly batchId: number }
  readonly sources: readonly string[]
  readonly words: ConvertWords
}

async function waitThrough(task: Task): Promise<ExitStatus> {
  const { session, tally, report, around, batchId } = task
  const startedAtMs = performance.now()
  const failed = new AbortController()
  const signal = AbortSignal.any([around.interruption, failed.signal])
  const waiting = waitFor({ session, tally, report, batchId, whenHeld: around.screen.isLive ? 'wait' : 'end', signal })
  try {
    await waiting.begun
    await takeAll(task, signal)
    await waiting.close(await jobsIn(session, batchId))
    await waiting.over
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error
  } finally {
    failed.abort()
  }
  const interrupted = around.interruption.aborted
  const goesOn = session.role() === 'client' ? 'elsewhere' : 'later'
  report.end({ tally, tookMs: performance.now() - startedAtMs, batchId, interrupted, goesOn })
  if (interrupted) return exit.interrupted
  const sum = tally.sum()
  if (sum.failed > 0) return exit.failed
  return sum.waiting > 0 ? exit.waiting : exit.done
}

async function detach(task: Task): Promise<ExitStatus> {
  const { session, tally, around, batchId, words } = task
  await takeAll(task, around.interruption)
  const queued = await jobsIn(session, batchId)
  // Before the one in the background wants to hold it.
  await session.close()
  if (queued > 0) await workInBackground(around)
  const { failed } = tally.sum()
  if (words.json === true) {
    around.screen.print(line('queued', { batch: batchId, jobs: queued }))
    around.screen.print(summaryLine(tally.sum()))
  } else {
    around.screen.print(
      `${counted(queued, 'file')} queued as batch ${batchId}; the work goes on in the background. \`beside queue\` shows it.`,
    )
  }
  return failed > 0 ? exit.failed : exit.done
}

async function takeAll({ session, tally, report, around, request, sources, words }: Task, signal: AbortSignal): Promise<void> {
  const { cwd, input } = around
  const chunks = sourcesOf(sources, { cwd, input, separator: words.null === true ? '\0' : '\n', signal })
  const passed = await takeIn(chunks, { session, request, tally, report, signal })
  if (passed > 0)
    report.notice(`${counted(passed, 'other file')} in the folders left alone: no kind that becomes the target, or filtered.`)
}

function requestOf(words: ConvertWords, cwd: string) {
  const options = parseOptions(Object.fromEntries(words.set ?? []))
  if (!options.ok) throw new JobError(options.failure.code, options.failure.facts)
  return {
    target: words.to ?? null,
    options: options.value,
    preset: words.preset ?? null,
    out: words.out === undefined ? null : resolve(cwd, words.out),
    recursive: words.recursive ?? false,
    include: [...(words.include ?? [])],
    exclude: [...(words.exclude ?? [])],
    priority: 0,
    ...(words.with === undefined ? {} : { with: words.with }),
    ...(words.localOnly === undefined ? {} : { localOnly: words.localOnly }),
    ...(words.name === undefined ? {} : { nameTemplate: words.name }),
    ...(words.ifExists === undefined ? {} : { ifExists: words.ifExists }),
  }
}

/** What the batch is called in lists. Looks the preset up, so that a mistyped one is told before anything is queued. */
async function labelOf(sources: readonly string[], { to, preset }: ConvertWords, session: Session): Promise<string> {
  const presets = preset === undefined ? [] : await session.ask((client) => client.presets.list())
  const found = presets.find(({ name }) => name === preset)
  if (preset !== undefined && found === undefined) {
    const hint = didYouMean(
      preset,
      presets.map(({ name }) => name),
    )
    throw new JobError('preset-unknown', { preset: shown(preset), ...(hint === '' ? {} : { hint }) })
  }
  const target = to ?? found?.target
  const [first = ''] = sources
  const what = sources.length > 1 ? `${sources.length} sources` : first === '-' ? 'names from standard input' : first
  return `${what.slice(0, 400)} → ${target === undefined ? '' : formats[target].title}`
}

async function jobsIn(session: Session, batchId: number): Promise<number> {
  const batch = await session.ask((client) => client.batches.get({ id: batchId }))
  const totals: Partial<Totals> = batch?.totals ?? {}
  return Object.values(totals).reduce((sum, jobs) => sum + jobs, 0)
}
