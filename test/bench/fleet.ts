/**
 * What a job on a fleet costs its head, and how many a second it hands out: short sounds, rendered by one, two and four machines that answer at
 * once. All of it on one box, so that machines and database take their share of the same cores: rates are floors, and the head's processor time holds.
 */
import { fork } from 'node:child_process'
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { compose } from '../../src/main/compose.ts'
import { fileSecrets } from '../../src/main/secrets.ts'
import { writeTone } from '../support/tone.ts'
import { figure, type Figure } from './figures.ts'
import { silentLog, timed, withFolder } from './scene.ts'

const program = fileURLToPath(new URL('./fleet-worker.ts', import.meta.url))

export async function fleet(jobs: number): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  for (const machines of [1, 2, 4]) {
    const { perSecond, headMs } = await withFolder(async (folder) => await run(folder, jobs, machines))
    const label = `${jobs.toLocaleString('en')} jobs, ${machines} ${machines === 1 ? 'machine' : 'machines'} that answer at once`
    figures.push(
      figure(`${label}: jobs a second`, '/s', [perSecond]),
      figure(`${label}: processor time of the head a job`, 'ms', [headMs], '≤ 5'),
    )
  }
  return figures
}

async function run(folder: string, jobs: number, machines: number) {
  const [home, media] = [join(folder, 'home'), join(folder, 'media')]
  await mkdir(media)
  const tone = join(folder, 'tone.wav')
  await writeTone(tone, 0.1)
  const result = join(folder, 'result.flac')
  await timed('ffmpeg', ['-v', 'error', '-i', tone, result])
  for (let n = 0; n < jobs; n += 1) await copyFile(tone, join(media, `${n}.wav`))
  const { engine, fleet: own, stop } = await compose({ home, log: silentLog, secrets: fileSecrets(home, {}) })
  const { joinLine } = await own.setUp({ storage: [media], queue: null })
  const children = Array.from({ length: machines }, (_, n) => fork(program, [joinLine, media, `machine${n}`, result]))
  try {
    while (own.status().machines.filter(({ state }) => state === 'working').length < machines) await sleep(50)
    const batchId = engine.openBatch('bench')
    const nothing = { options: {}, preset: null, out: null, recursive: false, include: [], exclude: [], priority: 0 }
    const request = { ...nothing, batchId, sources: [media], target: 'flac' as const, with: 'fleet' as const }
    for await (const event of engine.convert(request, new AbortController().signal))
      if (event.type === 'refused') throw new Error(event.why.code)
    const before = process.cpuUsage()
    const begun = performance.now()
    await engine.start()
    for (;;) {
      const { done = 0, failed = 0 } = engine.batch(batchId)?.totals ?? {}
      if (failed > 0) throw new Error('a job failed')
      if (done === jobs) break
      await sleep(50)
    }
    const seconds = (performance.now() - begun) / 1000
    const { user, system } = process.cpuUsage(before)
    return { perSecond: jobs / seconds, headMs: (user + system) / 1000 / jobs }
  } finally {
    for (const child of children) child.kill('SIGTERM')
    await Promise.all(
      children.map(async (child) => child.exitCode ?? (await new Promise((resolve) => child.once('exit', resolve)))),
    )
    await stop()
  }
}
