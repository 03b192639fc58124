import { describe, expect, it } from 'vitest'
import { createPages, rowsPerPage } from '../../../src/renderer/queue/pages.ts'
import type { Job } from '../../../src/shared/job.ts'

/** A list on the other side: answers by key, counts what it was asked. */
function listOf(count: () => number) {
  const asked: string[] = []
  const fetch = async (after: string | null, skip: number, limit: number) => {
    asked.push(`${after} + ${skip}`)
    const from = (after === null ? 0 : Number(after)) + skip
    const jobs = Array.from({ length: Math.max(0, Math.min(limit, count() - from)) }, (_, index) => ({ id: from + index }) as Job)
    return { jobs, next: from + limit < count() ? String(from + limit) : null }
  }
  let redraws = 0
  const pages = createPages(fetch, () => {
    redraws += 1
  })
  return { pages, asked, redraws: () => redraws }
}

const idsOf = (jobs: readonly Job[]) => jobs.map(({ id }) => id)

describe('a long list seen through pages', () => {
  it('a row is fetched with its page when it is read, and its neighbours are then there', async () => {
    const { pages, asked } = listOf(() => 1000)
    expect(pages.at(7)).toBe(undefined)
    await pages.rows(7, 7)
    expect([pages.at(7)?.id, pages.at(99)?.id, asked]).toEqual([7, 99, ['null + 0']])
  })

  it('a far row is reached by leaps that the engine can bear, and near it nothing is passed over any more', async () => {
    const { pages, asked } = listOf(() => 100_000)
    expect(idsOf(await pages.rows(45_050, 45_051))).toEqual([45_050, 45_051])
    await pages.rows(45_150, 45_150)
    expect(asked).toEqual(['null + 0', 'null + 20000', '20100 + 20000', '40200 + 4800', '45100 + 0'].slice(1))
  })

  it('a range over several pages comes in order', async () => {
    const { pages } = listOf(() => 450)
    expect(idsOf(await pages.rows(80, 449))).toEqual(Array.from({ length: 370 }, (_, index) => 80 + index))
  })

  it('only so many pages are kept, whatever was read', async () => {
    const { pages } = listOf(() => 100_000)
    await pages.rows(0, 49_999)
    const held = Array.from({ length: 500 }, (_, number) => pages.replace({ id: number * rowsPerPage } as Job)).filter(Boolean)
    expect(held.length).toBe(40)
  })

  it('a newer value replaces the one that is shown, and others are left alone', async () => {
    const { pages } = listOf(() => 10)
    await pages.rows(0, 9)
    expect(pages.replace({ id: 3, priority: 1 } as Job)).toBe(true)
    expect(pages.replace({ id: 99 } as Job)).toBe(false)
    expect([pages.at(3)?.priority, pages.at(4)?.priority]).toEqual([1, undefined])
  })

  it('rows that came at the end are found, also where the last page was full', async () => {
    for (const before of [150, 200]) {
      let count = before
      const { pages } = listOf(() => count)
      await pages.rows(0, before - 1)
      count = before + 60
      pages.grown()
      expect(idsOf(await pages.rows(before, before + 59))).toEqual(Array.from({ length: 60 }, (_, index) => before + index))
    }
  })

  it('what is stale stays in sight until its newer value is here', async () => {
    const { pages, asked } = listOf(() => 50)
    await pages.rows(0, 49)
    pages.stale()
    expect(pages.at(5)?.id).toBe(5)
    await pages.rows(5, 5)
    expect(asked.length).toBe(2)
  })

  it('a row beyond the end is asked for once, not for ever', async () => {
    const { pages, asked } = listOf(() => 50)
    await pages.rows(120, 120)
    for (let turn = 0; turn < 10; turn += 1) {
      pages.at(120)
      await Promise.resolve()
    }
    expect(asked.length).toBe(1)
  })
})
