/** From a line of the ledger to the jobs that came of it: noted before a file is handed over, completed after. */
import type { Why } from '../../shared/folders.ts'
import type { Connection } from './connection.ts'
import type { Handed, Line, SightingStore } from './ledger.ts'

export type Hands = Pick<SightingStore, 'hand' | 'handed' | 'refuse' | 'unhand' | 'openHands' | 'handsOf' | 'ofJob' | 'letGo'>

const columns = 'sighting_id AS sightingId, output, batch_id AS batchId, job_id AS jobId'

/** @param queued makes lines queued, within the transaction. */
export function createHands(db: Connection, queued: (ids: readonly number[], why: Why, nowMs: number) => readonly Line[]): Hands {
  const put = db.prepare<[number, number, number]>(
    'INSERT INTO sighting_jobs VALUES (?, ?, ?, NULL) ON CONFLICT DO UPDATE SET batch_id = excluded.batch_id, job_id = NULL',
  )
  const complete = db.prepare<[number, number, number]>(
    'UPDATE sighting_jobs SET job_id = ? WHERE sighting_id = ? AND output = ?',
  )
  const open = db.prepare<[number], Handed>(`
    SELECT ${columns} FROM sighting_jobs WHERE job_id IS NULL AND batch_id > 0
      AND EXISTS (SELECT 1 FROM sightings WHERE sightings.id = sighting_id AND folder_id = ?)`)
  const ofSighting = db.prepare<[number], Handed>(`SELECT ${columns} FROM sighting_jobs WHERE sighting_id = ? ORDER BY output`)
  const ofJob = db.prepare<[number], Handed>(`SELECT ${columns} FROM sighting_jobs WHERE job_id = ?`)
  const removeOne = db.prepare<[number, number]>('DELETE FROM sighting_jobs WHERE sighting_id = ? AND output = ?')
  const remove = db.prepare<[number]>('DELETE FROM sighting_jobs WHERE sighting_id = ?')

  return {
    hand: db.transaction((ids: readonly number[], batches: Parameters<SightingStore['hand']>[1], why: Why, nowMs: number) => {
      for (const id of ids) for (const { output, batchId } of batches) put.run(id, output, batchId)
      return queued(ids, why, nowMs)
    }),
    handed: db.transaction((rows: readonly { sightingId: number; output: number; jobId: number }[]) => {
      for (const { sightingId, output, jobId } of rows) complete.run(jobId, sightingId, output)
    }),
    refuse: (sightingId, output) => void put.run(sightingId, output, 0),
    unhand: (sightingId, output) => void removeOne.run(sightingId, output),
    openHands: (folderId) => open.all(folderId),
    handsOf: (sightingId) => ofSighting.all(sightingId),
    ofJob: (jobId) => ofJob.all(jobId),
    letGo: (sightingId) => void remove.run(sightingId),
  }
}
