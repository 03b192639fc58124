/** `beside convert`: queues what was named, waits for it, reports what became of it. */
import { basename, dirname, resolve } from 'node:path'
import { text as readText } from 'node:stream/consumers'
import { Option, type Command } from 'commander'
import { JobError, type Failure, type FailureCode } from '../../../shared/failure.ts'
import { endingOf, factsOf, formatOfName, type FormatId } from '../../../shared/formats.ts'
import type { ConflictPolicy, ProviderChoice } from '../../../shared/job.ts'
import type { Preset } from '../../../shared/model.ts'
import { outputsOfPreset } from '../../../shared/outputs.ts'
import { optionTable, type Options } from '../../../shared/options.ts'
import { describeWhy, isFailure } from '../../../shared/describe-why.ts'
import type { Why } from '../../../shared/folders.ts'
import type { IntakeEvent } from '../../../shared/wire/contract.ts'
import { isOffline } from '../../../shared/wire/errors.ts'
import type { Session } from '../../api/session.ts'
import {
  didYouMean,
  parseNameTemplate,
  parseOptionSettings,
  policies,
  providerChoices,
  parseTexts,
  type OptionSetting,
} from '../arguments.ts'
import { deliverHooks, Interrupted, openContextSession, type CliContext, type Start } from '../context.ts'
import { exit, exitHelp, UsageError, type ExitStatus } from '../exit.ts'
import { refuseUnlisted } from '../open-formats.ts'
import { workInBackground } from '../queue/run.ts'
import { waitFor } from '../report/follow.ts'
import { jsonReport, line, summaryLine } from '../report/json.ts'
import { peopleReport, type JobReporter } from '../report/report.ts'
import { createTally, type Tally } from '../report/tally.ts'
import { counted, shown } from '../terminal/text.ts'
import { formatsOf, parseTargets, targetsOf, type Target } from '../targets.ts'
import { jobsIn, sendRequest } from './sending.ts'
import { inOneRequest, sourcesOf, type Sources } from './sources.ts'

interface ConvertArgs {
  readonly to?: readonly Target[]
  readonly with?: ProviderChoice
  readonly preset?: string
  readonly set?: readonly OptionSetting[]
  readonly out?: string
  readonly name?: string
  readonly ifExists?: ConflictPolicy
  readonly recursive?: true
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly localOnly?: true
  readonly together?: string
  readonly passwordStdin?: true
  readonly protectStdin?: true
  readonly null?: true
  readonly detach?: true
  readonly json?: true
}

const optionWidth = Math.max(...Object.keys(optionTable).map((name) => name.length))
const optionHelp = Object.entries(optionTable)
  .map(([name, { meaning }]) => `  ${name.padEnd(optionWidth)}  ${meaning}`)
  .join('\n')

export function defineConvert(program: Command, start: Start): void {
  program
    .command('convert')
    .summary('convert files; results appear beside them')
    .description(
      'Converts files, folders and web addresses. Each result appears beside its source, with the same name and the new extension; nothing is overwritten unless you ask for it. Waits until everything is converted.',
    )
    .argument('<source...>', "files, folders, web addresses, patterns like '*.wav', or - to read names from standard input")
    .option(
      '--to <format>',
      'format to convert to, like mp3 or webp (see `beside formats`); repeat it for several results of each source',
      parseTargets,
    )
    .addOption(new Option('--with <provider>', 'provider that converts').choices(providerChoices))
    .option('--preset <name>', 'use a preset (see `beside presets`); other options given here take precedence')
    .option('--set <option=value>', 'conversion option, like bitrate=192k; can be repeated', parseOptionSettings)
    .addOption(new Option('--together <file>', 'all sources become this one file, like album.pdf').conflicts('name'))
    .option('--password-stdin', 'read the password that opens the sources from standard input')
    .option(
      '--protect-stdin',
      'read the password that results get from standard input; behind that of the sources where both are read',
    )
    .option('--out <folder>', 'folder for results; subfolders are recreated there')
    .option('--name <template>', 'name of results, like {name}-{date}', parseNameTemplate)
    .addOption(
      new Option('--if-exists <action>', 'if the name is taken: number the new file, skip it, or overwrite').choices(policies),
    )
    .option('--recursive', 'include subfolders')
    .option('--include <glob>', 'only convert matching files of folders; can be repeated', parseTexts)
    .option('--exclude <glob>', 'skip matching files of folders; can be repeated', parseTexts)
    .option('--local-only', 'never send anything to an online provider')
    .option('-0, --null', 'names on standard input are separated by NUL')
    .option('--detach', 'only queue the files and convert in the background')
    .option('--json', 'report progress as JSON, one object per line')
    .addHelpText(
      'after',
      `
Options for --set:
${optionHelp}

Fields of a name: {name} {ext} {parent} {date} {time} {counter} {preset} {provider} {width} {height} {bitrate}

Examples:
  beside convert song.wav --to mp3                     song.mp3 appears beside it
  beside convert *.wav --to mp3 --set bitrate=192k
  beside convert ~/Music --to opus --recursive --out ~/Phone
  beside convert photo.heic --to jpeg --set imageQuality=90 --set width=1600
  beside convert film.mov --to mp4 --set maxSize=10MB
  beside convert clip.mov --to mp3 --set trimStart=1:30 --set trimEnd=2:00
  beside convert film.mov --to mp4 --to mp3            a film and its audio, read once
  beside convert film.mov --to mp4:maxHeight=1080 --to mp4:maxHeight=720
                                                       film (1080p).mp4 and film (720p).mp4
  beside convert *.jpg --together album.pdf            the images become its pages
  beside convert --to mp3 -- -take-1.wav               a name that begins with a dash
  find . -name '*.flac' -print0 | beside convert - -0 --to m4a --json

Ctrl-C stops cleanly: what is left stays in the queue, and \`beside queue run\` continues with it.
${exitHelp}`,
    )
    .action(async (sources: readonly string[], args: ConvertArgs, command: Command) => {
      refuseNoTarget(args, command)
      await start(async (context) => await convert(sources, args, context))
    })
}

/** A conversion needs a format or a preset. */
export function refuseNoTarget(
  args: { readonly to?: readonly unknown[]; readonly preset?: unknown; readonly together?: string },
  command: Command,
): void {
  if (args.together !== undefined && (args.to ?? []).length > 1)
    command.error('error: --together makes one result: use --to once')
  if (args.to !== undefined || args.preset !== undefined) return
  if (args.together === undefined)
    command.error('error: no target given: use --to FORMAT or --preset NAME (see `beside formats`)')
  if (formatOfName(args.together) === null)
    command.error(
      `error: “${shown(args.together)}” does not say what the files become: give it the ending of a format, like album.pdf, or use --to FORMAT (see \`beside formats\`)`,
    )
}

async function convert(sources: readonly string[], args: ConvertArgs, context: CliContext): Promise<ExitStatus> {
  let tally = createTally(0)
  let session: Session | null = null
  let report: JobReporter | null = null
  try {
    const request = requestOf(args, context.cwd, await passwordsOf(sources, args, context))
    // Detached work begins in a process of its own.
    session = await openContextSession(context, args.detach === true ? 'look' : 'work')
    if (args.to !== undefined) await refuseUnlisted(formatsOf(args.to), args.with, session.client)
    const label = await labelOf(sources, args, session)
    const { batchId } = await session.client.batches.open({ label })
    tally = createTally(batchId)
    const { screen, cwd } = context
    report = args.json === true ? jsonReport(screen) : peopleReport({ screen, tally, cwd })
    const run: Run = { session, tally, report, context, batchId, request: { ...request, batchId }, sources, args }
    if (args.detach === true) return await detach(run)
    const status = await waitThrough(run)
    await deliverHooks(session, context)
    return status
  } catch (error) {
    report?.stop()
    // Whoever reads the lines relies on the last one, whatever happens.
    if (args.json === true) context.screen.print(summaryLine(tally.sum()))
    throw error
  } finally {
    await session?.close()
  }
}

interface Run {
  readonly session: Session
  readonly tally: Tally
  readonly report: JobReporter
  readonly context: CliContext
  readonly batchId: number
  readonly request: ReturnType<typeof requestOf> & { readonly batchId: number }
  readonly sources: readonly string[]
  readonly args: ConvertArgs
}

async function waitThrough(run: Run): Promise<ExitStatus> {
  const { session, tally, report, context, batchId } = run
  const startedAtMs = performance.now()
  const failed = new AbortController()
  const signal = AbortSignal.any([context.interruption, failed.signal])
  const waiting = waitFor({ session, tally, report, batchId, whenHeld: context.screen.isLive ? 'wait' : 'end', signal })
  try {
    await waiting.begun
    await sendAll(run, signal)
    await waiting.close(await jobsIn(session, batchId))
    await waiting.over
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error
  } finally {
    failed.abort()
  }
  const interrupted = context.interruption.aborted
  const goesOn = session.role() === 'guest' ? 'elsewhere' : 'later'
  report.end({ tally, tookMs: performance.now() - startedAtMs, batchId, interrupted, goesOn })
  if (interrupted) return exit.interrupted
  const sum = tally.sum()
  if (sum.failed > 0) return exit.failed
  return sum.waiting > 0 ? exit.waiting : exit.done
}

async function detach(run: Run): Promise<ExitStatus> {
  const { session, tally, context, batchId, args } = run
  await sendAll(run, context.interruption)
  const queued = await jobsIn(session, batchId)
  // Before the one in the background wants to hold it.
  await session.close()
  if (queued > 0) await workInBackground(context)
  const { failed } = tally.sum()
  if (args.json === true) {
    context.screen.print(line('queued', { batch: batchId, jobs: queued }))
    context.screen.print(summaryLine(tally.sum()))
  } else {
    context.screen.print(
      `${counted(queued, 'file')} queued as batch ${batchId}; converting in the background. \`beside queue\` shows progress.`,
    )
  }
  return failed > 0 ? exit.failed : exit.done
}

/** Sends the sources to whoever holds the queue, chunk by chunk, and reports what became of each. */
async function sendAll(run: Run, signal: AbortSignal): Promise<void> {
  const { context, sources, args, report } = run
  const { cwd, input } = context
  const passed = new Map<string, number>()
  const chunks = sourcesOf(sources, { cwd, input, separator: args.null === true ? '\0' : '\n', signal })
  try {
    for await (const chunk of args.together === undefined ? chunks : inOneRequest(chunks)) {
      if (chunk.kind === 'refused') refuse(chunk.name, chunk.why, run)
      else for (const why of await send(chunk, run, signal)) passed.set(why, (passed.get(why) ?? 0) + 1)
    }
  } finally {
    await endBatch(run)
  }
  for (const [why, files] of passed) report.notice(`${counted(files, 'file')} in the folders skipped: ${why}`)
}

/** All of it has been sent, or will never be: from here on the batch is over when its jobs are. */
async function endBatch({ session, request }: Run): Promise<void> {
  try {
    for await (const _ of await session.client.batches.convert({ ...request, sources: [] }));
  } catch (error) {
    // The next one to hold the queue knows that nothing is being sent.
    if (!isOffline(error)) throw error
  }
}

/** Of those that are of another kind there is no more to say than that. */
function whyPassed(why: Why): string {
  return isFailure(why) ? 'not convertible to the target.' : describeWhy(why)
}

/** Answers why files of folders were left where they are, one reason each. */
async function send(chunk: Sources & { readonly kind: 'sources' }, run: Run, signal: AbortSignal): Promise<readonly string[]> {
  const { session, request } = run
  const whole = { ...request, sources: [...chunk.sources], more: true }
  const passed = await sendRequest(session, whole, async (event) => await take(event, run), signal)
  return passed.map(({ why }) => whyPassed(why))
}

async function take(event: IntakeEvent, run: Run): Promise<void> {
  const { session, tally, report } = run
  switch (event.type) {
    case 'refused':
      refuse(event.source, event.why, run)
      return
    case 'joined': {
      if (!tally.join(event.jobId)) return
      const job = await session.ask((client) => client.jobs.get({ id: event.jobId }))
      if (job !== null && tally.note(job) === 'moved') report.job(job, null)
      return
    }
    case 'added':
      tally.add(event.count)
      report.changed()
      return
    case 'passed':
    case 'end':
  }
}

/** Refused because the user asked for it. */
const asAsked: ReadonlySet<FailureCode> = new Set(['source-excluded', 'output-exists'])

function refuse(source: string, why: Failure, { tally, report }: Run): void {
  const as = asAsked.has(why.code) ? 'skipped' : 'failed'
  tally.refuse(as)
  report.refused(source, why, as)
}

/** By lines, so that neither is seen by whoever lists the processes of the machine. */
async function passwordsOf(sources: readonly string[], args: ConvertArgs, { input }: CliContext): Promise<Options> {
  for (const [name] of [...(args.set ?? []), ...(args.to ?? []).flatMap(({ set }) => set)])
    if (optionTable[name].kind === 'secret')
      throw new UsageError(
        'Passwords are not typed on the command line.',
        `Use --${name}-stdin: beside convert … --${name}-stdin < file`,
      )
  const wanted = [args.passwordStdin === true ? 'password' : [], args.protectStdin === true ? 'protect' : []].flat()
  if (wanted.length === 0) return {}
  if (sources.includes('-'))
    throw new UsageError('Names and passwords cannot both come from standard input.', 'Name the sources as arguments.')
  const lines = (await readText(input)).split(/\r?\n/)
  const given = wanted.map((name, index) => [name, lines[index] ?? ''] as const)
  if (given.some(([, password]) => password === ''))
    throw new UsageError(
      'There is no password on standard input.',
      'It is a line of its own: first that of the sources, then that of the results.',
    )
  return Object.fromEntries(given)
}

function requestOf(args: ConvertArgs, cwd: string, passwords: Options) {
  const out = args.out === undefined ? null : resolve(cwd, args.out)
  return {
    ...targetsOf(args.to, args.preset ?? null, args.set, passwords),
    out,
    ...(args.together !== undefined && togetherAs(args.together, args.to?.[0]?.format, out, cwd)),
    recursive: args.recursive ?? false,
    include: [...(args.include ?? [])],
    exclude: [...(args.exclude ?? [])],
    priority: 0,
    ...(args.with === undefined ? {} : { with: args.with }),
    ...(args.localOnly === undefined ? {} : { localOnly: args.localOnly }),
    ...(args.name === undefined ? {} : { nameTemplate: args.name }),
    ...(args.ifExists === undefined ? {} : { ifExists: args.ifExists }),
  }
}

/** A name alone stands beside the first source, as any result does; a path is meant as it is written. */
function togetherAs(file: string, to: FormatId | undefined, out: string | null, cwd: string) {
  const name = basename(file)
  const named = formatOfName(name)
  const target = to ?? named ?? undefined
  const isEndingOfTarget = named !== null && named === target
  const base = isEndingOfTarget ? name.slice(0, -(endingOf(name)?.length ?? 0) - 1) : name
  return {
    together: true,
    nameTemplate: base,
    ...(target !== undefined && { target }),
    ...(name !== file && { out: resolve(out ?? cwd, dirname(file)) }),
  }
}

/** What the batch is called in lists. Looks the preset up, so that a mistyped one is reported before anything is queued. */
async function labelOf(sources: readonly string[], { to, preset, together }: ConvertArgs, session: Session): Promise<string> {
  const presets = preset === undefined ? [] : await session.ask((client) => client.presets.list())
  const found = presets.find(({ name }) => name === preset)
  if (preset !== undefined && found === undefined) {
    const hint = didYouMean(
      preset,
      presets.map(({ name }) => name),
    )
    throw new JobError('preset-unknown', { preset: shown(preset), ...(hint === '' ? {} : { hint }) })
  }
  const wanted = to === undefined ? outputsOf(found) : formatsOf(to)
  const targets = wanted.length > 0 ? wanted : [formatOfName(together ?? '') ?? []].flat()
  const [first = ''] = sources
  const what = sources.length > 1 ? `${sources.length} sources` : first === '-' ? 'names from standard input' : first
  return `${what.slice(0, 400)} → ${targets.map((target) => factsOf(target).title).join(', ')}`
}

function outputsOf(preset: Preset | undefined): readonly FormatId[] {
  return preset === undefined ? [] : outputsOfPreset(preset).flatMap(({ target }) => target ?? [])
}
