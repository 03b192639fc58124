/** The client's side of `remote-server.ts`: a real provider over real HTTP, for tests of what the engine does around one. */
import { createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Provider } from '../../src/main/providers/provider.ts'
import { JobError } from '../../src/shared/failure.ts'

export function remoteProvider(base: string, resubmit: 'same-key' | 'never'): Provider {
  const id = resubmit === 'same-key' ? 'xconvert' : 'musicgpt'
  const ask = async (path: string, signal: AbortSignal, init: RequestInit = {}): Promise<Response> => {
    const response = await fetch(base + path, { ...init, signal })
    if (!response.ok) throw new JobError('provider-error', { provider: id, reason: String(response.status) })
    return response
  }
  return {
    about: { id, title: id, cloud: true, resubmit, tellsPrice: 'never' },
    capabilities: async () => ({ pairings: [{ from: ['wav'], to: ['mp3'], options: [] }], sources: ['file'], maxBytes: null }),
    lane: () => id,
    concurrency: { [id]: 2 },
    submit: async (order, report, signal) => {
      report({ stage: 'processing', done: null, bodySent: true })
      const answer = await ask('/submit', signal, { method: 'POST', headers: { 'idempotency-key': order.key } }).catch(
        (error: unknown) => {
          throw signal.aborted ? error : new JobError('answer-lost', { provider: id })
        },
      )
      const { id: job } = (await answer.json()) as { id: string }
      return { kind: 'accepted', ticket: { ids: { job }, submittedAtMs: Date.now(), expiresAtMs: null } }
    },
    poll: async (ticket, signal) => {
      const { status } = (await (await ask(`/job/${ticket.ids['job']}`, signal)).json()) as { status: string }
      return status === 'complete' ? { kind: 'ready', ticket } : { kind: 'running', stage: 'processing', done: null }
    },
    fetch: async (ticket, order, _report, signal) => {
      const answer = await ask(`/result/${ticket.ids['job']}`, signal)
      const temp = order.temp(0)
      await pipeline(Readable.fromWeb(answer.body as never), createWriteStream(temp, { flags: 'wx' }), { signal })
      return [{ temp, name: null, format: order.target, bytes: (await stat(temp)).size }]
    },
    stop: async () => undefined,
  }
}
