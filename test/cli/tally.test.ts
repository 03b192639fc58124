import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { liveLines } from '../../src/main/cli/report/live.ts'
import { createTally } from '../../src/main/cli/report/tally.ts'
import { widthOf } from '../../src/main/cli/terminal/table.ts'
import { atStart, phases, type Job, type JobState, type Phase } from '../../src/shared/job.ts'
import type { Held, QueueState, Totals } from '../../src/shared/model.ts'
import { draftOf } from '../support/drafts.ts'

const why = { code: 'source-missing', facts: {} } as const

function job(id: number, phase: Phase, batchId = 1, path = `/a/${id}.wav`): Job {
  const states: Readonly<Record<Phase, JobState>> = {
    queued: { phase: 'queued', dueAtMs: 0, work: atStart, last: null },
    running: { phase: 'running', startedAtMs: 0, work: atStart },
    paused: { phase: 'paused', work: atStart },
    waiting: { phase: 'waiting', why, work: atStart },
    uncertain: { phase: 'uncertain', why, work: atStart },
    done: { phase: 'done', finishedAtMs: 1, outputs: [{ path: '/a/x.mp3', bytes: 10, mtimeMs: 0 }], notes: [], archivedTo: null },
    skipped: { phase: 'skipped', finishedAtMs: 1, why },
    failed: { phase: 'failed', finishedAtMs: 1, why },
    cancelled: { phase: 'cancelled', finishedAtMs: 1 },
  }
  const order = { source: { kind: 'file', path, bytes: 100, mtimeMs: 0 }, folder: '/a' } as const
  return { ...draftOf('', { order }), id, batchId, state: states[phase], attempt: 1, createdAtMs: 0 }
}

function queue(some: Partial<Totals>, paused = false, held: Held | null = null): QueueState {
  return { totals: { ...(Object.fromEntries(phases.map((phase) => [phase, 0])) as Totals), ...some }, paused, held }
}

describe('the tally of a batch', () => {
  it('is complete once all of its jobs are at rest and all sources have been read', () => {
    const tally = createTally(1)
    tally.note(job(1, 'done'))
    const early = tally.state()
    tally.close(2)
    const half = tally.state()
    tally.note(job(2, 'failed'))
    expect([early, half, tally.state(), tally.sum()]).toEqual([
      'working',
      'working',
      'complete',
      { done: 1, skipped: 0, failed: 1, waiting: 0 },
    ])
  })

  it('counts a job once, however often it is told, and takes it back when it goes on', () => {
    const tally = createTally(1)
    tally.close(1)
    const news = [
      tally.note(job(1, 'failed')),
      tally.note(job(1, 'failed')),
      tally.note(job(1, 'running')),
      tally.note(job(1, 'done')),
    ]
    expect([news, tally.state(), tally.sum()]).toEqual([
      ['moved', 'same', 'moved', 'moved'],
      'complete',
      { done: 1, skipped: 0, failed: 0, waiting: 0 },
    ])
  })

  it("leaves others' jobs out, but shows that they run", () => {
    const tally = createTally(1)
    tally.close(0)
    expect([tally.note(job(7, 'running', 2)), tally.running.get(7)?.ours, tally.state()]).toEqual(['other', false, 'complete'])
  })

  it('waits for a job that a source has joined', () => {
    const tally = createTally(1)
    const missed = tally.join(7)
    tally.close(0)
    const before = tally.state()
    tally.note(job(7, 'done', 2))
    expect([missed, before, tally.state(), tally.sum().done]).toEqual([false, 'working', 'complete', 1])
  })

  it('asks for a job that came to rest before it was known that a source had joined it', () => {
    const tally = createTally(1)
    tally.note(job(7, 'done', 2))
    expect([tally.join(7), tally.note(job(7, 'done', 2)), tally.sum().done]).toEqual([true, 'moved', 1])
  })

  it('counts a source that was named twice once', () => {
    const tally = createTally(1)
    tally.join(1)
    tally.note(job(1, 'done'))
    tally.join(1)
    tally.close(1)
    expect([tally.state(), tally.sum().done]).toEqual(['complete', 1])
  })

  it('is held when all that is left is paused, and what is left then waits for the user', () => {
    const tally = createTally(1)
    tally.close(2)
    tally.note(job(1, 'done'))
    tally.note(job(2, 'paused'))
    expect([tally.state(), tally.sum().waiting]).toEqual(['held', 1])
  })

  it('is held when the queue is paused, but not before what runs has ended', () => {
    const tally = createTally(1)
    tally.close(2)
    tally.note(job(1, 'running'))
    tally.totals(queue({ queued: 1, running: 1 }, true))
    const running = tally.state()
    tally.note(job(1, 'done'))
    tally.totals(queue({ queued: 1 }, true))
    expect([running, tally.state(), tally.sum()]).toEqual(['working', 'held', { done: 1, skipped: 0, failed: 0, waiting: 1 }])
  })

  it.each<Held>([{ by: 'hours', untilMs: 5 }, { by: 'battery' }])('is held by $by, and says so', (held) => {
    const tally = createTally(1)
    tally.close(1)
    tally.totals(queue({ queued: 1 }, false, held))
    const drawn = stripVTControlCharacters(
      liveLines(tally, { columns: 120, rows: 10, cwd: '/', elapsedMs: 0, paint: (_, text) => text }).join(''),
    )
    expect([tally.state(), tally.heldBy(), tally.sum().waiting]).toEqual(['held', held, 1])
    expect(drawn).toContain(held.by === 'hours' ? 'outside its hours' : 'on battery')
  })

  it('counts what is refused as failed or as skipped', () => {
    const tally = createTally(1)
    tally.refuse('failed')
    tally.refuse('skipped')
    tally.note(job(1, 'cancelled'))
    expect(tally.sum()).toEqual({ done: 0, skipped: 1, failed: 2, waiting: 0 })
  })

  it('adds up sizes and folders of what is done', () => {
    const tally = createTally(1)
    tally.note(job(1, 'done'))
    tally.note(job(2, 'done'))
    expect(tally.size()).toEqual({ sourceBytes: 200, outputBytes: 20, folders: new Set(['/a']) })
  })

  it('of the whole queue goes by the totals', () => {
    const tally = createTally(null)
    tally.close(0)
    tally.totals(queue({ queued: 1 }))
    const before = tally.state()
    tally.totals(queue({ done: 1, waiting: 2 }))
    expect([before, tally.state(), tally.sum().waiting]).toEqual(['working', 'complete', 2])
  })
})

describe('the live lines', () => {
  const views = [20, 34, 48, 60, 80, 110, 200].map((columns) => ({
    columns,
    rows: 10,
    cwd: '/a',
    elapsedMs: 10_000,
    paint: (_: string, text: string) => text,
  }))
  const names = ['/a/short.wav', `/a/${'long '.repeat(60)}.wav`, `/a/${'日本語'.repeat(40)}.wav`, '/a/\u001b[2Jevil\n.wav']

  it.each(views)('never leave $columns columns', (view) => {
    const tally = createTally(1)
    for (const [index, name] of names.entries()) tally.note(job(index, 'running', 1, name))
    tally.progress({ id: 1, stage: 'converting', progress: 0.5, leftMs: 83_000, speed: null, said: null })
    tally.progress({
      id: 2,
      stage: 'processing',
      progress: null,
      leftMs: null,
      speed: null,
      said: 'a provider says very much about what it is doing here',
    })
    const lines = liveLines(tally, view)
    expect(lines.filter((line) => widthOf(line) >= view.columns || line !== stripVTControlCharacters(line))).toEqual([])
  })

  it('show name, target, bar, part, speed, time left and who does it', () => {
    const tally = createTally(1)
    tally.close(1)
    tally.note(job(1, 'running', 1, '/a/song.wav'))
    tally.progress({
      id: 1,
      stage: 'converting',
      progress: 0.5,
      leftMs: 83_000,
      speed: { of: 'media', value: 12.34 },
      said: null,
    })
    const [line, foot] = liveLines(tally, { ...views[5], columns: 100 } as (typeof views)[number])
    expect([line?.replaceAll(/ {2,}/g, '  '), foot]).toEqual([
      '  song.wav → mp3  ██████████░░░░░░░░░  50%  12×  1:23  this machine',
      '  0 of 1 · about 1:23 left',
    ])
  })

  it('are no more than the terminal has rows for', () => {
    const tally = createTally(1)
    for (let id = 1; id <= 40; id += 1) tally.note(job(id, 'running'))
    const lines = liveLines(tally, { ...views[4], rows: 10 } as (typeof views)[number])
    expect([lines.length, lines.at(-2)]).toEqual([8, '  … and 34 more'])
  })
})
