/** What the rules make of files: `beside watch why`, `beside watch files`, and `beside watch rehearse`, which does nothing. */
import { resolve } from 'node:path'
import { describe, englishTexts } from '../../../shared/describe.ts'
import { describeWhy, isFailure, whyTexts } from '../../../shared/describe-why.ts'
import type { RuleRehearsal, Rehearsed, Sighting, SightingState, Why } from '../../../shared/folders.ts'
import { withSession, type CliContext, type JsonArgs } from '../context.ts'
import { exit, type ExitStatus } from '../exit.ts'
import { providerTitles } from '../labels.ts'
import { line } from '../report/json.ts'
import { bytesText, counted, numberText, shortPath, shown } from '../terminal/text.ts'
import { ruleFrom, sharedArgs, withFolder, type RuleArgs } from './rule.ts'

const stateLabels: Readonly<Record<SightingState, string>> = {
  waiting: 'waiting',
  queued: 'queued',
  done: 'converted',
  left: 'skipped',
  failed: 'failed, will retry',
  quarantined: 'given up',
}

export async function explain(file: string, args: JsonArgs, context: CliContext): Promise<ExitStatus> {
  const { screen, cwd } = context
  const path = resolve(cwd, file)
  const reasons = await withSession(context, 'look', async ({ ask }) => await ask((client) => client.folders.why({ path })))
  if (args.json === true)
    for (const reason of reasons) screen.print(line('why', { path, ...reason, words: describeWhy(reason.why) }))
  else if (reasons.length === 0) screen.print(`${shortPath(path, cwd)} is not in a watched folder.`)
  else
    for (const { folderId, sighting, why: reason } of reasons) {
      screen.print(`${shortPath(path, cwd)}, folder ${folderId}: ${sighting === null ? 'not seen yet' : stateText(sighting)}`)
      screen.print(`   ${reasonAndAction(reason)}`)
      if (sighting !== null && sighting.jobs.length > 0) screen.print(`   jobs ${sighting.jobs.join(', ')}`)
    }
  return reasons.length === 0 ? exit.failed : exit.done
}

export interface FilesArgs extends JsonArgs {
  readonly state?: readonly SightingState[]
  readonly find?: string
  readonly limit: number
}

export async function listFiles(given: string, args: FilesArgs, context: CliContext): Promise<ExitStatus> {
  const { screen, cwd } = context
  return await withFolder(given, context, async ({ id }, client) => {
    const query = { folderId: id, states: [...(args.state ?? [])], text: args.find ?? '' }
    let after: string | null = null
    let left = args.limit
    do {
      const page: { sightings: Sighting[]; next: string | null } = await client.folders.sightings({
        query,
        after,
        limit: Math.min(left, 500),
      })
      for (const sighting of page.sightings) {
        if (args.json === true) screen.print(line('sighting', { ...sighting, words: describeWhy(sighting.why) }))
        else screen.print(`${stateText(sighting)}: ${shortPath(sighting.path, cwd)}: ${shown(describeWhy(sighting.why))}`)
      }
      left -= page.sightings.length
      after = page.next
    } while (after !== null && left > 0)
  })
}

function stateText(sighting: Sighting): string {
  return `${stateLabels[sighting.state]}${sighting.gone ? ', missing now' : ''}`
}

function reasonAndAction(reason: Why): string {
  const action = isFailure(reason) ? ` ${describe(reason).action}` : ''
  return shown(`${describeWhy(reason)}${action}`)
}

export interface RehearseArgs extends RuleArgs, JsonArgs {
  readonly limit: number
}

/** Options that are given are tried on the rule, and not kept. */
export async function rehearse(given: string, args: RehearseArgs, context: CliContext): Promise<ExitStatus> {
  const { screen } = context
  return await withFolder(given, context, async (folder, client) => {
    const rule = ruleFrom(await sharedArgs(args, client), folder.rule, context.cwd)
    const rehearsal = await client.folders.rehearse({ rule, id: folder.id, limit: args.limit }, { signal: context.interruption })
    if (args.json === true) {
      const { files, ...sums } = rehearsal
      for (const file of files) screen.print(line('file', { ...file, words: file.why === null ? null : describeWhy(file.why) }))
      screen.print(line('rehearsal', sums))
    } else {
      for (const file of rehearsal.files) screen.print(fileText(file, context))
      screen.print(summary(rehearsal))
    }
  })
}

function fileText({ path, verdict, why, outputs }: Rehearsed, { cwd, screen }: CliContext): string {
  const name = shortPath(path, cwd)
  if (verdict !== 'convert') {
    const label = verdict === 'later' ? 'later' : 'skipped'
    return screen.paint('dim', `${label}: ${name}${why === null ? '' : `: ${shown(describeWhy(why))}`}`)
  }
  const results = outputs.map(({ path: result, provider, cost }) => {
    const price = cost === null ? '' : `, ${cost.amount} ${cost.unit}`
    return `${shortPath(result, cwd)}${provider === 'local' ? '' : ` (${providerTitles[provider]}${price})`}`
  })
  return `would convert: ${name} → ${results.join(' and ')}`
}

function summary({ convert, later, leave, bytes, reasons, costs, unpriced }: RuleRehearsal): string {
  const lines = [
    `${counted(convert, 'file')} would be converted (${bytesText(bytes)}), ${numberText(later)} later, ${numberText(leave)} skipped.`,
  ]
  for (const { code, files } of reasons.slice(0, 8)) lines.push(`   ${numberText(files)}: ${reasonText(code)}`)
  for (const { provider, amount, unit } of costs) lines.push(`   ${providerTitles[provider]}: ${amount} ${unit}`)
  if (unpriced > 0) lines.push(`   ${counted(unpriced, 'result')} with unknown price`)
  return lines.join('\n')
}

/** The sentence of a reason, without what differs from file to file. */
function reasonText(code: string): string {
  const text =
    Object.entries(whyTexts).find(([name]) => name === code)?.[1] ??
    Object.entries(englishTexts.failures).find(([name]) => name === code)?.[1] ??
    code
  return text
    .replaceAll(/\[[^\]]*\]/g, '')
    .replaceAll(/[{}]/g, '')
    .trim()
}
