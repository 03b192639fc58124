/**
 * Two providers in a process of its own, so that what they take is not counted as ours: Converter App for large files, which takes
 * what comes and gives as much as it is told to; MusicGPT for many jobs, which counts how often it is asked in any minute.
 * Arguments: the bytes of a download, a result for MusicGPT, and how much faster than the system's its clock runs.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fastClock } from '../support/clock.ts'

const [size = '0', resultPath = '', speed = '1'] = process.argv.slice(2)
const bytes = Number(size)
const result = readFileSync(resultPath)
const clock = fastClock(Number(speed))
const block = randomBytes(1024 * 1024)
const minuteMs = 60_000
let recentAtMs: number[] = []
let most = 0
let asks = 0
let submits = 0
const asked = new Map<string, number>()

function json(response: ServerResponse, body: unknown): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
}

function countAsk(): void {
  const nowMs = clock.nowMs()
  recentAtMs = [...recentAtMs.filter((atMs) => atMs > nowMs - minuteMs), nowMs]
  most = Math.max(most, recentAtMs.length)
  asks += 1
}

async function drained(request: IncomingMessage): Promise<number> {
  let count = 0
  for await (const chunk of request) count += (chunk as Buffer).length
  return count
}

function* blocks(): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= block.length) yield left < block.length ? block.subarray(0, left) : block
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  const took = await drained(request)
  switch (url.pathname) {
    case '/convert':
      return json(response, { status: 'success', jobid: String(took) })
    case '/pairs':
      return json(response, { supported_pairs: [{ from: 'wav', to: 'mp3' }] })
    case '/v1/file_convert':
      submits += 1
      return json(response, { success: true, task_id: `task-${submits}`, conversion_id: `c-${submits}`, status: 'IN_QUEUE' })
    case '/v1/byId': {
      countAsk()
      const task = url.searchParams.get('task_id') ?? ''
      const times = (asked.get(task) ?? 0) + 1
      asked.set(task, times)
      const audio_url = `http://${request.headers.host}/result`
      return json(response, {
        success: true,
        conversion: times < 2 ? { task_id: task, status: 'IN_QUEUE' } : { task_id: task, status: 'COMPLETED', audio_url },
      })
    }
    case '/result':
      response.setHeader('content-type', 'audio/mpeg').setHeader('content-length', result.length).end(result)
      return
    case '/counts':
      return json(response, { most, asks, submits })
    default:
      // A download, whatever its name.
      response.setHeader('content-type', 'audio/mpeg').setHeader('content-length', bytes)
      await pipeline(Readable.from(blocks()), response)
  }
}

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy())
})
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.on('disconnect', () => process.exit())
