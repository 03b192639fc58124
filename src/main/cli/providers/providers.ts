/** `beside providers`: list, set, check, forget. */
import { text } from 'node:stream/consumers'
import type { ProviderStatus } from '../../../shared/wire/contract.ts'
import { describe } from '../../../shared/describe.ts'
import { JobError } from '../../../shared/failure.ts'
import type { OnlineProviderId } from '../../../shared/model.ts'
import type { Client } from '../../api/client.ts'
import type { Around } from '../around.ts'
import { exit, type ExitStatus } from '../exit.ts'
import { withSession } from '../open.ts'
import { line } from '../report/json.ts'
import { table } from '../table.ts'
import { shown } from '../text.ts'

export interface JobsWords {
  readonly limit: number
  readonly status?: string
  readonly json?: true
}

type Cap = number | 'none'

export interface SetWords {
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

export async function list(words: { readonly json?: true }, around: Around): Promise<ExitStatus> {
  const { screen } = around
  const providers = await withSession(around, 'look', async ({ ask }) => await ask((client) => client.providers.list()))
  if (words.json === true) for (const provider of providers) screen.print(line('provider', { ...provider }))
  else {
    const columns = [
      { title: 'PROVIDER' },
      { title: 'NAME' },
      { title: 'STATE', yields: 'at the end' as const },
      { title: 'LEFT' },
      { title: 'SPENT TODAY' },
      { title: 'CAPS' },
    ]
    screen.print(table(columns, providers.map(row), screen))
  }
  return exit.done
}

export async function set(id: OnlineProviderId, words: SetWords, around: Around): Promise<ExitStatus> {
  const key = words.keyStdin === true ? (await text(around.input)).trim() : null
  if (key === '')
    throw new JobError('usage', {
      reason: 'There is no key on standard input.',
      hint: 'Give it like: beside providers set … --key-stdin < key.txt',
    })
  const change = {
    id,
    ...(words.baseUrl === undefined ? {} : { baseUrl: words.baseUrl }),
    ...(words.plan === undefined ? {} : { plan: words.plan }),
    ...(words.enable === true ? { enabled: true } : words.disable === true ? { enabled: false } : {}),
    caps: {
      ...(words.capJob === undefined ? {} : { job: capOf(words.capJob) }),
      ...(words.capBatch === undefined ? {} : { batch: capOf(words.capBatch) }),
      ...(words.capDay === undefined ? {} : { day: capOf(words.capDay) }),
      ...(words.capMonth === undefined ? {} : { month: capOf(words.capMonth) }),
    },
  }
  return await answered(words, around, async (client) => {
    const status = await client.providers.set(change)
    if (Object.values(change.caps).some((cap) => cap !== null)) warnOfCaps(status, around)
    return key === null ? status : await client.providers.setKey({ id, key })
  })
}

/** A cap of which nobody says that it cannot be kept would be believed. */
function warnOfCaps({ title, tellsPrice }: ProviderStatus, { screen }: Around): void {
  if (tellsPrice === 'never') {
    screen.warn(`${title} does not say what a conversion costs, so no cap can be kept there: with one, each waits for your yes.`)
  } else if (tellsPrice === 'at-submit') {
    screen.warn(
      `${title} tells the price only once it has the file: caps go by what the last one cost, and one file may pass them.`,
    )
  }
}

export async function check(id: OnlineProviderId, words: { readonly json?: true }, around: Around): Promise<ExitStatus> {
  return await answered(words, around, (client) => client.providers.check({ id }))
}

export async function forget(id: OnlineProviderId, words: { readonly json?: true }, around: Around): Promise<ExitStatus> {
  return await answered(words, around, (client) => client.providers.forgetKey({ id }))
}

export async function jobs(id: OnlineProviderId, words: JobsWords, around: Around): Promise<ExitStatus> {
  const { limit, status } = words
  const filter = { id, limit, ...(status === undefined ? {} : { status }) }
  const found = await withSession(around, 'look', async ({ ask }) => await ask((client) => client.providers.jobs(filter)))
  const { screen } = around
  if (words.json === true) for (const job of found) screen.print(line('remote-job', { provider: id, ...job }))
  else if (found.length === 0) screen.print('It lists no jobs.')
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

export async function webhook(
  id: OnlineProviderId,
  url: string | undefined,
  words: { readonly json?: true },
  around: Around,
): Promise<ExitStatus> {
  if (url !== undefined && (!URL.canParse(url) || new URL(url).protocol !== 'https:')) {
    throw new JobError('usage', { reason: `“${shown(url)}” cannot be called back.`, hint: 'It must begin with https://.' })
  }
  const { screen } = around
  const asked = { id, ...(url === undefined ? {} : { url }) }
  const { secret } = await withSession(around, 'look', async (session) => await session.client.providers.addWebhook(asked))
  screen.print(words.json === true ? line('webhook', { provider: id, url: url ?? null, secret }) : shown(secret))
  screen.warn('This secret signs what is sent there. It is kept with the keys and will not be shown again.')
  return exit.done
}

async function answered(
  words: { readonly json?: true },
  around: Around,
  verb: (client: Client) => Promise<ProviderStatus>,
): Promise<ExitStatus> {
  const status = await withSession(around, 'look', async ({ ask }) => await ask(verb))
  const { screen } = around
  if (words.json === true) screen.print(line('provider', { ...status }))
  else screen.print([status.title, stateOf(status), leftOf(status)].filter((part) => part !== '').join(' · '))
  return exit.done
}

function capOf(cap: Cap): number | null {
  return cap === 'none' ? null : cap
}

function row(status: ProviderStatus): string[] {
  const { day } = status.spent
  return [status.id, status.title, stateOf(status), leftOf(status), status.cloud && day > 0 ? String(day) : '', capsOf(status)]
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

function capsOf({ caps, tellsPrice }: ProviderStatus): string {
  const said = Object.entries(caps).flatMap(([span, cap]) => (cap === null ? [] : [`${cap} a ${span}`]))
  return said.length > 0 && tellsPrice === 'never' ? `${said.join(', ')} (price untold: each waits for you)` : said.join(', ')
}
