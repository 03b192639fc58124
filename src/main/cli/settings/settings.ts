/** `beside settings`: list, get, set. Values are read by the schema that checks them everywhere. */
import { resolve } from 'node:path'
import { JobError } from '../../../shared/failure.ts'
import { settingsSchema, type Settings } from '../../../shared/model.ts'
import type { Around } from '../around.ts'
import { exit, type ExitStatus } from '../exit.ts'
import { didYouMean } from '../near.ts'
import { withSession } from '../open.ts'
import { line } from '../report/json.ts'
import { table } from '../table.ts'
import { shown } from '../text.ts'

/** Those that are one value. The pause of the queue is a verb of its own, `beside queue pause`; providers have their own command. */
const meanings = {
  nameTemplate: 'name of results, like {name}-{date}',
  ifExists: 'when the name is taken: number, skip, overwrite or ask',
  keepDates: 'results keep the date of their source: yes or no',
  afterwards: 'what becomes of a converted source: keep, archive or trash',
  archiveFolder: 'name of the subfolder for archived sources',
  downloadFolder: "where results of addresses go; empty: the system's Downloads",
  providerOrder: 'who is asked first, second, …',
  localOnly: 'nothing ever leaves this machine: yes or no',
  ffmpegPath: 'the FFmpeg to use; empty: the one that is found',
  diskReserveBytes: 'bytes that stay free on a disk',
} as const satisfies Partial<Record<keyof Settings, string>>
type Name = keyof typeof meanings
const names = Object.keys(meanings) as readonly Name[]

export async function list(words: { readonly json?: true }, around: Around): Promise<ExitStatus> {
  const { screen } = around
  const settings = await current(around)
  if (words.json === true) {
    screen.print(line('settings', Object.fromEntries(names.map((name) => [name, settings[name]]))))
  } else {
    const rows = names.map((name) => [name, textOf(settings[name]), meanings[name]])
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
  const change = { [name]: valueOf(name, text, around.cwd) }
  const settings = await withSession(around, 'look', async ({ ask }) => await ask((client) => client.settings.set(change)))
  around.screen.print(`${name} is now ${textOf(settings[name]) === '' ? 'empty' : textOf(settings[name])}.`)
  return exit.done
}

async function current(around: Around): Promise<Settings> {
  return await withSession(around, 'look', async ({ ask }) => await ask((client) => client.settings.get()))
}

function nameOf(word: string): Name {
  const wanted = word.replaceAll('-', '').toLowerCase()
  const name = names.find((known) => known.toLowerCase() === wanted)
  if (name !== undefined) return name
  const hint = didYouMean(word, names) || `Settings are: ${names.join(', ')}.`
  throw new JobError('usage', { reason: `There is no setting called “${shown(word)}”.`, hint })
}

/** The first reading of the text that the setting's own schema takes. */
function valueOf(name: Name, text: string, cwd: string): Settings[Name] {
  const schema = settingsSchema.shape[name]
  const path = (name === 'ffmpegPath' || name === 'downloadFolder') && text !== ''
  const readings: unknown[] = [path ? resolve(cwd, text) : text]
  if (/^(yes|true|on)$/i.test(text)) readings.push(true)
  if (/^(no|false|off)$/i.test(text)) readings.push(false)
  if (/^\d+$/.test(text)) readings.push(Number(text))
  readings.push(text.split(',').map((part) => part.trim()))
  for (const reading of readings) {
    const parsed = schema.safeParse(reading)
    if (parsed.success) return parsed.data
  }
  throw new JobError('usage', { reason: `“${shown(text)}” does not fit the setting ${name}.`, hint: `It is: ${meanings[name]}.` })
}

function textOf(value: Settings[Name]): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return shown(Array.isArray(value) ? value.join(',') : String(value))
}
