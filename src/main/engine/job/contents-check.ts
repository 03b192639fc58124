/**
 * The second half of the gate: whether the result holds what was planned, and what is to be said of the rest. What should have been kept
 * and is missing makes a bad result; what its format or its provider left behind is a note on the job.
 * Apart from the check of each file by itself.
 */
import { rm } from 'node:fs/promises'
import { contentsOf, missingIn } from '../../../shared/contents.ts'
import { belongsTo, gradeIn, isGraded, maxNames, type ContentItem, type Thing } from '../../../shared/things.ts'
import { JobError, type FactsOf } from '../../../shared/failure.ts'
import { placesIn } from '../../../shared/location.ts'
import { factsOf } from '../../../shared/formats.ts'
import type { Order, Part } from '../../../shared/job.ts'
import type { Note } from '../../../shared/notes.ts'
import type { MediaFacts } from '../../../shared/media.ts'
import type { Fate, Provider } from '../../providers/provider.ts'

export interface ContentsChecking {
  /** Null where nobody could look into the source, as into an address: then there is nothing to compare. */
  readonly source: MediaFacts | null
  /** Of all parts that could be looked into. */
  readonly results: readonly MediaFacts[]
  readonly order: Pick<Order, 'target' | 'options'> & Partial<Pick<Order, 'from'>>
  readonly provider: Pick<Provider, 'fate'>
  readonly parts: readonly Part[]
}

/** What a result leaves behind, whatever else it lacks: of a part of its source, that says nothing. */
export function leftBehind({ source, results, order, provider }: Omit<ContentsChecking, 'parts'>): readonly Note[] {
  const [result] = results
  if (source === null || result === undefined) return []
  const whole = merged(results, result)
  return notesOf(compared(source, whole, fatesOf(order, provider)).left, contentsOf(whole))
}

/** @throws JobError `output-bad` where something is missing that was to be kept, or a place is told that was not; the parts are gone then. */
export async function checkContents({ source, results, order, provider, parts }: ContentsChecking): Promise<readonly Note[]> {
  const [result] = results
  const [place] = order.options.preserveLocation === false ? results.flatMap(placesIn) : []
  if (place !== undefined) return await refused(parts, { because: 'location-left', name: place })
  if (source === null || result === undefined || results.some(isLocked)) return []
  const whole = merged(results, result)
  const { lost, left } = compared(source, whole, fatesOf(order, provider))
  if (lost.length > 0) {
    const [{ thing, name } = { thing: 'tag', name: '' }] = lost
    return await refused(parts, { because: 'contents-missing', thing, name })
  }
  return notesOf(left, contentsOf(whole))
}

/** Nobody here can look into what has just got a password. */
function isLocked({ document }: MediaFacts): boolean {
  return document?.isEncrypted === true
}

async function refused(parts: readonly Part[], facts: FactsOf['output-bad']): Promise<never> {
  for (const { temp } of parts) await rm(temp, { force: true })
  throw new JobError('output-bad', facts)
}

function fatesOf(order: ContentsChecking['order'], provider: Pick<Provider, 'fate'>): (content: ContentItem) => Fate {
  return (content) => {
    if (!belongsTo(content.thing, factsOf(order.target).family)) return 'unasked'
    return provider.fate?.(content, order.target, order.options, order.from) ?? 'left'
  }
}

/** Pages that became files of their own are all there, if there are as many. */
function merged(results: readonly MediaFacts[], first: MediaFacts): MediaFacts {
  if (results.length === 1 || first.image === null) return first
  return { ...first, image: { ...first.image, pages: results.reduce((sum, { image }) => sum + (image?.pages ?? 0), 0) } }
}

/** Pure: what is missing although it was to be kept, and what was left behind. */
export function compared(
  source: MediaFacts,
  result: MediaFacts,
  fateOf: (content: ContentItem) => Fate,
): { readonly lost: readonly ContentItem[]; readonly left: readonly ContentItem[] } {
  const [before, after] = [contentsOf(source), contentsOf(result)]
  const missing = missingIn(after, before)
  const count = (contents: readonly ContentItem[], thing: Thing) => contents.filter((content) => content.thing === thing).length
  const isLost = (content: ContentItem): boolean => {
    const fate = fateOf(content)
    // A field may hold numbers alone where the source has a word: one of many that was not taken is named, and is no reason to lose the rest.
    if (fate === 'kept' && content.thing === 'tag') return count(after, 'tag') === 0 && count(before, 'tag') > 1
    return fate === 'kept' || (fate === 'counted' && count(after, content.thing) < count(before, content.thing))
  }
  const isLeft = (content: ContentItem) => fateOf(content) === 'left' || (fateOf(content) === 'kept' && !isLost(content))
  return { lost: missing.filter(isLost), left: missing.filter(isLeft) }
}

function notesOf(left: readonly ContentItem[], after: readonly ContentItem[]): readonly Note[] {
  const byThing = Map.groupBy(left, ({ thing }) => thing)
  const gradeOf = (thing: Thing) => {
    const grade = isGraded(thing) ? gradeIn(after, thing) : null
    return grade === null ? {} : { result: grade }
  }
  return [...byThing].map(([thing, contents]) => ({
    what: 'left',
    thing,
    count: contents.length,
    names: contents
      .filter(({ name }) => name !== '')
      .slice(0, maxNames)
      .map(({ name, language }) => ({ name, ...(language !== undefined && { language }) })),
    ...gradeOf(thing),
  }))
}
