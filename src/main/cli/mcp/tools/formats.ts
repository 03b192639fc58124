/** The tool `formats`: what can be converted into what, with which options and presets, as far as an assistant may have it done. */
import type { McpServer } from '@modelcontextprotocol/server'
import * as z from 'zod'
import { factsOf, inTableOrder, isKnown, type FormatId } from '../../../../shared/formats.ts'
import { JobError } from '../../../../shared/failure.ts'
import type { ListedPreset } from '../../../../shared/model.ts'
import { defaultOf, ownDefaults, type OptionDefaults } from '../../../../shared/option-defaults.ts'
import { allowedValues, optionTable, optionTexts, ownOptions, type OptionName } from '../../../../shared/options.ts'
import { isSuppliedPreset } from '../../../../shared/presets.ts'
import english from '../../../../shared/text/en.json' with { type: 'json' }
import type { Client } from '../../../../shared/wire/client.ts'
import type { Session } from '../../../api/session.ts'
import { answeredBy, type ToolAnswer } from '../answer.ts'
import { clipped, refusalSchema } from '../refusal.ts'
import { targetNamed, unknownFormat } from './convert.ts'
import type { ToolPorts } from './ports.ts'

const inputSchema = z.strictObject({
  from: z.string().max(40).optional().describe('Format of the source, like "flac": what it can become.'),
  to: z.string().max(40).optional().describe('Format of the result, like "mp3". With from: the options of this conversion.'),
  limit: z.number().int().min(1).max(300).optional().describe('Formats to list. Default 200.'),
  after: z.string().max(10).optional().describe('`next` of the answer before.'),
})
type Args = z.infer<typeof inputSchema>

const outputSchema = z.object({
  formats: z.array(
    z.object({
      id: z.string().describe('for `convert`'),
      title: z.string(),
      kind: z.string(),
      extensions: z.array(z.string()),
      reads: z.boolean().describe('can be a source'),
      writes: z.boolean().describe('can be a result'),
      needs: z.string().optional().describe('a program that is missing on this computer'),
    }),
  ),
  options: z.array(
    z.object({
      name: z.string(),
      meaning: z.string(),
      allowed: z.string(),
      default: z.string().optional(),
    }),
  ),
  presets: z.array(z.object({ name: z.string(), target: z.string(), meaning: z.string() })),
  next: z.string().nullable().describe('for `after`; null: there are no more'),
  failure: refusalSchema.optional(),
})
type Data = z.infer<typeof outputSchema>

const maxPresets = 100

export function registerFormats(server: McpServer, ports: ToolPorts): void {
  server.registerTool(
    'formats',
    {
      title: 'Formats and options',
      description:
        'Lists formats and presets. With `from`: what that format can become; with `to`: what can become that; with both: the options of the conversion.',
      inputSchema,
      outputSchema,
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    answeredBy(
      'formats',
      ports,
      (failure): Data => ({ formats: [], options: [], presets: [], next: null, failure }),
      async (args) => await ports.queue.use('look', async (session) => await answerFor(args, session, ports)),
    ),
  )
}

type Pairing = Awaited<ReturnType<Client['formats']>>[number]

async function answerFor(args: Args, { ask }: Session, { online }: ToolPorts): Promise<ToolAnswer<Data>> {
  const from = args.from === undefined ? null : targetNamed(args.from)
  const to = args.to === undefined ? null : targetNamed(args.to)
  const all = await ask((client) => client.formats())
  const usable = all.filter(({ provider }) => provider === 'local' || online === 'allowed')
  const fitting = usable.filter((pairing) => (from === null || takes(pairing, from)) && (to === null || pairing.to.includes(to)))
  if (from !== null && to !== null) return conversionOf({ from, to, fitting, usable })
  const presets = from === null && to === null ? await ask((client) => client.presets.list()) : []
  return listOf({ from, to, fitting, usable, presets, ...pageOf(args) })
}

function takes({ from, packs }: Pairing, format: FormatId): boolean {
  return from.includes(format) || packs === true
}

function pageOf({ after = '0', limit = 200 }: Args): { readonly start: number; readonly limit: number } {
  if (!/^\d{1,9}$/.test(after)) throw new JobError('usage', { because: 'bad-cursor', value: after })
  return { start: Number(after), limit }
}

interface Asked<From, To> {
  readonly from: From
  readonly to: To
  /** What makes such a conversion. */
  readonly fitting: readonly Pairing[]
  /** What makes any that an assistant may have done. */
  readonly usable: readonly Pairing[]
}

function conversionOf({ from, to, fitting, usable }: Asked<FormatId, FormatId>): ToolAnswer<Data> {
  const here = fitting.filter(({ missing }) => missing === undefined)
  const [best] = here
  if (best === undefined)
    throw new JobError('pair-unsupported', { from: factsOf(from).title, target: factsOf(to).title, ...missingIn(fitting) })
  const names = [...new Set([...here.flatMap(({ options }) => options), ...ownOptions])].filter(isOpen)
  const options = names.map((name) => optionOf(name, { ...ownDefaults, ...best.defaults }))
  const formats = [from, to].map((id) => formatOf(id, usable, []))
  const text = [
    `${from} → ${to}: possible. Options:`,
    ...options.map(
      ({ name, meaning, allowed, default: usual }) =>
        `${name}: ${meaning} (${allowed}${usual === undefined ? '' : `; default ${usual}`})`,
    ),
  ]
  return { data: { formats, options, presets: [], next: null }, text: text.join('\n') }
}

function missingIn(fitting: readonly Pairing[]): { readonly reason?: string } {
  const missing = fitting.find((pairing) => pairing.missing !== undefined)?.missing
  if (missing === undefined) return {}
  return { reason: `${missing.program} is not installed${missing.install === undefined ? '' : ` (${missing.install})`}` }
}

/** Passwords and addresses are not taken from assistants. */
function isOpen(name: OptionName): boolean {
  const { kind } = optionTable[name]
  return kind !== 'secret' && kind !== 'url'
}

function optionOf(name: OptionName, defaults: OptionDefaults): Data['options'][number] {
  const usual = defaultOf(defaults, name, {})
  const text =
    usual?.kind === 'value'
      ? optionTexts({ [name]: usual.value })[0]?.[1]
      : usual?.kind === 'source'
        ? 'as the source'
        : undefined
  return {
    name,
    meaning: optionTable[name].meaning,
    allowed: clipped(allowedValues(name), 500),
    ...(text !== undefined && { default: text }),
  }
}

interface Listed extends Asked<FormatId | null, FormatId | null> {
  readonly presets: readonly ListedPreset[]
  readonly start: number
  readonly limit: number
}

function listOf({ from, to, fitting, usable, presets, start, limit }: Listed): ToolAnswer<Data> {
  const read = from === null ? fitting.flatMap((pairing) => (pairing.packs === true ? [] : pairing.from)) : []
  const written = to === null ? fitting.flatMap((pairing) => pairing.to) : []
  const ids = inTableOrder([...read, ...written])
  const asked = from ?? to
  // Archives take in whatever it is called.
  const isListed = fitting.some((pairing) => asked !== null && [...pairing.from, ...pairing.to].includes(asked))
  if (asked !== null && !isListed && !isKnown(asked)) throw unknownFormat(asked)
  const page = ids.slice(start, start + limit)
  const data: Data = {
    formats: page.map((id) => formatOf(id, usable, to === null ? fitting : [])),
    options: [],
    presets: presets.slice(0, maxPresets).map(presetOf),
    next: start + limit < ids.length ? String(start + limit) : null,
  }
  return { data, text: textOf(data, from, to) }
}

function isRead(id: FormatId, pairings: readonly Pairing[]): boolean {
  return pairings.some(({ from, packs }) => packs !== true && from.includes(id))
}

function isWritten(id: FormatId, pairings: readonly Pairing[]): boolean {
  return pairings.some(({ to }) => to.includes(id))
}

function formatOf(id: FormatId, usable: readonly Pairing[], makers: readonly Pairing[]): Data['formats'][number] {
  const { title, family, extensions } = factsOf(id)
  const makes = makers.filter(({ to }) => to.includes(id))
  const missing = makes.every((pairing) => pairing.missing !== undefined) ? makes[0]?.missing : undefined
  return {
    id,
    title,
    kind: english.labels.family[family],
    extensions: [...extensions],
    reads: isRead(id, usable),
    writes: isWritten(id, usable),
    ...(missing !== undefined && { needs: `${missing.program}${missing.install === undefined ? '' : `: ${missing.install}`}` }),
  }
}

function presetOf({ name, target, options, further = [] }: ListedPreset): Data['presets'][number] {
  if (isSuppliedPreset(name)) return { name, target, meaning: english.labels.preset[name].line }
  const own = optionTexts(options).filter(([option]) => isOpen(option))
  const also = further.length === 0 ? '' : ` and ${further.length} more results`
  return { name, target, meaning: `${own.map(([option, value]) => `${option}=${value}`).join(' ')}${also}`.trim() }
}

/** By kind, so that two hundred of them are a dozen lines. */
function textOf({ formats: listed, presets, next }: Data, from: FormatId | null, to: FormatId | null): string {
  const about =
    from !== null ? `${factsOf(from).title} can become` : to !== null ? `${factsOf(to).title} can be made of` : 'Formats'
  const wordOf = from === null && to === null ? wordOfAny : wordOfPartner
  const kinds = Map.groupBy(listed, ({ kind }) => kind)
  const lines = [...kinds].map(([kind, each]) => `${kind}: ${each.map(wordOf).join(', ')}`)
  return [
    `${about}${listed.length === 0 ? ' nothing.' : ':'}`,
    ...lines,
    ...(presets.length === 0
      ? []
      : ['Presets:', ...presets.map(({ name, target, meaning }) => `${name} (${target}): ${meaning}`)]),
    ...(next === null ? [] : [`There are more: call it again with after ${JSON.stringify(next)}.`]),
  ].join('\n')
}

function wordOfAny(format: Data['formats'][number]): string {
  const { reads, writes } = format
  return `${wordOfPartner(format)}${reads === writes ? '' : reads ? ' (source only)' : ' (result only)'}`
}

function wordOfPartner({ id, needs }: Data['formats'][number]): string {
  return `${id}${needs === undefined ? '' : ` (needs ${needs})`}`
}
