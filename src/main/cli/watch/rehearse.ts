/** `beside watch rehearse`: what a rule would do now, with nothing done. */
import { describeWhy, whyTexts } from '../../../shared/describe-why.ts'
import { englishTexts } from '../../../shared/describe.ts'
import type { Rehearsal, Rehearsed } from '../../../shared/folders.ts'
import type { Around } from '../around.ts'
import type { ExitStatus } from '../exit.ts'
import { line } from '../report/json.ts'
import { bytesText, counted, numberText, shortPath, shown } from '../text.ts'
import { providerTitles } from '../words.ts'
import { ruleFrom, type RuleWords } from './rule.ts'
import { withMeant } from './verbs.ts'

export interface RehearseWords extends RuleWords {
  readonly limit: number
  readonly json?: true
}

/** Other words than the rule's are tried on it, and not kept. */
export async function rehearse(word: string, words: RehearseWords, around: Around): Promise<ExitStatus> {
  const { screen } = around
  return await withMeant(word, around, async (folder, client) => {
    const rule = ruleFrom(words, folder.rule, around.cwd)
    const rehearsal = await client.folders.rehearse({ rule, id: folder.id, limit: words.limit }, { signal: around.interruption })
    if (words.json === true) {
      const { files, ...sums } = rehearsal
      for (const file of files) screen.print(line('file', { ...file, words: file.why === null ? null : describeWhy(file.why) }))
      screen.print(line('rehearsal', sums))
    } else {
      for (const file of rehearsal.files) screen.print(fileText(file, around))
      screen.print(summary(rehearsal))
    }
  })
}

function fileText({ path, verdict, why, outputs }: Rehearsed, { cwd, screen }: Around): string {
  const name = shortPath(path, cwd)
  if (verdict !== 'convert') {
    const word = verdict === 'later' ? 'later' : 'left'
    return screen.paint('dim', `${word}: ${name}${why === null ? '' : `: ${shown(describeWhy(why))}`}`)
  }
  const results = outputs.map(({ path: result, provider, cost }) => {
    const price = cost === null ? '' : `, ${cost.amount} ${cost.unit}`
    return `${shortPath(result, cwd)}${provider === 'local' ? '' : ` (${providerTitles[provider]}${price})`}`
  })
  return `would convert: ${name} → ${results.join(' and ')}`
}

function summary({ convert, later, leave, bytes, reasons, costs, unpriced }: Rehearsal): string {
  const lines = [
    `${counted(convert, 'file')} would be converted (${bytesText(bytes)}), ${numberText(later)} later, ${numberText(leave)} left alone.`,
  ]
  for (const { code, files } of reasons.slice(0, 8)) lines.push(`   ${numberText(files)}: ${reasonText(code)}`)
  for (const { provider, amount, unit } of costs) lines.push(`   ${providerTitles[provider]}: ${amount} ${unit}`)
  if (unpriced > 0) lines.push(`   ${counted(unpriced, 'result')} at a price that is not known before`)
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
