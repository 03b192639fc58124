/**
 * MusicGPT's file conversion: one form up, then polls by id, then a result on a storage host that is not MusicGPT's own. It has no
 * idempotency key and charges for every submit, so none is ever repeated.
 */
import * as z from 'zod'
import { JobError } from '../../../shared/failure.ts'
import type { Part, Ticket } from '../../../shared/job.ts'
import { assertPublicSource, unreachable } from '../http/addresses.ts'
import { formBody } from '../http/bodies.ts'
import { receive } from '../http/files/receive.ts'
import { nothingSent, optionsOf, type RemoteOptions, reportUpload } from '../kit/service.ts'
import { createServiceCalls, type ServiceCall } from '../kit/service-calls.ts'
import type { Polled, Provider, ProviderOrder, Reporter } from '../provider.ts'
import { about, budgetMs, type MusicgptPlan, plans, pollingPlan, unit } from './about.ts'
import { callsBack, isRefusal, readAccepted, readStatus } from './answers.ts'
import { conversionType, downloadTrouble, fieldsOf, filePart, noSuchTask, paths, protocol } from './api.ts'
import { capabilities } from './pairings.ts'

const provider = about.title

/** @param plan asked anew every time, so that a changed one counts at once. */
export function createMusicgpt(options: RemoteOptions, plan: () => MusicgptPlan): Provider {
  const { clock, random } = options
  const pollsPerMinute = () => plans[plan()].pollsPerMinute
  const service = createServiceCalls(options, about, protocol)
  const sourceRules = () => service.sourceRules(null)
  const ask = async (call: ServiceCall, signal: AbortSignal): Promise<unknown> =>
    await service.ask(call, z.unknown(), signal).catch((error: unknown) => {
      throw keyOrPermission(error)
    })
  let nextAtMs = 0
  /**
   * The engine limits the rate of its own polls, but not of a check of the account, nor of a second poll for a result. The plan's budget counts
   * them all, so none comes sooner after another than it leaves. A clock that was set back costs a minute.
   */
  const distance = async (signal: AbortSignal): Promise<void> => {
    const nowMs = clock.nowMs()
    const waitMs = Math.min(budgetMs, Math.max(0, nextAtMs - nowMs))
    nextAtMs = nowMs + waitMs + budgetMs / pollsPerMinute()
    if (waitMs > 0) await clock.sleep(waitMs, signal)
  }
  /** One try: the budget counts failed polls, too, and the engine polls again when it is the job's turn. */
  const byId = async (ids: Record<string, string>, signal: AbortSignal): Promise<unknown> => {
    await distance(signal)
    return await ask({ method: 'GET', to: paths.byId, query: { conversionType, ...ids }, repeat: 'harmless', tries: 1 }, signal)
  }
  async function poll(ticket: Ticket, signal: AbortSignal): Promise<Polled> {
    const { task, conversion, expectedAtMs } = ticket.ids
    const body = await byId(task === undefined ? { conversion_id: conversion ?? '' } : { task_id: task }, signal)
    const status = readStatus(body)
    if (status?.kind === 'failed') throw await service.refusalIn({ message: status.reason })
    if (isRefusal(body)) throw await service.refusalIn(body)
    // A page of text where JSON was due is a server in trouble, and the job is paid for: it is polled again.
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
    const open = async (headers: Readonly<Record<string, string>>) =>
      await service.http.open(
        { method: 'GET', to: url, headers, key: 'none', repeat: 'harmless', trouble: downloadTrouble },
        signal,
      )
    return await receive({ open, order, provider, report, clock, signal })
  }

  return {
    about,
    capabilities: async () => ({ ...capabilities, unreachable: (address) => unreachable(address, sourceRules()) }),
    lane: () => about.id,
    get concurrency() {
      return { [about.id]: plans[plan()].concurrency }
    },
    pollingPlan: {
      ...pollingPlan,
      get budget() {
        return { polls: pollsPerMinute(), perMs: budgetMs }
      },
    },

    submit: async (order, report, signal) => {
      report(nothingSent)
      const { source } = order
      if (source.kind === 'url') assertPublicSource(source.url, sourceRules())
      const file = source.kind === 'file' ? await filePart(source.path, order) : null
      const fields = fieldsOf({ ...order, options: await optionsOf(order, options) })
      const body = formBody(Object.entries(fields), file, random.key())
      const sent = reportUpload(report, body.bytes, clock)
      const answer = await ask({ method: 'POST', to: paths.convert, body, repeat: 'never', sent }, signal)
      if (isRefusal(answer)) throw await service.refusalIn(answer)
      const accepted = readAccepted(answer)
      if (accepted === null) throw new JobError('answer-lost', { provider, because: 'no-job' })
      service.ownId(accepted.task ?? accepted.conversion ?? '', order.key)
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
    account: async (signal) => await service.checkKey(async () => await byId({ task_id: noSuchTask }, signal)),
    callsBack,
    stop: async () => await service.http.stop(),
  }
}

/** One status stands for a wrong key and for a right one that may not do this: the failure names both. */
function keyOrPermission(error: unknown): unknown {
  if (!(error instanceof JobError) || error.failure.code !== 'key-rejected') return error
  const { reason = '' } = error.failure.facts
  return new JobError('key-rejected', { provider, because: 'key-or-plan', reason })
}
