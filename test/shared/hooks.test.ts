import { describe, expect, it } from 'vitest'
import {
  deliveredAgainAtMs,
  deliveryPhases,
  isFor,
  maxDeliveryTries,
  moveDelivery,
  type DeliveryMove,
  type DeliveryState,
  type Hook,
} from '../../src/shared/hooks.ts'
import { batchEvent, folderEvent, hookBody, hookVariables, jobEvent, sampleEvent } from '../../src/shared/hook-events.ts'
import { failure } from '../../src/shared/failure.ts'
import { phases, type Job } from '../../src/shared/job.ts'
import type { Totals } from '../../src/shared/model.ts'
import { draftOf } from '../support/drafts.ts'
import { hookDraft } from '../support/hook-listeners.ts'

const why = failure('hook-failed', { because: 'http-status', status: 500 })
const answer = { status: 0, tookMs: 5 }
const states: Readonly<Record<DeliveryState['phase'], DeliveryState>> = {
  due: { phase: 'due', dueAtMs: 0 },
  running: { phase: 'running', startedAtMs: 1 },
  delivered: { phase: 'delivered', atMs: 1, answer },
  failed: { phase: 'failed', atMs: 1, why, dueAtMs: 9 },
  'given-up': { phase: 'given-up', atMs: 1, why },
}
const moves: readonly DeliveryMove[] = [
  { type: 'claim', atMs: 2 },
  { type: 'deliver', atMs: 2, answer },
  { type: 'fail', atMs: 2, why, dueAtMs: 9 },
  { type: 'giveUp', atMs: 2, why },
  { type: 'putBack' },
  { type: 'again' },
]

describe('a delivery', () => {
  it('has these moves and no others', () => {
    const table = deliveryPhases.flatMap((phase) =>
      moves.flatMap((move) => {
        const to = moveDelivery(states[phase], move)
        return to === null ? [] : [`${phase} ${move.type} ${to.phase}`]
      }),
    )
    expect(table).toEqual([
      'due claim running',
      'running deliver delivered',
      'running fail failed',
      'running giveUp given-up',
      'running putBack due',
      'failed claim running',
      'failed again due',
      'given-up again due',
    ])
  })

  it('that fails is tried again after five seconds, then ever later, for some eight hours', () => {
    const waits = Array.from({ length: maxDeliveryTries }, (_, n) => deliveredAgainAtMs(n + 1, null, 0, 1))
    const hours = waits.reduce<number>((sum, ms) => sum + (ms ?? 0), 0) / 3_600_000
    expect([waits[0], waits[1], waits.at(-1), hours > 7 && hours < 9]).toEqual([5_000, 20_000, null, true])
    expect(deliveredAgainAtMs(1, null, 0, 0)).toBe(2_500)
  })

  it('waits as long as its receiver asks for, but no more than six hours', () => {
    expect([deliveredAgainAtMs(1, 60_000, 0, 1), deliveredAgainAtMs(1, 1e12, 0, 1), deliveredAgainAtMs(3, 1_000, 0, 1)]).toEqual([
      60_000,
      6 * 3_600_000,
      80_000,
    ])
  })
})

function job(state: Job['state'], change: Partial<Job['order']> = {}): Job {
  const { order, ...rest } = draftOf('take.wav')
  return { ...rest, id: 7, batchId: 3, attempt: 1, createdAtMs: 0, state, order: { ...order, ...change } }
}
const outputs = [{ path: '/music/take.mp3', bytes: 400, mtimeMs: 0 }]
const done = job({ phase: 'done', finishedAtMs: 5, outputs, notes: [], archivedTo: null, tookMs: 80 })
const failed = job({ phase: 'failed', finishedAtMs: 5, why: failure('source-damaged', { path: '/music/take.wav' }) })
const none = Object.fromEntries(phases.map((phase) => [phase, 0])) as Totals

describe('a hook', () => {
  const hook: Hook = { ...hookDraft({ kind: 'url', url: 'https://example.org' }), id: 1, on: true, createdAtMs: 0 }

  it('is for what it says: moment, outcome, watched folder, preset, and only while it is on', () => {
    const event = jobEvent(job(done.state, { preset: 'podcast' }), 4)
    expect([
      isFor(hook, event),
      isFor({ ...hook, on: false }, event),
      isFor({ ...hook, after: 'batch' }, event),
      isFor({ ...hook, outcomes: ['failed'] }, event),
      isFor({ ...hook, folderId: 4 }, event),
      isFor({ ...hook, folderId: 5 }, event),
      isFor({ ...hook, preset: 'podcast' }, event),
      isFor({ ...hook, preset: 'web' }, event),
    ]).toEqual([true, false, false, false, true, false, true, false])
  })

  it('hears the worst of what came of a batch or a folder', () => {
    const outcome = (totals: Partial<Totals>) =>
      batchEvent({ id: 1, label: '', createdAtMs: 0, undoneAtMs: null, totals: { ...none, ...totals } }, null, 0).outcome
    expect([
      outcome({ done: 9, failed: 1 }),
      outcome({ done: 9, cancelled: 1 }),
      outcome({ done: 1, skipped: 9 }),
      outcome({ skipped: 1 }),
      folderEvent({ id: 1, path: '/in', out: null, done: 2, skipped: 0, failed: 1 }, 0).outcome,
    ]).toEqual(['failed', 'cancelled', 'done', 'skipped', 'failed'])
  })
})

describe('what a hook is told', () => {
  const envelope = { key: 'k1', hook: 'tell', attempt: 2, sample: false }

  it('of a job is all that is known of it, as JSON and as variables', () => {
    const event = jobEvent(done, null)
    expect(JSON.parse(hookBody(event, envelope))).toEqual({
      id: 'k1',
      event: 'job',
      outcome: 'done',
      at: '1970-01-01T00:00:00.005Z',
      hook: 'tell',
      attempt: 2,
      sample: false,
      job: {
        id: 7,
        batch: 3,
        source: '/music/take.wav',
        sourceBytes: 1000,
        from: 'wav',
        target: 'mp3',
        preset: null,
        provider: 'local',
        watchedFolder: null,
        folder: '/music',
        outputs: [{ path: '/music/take.mp3', bytes: 400 }],
        outputBytes: 400,
        archivedTo: null,
        failure: null,
        attempt: 1,
        tookMs: 80,
      },
    })
    expect(hookVariables(event, envelope)).toEqual({
      BESIDE_DELIVERY: 'k1',
      BESIDE_HOOK: 'tell',
      BESIDE_ATTEMPT: '2',
      BESIDE_SAMPLE: '',
      BESIDE_EVENT: 'job',
      BESIDE_OUTCOME: 'done',
      BESIDE_AT: '1970-01-01T00:00:00.005Z',
      BESIDE_JOB: '7',
      BESIDE_BATCH: '3',
      BESIDE_SOURCE: '/music/take.wav',
      BESIDE_SOURCE_BYTES: '1000',
      BESIDE_FROM: 'wav',
      BESIDE_TARGET: 'mp3',
      BESIDE_PRESET: '',
      BESIDE_PROVIDER: 'local',
      BESIDE_WATCHED: '',
      BESIDE_FOLDER: '/music',
      BESIDE_OUTPUT: '/music/take.mp3',
      BESIDE_OUTPUTS: '1',
      BESIDE_OUTPUT_BYTES: '400',
      BESIDE_FAILURE: '',
      BESIDE_MESSAGE: '',
    })
  })

  it('of a failure is its code, what happened and what to do', () => {
    const event = jobEvent(failed, null)
    expect((JSON.parse(hookBody(event, envelope)) as { job: { failure: unknown } }).job.failure).toMatchObject({
      code: 'source-damaged',
      message: expect.stringContaining('damaged') as string,
      action: expect.any(String) as string,
      facts: { path: '/music/take.wav' },
    })
    expect(hookVariables(event, envelope)).toMatchObject({ BESIDE_FAILURE: 'source-damaged', BESIDE_OUTPUT: '' })
  })

  it('never holds options, which may be secret, nor a NUL, which the system refuses', () => {
    const order = { options: { password: 'sealed:abc' }, source: { kind: 'url', url: 'https://example.org/a\0b' } } as const
    const event = jobEvent(job(done.state, order), null)
    expect([hookBody(event, envelope).includes('abc'), hookVariables(event, envelope)['BESIDE_SOURCE']]).toEqual([
      false,
      'https://example.org/ab',
    ])
  })

  it.each(['job', 'batch', 'folder'] as const)('as a sample of a %s has the same names as in earnest', (about) => {
    const real = {
      job: jobEvent(done, null),
      batch: batchEvent({ id: 1, label: 'drop', createdAtMs: 0, undoneAtMs: null, totals: { ...none, done: 1 } }, null, 0),
      folder: folderEvent({ id: 1, path: '/in', out: null, done: 1, skipped: 0, failed: 0 }, 0),
    }[about]
    const sample = sampleEvent(about, 'done', '/home/anna', 0)
    const names = (event: typeof real) => {
      const body = JSON.parse(hookBody(event, envelope)) as Readonly<Record<string, object>>
      return [Object.keys(body), Object.keys(body[about] ?? {}).toSorted(), Object.keys(hookVariables(event, envelope))]
    }
    expect(names(sample)).toEqual(names(real))
  })
})
