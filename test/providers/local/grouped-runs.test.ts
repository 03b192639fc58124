/** Work that shares the start of its program, with a program that is none. */
import { describe, expect, it } from 'vitest'
import { createGroupedRuns } from '../../../src/main/providers/local/process/grouped-runs.ts'

interface Work {
  readonly kind: string
  readonly name: string
}

/** @param bad what has no result, whoever it is asked for with. */
function scene(bad: readonly string[] = []) {
  const calls: string[][] = []
  const done = new Set<string>()
  const runs = createGroupedRuns<Work>({
    kindOf: ({ kind }) => kind,
    max: 3,
    width: () => 1,
    call: async (works) => {
      calls.push(works.map(({ name }) => name))
      for (const { name } of works) if (!bad.includes(name)) done.add(name)
      if (works.length === 1 && bad.includes(works[0]?.name ?? '')) throw new Error(`bad ${works[0]?.name}`)
    },
    isDone: async ({ name }) => done.has(name),
  })
  const all = async (works: readonly Work[]) =>
    (await Promise.allSettled(works.map(async (work) => await runs.run(work, new AbortController().signal)))).map(
      ({ status }) => status,
    )
  return { calls, runs, all }
}
const work = (name: string, kind = 'pdf'): Work => ({ kind, name })

describe('grouped runs', () => {
  it('take what waits for the same in one call, as far as a call goes', async () => {
    const { calls, all } = scene()
    await all(['a', 'b', 'c', 'd'].map((name) => work(name)))
    expect(calls).toEqual([['a', 'b', 'c'], ['d']])
  })

  it('do not mix kinds', async () => {
    const { calls, all } = scene()
    await all([work('a'), work('x', 'odt'), work('b')])
    expect(calls).toEqual([['a', 'b'], ['x']])
  })

  it('ask once more, and alone, for what had no result among others', async () => {
    const { calls, all } = scene(['b'])
    expect(await all(['a', 'b', 'c'].map((name) => work(name)))).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(calls).toEqual([['a', 'b', 'c'], ['b']])
  })

  it('leave out what is no longer wanted before its turn', async () => {
    const { calls, runs, all } = scene()
    const unwanted = new AbortController()
    const left = runs.run(work('gone'), unwanted.signal)
    unwanted.abort(new Error('not wanted'))
    await expect(left).rejects.toThrow('not wanted')
    await all([work('a')])
    expect(calls).toEqual([['a']])
  })
})
