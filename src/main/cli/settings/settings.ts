/** `beside settings`: list, get, set. Values are read by the schema that checks them everywhere. */
import { JobError } from '../../../shared/failure.ts'
import { settingNames, settingTable, type SettingName, type Settings } from '../../../shared/settings.ts'
import type { Around } from '../around.ts'
import { exit, type ExitStatus } from '../exit.ts'
import { didYouMean } from '../near.ts'
import { withSession } from '../open.ts'
import { line } from '../report/json.ts'
import { table } from '../table.ts'
import { shown } from '../text.ts'
import { textOf, valueOf } from './values.ts'

/** What it is and how it is written. */
function meaningOf(name: SettingName): string {
  const { meaning, shape } = settingTable[name]
  if (shape.kind === 'yes-no') return `${meaning}: yes or no`
  return shape.kind === 'choice' ? `${meaning}: ${shape.values.join(', ')}` : meaning
}

export async function list(words: { readonly json?: true }, around: Around): Promise<ExitStatus> {
  const { screen } = around
  const settings = await current(around)
  if (words.json === true) {
    screen.print(line('settings', Object.fromEntries(settingNames.map((name) => [name, settings[name]]))))
  } else {
    const rows = settingNames.map((name) => [name, textOf(settings[name]), meaningOf(name)])
    screen.print(
      table(
        [{ title: 'SETTING' }, { title: 'VALUE', yields: 'in the middle' }, { title: 'MEANING', yields: 'at the end' }],
        rows,
        screen,
      ),
    )
  }
  return exit.done
}

export async function get(word: string, around: Around): Promise<ExitStatus> {
  const name = nameOf(word)
  around.screen.print(textOf((await current(around))[name]))
  return exit.done
}

export async function set(word: string, text: string, around: Around): Promise<ExitStatus> {
  const name = nameOf(word)
  const value = valueOf(name, text, around.cwd)
  if (value === undefined)
    throw new JobError('usage', {
      reason: `“${shown(text)}” does not fit the setting ${name}.`,
      hint: `It is: ${meaningOf(name)}.`,
    })
  const change: Partial<Settings> = { [name]: value }
  const settings = await withSession(around, 'look', async ({ ask }) => await ask((client) => client.settings.set(change)))
  around.screen.print(`${name} is now ${textOf(settings[name]) === '' ? 'empty' : textOf(settings[name])}.`)
  return exit.done
}

async function current(around: Around): Promise<Settings> {
  return await withSession(around, 'look', async ({ ask }) => await ask((client) => client.settings.get()))
}

function nameOf(word: string): SettingName {
  const wanted = word.replaceAll('-', '').toLowerCase()
  const name = settingNames.find((known) => known.toLowerCase() === wanted)
  if (name !== undefined) return name
  const hint = didYouMean(word, settingNames) || `Settings are: ${settingNames.join(', ')}.`
  throw new JobError('usage', { reason: `There is no setting called “${shown(word)}”.`, hint })
}
