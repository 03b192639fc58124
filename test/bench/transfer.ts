/**
 * Large files up and down against curl, on the same loopback server and in turns, with the memory that it takes; and many jobs over a
 * provider that allows so many questions a minute, with what a job costs us. BESIDE_BENCH_BYTES: how large; 512 MiB unless set.
 */
import { fork } from 'node:child_process'
import { rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createConverterApp } from '../../src/main/providers/converter-app/index.ts'
import type { Provider, ProviderOrder } from '../../src/main/providers/provider.ts'
import { systemClock, systemRandom } from '../../src/main/system.ts'
import { type Figure, figure, inTurns } from './figures.ts'
import { manyJobs } from './many-jobs.ts'
import { has, silentLog, timed, withFolder } from './scene.ts'
import { memoryOf } from '../support/stage.ts'

const bytes = Number(process.env['BESIDE_BENCH_BYTES'] ?? 512 * 1024 * 1024)
const mebi = 1024 * 1024
const jobs = 1000
/** How much faster than the system's the clock runs by which the many jobs wait. */
const speed = 80

export async function transfer(runs: number): Promise<readonly Figure[]> {
  return await withFolder(async (folder) => {
    const result = join(folder, 'result.mp3')
    await timed('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'sine=duration=0.2', result])
    const { base, stop } = await serving(String(bytes), result, String(speed))
    try {
      const large = (await has('curl', '--version')) ? await largeFiles(folder, base, runs) : []
      return [...large, ...(await manyJobs({ folder, base, jobs, speed }))]
    } finally {
      stop()
    }
  })
}

async function serving(...args: readonly string[]): Promise<{ readonly base: string; readonly stop: () => void }> {
  const server = fork(fileURLToPath(new URL('./provider-server.ts', import.meta.url)), args)
  const port = await new Promise((resolve, reject) => server.once('message', resolve).once('exit', reject))
  return { base: `http://127.0.0.1:${String(port)}`, stop: () => server.disconnect() }
}

async function largeFiles(folder: string, base: string, runs: number): Promise<readonly Figure[]> {
  const source = join(folder, 'large.wav')
  await writeFile(source, '')
  await truncate(source, bytes)
  const provider = createConverterApp({
    baseUrl: base,
    key: async () => 'a key',
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    bytesPerSecond: null,
    memory: memoryOf(),
  })
  const order = await orderOf(source, folder)
  // What is loaded and compiled at the first call is no cost of the large file.
  await upload(provider, order)
  const idle = process.memoryUsage().rss
  let peak = 0
  const watching = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 5)
  const size = `${Math.round(bytes / mebi)} MiB`
  const target = join(folder, 'curl.mp3')
  const form = ['-F', 'target_format=mp3', '-F', `files=@${source}`]
  const up = await inTurns(
    `upload of ${size}`,
    'MiB/s',
    runs,
    async () => await rate(async () => await upload(provider, order)),
    async () => await rate(async () => void (await timed('curl', ['-sS', '-f', '-o', '/dev/null', ...form, `${base}/convert`]))),
    'ratio ≥ 0.9 of curl',
  )
  const down = await inTurns(
    `download of ${size}`,
    'MiB/s',
    runs,
    async () => {
      await rm(order.temp(0), { force: true })
      return await rate(async () => await download(provider, order))
    },
    async () => {
      await rm(target, { force: true })
      return await rate(async () => void (await timed('curl', ['-sS', '-f', '-o', target, `${base}/download/1`])))
    },
    'ratio ≥ 0.9 of curl',
  )
  clearInterval(watching)
  await provider.stop()
  for (const path of [source, target, order.temp(0)]) await rm(path, { force: true })
  return [up, down, figure('peak memory of these above idle', 'MiB', [(peak - idle) / mebi], '≤ 64')]
}

async function orderOf(path: string, folder: string): Promise<ProviderOrder> {
  const { size, mtimeMs } = await stat(path)
  return {
    source: { kind: 'file', path, bytes: size, mtimeMs },
    from: 'wav',
    target: 'mp3',
    options: {},
    facts: null,
    key: 'k',
    notes: {},
    note: async () => undefined,
    temp: (n) => join(folder, `part.${n}`),
  }
}

const { signal } = new AbortController()
const report = () => undefined

async function upload(provider: Provider, order: ProviderOrder): Promise<void> {
  const submitted = await provider.submit(order, report, signal)
  const took = submitted.kind === 'accepted' ? Number(submitted.ticket.ids['job']) : 0
  if (took < bytes) throw new Error(`only ${took} of ${bytes} bytes came`)
}

async function download(provider: Provider, order: ProviderOrder): Promise<void> {
  const parts = await provider.fetch?.({ ids: { job: '1' }, submittedAtMs: 0, expiresAtMs: null }, order, report, signal)
  if (parts?.[0]?.bytes !== bytes) throw new Error('the download is not whole')
}

/** MiB a second. */
async function rate(work: () => Promise<void>): Promise<number> {
  const begun = performance.now()
  await work()
  return bytes / mebi / ((performance.now() - begun) / 1000)
}
