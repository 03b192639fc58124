/**
 * Converter App: local files, uploaded as a form; a job that is polled and downloaded, or, for small files, one request that stays
 * open until the result comes back in it. The key's own pairs are the catalogue; without a key, the public one. It never calls back.
 */
import * as z from 'zod'
import { JobError } from '../../../shared/failure.ts'
import { uploadOf } from '../http/bodies.ts'
import type { HttpCall } from '../http/client.ts'
import { receive, receiveOnce } from '../http/files/receive.ts'
import { accountOf, nothingSent, type RemoteOptions, reportUpload } from '../kit/service.ts'
import { createServiceCalls } from '../kit/service-calls.ts'
import type { Provider, ProviderOrder, Reporter, Submitted } from '../provider.ts'
import { about, concurrency, costOfConversion, maxSyncBytes, pollingPlan, syncAnswerMs } from './about.ts'
import { accepted, leftOf, progress, statusOf } from './answers.ts'
import { conversionForm, downloadTrouble, paths, protocol, uncataloguedPair } from './api.ts'
import { createCatalogue } from './catalogue.ts'
import { type NamedPair, tokenOf } from './pairings.ts'

const provider = about.title

export function createConverterApp(options: RemoteOptions): Provider {
  const { clock, random, log } = options
  const service = createServiceCalls(options, about, protocol)
  /** The account that last was without a limit, as the service stated. */
  let unlimitedAccount: string | null = null
  const catalogue = createCatalogue(options, service)

  async function submit(order: ProviderOrder, report: Reporter, signal: AbortSignal): Promise<Submitted> {
    report(nothingSent)
    if (order.source.kind === 'url') throw new JobError('source-not-local', { provider })
    const upload = await uploadOf(order.source.path)
    // The public catalogue would answer without one.
    if ((await options.key()) === null) throw new JobError('key-missing', { provider })
    const pair = (await catalogue.now(signal)).named(order.from, order.target) ?? uncataloguedPair(order.from, order.target)
    const form = conversionForm(order, upload, pair, random.key())
    const isSync = upload.bytes <= maxSyncBytes
    const call: HttpCall = {
      method: 'POST',
      to: isSync ? paths.convertSync : paths.convert,
      body: form,
      repeat: 'never',
      key: 'own',
      sent: reportUpload(report, form.bytes, clock),
    }
    return isSync ? await convertNow(call, order, report, signal) : await begin(call, pair, order.key, signal)
  }

  async function begin(call: HttpCall, pair: NamedPair, submitKey: string, signal: AbortSignal): Promise<Submitted> {
    const answer = await service.http.ask(call, accepted, signal)
    if (answer.pair !== null && answer.pair.toLowerCase() !== tokenOf(pair).toLowerCase()) {
      log.warn('the service took the file for another pair', {
        provider,
        asked: tokenOf(pair),
        taken: await service.reasonIn(answer.pair),
      })
    }
    const left = leftOf(answer.remaining_quota)
    if (left !== null) unlimitedAccount = left === 'unlimited' ? await accountOf(options) : null
    const ticket = { ids: { job: service.ownId(answer.jobid, submitKey) }, submittedAtMs: clock.nowMs(), expiresAtMs: null }
    return { kind: 'accepted', ticket, left, ...(await cost()) }
  }

  async function convertNow(call: HttpCall, order: ProviderOrder, report: Reporter, signal: AbortSignal): Promise<Submitted> {
    const answer = await service.http.open({ ...call, answerMs: syncAnswerMs }, signal)
    const parts = await receiveOnce(answer, { order, provider, report, clock, signal })
    // This answer holds no figure of what is left.
    return { kind: 'converted', parts, ...(await cost()) }
  }

  async function isUnlimited(): Promise<boolean> {
    return unlimitedAccount !== null && unlimitedAccount === (await accountOf(options))
  }

  async function cost(): Promise<Pick<Submitted, 'cost'>> {
    return (await isUnlimited()) ? {} : { cost: costOfConversion }
  }

  return {
    about,
    capabilities: async (signal) => {
      const { pairings, staleSinceMs } = await catalogue.now(signal)
      return { pairings, sources: ['file'], maxBytes: null, ...(staleSinceMs === null ? {} : { staleSinceMs }) }
    },
    lane: () => about.id,
    concurrency: { [about.id]: concurrency },
    pollingPlan,
    submit,
    estimate: async () => ({ ...costOfConversion, ...((await isUnlimited()) ? { amount: 0 } : {}) }),
    poll: async (ticket, signal) => {
      const call = { method: 'GET', to: paths.progress(ticket.ids['job'] ?? ''), repeat: 'harmless' } as const
      const found = await service.ask(call, progress, signal)
      switch (statusOf(found.status)) {
        case 'ready':
          return { kind: 'ready', ticket }
        case 'failed':
          throw new JobError('conversion-failed', { provider, reason: await service.reasonIn(found.error, found.status) })
        case 'running':
          return {
            kind: 'running',
            stage: 'processing',
            done: found.progress === null ? null : Math.min(1, Math.max(0, found.progress)),
          }
      }
    },
    fetch: async (ticket, order, report, signal) => {
      const call: HttpCall = {
        method: 'GET',
        to: paths.download(ticket.ids['job'] ?? ''),
        repeat: 'harmless',
        key: 'own',
        trouble: downloadTrouble,
      }
      const open = async (headers: Readonly<Record<string, string>>) => await service.http.open({ ...call, headers }, signal)
      return await receive({ open, order, provider, report, clock, signal })
    },
    account: async (signal) => {
      // No call answers the quota; this one shows whether the key works, and costs nothing.
      await service.ask({ method: 'GET', to: paths.pairs, repeat: 'harmless' }, z.unknown(), signal)
      return { plan: null, left: null }
    },
    stop: async () => await service.http.stop(),
  }
}
