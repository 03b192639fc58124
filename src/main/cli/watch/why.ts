/** `beside watch why FILE` and `beside watch files ID`: what the ledger says of files. */
import { resolve } from 'node:path'
import { describe } from '../../../shared/describe.ts'
import { describeWhy, isFailure } from '../../../shared/describe-why.ts'
import type { Sighting, SightingState, Why } from '../../../shared/folders.ts'
import type { Around } from '../around.ts'
import { exit, type ExitStatus } from '../exit.ts'
import { withSession } from '../open.ts'
import { line } from '../report/json.ts'
import { shortPath, shown } from '../text.ts'
import { withMeant } from './verbs.ts'

export const stateWords: Readonly<Record<SightingState, string>> = {
  waiting: 'waiting',
  queued: 'queued',
  done: 'converted',
  left: 'left alone',
  failed: 'failed, tried again',
  quarantined: 'given up',
}

export async function why(file: string, words: { readonly json?: true }, around: Around): Promise<ExitStatus> {
  const { screen, cwd } = around
  const path = resolve(cwd, file)
  const reasons = await withSession(around, 'look', async ({ ask }) => await ask((client) => client.folders.why({ path })))
  if (words.json === true)
    for (const reason of reasons) screen.print(line('why', { path, ...reason, words: describeWhy(reason.why) }))
  else if (reasons.length === 0) screen.print(`${shortPath(path, cwd)} is in no watched folder.`)
  else
    for (const { folderId, sighting, why: reason } of reasons) {
      screen.print(`${shortPath(path, cwd)}, folder ${folderId}: ${sighting === null ? 'no line' : standing(sighting)}`)
      screen.print(`   ${wordsOf(reason)}`)
      if (sighting !== null && sighting.jobs.length > 0) screen.print(`   jobs ${sighting.jobs.join(', ')}`)
    }
  return reasons.length === 0 ? exit.failed : exit.done
}

export interface FilesWords {
  readonly state?: readonly SightingState[]
  readonly find?: string
  readonly limit: number
  readonly json?: true
}

export async function files(word: string, words: FilesWords, around: Around): Promise<ExitStatus> {
  const { screen, cwd } = around
  return await withMeant(word, around, async ({ id }, client) => {
    const query = { folderId: id, states: [...(words.state ?? [])], text: words.find ?? '' }
    let after: string | null = null
    let left = words.limit
    do {
      const page: { sightings: Sighting[]; next: string | null } = await client.folders.sightings({
        query,
        after,
        limit: Math.min(left, 500),
      })
      for (const sighting of page.sightings) {
        if (words.json === true) screen.print(line('sighting', { ...sighting, words: describeWhy(sighting.why) }))
        else screen.print(`${standing(sighting)}: ${shortPath(sighting.path, cwd)}: ${shown(describeWhy(sighting.why))}`)
      }
      left -= page.sightings.length
      after = page.next
    } while (after !== null && left > 0)
  })
}

function standing(sighting: Sighting): string {
  return `${stateWords[sighting.state]}${sighting.gone ? ', gone since' : ''}`
}

function wordsOf(reason: Why): string {
  const action = isFailure(reason) ? ` ${describe(reason).action}` : ''
  return shown(`${describeWhy(reason)}${action}`)
}
