import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { leavesNothingOpen } from '../support/quiet.ts'
import { writeTone } from '../support/tone.ts'
import { until, watching } from '../support/watching.ts'

leavesNothingOpen()

const files = 10_000
const converted = 20

it(
  '10,000 files at once are all seen and each is queued once, in bounded memory; what is converted of them is converted once',
  { timeout: 240_000 },
  async () => {
    const { add, drop, aside, folder, engine } = await watching()
    engine.pauseAll()
    await add({ recursive: true })
    const tone = join(aside, 'short.wav')
    await writeTone(tone, 0.05)
    const before = process.memoryUsage.rss()
    let most = before
    for (let n = 0; n < 100; n += 1) {
      await mkdir(join(drop, String(n)))
      await Promise.all(
        Array.from({ length: files / 100 }, async (_, m) => await copyFile(tone, join(drop, String(n), `${m}.wav`))),
      )
      most = Math.max(most, process.memoryUsage.rss())
    }
    await until(() => {
      most = Math.max(most, process.memoryUsage.rss())
      return engine.totals().totals.queued === files
    })
    const sources = new Set<string>()
    let jobs = 0
    for (let after: string | null = null; ;) {
      const page: ReturnType<typeof engine.list> = engine.list({ phases: ['queued'], batchId: null, after, limit: 1000 })
      for (const { order } of page.jobs) sources.add(order.source.kind === 'file' ? order.source.path : '')
      jobs += page.jobs.length
      if (page.next === null) break
      after = page.next
    }
    // A file takes some kilobytes while it is waited for; all of them at once must not take gigabytes.
    expect({ jobs, sources: sources.size, isBounded: most - before < 400 * 2 ** 20 }).toEqual({
      jobs: files,
      sources: files,
      isBounded: true,
    })

    const kept = new Set(
      engine.list({ phases: ['queued'], batchId: null, after: null, limit: converted }).jobs.map(({ id }) => id),
    )
    const others = Array.from({ length: jobs }, (_, index) => index + 1).filter((id) => !kept.has(id))
    await engine.cancel({ kind: 'ids', ids: others })
    engine.resumeAll()
    // What was cancelled, and the results, which are seen a little after they have come.
    await until(() => {
      const { queued, waiting, left: leftSoFar } = folder().counts
      return queued === 0 && waiting === 0 && leftSoFar >= files
    })
    const { done, left } = folder().counts
    expect({ done, left, ended: engine.totals().totals.done }).toEqual({
      done: converted,
      left: files,
      ended: converted,
    })
  },
)
