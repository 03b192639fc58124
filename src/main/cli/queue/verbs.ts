/** The verbs of `beside queue` that change jobs. */
import { JobError } from '../../../shared/failure.ts'
import type { Retryable, SelectionRequest } from '../../../shared/selection.ts'
import type { Client } from '../../api/client.ts'
import type { Around } from '../around.ts'
import { exit, type ExitStatus } from '../exit.ts'
import { withSession } from '../open.ts'
import { line } from '../report/json.ts'
import { counted } from '../text.ts'

export interface SelectWords {
  readonly batch?: number
  readonly all?: true
  readonly json?: true
}

export async function pause(ids: readonly number[], words: SelectWords, around: Around): Promise<ExitStatus> {
  if (!isSelective(ids, words)) return await pauseQueue('pause', words, around)
  return await moveSome(ids, words, around, 'paused', (client, selection) => client.jobs.pause(selection))
}

export async function resume(ids: readonly number[], words: SelectWords, around: Around): Promise<ExitStatus> {
  if (!isSelective(ids, words)) return await pauseQueue('resume', words, around)
  return await moveSome(ids, words, around, 'queued again', (client, selection) => client.jobs.resume(selection))
}

export async function cancel(ids: readonly number[], words: SelectWords, around: Around): Promise<ExitStatus> {
  let sent = 0
  const status = await moveSome(ids, words, around, 'cancelled', async (client, selection) => {
    const answer = await client.jobs.cancel(selection)
    sent = answer.sent
    return answer
  })
  if (sent > 0)
    around.screen.warn(`${counted(sent, 'job')} had already been sent to a provider, which may still process and charge for it.`)
  return status
}

export interface RetryWords extends SelectWords {
  readonly outcome?: Retryable[]
}

export async function retry(ids: readonly number[], words: RetryWords, around: Around): Promise<ExitStatus> {
  // Of the whole queue, what somebody cancelled or skipped stays so unless it is asked for.
  const outcomes = words.outcome ?? (words.all === true ? ['failed' as const] : undefined)
  const which = outcomes === undefined ? {} : { outcomes }
  return await moveSome(ids, words, around, 'queued again', (client, selection) => client.jobs.retry({ ...selection, ...which }))
}

export async function approve(ids: readonly number[], words: SelectWords, around: Around): Promise<ExitStatus> {
  return await moveSome(ids, words, around, 'approved', (client, selection) => client.jobs.approve(selection))
}

export type Resolution = 'done' | 'again' | 'forget' | 'number' | 'skip' | 'overwrite'

export async function resolve(
  ids: readonly number[],
  words: { readonly as: Resolution; readonly json?: true },
  around: Around,
): Promise<ExitStatus> {
  const { as } = words
  if (as === 'number' || as === 'skip' || as === 'overwrite') {
    return await moveSome(ids, words, around, 'settled', (client, selection) => client.jobs.settleClash({ selection, as }))
  }
  return await withSession(around, 'look', async (session) => {
    for (const id of ids) await session.client.jobs.resolve({ id, as })
    return moved(ids.length, 'resolved', words, around)
  })
}

const priorities = { low: -1, normal: 0, high: 1 } as const

export async function prioritise(
  ids: readonly number[],
  words: { readonly as: keyof typeof priorities; readonly json?: true },
  around: Around,
): Promise<ExitStatus> {
  const priority = priorities[words.as]
  return await moveSome(ids, words, around, `set to ${words.as} priority`, (client) =>
    client.jobs.setPriority({ ids: [...ids], priority }),
  )
}

export async function move(
  ids: readonly number[],
  words: { readonly before?: number; readonly json?: true },
  around: Around,
): Promise<ExitStatus> {
  const before = words.before ?? null
  return await moveSome(ids, words, around, 'moved', (client) => client.jobs.moveBefore({ ids: [...ids], before }))
}

function isSelective(ids: readonly number[], words: SelectWords): boolean {
  return ids.length > 0 || words.batch !== undefined || words.all === true
}

function selectionOf(ids: readonly number[], words: SelectWords): SelectionRequest {
  const kinds = [ids.length > 0, words.batch !== undefined, words.all === true].filter(Boolean).length
  if (kinds !== 1)
    throw new JobError('usage', {
      reason: 'Say which jobs: numbers, or --batch NUMBER, or --all.',
      hint: '`beside queue` shows the numbers.',
    })
  if (words.batch !== undefined) return { kind: 'batch', batchId: words.batch }
  return words.all === true ? { kind: 'all' } : { kind: 'ids', ids: [...ids] }
}

async function moveSome(
  ids: readonly number[],
  words: SelectWords,
  around: Around,
  word: string,
  verb: (client: Client, selection: SelectionRequest) => Promise<{ moved: number }>,
): Promise<ExitStatus> {
  const selection = selectionOf(ids, words)
  return await withSession(around, 'look', async (session) => {
    const answer = await session.ask((client) => verb(client, selection))
    // Named outright, and not one of them could be moved: that was no success.
    if (answer.moved === 0 && ids.length > 0) throw new JobError(...(await whyNot(session.client, ids)))
    return moved(answer.moved, word, words, around)
  })
}

async function whyNot(client: Client, ids: readonly number[]): Promise<ConstructorParameters<typeof JobError>> {
  const [id = 0] = ids
  const job = await client.jobs.get({ id })
  return job === null
    ? ['not-found', { what: 'job', id: String(id) }]
    : ['not-possible', { reason: `job ${id} is ${job.state.phase}` }]
}

function moved(count: number, word: string, { json }: { readonly json?: true }, { screen }: Around): ExitStatus {
  screen.print(json === true ? line('moved', { jobs: count }) : `${counted(count, 'job')} ${word}.`)
  return exit.done
}

async function pauseQueue(verb: 'pause' | 'resume', { json }: SelectWords, around: Around): Promise<ExitStatus> {
  return await withSession(around, 'look', async (session) => {
    await session.ask((client) => (verb === 'pause' ? client.queue.pause() : client.queue.resume()))
    const { totals } = await session.ask((client) => client.queue.totals())
    if (json === true)
      around.screen.print(line('queue', { paused: verb === 'pause', queued: totals.queued, running: totals.running }))
    else
      around.screen.print(
        verb === 'pause' ? 'Paused: no new job begins. What runs comes to its end.' : resumedText(totals.queued, session.role()),
      )
    return exit.done
  })
}

function resumedText(queued: number, role: 'holder' | 'client'): string {
  if (queued === 0) return 'Resumed. The queue is empty.'
  return role === 'client'
    ? `Resumed: ${counted(queued, 'file')} in the queue.`
    : `Resumed: ${counted(queued, 'file')} in the queue. \`beside queue run\` converts them.`
}
