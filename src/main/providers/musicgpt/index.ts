/**
 * MusicGPT's file conversion: one form up, then questions by id, then a result on a storage host that is not MusicGPT's own. It has no
 * idempotency key and charges for every submit, so none is ever repeated.
 */
import * as z from 'zod'
import { JobError } from '../../../shared/failure.ts'
import { extensionOf, formats } from '../../../shared/formats.ts'
import type { Part, Ticket } from '../../../shared/job.ts'
import { type HttpCall, createHttp, type Protocol } from '../http/client.ts'
import { assertPublicSource, checkedBase, type SourceRules, unreachable } from '../http/addresses.ts'
import { fileBody, formBody, type FormFile, uploadOf } from '../http/bodies.ts'
import { nothingSent, createOwnId, secretsOf, optionsOf, reportUpload, type RemoteOptions } from '../kit/service.ts'
import { refused } from '../http/failures.ts'
import type { Polled, Provider, ProviderOrder, Reporter } from '../provider.ts'
import { receive } from '../http/files/receive.ts'
import { callsBack, isRefusal, readAccepted, readStatus } from './answers.ts'
import { fieldsOf, takes } from './api.ts'

export const musicgptBase = 'https://api.musicgpt.com/api/public'

/** The reference's word; the vendor's open-source client says FILE_CONVERSION, the webhook "File Conversion". */
const conversionType = 'FILE_CONVERT'

/** Parallel jobs and questions a minute by the account's plan, which no call tells. */
const plans = {
  free: { jobs: 2, asksPerMinute: 20 },
  plus: { jobs: 5, asksPerMinute: 200 },
  pro: { jobs: 10, asksPerMinute: 500 },
} as const
const minuteMs = 60_000
export type MusicgptPlan = keyof typeof plans

export function isMusicgptPlan(name: string): name is MusicgptPlan {
  return Object.hasOwn(plans, name)
}

/** Assumed: estimates and costs are in credits. */
const unit = 'credits'

/** Assumed: a key that works is told that there is no such job, one that does not is told 403. */
const noSuchTask = '00000000-0000-0000-0000-000000000000'

const provider = 'MusicGPT'
const lane = 'musicgpt'

const protocol: Protocol = {
  provider,
  // The bare key: no Bearer, no other scheme.
  auth: (key) => ({ authorization: key }),
  trouble: { status: { 403: 'key-rejected' } },
}

/** @param plan asked anew every time, so that a changed one counts at once. */
export function createMusicgpt(options: RemoteOptions, plan: () => MusicgptPlan): Provider {
  const { clock, random } = options
  const asksPerMinute = () => plans[plan()].asksPerMinute
  const http = createHttp(options, protocol)
  const ownId = createOwnId(provider, () => options.baseUrl)
  const sourceRules = (): SourceRules => ({ provider, base: checkedBase(options.baseUrl, provider), maxCharacters: null })

  const ask = async (call: Omit<HttpCall, 'key'>, signal: AbortSignal): Promise<unknown> =>
    await http.ask({ ...call, key: 'own' }, z.unknown(), signal).catch((error: unknown) => {
      throw keyOrPermission(error)
    })
  let nextAtMs = 0
  /**
   * The engine gives jobs their turns; a look at the account and a second question about a result have none. The plan's budget counts
   * them all, so none comes sooner after another than it leaves. A clock that was set back costs a minute.
   */
  const distance = async (signal: AbortSignal): Promise<void> => {
    const nowMs = clock.nowMs()
    const waitMs = Math.min(minuteMs, Math.max(0, nextAtMs - nowMs))
    nextAtMs = nowMs + waitMs + minuteMs / asksPerMinute()
    if (waitMs > 0) await clock.sleep(waitMs, signal)
  }
  /** Asked once: the budget counts questions that went wrong, too, and the engine asks again at the job's next turn. */
  const byId = async (ids: Record<string, string>, signal: AbortSignal): Promise<unknown> => {
    await distance(signal)
    return await ask({ method: 'GET', to: '/v1/byId', query: { conversionType, ...ids }, repeat: 'harmless', tries: 1 }, signal)
  }
  /** What was said no to, within an answer that is a success by its status. */
  const refusal = async (body: unknown): Promise<JobError> => {
    const table = { status: { 200: 'conversion-failed' } } as const
    return refused({ provider, status: 200, body, retryAfterMs: null, repeat: 'never', secrets: await secretsOf(options), table })
  }

  async function poll(ticket: Ticket, signal: AbortSignal): Promise<Polled> {
    const { task, conversion, expectedAtMs } = ticket.ids
    const body = await byId(task === undefined ? { conversion_id: conversion ?? '' } : { task_id: task }, signal)
    const status = readStatus(body)
    if (status?.kind === 'failed') throw await refusal({ message: status.reason })
    if (isRefusal(body)) throw await refusal(body)
    // A page of words where JSON was due is a server in trouble, and the job is paid for: it is asked again.
    if (typeof body === 'string') throw new JobError('provider-down', { provider, because: 'web-page' })
    if (status === null) throw new JobError('answer-bad', { provider, because: 'no-status' })
    if (status.kind === 'done') {
      if (status.url === null) throw new JobError('answer-bad', { provider, because: 'no-result' })
      const cost = status.credits === null ? {} : { cost: { amount: status.credits, unit } }
      return { kind: 'ready', ticket: { ...ticket, ids: { ...ticket.ids, url: status.url } }, ...cost }
    }
    const leftMs = expectedAtMs === undefined ? null : Number(expectedAtMs) - clock.nowMs()
    const stage = status.kind === 'queued' ? 'queued' : 'processing'
    return { kind: 'running', stage, done: null, leftMs: leftMs !== null && leftMs > 0 ? leftMs : null }
  }

  async function download(url: string, order: ProviderOrder, report: Reporter, signal: AbortSignal): Promise<readonly Part[]> {
    // A storage host says 403 of an address whose time is over.
    const trouble = { status: { 401: 'gone', 403: 'gone' } } as const
    const open = async (headers: Readonly<Record<string, string>>) =>
      await http.open({ method: 'GET', to: url, headers, key: 'none', repeat: 'harmless', trouble }, signal)
    const parts = await receive({ open, order, provider, report, clock, signal })
    return parts
  }

  return {
    about: { id: 'musicgpt', title: provider, cloud: true, resubmit: 'never', tellsPrice: 'at-submit' },
    capabilities: async () => ({ ...takes, unreachable: (address) => unreachable(address, sourceRules()) }),
    lane: () => lane,
    get concurrency() {
      return { [lane]: plans[plan()].jobs }
    },
    pollingPlan: {
      firstMs: 5_000,
      everyMs: 6_000,
      growth: 1,
      maxMs: 6_000,
      get budget() {
        return { asks: asksPerMinute(), perMs: minuteMs }
      },
    },

    submit: async (order, report, signal) => {
      report(nothingSent)
      const { source } = order
      if (source.kind === 'url') assertPublicSource(source.url, sourceRules())
      const file = source.kind === 'file' ? await filePart(source.path, order) : null
      const fields = fieldsOf({ ...order, options: await optionsOf(order, options) })
      const body = formBody(Object.entries(fields), file, random.key())
      const sent = reportUpload(report, body.bytes)
      const answer = await ask({ method: 'POST', to: '/v1/file_convert', body, repeat: 'never', sent }, signal)
      if (isRefusal(answer)) throw await refusal(answer)
      const accepted = readAccepted(answer)
      if (accepted === null) throw new JobError('answer-lost', { provider, because: 'no-job' })
      ownId(accepted.task ?? accepted.conversion ?? '', order.key)
      const submittedAtMs = clock.nowMs()
      const ids = {
        ...(accepted.task === null ? {} : { task: accepted.task }),
        ...(accepted.conversion === null ? {} : { conversion: accepted.conversion }),
        ...(accepted.etaMs === null ? {} : { expectedAtMs: String(submittedAtMs + accepted.etaMs) }),
      }
      const cost = accepted.credits === null ? {} : { cost: { amount: accepted.credits, unit } }
      return { kind: 'accepted', ticket: { ids, submittedAtMs, expiresAtMs: null }, ...cost }
    },
    poll,
    fetch: async (ticket, order, report, signal) => {
      const { url } = ticket.ids
      if (url === undefined) throw new JobError('answer-bad', { provider, because: 'no-result' })
      try {
        return await download(url, order, report, signal)
      } catch (error) {
        if (!(error instanceof JobError) || error.failure.code !== 'gone') throw error
        // Addresses of storage hosts grow old; the job may still be there to give a fresh one.
        const again = await poll(ticket, signal)
        const fresh = again.kind === 'ready' ? again.ticket.ids['url'] : undefined
        if (fresh === undefined) throw error
        return await download(fresh, order, report, signal)
      }
    },
    account: async (signal) => {
      const body = await byId({ task_id: noSuchTask }, signal).catch((error: unknown) => {
        if (error instanceof JobError && ['gone', 'conversion-failed'].includes(error.failure.code)) return null
        throw error
      })
      if (typeof body === 'string') throw new JobError('answer-bad', { provider, because: 'web-page' })
      return { plan: null, left: null }
    },
    callsBack,
    stop: async () => await http.stop(),
  }
}

/** Under a name of its own: what the user calls the file is nobody's business, and only the ending matters there. */
async function filePart(path: string, { from }: ProviderOrder): Promise<FormFile> {
  const content = fileBody(await uploadOf(path))
  return { field: 'audio_file', name: `audio.${extensionOf(from)}`, type: formats[from].mime, content }
}

/** One status stands for a wrong key and for a right one that may not do this: the words must tell of both. */
function keyOrPermission(error: unknown): unknown {
  if (!(error instanceof JobError) || error.failure.code !== 'key-rejected') return error
  const { reason = '' } = error.failure.facts
  return new JobError('key-rejected', { provider, because: 'key-or-plan', reason })
}
