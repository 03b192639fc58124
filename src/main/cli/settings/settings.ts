/** `beside settings`: list, get, set. Values are read by the schema that checks them everywhere. */
import { JobError } from '../../../shared/failure.ts'
import type { Settings } from '../../../shared/model.ts'
import type { Around } from '../around.ts'
import { exit, type ExitStatus } from '../exit.ts'
import { didYouMean } from '../near.ts'
import { withSession } from '../open.ts'
import { line } from '../report/json.ts'
import { table } from '../table.ts'
import { shown } from '../text.ts'
import { textOf, valueOf } from './values.ts'

/** Those that are one value. The pause of the queue is a verb of its own, `beside queue pause`; providers have their own command. */
const meanings = {
  nameTemplate: 'name of results, like {name}-{date}',
  ifExists: 'when the name is taken: number, skip, overwrite or ask',
  keepDates: 'results keep the date of their source: yes or no',
  keepTags: 'results keep tags, pictures, places and the like: yes or no',
  afterwards: 'what becomes of a converted source: keep, archive or trash',
  archiveFolder: 'name of the subfolder for archived sources',
  downloadFolder: "where results of addresses go; empty: the system's Downloads",
  providerOrder: 'who is asked first, second, …',
  localOnly: 'nothing ever leaves this machine: yes or no',
  ffmpegPath: 'the FFmpeg to use; empty: the one that is found',
  webhookPort: 'port on this machine that hears providers call back; 0: none',
  webhookAddress: 'https address of your tunnel to that port; empty: none',
  lanes: 'how many of a kind at once, like audio=2,video=1; what is missing: as many as suit the machine',
  hours: 'when conversions may begin, like mon-fri 22:00-06:00; sat,sun 0:00-24:00; empty: always',
  holdOnBattery: 'no conversion begins on battery: yes or no',
  bytesPerSecond: 'for each provider up and down together, like 500k; none: no limit',
  diskReserveBytes: 'bytes that stay free on a disk, like 500MB',
  detailedLog: 'the log says more, to look for a fault: yes or no',
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
  const value = valueOf(name, text, around.cwd)
  if (value === undefined)
    throw new JobError('usage', {
      reason: `“${shown(text)}” does not fit the setting ${name}.`,
      hint: `It is: ${meanings[name]}.`,
    })
  const change: Partial<Settings> = { [name]: value }
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
