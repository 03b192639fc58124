/** The tool `convert`. */
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { McpServer, ServerContext } from '@modelcontextprotocol/server'
import * as z from 'zod'
import { JobError } from '../../../../shared/failure.ts'
import { anyFormatNamed, factsOf, formatIds, type FormatId } from '../../../../shared/formats.ts'
import { phases, type Phase } from '../../../../shared/job.ts'
import { optionTable, parseOptions, type Options } from '../../../../shared/options.ts'
import type { Session } from '../../../api/session.ts'
import { didYouMean } from '../../arguments.ts'
import { UsageError } from '../../exit.ts'
import { refuseUnlisted } from '../../open-formats.ts'
import { counted, shown } from '../../terminal/text.ts'
import { outside } from '../allowed.ts'
import { answeredBy, type ToolAnswer } from '../answer.ts'
import type { Queued, WantedConversion } from '../conversions.ts'
import { countsOf, countsSchema, countsText, jobReport, jobReportSchema, jobReportText, type JobReport } from '../job-report.ts'
import { progressTo } from '../progress.ts'
import { refusal, refusalSchema, refusalText, RefusedCall } from '../refusal.ts'
import { namedSources, type RefusedSource } from '../sources.ts'
import type { ToolPorts } from './ports.ts'

const maxListed = 50

const inputSchema = (waitSeconds: number) =>
  z.strictObject({
    sources: z
      .array(z.string().min(1).max(4096))
      .min(1)
      .max(1000)
      .describe('Files, folders or patterns like "*.wav" or "**/*.flac": absolute, or relative to an allowed folder.'),
    target: z
      .string()
      .max(40)
      .optional()
      .describe('Format to convert to, like "mp3" (`formats` lists them). Required unless preset is given.'),
    preset: z.string().max(80).optional().describe('Name of a preset (`formats` lists them); target and options count more.'),
    options: z
      .record(z.string(), z.union([z.string().max(255), z.number(), z.boolean()]))
      .optional()
      .describe(
        'Options by name, like {"bitrate": "192k", "trimStart": "1:30", "maxSize": "10MB"}; times as numbers are seconds. `formats` with from and to lists what applies.',
      ),
    out: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe('Folder for results, made if missing. Unless given, each result appears beside its source.'),
    recursive: z.boolean().optional().describe('Include the subfolders of folders. Default false.'),
    ifExists: z
      .enum(['number', 'skip'])
      .optional()
      .describe('If the name of a result is taken: number the new one (default), or skip. Nothing is overwritten.'),
    wait: z
      .boolean()
      .optional()
      .describe(
        `Default true: waits up to ${waitSeconds} s, then goes on in the background. false: only queues and answers at once. Either way \`status\` with the batch tells how it stands.`,
      ),
  })
type Args = z.infer<ReturnType<typeof inputSchema>>

const outputSchema = z.object({
  batch: z.number().int().nullable().describe('for `status`; null: nothing was queued'),
  state: z
    .enum(['finished', 'running', 'held', 'nothing-queued'])
    .describe('finished: see counts; running: goes on in the background; held: does not go on by itself, see next'),
  counts: countsSchema.describe('jobs by state'),
  files: z.array(jobReportSchema),
  moreFiles: z.number().int().describe('jobs that are not listed; `status` lists them'),
  refused: z.array(z.object({ source: z.string(), failure: refusalSchema })).describe('sources that were not queued'),
  moreRefused: z.number().int(),
  passed: z.record(z.string(), z.number().int()).describe('files of folders that were left alone, by reason'),
  next: z.string().describe('what to do next; may be empty'),
})
type Data = z.infer<typeof outputSchema>

export function registerConvert(server: McpServer, ports: ToolPorts): void {
  const { allowed, waitSeconds, online } = ports
  server.registerTool(
    'convert',
    {
      title: 'Convert files',
      description: `Converts audio, video, images, documents, books, subtitles, archives, fonts and data files. Sources stay as they are. ${folderText(ports)} ${online === 'allowed' ? 'Online services may be used within the limits that the user has set.' : 'Everything stays on this computer.'}`,
      inputSchema: inputSchema(waitSeconds),
      outputSchema,
      annotations: {
        readOnlyHint: false,
        destructiveHint: false,
        idempotentHint: false,
        openWorldHint: online === 'allowed',
      },
    },
    answeredBy(
      'convert',
      { allowed, log: ports.log },
      (why) => nothing([{ source: '', failure: why }]).data,
      async (args, context) => await convert(args, context, ports),
    ),
  )
}

/** For descriptions: whoever reads them is to know at once where files may be. */
export function folderText({ allowed }: Pick<ToolPorts, 'allowed'>): string {
  const { confinement, text } = allowed
  return confinement.folders.length === 0 ? 'No folder is allowed yet.' : `Works only in the allowed folders: ${text}.`
}

async function convert(args: Args, context: ServerContext, ports: ToolPorts): Promise<ToolAnswer<Data>> {
  const { signal } = context.mcpReq
  const target = args.target === undefined ? null : targetNamed(args.target)
  const options = optionsFrom(args.options ?? {})
  if (target === null && args.preset === undefined)
    throw new RefusedCall(refusal('There is neither a target nor a preset.', 'Give one of them; `formats` lists both.'))
  const out = args.out === undefined ? null : await folderNamed(args.out, ports)
  const { paths, refused } = await namedSources(args.sources, ports.allowed, signal)
  if (paths.length === 0) return nothing(refused)
  const wanted: WantedConversion = {
    sources: paths,
    label: `${paths.length === 1 ? basename(paths[0] ?? '').slice(0, 400) : `${paths.length} sources`} → ${target === null ? args.preset : factsOf(target).title}`,
    check: async (session) => await refuseUnknown(target, args.preset ?? null, ports.online, session),
    request: {
      target,
      preset: args.preset ?? null,
      options,
      out,
      recursive: args.recursive ?? false,
      include: [],
      exclude: [],
      priority: 0,
      // To name a provider is the user's word; an assistant's is none.
      with: ports.online === 'allowed' ? 'auto' : 'local',
      ...(ports.online === 'never' && { localOnly: true }),
      ifExists: args.ifExists ?? 'number',
      afterwards: 'keep',
      confinement: ports.allowed.confinement,
    },
  }
  if (args.wait === false) {
    const { report: queued, held } = await ports.conversions.leave(wanted, signal)
    const state = held === null ? 'running' : 'held'
    return answerOf({ queued: withRefused(queued, refused), state, held, counts: { queued: queued.jobs }, files: [] })
  }
  return await waitFor(wanted, refused, context, ports)
}

async function waitFor(
  wanted: WantedConversion,
  refused: readonly RefusedSource[],
  context: ServerContext,
  ports: ToolPorts,
): Promise<ToolAnswer<Data>> {
  const progress = progressTo(context)
  const enough = new AbortController()
  const report = async (queued: Queued, session: Session) => await stateOf(queued, session, ports)
  const conversion = ports.conversions.follow(wanted, { cancelled: context.mcpReq.signal, progress: progress.tell, report })
  // It may go on without anybody waiting for it.
  conversion.over.catch((error: unknown) => ports.log.info('a conversion was not followed to its end', { error: String(error) }))
  const tooLong = sleep(ports.waitSeconds * 1000, null, { signal: enough.signal }).catch(() => null)
  try {
    const over = await Promise.race([conversion.over, tooLong])
    const queued = await conversion.queued
    const held = over?.held ?? null
    const { counts, files } = over?.report ?? (await ports.queue.use('look', async (session) => await report(queued, session)))
    const state = held !== null ? 'held' : over === null ? 'running' : 'finished'
    return answerOf({ queued: withRefused(queued, refused), state, held, counts, files })
  } finally {
    enough.abort()
    progress.stop()
  }
}

function withRefused(queued: Queued, refused: readonly RefusedSource[]): Queued {
  return { ...queued, refused: [...refused, ...queued.refused] }
}

async function stateOf({ batchId, joined }: Queued, { ask }: Session, { allowed }: ToolPorts) {
  const batch = await ask((client) => client.batches.get({ id: batchId }))
  const page = await ask((client) => client.jobs.list({ phases: [...phases], batchId, after: null, limit: maxListed }))
  const jobs = [...page.jobs]
  const counts: Partial<Record<Phase, number>> = { ...batch?.totals }
  for (const id of joined) {
    const job = await ask((client) => client.jobs.get({ id }))
    if (job === null) continue
    jobs.push(job)
    counts[job.state.phase] = (counts[job.state.phase] ?? 0) + 1
  }
  const files: JobReport[] = []
  for (const job of jobs) if (files.length < maxListed && (await allowed.shows(job))) files.push(jobReport(job))
  return { counts: countsOf(counts), files }
}

interface Outcome {
  readonly queued: Queued
  readonly state: Data['state']
  /** Why it does not go on by itself. */
  readonly held: string | null
  readonly counts: Data['counts']
  readonly files: readonly JobReport[]
}

function answerOf({ queued, state, held, counts, files }: Outcome): ToolAnswer<Data> {
  const { batchId, joined, refused, passed } = queued
  if (queued.jobs === 0 && joined.length === 0) return nothing(refused, passed)
  const total = Object.values(counts).reduce((sum, jobs) => sum + jobs, 0)
  const next =
    held !== null
      ? `The queue is ${held}. \`status\` with batch ${batchId} tells how it stands.`
      : state === 'running'
        ? `It goes on in the background; \`status\` with batch ${batchId} and wait tells how it ends.`
        : (counts.waiting ?? 0) + (counts.uncertain ?? 0) > 0
          ? 'Something waits for the user: it is decided in Beside.'
          : ''
  const data: Data = {
    batch: batchId,
    state,
    counts,
    files: [...files],
    moreFiles: Math.max(0, total - files.length),
    refused: refused.slice(0, maxListed).map((each) => ({ ...each })),
    moreRefused: Math.max(0, refused.length - maxListed),
    passed: { ...passed },
    next,
  }
  const text = [`Batch ${batchId}: ${countsText(counts)}.`, ...files.map(jobReportText), ...restText(data), next]
  const isFailed = state === 'finished' && (counts.done ?? 0) + (counts.skipped ?? 0) === 0
  return { data, text: text.filter((line) => line !== '').join('\n'), ...(isFailed && { isError: true }) }
}

function nothing(refused: readonly RefusedSource[], passed: Data['passed'] = {}): ToolAnswer<Data> {
  const data: Data = {
    batch: null,
    state: 'nothing-queued',
    counts: {},
    files: [],
    moreFiles: 0,
    refused: refused.slice(0, maxListed).map((each) => ({ ...each })),
    moreRefused: Math.max(0, refused.length - maxListed),
    passed,
    next: '',
  }
  return { data, text: ['Nothing was queued.', ...restText(data)].join('\n'), isError: true }
}

function restText({ moreFiles, refused, moreRefused, passed }: Data): readonly string[] {
  return [
    ...(moreFiles === 0 ? [] : [`${counted(moreFiles, 'more file')}: see \`status\`.`]),
    ...refused.map(({ source, failure: why }) => `refused: ${source === '' ? '' : `${shown(source)}: `}${refusalText(why)}`),
    ...(moreRefused === 0 ? [] : [`${moreRefused} more were refused.`]),
    ...Object.entries(passed).map(([why, files]) => `${counted(files, 'file')} in the folders skipped: ${why}`),
  ]
}

/** @throws RefusedCall for what can be no format. */
export function targetNamed(name: string): FormatId {
  const format = anyFormatNamed(name.trim().replace(/^\./, ''))
  if (format === null) throw unknownFormat(name)
  return format
}

export function unknownFormat(name: string): RefusedCall {
  const action = `Call \`formats\` for the names of formats. ${didYouMean(name, formatIds)}`.trim()
  return new RefusedCall(refusal(`There is no format called “${name}”.`, action, 'target-unknown'))
}

/** What nobody says to an assistant, whose words are kept by whoever runs it; and where it might send something. */
const closed: ReadonlySet<string> = new Set(['secret', 'url'])

/** @throws JobError or a refusal for what no option is, or none that may be set here. */
function optionsFrom(given: Readonly<Record<string, string | number | boolean>>): Options {
  // A number is meant as it would be typed: times in seconds.
  const typed = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, typeof value === 'number' ? String(value) : value]),
  )
  const parsed = parseOptions(typed)
  if (!parsed.ok) throw JobError.from(parsed.failure)
  const shut = (Object.keys(parsed.value) as (keyof Options)[]).find((name) => closed.has(optionTable[name].kind))
  if (shut !== undefined)
    throw new JobError('option-invalid', { option: shut, value: '…', allowed: 'only in Beside itself, not through an assistant' })
  return parsed.value
}

async function folderNamed(name: string, { allowed }: ToolPorts): Promise<string> {
  const named = await allowed.named(name)
  if (named === null) throw outside(name, allowed)
  return named.path
}

async function refuseUnknown(
  target: FormatId | null,
  preset: string | null,
  online: ToolPorts['online'],
  { client, ask }: Session,
): Promise<void> {
  if (preset !== null) {
    const names = (await ask(() => client.presets.list())).map(({ name }) => name)
    const action = `Call \`formats\` for the names of presets. ${didYouMean(preset, names)}`.trim()
    if (!names.includes(preset))
      throw new RefusedCall(refusal(`There is no preset called “${preset}”.`, action, 'preset-unknown'))
  }
  if (target === null) return
  try {
    await ask(() => refuseUnlisted([target], online === 'allowed' ? 'auto' : 'local', client))
  } catch (error) {
    throw error instanceof UsageError ? unknownFormat(target) : error
  }
}
