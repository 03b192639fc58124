/** What stands in the place of a file that is on its way already, and what is left where nobody comes back to it. */
import { appendFile, copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { leavesNothingOpen } from '../support/quiet.ts'
import { toneOf } from '../support/tone.ts'
import { until, watching } from '../support/watching.ts'

leavesNothingOpen()

describe('a file in the queue', () => {
  it('that is written over while nobody watches is not converted half, and its new contents are, once', async () => {
    const first = await watching()
    const { add, drop, tone, engine } = first
    engine.pauseAll()
    await add()
    await copyFile(tone, join(drop, 'take.wav'))
    await until(() => engine.totals().totals.queued === 1)
    await first.stop()
    const sound = toneOf(24_000)
    await writeFile(join(drop, 'take.wav'), sound.subarray(0, 10_000))
    const second = await first.restarted()
    second.engine.resumeAll()
    await until(() => second.line('take.wav')?.why.code === 'incomplete')
    expect(await second.files()).toEqual(['take.wav'])
    await appendFile(join(drop, 'take.wav'), sound.subarray(10_000))
    await second.settled()
    const finished = second.engine.history.page({}, null, 10).jobs.filter(({ state }) => state.phase === 'done')
    expect({
      files: await second.files(),
      bytes: finished.map(({ order }) => order.source.kind === 'file' && order.source.bytes),
    }).toEqual({ files: ['take.mp3', 'take.wav'], bytes: [sound.length] })
  })

  it('that is gone when its turn comes is converted when it is back', async () => {
    const { add, drop, tone, engine, line, files, settled } = await watching()
    engine.pauseAll()
    await add()
    await copyFile(tone, join(drop, 'take.wav'))
    await until(() => engine.totals().totals.queued === 1)
    await rm(join(drop, 'take.wav'))
    engine.resumeAll()
    await until(() => line('take.wav') === undefined && engine.totals().totals.queued === 0)
    await copyFile(tone, join(drop, 'take.wav'))
    await until(() => line('take.wav')?.state === 'done')
    await settled()
    expect(await files()).toEqual(['take.mp3', 'take.wav'])
  })
})

describe('temporary results', () => {
  it('whose job is no more are swept by the next look; those of others and of waiting jobs are not', async () => {
    const { add, drop, tone, engine, looked, files } = await watching()
    engine.pauseAll()
    await add()
    await copyFile(tone, join(drop, 'take.wav'))
    await until(() => engine.totals().totals.queued === 1)
    const tag = /id: ([0-9a-f]{6})-/.exec(await readFile(join(drop, '.beside-folder'), 'utf8'))?.[1] ?? ''
    const stranger = tag === 'aaaaaa' ? 'bbbbbb' : 'aaaaaa'
    const names = [
      `.beside-${tag}-1.0.part`,
      `.beside-${tag}-77.0.part`,
      `.beside-${tag}-77.1.part.mp3`,
      `.beside-${stranger}-77.0.part`,
    ]
    for (const name of names) await writeFile(join(drop, name), 'half')
    await looked()
    expect(await files()).toEqual([`.beside-${stranger}-77.0.part`, `.beside-${tag}-1.0.part`, 'take.wav'].toSorted())
  })
})
