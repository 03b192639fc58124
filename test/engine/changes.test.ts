import { describe, expect, it, onTestFinished } from 'vitest'
import { createChanges } from '../../src/main/engine/changes.ts'
import type { Change } from '../../src/shared/contract.ts'
import type { Job } from '../../src/shared/job.ts'
import { fakeClock } from '../support/clock.ts'

function stream() {
  const clock = fakeClock()
  const changes = createChanges(clock)
  const abort = new AbortController()
  const reader = changes.subscribe(abort.signal)[Symbol.asyncIterator]()
  onTestFinished(() => {
    abort.abort()
    changes.stop()
    expect(clock.waiting()).toBe(0)
  })
  const job = (id: number, phase: string): Change => ({ type: 'job', job: { id, state: { phase } } as unknown as Job })
  const read = async (count: number) => {
    const lines: string[] = []
    for (let n = 0; n < count; n += 1) {
      const { value } = await reader.next()
      if (value?.type === 'job') lines.push(`${value.job.id} ${value.job.state.phase}`)
      if (value?.type === 'progress') lines.push(`${value.progress.id} at ${value.progress.progress}`)
    }
    return lines
  }
  const progress = (id: number, value: number) => changes.progress({ id, progress: value, words: '', leftMs: null })
  return { clock, changes, abort, reader, job, read, progress }
}

describe('the stream of changes', () => {
  it('misses nothing that happens after the call, even before the first read', async () => {
    const { changes, job, read } = stream()
    changes.publish(job(1, 'running'))
    expect(await read(1)).toEqual(['1 running'])
  })

  it('gives a slow reader the newest value of each job, once', async () => {
    const { changes, job, read } = stream()
    for (const phase of ['queued', 'running', 'done']) changes.publish(job(1, phase))
    changes.publish(job(2, 'queued'))
    expect(await read(2)).toEqual(['1 done', '2 queued'])
  })

  it('merges progress to one value a beat', async () => {
    const { clock, read, progress } = stream()
    for (const value of [0.1, 0.2, 0.3]) progress(1, value)
    clock.advance(250)
    progress(1, 0.9)
    expect(await read(1)).toEqual(['1 at 0.3'])
    clock.advance(250)
    expect(await read(1)).toEqual(['1 at 0.9'])
  })

  it('says nothing more of the progress of a job that is settled', async () => {
    const { clock, changes, job, read, progress } = stream()
    progress(1, 0.5)
    changes.publish(job(1, 'done'))
    clock.advance(250)
    changes.publish(job(2, 'queued'))
    expect([await read(2), changes.lastProgress()]).toEqual([['1 done', '2 queued'], []])
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
