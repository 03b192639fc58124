/**
 * The full-text index over finished jobs (FTS5). Its row numbers are keys of the history, so matches come newest first. Besides the
 * words of a job it holds a mark for each of its facts that a query can ask for: a filter is then one more word to be there, and
 * rare ones are found as fast as frequent ones.
 *
 * - Words go in by the hundred, since FTS5 writes a segment at each commit: 2 ms for one row, 20 µs a row for many. Until then
 *   they addWaiting in `unindexed`; every question takes them in first.
 * - FTS5 walks the beginning of a word fast where it has an index of beginnings of that length. For longer ones it would gather all
 *   matches first, so they are looked up in `vocabulary` and asked for as whole words, while they are few.
 */
import { leftCount } from '../../shared/content-texts.ts'
import type { Job } from '../../shared/job.ts'
import type { HistoryQuery } from '../../shared/model.ts'
import type { StoreConnection } from './connection.ts'
import { wordsOf, wordsToFind } from './words.ts'

/** The longest of the beginnings that `search` has an index of (in characters; see schema.ts). */
const maxIndexedBeginning = 3
const batchSize = 250
const maxWholeWords = 128

export type Match = { readonly kind: 'all' } | { readonly kind: 'none' } | { readonly kind: 'some'; readonly expression: string }

export interface SearchIndex {
  put(key: number, job: Job): void
  take(key: number): void
  /** What a query means in FTS5's language. Everything that was put is then in the index. */
  match(query: HistoryQuery): Match
  clear(): void
}

export function createSearchIndex(db: StoreConnection): SearchIndex {
  const addWaiting = db.prepare<[number, string]>('INSERT INTO unindexed VALUES (?, ?)')
  const waiting = db.prepare<[], number>('SELECT count(*) FROM (SELECT 1 FROM unindexed)').pluck()
  const oldest = db.prepare<[number], { key: number; words: string }>('SELECT key, words FROM unindexed ORDER BY key LIMIT ?')
  const removeWaiting = db.prepare<[number]>('DELETE FROM unindexed WHERE key = ?')
  const removeWaitingUntil = db.prepare<[number]>('DELETE FROM unindexed WHERE key <= ?')
  const insert = db.prepare<[number, string]>('INSERT INTO search (rowid, words) VALUES (CAST(? AS INTEGER), ?)')
  const remove = db.prepare<[number]>('DELETE FROM search WHERE rowid = CAST(? AS INTEGER)')
  const addWord = db.prepare<[string]>('INSERT INTO vocabulary VALUES (?) ON CONFLICT DO NOTHING')
  const beginningWith = db
    .prepare<[string, string, number], string>('SELECT word FROM vocabulary WHERE word >= ? AND word < ? LIMIT ?')
    .pluck()
  /** Rows that addWaiting, or more than that. */
  let count = waiting.get() ?? 0

  /** Answers how many it took in. */
  const index = (): number => {
    const rows = oldest.all(batchSize)
    const found = new Set<string>()
    for (const { key, words } of rows) {
      insert.run(key, words)
      for (const word of words.split(' ')) found.add(word)
    }
    // Most words of a job are those of the one before.
    for (const word of found) if (isLong(word)) addWord.run(word)
    removeWaitingUntil.run(rows.at(-1)?.key ?? 0)
    count = Math.max(0, count - rows.length)
    return rows.length
  }
  const indexAll = db.transaction(() => {
    while (index() > 0);
    count = 0
  })
  const beginning = (word: string): string | null => {
    if (!isLong(word)) return `"${word}"*`
    const whole = beginningWith.all(word, `${word}\u{10ffff}`, maxWholeWords + 1)
    if (whole.length === 0) return null
    return whole.length > maxWholeWords ? `"${word}"*` : anyOf(whole)
  }
  return {
    put: (key, job) => {
      addWaiting.run(key, [...wordsOf(job), ...marksOf(job)].join(' '))
      count += 1
      if (count >= batchSize) index()
    },
    take: (key) => {
      if (removeWaiting.run(key).changes === 0) remove.run(key)
    },
    match: (query) => {
      const words = wordsToFind(query.text ?? '')
      const marks = wantedMarks(query)
      if (words.length + marks.length === 0) return { kind: 'all' }
      if (count > 0) indexAll()
      const clauses = [...marks.map(anyOf), ...words.map(beginning)]
      if (clauses.includes(null)) return { kind: 'none' }
      return { kind: 'some', expression: clauses.join(' AND ') }
    },
    clear: () => {
      db.exec(`INSERT INTO search (search) VALUES ('delete-all'); DELETE FROM unindexed; DELETE FROM vocabulary`)
      count = 0
    },
  }
}

function isLong(word: string): boolean {
  return word.length > maxIndexedBeginning && Array.from(word).length > maxIndexedBeginning && !word.startsWith(sign)
}

/** No word that is typed holds it, and to FTS5's `ascii` tokenizer it is a letter like any other. */
const sign = '¤'

function mark(what: string, value: string | number): string {
  return `${sign}${what}${sign}${value}`
}

const leftMark = mark('left', 'yes')

function marksOf(job: Job): readonly string[] {
  return [
    mark('outcome', job.state.phase),
    mark('provider', job.provider),
    mark('target', job.order.target),
    mark('batch', job.batchId),
    ...(job.state.phase === 'done' && leftCount(job.state.notes) > 0 ? [leftMark] : []),
  ]
}

/** An empty list asks for nothing, as one that is not there. */
function wantedMarks({
  outcomes = [],
  providers = [],
  targets = [],
  batchId,
  left,
}: HistoryQuery): readonly (readonly string[])[] {
  return [
    outcomes.map((outcome) => mark('outcome', outcome)),
    providers.map((provider) => mark('provider', provider)),
    targets.map((target) => mark('target', target)),
    batchId === undefined ? [] : [mark('batch', batchId)],
    left === true ? [leftMark] : [],
  ].filter((marks) => marks.length > 0)
}

function anyOf(words: readonly string[]): string {
  return `(${words.map((word) => `"${word}"`).join(' OR ')})`
}
