/** `beside watch`: add, change, list, remove, on, off, accept, again. */
import { createInterface } from 'node:readline/promises'
import { resolve } from 'node:path'
import { JobError } from '../../../shared/failure.ts'
import type { ExistingChoice, Folder, Rule } from '../../../shared/folders.ts'
import type { Client } from '../../api/client.ts'
import type { Around } from '../around.ts'
import { exit, type ExitStatus } from '../exit.ts'
import { withSession } from '../open.ts'
import { line } from '../report/json.ts'
import { counted, numberText, shortPath } from '../text.ts'
import { healthText } from './health.ts'
import { newRule, ruleFrom, sentence, type RuleWords } from './rule.ts'
import { folderMeant } from './which.ts'

interface JsonWords {
  readonly json?: true
}
export interface AddWords extends RuleWords, JsonWords {
  readonly existing?: ExistingChoice
  readonly off?: true
}
export interface ChangeWords extends RuleWords, JsonWords {
  readonly oldFiles: 'again' | 'keep'
}
export interface SwitchWords extends JsonWords {
  readonly existing?: ExistingChoice
}

export async function list(words: JsonWords, around: Around): Promise<ExitStatus> {
  const { screen } = around
  const folders = await withSession(around, 'look', async ({ ask }) => await ask((client) => client.folders.list()))
  if (words.json === true) for (const folder of folders) screen.print(line('folder', { ...folder }))
  else if (folders.length === 0) screen.print('No folder is watched. `beside watch add FOLDER --to FORMAT` adds one.')
  else screen.print(folders.map((folder) => card(folder, around)).join('\n\n'))
  return exit.done
}

export async function add(folder: string, words: AddWords, around: Around): Promise<ExitStatus> {
  const rule = newRule(folder, words, around.cwd)
  const on = words.off !== true
  return await withSession(around, 'look', async ({ client }) => {
    const existing = words.existing ?? (on ? await askExisting(rule, client, around) : null)
    tell(await client.folders.add({ rule, on, existing }), words, around)
    return exit.done
  })
}

export async function change(word: string, words: ChangeWords, around: Around): Promise<ExitStatus> {
  return await withMeant(word, around, async (folder, client) => {
    const rule = ruleFrom(words, folder.rule, around.cwd)
    tell(await client.folders.change({ id: folder.id, rule, oldFiles: words.oldFiles }), words, around)
  })
}

export async function turn(word: string, to: 'on' | 'off', words: SwitchWords, around: Around): Promise<ExitStatus> {
  return await withMeant(word, around, async (folder, client) => {
    const isAsked = to === 'on' && folder.health.state === 'undecided'
    const existing = words.existing ?? (isAsked ? await askExisting(folder.rule, client, around) : null)
    tell(await client.folders.switch({ id: folder.id, on: to === 'on', existing }), words, around)
  })
}

export async function accept(word: string, words: JsonWords, around: Around): Promise<ExitStatus> {
  return await withMeant(word, around, async ({ id }, client) => tell(await client.folders.accept({ id }), words, around))
}

export async function remove(word: string, words: JsonWords, around: Around): Promise<ExitStatus> {
  return await withMeant(word, around, async ({ id, rule }, client) => {
    await client.folders.remove({ id })
    if (words.json === true) around.screen.print(line('removed', { id, path: rule.path }))
    else around.screen.print(`${shortPath(rule.path, around.cwd)} is no longer watched. Its files and results stay.`)
  })
}

export async function again(paths: readonly string[], words: JsonWords, around: Around): Promise<ExitStatus> {
  return await withSession(around, 'look', async ({ client }) => {
    const ids: number[] = []
    for (const path of paths) {
      const reasons = await client.folders.why({ path: resolve(around.cwd, path) })
      const found = reasons.flatMap(({ sighting }) => (sighting === null || sighting.gone ? [] : [sighting.id]))
      if (found.length === 0)
        throw new JobError('usage', { reason: `No watched folder knows ${shortPath(resolve(around.cwd, path), around.cwd)}.` })
      ids.push(...found)
    }
    const { moved } = await client.folders.again({ ids })
    if (words.json === true) around.screen.print(line('again', { moved }))
    else around.screen.print(`${counted(moved, 'file')} will be converted once more.`)
    return exit.done
  })
}

export async function withMeant(
  word: string,
  around: Around,
  use: (folder: Folder, client: Client) => Promise<void>,
): Promise<ExitStatus> {
  return await withSession(around, 'look', async ({ client, ask }) => {
    const folders = await ask(() => client.folders.list())
    await use(folderMeant(word, folders, around.cwd), client)
    return exit.done
  })
}

/** On a terminal the question is put; elsewhere the words of the refusal say what to add. */
async function askExisting(rule: Rule, client: Client, { screen, input, interruption }: Around): Promise<ExistingChoice | null> {
  if (!screen.isLive || !input.isTTY) return null
  const { convert, later } = await client.folders.rehearse({ rule, id: null, limit: 1 })
  if (convert + later === 0) return null
  const talk = createInterface({ input, output: process.stderr })
  try {
    for (;;) {
      const question = `${counted(convert + later, 'file')} in the folder would be taken. Convert them, or ignore them? [c/i] `
      const answer = (await talk.question(question, { signal: interruption })).trim().toLowerCase()
      if (/^c(onvert)?$/.test(answer)) return 'convert'
      if (/^i(gnore)?$/.test(answer)) return 'ignore'
    }
  } finally {
    talk.close()
  }
}

function tell(folder: Folder, { json }: JsonWords, around: Around): void {
  around.screen.print(json === true ? line('folder', { ...folder }) : card(folder, around))
}

function card(folder: Folder, { cwd, screen }: Around): string {
  const { id, rule, counts, today } = folder
  const figures = [
    ['waiting', counts.waiting],
    ['queued', counts.queued],
    ['converted', counts.done],
    ['failed', counts.failed],
    ['given up', counts.quarantined],
    ['left alone', counts.left],
  ] as const
  const files = figures.filter(([, count]) => count > 0).map(([word, count]) => `${numberText(count)} ${word}`)
  const now = today.done > 0 ? ` · ${numberText(today.done)} converted today` : ''
  return [
    screen.paint('bold', `${id}  ${shortPath(rule.path, cwd)}`),
    `   ${sentence(rule)}`,
    `   ${healthText(folder)}`,
    `   ${files.length === 0 ? 'no files yet' : files.join(', ')}${now}`,
  ].join('\n')
}
