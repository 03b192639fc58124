/** `beside providers` as the command line knows it. */
import { InvalidArgumentError, Option, Argument, type Command } from 'commander'
import type { OnlineProviderId } from '../../../shared/model.ts'
import type { Go } from '../go.ts'
import { refuseUnknown } from '../unknown.ts'
import { count } from '../arguments.ts'
import type { JobsWords, SetWords } from './providers.ts'

const online = ['xconvert', 'musicgpt', 'converter-app', 'converso'] as const satisfies readonly OnlineProviderId[]
const provider = () => new Argument('<provider>', 'which one').choices(online)

export function defineProviders(program: Command, go: Go): void {
  const providers = program
    .command('providers')
    .summary('online providers: keys, caps, order, how they stand')
    .description(
      'Who converts: this machine, and online providers once they have a key. A file goes online only when you say so.',
    )
    .addHelpText(
      'after',
      `
Examples:
  beside providers                                      all, in the order of --with auto
  beside providers set musicgpt --key-stdin < key.txt   a key never stands on the command line
  beside providers set musicgpt --cap-day 50            spend up to 50 credits a day without asking
  beside providers check musicgpt                       does the key work, what is left
  beside providers forget musicgpt                      remove the key
  beside providers jobs xconvert --status complete      what the account holds, whoever made it
  beside providers webhook xconvert https://…           an address of yours that it calls when jobs end
  beside settings set providerOrder local,xconvert      the order of --with auto

A cap can be kept only where the provider tells what a conversion costs: Converter App before it, MusicGPT with its answer (the last price
stands for the next). xconvert and Converso never tell: with a cap, every conversion there waits for your yes (beside queue approve).

A key may also come from the environment: BESIDE_KEY_XCONVERT, BESIDE_KEY_MUSICGPT, BESIDE_KEY_CONVERTER_APP, BESIDE_KEY_CONVERSO.
`,
    )
  providers
    .command('list', { isDefault: true })
    .description('all providers and how they stand')
    .argument('[other...]')
    .usage('[options]')
    .option('--json', 'as JSON, one object a line')
    .action(async (other: readonly string[], words: { json?: true }) => {
      refuseUnknown(providers, other)
      await go(async (around) => (await import('./providers.ts')).list(words, around))
    })
  providers
    .command('set')
    .description('change a provider; a key is read from standard input')
    .addArgument(provider())
    .option('--key-stdin', 'read the key from standard input')
    .option('--base-url <url>', 'another address, or its name (staging, for xconvert); "" for its own')
    .option('--plan <name>', 'your plan there, where limits follow from it')
    .addOption(new Option('--enable', 'use it').conflicts('disable'))
    .option('--disable', 'do not use it, and keep its key')
    .option('--cap-job <amount>', 'most that one job may cost, in its own unit; none for no cap', cap)
    .option('--cap-batch <amount>', 'most that one batch may cost', cap)
    .option('--cap-day <amount>', 'most that a day may cost', cap)
    .option('--cap-month <amount>', 'most that a month may cost', cap)
    .option('--json', 'answer as JSON')
    .action(async (id: OnlineProviderId, words: SetWords) => {
      await go(async (around) => (await import('./providers.ts')).set(id, words, around))
    })
  providers
    .command('check')
    .description('ask whether the key works and what is left; costs nothing')
    .addArgument(provider())
    .option('--json', 'answer as JSON')
    .action(async (id: OnlineProviderId, words: { json?: true }) => {
      await go(async (around) => (await import('./providers.ts')).check(id, words, around))
    })
  providers
    .command('forget')
    .description('remove the key')
    .addArgument(provider())
    .option('--json', 'answer as JSON')
    .action(async (id: OnlineProviderId, words: { json?: true }) => {
      await go(async (around) => (await import('./providers.ts')).forget(id, words, around))
    })
  providers
    .command('jobs')
    .description('jobs of the account there, whoever made them; for providers that list them')
    .addArgument(provider())
    .option('--status <word>', 'only these, by the provider’s own word')
    .option('--limit <number>', 'at most so many', count, 20)
    .option('--json', 'as JSON, one object a line')
    .action(async (id: OnlineProviderId, words: JobsWords) => {
      await go(async (around) => (await import('./providers.ts')).jobs(id, words, around))
    })
  providers
    .command('webhook')
    .description('register an address that it calls when jobs end; shows the secret it signs with, once')
    .addArgument(provider())
    .argument('[url]', 'an https address; without one that of Beside itself (settings webhookPort, webhookAddress)')
    .option('--json', 'answer as JSON')
    .action(async (id: OnlineProviderId, url: string | undefined, words: { json?: true }) => {
      await go(async (around) => (await import('./providers.ts')).webhook(id, url, words, around))
    })
}

/** An amount in the provider's own unit; what parses options takes no null. */
function cap(text: string): number | 'none' {
  if (text === 'none' || text === '') return 'none'
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('It must be a number from 0, or none.')
  return Number(text)
}
