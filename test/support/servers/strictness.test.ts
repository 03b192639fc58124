/** The scripted servers are as strict as the references are clear: what a sloppy client gets away with there proves nothing here. */
import { describe, expect, it } from 'vitest'
import { conversoKey, conversoServer } from './converso.ts'
import { tone } from './convert.ts'
import { musicgptKey, musicgptServer } from './musicgpt.ts'

interface Said {
  readonly status: number
  readonly body: unknown
}

async function ask(url: string, init: RequestInit = {}): Promise<Said> {
  const answer = await fetch(url, init)
  return { status: answer.status, body: await answer.json() }
}

describe('the scripted MusicGPT', () => {
  const form = (fields: Readonly<Record<string, string>>): FormData => {
    const data = new FormData()
    for (const [name, value] of Object.entries(fields)) data.append(name, value)
    return data
  }
  const whole = { audio_url: 'http://127.0.0.1:1/a.wav', target_format: 'mp3' }

  it('takes the bare key alone', async () => {
    const { base } = await musicgptServer()
    const keys = [`Bearer ${musicgptKey}`, 'another', musicgptKey]
    const said = await Promise.all(
      keys.map(async (authorization) => await ask(`${base}/v1/byId`, { headers: { authorization } })),
    )
    expect(said.map(({ status }) => status)).toEqual([403, 403, 422])
  })

  it('knows one address for a submit, one form, and one source in it', async () => {
    const { base, jobs } = await musicgptServer()
    const headers = { authorization: musicgptKey }
    const submit = async (path: string, body: FormData | URLSearchParams): Promise<number> =>
      (await ask(`${base}${path}`, { method: 'POST', headers, body })).status
    const both = form(whole)
    both.append('audio_file', new Blob([new Uint8Array(await tone('wav'))]), 'a.wav')
    expect([
      await submit('/v1/convert', form(whole)),
      await submit('/v1/file_convert', new URLSearchParams(whole)),
      await submit('/v1/file_convert', both),
      await submit('/v1/file_convert', form({ target_format: 'mp3' })),
      await submit('/v1/file_convert', form({ ...whole, target_format: 'opus' })),
      await submit('/v1/file_convert', form({ ...whole, target_sr: '44100.0' })),
      jobs.length,
      await submit('/v1/file_convert', form(whole)),
    ]).toEqual([404, 422, 422, 422, 400, 422, 0, 200])
  })

  it('takes one id of one type, and answers in both forms of error', async () => {
    const { base } = await musicgptServer()
    const byId = async (query: string): Promise<Said> =>
      await ask(`${base}/v1/byId?${query}`, { headers: { authorization: musicgptKey } })
    const said = [
      await byId('task_id=a'),
      await byId('conversionType=FILE_CONVERSION&task_id=a'),
      await byId('conversionType=FILE_CONVERT&task_id=a&conversion_id=b'),
      await byId('conversionType=FILE_CONVERT'),
      await byId('conversionType=FILE_CONVERT&task_id=a'),
    ]
    expect(said.map(({ status }) => status)).toEqual([422, 422, 400, 400, 404])
  })

  it('counts the questions of a minute', async () => {
    let nowMs = 0
    const { base } = await musicgptServer({ asksPerMinute: 2, nowMs: () => nowMs })
    const byId = async (): Promise<number> => (await ask(`${base}/v1/byId`, { headers: { authorization: musicgptKey } })).status
    const said = [await byId(), await byId(), await byId()]
    nowMs = 60_000
    expect([...said, await byId()]).toEqual([422, 422, 429, 422])
  })
})

describe('the scripted Converso', () => {
  const create = async (base: string, body: unknown): Promise<Said> =>
    await ask(`${base}/v1/extract`, {
      method: 'POST',
      headers: { 'x-api-key': conversoKey, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const source = { type: 'url', url: 'http://127.0.0.1:1/a.mp4' }

  it('takes addresses, one measure of quality, and every option in its place', async () => {
    const { base, jobs } = await conversoServer()
    const said = [
      await create(base, { source: { type: 'upload', file: 'x' }, output: { format: 'mp3' } }),
      await create(base, { source: { type: 'url', url: `http://a.test/${'a'.repeat(2_048)}` }, output: { format: 'mp3' } }),
      await create(base, { source, output: { format: 'webm' } }),
      await create(base, { source, output: { format: 'mp3', bitrate: '192k', quality: 'low' } }),
      await create(base, { source, output: { format: 'mp3', bitrate: 192 } }),
      await create(base, { source, output: { format: 'mp3', priority: 'low' } }),
    ]
    const codes = said.map(({ body }) => (body as { error: { code: string } }).error.code)
    expect(codes).toEqual([
      'INVALID_SOURCE',
      'INVALID_SOURCE',
      'INVALID_REQUEST',
      'INVALID_OUTPUT',
      'INVALID_OUTPUT',
      'INVALID_REQUEST',
    ])
    expect([said.every(({ status }) => status === 400), jobs]).toEqual([true, []])
  })

  it('gives an error in a success to who comes too early, and nothing without the key or beside its base', async () => {
    const { base } = await conversoServer()
    const { body } = await create(base, { source, output: { format: 'mp3' } })
    const { jobId, statusUrl } = (body as { data: { jobId: string; statusUrl: string } }).data
    const id = encodeURIComponent(jobId)
    const headers = { 'x-api-key': conversoKey }
    expect(await ask(`${base}/v1/download/${id}`, { headers })).toMatchObject({
      status: 202,
      body: { error: { code: 'JOB_NOT_COMPLETED' } },
    })
    const elsewhere = [`${base}/v1/status/${id}`, new URL(statusUrl, base).href, `${base}/v1/status/other`]
    const said = [
      await ask(elsewhere[0] ?? ''),
      await ask(elsewhere[1] ?? '', { headers }),
      await ask(elsewhere[2] ?? '', { headers }),
    ]
    expect(said.map(({ status }) => status)).toEqual([401, 404, 404])
  })
})
