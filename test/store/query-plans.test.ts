import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { createTables } from '../../src/main/store/open.ts'
import { migrations } from '../../src/main/store/schema.ts'
import { defineSortName } from '../../src/main/store/words.ts'
import { startMs } from '../support/drafts.ts'
import { testLog } from '../support/log.ts'

/** Notes every statement that is prepared. */
class Recorder extends Database {
  readonly statements: string[] = []

  override prepare(sql: string): never {
    this.statements.push(sql.replaceAll(/\s+/g, ' ').trim())
    return super.prepare(sql) as never
  }
}

function everyStatement(): readonly string[] {
  const db = new Recorder(':memory:')
  defineSortName(db)
  for (const change of migrations) db.exec(change)
  createTables(db, { log: testLog, nowMs: () => startMs, randomHex: () => '00' })
  return db.statements
}

const db = new Database(':memory:')
defineSortName(db)
for (const change of migrations) db.exec(change)

function planOf(sql: string): readonly string[] {
  const names = [...sql.matchAll(/@(\w+)/g)].map(([, name = '']) => [name, null])
  const given = names.length > 0 ? [Object.fromEntries(names)] : Array.from(sql.matchAll(/\?/g), () => null)
  return db
    .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
    .all(...given)
    .map(({ detail }) => detail)
}

/** Steps that cost more the more rows there are; walks along the search index and over a bound list are none. */
function costly(sql: string): readonly string[] {
  return planOf(sql).filter((step) => /^(SCAN (?!.* VIRTUAL TABLE|CONSTANT ROW)|USE TEMP B-TREE)/.test(step))
}

describe('the plan of every statement', () => {
  const statements = everyStatement()

  it('reads no whole table and sorts nothing, but for those that say so', () => {
    const found = statements.flatMap((sql) => costly(sql).map((step) => `${step}: ${sql.slice(0, 60)}`))
    expect(found.toSorted()).toEqual(
      [
        // The first rows by their own key.
        'SCAN history: SELECT job_id FROM history ORDER BY key LIMIT ?',
        'SCAN history USING COVERING INDEX history_by_duration: SELECT key FROM history LIMIT 1',
        'SCAN unindexed: SELECT key, words FROM unindexed ORDER BY key LIMIT ?',
        // Once, at opening; a few hundred rows.
        'SCAN unindexed: SELECT count(*) FROM (SELECT 1 FROM unindexed)',
        // As many as stand there: what a crash left.
        'SCAN batches USING COVERING INDEX batches_filling: SELECT id FROM batches WHERE filling = 1 ORDER BY id',
        `SCAN deliveries USING COVERING INDEX deliveries_running: SELECT id FROM deliveries WHERE phase = 'running' ORDER BY i`,
        // Nine rows; the user's presets.
        'SCAN presets: SELECT name, json FROM presets ORDER BY name',
        'SCAN totals: SELECT phase, jobs FROM totals',
        // As many as somebody has added.
        'SCAN watched_folders: SELECT * FROM watched_folders ORDER BY id',
        'SCAN api_keys USING INDEX sqlite_autoindex_api_keys_1: SELECT * FROM api_keys ORDER BY name',
        // Now and then, what was converted for others and is not a day old.
        'SCAN served_jobs: SELECT * FROM served_jobs',
        'SCAN hooks USING INDEX sqlite_autoindex_hooks_1: SELECT * FROM hooks ORDER BY name',
        'SCAN hooks: SELECT id FROM hooks ORDER BY id',
        // Now and then, what is gone from watched folders.
        'SCAN sightings USING INDEX sightings_gone: DELETE FROM sightings WHERE id IN (SELECT id FROM sightings ',
        // The lines of one name.
        'USE TEMP B-TREE FOR ORDER BY: SELECT * FROM sightings WHERE folder_id = ? AND name = ? AND',
        // Sums a day, over kept quarters of an hour or over what was asked for.
        'USE TEMP B-TREE FOR GROUP BY: SELECT (finished_at + CAST(@offsetMs AS INTEGER)) / 86400000',
        'USE TEMP B-TREE FOR GROUP BY: SELECT (finished_at + CAST(@offsetMs AS INTEGER)) / 86400000',
        'USE TEMP B-TREE FOR GROUP BY: SELECT (slot * 900000 + CAST(@offsetMs AS INTEGER)) / 864000',
        // What each provider was paid a day.
        'USE TEMP B-TREE FOR GROUP BY: SELECT (spent_at + CAST(@offsetMs AS INTEGER)) / 86400000 AS',
        // At most `maxSorted` rows that were found or lie in a time; the counts say beforehand whether they are so few.
        'SCAN (subquery-1): SELECT count(*) FROM (SELECT 1 FROM history WHERE key >= @fr',
        'SCAN (subquery-1): SELECT count(*) FROM (SELECT 1 FROM search CROSS JOIN histor',
        'USE TEMP B-TREE FOR ORDER BY: SELECT key, job_id AS jobId, bytes AS value FROM history WHE',
        'USE TEMP B-TREE FOR ORDER BY: SELECT key, job_id AS jobId, bytes AS value FROM search CROS',
        'USE TEMP B-TREE FOR ORDER BY: SELECT key, job_id AS jobId, saved AS value FROM history WHE',
        'USE TEMP B-TREE FOR ORDER BY: SELECT key, job_id AS jobId, saved AS value FROM search CROS',
        'USE TEMP B-TREE FOR ORDER BY: SELECT key, job_id AS jobId, sort_name AS value FROM history',
        'USE TEMP B-TREE FOR ORDER BY: SELECT key, job_id AS jobId, sort_name AS value FROM search ',
        'USE TEMP B-TREE FOR ORDER BY: SELECT key, job_id AS jobId, took_ms AS value FROM history W',
        'USE TEMP B-TREE FOR ORDER BY: SELECT key, job_id AS jobId, took_ms AS value FROM search CR',
      ].toSorted(),
    )
  })

  it.each<[what: string, words: string, step: string]>([
    ['a claim', "UPDATE jobs SET phase = 'running'", 'SEARCH jobs USING COVERING INDEX jobs_ready (lane=?)'],
    [
      'letting in what is due',
      'UPDATE jobs SET due_at = 0',
      'SEARCH jobs USING COVERING INDEX jobs_later (due_at>? AND due_at<?)',
    ],
    ['the next lane', 'SELECT lane FROM jobs', 'SEARCH jobs USING COVERING INDEX jobs_ready (lane>?)'],
    ['the next due time', 'SELECT due_at FROM jobs', 'SEARCH jobs USING COVERING INDEX jobs_later (due_at>?)'],
    [
      'a page of the queue',
      'SELECT precedence, position, id FROM jobs WHERE phase = @phase',
      'SEARCH jobs USING COVERING INDEX jobs_in_order (phase=? AND (precedence,position)>(?,?))',
    ],
    [
      'a page of a batch',
      'SELECT precedence, position, id FROM jobs WHERE batch_id',
      'SEARCH jobs USING COVERING INDEX jobs_of_batch (batch_id=? AND phase=? AND (precedence,position)>(?,?))',
    ],
    [
      'joining',
      'SELECT id FROM jobs WHERE folder_hash',
      'SEARCH jobs USING INDEX jobs_of_source (folder_hash=? AND name_hash=? AND plan_id=?)',
    ],
    [
      'who else needs a source',
      'SELECT (SELECT count(*) FROM jobs WHERE folder_hash',
      'SEARCH jobs USING INDEX jobs_of_source (folder_hash=? AND name_hash=?)',
    ],
    ['the writer of a file', 'SELECT jobs.id AS jobId, jobs.batch_id', 'SEARCH outputs USING PRIMARY KEY (path=?)'],
    [
      'the line of a file',
      'SELECT * FROM sightings WHERE folder_id = ? AND dir = ? AND name',
      'SEARCH sightings USING INDEX sightings_there (folder_id=? AND dir=? AND name=?)',
    ],
    [
      'a line by its inode',
      'SELECT * FROM sightings WHERE folder_id = ? AND inode',
      'SEARCH sightings USING INDEX sightings_by_inode (folder_id=? AND inode=?)',
    ],
    [
      'a page of the ledger',
      'SELECT * FROM sightings WHERE folder_id = @folder',
      'SEARCH sightings USING INDEX sightings_lately (folder_id=? AND (since,state)<(?,?))',
    ],
    [
      'the line of a job',
      'SELECT sighting_id AS sightingId, output, batch_id AS batchId, job_id AS jobId FROM sighting_jobs WHERE job_id = ?',
      'SEARCH sighting_jobs USING INDEX sighting_jobs_of_job (job_id=?)',
    ],
    ['a page of the history', 'SELECT history.key, jobs.id', 'SEARCH history USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)'],
    [
      'the history by name',
      'SELECT key, job_id AS jobId, sort_name AS value FROM history WHERE (',
      'SEARCH history USING INDEX history_by_name ((sort_name,place)>(?,?))',
    ],
    [
      'the history by size',
      'SELECT key, job_id AS jobId, bytes AS value FROM history WHERE (',
      'SEARCH history USING INDEX history_by_size ((bytes,place)<(?,?))',
    ],
    [
      'the history by what was saved',
      'SELECT key, job_id AS jobId, saved AS value FROM history WHERE (',
      'SEARCH history USING INDEX history_by_saved ((saved,place)<(?,?))',
    ],
    [
      'the history by duration',
      'SELECT key, job_id AS jobId, took_ms AS value FROM history WHERE (',
      'SEARCH history USING INDEX history_by_duration ((took_ms,place)<(?,?))',
    ],
    [
      'the runs of a source',
      'SELECT id FROM jobs WHERE repeats = ?',
      'SEARCH jobs USING COVERING INDEX jobs_repeating (repeats=?)',
    ],
    [
      'the next delivery',
      'SELECT id, due_at AS dueAt FROM deliveries',
      'SEARCH deliveries USING COVERING INDEX deliveries_due (hook_id=? AND due_at>?)',
    ],
    [
      'a page of deliveries',
      'SELECT * FROM deliveries INDEXED BY deliveries_of_hook',
      'SEARCH deliveries USING INDEX deliveries_of_hook (hook_id=? AND rowid<?)',
    ],
    ['a search', 'SELECT history.key, jobs.id', 'SEARCH history USING INTEGER PRIMARY KEY (rowid=?)'],
  ])('of %s goes by its index', (_, words, step) => {
    const plans = statements.filter((sql) => sql.startsWith(words)).map(planOf)
    expect(plans.flat()).toContain(step)
  })

  it('of a search takes its bounds and its order from the search index', () => {
    const search = statements.find((sql) => sql.includes('search MATCH') && sql.includes('ORDER BY')) ?? ''
    // M: matches; > and <: between two row numbers; the sorted flag is in the number.
    expect(planOf(search)[0]).toMatch(/^SCAN search VIRTUAL TABLE INDEX \d+:M1><$/)
  })
})
