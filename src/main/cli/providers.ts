/** `beside providers`: list, set, check, forget, the jobs of an account, and webhooks. */
import { text as readText } from 'node:stream/consumers'
import { Argument, InvalidArgumentError, Option, type Command } from 'commander'
import { describe } from '../../shared/describe.ts'
import type { OnlineProviderId } from '../../shared/model.ts'
import type { ProviderStatus } from '../../shared/wire/contract.ts'
import type { Client } from '../../shared/wire/client.ts'
import { parseCount, onlineProviders } from './arguments.ts'
import { withSession, type CliContext, type JsonArgs, type Start } from './context.ts'
import { exit, UsageError, type ExitStatus } from './exit.ts'
import { refuseUnknown } from './program.ts'
import { line } from './report/json.ts'
import { table } from './terminal/table.ts'
import { shown } from './terminal/text.ts'

const providerArgument = () => new Argument('<provider>', 'the provider').choices(onlineProviders)

export function defineProviders(program: Command, start: Start): void {
  const providers = program
    .command('providers')
    .summary('online providers: keys, spending limits, status')
    .description(
      'Providers convert your files: this machine, and online providers once they have a key. Files are sent online only if you ask for it.',
    )
    .addHelpText(
      'after',
      `
Examples:
  beside providers                                      list all, in the order of --with auto
  beside providers set musicgpt --key-stdin < key.txt   keys are never typed on the command line
  beside providers set musicgpt --cap-day 50            spend up to 50 credits a day without asking
  beside providers check musicgpt                       check the key and the balance
  beside providers forget musicgpt                      remove the key
  beside providers jobs xconvert --status complete      list the jobs of the account
  beside providers webhook xconvert https://…           register an address to call when jobs end
  beside settings set providerOrder local,xconvert      the order of --with auto

A spending limit can be enforced only where the provider states its prices: Converter App does so beforehand, MusicGPT with its answer (the
last price is assumed for the next conversion). xconvert and Converso never do: with a limit, every conversion there waits for your approval
(beside queue approve).

A key can also come from the environment: BESIDE_KEY_XCONVERT, BESIDE_KEY_MUSICGPT, BESIDE_KEY_CONVERTER_APP, BESIDE_KEY_CONVERSO.
`,
    )
  providers
    .command('list', { isDefault: true })
    .description('list all providers with their status')
    .argument('[other...]')
    .usage('[options]')
    .option('--json', 'print JSON, one object per line')
    .action(async (other: readonly string[], args: JsonArgs) => {
      refuseUnknown(providers, other)
      await start(async (context) => list(args, context))
    })
  providers
    .command('set')
    .description('change the settings of a provider')
    .addArgument(providerArgument())
    .option('--key-stdin', 'read the key from standard input')
    .option('--base-url <url>', 'another address, or its name (staging, for xconvert); "" for the default')
    .option('--plan <name>', 'your plan, for providers whose limits depend on it')
    .addOption(new Option('--enable', 'turn the provider on').conflicts('disable'))
    .option('--disable', 'turn the provider off and keep its key')
    .option('--cap-job <amount>', 'spending limit per job, in the unit of the provider; none for no limit', parseCap)
    .option('--cap-batch <amount>', 'spending limit per batch', parseCap)
    .option('--cap-day <amount>', 'spending limit per day', parseCap)
    .option('--cap-month <amount>', 'spending limit per month', parseCap)
    .option('--json', 'print the result as JSON')
    .action(async (id: OnlineProviderId, args: SetArgs) => {
      await start(async (context) => set(id, args, context))
    })
  providers
    .command('check')
    .description('check the key and the balance; costs nothing')
    .addArgument(providerArgument())
    .option('--json', 'print the result as JSON')
    .action(async (id: OnlineProviderId, args: JsonArgs) => {
      await start(async (context) => check(id, args, context))
    })
  providers
    .command('forget')
    .description('remove the key')
    .addArgument(providerArgument())
    .option('--json', 'print the result as JSON')
    .action(async (id: OnlineProviderId, args: JsonArgs) => {
      await start(async (context) => forget(id, args, context))
    })
  providers
    .command('jobs')
    .description('list the jobs of the account, for providers that support this')
    .addArgument(providerArgument())
    .option('--status <word>', 'only jobs with this status, as the provider names it')
    .option('--limit <number>', 'maximum number of jobs', parseCount, 20)
    .option('--json', 'print JSON, one object per line')
    .action(async (id: OnlineProviderId, args: JobsArgs) => {
      await start(async (context) => jobs(id, args, context))
    })
  providers
    .command('webhook')
    .description('register an address to call when jobs end; shows its signing secret once')
    .addArgument(providerArgument())
    .argument('[url]', 'https address; by default that of Beside itself (settings webhookPort, webhookAddress)')
    .option('--json', 'print the result as JSON')
    .action(async (id: OnlineProviderId, url: string | undefined, args: JsonArgs) => {
      await start(async (context) => webhook(id, url, args, context))
    })
}

/** An amount in the provider's own unit; what parses options takes no null. */
function parseCap(text: string): number | 'none' {
  if (text === 'none' || text === '') return 'none'
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('Use a number from 0, or none.')
  return Number(text)
}

interface JobsArgs {
  readonly limit: number
  readonly status?: string
  readonly json?: true
}

type Cap = number | 'none'

interface SetArgs {
  readonly keyStdin?: true
  readonly baseUrl?: string
  readonly plan?: string
  readonly enable?: true
  readonly disable?: true
  readonly capJob?: Cap
  readonly capBatch?: Cap
  readonly capDay?: Cap
  readonly capMonth?: Cap
  readonly json?: true
}

async function list(args: JsonArgs, context: CliContext): Promise<ExitStatus> {
  const { screen } = context
  const providers = await withSession(context, 'look', async ({ ask }) => await ask((client) => client.providers.list()))
  if (args.json === true) for (const provider of providers) screen.print(line('provider', { ...provider }))
  else {
    const columns = [
      { title: 'PROVIDER' },
      { title: 'NAME' },
      { title: 'STATE', yields: 'at the end' as const },
      { title: 'LEFT' },
      { title: 'SPENT TODAY' },
      { title: 'LIMITS' },
    ]
    screen.print(table(columns, providers.map(row), screen))
  }
  return exit.done
}

async function set(id: OnlineProviderId, args: SetArgs, context: CliContext): Promise<ExitStatus> {
  const key = args.keyStdin === true ? (await readText(context.input)).trim() : null
  if (key === '')
    throw new UsageError('There is no key on standard input.', 'For example: beside providers set … --key-stdin < key.txt')
  const change = {
    id,
    ...(args.baseUrl === undefined ? {} : { baseUrl: args.baseUrl }),
    ...(args.plan === undefined ? {} : { plan: args.plan }),
    ...(args.enable === true ? { enabled: true } : args.disable === true ? { enabled: false } : {}),
    caps: {
      ...(args.capJob === undefined ? {} : { job: capOf(args.capJob) }),
      ...(args.capBatch === undefined ? {} : { batch: capOf(args.capBatch) }),
      ...(args.capDay === undefined ? {} : { day: capOf(args.capDay) }),
      ...(args.capMonth === undefined ? {} : { month: capOf(args.capMonth) }),
    },
  }
  return await applied(args, context, async (client) => {
    const status = await client.providers.set(change)
    if (Object.values(change.caps).some((cap) => cap !== null)) warnOfLimits(status, context)
    return key === null ? status : await client.providers.setKey({ id, key })
  })
}

/** A limit that cannot be enforced would be believed if nobody said so. */
function warnOfLimits({ title, tellsPrice }: ProviderStatus, { screen }: CliContext): void {
  if (tellsPrice === 'never') {
    screen.warn(
      `${title} does not state its prices, so a limit cannot be enforced: with one set, every conversion waits for your approval.`,
    )
  } else if (tellsPrice === 'at-submit') {
    screen.warn(
      `${title} states the price only once it has the file: limits go by the last price, and a single file may exceed them.`,
    )
  }
}

async function check(id: OnlineProviderId, args: JsonArgs, context: CliContext): Promise<ExitStatus> {
  return await applied(args, context, (client) => client.providers.check({ id }))
}

async function forget(id: OnlineProviderId, args: JsonArgs, context: CliContext): Promise<ExitStatus> {
  return await applied(args, context, (client) => client.providers.forgetKey({ id }))
}

async function jobs(id: OnlineProviderId, args: JobsArgs, context: CliContext): Promise<ExitStatus> {
  const { limit, status } = args
  const filter = { id, limit, ...(status === undefined ? {} : { status }) }
  const found = await withSession(context, 'look', async ({ ask }) => await ask((client) => client.providers.jobs(filter)))
  const { screen } = context
  if (args.json === true) for (const job of found) screen.print(line('remote-job', { provider: id, ...job }))
  else if (found.length === 0) screen.print('No jobs.')
  else
    screen.print(
      table(
        [{ title: 'JOB' }, { title: 'STATUS' }],
        found.map((job) => [shown(job.id), shown(job.status)]),
        screen,
      ),
    )
  return exit.done
}

async function webhook(id: OnlineProviderId, url: string | undefined, args: JsonArgs, context: CliContext): Promise<ExitStatus> {
  if (url !== undefined && (!URL.canParse(url) || new URL(url).protocol !== 'https:')) {
    throw new UsageError(`“${shown(url)}” cannot be used as a webhook address.`, 'It must begin with https://.')
  }
  const { screen } = context
  const asked = { id, ...(url === undefined ? {} : { url }) }
  const { secret } = await withSession(context, 'look', async (session) => await session.client.providers.addWebhook(asked))
  screen.print(args.json === true ? line('webhook', { provider: id, url: url ?? null, secret }) : shown(secret))
  screen.warn('This secret signs what is sent to the address. It is stored with the keys and will not be shown again.')
  return exit.done
}

async function applied(
  args: JsonArgs,
  context: CliContext,
  verb: (client: Client) => Promise<ProviderStatus>,
): Promise<ExitStatus> {
  const status = await withSession(context, 'look', async ({ ask }) => await ask(verb))
  const { screen } = context
  if (args.json === true) screen.print(line('provider', { ...status }))
  else screen.print([status.title, stateOf(status), leftOf(status)].filter((part) => part !== '').join(' · '))
  return exit.done
}

function capOf(cap: Cap): number | null {
  return cap === 'none' ? null : cap
}

function row(status: ProviderStatus): string[] {
  const { day } = status.spent
  return [status.id, status.title, stateOf(status), leftOf(status), status.cloud && day > 0 ? String(day) : '', limitsOf(status)]
}

function stateOf({ unready, hasKey, cloud }: ProviderStatus): string {
  if (unready !== null) return shown(describe(unready).message)
  return cloud && hasKey ? 'ready, has a key' : 'ready'
}

function leftOf({ account }: ProviderStatus): string {
  if (account === null) return ''
  const { left, plan } = account
  const amount = left === null ? '' : left === 'unlimited' ? 'unlimited' : `${left.amount} ${left.unit}`
  return shown([amount, plan ?? ''].filter((part) => part !== '').join(', '))
}

function limitsOf({ caps, tellsPrice }: ProviderStatus): string {
  const limits = Object.entries(caps).flatMap(([span, cap]) => (cap === null ? [] : [`${cap} per ${span}`]))
  return limits.length > 0 && tellsPrice === 'never'
    ? `${limits.join(', ')} (price unknown: each needs approval)`
    : limits.join(', ')
}
