import { describe, expect, it } from 'vitest'
import { createShownJobs, type PageOf } from '../../../src/main/cli/mcp/listing.ts'
import type { Allowed } from '../../../src/main/cli/mcp/allowed.ts'
import type { Job } from '../../../src/shared/job.ts'

/** Jobs by their numbers; every third may be shown. */
function scene(count: number) {
  const jobs = Array.from({ length: count }, (_, id) => ({ id, state: { phase: 'done' } }) as unknown as Job)
  const pageOf: PageOf = async ({ after, skip, limit }) => {
    const start = Number(after ?? 0) + skip
    const page = jobs.slice(start, start + limit)
    return { jobs: page, next: start + limit < count ? String(start + limit) : null }
  }
  const listing = createShownJobs({ shows: async ({ id }: Job) => id % 3 === 0 } as Allowed)
  return { listing, pageOf }
}

describe('a list of jobs', () => {
  it('has those that may be shown, each once, however it is cut into pages', async () => {
    const { listing, pageOf } = scene(2000)
    const all: number[] = []
    let after: string | null = null
    do {
      const page = await listing.page(pageOf, { after, limit: 70 })
      all.push(...page.jobs.map(({ id }) => id))
      after = page.next
    } while (after !== null)
    expect(all).toEqual(Array.from({ length: 667 }, (_, n) => n * 3))
  })

  it('ends in the same way whatever nobody may see fits what is looked for', async () => {
    const { listing, pageOf } = scene(2000)
    const hidden = await listing.page(pageOf, { after: null, limit: 1 }, ({ id }) => id % 3 === 1)
    const nothing = await listing.page(pageOf, { after: null, limit: 1 }, () => false)
    expect([hidden, nothing]).toEqual([
      { jobs: [], next: null },
      { jobs: [], next: null },
    ])
  })

  it('looks through so many rows for one answer, and goes on by a word that tells nothing of them', async () => {
    const { listing, pageOf } = scene(25_000)
    const first = await listing.page(pageOf, { after: null, limit: 10 }, ({ id }) => id > 24_980)
    expect([first.jobs, first.next]).toEqual([[], expect.stringMatching(/^[0-9a-f-]{36}$/)])
    const second = await listing.page(pageOf, { after: first.next, limit: 10 }, ({ id }) => id > 24_980)
    const third = await listing.page(pageOf, { after: second.next, limit: 10 }, ({ id }) => id > 24_980)
    expect(third.jobs.map(({ id }) => id)).toEqual([24_981, 24_984, 24_987, 24_990, 24_993, 24_996, 24_999])
  })

  it('goes on with nothing but what it has given', async () => {
    const { listing, pageOf } = scene(10)
    await expect(listing.page(pageOf, { after: '5', limit: 1 })).rejects.toMatchObject({ failure: { code: 'usage' } })
  })

  it('counts those that may be shown, and tells where none may', async () => {
    const { listing, pageOf } = scene(7)
    const hidden = createShownJobs({ shows: async () => false } as unknown as Allowed)
    expect([await listing.counts(pageOf), await hidden.counts(pageOf)]).toEqual([{ done: 3 }, null])
  })
})
