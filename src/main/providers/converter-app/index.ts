/**
 * Converter App: local files, uploaded as a form; a job that is asked about and downloaded, or, for small files, one request that stays
 * open until the result comes back in it. The key's own pairs are the catalogue; without a key, the public one.
 */
import * as z from 'zod'
import { JobError } from '../../../shared/failure.ts'
import { extensionOf, formats } from '../../../shared/formats.ts'
import { type HttpCall, createHttp } from '../http/client.ts'
import { asciiName, fileBody, formBody, type Upload, uploadOf } from '../http/bodies.ts'
import { nothingSent, accountOf, createOwnId, secretsOf, reportUpload, type RemoteOptions } from '../kit/service.ts'
import { safeReason } from '../http/failures.ts'
import { type Catalogue, catalogueOf, type NamedPair, pairList, pairsOf, tokenOf } from './pairings.ts'
import * as wire from './api.ts'
import type { Provider, ProviderOrder, Reporter, Submitted } from '../provider.ts'
import { receive, receiveOnce } from '../http/files/receive.ts'

export { converterAppBase } from './api.ts'

const about = { id: 'converter-app', title: 'Converter App', cloud: true, resubmit: 'never', tellsPrice: 'before' } as const
const provider = about.title

/** A catalogue this old is asked for anew. */
const catalogueMs = 3_600_000

export function createConverterApp(options: RemoteOptions): Provider {
  const { clock, random, log } = options
  const http = createHttp(options, { provider, auth: wire.auth, trouble: wire.trouble })
  const ownId = createOwnId(provider, () => options.baseUrl)
  /** The account of which the service last said that it has no bound. */
  let withoutBound: string | null = null
  let kept: { readonly of: string; readonly atMs: number; readonly catalogue: Catalogue } | null = null

  async function publicPairs(signal: AbortSignal): Promise<readonly NamedPair[]> {
    const entries = await http.ask(
      { method: 'GET', to: wire.paths.publicPairs, repeat: 'harmless', key: 'none' },
      pairList,
      signal,
    )
    return pairsOf(entries, [])
  }

  async function ownPairs(signal: AbortSignal): Promise<readonly NamedPair[]> {
    const entries = await http.ask({ method: 'GET', to: wire.paths.pairs, repeat: 'harmless', key: 'own' }, pairList, signal)
    const hasTokens = entries.some((entry) => typeof entry === 'string')
    return pairsOf(entries, hasTokens ? await publicPairs(signal) : [])
  }

  async function catalogue(signal: AbortSignal): Promise<Catalogue> {
    const of = await accountOf(options)
    if (kept?.of === of && clock.nowMs() - kept.atMs < catalogueMs) return kept.catalogue
    const hasKey = (await options.key()) !== null
    const found = catalogueOf(hasKey ? await ownPairs(signal) : await publicPairs(signal))
    // Whose it is, nobody knows where the key was changed meanwhile.
    if ((await accountOf(options)) === of) kept = { of, atMs: clock.nowMs(), catalogue: found }
    return found
  }

  /** The form of one file: several in one request would be one job with one progress and one error. */
  async function formOf(order: ProviderOrder, upload: Upload, signal: AbortSignal) {
    const known = (await catalogue(signal)).named(order.from, order.target)
    // A pair that is not in the catalogue is the server's to refuse, in its own words.
    const pair = known ?? { from: extensionOf(order.from), to: extensionOf(order.target) }
    const file = {
      field: wire.formFields.file,
      // The ending decides what the service takes the file for, so it follows the content; the real name stays here.
      name: asciiName(upload.path, pair.from.toLowerCase()),
      type: formats[order.from].mime,
      content: fileBody(upload),
    }
    return { pair, form: formBody([[wire.formFields.target, pair.to]], file, `beside-${random.key()}`) }
  }

  async function reasonOf({ error, status }: z.infer<typeof wire.progress>): Promise<string> {
    const secrets = await secretsOf(options)
    return safeReason(error, secrets) || safeReason(status, secrets)
  }

  async function submit(order: ProviderOrder, report: Reporter, signal: AbortSignal): Promise<Submitted> {
    report(nothingSent)
    if (order.source.kind === 'url') throw new JobError('source-not-local', { provider })
    const upload = await uploadOf(order.source.path)
    // The public catalogue would answer without one.
    if ((await options.key()) === null) throw new JobError('key-missing', { provider })
    const { pair, form } = await formOf(order, upload, signal)
    const isSync = upload.bytes <= wire.maxSyncBytes
    const call: HttpCall = {
      method: 'POST',
      to: isSync ? wire.paths.convertSync : wire.paths.convert,
      body: form,
      repeat: 'never',
      key: 'own',
      sent: reportUpload(report, form.bytes),
    }
    return isSync ? await convertNow(call, order, report, signal) : await begin(call, pair, order.key, signal)
  }

  async function begin(call: HttpCall, pair: NamedPair, submitKey: string, signal: AbortSignal): Promise<Submitted> {
    const answer = await http.ask(call, wire.accepted, signal)
    if (answer.pair !== null && answer.pair.toLowerCase() !== tokenOf(pair).toLowerCase()) {
      log.warn('the service took the file for another pair', {
        provider,
        asked: tokenOf(pair),
        taken: safeReason(answer.pair, await secretsOf(options)),
      })
    }
    const left = wire.leftOf(answer.remaining_quota)
    if (left !== null) withoutBound = left === 'unlimited' ? await accountOf(options) : null
    const ticket = { ids: { job: ownId(answer.jobid, submitKey) }, submittedAtMs: clock.nowMs(), expiresAtMs: null }
    return { kind: 'accepted', ticket, left, ...(await cost()) }
  }

  async function convertNow(call: HttpCall, order: ProviderOrder, report: Reporter, signal: AbortSignal): Promise<Submitted> {
    const answer = await http.open({ ...call, answerMs: wire.syncAnswerMs }, signal)
    const parts = await receiveOnce(answer, { order, provider, report, clock, signal })
    // This answer holds no figure of what is left.
    return { kind: 'converted', parts, ...(await cost()) }
  }

  async function hasNoBound(): Promise<boolean> {
    return withoutBound !== null && withoutBound === (await accountOf(options))
  }

  async function cost(): Promise<Pick<Submitted, 'cost'>> {
    return (await hasNoBound()) ? {} : { cost: wire.costOfConversion }
  }

  return {
    about,
    capabilities: async (signal) => ({ pairings: (await catalogue(signal)).pairings, sources: ['file'], maxBytes: null }),
    lane: () => about.id,
    concurrency: { [about.id]: 2 },
    pollingPlan: { firstMs: 2_000, everyMs: 2_000, growth: 1.3, maxMs: 10_000, budget: null },
    submit,
    estimate: async () => ({ ...wire.costOfConversion, ...((await hasNoBound()) ? { amount: 0 } : {}) }),
    poll: async (ticket, signal) => {
      const call: HttpCall = { method: 'GET', to: wire.paths.progress(ticket.ids['job'] ?? ''), repeat: 'harmless', key: 'own' }
      const found = await http.ask(call, wire.progress, signal)
      switch (wire.statusOf(found.status)) {
        case 'ready':
          return { kind: 'ready', ticket }
        case 'failed':
          throw new JobError('conversion-failed', { provider, reason: await reasonOf(found) })
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
        to: wire.paths.download(ticket.ids['job'] ?? ''),
        repeat: 'harmless',
        key: 'own',
        trouble: wire.downloadTrouble,
      }
      const open = async (headers: Readonly<Record<string, string>>) => await http.open({ ...call, headers }, signal)
      return await receive({ open, order, provider, report, clock, signal })
    },
    account: async (signal) => {
      // There is no question for the quota; this one shows whether the key works, and costs nothing.
      await http.ask({ method: 'GET', to: wire.paths.pairs, repeat: 'harmless', key: 'own' }, z.unknown(), signal)
      return { plan: null, left: null }
    },
    stop: async () => await http.stop(),
  }
}
