import { describe, expect, it } from 'vitest'
import {
  atStart,
  finishedPhases,
  isFinished,
  jobSchema,
  jobStateSchema,
  livePhases,
  move,
  phases,
  workOf,
  workSchema,
  type JobEvent,
  type JobState,
  type Phase,
  type Step,
  type Work,
} from '../../src/shared/job.ts'
import { draftOf } from '../support/drafts.ts'

const ticket = { ids: { job: '7' }, submittedAtMs: 1, expiresAtMs: null }
const why = { code: 'network', facts: {} } as const
const works: Readonly<Record<Step, Work>> = {
  prepare: { step: 'prepare' },
  submit: { step: 'submit', key: 'k', notes: {} },
  wait: { step: 'wait', ticket },
  fetch: { step: 'fetch', ticket },
  verify: { step: 'verify', parts: [], ticket: null },
  place: { step: 'place', parts: [], base: 'take', places: [], ticket },
  afterwards: { step: 'afterwards', outputs: [], notes: [] },
}
const work = works.wait
const states: Readonly<Record<Phase, JobState>> = {
  queued: { phase: 'queued', dueAtMs: 500, work, last: why },
  running: { phase: 'running', startedAtMs: 5, work },
  paused: { phase: 'paused', work },
  waiting: { phase: 'waiting', why, work },
  uncertain: { phase: 'uncertain', why, work: works.submit },
  done: { phase: 'done', finishedAtMs: 9, outputs: [], notes: [], archivedTo: null },
  skipped: { phase: 'skipped', finishedAtMs: 9, why },
  failed: { phase: 'failed', finishedAtMs: 9, why },
  cancelled: { phase: 'cancelled', finishedAtMs: 9 },
}
const outputs = [{ path: '/music/take.mp3', bytes: 7, mtimeMs: 1 }]
const events: Readonly<Record<string, JobEvent>> = {
  claim: { type: 'claim', atMs: 10 },
  step: { type: 'step', work: works.fetch },
  finish: { type: 'finish', atMs: 10, outputs, notes: [], archivedTo: '/music/converted/take.wav' },
  skip: { type: 'skip', atMs: 10, why },
  fail: { type: 'fail', atMs: 10, why },
  again: { type: 'again', dueAtMs: 60, why, work: works.submit },
  hold: { type: 'hold', why, work: works.prepare },
  doubt: { type: 'doubt', why },
  pause: { type: 'pause' },
  resume: { type: 'resume' },
  approve: { type: 'approve' },
  change: { type: 'change' },
  cancel: { type: 'cancel', atMs: 10 },
  retry: { type: 'retry' },
  'resolve done': { type: 'resolve', as: 'done', atMs: 10 },
  'resolve again': { type: 'resolve', as: 'again', work: atStart },
  'resolve forget': { type: 'resolve', as: 'forget', atMs: 10 },
}

// What becomes of a job in the phase of the column. A dot: the event means nothing there.
const table = `
               | queued    | running   | paused    | waiting   | uncertain | done | skipped | failed | cancelled
claim          | running   | .         | .         | .         | .         | .    | .       | .      | .
step           | .         | running   | .         | .         | .         | .    | .       | .      | .
finish         | .         | done      | .         | .         | .         | .    | .       | .      | .
skip           | .         | skipped   | .         | skipped   | .         | .    | .       | .      | .
fail           | .         | failed    | .         | .         | .         | .    | .       | .      | .
again          | .         | queued    | .         | queued    | .         | .    | .       | .      | .
hold           | .         | waiting   | .         | .         | .         | .    | .       | .      | .
doubt          | .         | uncertain | .         | .         | .         | .    | .       | .      | .
pause          | paused    | paused    | .         | .         | .         | .    | .       | .      | .
resume         | .         | .         | queued    | .         | .         | .    | .       | .      | .
approve        | .         | .         | .         | queued    | .         | .    | .       | .      | .
change         | .         | .         | .         | .         | .         | .    | .       | .      | .
cancel         | cancelled | cancelled | cancelled | cancelled | .         | .    | .       | .      | .
retry          | queued    | .         | .         | .         | .         | .    | queued  | queued | queued
resolve done   | .         | .         | .         | .         | done      | .    | .       | .      | .
resolve again  | .         | .         | .         | .         | queued    | .    | .       | .      | .
resolve forget | .         | .         | .         | .         | cancelled | .    | .       | .      | .
`

/** The table as move() has it, drawn the same way. */
function drawn(): string {
  const rows = Object.entries(events).map(([name, event]) => [
    name,
    ...phases.map((phase) => move(states[phase], event)?.phase ?? '.'),
  ])
  const cells = [['', ...phases], ...rows]
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? []
  const lines = cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(' | ')
      .trimEnd(),
  )
  return `\n${lines.join('\n')}\n`
}

describe('the moves of a job', () => {
  it('are these, for every phase and every event', () => {
    expect(drawn()).toBe(table)
  })

  it('know every phase, and end every job in one that only the user can leave', () => {
    expect([...livePhases, ...finishedPhases]).toEqual(phases)
    expect(phases.filter((phase) => isFinished(states[phase]))).toEqual(finishedPhases)
    expect(move(states.done, { type: 'retry' })).toBeNull()
  })

  it('keep the step and its work wherever the job goes on from it', () => {
    const kept = [
      move(states.queued, { type: 'claim', atMs: 10 }),
      move(states.queued, { type: 'pause' }),
      move(states.queued, { type: 'retry' }),
      move(states.running, { type: 'pause' }),
      move(states.running, { type: 'doubt', why }),
      move(states.paused, { type: 'resume' }),
      move(states.waiting, { type: 'approve' }),
    ]
    expect(kept.map((state) => state && workOf(state))).toEqual(kept.map(() => work))
  })

  it('begin anew after a failure, a cancel, a skip', () => {
    const again = (['failed', 'cancelled', 'skipped'] as const).map((phase) => move(states[phase], { type: 'retry' }))
    expect(again).toEqual(again.map(() => ({ phase: 'queued', dueAtMs: 0, work: works.prepare, last: null })))
  })

  it('put a job back with the time and the reason it was given', () => {
    expect(move(states.running, { type: 'again', dueAtMs: 60, why, work: works.submit })).toEqual({
      phase: 'queued',
      dueAtMs: 60,
      work: works.submit,
      last: why,
    })
    expect(move(states.queued, { type: 'retry' })).toMatchObject({ dueAtMs: 0, last: why })
  })

  it('remember that the user said yes to the price, where the job has not been submitted', () => {
    const asked: JobState = { phase: 'waiting', why, work: works.prepare }
    expect(move(asked, { type: 'approve' })).toMatchObject({ work: { step: 'prepare', approved: true } })
  })

  it('give a job that has not begun another order, of which nothing was said yet', () => {
    const notBegun: readonly Work[] = [{ step: 'prepare', approved: true }, works.submit]
    const begun: readonly Work[] = [
      { ...works.submit, inDoubt: true } as Work,
      works.wait,
      works.fetch,
      works.verify,
      works.place,
    ]
    const changed = (at: Work) =>
      (['queued', 'paused', 'waiting'] as const).map((phase) =>
        move({ ...states[phase], work: at } as JobState, { type: 'change' }),
      )
    for (const at of notBegun)
      expect(changed(at)).toEqual([
        { phase: 'queued', dueAtMs: 0, work: atStart, last: null },
        { phase: 'paused', work: atStart },
        { phase: 'queued', dueAtMs: 0, work: atStart, last: null },
      ])
    for (const at of begun) expect(changed(at)).toEqual([null, null, null])
  })

  it('never change the state they are given', () => {
    const before = structuredClone(states)
    for (const state of Object.values(states)) for (const event of Object.values(events)) move(state, event)
    expect(states).toEqual(before)
  })
})

describe('a job from the disk or the wire', () => {
  const job = { id: 1, batchId: 2, ...draftOf('take.wav'), state: states.queued, attempt: 0, createdAtMs: 5 }

  it('is understood in every phase and at every step', () => {
    for (const state of Object.values(states)) expect(jobStateSchema.parse(JSON.parse(JSON.stringify(state)))).toEqual(state)
    for (const at of Object.values(works)) expect(workSchema.parse(JSON.parse(JSON.stringify(at)))).toEqual(at)
    expect(jobSchema.parse(JSON.parse(JSON.stringify(job)))).toEqual(job)
  })

  it.each<[what: string, wrong: object]>([
    ['an unknown phase', { state: { phase: 'lost' } }],
    ['a phase without its fields', { state: { phase: 'failed', finishedAtMs: 1 } }],
    ['an unknown step', { state: { phase: 'paused', work: { step: 'dance' } } }],
    ['an unknown failure', { state: { phase: 'failed', finishedAtMs: 1, why: { code: 'bad-luck', facts: {} } } }],
    ['a target that is no name', { order: { ...job.order, target: '../mp3' } }],
    ['an unknown option', { order: { ...job.order, options: { loud: 11 } } }],
    ['an option out of its range', { order: { ...job.order, options: { bitrate: 1e6 } } }],
    ['an unknown provider', { provider: 'nobody' }],
  ])('is not, with %s', (_, wrong) => {
    expect(jobSchema.safeParse({ ...job, ...wrong }).success).toBe(false)
  })

  it('is one, with formats that nobody knows here', () => {
    expect(jobSchema.parse({ ...job, order: { ...job.order, from: 'xyz', target: 'qqq' } }).order).toMatchObject({
      from: 'xyz',
      target: 'qqq',
    })
  })
})
