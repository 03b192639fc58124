/** `beside settings`: list, get, set. The table of settings says what each takes and means; its schema has the last word. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { settingNames, settingTable, type SettingName, type SettingShape, type Settings } from '../../shared/settings.ts'
import { parseBytes, didYouMean, parseHours } from './arguments.ts'
import { withSession, type CliContext, type JsonArgs, type Start } from './context.ts'
import { exit, UsageError, type ExitStatus } from './exit.ts'
import { hoursText } from './labels.ts'
import { refuseUnknown } from './program.ts'
import { line } from './report/json.ts'
import { table } from './terminal/table.ts'
import { shown } from './terminal/text.ts'

export function defineSettings(program: Command, start: Start): void {
  const settings = program
    .command('settings')
    .summary('show and change the defaults')
    .description('Shows and changes what applies to every conversion unless a command says otherwise.')
    .addHelpText(
      'after',
      `
Examples:
  beside settings                         list all settings
  beside settings set ifExists skip
  beside settings set afterwards archive  move converted sources to a subfolder
  beside settings set hours 'mon-fri 22:00-06:00'   convert only at night
  beside settings set lanes video=1
  beside settings set ffmpegPath /opt/ffmpeg/bin/ffmpeg
  beside settings set ffmpegPath ''       back to the default
`,
    )
  settings
    .command('list', { isDefault: true })
    .description('list all settings and what they mean')
    .argument('[other...]')
    .usage('[options]')
    .option('--json', 'print one JSON object')
    .action(async (other: readonly string[], args: JsonArgs) => {
      refuseUnknown(settings, other)
      await start(async (context) => list(args, context))
    })
  settings
    .command('get')
    .description('show a setting')
    .argument('<setting>')
    .action(async (name: string) => await start(async (context) => get(name, context)))
  settings
    .command('set')
    .description('change a setting')
    .argument('<setting>')
    .argument('<value>', 'text, a number, yes or no, or a comma-separated list')
    .action(async (name: string, value: string) => {
      await start(async (context) => set(name, value, context))
    })
}

/** What it is and how it is written. */
function meaningOf(name: SettingName): string {
  const { meaning, shape } = settingTable[name]
  if (shape.kind === 'yes-no') return `${meaning}: yes or no`
  return shape.kind === 'choice' ? `${meaning}: ${shape.values.join(', ')}` : meaning
}

async function list(args: JsonArgs, context: CliContext): Promise<ExitStatus> {
  const { screen } = context
  const settings = await currentSettings(context)
  if (args.json === true) {
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

async function get(given: string, context: CliContext): Promise<ExitStatus> {
  const name = nameOf(given)
  context.screen.print(textOf((await currentSettings(context))[name]))
  return exit.done
}

async function set(given: string, text: string, context: CliContext): Promise<ExitStatus> {
  const name = nameOf(given)
  const value = valueOf(name, text, context.cwd)
  if (value === undefined)
    throw new UsageError(`“${shown(text)}” is not valid for the setting ${name}.`, `${name}: ${meaningOf(name)}.`)
  const change: Partial<Settings> = { [name]: value }
  const settings = await withSession(context, 'look', async ({ ask }) => await ask((client) => client.settings.set(change)))
  context.screen.print(`${name} is now ${textOf(settings[name]) === '' ? 'empty' : textOf(settings[name])}.`)
  return exit.done
}

async function currentSettings(context: CliContext): Promise<Settings> {
  return await withSession(context, 'look', async ({ ask }) => await ask((client) => client.settings.get()))
}

function nameOf(given: string): SettingName {
  const wanted = given.replaceAll('-', '').toLowerCase()
  const name = settingNames.find((known) => known.toLowerCase() === wanted)
  if (name !== undefined) return name
  const hint = didYouMean(given, settingNames) || `Settings are: ${settingNames.join(', ')}.`
  throw new UsageError(`There is no setting called “${shown(given)}”.`, hint)
}

/** What the text means as a value of the setting; undefined where the setting's own schema does not take it. */
function valueOf(name: SettingName, text: string, cwd: string): unknown {
  const { schema, shape } = settingTable[name]
  return schema.safeParse(valueIn(shape, text.trim(), cwd)).data
}

function valueIn(shape: SettingShape, text: string, cwd: string): unknown {
  switch (shape.kind) {
    case 'yes-no':
      return /^(yes|true|on)$/i.test(text) ? true : /^(no|false|off)$/i.test(text) ? false : text
    case 'file':
    case 'folder':
      return text === '' ? text : resolve(cwd, text)
    case 'port':
      return /^\d+$/.test(text) ? Number(text) : text
    case 'bytes':
      if (shape.orNone && (text === '' || text === 'none')) return null
      return /^\d+$/.test(text) ? Number(text) : read(() => parseBytes(text))
    case 'providers':
      return text.split(',').map((part) => part.trim())
    case 'hours':
      return text === '' ? [] : read(() => text.split(';').flatMap((part) => parseHours(part)))
    case 'lanes':
      return lanesIn(text)
    case 'choice':
    case 'text':
    case 'template':
    case 'address':
      return text
  }
}

/** As it can be typed again. */
function textOf(value: Settings[SettingName]): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (value === null) return 'none'
  if (Array.isArray(value))
    return value
      .map((item) => (typeof item === 'string' ? item : hoursText(item)))
      .join(typeof value[0] === 'string' ? ',' : '; ')
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([kind, limit]) => `${kind}=${String(limit)}`)
      .join(',')
  return shown(String(value))
}

/** `audio=2,video=1` */
function lanesIn(text: string): Readonly<Record<string, number>> | null {
  const parts = text === '' ? [] : text.split(',').map((part) => /^\s*(\w+)\s*=\s*(\d+)\s*$/.exec(part))
  return parts.includes(null) ? null : Object.fromEntries(parts.map((part) => [part?.[1] ?? '', Number(part?.[2])]))
}

/** Parsers of options refuse in their own words; here the setting's meaning says what is expected. */
function read<T>(reading: () => T): T | null {
  try {
    return reading()
  } catch {
    return null
  }
}
