/**
 * A long list that is paged by key, seen as one that can be read anywhere. Pages are fetched when a row of theirs is shown,
 * a far one is reached by leaps, and only the pages that were shown last are kept.
 */
import type { Job } from '../../shared/job.ts'

export const rowsPerPage = 100
const maxPages = 40

export interface Pages {
  /** The row, or undefined while it is on its way. */
  at(index: number): Job | undefined
  /** Rows from..to (both included), fetched where they are missing. */
  rows(from: number, to: number): Promise<readonly Job[]>
  /** The row of this job, where it is here. */
  find(jobId: number): Job | undefined
  /** A newer value of a row that may be here. */
  replace(job: Job): boolean
  /** Rows came at the end. */
  grown(): void
  /** Anything may have changed: what is shown stays until its newer value is here. */
  stale(): void
}

interface Page {
  readonly jobs: Job[]
  readonly round: number
}

/** Rows that the engine passes over in one call. */
const maxLeap = 20_000

export function createPages(
  fetch: (
    after: string | null,
    skip: number,
    limit: number,
  ) => Promise<{ readonly jobs: readonly Job[]; readonly next: string | null }>,
  changed: () => void,
): Pages {
  const pages = new Map<number, Page>()
  const placeOf = new Map<number, number>()
  /** The key before the first row of a page; page 0 has none. */
  const keys = new Map<number, string | null>([[0, null]])
  let round = 0
  let wanted: number | null = null
  let walking: Promise<void> | null = null
  /** Pages from here on are not there. */
  let end = Infinity

  const keep = (number: number, page: Page) => {
    pages.delete(number)
    pages.set(number, page)
    for (const job of page.jobs) placeOf.set(job.id, number)
    for (const [oldest, { jobs }] of pages) {
      if (pages.size <= maxPages) break
      pages.delete(oldest)
      for (const job of jobs) placeOf.delete(job.id)
    }
  }
  const isFresh = (number: number) => pages.get(number)?.round === round
  /** The last page up to this one whose key is known. */
  const keyed = (number: number) => {
    let known = number
    while (!keys.has(known)) known -= 1
    return known
  }
  /** Fetches a page, from the nearest key before it on; over a very long way in several leaps. */
  const walk = async () => {
    while (wanted !== null) {
      const goal: number = wanted
      if (isFresh(goal)) {
        wanted = null
        break
      }
      const at = round
      const from = keyed(goal)
      const number = Math.min(goal, from + maxLeap / rowsPerPage)
      const { jobs, next } = await fetch(keys.get(from) ?? null, (number - from) * rowsPerPage, rowsPerPage)
      if (at !== round) continue
      keep(number, { jobs: [...jobs], round })
      if (next === null) end = Math.min(end, number + 1)
      else keys.set(number + 1, next)
      if (wanted !== goal || (number !== goal && next !== null)) continue
      wanted = null
      changed()
    }
  }
  const want = (number: number): Promise<void> => {
    wanted = number
    walking ??= walk()
      // Offline there is nothing to show; the next connection makes everything stale and it is asked again.
      .catch(() => {
        wanted = null
      })
      .finally(() => {
        walking = null
      })
    return walking
  }
  return {
    at: (index) => {
      const number = Math.floor(index / rowsPerPage)
      if (!isFresh(number) && number < end) void want(number)
      return pages.get(number)?.jobs[index % rowsPerPage]
    },
    rows: async (from, to) => {
      const rows: Job[] = []
      for (let number = Math.floor(from / rowsPerPage); number <= Math.floor(to / rowsPerPage); number += 1) {
        if (!isFresh(number)) await want(number)
        const first = number * rowsPerPage
        rows.push(...(pages.get(number)?.jobs.slice(Math.max(0, from - first), to - first + 1) ?? []))
      }
      return rows
    },
    find: (jobId) => pages.get(placeOf.get(jobId) ?? -1)?.jobs.find(({ id }) => id === jobId),
    replace: (job) => {
      const page = pages.get(placeOf.get(job.id) ?? -1)
      const index = page?.jobs.findIndex(({ id }) => id === job.id) ?? -1
      if (page === undefined || index < 0) return false
      page.jobs[index] = job
      return true
    },
    grown: () => {
      end = Infinity
      for (const [number, page] of pages) {
        if (page.jobs.length < rowsPerPage) pages.set(number, { ...page, round: -1 })
      }
      changed()
    },
    stale: () => {
      round += 1
      end = Infinity
      keys.clear()
      keys.set(0, null)
      changed()
    },
  }
}
