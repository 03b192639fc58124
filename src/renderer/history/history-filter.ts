/** What the user wants to see of the history, and what that means as a question. */
import type { FormatId } from '../../shared/formats.ts'
import type { finishedPhases, ProviderId } from '../../shared/job.ts'
import type { HistoryOrder, HistoryQuery } from '../../shared/model.ts'

export const spans = { day: 1, week: 7, month: 30, year: 365 } as const
export type Span = keyof typeof spans

export interface Wish {
  readonly text: string
  readonly outcome: (typeof finishedPhases)[number] | null
  readonly provider: ProviderId | null
  readonly target: FormatId | null
  readonly span: Span | null
  readonly sort: HistoryOrder
}

export const noWish: Wish = { text: '', outcome: null, provider: null, target: null, span: null, sort: 'newest' }

export function queryOf({ text, outcome, provider, target, span }: Omit<Wish, 'sort'>): HistoryQuery {
  return {
    ...(text.trim() === '' ? {} : { text: text.trim() }),
    ...(outcome === null ? {} : { outcomes: [outcome] }),
    ...(provider === null ? {} : { providers: [provider] }),
    ...(target === null ? {} : { targets: [target] }),
    ...(span === null ? {} : { fromMs: startOf(span) }),
  }
}

/** However much there is to sort. */
export function sortsAlways(order: HistoryOrder): boolean {
  return order === 'newest' || order === 'oldest'
}

function startOf(span: Span): number {
  const day = new Date()
  day.setHours(0, 0, 0, 0)
  day.setDate(day.getDate() - (spans[span] - 1))
  return day.getTime()
}
