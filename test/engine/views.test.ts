import { rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Viewer } from '../../src/main/engine/ports.ts'
import { createViews } from '../../src/main/engine/views.ts'
import { toFailure } from '../../src/shared/failure.ts'
import type { Job } from '../../src/shared/job.ts'
import { wholeRegion } from '../../src/shared/views.ts'
import { fakeClock } from '../support/clock.ts'
import { temporaryFolder } from '../support/folder.ts'

const never = new AbortController().signal

/** A job of one file with three results, and a viewer that answers when it is told to. */
async function scene() {
  const folder = await temporaryFolder()
  const names = ['source', 'result 0', 'result 1', 'result 2']
  for (const name of names) await writeFile(join(folder, name), name)
  const asked: string[] = []
  const open = new Map<string, () => void>()
  const signals = new Map<string, AbortSignal>()
  const answered = async <T>(path: string, value: T, signal: AbortSignal): Promise<T> => {
    const name = path.slice(folder.length + 1)
    asked.push(name)
    signals.set(name, signal)
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    open.set(name, () => resolve(value))
    return await promise
  }
  const viewer = {
    view: async (path, _wanted, signal) =>
      await answered(
        path,
        { type: 'image/png', data: Buffer.from(path), region: wholeRegion, whole: { width: 1, height: 1 } },
        signal,
      ),
    waveform: async (path, _stretch, signal) => await answered(path, { lastsMs: 1, peaks: [0, 0] }, signal),
    loudness: async (path, _stretch, signal) => await answered(path, { integrated: -23, peak: -1, range: null }, signal),
  } as Partial<Viewer> as Viewer
  const outputs = names.slice(1).map((name) => ({ path: join(folder, name), bytes: 1, mtimeMs: 0 }))
  const order = { source: { kind: 'file', path: join(folder, 'source'), bytes: 1, mtimeMs: 0 } }
  const job = { id: 1, order, state: { phase: 'done', outputs, archivedTo: null } } as unknown as Job
  const clock = fakeClock()
  const views = createViews({ jobOf: (id) => (id === 1 ? job : null), viewer, clock })
  const finish = async (name: string) => {
    await expect.poll(() => open.has(name), { interval: 2 }).toBe(true)
    open.get(name)?.()
    open.delete(name)
  }
  return { folder, views, asked, finish, signals, clock }
}

const looked = { region: wholeRegion, room: { width: 10, height: 10 }, atMs: 0, page: 0 }
const output = (index: number) => ({ file: { jobId: 1, of: 'output' as const, index }, ...looked })
const stretch = { file: { jobId: 1, of: 'source' as const }, fromMs: 0, lastsMs: null }
const codeOf = async (work: Promise<unknown>) =>
  await work.then(
    () => null,
    (error: unknown) => toFailure(error).code,
  )

describe('what is shown of two files', () => {
  it('is made once, of the result that is meant, and again when the file has changed or is looked at otherwise', async () => {
    const { folder, views, asked, finish } = await scene()
    const first = views.view(output(1), never)
    await finish('result 1')
    expect(Buffer.from((await first).data, 'base64').toString()).toBe(join(folder, 'result 1'))
    await views.view(output(1), never)
    expect(asked).toEqual(['result 1'])
    const later = views.view({ ...output(1), atMs: 40 }, never)
    await finish('result 1')
    await later
    await utimes(join(folder, 'result 1'), 1, 1)
    const changed = views.view(output(1), never)
    await finish('result 1')
    await changed
    expect(asked.length).toBe(3)
  })

  it('is made for two at a time, and for nobody who is gone', async () => {
    const { views, asked, finish, signals } = await scene()
    const closed = new AbortController()
    const first = views.view(output(0), closed.signal).catch((error: unknown) => error)
    const second = views.view(output(1), never)
    await expect.poll(() => asked.length).toBe(2)
    const third = views.view(output(2), closed.signal).catch((error: unknown) => error)
    closed.abort('closed')
    expect([await first, await third, signals.get('result 0')?.aborted]).toEqual(['closed', 'closed', true])
    await finish('result 1')
    await second
    const fourth = views.view(output(2), never)
    await finish('result 2')
    await fourth
    expect(asked.toSorted()).toEqual(['result 0', 'result 1', 'result 2'])
  })

  it('ends at the latest when nobody would wait any longer', async () => {
    const { views, asked, clock, signals } = await scene()
    const slow = codeOf(views.view(output(0), never))
    await expect.poll(() => asked.length).toBe(1)
    clock.advance(30_000)
    expect([await slow, signals.get('result 0')?.aborted]).toEqual(['source-unreadable', true])
  })

  it('is also heard: a waveform and its loudness, kept alike', async () => {
    const { views, asked, finish } = await scene()
    const waveform = views.waveform(stretch, never)
    await finish('source')
    const loudness = views.loudness(stretch, never)
    await finish('source')
    const again = [await views.waveform(stretch, never), await views.loudness(stretch, never)]
    expect([again, asked.length]).toEqual([[await waveform, await loudness], 2])
  })

  it('is refused by name where there is no such file', async () => {
    const { folder, views } = await scene()
    await rm(join(folder, 'source'))
    expect([
      await codeOf(views.loudness(stretch, never)),
      await codeOf(views.view(output(3), never)),
      await codeOf(views.view({ ...looked, file: { jobId: 2, of: 'source' } }, never)),
    ]).toEqual(['source-missing', 'not-found', 'not-found'])
  })
})
