import { describe, expect, it, onTestFinished } from 'vitest'
import { createChanges } from '../../../src/main/engine/queue/changes.ts'
import type { Change } from '../../../src/shared/wire/contract.ts'
import type { Job } from '../../../src/shared/job.ts'
import { fakeClock } from '../../support/clock.ts'

function stream(restMs = 0) {
  const clock = fakeClock()
  const changes = createChanges(clock)
  const abort = new AbortController()
  const reader = changes.subscribe(abort.signal, restMs)[Symbol.asyncIterator]()
  onTestFinished(() => {
    abort.abort()
    changes.stop()
    expect(clock.waiting()).toBe(0)
  })
  const job = (id: number, phase: string): Change => ({ type: 'job', job: { id, state: { phase } } as unknown as Job })
  const read = async () => {
    const { value } = await reader.next()
    return (value ?? []).map((change: Change) => {
      if (change.type === 'job') return `${change.job.id} ${change.job.state.phase}`
      return change.type === 'progress' ? `${change.progress.id} at ${change.progress.progress}` : change.type
    })
  }
  const progress = (id: number, value: number) =>
    changes.progress({ id, stage: 'converting', progress: value, leftMs: null, speed: null, said: null })
  return { clock, changes, abort, reader, job, read, progress }
}

describe('the stream of changes', () => {
  it('misses nothing that happens after the call, even before the first read', async () => {
    const { changes, job, read } = stream()
    changes.publish(job(1, 'running'))
    expect(await read()).toEqual(['1 running'])
  })

  it('gives a slow reader the newest value of each job, once', async () => {
    const { changes, job, read } = stream()
    for (const phase of ['queued', 'running', 'done']) changes.publish(job(1, phase))
    changes.publish(job(2, 'queued'))
    expect(await read()).toEqual(['1 done', '2 queued'])
  })

  it('merges progress to one value a beat', async () => {
    const { clock, read, progress } = stream()
    for (const value of [0.1, 0.2, 0.3]) progress(1, value)
    clock.advance(250)
    progress(1, 0.9)
    expect(await read()).toEqual(['1 at 0.3'])
    clock.advance(250)
    expect(await read()).toEqual(['1 at 0.9'])
  })

  it('says nothing more of the progress of a job that is settled', async () => {
    const { clock, changes, job, read, progress } = stream()
    progress(1, 0.5)
    changes.publish(job(1, 'done'))
    clock.advance(250)
    changes.publish(job(2, 'queued'))
    expect([await read(), changes.lastProgress()]).toEqual([['1 done', '2 queued'], []])
  })

  it('gives a reader who rests the first change at once, and what comes meanwhile together, the newest value of each job', async () => {
    const { clock, changes, job, read } = stream(200)
    changes.publish(job(1, 'queued'))
    expect(await read()).toEqual(['1 queued'])
    changes.publish(job(1, 'running'))
    const next = read()
    clock.advance(100)
    changes.publish(job(2, 'queued'))
    changes.publish(job(1, 'done'))
    clock.advance(100)
    expect(await next).toEqual(['2 queued', '1 done'])
  })

  it('gives a great many in portions that a line can carry, without a rest between them', async () => {
    const { changes, job, read } = stream(200)
    for (let id = 1; id <= 1200; id += 1) changes.publish(job(id, 'cancelled'))
    expect([(await read()).length, (await read()).length, (await read()).length]).toEqual([500, 500, 200])
  })

  it.each(['signal', 'engine'] as const)('does not rest any longer when its %s ends', async (which) => {
    const { abort, changes, job, reader, read } = stream(200)
    changes.publish(job(1, 'queued'))
    await read()
    const next = reader.next()
    if (which === 'signal') abort.abort()
    else changes.stop()
    expect((await next).done).toBe(true)
  })

  it('ends with its signal', async () => {
    const { abort, reader } = stream()
    const next = reader.next()
    abort.abort()
    expect((await next).done).toBe(true)
  })

  it('ends when the engine stops', async () => {
    const { changes, reader } = stream()
    const next = reader.next()
    changes.stop()
    expect((await next).done).toBe(true)
  })
})
