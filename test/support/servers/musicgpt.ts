/**
 * A scripted MusicGPT: takes forms, charges for each, converts with the FFmpeg of this machine and lends the result out on another
 * origin. As strict as its reference is clear: the bare key, a real form, one source, one id, so many questions a minute.
 */
import { callingBack } from './calling-back.ts'
import { convertHere } from './convert.ts'
import type { Reply } from './reply.ts'
import { scriptedServer, type Route, type ScriptedServer, type Seen } from './server.ts'
import { sourced } from './sourced.ts'

export const musicgptKey = 'mgpt-canary-4f1c90'

/** A job that it took, and charges for. */
export interface MusicgptJob {
  readonly task: string
  readonly conversion: string
  /** The text fields of the form. */
  readonly fields: Readonly<Record<string, string>>
  /** As the form named the file; null for an address. */
  readonly fileName: string | null
}

export interface MusicgptServer extends ScriptedServer {
  readonly jobs: readonly MusicgptJob[]
  /** What it was answered when it called back. */
  readonly answered: readonly number[]
  /** What the last conversion gave. */
  made(): Buffer
}

/** Questions by id that one account may ask in a minute of this clock. */
export interface Budget {
  readonly asksPerMinute: number
  readonly nowMs: () => number
}

const targets = new Set(['mp3', 'wav', 'flac', 'ogg', 'aac', 'webm'])
const rates = new Set(['8000', '16000', '22050', '24000', '32000', '44100', '48000', '96000', '192000'])
const depths: Readonly<Record<string, readonly string[]>> = {
  'wav 16': ['-c:a', 'pcm_s16le'],
  'wav 24': ['-c:a', 'pcm_s24le'],
  'wav 32': ['-c:a', 'pcm_s32le'],
  'flac 16': ['-sample_fmt', 's16'],
  'flac 24': ['-sample_fmt', 's32'],
}

interface Working extends MusicgptJob {
  asked: number
  readonly result: Promise<Buffer | null>
}

const no = (status: number, error: unknown): Reply => ({ status, body: { success: false, error } })

/** @param etaSeconds what it says at the submit; -1: it does not know. */
export async function musicgptServer(budget: Budget | null = null, etaSeconds = -1): Promise<MusicgptServer> {
  const jobs: Working[] = []
  const askedAtMs: number[] = []
  const { call, statuses: answered } = callingBack()
  let last: Buffer = Buffer.alloc(0)

  async function submit(seen: Seen): Promise<Reply> {
    const form = await formOf(seen)
    if (form === null) return no(422, 'the body is not multipart/form-data')
    const fields = Object.fromEntries([...form].filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
    const file = form.get('audio_file')
    const isFile = file !== null && typeof file !== 'string'
    const { audio_url: url, target_format: target = '', target_sr: rate, target_bit_depth: depth } = fields
    if (isFile === (url !== undefined)) return no(422, 'exactly one of audio_url and audio_file is needed')
    if (!targets.has(target)) return no(400, { code: 'UNSUPPORTED_FORMAT', message: `no such target_format: ${target}` })
    if (rate !== undefined && !rates.has(rate)) return no(422, `target_sr: ${rate}`)
    if (depth !== undefined && !['16', '24', '32'].includes(depth)) return no(422, `target_bit_depth: ${depth}`)
    const from = isFile ? file.name : new URL(url ?? '').pathname
    const encoder = depths[`${target} ${depth}`] ?? (target === 'webm' ? ['-c:a', 'libvorbis'] : [])
    const args = ['-vn', ...(rate === undefined ? [] : ['-ar', rate]), ...encoder]
    const convert = async (): Promise<Buffer> => {
      const source = isFile ? Buffer.from(await file.arrayBuffer()) : await sourced(url ?? '')
      return await convertHere(source, /\.(\w+)$/.exec(from)?.[1] ?? 'media', target, args)
    }
    // An address that leads nowhere shows after the job was taken, like there.
    const result = convert().catch(() => null)
    const n = jobs.length + 1
    const job = {
      task: `task-${n}/x y`,
      conversion: `conversion-${n}`,
      fields,
      fileName: isFile ? file.name : null,
      asked: 0,
      result,
    }
    jobs.push(job)
    if (fields['webhook_url'] !== undefined) void callBack(job, fields['webhook_url'])
    return {
      body: {
        success: true,
        task_id: job.task,
        conversion_id: job.conversion,
        eta: etaSeconds,
        credit_estimate: 0.75,
        message: '',
        status: 'IN_QUEUE',
        output_path: 'not/there/yet.mp3',
      },
    }
  }

  /** Its second sample, which names one id alone; and from then on it says that the job is done. */
  async function callBack(job: Working, url: string): Promise<void> {
    await job.result
    job.asked = 2
    const output_file_path = `${foreign}/not/this/one.mp3`
    await call(url, { success: true, conversion_id: job.conversion, output_file_path, conversion_type: 'File Conversion' })
  }

  async function byId({ query }: Seen): Promise<Reply> {
    if (isOverBudget()) return no(429, 'too many requests')
    if (query.get('conversionType') !== 'FILE_CONVERT') return no(422, `conversionType: ${query.get('conversionType')}`)
    const [task, conversion] = [query.get('task_id'), query.get('conversion_id')]
    if ((task === null) === (conversion === null)) return no(400, 'exactly one of task_id and conversion_id is needed')
    const job = jobs.find((one) => one.task === task || one.conversion === conversion)
    if (job === undefined) return no(404, 'no such conversion')
    job.asked += 1
    if (job.asked === 1) return standing(job, { status: 'IN_QUEUE' })
    if (job.asked === 2) return standing(job, { status: 'processing' })
    const result = await job.result
    if (result === null) return standing(job, { status: 'FAILED', status_msg: 'the audio could not be decoded' })
    last = result
    const audio_url = `${foreign}/results/${encodeURIComponent(job.conversion)}.mp3?signature=1`
    return standing(job, { status: 'COMPLETED', audio_url, conversion_cost: 0.8 })
  }

  function isOverBudget(): boolean {
    if (budget === null) return false
    const nowMs = budget.nowMs()
    askedAtMs.push(nowMs)
    return askedAtMs.filter((atMs) => atMs > nowMs - 60_000).length > budget.asksPerMinute
  }

  /** A storage host: whoever brings an Authorization of another host is sent away. */
  async function stored({ headers, caught }: Seen): Promise<Reply> {
    if (headers.authorization !== undefined) {
      return { status: 400, headers: { 'content-type': 'application/xml' }, body: '<Error><Code>InvalidArgument</Code></Error>' }
    }
    const result = await jobs.find(({ conversion }) => conversion === decodeURIComponent(caught[0] ?? ''))?.result
    if (result === undefined || result === null) return { status: 404, body: '<Error><Code>NoSuchKey</Code></Error>' }
    return { headers: { 'content-type': 'audio/mpeg' }, body: result, etag: `"${result.length}"` }
  }

  const routes: readonly Route[] = [
    { name: 'submit', origin: 'own', method: 'POST', path: /^\/api\/public\/v1\/file_convert$/, keyed: true, handle: submit },
    { name: 'poll', origin: 'own', method: 'GET', path: /^\/api\/public\/v1\/byId$/, keyed: true, handle: byId },
    { name: 'result', origin: 'foreign', method: 'GET', path: /^\/results\/(.+)\.mp3$/, keyed: false, handle: stored },
  ]
  const server = await scriptedServer({
    key: musicgptKey,
    routes: () => routes,
    // The bare key, and nothing beside it.
    guard: ({ headers }) => (headers.authorization === musicgptKey ? null : no(403, 'no permission or wrong API key')),
  })
  const { foreign } = server
  return { ...server, base: `${server.base}/api/public`, jobs, answered, made: () => last }
}

function standing({ task, conversion }: MusicgptJob, facts: Readonly<Record<string, unknown>>): Reply {
  const common = { task_id: task, conversion_id: conversion, status_msg: '', createdAt: '2026-01-01', updatedAt: '2026-01-01' }
  return { body: { success: true, conversion: { ...common, ...facts } } }
}

async function formOf({ headers, body }: Seen): Promise<FormData | null> {
  const type = headers['content-type'] ?? ''
  if (!type.startsWith('multipart/form-data')) return null
  return await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData().catch(() => null)
}
