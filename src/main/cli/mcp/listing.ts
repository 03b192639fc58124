/**
 * Jobs by the page, as far as they may be shown. Those that may not are passed over without a word: an assistant that could have all jobs searched, and
 * see where the search came to its end, could guess what the others are called. So whatever it asks for is looked for among those that may be shown.
 */
import { randomUUID } from 'node:crypto'
import { JobError } from '../../../shared/failure.ts'
import type { Job, Phase } from '../../../shared/job.ts'
import type { Allowed } from './allowed.ts'

export interface ShownPage {
  readonly jobs: readonly Job[]
  readonly next: string | null
}

/** Where a list goes on: behind a row, and so many rows after it. */
interface Place {
  readonly after: string | null
  readonly skip: number
}

export type PageOf = (place: Place & { readonly limit: number }) => Promise<ShownPage>

export interface ShownJobs {
  /**
   * @param isWanted of a job that may be shown
   * @throws JobError `usage` for what is no `next` of an answer of this server
   */
  page(
    pageOf: PageOf,
    asked: { readonly after: string | null; readonly limit: number },
    isWanted?: (job: Job) => boolean,
  ): Promise<ShownPage>
  /** How many jobs of a batch that may be shown are in each phase; null: none of them may. */
  counts(pageOf: PageOf): Promise<Readonly<Partial<Record<Phase, number>>> | null>
}

const pageRows = 500
/** Rows that are looked through for one answer; the next one goes on from there. */
const maxRows = 10_000
/** Lists that can be gone on with; the oldest is forgotten. */
const maxPlaces = 1000

/** What an assistant gets to go on with says nothing about rows that it does not see. */
export function createShownJobs(allowed: Allowed): ShownJobs {
  const places = new Map<string, Place>()

  const keep = (place: Place): string => {
    const [oldest] = places.keys()
    if (places.size >= maxPlaces && oldest !== undefined) places.delete(oldest)
    const name = randomUUID()
    places.set(name, place)
    return name
  }
  const placeOf = (name: string | null): Place => {
    if (name === null) return { after: null, skip: 0 }
    const place = places.get(name)
    if (place === undefined) throw new JobError('usage', { because: 'bad-cursor', value: name })
    return place
  }
  return {
    page: async (pageOf, { after, limit }, isWanted = () => true) => {
      const jobs: Job[] = []
      let place = placeOf(after)
      for (let rows = 0; rows < maxRows; rows += pageRows) {
        const page = await pageOf({ ...place, limit: pageRows })
        for (const [index, job] of page.jobs.entries()) {
          if (jobs.length >= limit) return { jobs, next: keep({ ...place, skip: place.skip + index }) }
          if (isWanted(job) && (await allowed.shows(job))) jobs.push(job)
        }
        if (page.next === null) return { jobs, next: null }
        place = { after: page.next, skip: 0 }
      }
      return { jobs, next: keep(place) }
    },

    counts: async (pageOf) => {
      const counts: Partial<Record<Phase, number>> = {}
      let after: string | null = null
      let isAny = false
      for (let rows = 0; rows < maxRows; rows += pageRows) {
        const page: ShownPage = await pageOf({ after, skip: 0, limit: pageRows })
        for (const job of page.jobs) {
          if (!(await allowed.shows(job))) continue
          isAny = true
          counts[job.state.phase] = (counts[job.state.phase] ?? 0) + 1
        }
        after = page.next
        if (after === null) break
      }
      return isAny ? counts : null
    },
  }
}
