import { describe, expect, it } from 'vitest'
import { fileOutcomeOf, retryAtMs } from '../../src/main/watch/enqueue.ts'
import { failure, type FailureCode } from '../../src/shared/failure.ts'
import { atStart, type Job, type JobState } from '../../src/shared/job.ts'
import { draftOf } from '../support/drafts.ts'

const out = { order: { folder: '/results' } }

function job(state: JobState, wish: Parameters<typeof draftOf>[1] = {}): Job {
  return { ...draftOf('take.wav', wish), id: 1, batchId: 1, attempt: 1, createdAtMs: 0, state }
}
const failed = (code: FailureCode): Extract<JobState, { phase: 'failed' }> => ({
  phase: 'failed',
  finishedAtMs: 0,
  why: failure(code),
})
const done: JobState = { phase: 'done', finishedAtMs: 0, outputs: [], notes: [], archivedTo: null }

describe('what a file has come to', () => {
  it.each<[what: string, jobs: readonly (Job | null)[], kind: string]>([
    ['done', [job(done)], 'done'],
    ['done, and the history cleared', [null], 'done'],
    ['nothing ordered, or taken back', [], 'not-enqueued'],
    [
      'one of two results still under way',
      [job(done), job({ phase: 'queued', dueAtMs: 0, work: atStart, last: null })],
      'working',
    ],
    ['one of two results failed', [job(done), job(failed('source-damaged'))], 'failed'],
    ['the file was away', [job(failed('source-missing'))], 'missed'],
    ['another file was in its place', [job(failed('source-changed'))], 'missed'],
    ['its whole folder was away', [job(failed('folder-missing'))], 'missed'],
    ['the folder for results was away', [job(failed('folder-missing'), out)], 'hindered'],
    ['the disk was full', [job(failed('disk-full'))], 'hindered'],
    ['one failed for its own sake, one for a full disk', [job(failed('disk-full')), job(failed('tool-crashed'))], 'failed'],
    [
      'one failed after a provider had taken it',
      [job(failed('disk-full')), job({ ...failed('gone'), sent: true })],
      'failed-after-payment',
    ],
    ['taken back by the user', [job({ phase: 'cancelled', finishedAtMs: 0 })], 'left'],
  ])('%s', (_, jobs, kind) => expect(fileOutcomeOf(jobs, 'never').kind).toBe(kind))

  it('is tried again as often as there are waits, and then no more', () => {
    expect([1, 2, 3].map((attempts) => retryAtMs(attempts, 1000, [10, 20]))).toEqual([1010, 1020, null])
  })
})
