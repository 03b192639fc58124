/** `beside api`: converts for others over HTTP, by the protocol of Converter App, for as long as nobody interrupts it; and the keys that they need. */
import { InvalidArgumentError, Option, type Command } from 'commander'
import { anyFormatNamed } from '../../shared/formats.ts'
import type { ProviderChoice } from '../../shared/job.ts'
import { newApiKeySchema, servedPairOf, type ApiKey, type FormatPair } from '../../shared/served.ts'
import { parseBytes, parseDuration, providerChoices } from './arguments.ts'
import { openContextSession, withSession, type CliContext, type JsonArgs, type Start } from './context.ts'
import { exit, UsageError, type ExitStatus } from './exit.ts'
import { interrupted, isLoopback, parsePort, portError } from './listening.ts'
import { refuseUnknown } from './program.ts'
import { line } from './report/json.ts'
import { table } from './terminal/table.ts'
import { counted, shown } from './terminal/text.ts'

const defaultKeptMs = 86_400_000

export function defineApi(program: Command, start: Start): void {
  const api = program
    .command('api')
    .summary('convert for others over HTTP')
    .description(
      'Converts files that others send, until interrupted: whoever has a key, by the protocol of Converter App. Their jobs are in the same queue and window as all others. By default only programs of this machine can reach it, and nothing leaves this machine.',
    )
    .argument('[other...]')
    .usage('[options] [command]')
    // Its keys have options of their own.
    .enablePositionalOptions()
    .option('--port <number>', 'port to listen on; 0 for any free port', parsePort)
    .option('--host <address>', 'address to listen on, for access from other machines', '127.0.0.1')
    .option('--keep <time>', 'how long results are kept after the conversion; 24h by default', parseDuration)
    .option('--max-size <size>', 'largest upload, over all files of a request; 4GB by default', parseBytes)
    .option('--json', 'print the address as JSON')
    .addHelpText(
      'after',
      `
Examples:
  beside api keys add phone                                a key that may convert everything
  beside api keys add shop --quota 100 --pairs wav:mp3     100 conversions, from WAV to MP3 alone
  beside api --port 8080                                   serve those who have a key
  beside api keys                                          what is left of each
  beside api keys remove phone                             the key, its jobs and its files

  curl -H "X-API-Key: KEY" -F target_format=mp3 -F files=@song.wav http://127.0.0.1:8080/convert/sync --output song.mp3

Another Beside can convert here: there, set the base URL of Converter App to this address, and its key to one of these:
  beside providers set converter-app --base-url http://127.0.0.1:8080 --key-stdin
`,
    )
    .action(async (other: readonly string[], args: ApiArgs) => {
      refuseUnknown(api, other)
      await start(async (context) => serve(args, context))
    })
  defineKeys(api, start)
}

function defineKeys(api: Command, start: Start): void {
  const keys = api.command('keys').description('keys of those who may have files converted')
  keys
    .command('list', { isDefault: true })
    .description('list all keys, with what is left of their quota')
    .argument('[other...]')
    .usage('[options]')
    .option('--json', 'print JSON, one object per line')
    .action(async (other: readonly string[], args: JsonArgs) => {
      refuseUnknown(keys, other)
      await start(async (context) => list(args, context))
    })
  keys
    .command('add')
    .description('make a key and print it, this once')
    .argument('<name>', 'what you call whoever has it', parseKeyName)
    .option('--quota <number>', 'conversions that it may be used for, one for each file; without limit by default', parseQuota)
    .option('--pairs <list>', 'what it may convert, like mp3:wav,png:webp; everything by default', parsePairs)
    .addOption(
      new Option('--with <provider>', 'who may convert for it; others than local may send files elsewhere, and cost money')
        .choices(providerChoices)
        .default('local' satisfies ProviderChoice),
    )
    .option('--json', 'print JSON')
    .action(async (name: string, args: AddArgs) => await start(async (context) => add(name, args, context)))
  keys
    .command('remove')
    .description('remove a key: its jobs end, and what was sent and made for it is removed')
    .argument('<name>')
    .action(async (name: string) => await start(async (context) => remove(name, context)))
}

interface ApiArgs extends JsonArgs {
  readonly port?: number
  readonly host: string
  readonly keep?: number
  readonly maxSize?: number
}

interface AddArgs extends JsonArgs {
  readonly quota?: number
  readonly pairs?: readonly FormatPair[]
  readonly with: ProviderChoice
}

function parseKeyName(text: string): string {
  if (newApiKeySchema.shape.name.safeParse(text).success) return text
  throw new InvalidArgumentError('Use letters, digits, blanks, dots and dashes: 60 characters at most.')
}

function parseQuota(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Use a whole number.')
  return Number(text)
}

/** `mp3:wav,png:webp`, added to those before it. */
function parsePairs(text: string, before: readonly FormatPair[] = []): readonly FormatPair[] {
  const pairs = text.split(',').map((pair) => {
    const [from, to] = pair.split(':').map(anyFormatNamed)
    if (from === undefined || to === undefined || from === null || to === null || pair.split(':').length !== 2)
      throw new InvalidArgumentError(`“${shown(pair)}” is not a pair. Use pairs of formats like mp3:wav,png:webp.`)
    return { from, to }
  })
  return [...before, ...pairs]
}

async function serve({ port, host, keep, maxSize, json }: ApiArgs, context: CliContext): Promise<ExitStatus> {
  if (port === undefined) throw new UsageError('It is not said which port to listen on.', 'For example: beside api --port 8080')
  const [{ apiLimits, serveApi }, { homePath, openHome }, { fileLog }] = await Promise.all([
    import('../served/http/server.ts'),
    import('../home.ts'),
    import('../log.ts'),
  ])
  const { screen, env, cwd } = context
  const home = openHome(homePath(env, cwd))
  const session = await openContextSession(context, 'work')
  try {
    const limits = maxSize === undefined ? apiLimits : { ...apiLimits, upload: { ...apiLimits.upload, maxBytes: maxSize } }
    const options = { session, home, host, port, keptMs: keep ?? defaultKeptMs, log: fileLog(home, 'info'), limits }
    const server = await serveApi(options).catch((error: unknown) => {
      throw portError(error, host, port)
    })
    screen.print(
      json ? JSON.stringify({ type: 'address', address: server.address }) : `Beside converts for others at ${server.address}`,
    )
    const keys = await session.ask((client) => client.served.keys())
    if (keys.length === 0) screen.warn('Nobody has a key yet: `beside api keys add NAME` makes one.')
    if (!isLoopback(host))
      screen.warn(
        'Anyone who can reach this machine and has a key can have files converted here. The connection is not encrypted.',
      )
    if (!json && screen.isLive) screen.warn('Press Ctrl-C to stop. What is left then stays in the queue.')
    try {
      await interrupted(context.interruption)
    } finally {
      await server.stop()
    }
    return exit.done
  } finally {
    await session.close()
  }
}

async function list(args: JsonArgs, context: CliContext): Promise<ExitStatus> {
  const { screen } = context
  const keys = await withSession(context, 'look', async ({ ask }) => await ask((client) => client.served.keys()))
  if (args.json === true) for (const key of keys) screen.print(line('api-key', { ...key, pairs: pairNames(key) }))
  else if (keys.length === 0) screen.print('No keys. `beside api keys add NAME` makes one.')
  else {
    const columns = [
      { title: 'KEY' },
      { title: 'LEFT', align: 'right' },
      { title: 'WITH' },
      { title: 'PAIRS', yields: 'at the end' },
    ] as const
    screen.print(table(columns, keys.map(row), screen))
  }
  return exit.done
}

function row(key: ApiKey): string[] {
  return [shown(key.name), key.left === null ? 'no limit' : String(key.left), key.with, pairNames(key)?.join(', ') ?? 'all']
}

function pairNames({ pairs }: Pick<ApiKey, 'pairs'>): readonly string[] | null {
  return pairs?.map(servedPairOf).map(({ from, to }) => `${from}:${to}`) ?? null
}

async function add(name: string, args: AddArgs, context: CliContext): Promise<ExitStatus> {
  const { screen } = context
  const wanted = { name, quota: args.quota ?? null, pairs: args.pairs === undefined ? null : [...args.pairs], with: args.with }
  const { key } = await withSession(context, 'look', async ({ client }) => await client.served.addKey(wanted))
  if (args.json === true) screen.print(line('api-key', { name, key }))
  else {
    screen.print(key)
    screen.warn('Keep it: it is not shown again.')
  }
  return exit.done
}

async function remove(name: string, context: CliContext): Promise<ExitStatus> {
  const { jobs } = await withSession(context, 'look', async ({ client }) => await client.served.removeKey({ name }))
  context.screen.print(jobs === 0 ? `Removed ${shown(name)}.` : `Removed ${shown(name)} and ${counted(jobs, 'job')} of it.`)
  return exit.done
}
