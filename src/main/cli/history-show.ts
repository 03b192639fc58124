/** `beside history show`: everything about one job. Apart from the list, which it shares nothing with. */
import { describe, englishTexts, noteText } from '../../shared/describe.ts'
import { leftText } from '../../shared/content-texts.ts'
import { JobError } from '../../shared/failure.ts'
import { factsOf } from '../../shared/formats.ts'
import type { Job } from '../../shared/job.ts'
import type { Note } from '../../shared/notes.ts'
import { sourcesOf } from '../../shared/job-sources.ts'
import { optionTexts } from '../../shared/options.ts'
import { withSession, type CliContext, type JsonArgs } from './context.ts'
import { exit, type ExitStatus } from './exit.ts'
import { cancelledWhy, providerTitles, restLabels, stepLabels, timestampText } from './labels.ts'
import { jobLine } from './report/json.ts'
import { sheet, type SheetRow } from './terminal/sheet.ts'
import { bytesText, durationText, shortPath, shown } from './terminal/text.ts'

export async function showJob(id: number, { json }: JsonArgs, context: CliContext): Promise<ExitStatus> {
  const { screen, cwd } = context
  const job = await withSession(context, 'look', async ({ ask }) => await ask((client) => client.jobs.get({ id })))
  if (job === null) throw new JobError('not-found', { because: 'job', id: String(id) })
  screen.print(json === true ? jobLine(job, null) : sheet(rowsOf(job, cwd), screen))
  return exit.done
}

function rowsOf(job: Job, cwd: string): readonly SheetRow[] {
  const { order, state } = job
  const done = state.phase === 'done' ? state : null
  const failure = 'why' in state ? state.why : cancelledWhy(job)
  const options = optionTexts(order.options).map(([name, text]) => `${name}=${text}`)
  const others = done?.notes.filter(({ what }) => what !== 'left') ?? []
  return [
    { label: 'Job', values: [`${job.id}, batch ${job.batchId}`] },
    { label: 'State', values: [stateText(job)] },
    { label: 'Why', values: failure === null ? [] : whyTexts(describe(failure)) },
    {
      label: order.others === undefined ? 'Original' : 'Originals',
      values: sourcesOf(order).map((source) => (source.kind === 'file' ? fileText(source, cwd) : shown(source.url))),
    },
    {
      label: 'Results',
      values:
        done?.outputs.map((output) => {
          const by = output.by === undefined ? '' : `, by ${output.by}`
          return fileText(output, cwd) + by + (output.on === undefined ? '' : `, on ${shown(output.on)}`)
        }) ?? [],
    },
    { label: 'Moved to', values: (done?.archivedTo ?? null) === null ? [] : [shortPath(done?.archivedTo ?? '', cwd)] },
    { label: 'Not in the result', values: leftTexts(done?.notes ?? []) },
    { label: 'Notes', values: others.map((note) => shown(noteText(note))) },
    {
      label: 'Conversion',
      values: [`${order.from === null ? '?' : factsOf(order.from).title} → ${factsOf(order.target).title}`],
    },
    { label: 'Options', values: options.length === 0 ? [] : [options.join(' ')] },
    { label: 'Provider', values: [providerTitles[job.provider]] },
    { label: 'Attempts', values: [String(job.attempt)] },
    { label: 'Added', values: [timestampText(job.createdAtMs)] },
    { label: 'Finished', values: 'finishedAtMs' in state ? [timestampText(state.finishedAtMs)] : [] },
    { label: 'Took', values: done?.tookMs === undefined ? [] : [durationText(done.tookMs)] },
  ]
}

function stateText({ state }: Job): string {
  if (state.phase === 'running') return stepLabels[state.work.step]
  return restLabels[state.phase] ?? state.phase
}

function whyTexts({ message, action }: { readonly message: string; readonly action: string }): readonly string[] {
  return [message, action].filter((text) => text !== '').map(shown)
}

function fileText({ path, bytes }: { readonly path: string; readonly bytes: number }, cwd: string): string {
  return `${shortPath(path, cwd)} (${bytesText(bytes)})`
}

function leftTexts(notes: readonly Note[]): readonly string[] {
  return notes.flatMap((note) => (note.what === 'left' ? [shown(leftText(note, englishTexts))] : []))
}
