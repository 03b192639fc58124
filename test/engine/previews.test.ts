import { copyFile, mkdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createPreviews } from '../../src/main/engine/previews.ts'
import type { Viewer } from '../../src/main/engine/ports.ts'
import { JobError, toFailure } from '../../src/shared/failure.ts'
import type { Job } from '../../src/shared/job.ts'
import { fakeClock } from '../support/clock.ts'
import { temporaryFolder } from '../support/folder.ts'

const never = new AbortController().signal

/** Jobs over real files, and a viewer that draws when it is told to. */
async function scene(names: readonly string[]) {
  const folder = await temporaryFolder()
  for (const name of names) await writeFile(join(folder, name), name)
  const asked: string[] = []
  const waiting = new Map<string, (bytes: number) => void>()
  const signals: AbortSignal[] = []
  const viewer: Viewer = {
    picture: async (path, pixels, signal) => {
      const name = path.slice(folder.length + 1)
      asked.push(`${name} ${pixels}`)
      signals.push(signal)
      const { promise, resolve, reject } = Promise.withResolvers<number>()
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      waiting.set(name, resolve)
      const bytes = await promise
      if (bytes < 0) throw new JobError('source-damaged', { path })
      return bytes === 0 ? null : { type: 'image/webp', data: Buffer.alloc(bytes, name) }
    },
    look: async (path) => {
      const name = path.slice(folder.length + 1)
      asked.push(name)
      if (name === 'stuck') return await new Promise<never>(() => {})
      throw new JobError('source-damaged')
    },
    view: neverAsked,
    waveform: neverAsked,
    loudness: neverAsked,
  }
  const jobs = new Map<number, Job>()
  for (const [index, name] of names.entries()) jobs.set(index, jobOver(index, join(folder, name)))
  const clock = fakeClock()
  const previews = createPreviews({ jobOf: (id) => jobs.get(id) ?? null, viewer, clock })
  const drawn = async (name: string, bytes = 3) => {
    await expect.poll(() => waiting.has(name), { interval: 2 }).toBe(true)
    waiting.get(name)?.(bytes)
    waiting.delete(name)
  }
  return { folder, previews, asked, drawn, jobs, clock, signals }
}

/** What the comparison asks for. */
async function neverAsked(): Promise<never> {
  throw new Error('not a preview')
}

function jobOver(id: number, path: string, state: object = { phase: 'queued' }): Job {
  const order = { source: { kind: 'file', path, bytes: 1, mtimeMs: 0 } }
  return { id, order, state } as unknown as Job
}

/** Whoever asks looks at the file first; by then that is done as well. */
async function standsInLine(folder: string): Promise<void> {
  for (let looks = 0; looks < 50; looks += 1) await stat(folder)
}

const codeOf = async (work: Promise<unknown>) =>
  await work.then(
    () => null,
    (error: unknown) => toFailure(error).code,
  )

describe('pictures of the files of jobs', () => {
  it('are drawn once for all who ask, and kept while the file stays as it is', async () => {
    const { folder, previews, asked, drawn } = await scene(['a'])
    const both = [
      previews.picture({ jobId: 0, of: 'source' }, 'row', never),
      previews.picture({ jobId: 0, of: 'source' }, 'row', never),
    ]
    await drawn('a')
    const expected = { type: 'image/webp', data: Buffer.from('aaa').toString('base64') }
    expect(await Promise.all(both)).toEqual([expected, expected])
    expect(await previews.picture({ jobId: 0, of: 'source' }, 'row', never)).toEqual(expected)
    expect(asked).toEqual(['a 96'])

    await utimes(join(folder, 'a'), 1, 1)
    const again = previews.picture({ jobId: 0, of: 'source' }, 'row', never)
    await drawn('a', 1)
    expect((await again)?.data).toBe(Buffer.from('a').toString('base64'))
  })

  it('are drawn two at a time, the last one asked for first', async () => {
    const { folder, previews, asked, drawn } = await scene(['a', 'b', 'c', 'd'])
    const all = [0, 1].map(async (id) => await previews.picture({ jobId: id, of: 'source' }, 'row', never))
    await expect.poll(() => asked.length).toBe(2)
    for (const id of [2, 3]) {
      all.push(previews.picture({ jobId: id, of: 'source' }, 'row', never))
      await standsInLine(folder)
    }
    expect(asked.toSorted()).toEqual(['a 96', 'b 96'])
    await drawn('a')
    await drawn('d')
    await drawn('b')
    await drawn('c')
    await Promise.all(all)
    expect(asked.slice(2)).toEqual(['d 96', 'c 96'])
  })

  it('are not begun where nobody waits for them any more', async () => {
    const { folder, previews, asked, drawn } = await scene(['a', 'b', 'c'])
    const first = [0, 1].map(async (id) => await previews.picture({ jobId: id, of: 'source' }, 'row', never))
    await expect.poll(() => asked.length).toBe(2)
    const gone = new AbortController()
    const third = previews.picture({ jobId: 2, of: 'source' }, 'row', gone.signal)
    await standsInLine(folder)
    gone.abort(new Error('scrolled away'))
    await expect(third).rejects.toThrow('scrolled away')
    await drawn('a')
    await drawn('b')
    await Promise.all(first)
    expect(asked.length).toBe(2)
  })

  it('say nothing where a file cannot be read, and that it is missing where it is', async () => {
    const { folder, previews, asked, drawn } = await scene(['a'])
    const damaged = previews.picture({ jobId: 0, of: 'source' }, 'row', never)
    await drawn('a', -1)
    expect([await damaged, await previews.picture({ jobId: 0, of: 'source' }, 'row', never), asked.length]).toEqual([
      null,
      null,
      1,
    ])
    await rm(join(folder, 'a'))
    expect(await codeOf(previews.picture({ jobId: 0, of: 'source' }, 'row', never))).toBe('source-missing')
    await mkdir(join(folder, 'a'))
    expect(await codeOf(previews.picture({ jobId: 0, of: 'source' }, 'row', never))).toBe('source-missing')
  })

  it('take no longer than somebody would wait, and are no larger than a small picture', async () => {
    const { previews, drawn, clock, asked, signals } = await scene(['a', 'b'])
    const slow = previews.picture({ jobId: 0, of: 'source' }, 'row', never)
    await expect.poll(() => asked.length).toBe(1)
    clock.advance(20_000)
    expect([await slow, signals[0]?.aborted]).toEqual([null, true])
    const large = previews.picture({ jobId: 1, of: 'source' }, 'panel', never)
    await drawn('b', 600_000)
    expect(await large).toBe(null)
  })

  it('forget what was not looked at for longest before they fill the memory', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `f${index}`)
    const { previews, asked, drawn } = await scene(names)
    const see = async (id: number) => {
      const picture = previews.picture({ jobId: id, of: 'source' }, 'panel', never)
      await drawn(`f${id}`, 500_000)
      await picture
    }
    for (const id of names.keys()) await see(id)
    await previews.picture({ jobId: 59, of: 'source' }, 'panel', never)
    expect(asked.length).toBe(60)
    await see(0)
    expect(asked.at(-1)).toBe('f0 640')
  })

  it('are of the result, and of the source where it was moved to; an address has none', async () => {
    const { folder, previews, asked, drawn, jobs } = await scene(['a', 'b', 'c'])
    const { size, mtimeMs } = await stat(join(folder, 'b'))
    const outputs = [{ path: join(folder, 'b'), bytes: size, mtimeMs }]
    await copyFile(join(folder, 'c'), join(folder, 'archived'))
    jobs.set(0, jobOver(0, join(folder, 'gone'), { phase: 'done', outputs, archivedTo: join(folder, 'archived') }))
    const output = previews.picture({ jobId: 0, of: 'output' }, 'row', never)
    await drawn('b')
    await output
    const source = previews.picture({ jobId: 0, of: 'source' }, 'row', never)
    await drawn('archived')
    await source
    expect(asked).toEqual(['b 96', 'archived 96'])
    jobs.set(1, { ...jobOver(1, ''), order: { source: { kind: 'url', url: 'https://example.org/a.wav' } } } as unknown as Job)
    expect([
      await codeOf(previews.picture({ jobId: 1, of: 'source' }, 'row', never)),
      await codeOf(previews.picture({ jobId: 2, of: 'output' }, 'row', never)),
      await codeOf(previews.look({ jobId: 9, of: 'source' }, never)),
    ]).toEqual(['source-not-local', 'not-found', 'not-found'])
  })
})

describe('what is in the files of jobs', () => {
  const stuckThenOther = async () => {
    const { previews, asked, clock } = await scene(['stuck', 'other'])
    const stuck = codeOf(previews.look({ jobId: 0, of: 'source' }, never))
    await expect.poll(() => asked).toEqual(['stuck'])
    return { previews, asked, clock, stuck }
  }

  it('is answered for one file though another one can never be read', async () => {
    const { previews, clock, stuck } = await stuckThenOther()
    const other = codeOf(previews.look({ jobId: 1, of: 'source' }, never))
    clock.advance(20_000)
    expect({ stuck: await stuck, other: await other }).toEqual({ stuck: 'source-unreadable', other: 'source-damaged' })
  })

  it('holds nobody who leaves, and is not looked for where nobody waits any more', async () => {
    const { previews, asked, clock, stuck } = await stuckThenOther()
    const closed = new AbortController()
    const other = previews.look({ jobId: 1, of: 'source' }, closed.signal)
    closed.abort(new Error('closed'))
    await expect(other).rejects.toThrow('closed')
    clock.advance(20_000)
    await stuck
    await expect(previews.look({ jobId: 1, of: 'source' }, never)).rejects.toMatchObject({ failure: { code: 'source-damaged' } })
    expect(asked).toEqual(['stuck', 'other'])
  })

  it('names the job that is not there', async () => {
    const { previews } = await scene([])
    await expect(previews.look({ jobId: 9, of: 'source' }, never)).rejects.toMatchObject({
      failure: { facts: { because: 'job', id: '9' } },
    })
  })
})
